//! What the scanner lends: names and values as they stand in the text.

use std::borrow::Cow;
use std::fmt;

use super::string::{decode, decoded_eq};

/// What a value is, told by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number, kept as it is written.
    Number,
    /// `true` or `false`
    Boolean,
    /// `null`
    Null,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::String => "a string",
            Self::Number => "a number",
            Self::Boolean => "a boolean",
            Self::Null => "null",
        })
    }
}

/// One whole value, lent as it is written; its `Debug` shows no content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    pub(super) text: &'a str,
    pub(super) kind: Kind,
    pub(super) escaped: bool,
    pub(super) spaced: bool,
}

impl<'a> Value<'a> {
    /// What the value is.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The value as it is written: quotes, escapes and inner white space included.
    pub fn text(&self) -> &'a str {
        self.text
    }

    /// Whether it is a string with at least one escape in it.
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// Whether it is an object or array with white space between its tokens.
    pub fn is_spaced(&self) -> bool {
        self.spaced
    }

    /// The decoded string, or `None` where the value is no string. A lone surrogate becomes U+FFFD.
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        (self.kind == Kind::String).then(|| {
            let raw = &self.text[1..self.text.len() - 1];
            if self.escaped { decode(raw) } else { Cow::Borrowed(raw) }
        })
    }

    /// `true` or `false`, or `None` where the value is no boolean.
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind == Kind::Boolean).then(|| self.text == "true")
    }

    /// Appends the value to `out` without white space between its tokens, each token as it is written.
    pub fn write_compact(&self, out: &mut Vec<u8>) {
        if self.spaced {
            super::compact_into(self.text, out);
        } else {
            out.extend_from_slice(self.text.as_bytes());
        }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({}, {} bytes)", self.kind, self.text.len())
    }
}

/// Where a value stands in its text, and what was noted about it: no reference, so that it can outlive the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) kind: Kind,
    pub(crate) escaped: bool,
    pub(crate) spaced: bool,
}

impl Span {
    /// The value, lent from the very text it was found in.
    #[inline]
    pub(crate) fn of(self, text: &str) -> Value<'_> {
        let Self { start, end, kind, escaped, spaced } = self;
        Value { text: &text[start..end], kind, escaped, spaced }
    }
}

/// The name of a member, lent as it is written between its quotes; its `Debug` shows no content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    pub(super) raw: &'a str,
    pub(super) escaped: bool,
}

impl<'a> Name<'a> {
    /// The name as it is written, without its quotes.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Whether it has at least one escape in it.
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// The decoded name; a lone surrogate becomes U+FFFD.
    pub fn decoded(&self) -> Cow<'a, str> {
        if self.escaped { decode(self.raw) } else { Cow::Borrowed(self.raw) }
    }

    /// Whether the decoded name is `name`, without allocating.
    pub fn is(&self, name: &str) -> bool {
        if self.escaped { decoded_eq(self.raw, name) } else { self.raw == name }
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({} bytes)", self.raw.len())
    }
}
