//! The syntax error of a field path and its messages. The messages contain characters of the path. This is allowed
//! because paths are written by the user of the program and are not values of records.

use std::fmt;

/// A syntax error in a field path: where it is, and what was expected there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathError {
    /// The path, if the user of the program wrote it. A path from a file can be a value of a record.
    path: Option<Box<str>>,
    column: usize,
    expected: PathExpected,
    found: Option<char>,
}

/// What the grammar expects at the location of a [`PathError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathExpected {
    /// A path; the string is empty.
    Path,
    /// A name, at the start or after a `.`.
    Name,
    /// A name, because a record is not an array.
    FirstName,
    /// Digits or a quoted name after `[`.
    IndexOrName,
    /// An index that fits in a `u32`, without leading zeros.
    Index,
    /// The rest of a name in double quotes, escaped as in JSON.
    JsonString,
    /// The `]` that closes the bracket.
    Bracket,
    /// `.`, `[` or the end, after `]`.
    Separator,
    /// `~0` or `~1` in a JSON Pointer.
    Tilde,
    /// The end, because there cannot be more steps than levels of nesting in a record.
    Shallower,
    /// A name without `$`.
    NoDollar,
    /// A name without `*`.
    NoStar,
}

impl PathError {
    #[cold]
    pub(super) fn new(text: &str, at: usize, expected: PathExpected) -> Self {
        // The offset of an invalid escape can be inside a character.
        let at = text.floor_char_boundary(at);
        Self {
            path: None,
            column: text[..at].chars().count() + 1,
            expected,
            found: text[at..].chars().next(),
        }
    }

    /// Returns the error with its path, which the message then names.
    pub(super) fn of_path(self, path: &str) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// Returns the error for the same path when it begins after `columns` characters of a longer string.
    pub(crate) fn moved_by(self, columns: usize) -> Self {
        Self { column: self.column + columns, ..self }
    }

    /// Returns the character of the path at which the error is, counted from 1. This is one past the last
    /// character if the path ended too early.
    pub fn column(&self) -> usize {
        self.column
    }

    /// Returns what the grammar expects at this column.
    pub fn expected(&self) -> PathExpected {
        self.expected
    }
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = &self.path {
            write!(f, "field path `{path}`: ")?;
        }
        let expected = match self.expected {
            PathExpected::Path => return f.write_str("expected a field path, but found nothing"),
            PathExpected::Name | PathExpected::NoDollar | PathExpected::NoStar => "a name",
            PathExpected::FirstName => "a name first, because a record is not an array",
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
                "; a path begins with the first name, without `$.`; a key that contains a `$` goes in quotes: [\"$oid\"]",
            ),
            PathExpected::IndexOrName if self.found == Some(']') => f.write_str(
                "; `[]` stands for every item, but a field is one value, so give an index, as in identities[0]",
            ),
            PathExpected::NoStar => f.write_str(
                "; a field is one value, so give an index: identities[0]; a key that contains a `*` goes in quotes: [\"*\"]",
            ),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for PathError {}
