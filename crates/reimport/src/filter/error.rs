//! Everything a condition or a list of ids can be told, on one page.
//!
//! A condition is typed by whoever runs the program, so columns are enough; the lines of a list hold ids, which are
//! never repeated.

use crate::projection::PathError;
use crate::source::InputError;

/// A text is no condition; columns count characters from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhereError {
    /// What stands before the operator is no field path.
    #[error("{0}")]
    Path(#[from] PathError),
    /// There is no operator.
    #[error(
        "expected an operator after the path (= != < <= > >= exists missing), but found the end at column {column}"
    )]
    NoOperator {
        /// One past the last character.
        column: usize,
    },
    /// Nothing stands behind the operator.
    #[error(
        "expected a value after the operator, but found the end at column {column}; an empty string is \"\""
    )]
    NoValue {
        /// One past the last character.
        column: usize,
    },
    /// The value begins like another operator.
    #[error(
        "expected a value, but found `{found}` at column {column}; a text that begins so goes in double quotes"
    )]
    SecondOperator {
        /// Where it stands.
        column: usize,
        /// What it is.
        found: char,
    },
    /// A string in double quotes is broken, or something follows it.
    #[error("expected one string in double quotes, escaped as in JSON, but it is broken at column {column}")]
    BrokenString {
        /// Where it breaks.
        column: usize,
    },
    /// A text is written like a date that there is not.
    #[error(
        "expected a date, as in 2024-05-01 or 2024-05-01T10:00:00Z, but found another at column {column}; \
         as a mere text it goes in double quotes"
    )]
    NoDate {
        /// Where it stands.
        column: usize,
    },
    /// `true`, `false` and `null` are before or after nothing.
    #[error(
        "expected `=` or `!=` before `{value}`, which has no order, but found `{found}` at column {column}"
    )]
    NoOrder {
        /// Where the operator stands.
        column: usize,
        /// The operator.
        found: &'static str,
        /// The value.
        value: &'static str,
    },
}

/// A file is no list of user ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdsError {
    /// It is something else, by how it begins.
    #[error(transparent)]
    Foreign(#[from] InputError),
    /// It holds JSON.
    #[error("expected one user id a line, but found JSON; `jq -r .user_id` makes such a list of an export")]
    Json,
    /// A CSV without a column of ids.
    #[error("expected a column user_id, but the columns are {columns}")]
    NoColumn {
        /// The names of its columns, as far as they fit a line.
        columns: String,
    },
    /// A line is no UTF-8.
    #[error("expected a user id in UTF-8, but found other bytes")]
    NotUtf8,
    /// A line, or the cell of an id, is longer than any id.
    #[error("expected a user id, but found more than {limit} bytes without an end")]
    TooLong {
        /// The most bytes.
        limit: usize,
    },
}
