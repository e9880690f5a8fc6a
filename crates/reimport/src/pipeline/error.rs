//! Errors of a run as a whole, and their messages.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// An error of a run as a whole. Nothing is published.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// More records were rejected than the run allows.
    #[error(
        "{first}; {rejected} of {read} records rejected, more than the limit of {limit}: nothing was published"
    )]
    TooManyRejected {
        /// The first problem of the first rejected record. The error has the position of that record.
        first: String,
        /// Number of rejected records.
        rejected: u64,
        /// Number of records read.
        read: u64,
        /// The limit, as given.
        limit: String,
    },
    /// A thread of the run panicked, because of a bug in this library.
    #[error("internal error while processing a record; please report it, without the data")]
    Panicked,
    /// A transform of another crate panicked.
    #[error("the transform of this program panicked while it processed the record")]
    TransformPanicked,
    /// No source was given.
    #[error("expected at least one export to read")]
    NoInput,
}

/// Catches a panic and returns it as an error. The same error is returned on any thread.
pub(super) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, RunError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        // Not dropped, because the drop may panic too.
        std::mem::forget(payload);
        RunError::Panicked
    })
}
