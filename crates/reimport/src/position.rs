//! The position of a record in a source.

use std::fmt;

/// The position of a record in the decompressed text of one source.
///
/// ```
/// let position = reimport::Position { byte: 18_233, line: 42, record: 41 };
/// assert_eq!(position.to_string(), "line 42 (record 41, byte 18233)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Position {
    /// The number of bytes before the record, counted from 0 in the decompressed text.
    pub byte: u64,
    /// The line on which the record begins, counted from 1. Line ends inside quoted CSV cells count.
    pub line: u64,
    /// The number of the record, counted from 1. Blank lines and the CSV header are not records. 0 for the CSV
    /// header itself.
    pub record: u64,
}

impl Position {
    /// The start of a source.
    pub const START: Self = Self { byte: 0, line: 1, record: 1 };

    /// Converts a position relative to a block into a position in the source. `block` is the position of the
    /// block.
    pub(crate) fn after(self, block: Self) -> Self {
        Self {
            byte: block.byte + self.byte,
            line: block.line + self.line - 1,
            record: block.record + self.record - 1,
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.record {
            0 => write!(f, "line {} (header, byte {})", self.line, self.byte),
            record => write!(f, "line {} (record {record}, byte {})", self.line, self.byte),
        }
    }
}
