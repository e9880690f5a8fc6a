//! Everything the text of a path can be told, on one page; paths are the words of whoever runs the program.

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
