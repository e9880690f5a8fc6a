//! The run: sources in, one transform, one sink, and the ordering step between them.
//!
//! A block is filled from a source, worked (split, transformed and rendered, which any thread can do), and then taken
//! up in input order: positions become absolute, counts are added up, and each record goes to the sink. Every record
//! read ends in exactly one place: `read = written + skipped + rejected + left out`.

mod error;
mod input;
mod order;
mod parts_ids;
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
