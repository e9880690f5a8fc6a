//! Retries users that import jobs refused: reads the jobs' error lists, and finds the users they name.
//!
//! Values in error lists are masked, so users cannot be sent again from the lists. They are taken from the source
//! they came from, and found by the identifiers that the lists do show. No user of a list is dropped silently: each
//! is retried, exists already, is excluded by the filter, or is reported as not found. Lists that name no user are
//! reported too.
//!
//! User ids in error lists are those of the import file, and are compared as written.

mod again;
mod codes;
mod error;
mod errors;
mod identifiers;
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
pub use identifiers::{Identifiers, RefusedIndex};
pub use lists::{Arrival, Unnamed, UnnamedJob};
pub use plan::{Cause, CodeFilter, Fate, RetryPlan};
pub use transform::Retry;
