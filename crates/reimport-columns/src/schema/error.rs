//! [`SchemaError`]: a file is not a schema.

/// A file is not a schema. The messages name the line, or the path of the column.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SchemaError {
    /// It is not JSON of the expected form: also an unknown type, a path or a name that is not possible.
    #[error("{0}")]
    Json(#[source] serde_json::Error),
    /// The version is not known.
    #[error(
        "expected version 1 of a schema, but found version {found}; make the schema again with this version of the program, or use a newer one"
    )]
    Version {
        /// The version of the file.
        found: u64,
    },
    /// Two columns have the same name, ignoring case, as most engines do.
    #[error(
        "the columns of `{first}` and `{second}` have the same name `{name}`, ignoring case; change one of them, for example to `{proposed}`"
    )]
    SameName {
        /// The path of the first column.
        first: Box<str>,
        /// The path of the second column.
        second: Box<str>,
        /// The name of the second column.
        name: Box<str>,
        /// A name that no column has.
        proposed: Box<str>,
    },
    /// A name is that of a column that every output has.
    #[error("the column of `{path}` has the name `{name}`, which every output uses itself; change it")]
    Reserved {
        /// The path of the column.
        path: Box<str>,
        /// Its name.
        name: Box<str>,
    },
}
