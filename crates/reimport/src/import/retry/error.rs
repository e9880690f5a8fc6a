//! Error kinds for error lists of import jobs, and their messages.

use crate::json::SyntaxError;

/// The reason why a file is not the error list of an import job.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError {
    /// The file is not UTF-8 text.
    #[error("expected the error list of an import job, but found bytes that are not UTF-8")]
    NotUtf8,
    /// The file is not valid JSON, or it is cut off.
    #[error("expected the error list of an import job, but its JSON is damaged or cut off: {0}")]
    Syntax(SyntaxError),
    /// The file is JSON of another kind.
    #[error(
        "expected the error list of an import job (objects with `user` and `errors`), but found only {found} other values"
    )]
    NoErrors {
        /// The number of values in the file.
        found: u64,
    },
    /// The file is JSON of another kind that is known.
    #[error("expected the error list of an import job (objects with `user` and `errors`), but found {what}")]
    OtherKind {
        /// What the file is.
        what: &'static str,
    },
    /// The file is longer than any error list.
    #[error("expected the error list of an import job, but found more than {limit} bytes")]
    TooLarge {
        /// The maximum number of bytes that are read.
        limit: u64,
    },
}
