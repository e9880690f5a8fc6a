//! The contract of a run: the [`Transform`] and [`Sink`] traits, and the types that they exchange with the
//! pipeline.
//!
//! The [pipeline](crate::pipeline) calls both traits and knows no implementation. The main transforms of this library are
//! [`Rules`](crate::Rules) and [`Projection`](crate::Projection). Its sinks are in [`sink`](crate::sink).

mod apply;
mod contract;
mod facts;
mod output_name;
mod serialize;
mod shared;
mod side_file;
mod sink;
mod summary;
mod transform;
mod wrapped;

pub use crate::csv_row::CsvDelimiter;
pub(crate) use apply::Buffers;
pub use apply::{Applied, apply};
pub use contract::{LineFault, OneLine, TransformError};
pub(crate) use contract::{OfThisLibrary, check_rendered, check_side_line, check_verdict};
pub use facts::{Fact, Topic};
pub(crate) use facts::{Facts, MAX_NAMES, OTHER, by_section};
pub use output_name::{OutputName, UploadName};
pub(crate) use output_name::{PartNames, is_job_errors, is_other_part, is_part, is_reserved};
pub(crate) use shared::{Seen, random_seed};
pub use side_file::SideFile;
pub(crate) use side_file::SideLines;
pub(crate) use sink::source_file_name;
pub use sink::{Body, CsvEscape, CsvFormat, Origin, Rejected, Rendering, Sink, Skipped, Written};
pub use summary::{FirstReject, MAX_PLACES, RuleCount, RulePlace, Skip, SourceSummary, Summary};
pub(crate) use transform::{IdForm, RecordInfo, UniqueKey};
pub use transform::{Output, Problem, SkipReason, Transform, Verdict};
pub use wrapped::{InnerTransform, Wrapped};
