//! `lines.ndjson`: the source lines of the users of each part.

use serde::{Deserialize, Serialize};

/// One line of `lines.ndjson`: the lines of one source whose users are in one part.
///
/// The users of a part are in the order of its entries in this file, and within an entry in the order of its
/// ranges. A part with users of several sources has several entries. The records of `skipped.ndjson` are described
/// in the same way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartLines {
    /// The file name of the part, or `skipped.ndjson`.
    pub part: String,
    /// The file name of the source.
    pub source: String,
    /// Ranges of consecutive lines with one user each: the first line, and the number of lines.
    pub lines: Vec<(u64, u64)>,
}
