//! Retrying those whom import jobs refused: the jobs' error lists, and the users they speak of.
//!
//! Values in error lists are masked, so nothing of them can be sent again: users are taken from where they came from,
//! told by the identifiers that the lists do show. No user of a list is dropped in silence: each is retried, is there
//! already, is filtered out, or is reported as not found.

mod codes;
mod error;
mod errors;
mod plan;
#[cfg(test)]
mod tests;
mod transform;

pub use codes::{CODES, Code, Remedy, code};
pub use error::RetryError;
pub use errors::{JobError, JobErrors, Refused};
pub use plan::{CodeFilter, Fate, RetryPlan};
pub use transform::Retry;
