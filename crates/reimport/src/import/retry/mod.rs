//! Retrying those whom import jobs refused: the jobs' error lists, and the users they speak of.
//!
//! Values in error lists are masked, so nothing of them can be sent again: users are taken from where they came from,
//! found by the identifiers that the lists do show. No user of a list is dropped in silence: each is retried, is there
//! already, is filtered out, or is reported as not found. Lists that name no user are reported too.
//!
//! User ids in error lists are those of the import file, and are compared as they are.

mod again;
mod codes;
mod error;
mod errors;
mod lists;
mod plain;
mod plan;
#[cfg(test)]
mod tests;
mod transform;

pub use again::Help;
pub use codes::{CODES, Code, Remedy, RetryChange, code};
pub use error::RetryError;
pub use errors::{JobError, JobErrors, Refused};
pub use lists::{Arrival, Unnamed, UnnamedJob};
pub use plan::{Cause, CodeFilter, Fate, RetryPlan};
pub use transform::Retry;
