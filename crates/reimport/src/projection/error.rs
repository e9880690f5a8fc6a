//! Everything a projection or an export request can be told, on one page.
//!
//! Paths and output names are the words of whoever runs the program, so they may be repeated; values never are.

use crate::path::PathError;

/// Fields cannot be projected as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// There is nothing to project.
    #[error("expected at least one field, but found none")]
    NoFields,
    /// A CSV is wanted of whole records.
    #[error("whole records are JSON: a CSV needs fields to be named")]
    NoColumns,
    /// A CSV has no column for a field.
    #[error("no column has `{path}`; the columns are {columns}")]
    NoColumn {
        /// The path of the field.
        path: Box<str>,
        /// The paths of the columns, as far as they fit a line.
        columns: Box<str>,
    },
    /// A field's path is none.
    #[error("field path `{path}`: {error}")]
    Path {
        /// The path as typed.
        path: Box<str>,
        /// What is wrong with it.
        #[source]
        error: PathError,
    },
    /// A field's output name is empty.
    #[error("field `{path}`: expected an output name, but found nothing; write PATH=NAME, or PATH alone")]
    EmptyName {
        /// The path of the field.
        path: Box<str>,
    },
    /// Two fields have one output name.
    #[error("two fields are named `{name}`; give one of them another name: PATH=NAME")]
    RepeatedName {
        /// The name.
        name: Box<str>,
    },
}

/// A text is no export request; keys are named as they stand in it: `fields[1].export_as`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// It is no JSON.
    #[error("expected an export request in JSON, but {0}")]
    Json(#[from] serde_json::Error),
    /// A key, or the whole where `key` is `request`, has a value of another type.
    #[error("{key}: expected {expected}, but found {found}")]
    Type {
        /// The key.
        key: Box<str>,
        /// What it may be.
        expected: &'static str,
        /// What it is.
        found: &'static str,
    },
    /// A field has no `name`.
    #[error("{key}: expected a `name`, but found none")]
    NoName {
        /// The key of the field.
        key: Box<str>,
    },
    /// A name is empty.
    #[error("{key}: expected a name, but found an empty string")]
    EmptyName {
        /// The key of the name.
        key: Box<str>,
    },
    /// Two fields have one output name.
    #[error("{key}: another field is named `{name}` already; give one of them another `export_as`")]
    RepeatedName {
        /// The key of the later name.
        key: Box<str>,
        /// The name.
        name: Box<str>,
    },
    /// A field's name is no field path.
    #[error("{key}: field path `{path}`: {error}")]
    Path {
        /// The key of the name.
        key: Box<str>,
        /// The name.
        path: Box<str>,
        /// What is wrong with it.
        #[source]
        error: PathError,
    },
}
