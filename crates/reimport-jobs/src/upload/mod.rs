//! Uploads the parts of a conversion to a tenant. The upload can be killed at any moment and started again.
//!
//! There is one journal per target. It identifies each part by its checksum. A line is written before a part is
//! sent, when the tenant has returned the job, and when the result and the errors of the job are saved. After a
//! restart, the state of a part determines what happens:
//!
//! - A part with a result is not sent again.
//! - The job of a part that was accepted is polled again.
//! - A part that was sent without a response is sent again. An import that only inserts refuses the users that
//!   already exist, and exactly these are counted as already there. An upsert writes the values of the part a
//!   second time.

// The sums in this module contain numbers from a tenant or from the folder of the parts.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

mod counts;
mod journal;
mod log;
mod options;
mod outcome;
mod parts;
mod plan;
mod run;
mod settle;

pub use log::PartResult;
pub use options::{LockedUpload, MaxFailed, Observer, Step, Upload};
pub use outcome::{JobProgress, Outcome, PartOutcome, Progress, Stopped, UploadTotals};
pub use parts::{Part, PartFolder, Parts};
pub use plan::{Check, Facts, Objection, Plan, Warning};
