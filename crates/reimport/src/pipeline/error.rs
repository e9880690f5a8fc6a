//! Everything a run as a whole can be told, on one page.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// A run that was read to its end and must not be published all the same.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RunError {
    /// More records were rejected than the run allows.
    #[error(
        "{first}; {rejected} of {read} records rejected, more than the limit of {limit}: nothing was published"
    )]
    TooManyRejected {
        /// What is wrong with the first of them, which is where the error is.
        first: String,
        /// Records rejected.
        rejected: u64,
        /// Records read.
        read: u64,
        /// The limit as it was given.
        limit: String,
    },
    /// A thread of the run panicked: a fault of a transform, or of this library.
    #[error(
        "a record could not be worked because of a fault in the program: please report it, without the data"
    )]
    Panicked,
    /// No source at all was given.
    #[error("expected at least one export to read")]
    NoInput,
}

/// Turns a panic into an error, so that a fault has one answer on any thread.
pub(super) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, RunError> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        // Dropping it may panic too.
        std::mem::forget(payload);
        RunError::Panicked
    })
}
