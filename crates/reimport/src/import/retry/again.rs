//! Users that are refused again: whose refused value an edit has not changed, and what would change it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError};

use super::codes::RetryChange;
use super::errors::JobError;
use crate::json::compact_into;
use crate::path::{FieldPath, Segment};
use crate::position::Position;
use crate::record::Record;

/// What would keep users from being refused again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Help {
    /// As [`Code::change`](super::Code::change).
    pub change: RetryChange,
    /// The code of the error, as the list spells it; `None` if it is not one word, or if there is none.
    pub code: Option<String>,
    /// The users whom it helps.
    pub users: u64,
}

/// Errors of one user, by their place in the list, with what helps. A set: threads note them in any order.
type Again = BTreeSet<(usize, Option<RetryChange>)>;

/// The refused users that are refused again, by their place in the plan.
#[derive(Debug, Default)]
pub(super) struct RefusedAgain(Mutex<BTreeMap<u32, Again>>);

impl RefusedAgain {
    /// Notes the errors of a refused user that its edits leave as they are. `before` is the user that was sent, `after`
    /// the one that is written.
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

    /// What helps, that which helps most users first; `errors` are those of a refused user.
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

/// A user as JSON.
struct User<'a>(&'a str);

impl User<'_> {
    /// Whether the value at the path of an error is the same in both; without a path, whether everything is.
    fn is_same_for(&self, other: &Self, error: &JobError) -> bool {
        let Some(place) = error.place() else { return compact(self.0) == compact(other.0) };
        let values = [self.get(place), other.get(place)];
        if values != [None, None] {
            return values[0] == values[1];
        }
        // A path in another spelling leads nowhere; its property does not.
        let property = FieldPath::from_segments(place.segments().first().cloned());
        property.is_none_or(|property| self.get(&property) == other.get(&property))
    }

    fn get(&self, path: &FieldPath) -> Option<Vec<u8>> {
        Record::new(self.0, Position::START).get(path).map(|value| compact(value.json()))
    }

    /// Whether there is a value at `path`; one with a `*` stands for the path of the error.
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

/// Where the value is in an import file that an error list speaks of: `email` for `identities[0].profileData.email`.
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
    fn a_path_of_an_error_is_one_of_an_import_file() {
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
