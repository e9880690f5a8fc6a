//! Everything a path, a projection or an export request can be told, on one page.
//!
//! Paths and output names are the words of whoever runs the program, so they may be repeated; values never are.

use std::fmt;

/// A text is no field path: where, and what would have been right there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PathError {
    column: usize,
    expected: PathExpected,
    found: Option<char>,
}

/// What the grammar asked for at the place of a [`PathError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathExpected {
    /// A path, where there is no text at all.
    Path,
    /// A name: at the start and after a `.`.
    Name,
    /// A name, because no record is an array.
    FirstName,
    /// Digits or a quoted name after `[`.
    IndexOrName,
    /// An index that a `u32` holds, without leading zeros.
    Index,
    /// The rest of a name in double quotes, escaped as in JSON.
    JsonString,
    /// The `]` that closes a bracket.
    Bracket,
    /// `.`, `[` or the end, after a `]`.
    Separator,
    /// `~0` or `~1` in a JSON Pointer.
    Tilde,
    /// No more steps than a record can nest.
    Shallower,
    /// A name without `$`.
    NoDollar,
    /// A name without `*`.
    NoStar,
}

impl PathError {
    #[cold]
    pub(super) fn new(text: &str, at: usize, expected: PathExpected) -> Self {
        // A broken escape is found at a byte that may lie inside a character.
        let at = text.floor_char_boundary(at);
        Self { column: text[..at].chars().count() + 1, expected, found: text[at..].chars().next() }
    }

    /// The same error of a path that begins so many characters into a longer text.
    pub(crate) fn moved_by(self, columns: usize) -> Self {
        Self { column: self.column + columns, ..self }
    }

    /// The character of the path at which it went wrong, counted from 1; one past the last where it ended too early.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What the grammar asked for there.
    pub fn expected(&self) -> PathExpected {
        self.expected
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let expected = match self.expected {
            PathExpected::Path => return f.write_str("expected a field path, but found nothing"),
            PathExpected::Name | PathExpected::NoDollar | PathExpected::NoStar => "a name",
            PathExpected::FirstName => "a name first, because a record is no array",
            PathExpected::IndexOrName => "an index or a name in double quotes",
            PathExpected::Index => "an index from 0 to 4294967295 without leading zeros",
            PathExpected::JsonString => "a name in double quotes, escaped as in JSON",
            PathExpected::Bracket => "`]`",
            PathExpected::Separator => "`.`, `[` or the end",
            PathExpected::Tilde => "`~0` or `~1`",
            PathExpected::Shallower => "the end, because a record nests at most 128 levels",
        };
        write!(f, "expected {expected}, but found ")?;
        match self.found {
            None => f.write_str("the end")?,
            Some(found) => write!(f, "`{}`", found.escape_debug())?,
        }
        write!(f, " at column {}", self.column)?;
        match self.expected {
            PathExpected::NoDollar => f.write_str(
                "; a path begins with the first name, without `$.`; a key that holds a `$` goes in quotes: [\"$oid\"]",
            ),
            PathExpected::NoStar => f.write_str(
                "; a field is one value, so give an index: identities[0]; a key that holds a `*` goes in quotes: [\"*\"]",
            ),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for PathError {}

/// Fields cannot be projected as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProjectionError {
    /// There is nothing to project.
    #[error("expected at least one field, but found none")]
    NoFields,
    /// A CSV is wanted of whole records.
    #[error("whole records are JSON: a CSV needs fields to be named (`reimport select -f PATH`)")]
    NoColumns,
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
