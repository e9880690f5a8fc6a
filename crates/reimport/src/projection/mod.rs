//! Extracts fields from records: the value at each [field path](crate::path), and the [`Projection`] that renders
//! the values.
//!
//! # The value at a path
//!
//! Missing, `null` and a value are three different results ([`Cell`]). If the path leads through a scalar, `null`,
//! `{}` or an array that is too short, the path is missing. This is not an error. If a key is repeated, the last
//! one counts and replaces everything below the earlier ones.
//!
//! Some exports write a path as one flat key: `"app_metadata.plan"`, `"identities[0].connection"`. A top-level key
//! of at most 1024 bytes that is a valid path provides the value at that path. There are four sources of a value.
//! The first one that has the path is used:
//!
//! 1. The path itself.
//! 2. A flat key. Its value is not merged into the objects above the path: `app_metadata` does not contain the
//!    value of `"app_metadata.plan"`.
//! 3. The title of the property in a default-field export (`"Email Verified"`).
//! 4. The first key that is a known property in another case (`"EMAIL_VERIFIED"`).

mod constant;
mod error;
mod field;
mod get;
mod nested;
mod projector;
mod render;
mod request;
mod row;
mod tree;
mod unchanged;

#[cfg(test)]
mod tests;

pub use crate::path::{FieldPath, PathError, PathExpected, Segment};

pub use constant::Constant;
pub use error::{ProjectionError, RequestError};
pub use field::{DEFAULT_FIELDS, Encoding, Field, FieldValue};
pub use projector::{Projection, ProjectionBuilder, ProjectionScratch};
pub use request::{ExportFormat, ExportRequest};
pub use row::{Cell, Row, RowBuffer};
pub use tree::{PathTree, Spelling, spelled_paths};
pub use unchanged::Unchanged;
