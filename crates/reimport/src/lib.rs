//! Bulk user exports in, import-ready files out.

mod error;
pub mod json;
mod position;
pub mod record;
pub mod source;

pub use error::{Category, Error, ErrorKind, Result};
pub use position::Position;
pub use record::{Record, RecordReader};
