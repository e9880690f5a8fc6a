//! The report of a comparison.

use std::collections::BTreeMap;
use std::fmt;

use crate::projection::{FieldPath, Segment};
use crate::run::{RuleCount, SourceSummary, Summary};

/// The totals of a comparison.
///
/// `old` is the side with the expected users: the parts of an import, or the earlier export. Every record that is
/// read counts once:
/// `old.read = same + changed + other_id + missing + old.repeated + old.without_key + old.unreadable`, and
/// `new.read = same + changed + other_id + extra + new.repeated + new.unreadable`.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// Users on both sides without a difference. After an import, these have arrived.
    pub same: u64,
    /// Users on both sides that differ.
    pub changed: u64,
    /// Users whose `user_id` is in no record of the new side, but whose e-mail address belongs to another `user_id`
    /// there.
    pub other_id: u64,
    /// Users that are only on the old side. In a comparison after an import, they did not arrive. In a comparison of two
    /// exports, they were deleted.
    pub missing: u64,
    /// Users only on the new side.
    pub extra: u64,
    /// The number of changed users with a number that lost digits.
    pub lost_digits: u64,
    /// The number of changed users by field path and kind. At most 1000 paths are counted separately, further ones
    /// are counted as `PROPERTY.*`. Between two exports without the properties that the service changes by itself.
    pub changed_by: BTreeMap<(String, FieldChangeKind), u64>,
    /// The old side.
    pub old: Side,
    /// The new side.
    pub new: Side,
    /// Properties that the parts have and no record of the new export has. They count as differences of every user.
    /// An export of more fields may show them.
    pub not_exported: Vec<&'static str>,
    /// Between two exports: properties that at least half of the old records have and no new record has. The exports
    /// were probably made with different fields.
    pub only_old: Vec<&'static str>,
    /// The same for the new records.
    pub only_new: Vec<&'static str>,
    /// The peak memory used for keys and hashes, in bytes.
    pub table_bytes: usize,
    /// The summary of the second pass over the old side, as the run that wrote the missing users. Pass it to
    /// [`Sink::finish`](crate::run::Sink::finish).
    pub missing_run: Summary,
}

/// One side of a comparison.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Side {
    /// The number of records read.
    pub read: u64,
    /// The number of decompressed bytes read.
    pub bytes: u64,
    /// The sources, in the order read.
    pub sources: Vec<SourceSummary>,
    /// The number of records that cannot be read. They are not compared.
    pub unreadable: u64,
    /// The unreadable records by rule, with the first position of each.
    pub unreadable_by: BTreeMap<&'static str, RuleCount>,
    /// The number of records that repeat the key of an earlier record. Only the first record with a key is
    /// compared. Repetitions are not detected among users that are only on the new side; each counts as extra.
    pub repeated: u64,
    /// Records without a key to be matched by. On the new side they also count as extra.
    pub without_key: Option<RuleCount>,
}

/// How a field differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FieldChangeKind {
    /// The value is different.
    Value,
    /// A number lost digits because it was converted to a float: `9007199254740993` became `9007199254740992`.
    LostDigits,
    /// Only the old side has the field.
    Gone,
    /// Only the new side has the field.
    Added,
    /// The `user_id` belongs to another user with the same e-mail address.
    OtherId,
}

impl FieldChangeKind {
    /// Returns the stable name that reports print.
    pub fn name(self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::LostDigits => "lost-digits",
            Self::Gone => "gone",
            Self::Added => "added",
            Self::OtherId => "other-id",
        }
    }
}

impl fmt::Display for FieldChangeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One difference: its path and its kind, never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// The path in the user.
    pub path: FieldPath,
    /// The kind of difference.
    pub kind: FieldChangeKind,
}

/// The maximum number of paths that are counted separately.
const MAX_PATHS: usize = 1_000;

impl Report {
    /// Returns true if a user is missing, changed, or has another ID. Users that are only on the new side do not
    /// count here. After an import they are not differences, but between two exports they are: see
    /// [`extra`](Self::extra).
    pub fn has_missing_or_changed(&self) -> bool {
        self.missing > 0 || self.changed > 0 || self.other_id > 0
    }

    /// Counts the changes of one user. The first pass has already counted the user as changed.
    pub(super) fn count(&mut self, changes: &[FieldChange]) {
        if changes.iter().any(|change| change.kind == FieldChangeKind::OtherId) {
            // A user with another ID is not compared property by property.
            self.changed -= 1;
            self.other_id += 1;
            return;
        }
        self.lost_digits +=
            u64::from(changes.iter().any(|change| change.kind == FieldChangeKind::LostDigits));
        let mut folded = Vec::new();
        for change in changes {
            let key = (change.path.to_string(), change.kind);
            if let Some(count) = self.changed_by.get_mut(&key) {
                *count += 1;
            } else if self.changed_by.len() < MAX_PATHS {
                self.changed_by.insert(key, 1);
            } else if let Some(Segment::Name(property)) = change.path.segments().first() {
                folded.push((format!("{property}.*"), change.kind));
            }
        }
        // A user counts once per `PROPERTY.*`, even if several of its paths are counted there.
        folded.sort_unstable();
        folded.dedup();
        for key in folded {
            *self.changed_by.entry(key).or_default() += 1;
        }
    }
}

impl Side {
    /// Creates the side from the summary of the first pass.
    pub(super) fn of(summary: &Summary) -> Self {
        Self {
            read: summary.read,
            bytes: summary.sources.iter().map(|source| source.bytes).sum(),
            sources: summary.sources.clone(),
            unreadable: summary.rejected,
            unreadable_by: summary.rejected_by.clone(),
            ..Self::default()
        }
    }
}
