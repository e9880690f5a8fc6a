//! Error kinds for conditions and lists of ids, and their messages.
//!
//! A condition is typed by the person who runs the program, so its errors only need columns. The lines of a list
//! contain ids, which are never repeated.

use crate::projection::PathError;
use crate::source::InputError;

/// The reason why a text is not a valid condition. Columns count characters, from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WhereError {
    /// The text before the operator is not a field path.
    #[error("{0}")]
    Path(#[from] PathError),
    /// There is no operator.
    #[error(
        "expected an operator after the path (= != < <= > >= exists missing), but found the end at column {column}"
    )]
    NoOperator {
        /// The column after the last character.
        column: usize,
    },
    /// There is an operator of another language.
    #[error("expected an operator (= != < <= > >= exists missing), but found `{found}` at column {column}")]
    UnknownOperator {
        /// The column of the operator.
        column: usize,
        /// The operator.
        found: String,
    },
    /// There is no value after the operator.
    #[error(
        "expected a value after the operator, but found the end at column {column}; an empty string is \"\""
    )]
    NoValue {
        /// The column after the last character.
        column: usize,
    },
    /// The value begins like another operator.
    #[error(
        "expected a value, but found `{found}` at column {column}; a string that begins with it needs double quotes"
    )]
    SecondOperator {
        /// The column of the character.
        column: usize,
        /// The character.
        found: char,
    },
    /// A string in double quotes is invalid, or followed by something else.
    #[error("expected one string in double quotes, escaped as in JSON, but it is broken at column {column}")]
    BrokenString {
        /// The column of the error.
        column: usize,
    },
    /// A string in single quotes has no end, or is followed by something else.
    #[error(
        "expected one string in single quotes at column {column}, in which '' is one quote, but its end is missing or \
         something follows it"
    )]
    BrokenSingleQuotes {
        /// The column of the first quote.
        column: usize,
    },
    /// A value is written like a date, but the date does not exist or has another form.
    #[error(
        "expected an existing date, as in 2024-05-01 or 2024-05-01T10:00:00Z, but found something else at column {column}; a string needs quotes"
    )]
    NoDate {
        /// The column of the value.
        column: usize,
    },
    /// There are two conditions with a word such as `or` between them.
    #[error(
        "expected one condition, but found a second one after `{found}` at column {column}; a string that contains \
         both needs quotes"
    )]
    Combined {
        /// The column of the word.
        column: usize,
        /// The word.
        found: String,
    },
    /// `true`, `false` and `null` have no order, so they cannot be less or greater than anything.
    #[error(
        "expected `=` or `!=` before `{value}`, which has no order, but found `{found}` at column {column}"
    )]
    NoOrder {
        /// The column of the operator.
        column: usize,
        /// The operator.
        found: &'static str,
        /// The value.
        value: &'static str,
    },
}

/// The reason why a file is not a list of user ids.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdsError {
    /// The first bytes belong to a file of another kind.
    #[error(transparent)]
    Foreign(#[from] InputError),
    /// The file contains JSON.
    #[error(
        "expected one user id per line, but found JSON; `jq -r .user_id` makes such a list from an export"
    )]
    Json,
    /// The file is a CSV without a column of ids.
    #[error("expected a column user_id, but the columns are {columns}")]
    NoColumn {
        /// The names of the columns, as far as they fit on a line.
        columns: String,
    },
    /// A line is not UTF-8.
    #[error("expected a user id in UTF-8, but found other bytes")]
    NotUtf8,
    /// A line, or the cell of an id, is longer than any id.
    #[error("expected a user id, but found more than {limit} bytes without an end")]
    TooLong {
        /// The maximum number of bytes.
        limit: usize,
    },
}
