//! Bulk user exports in, import-ready files out.

mod error;
mod facts;
pub mod import;
pub mod json;
pub mod path;
pub mod pipeline;
mod position;
pub mod projection;
pub mod record;
mod rendering;
pub mod sink;
pub mod source;
mod transform;

pub use error::{Category, Error, ErrorKind, Result};
pub use facts::Topic;
pub use import::Rules;
pub use pipeline::{Input, MaxRejected, Pipeline, Summary};
pub use position::Position;
pub use projection::Projection;
pub use record::{Record, RecordReader};
pub use rendering::{CsvEscape, Rendering};
pub use sink::Sink;
pub use transform::{Output, Problem, SkipReason, Transform, Verdict};
