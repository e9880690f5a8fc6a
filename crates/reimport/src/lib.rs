//! Bulk user exports in, import-ready files out.

mod error;
mod facts;
pub mod import;
mod instant;
pub mod json;
pub mod pipeline;
mod position;
pub mod projection;
pub mod record;
mod rendering;
mod side_list;
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
pub use side_list::SideList;
pub use sink::Sink;
pub use transform::{Output, Problem, SkipReason, Transform, Verdict};
