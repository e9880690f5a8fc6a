//! The progress and the outcome of an upload.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::log::PartResult;

/// The results of users, summed over all parts with a result. Earlier runs are included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadTotals {
    /// The number of parts with a result.
    pub parts: u64,
    /// The number of users in these parts.
    pub users: u64,
    /// New users.
    pub inserted: u64,
    /// Users that existed and were updated.
    pub updated: u64,
    /// Users that already existed because the same part was sent before without a response.
    pub already_there: u64,
    /// Users that were refused.
    pub failed: u64,
    /// Users whose result the tenant no longer reports.
    pub unknown: u64,
}

/// The progress of an upload.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Progress {
    /// The number of all parts.
    pub parts: u64,
    /// The number of all users.
    pub users: u64,
    /// The results so far.
    pub done: UploadTotals,
    /// The running jobs.
    pub jobs: Vec<JobProgress>,
    /// The estimated time left, from the rate of this run. `None` before its first result.
    pub time_left: Option<Duration>,
}

/// The progress of a job.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct JobProgress {
    /// The file name of the part.
    pub part: String,
    /// The ID of the job.
    pub job: String,
    /// The progress in percent, 0 to 100.
    pub percentage_done: Option<u64>,
    /// The remaining time, as estimated by the tenant.
    pub time_left_seconds: Option<u64>,
}

/// The outcome of an upload.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome {
    /// The number of all parts.
    pub parts: u64,
    /// The number of all users.
    pub users: u64,
    /// The results.
    pub done: UploadTotals,
    /// True if the connection is known to have had no users when the upload began. Every user counted as already
    /// there is then from the parts. Otherwise it may be another user, and the tenant has refused the user of the
    /// part.
    pub was_empty: bool,
    /// Each part with a result, in the order of the parts.
    pub results: Vec<PartOutcome>,
    /// The kinds of error with the number of each, the most frequent first.
    pub error_kinds: Vec<(String, u64)>,
    /// Why parts were not sent, if there are any.
    pub stopped: Option<Stopped>,
}

/// The result of one part.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PartOutcome {
    /// The file name of the part.
    pub part: String,
    /// The ID of its job.
    pub job: String,
    /// The result.
    pub result: PartResult,
    /// The file with its errors, as the tenant returned them.
    pub errors: Option<PathBuf>,
}

/// Why an upload ended before its last part.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stopped {
    /// More users failed than allowed.
    TooManyFailed {
        /// The number of users that failed or whose result is unknown.
        failed: u64,
        /// The number of users with a result.
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
    /// Returns true if every part has a result, no user failed, and no user can have been refused because of a user
    /// that existed before the upload.
    pub fn is_complete(&self) -> bool {
        let refused = self.done.failed > 0 || self.done.unknown > 0 || self.may_include_other_users();
        self.done.parts == self.parts && !refused
    }

    /// Returns true if some users were already there that may have existed before the upload.
    pub fn may_include_other_users(&self) -> bool {
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

/// Returns the kinds of error of all results, the most frequent first.
pub(super) fn error_kinds<'r>(results: impl Iterator<Item = &'r PartResult>) -> Vec<(String, u64)> {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for (kind, times) in results.flat_map(|result| &result.kinds) {
        let sum = kinds.entry(kind).or_default();
        *sum = sum.saturating_add(*times);
    }
    let mut kinds: Vec<(String, u64)> =
        kinds.into_iter().map(|(kind, times)| (kind.to_owned(), times)).collect();
    // The sort is stable: kinds with the same number stay sorted by name.
    kinds.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_kinds_are_sorted_by_frequency() {
        let result = |kinds: &[(&str, u64)]| PartResult {
            kinds: kinds.iter().map(|(kind, times)| ((*kind).to_owned(), *times)).collect(),
            ..PartResult::default()
        };
        let results = [result(&[("A", 1), ("B", 2), ("Z", 2)]), result(&[("Z", 1), ("A", 1)])];
        let listed = error_kinds(results.iter());
        let listed: Vec<_> = listed.iter().map(|(kind, times)| (kind.as_str(), *times)).collect();
        assert_eq!(listed, [("Z", 3), ("A", 2), ("B", 2)]);
    }
}
