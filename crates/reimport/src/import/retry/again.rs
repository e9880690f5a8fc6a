//! Finds users that will be refused again, because no edit changed the refused value, and what would change it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::codes::RetryChange;
use super::errors::JobError;
use crate::json::compact_into;
use crate::path::{FieldPath, Segment};
use crate::record::Record;

/// A change that would prevent users from being refused again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Help {
    /// The change, as returned by [`Code::change`](super::Code::change).
    pub change: RetryChange,
    /// The code of the error, as the list spells it; `None` if there is none, or if it is not one word.
    pub code: Option<String>,
    /// The number of users that the change helps.
    pub users: u64,
}

/// The errors of one user by index, with the change that helps. A set, because threads add them in any order.
type Again = BTreeSet<(usize, Option<RetryChange>)>;

/// The refused users that will be refused again, by their index in the plan.
#[derive(Debug, Default)]
pub(super) struct RefusedAgain(Mutex<BTreeMap<u32, Again>>);

impl RefusedAgain {
    /// Stores the errors of a refused user that its edits leave unfixed. `before` is the user that was sent, `after`
    /// the user that is written.
    pub(super) fn note(&self, at: u32, errors: &[JobError], before: &str, after: &str) {
        let (before, after) = (User(before), User(after));
        for (index, error) in errors.iter().enumerate() {
            let Some(code) = error.known().filter(|code| code.remedy.is_refused_again()) else { continue };
            if before.is_same_for(&after, error) {
                let help = code.change(error.path(), |path| after.has(path, error));
                let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
                noted.entry(at).or_default().insert((index, help));
            }
        }
    }

    pub(super) fn has(&self, at: u32) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains_key(&at)
    }

    /// Returns the changes that help. The change that helps most users is first. `errors` returns the errors of a
    /// refused user.
    pub(super) fn help<'e>(&self, errors: impl Fn(u32) -> &'e [JobError]) -> Vec<Help> {
        let mut by: BTreeMap<(RetryChange, Option<&str>), u64> = BTreeMap::new();
        for (&at, helps) in &*self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            let of_user: BTreeSet<_> = helps
                .iter()
                .filter_map(|(index, change)| Some((change.clone()?, errors(at)[*index].plain_code())))
                .collect();
            for help in of_user {
                *by.entry(help).or_default() += 1;
            }
        }
        let help = |((change, code), users): ((RetryChange, Option<&str>), u64)| Help {
            change,
            code: code.map(str::to_owned),
            users,
        };
        let mut help: Vec<_> = by.into_iter().map(help).collect();
        help.sort_by_key(|help| std::cmp::Reverse(help.users));
        help
    }
}

/// A user as JSON text.
struct User<'a>(&'a str);

impl User<'_> {
    /// Returns whether the value at the path of an error is equal in both users. Without a path, whether everything
    /// is.
    fn is_same_for(&self, other: &Self, error: &JobError) -> bool {
        let Some(place) = error.place() else { return compact(self.0) == compact(other.0) };
        let values = [self.get(place), other.get(place)];
        if values != [None, None] {
            return values[0] == values[1];
        }
        // A path in another spelling finds no value, but its first property does.
        let property = FieldPath::from_segments(place.segments().first().cloned());
        property.is_none_or(|property| self.get(&property) == other.get(&property))
    }

    fn get(&self, path: &FieldPath) -> Option<Vec<u8>> {
        Record::new(self.0).get(path).map(|value| compact(value.json()))
    }

    /// Returns whether there is a value at `path`. A path with a `*` means the path of the error.
    fn has(&self, path: &str, error: &JobError) -> bool {
        if path.contains('*') {
            return error.place().is_some_and(|place| self.get(place).is_some());
        }
        path.parse().is_ok_and(|path| self.get(&path).is_some())
    }
}

fn compact(json: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    compact_into(json, &mut bytes);
    bytes
}

/// Returns the place in an import file of the value that an error list names: `email` for
/// `identities[0].profileData.email`.
pub(super) fn place(path: &str) -> Option<FieldPath> {
    let mut steps: Vec<&str> = path
        .split(['.', '/', '[', '#'])
        .map(|step| step.trim_end_matches(']').trim_matches('"'))
        .filter(|step| !step.is_empty())
        .collect();
    if steps.first() == Some(&"identities") {
        let known = |step: &&str| crate::import::importable_properties().contains(step);
        steps.drain(..steps.iter().position(known)?);
    }
    FieldPath::from_segments(steps.into_iter().map(|step| match step.parse() {
        Ok(number) => Segment::Number(number),
        Err(_) => Segment::Name(step.into()),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_path_is_converted_to_import_path() {
        for (text, expected) in [
            ("email", Some("email")),
            ("#/email", Some("email")),
            ("identities[0].profileData.email", Some("email")),
            ("identities[0].user_id", Some("user_id")),
            ("identities", None),
            ("mfa_factors[1].totp", Some("mfa_factors.1.totp")),
            ("user_metadata[\"a b\"]", Some("user_metadata.a b")),
            ("#/", None),
        ] {
            assert_eq!(place(text), expected.map(|path| path.parse().unwrap()), "{text}");
        }
    }
}
