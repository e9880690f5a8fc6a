//! How far an upload is, and how it ended.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::log::PartResult;

/// What became of users, summed over parts with a result, those of earlier runs included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadTotals {
    /// Parts with a result.
    pub parts: u64,
    /// Users of those parts.
    pub users: u64,
    /// New users.
    pub inserted: u64,
    /// Users that existed and were changed.
    pub updated: u64,
    /// Users that an earlier, unanswered sending of the same part had brought.
    pub already_there: u64,
    /// Users that were refused.
    pub failed: u64,
    /// Users of whom the tenant no longer tells what became of them.
    pub unknown: u64,
}

/// How far an upload is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Progress {
    /// All parts.
    pub parts: u64,
    /// All users.
    pub users: u64,
    /// What is done.
    pub done: UploadTotals,
    /// The jobs under way.
    pub jobs: Vec<JobProgress>,
    /// By the pace of this run; none before its first result.
    pub time_left: Option<Duration>,
}

/// How far a job is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JobProgress {
    /// The part's file.
    pub part: String,
    /// The job.
    pub job: String,
    /// How much of it is done, 0 to 100.
    pub percentage_done: Option<u64>,
    /// The tenant's estimate.
    pub time_left_seconds: Option<u64>,
}

/// How an upload ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome {
    /// All parts.
    pub parts: u64,
    /// All users.
    pub users: u64,
    /// What became of them.
    pub done: UploadTotals,
    /// Whether the connection is known to have held no user when the upload began: then every user that is already there
    /// is one of the parts. Else it may be another one, and the tenant refused the user of the part.
    pub was_empty: bool,
    /// Each part with a result, in the order of the parts.
    pub results: Vec<PartOutcome>,
    /// The kinds of error with how often each occurs, the commonest first.
    pub commonest: Vec<(String, u64)>,
    /// Why parts are left, where some are.
    pub stopped: Option<Stopped>,
}

/// What became of one part.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PartOutcome {
    /// The part's file.
    pub part: String,
    /// Its job.
    pub job: String,
    /// The result.
    pub result: PartResult,
    /// The file with its errors, as the tenant told them.
    pub errors: Option<PathBuf>,
}

/// Why an upload ended before its last part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// More users failed than allowed.
    TooManyFailed {
        /// Users without success.
        failed: u64,
        /// Users with a result.
        of: u64,
    },
}

impl UploadTotals {
    pub(super) fn add(&mut self, result: &PartResult) {
        let sums = [
            (&mut self.parts, 1),
            (&mut self.users, result.users()),
            (&mut self.inserted, result.inserted),
            (&mut self.updated, result.updated),
            (&mut self.already_there, result.already_there),
            (&mut self.failed, result.failed),
            (&mut self.unknown, result.unknown),
        ];
        for (sum, count) in sums {
            *sum = sum.saturating_add(count);
        }
    }
}

impl Outcome {
    /// Whether every part has a result, no user failed, and none may have been refused because of a user that was there before.
    pub fn is_complete(&self) -> bool {
        let refused = self.done.failed > 0 || self.done.unknown > 0 || self.may_be_others();
        self.done.parts == self.parts && !refused
    }

    /// Whether users are already there who may have been there before the upload.
    pub fn may_be_others(&self) -> bool {
        self.done.already_there > 0 && !self.was_empty
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManyFailed { failed, of } => {
                write!(f, "{failed} of {of} users failed, more than the limit; no more parts are sent")
            }
        }
    }
}

/// The kinds of error of all results, the commonest first.
pub(super) fn commonest<'r>(results: impl Iterator<Item = &'r PartResult>) -> Vec<(String, u64)> {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (kind, times) in results.flat_map(|result| &result.kinds) {
        let sum = kinds.entry(kind).or_default();
        *sum = sum.saturating_add(*times);
    }
    let mut kinds: Vec<(String, u64)> =
        kinds.into_iter().map(|(kind, times)| (kind.to_owned(), times)).collect();
    // Stable: kinds of equal number stay in the order of their names.
    kinds.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commonest_kind_is_first_whatever_its_name() {
        let result = |kinds: &[(&str, u64)]| PartResult {
            kinds: kinds.iter().map(|(kind, times)| ((*kind).to_owned(), *times)).collect(),
            ..PartResult::default()
        };
        let results = [result(&[("A", 1), ("B", 2), ("Z", 2)]), result(&[("Z", 1), ("A", 1)])];
        let listed = commonest(results.iter());
        let listed: Vec<_> = listed.iter().map(|(kind, times)| (kind.as_str(), *times)).collect();
        assert_eq!(listed, [("Z", 3), ("A", 2), ("B", 2)]);
    }
}
