//! Any fields out of a record: paths, what stands at them, and the [`Projection`] that renders them.
//!
//! # Field paths
//!
//! ```text
//! path     = [ "user." ] name *step           email   user_metadata.first login   user.email
//!          / quoted *step                     ["a key.with dots"].b
//!          / pointer                          /user_metadata/first login
//! step     = "." name                         a step into an object; digits also step into an array: a.0.b
//!          / "[" index "]"                    a step into an array: identities[0].connection
//!          / quoted                           a step into an object, whatever its key holds
//! quoted   = "[" JSON-string "]"
//! name     = all up to the next `.` or `[`, spaces included; without `$` and `*`
//! index    = "0" / a number without leading zeros
//! pointer  = 1*( "/" token )                  RFC 6901: `~1` stands for `/`, `~0` for `~`
//! ```
//!
//! A leading `user.` is dropped; the path of a key of that name is `["user"].x`. Names are compared decoded:
//! `email` finds `"em\u0061il"`. On a command line `PATH=NAME` names the output, split at the last `=` outside
//! brackets.
//!
//! # What stands at a path
//!
//! Missing, `null` and a value are three things ([`Cell`]). Where a scalar, `null`, `{}` or a short array stands on the
//! way, the path is missing, which is no error. Where a key is repeated, the last counts and resets all below it.
//!
//! Some exports write a path flat, as one key: `"app_metadata.plan"`, `"identities[0].connection"`. A top-level key of
//! at most 1024 bytes that reads as a path is taken for what stands at that path, where nothing stands there itself; it
//! does not become a part of what stands above it. The titles of a default-field export (`"Email Verified"`, in any
//! case) come last.

mod builder;
mod error;
mod field;
mod get;
pub(crate) mod path;
mod path_parser;
mod projector;
mod render_csv;
mod render_json;
mod request;
mod row;
mod suggest;
mod tree;
mod verbatim;

#[cfg(test)]
mod tests;

pub use builder::ProjectionBuilder;
pub use error::{PathError, PathExpected, ProjectionError, RequestError};
pub use field::{DEFAULT_FIELDS, Field};
pub use path::{FieldPath, Segment};
pub use projector::{Projection, ProjectionScratch};
pub use request::{ExportFormat, ExportRequest};
pub use row::{Cell, Row, RowBuffer};
pub use suggest::suggest;
pub use tree::PathTree;
pub use verbatim::Verbatim;
