//! The engine of a run: reads sources, applies a transform on several threads, and passes the results to a sink.
//!
//! A block is filled from a source. A worker splits it into records, and transforms and renders each record; any
//! thread can do this. The ordering step takes the blocks in input order: it makes positions absolute, adds up
//! counts, and sends each record to the sink. Each record ends in exactly one place:
//! `read = written + skipped + rejected + left out`.

mod error;
mod input;
mod order;
mod ordered;
mod parts_ids;
mod present;
mod progress;
mod reading;
mod run;
mod threads;
mod unique;
mod work;

pub use error::RunError;
pub use input::Input;
pub use progress::Progress;
pub use run::{MaxRejected, Pipeline};
