//! Sending the parts of a conversion to a tenant, so that it can be killed at any moment and started again.
//!
//! Each part is named by its checksum in a journal, one per target. Before a part is sent the journal says so, and
//! again when the tenant has named the job, and when the job's result and errors are kept. So after any end:
//! a part with a result is not sent again, a part with a job is looked at again, and a part that was sent without an
//! answer is sent again: an import that only inserts refuses the users it has, and exactly those refusals are counted
//! as already there. (An upsert writes the part's own values a second time.)

// What is added up here comes from a tenant or from the folder of the parts.
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
