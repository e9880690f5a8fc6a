//! Everything a record, or the file that holds records, can be told, on one page.

use crate::json::{Expected, SyntaxError};

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
    #[error("expected at most {limit} bytes (--max-record-bytes), but found {bytes}")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// A line of `rejected.ndjson` that nobody has mended.
    #[error("expected the mended user under \"user\": replace \"raw\" by it in this line")]
    NotMended,
    /// It does not fit the type asked for.
    #[error("the record does not fit the type asked for, from column {column} of its line {line} on")]
    Shape {
        /// Counted from 1 within the record.
        line: usize,
        /// Counted from 1.
        column: usize,
    },
}

impl RecordError {
    /// The stable name of the rule it breaks.
    pub fn rule(&self) -> &'static str {
        match self {
            Self::Syntax(error) if error.expected() == Expected::Object => "not-an-object",
            Self::Syntax(_) => "invalid-json",
            Self::NotUtf8 { .. } => "not-utf8",
            Self::TooLong { .. } => "too-long-record",
            Self::NotMended => "not-mended",
            Self::Shape { .. } => "wrong-shape",
        }
    }
}

/// The file that holds the records is damaged, or is another kind of file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Forced to be an array, but does not begin as one.
    #[error("expected `[`, the start of a JSON array")]
    NoArray,
    /// Two elements without a comma between them.
    #[error("expected `,` or `]` after an element of the array")]
    NoComma,
    /// A comma without an element after it.
    #[error("expected an element of the array")]
    NoElement,
    /// Something follows the closing bracket.
    #[error("expected nothing after the `]` that closes the array")]
    AfterArray,
    /// The source ends inside the array.
    #[error("expected `]`, but found the end: the file is cut off; download it again")]
    OpenArray,
    /// The first object spans lines.
    #[error(
        "the first object spans lines, but one object a line is expected: run it through `jq -c .` first"
    )]
    SpansLines,
    /// Nothing that an export begins with.
    #[error(
        "this is no export: expected NDJSON, a JSON array, or CSV whose header names a user property \
         (--input-format says which it is)"
    )]
    Unknown,
    /// The hash export where users are expected.
    #[error("this is an export of password hashes: give it to --passwords, beside the export of the users")]
    Hashes,
    /// The error list of an import job where users are expected.
    #[error("this is the error list of an import job: give it to `reimport retry --errors`")]
    JobErrors,
    /// A manifest where users are expected.
    #[error("this is a manifest of reimport: give the parts beside it")]
    Manifest,
    /// A job object where users are expected.
    #[error("this is a job object, not what the job exported: download what its `location` points to")]
    Job,
    /// A limit that no block could hold.
    #[error("--max-record-bytes may be at most {limit} bytes")]
    LimitTooLarge {
        /// The largest limit.
        limit: u64,
    },
}

/// A fault of the file at a byte of the bytes last shown to a framer.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) at: usize,
    pub(super) error: FormatError,
}
