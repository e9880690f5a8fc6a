//! Any fields out of a record: what stands at [paths](crate::path), and the [`Projection`] that renders it.
//!
//! # What stands at a path
//!
//! Missing, `null` and a value are three things ([`Cell`]). Where a scalar, `null`, `{}` or a short array stands on the
//! way, the path is missing, which is no error. Where a key is repeated, the last counts and resets all below it.
//!
//! Some exports write a path flat, as one key: `"app_metadata.plan"`, `"identities[0].connection"`. A top-level key of
//! at most 1024 bytes that reads as a path is taken for what stands at that path, where nothing stands there itself; it
//! does not become a part of what stands above it. The titles of a default-field export (`"Email Verified"`) come next, and
//! last the first known property in another case (`"EMAIL_VERIFIED"`).

mod error;
mod field;
mod get;
mod projector;
mod render;
mod request;
mod row;
mod tree;
mod unchanged;

#[cfg(test)]
mod tests;

pub use crate::path::{FieldPath, PathError, PathExpected, Segment};

pub use error::{ProjectionError, RequestError};
pub use field::{DEFAULT_FIELDS, Field};
pub use projector::{Projection, ProjectionBuilder, ProjectionScratch};
pub use request::{ExportFormat, ExportRequest};
pub use row::{Cell, Row, RowBuffer};
pub use tree::PathTree;
pub use unchanged::Unchanged;
