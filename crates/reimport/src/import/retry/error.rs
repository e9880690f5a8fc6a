//! Everything that error lists of jobs can be told, on one page.

use crate::json::SyntaxError;

/// A file that should be the error list of an import job, and is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RetryError {
    /// It is no text.
    #[error("expected the error list of an import job, but found bytes that are no UTF-8")]
    NotUtf8,
    /// It is no JSON, or is cut off.
    #[error("expected the error list of an import job, but its JSON is damaged or cut off: {0}")]
    Syntax(SyntaxError),
    /// It is JSON of another kind.
    #[error(
        "expected the error list of an import job (objects with `user` and `errors`), but found {found} other values \
         and nothing else"
    )]
    NoErrors {
        /// How many values it holds.
        found: u64,
    },
    /// It is JSON of a known kind.
    #[error("expected the error list of an import job (objects with `user` and `errors`), but found {what}")]
    OtherKind {
        /// What it is.
        what: &'static str,
    },
    /// No error list is that long.
    #[error("expected the error list of an import job, but found more than {limit} bytes")]
    TooLarge {
        /// The most that is read.
        limit: u64,
    },
}
