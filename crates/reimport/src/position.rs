//! Where in a source a record stands.

use std::fmt;

/// The place of a record in the plain (decompressed) text of one source.
///
/// ```
/// let position = reimport::Position { byte: 18_233, line: 42, record: 41 };
/// assert_eq!(position.to_string(), "line 42 (record 41, byte 18233)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Position {
    /// Bytes before the record's first byte: counted from 0, in decompressed bytes.
    pub byte: u64,
    /// The real line on which the record begins: counted from 1; line ends inside quoted CSV cells count.
    pub line: u64,
    /// Which record it is: counted from 1; blank lines and a CSV header are no records. 0 where it is the header.
    pub record: u64,
}

impl Position {
    /// The start of a source.
    pub const START: Self = Self { byte: 0, line: 1, record: 1 };

    /// This position, counted from the start of a block, made absolute by where that block begins.
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
