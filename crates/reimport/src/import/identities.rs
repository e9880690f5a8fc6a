//! `identities`: the first is the user's own login, the others are linked to it.

use std::borrow::Cow;

use super::strategy::DATABASE;
use crate::json::{Kind, Scanner, SyntaxError, Value};

/// What rules need to know of a user's identities.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Identities<'a> {
    /// The property as it is written, whatever it is.
    pub(super) value: Option<Value<'a>>,
    pub(super) provider: Option<Value<'a>>,
    pub(super) connection: Option<Value<'a>>,
    /// How many there are.
    pub(super) count: usize,
    /// Whether one behind the first is a database login.
    pub(super) linked_database: bool,
}

/// One identity; the last of a repeated key counts.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Identity<'a> {
    pub(crate) provider: Option<Value<'a>>,
    pub(crate) connection: Option<Value<'a>>,
    pub(crate) user_id: Option<Value<'a>>,
    pub(crate) profile_data: Option<Value<'a>>,
}

/// The keys of an identity, as they stand after another, in the order that exports have them in.
const KEYS: [&str; 5] =
    [",\"user_id\":", ",\"provider\":", ",\"connection\":", ",\"isSocial\":", ",\"profileData\":"];
const USER_ID: usize = 0;
const PROVIDER: usize = 1;
const CONNECTION: usize = 2;
const PROFILE_DATA: usize = 4;

impl<'a> Identity<'a> {
    /// Passes the next value; `None` where it is no object.
    #[inline]
    fn scan(scanner: &mut Scanner<'a>) -> Result<Option<Self>, SyntaxError> {
        if scanner.kind()? != Kind::Object {
            scanner.value()?;
            return Ok(None);
        }
        let mut identity = Self::default();
        scanner.enter_object()?;
        let mut guess = 0;
        loop {
            let place = if guess < KEYS.len() && scanner.guess_name(KEYS[guess]) {
                guess
            } else {
                let Some(name) = scanner.name()? else { break };
                KEYS.iter().position(|key| name.is(&key[2..key.len() - 2])).unwrap_or(KEYS.len())
            };
            guess = place + 1;
            let value = scanner.value()?;
            match place {
                USER_ID => identity.user_id = Some(value),
                PROVIDER => identity.provider = Some(value),
                CONNECTION => identity.connection = Some(value),
                PROFILE_DATA => identity.profile_data = Some(value),
                _ => {}
            }
        }
        Ok(Some(identity))
    }

    pub(crate) fn is_database(&self) -> bool {
        self.provider.as_ref().and_then(Value::as_str).is_some_and(|provider| provider == DATABASE)
    }

    /// The provider's name, where it is one.
    pub(crate) fn provider_name(&self) -> Option<Cow<'a, str>> {
        self.provider.as_ref().and_then(Value::as_str)
    }
}

impl<'a> Identities<'a> {
    /// Passes the value of `identities`, whatever it is.
    pub(super) fn scan(scanner: &mut Scanner<'a>) -> Result<Self, SyntaxError> {
        let mut identities = Self::default();
        if scanner.kind()? != Kind::Array {
            identities.value = Some(scanner.value()?);
            return Ok(identities);
        }
        let (start, spaces) = (scanner.offset(), scanner.spaces());
        scanner.enter_array()?;
        while scanner.item()? {
            if let Some(identity) = Identity::scan(scanner)? {
                if identities.count == 0 {
                    identities.provider = identity.provider;
                    identities.connection = identity.connection;
                } else {
                    identities.linked_database |= identity.is_database();
                }
            }
            identities.count += 1;
        }
        identities.value = Some(scanner.value_since(start, spaces));
        Ok(identities)
    }
}

/// The identities in an array that was scanned before, in order; those that are no objects are passed over.
pub(crate) fn each<'a>(all: Value<'a>, mut visit: impl FnMut(usize, Identity<'a>)) {
    let mut scanner = Scanner::new(all.text());
    // The text was valid when it was scanned the first time, so no error can come here.
    let _ = (|| {
        scanner.enter_array()?;
        let mut index = 0;
        while scanner.item()? {
            if let Some(identity) = Identity::scan(&mut scanner)? {
                visit(index, identity);
            }
            index += 1;
        }
        Ok::<(), SyntaxError>(())
    })();
}
