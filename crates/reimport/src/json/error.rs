//! Everything a broken JSON text can be told, on one page.

use std::fmt;

/// Where a JSON text stops being one, and what would have been right there.
///
/// It never holds or prints a part of the text longer than one punctuation character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    at: usize,
    expected: Expected,
    found: Option<u8>,
}

/// What the grammar asked for at the place of a [`SyntaxError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// Any value.
    Value,
    /// `{`, the start of an object.
    Object,
    /// `[`, the start of an array.
    Array,
    /// A name in quotes, or `}`.
    NameOrEnd,
    /// A name in quotes, after a comma.
    Name,
    /// The `:` between a name and its value.
    Colon,
    /// `,` or `}` after a member.
    CommaOrBrace,
    /// `,` or `]` after an item.
    CommaOrBracket,
    /// The quote that closes a string.
    Quote,
    /// One of the nine escapes after a backslash.
    Escape,
    /// Four hexadecimal digits after `\u`.
    HexDigits,
    /// A control character written as an escape.
    EscapedControl,
    /// A digit of a number.
    Digit,
    /// `true`, `false` or `null`, spelt exactly so.
    Literal,
    /// Nothing more than white space.
    End,
    /// Nesting within [`MAX_DEPTH`](super::MAX_DEPTH).
    Shallower,
}

impl SyntaxError {
    #[cold]
    pub(super) fn new(text: &str, at: usize, expected: Expected) -> Self {
        Self { at, expected, found: text.as_bytes().get(at).copied() }
    }

    /// The byte of the text, counted from 0, at which it went wrong; its length where it ended too early.
    pub fn at(&self) -> usize {
        self.at
    }

    /// What the grammar asked for there.
    pub fn expected(&self) -> Expected {
        self.expected
    }

    /// Whether an object ended and another value began: two records on one line.
    pub fn is_second_value(&self) -> bool {
        self.expected == Expected::End && matches!(self.found, Some(b'{' | b'['))
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_second_value() {
            return write!(
                f,
                "a second value begins at column {}; expected one object on a line",
                self.at + 1
            );
        }
        let expected = match self.expected {
            Expected::Value => "a value",
            Expected::Object => "an object",
            Expected::Array => "an array",
            Expected::NameOrEnd => "a name in quotes or `}`",
            Expected::Name => "a name in quotes",
            Expected::Colon => "`:`",
            Expected::CommaOrBrace => "`,` or `}`",
            Expected::CommaOrBracket => "`,` or `]`",
            Expected::Quote => "a closing quote",
            Expected::Escape => "one of \" \\ / b f n r t u after a backslash",
            Expected::HexDigits => "four hexadecimal digits after \\u",
            Expected::EscapedControl => "a control character to be written as an escape",
            Expected::Digit => "a digit",
            Expected::Literal => "true, false or null",
            Expected::End => "nothing more",
            Expected::Shallower => return write!(f, "nested deeper than {} levels", super::MAX_DEPTH),
        };
        write!(f, "expected {expected}, but found {} at column {}", Found(self.found), self.at + 1)
    }
}

impl std::error::Error for SyntaxError {}

/// The offending byte by its class, so that no letter of a user's value is ever repeated.
struct Found(Option<u8>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("the end of the text"),
            Some(b'"') => f.write_str("a string"),
            Some(b'{') => f.write_str("an object"),
            Some(b'[') => f.write_str("an array"),
            Some(b'0'..=b'9') => f.write_str("a digit"),
            Some(b'a'..=b'z' | b'A'..=b'Z') => f.write_str("a letter"),
            Some(byte @ (b'}' | b']' | b',' | b':' | b'\'' | b'\\' | b'-' | b'+' | b'.')) => {
                write!(f, "`{}`", char::from(byte))
            }
            Some(b'\n' | b'\r') => f.write_str("a line end"),
            Some(0) => f.write_str("a NUL byte"),
            Some(0x01..=0x1f | 0x7f) => f.write_str("a control character"),
            Some(b' ') => f.write_str("a space"),
            Some(_) => f.write_str("another character"),
        }
    }
}
