//! Matches users with entries of error lists, by the identifiers that both show.

use std::collections::HashMap;

use super::errors::members;
use crate::import::unique::lower;
use crate::json::{Kind, Scanner, SyntaxError, Value};
use crate::user::Identifier;

/// The identifiers of a user, in the form in which they are compared: addresses and usernames in lower case, user ids
/// and phone numbers as an import file has them. In the order of [`Identifier`].
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Identifiers([Option<Box<str>>; 4]);

impl Identifiers {
    /// Returns the identifiers of a user in an import file or in an error list, from its JSON text. Masked and empty
    /// values do not count. A text that is not an object has none.
    pub fn of_user(json: &str) -> Self {
        let value = Scanner::new(json).value().ok().filter(|value| value.kind() == Kind::Object);
        value.and_then(|value| Self::read(value).ok()).unwrap_or_default()
    }

    /// Returns the identifiers of a user in an error list.
    pub(super) fn read(user: Value<'_>) -> Result<Self, SyntaxError> {
        let found = members(user, Identifier::ALL.map(Identifier::name))?;
        let text = |identifier: Identifier| found[identifier as usize].and_then(|value| value.as_str());
        Ok(Self::new(|identifier| text(identifier).filter(|text| !is_masked(text))))
    }

    /// Creates identifiers from their texts as an import file has them.
    pub(super) fn new<T: AsRef<str>>(text: impl Fn(Identifier) -> Option<T>) -> Self {
        Self(Identifier::ALL.map(|identifier| {
            let text = text(identifier)?;
            Some(match identifier {
                Identifier::Email | Identifier::Username => lower(text.as_ref()).into(),
                Identifier::UserId | Identifier::PhoneNumber => text.as_ref().into(),
            })
        }))
    }

    /// Returns an identifier, if the user has it.
    pub fn get(&self, identifier: Identifier) -> Option<&str> {
        self.0[identifier as usize].as_deref()
    }

    /// Returns whether the first identifier that both have is equal.
    fn is_same_user(&self, other: &Self) -> bool {
        let first = Identifier::ALL.iter().find_map(|&each| Some((self.get(each)?, other.get(each)?)));
        first.is_some_and(|(one, other)| one == other)
    }
}

/// The entries of error lists, by the identifiers that they show.
///
/// The identifiers are compared in the order `user_id`, e-mail address, username, phone number. A user matches an entry
/// if the first identifier that both have is equal. So two users that share an address are distinguished by their ids.
///
/// ```
/// use reimport::import::retry::{Identifiers, RefusedIndex};
///
/// let entry = Identifiers::of_user(r#"{"email":"ADA@example.com","user_id":"1"}"#);
/// let index = RefusedIndex::new([entry]);
/// let user = Identifiers::of_user(r#"{"email":"ada@example.com","username":"ada"}"#);
/// assert_eq!(index.find(&user), [0]);
/// ```
#[derive(Default)]
pub struct RefusedIndex {
    entries: Vec<Identifiers>,
    /// For each kind of identifier, a map from its value to the numbers of the entries that show it.
    by: [HashMap<Box<str>, Vec<u32>>; 4],
}

impl RefusedIndex {
    /// Creates the index of entries, which are numbered from 0.
    pub fn new(entries: impl IntoIterator<Item = Identifiers>) -> Self {
        let mut index = Self { entries: entries.into_iter().collect(), by: Default::default() };
        for (at, entry) in (0..).zip(&index.entries) {
            for (by, text) in index.by.iter_mut().zip(&entry.0) {
                if let Some(text) = text {
                    by.entry(text.clone()).or_default().push(at);
                }
            }
        }
        index
    }

    /// Returns the numbers of the entries that are this user, without repetitions.
    pub fn find(&self, user: &Identifiers) -> Vec<u32> {
        let mut found = Vec::new();
        for (by, text) in self.by.iter().zip(&user.0) {
            for &at in text.as_ref().and_then(|text| by.get(text)).into_iter().flatten() {
                if !found.contains(&at) && self.entries[at as usize].is_same_user(user) {
                    found.push(at);
                }
            }
        }
        found
    }
}

/// Shows the number of entries, and no values.
impl std::fmt::Debug for RefusedIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "RefusedIndex({} entries)", self.entries.len())
    }
}

/// Shows which identifiers there are, and no values.
impl std::fmt::Debug for Identifiers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = Identifier::ALL.iter().filter(|each| self.get(**each).is_some()).map(|each| each.name());
        write!(f, "Identifiers({})", names.collect::<Vec<_>>().join(", "))
    }
}

/// Returns whether a value is masked or empty.
fn is_masked(text: &str) -> bool {
    text.bytes().all(|byte| byte == b'*')
}
