//! Error kinds of projections and export requests, and their messages.
//!
//! Messages repeat field paths and output names, because the caller wrote them. They never repeat values of users.

use crate::path::PathError;

/// The fields cannot be projected as requested.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// No field was given.
    #[error("expected at least one field, but found none")]
    NoFields,
    /// CSV output was requested for whole records. A CSV needs named fields.
    #[error("whole records are JSON: CSV output needs a list of fields")]
    NoColumns,
    /// The CSV input has no column for a field.
    #[error("no column has `{path}`{}; the columns are {columns}", question(nearest.as_deref()))]
    NoColumn {
        /// The path of the field.
        path: Box<str>,
        /// The most similar path of a column, if one is similar.
        nearest: Option<Box<str>>,
        /// The paths of the columns. Shortened if there are many.
        columns: Box<str>,
    },
    /// The path of a field is not a valid field path.
    #[error("{error}")]
    Path {
        /// The path as typed.
        path: Box<str>,
        /// The syntax error in the path.
        #[source]
        error: PathError,
    },
    /// The output name of a field is empty.
    #[error("field `{path}`: expected an output name, but found nothing; write PATH=NAME, or PATH alone")]
    EmptyName {
        /// The path of the field.
        path: Box<str>,
    },
    /// Two fields have the same output name.
    #[error("two fields are named `{name}`; give one of them another name: PATH=NAME")]
    RepeatedName {
        /// The output name.
        name: Box<str>,
    },
    /// A constant is not valid, or has no name.
    #[error("field `{argument}`: {what}; write \"TEXT\"=NAME or \"JSON\":json=NAME")]
    Constant {
        /// The constant as typed.
        argument: Box<str>,
        /// What was expected.
        what: &'static str,
    },
    /// In nested output, a name is not a valid path.
    #[error("name `{name}`: {error}; the names of nested output are paths")]
    NestedName {
        /// The output name.
        name: Box<str>,
        /// The syntax error in the name.
        #[source]
        error: PathError,
    },
    /// In nested output, two names cannot both be in one object.
    #[error(
        "the names `{first}` and `{second}` cannot both be in nested output: {what}; give one of them another name"
    )]
    NestedNames {
        /// The name of the earlier field.
        first: Box<str>,
        /// The name of the later field.
        second: Box<str>,
        /// Why one excludes the other.
        what: &'static str,
    },
    /// In nested output, an array has an item but not the item before it.
    #[error(
        "name `{name}`: expected an item [{missing}] of this array, but the next is [{index}]; number the items from 0"
    )]
    NestedGap {
        /// The name of the first field in the item.
        name: Box<str>,
        /// The index of the item.
        index: u32,
        /// The index that no name has.
        missing: usize,
    },
    /// Nested output was requested as CSV.
    #[error("nested output is JSON: CSV has one level of names")]
    NestedCsv,
}

/// The JSON is not a valid export request. Messages name keys by their path in the request, for example
/// `fields[1].export_as`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// The input is not valid JSON.
    #[error("expected an export request in JSON, but {0}")]
    Json(#[from] serde_json::Error),
    /// The value of a key has the wrong type or is not an allowed value. For the whole document, `key` is
    /// `request`.
    #[error("{key}: expected {expected}, but found {found}")]
    Type {
        /// The key.
        key: Box<str>,
        /// The values that are allowed.
        expected: &'static str,
        /// The type or value that was found.
        found: &'static str,
    },
    /// A field has no `name`.
    #[error("{key}: expected a `name`, but found none")]
    NoName {
        /// The key of the field.
        key: Box<str>,
    },
    /// A name is an empty string.
    #[error("{key}: expected a name, but found an empty string")]
    EmptyName {
        /// The key of the name.
        key: Box<str>,
    },
    /// Two fields have the same output name.
    #[error("{key}: another field is named `{name}` already; give one of them another `export_as`")]
    RepeatedName {
        /// The key of the second name.
        key: Box<str>,
        /// The output name.
        name: Box<str>,
    },
    /// The name of a field is not a valid field path.
    #[error("{key}: {error}")]
    Path {
        /// The key of the name.
        key: Box<str>,
        /// The path as written in the request.
        path: Box<str>,
        /// The syntax error in the path.
        #[source]
        error: PathError,
    },
}

/// Returns ` (did you mean NEAREST?)`.
fn question(nearest: Option<&str>) -> String {
    nearest.map_or_else(String::new, |nearest| format!(" (did you mean {nearest}?)"))
}
