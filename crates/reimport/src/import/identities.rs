//! Reads `identities`: the first is the user's own login, the others are linked to it.

use std::borrow::Cow;

use crate::json::{Kind, Scanner, Span, SyntaxError, Value};
use crate::user::strategy::DATABASE;

/// What the rules need to know about a user's identities.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Identities<'a> {
    /// The value of the property as written, of any type.
    pub(super) value: Option<Value<'a>>,
    pub(super) provider: Option<Value<'a>>,
    pub(super) connection: Option<Value<'a>>,
    /// The id of the first identity.
    pub(super) user_id: Option<Value<'a>>,
    /// The number of items.
    pub(super) count: usize,
    /// Whether an identity after the first is a database login.
    pub(super) linked_database: bool,
}

/// One identity. The last value of a repeated key counts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Identity<'a> {
    pub(crate) provider: Option<Value<'a>>,
    pub(crate) connection: Option<Value<'a>>,
    pub(crate) user_id: Option<Value<'a>>,
    pub(crate) profile_data: Option<Value<'a>>,
}

/// The keys of an identity, as written after another member, in the order in which exports write them.
const KEYS: [&str; 5] =
    [",\"user_id\":", ",\"provider\":", ",\"connection\":", ",\"isSocial\":", ",\"profileData\":"];
const USER_ID: usize = 0;
const PROVIDER: usize = 1;
const CONNECTION: usize = 2;

/// The positions of the members of one identity, in the order of [`KEYS`].
#[derive(Default)]
struct IdentityMembers([Option<Span>; KEYS.len()]);

impl IdentityMembers {
    /// Reads the next value, and returns whether it is an object. Its members are then in `self`, which is reused,
    /// because it is too large to return by value.
    #[inline]
    fn scan(&mut self, scanner: &mut Scanner<'_>) -> Result<bool, SyntaxError> {
        *self = Self::default();
        if scanner.kind()? != Kind::Object {
            scanner.value()?;
            return Ok(false);
        }
        scanner.enter_object()?;
        let mut guess = 0;
        loop {
            let place = if guess < KEYS.len() && scanner.guess_name(KEYS[guess]) {
                guess
            } else if scanner.guess_end() {
                break;
            } else {
                let Some(name) = scanner.name()? else { break };
                KEYS.iter().position(|key| name.is(&key[2..key.len() - 2])).unwrap_or(KEYS.len())
            };
            guess = place + 1;
            let value = scanner.span()?;
            if let Some(member) = self.0.get_mut(place) {
                *member = Some(value);
            }
        }
        Ok(true)
    }

    /// Returns the identity, borrowed from the text in which it was found.
    fn of<'a>(&self, text: &'a str) -> Identity<'a> {
        let [user_id, provider, connection, _, profile_data] =
            self.0.map(|member| member.map(|span| span.of(text)));
        Identity { provider, connection, user_id, profile_data }
    }

    /// Returns one member.
    fn member<'a>(&self, place: usize, text: &'a str) -> Option<Value<'a>> {
        self.0[place].map(|span| span.of(text))
    }
}

impl<'a> Identity<'a> {
    pub(crate) fn is_database(&self) -> bool {
        is_database(self.provider)
    }

    /// Returns the provider's name, if it is a string.
    pub(crate) fn provider_name(&self) -> Option<Cow<'a, str>> {
        self.provider.as_ref().and_then(Value::as_str)
    }
}

impl<'a> Identities<'a> {
    /// Reads the value of `identities`, of any type, and returns it with its position.
    pub(super) fn scan(scanner: &mut Scanner<'a>) -> Result<(Self, Span), SyntaxError> {
        let mut identities = Self::default();
        let text = scanner.text();
        if scanner.kind()? != Kind::Array {
            let value = scanner.span()?;
            identities.value = Some(value.of(text));
            return Ok((identities, value));
        }
        let (start, before) = (scanner.offset(), scanner.spaces());
        scanner.enter_array()?;
        let mut identity = IdentityMembers::default();
        while scanner.item()? {
            if identity.scan(scanner)? {
                let provider = identity.member(PROVIDER, text);
                if identities.count == 0 {
                    identities.provider = provider;
                    identities.connection = identity.member(CONNECTION, text);
                    identities.user_id = identity.member(USER_ID, text);
                } else {
                    identities.linked_database |= is_database(provider);
                }
            }
            identities.count += 1;
        }
        let spaced = scanner.spaces() != before;
        let value = Span::new(start, scanner.offset(), Kind::Array, false, spaced);
        identities.value = Some(value.of(text));
        Ok((identities, value))
    }
}

fn is_database(provider: Option<Value<'_>>) -> bool {
    provider.as_ref().and_then(Value::as_str).is_some_and(|provider| provider == DATABASE)
}

/// Visits the identities in an array that was scanned before, in order, with their index. Items that are not objects
/// are passed over.
pub(crate) fn each<'a>(all: Value<'a>, mut visit: impl FnMut(usize, Identity<'a>)) {
    let mut scanner = Scanner::new(all.json());
    // The text was valid when it was first scanned, so no error can occur.
    let _ = (|| {
        scanner.enter_array()?;
        let (mut identity, mut index) = (IdentityMembers::default(), 0);
        while scanner.item()? {
            if identity.scan(&mut scanner)? {
                visit(index, identity.of(all.json()));
            }
            index += 1;
        }
        Ok::<(), SyntaxError>(())
    })();
}
