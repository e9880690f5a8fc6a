//! What a comparison has found out.

use std::collections::BTreeMap;
use std::fmt;

use crate::projection::{FieldPath, Segment};
use crate::run::{RuleCount, SourceSummary, Summary};

/// The totals of a comparison.
///
/// `old` is the side of those who are expected: the parts of an import, or the earlier export. Every record read
/// counts once: `old.read = same + changed + other_id + missing + old.repeated + old.without_key + old.unreadable`, and
/// `new.read = same + changed + other_id + extra + new.repeated + new.unreadable`.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// Users on both sides, without a difference: those who arrived.
    pub same: u64,
    /// Users on both sides who differ.
    pub changed: u64,
    /// Users whose `user_id` no record of the new side has, and whose e-mail address belongs to another `user_id` there.
    pub other_id: u64,
    /// Users of the old side only: after an import those who are missing, between two exports those who are gone.
    pub missing: u64,
    /// Users of the new side only.
    pub extra: u64,
    /// How many of the changed users have a number that lost digits.
    pub lost_digits: u64,
    /// How many users changed, by field path and kind; no more than a thousand paths are kept apart, and further ones
    /// are counted as `PROPERTY.*`. Empty between two exports.
    pub changed_by: BTreeMap<(String, FieldChangeKind), u64>,
    /// The old side.
    pub old: Side,
    /// The new side.
    pub new: Side,
    /// Properties that the parts have and no record of the new export does, which then count as differences of every
    /// user: an export of more fields may show them.
    pub not_exported: Vec<&'static str>,
    /// The most bytes that keys and hashes took.
    pub table_bytes: usize,
    /// The second reading of the old side, as the run that wrote those who are missing: what a sink is finished with.
    pub missing_run: Summary,
}

/// One side of a comparison.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Side {
    /// Records read.
    pub read: u64,
    /// Plain (decompressed) bytes read.
    pub bytes: u64,
    /// Its sources, in the order read.
    pub sources: Vec<SourceSummary>,
    /// Records that cannot be read, and take part in nothing.
    pub unreadable: u64,
    /// Those by rule, with the first place of each.
    pub unreadable_by: BTreeMap<&'static str, RuleCount>,
    /// Records that repeat the key of one before, which alone takes part. Among the users of the new side only, a
    /// repetition is not noticed: each counts as extra.
    pub repeated: u64,
    /// Records without anything to be found by; on the new side they count as extra.
    pub without_key: Option<RuleCount>,
}

/// How a field differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FieldChangeKind {
    /// It has another value.
    Value,
    /// It is a number that went through a float: `9007199254740993` became `9007199254740992`.
    LostDigits,
    /// Only the old side has it.
    Gone,
    /// Only the new side has it.
    Added,
    /// It is the `user_id` of another user, who has the same e-mail address.
    OtherId,
}

impl FieldChangeKind {
    /// Its stable name, as reports print it.
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

/// One difference: where, and of which kind; never a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldChange {
    /// Where in the user.
    pub path: FieldPath,
    /// How.
    pub kind: FieldChangeKind,
}

/// The most paths that are kept apart.
const MAX_PATHS: usize = 1_000;

impl Report {
    /// Whether a user is missing, changed, or there under another id. Users of the new side only are not such a difference
    /// after an import, but are one between two exports: see [`extra`](Self::extra).
    pub fn has_missing_or_changed(&self) -> bool {
        self.missing > 0 || self.changed > 0 || self.other_id > 0
    }

    /// Counts the changes of one user, which the first reading has counted as changed.
    pub(super) fn count(&mut self, changes: &[FieldChange]) {
        if changes.iter().any(|change| change.kind == FieldChangeKind::OtherId) {
            // Another user is not compared with this one property by property.
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
        // A user counts once under each name, however many of their paths it stands for.
        folded.sort_unstable();
        folded.dedup();
        for key in folded {
            *self.changed_by.entry(key).or_default() += 1;
        }
    }
}

impl Side {
    /// What the first reading of a side has found.
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
