//! Everything one record can be told, on one page.

use crate::json::SyntaxError;

/// One record cannot be read; the ones after it can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// It is no valid JSON object.
    #[error("{0}")]
    Syntax(#[from] SyntaxError),
    /// It is no UTF-8 from this byte on, counted from 0.
    #[error("expected UTF-8, but found other bytes at column {}", at + 1)]
    NotUtf8 {
        /// The first wrong byte.
        at: usize,
    },
    /// It is longer than the limit, and was not kept.
    #[error("the record has {bytes} bytes, more than the {limit} of --max-record-bytes")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
}
