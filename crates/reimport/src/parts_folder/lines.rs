//! `lines.ndjson`: which lines of which source are in which part.

use serde::{Deserialize, Serialize};

/// One line of `lines.ndjson`: lines of one source that are in one part.
///
/// The users of a part stand in the order of its lines here, and within one in the order of its ranges; a part of
/// several sources has several lines. The records of `skipped.ndjson` have theirs in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartLines {
    /// The file name of the part, or `skipped.ndjson`.
    pub part: String,
    /// The file name of the source.
    pub source: String,
    /// First line, and how many lines follow one another from there with a user each.
    pub lines: Vec<(u64, u64)>,
}
