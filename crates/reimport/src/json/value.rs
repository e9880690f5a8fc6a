//! Names and values borrowed from the scanned text, exactly as written there.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZero;

use super::string::{decode, decoded_eq};
use super::{Scanner, SyntaxError};

/// The type of a JSON value, determined by its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{…}`
    Object,
    /// `[…]`
    Array,
    /// `"…"`
    String,
    /// A number, in its original spelling.
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

/// One complete value, borrowed from the text as written. `Debug` shows no content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Value<'a> {
    pub(super) text: &'a str,
    pub(super) kind: Kind,
    pub(super) escaped: bool,
    pub(super) spaced: bool,
}

impl<'a> Value<'a> {
    /// Returns the type of the value.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Returns the value as written, including quotes, escapes and inner white space.
    pub fn json(&self) -> &'a str {
        self.text
    }

    /// Returns `true` if the value is a string with at least one escape.
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// Returns `true` if the value is an object or array with white space between its tokens.
    pub fn is_spaced(&self) -> bool {
        self.spaced
    }

    /// Returns the decoded string, or `None` if the value is not a string. A lone surrogate becomes U+FFFD.
    pub fn as_str(&self) -> Option<Cow<'a, str>> {
        (self.kind == Kind::String).then(|| {
            let raw = &self.text[1..self.text.len() - 1];
            if self.escaped { decode(raw) } else { Cow::Borrowed(raw) }
        })
    }

    /// Returns the last member named `wanted`. Returns `None` if there is none or the value is not an object.
    ///
    /// ```
    /// use reimport::json::Scanner;
    ///
    /// let value = Scanner::new(r#"{"a":1,"b":2,"a":[3]}"#).value()?;
    /// assert_eq!(value.member("a").map(|value| value.json()), Some("[3]"));
    /// assert!(value.member("c").is_none());
    /// # Ok::<(), reimport::json::SyntaxError>(())
    /// ```
    pub fn member(&self, wanted: &str) -> Option<Self> {
        let mut scanner = Scanner::new(self.text);
        scanner.enter_object().ok()?;
        let mut found = None;
        while let Some(name) = scanner.name().ok()? {
            let value = scanner.value().ok()?;
            if name.is(wanted) {
                found = Some(value);
            }
        }
        found
    }

    /// Returns the members or items of the value, one level deep. A tree is built from these level by level, as needed.
    ///
    /// # Errors
    /// None for a value that a scanner has returned, because the scanner has validated it completely.
    pub(crate) fn open(&self) -> Result<Level<'a>, SyntaxError> {
        let mut scanner = Scanner::new(self.text);
        Ok(match self.kind {
            Kind::Object => {
                let mut members = Vec::new();
                scanner.enter_object()?;
                while let Some(name) = scanner.name()? {
                    members.push((name, scanner.value()?));
                }
                Level::Object(members)
            }
            Kind::Array => {
                let mut items = Vec::new();
                scanner.enter_array()?;
                while scanner.item()? {
                    items.push(scanner.value()?);
                }
                Level::Array(items)
            }
            _ => Level::Scalar,
        })
    }

    /// Returns `true` if the value is a string with an escaped lone surrogate, which decodes to U+FFFD.
    pub(crate) fn has_lone_surrogate(&self) -> bool {
        self.escaped && {
            let mut scanner = Scanner::new(self.text);
            scanner.value().is_ok() && scanner.lone_surrogates() > 0
        }
    }

    /// Returns the boolean, or `None` if the value is not a boolean.
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind == Kind::Boolean).then(|| self.text == "true")
    }

    /// Returns the number as an integer. Returns `None` if the value is not a number, is out of range, or is
    /// written with a fraction or an exponent.
    ///
    /// ```
    /// use reimport::json::Scanner;
    ///
    /// let number = |text| Scanner::new(text).value().map(|value| (value.as_u64(), value.as_i64()));
    /// assert_eq!(number("18446744073709551615")?, (Some(u64::MAX), None));
    /// assert_eq!(number("-7")?, (None, Some(-7)));
    /// assert_eq!(number("1.0")?, (None, None));
    /// assert_eq!(number("\"7\"")?, (None, None));
    /// # Ok::<(), reimport::json::SyntaxError>(())
    /// ```
    pub fn as_u64(&self) -> Option<u64> {
        if self.kind == Kind::Number { self.text.parse().ok() } else { None }
    }

    /// Same as [`as_u64`](Self::as_u64), but signed. `-0` is 0.
    pub fn as_i64(&self) -> Option<i64> {
        if self.kind == Kind::Number { self.text.parse().ok() } else { None }
    }

    /// Appends the value to `out` without white space between its tokens. Each token is copied as written.
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

/// One level of a value, returned by [`Value::open`].
pub(crate) enum Level<'a> {
    /// The members in the order of the text. A repeated name occurs more than once.
    Object(Vec<(Name<'a>, Value<'a>)>),
    Array(Vec<Value<'a>>),
    /// A value without members or items.
    Scalar,
}

/// The offsets of a value in its text, with its kind and flags. It holds no reference, so it can outlive the text.
///
/// The size is two words on purpose: two words stay in registers when a span is stored in a slot. Three or more
/// words go through memory, and the next load then waits for those stores.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: usize,
    /// A bit field, from the lowest bit: a 1 (so that `Option<Span>` has a niche), the kind, the escape flag, the
    /// white space flag, and from bit [`END`](Self::END) on the end offset.
    end_and_notes: NonZero<u64>,
}

impl Span {
    const KIND: u32 = 1;
    const ESCAPED: u32 = 4;
    const SPACED: u32 = 5;
    const END: u32 = 8;

    #[inline]
    pub(crate) fn new(start: usize, end: usize, kind: Kind, escaped: bool, spaced: bool) -> Self {
        let notes = (kind as u64) << Self::KIND
            | u64::from(escaped) << Self::ESCAPED
            | u64::from(spaced) << Self::SPACED;
        // No text has 2^56 bytes, so the end offset always fits.
        Self { start, end_and_notes: NonZero::<u64>::MIN | notes | (end as u64) << Self::END }
    }

    #[inline]
    pub(crate) fn start(self) -> usize {
        self.start
    }

    #[inline]
    pub(crate) fn end(self) -> usize {
        (self.end_and_notes.get() >> Self::END) as usize
    }

    #[inline]
    pub(crate) fn kind(self) -> Kind {
        match self.end_and_notes.get() >> Self::KIND & 7 {
            0 => Kind::Object,
            1 => Kind::Array,
            2 => Kind::String,
            3 => Kind::Number,
            4 => Kind::Boolean,
            _ => Kind::Null,
        }
    }

    #[inline]
    pub(crate) fn is_escaped(self) -> bool {
        self.end_and_notes.get() >> Self::ESCAPED & 1 == 1
    }

    #[inline]
    fn is_spaced(self) -> bool {
        self.end_and_notes.get() >> Self::SPACED & 1 == 1
    }

    /// Returns the value. `text` must be the text in which the span was found.
    #[inline]
    pub(crate) fn of(self, text: &str) -> Value<'_> {
        Value {
            text: &text[self.start..self.end()],
            kind: self.kind(),
            escaped: self.is_escaped(),
            spaced: self.is_spaced(),
        }
    }
}

/// The name of a member, borrowed as written between its quotes. `Debug` shows no content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Name<'a> {
    pub(super) raw: &'a str,
    pub(super) escaped: bool,
}

impl<'a> Name<'a> {
    /// Returns the name as written, without its quotes.
    pub fn raw(&self) -> &'a str {
        self.raw
    }

    /// Returns `true` if the name has at least one escape.
    pub fn is_escaped(&self) -> bool {
        self.escaped
    }

    /// Returns the decoded name. A lone surrogate becomes U+FFFD.
    pub fn decoded(&self) -> Cow<'a, str> {
        if self.escaped { decode(self.raw) } else { Cow::Borrowed(self.raw) }
    }

    /// Returns `true` if the decoded name is `name`. Does not allocate.
    pub fn is(&self, name: &str) -> bool {
        if self.escaped { decoded_eq(self.raw, name) } else { self.raw == name }
    }
}

impl fmt::Debug for Name<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name({} bytes)", self.raw.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn span_returns_all_its_fields() {
        let kinds = [Kind::Object, Kind::Array, Kind::String, Kind::Number, Kind::Boolean, Kind::Null];
        for kind in kinds {
            for notes in 0..4 {
                let (escaped, spaced) = (notes & 1 == 1, notes & 2 == 2);
                for (start, end) in [(0, 1), (7, 300), (5_000_000_000, 5_000_000_300)] {
                    let span = Span::new(start, end, kind, escaped, spaced);
                    assert_eq!(
                        (span.start(), span.end(), span.kind(), span.is_escaped(), span.is_spaced()),
                        (start, end, kind, escaped, spaced)
                    );
                }
            }
        }
        assert_eq!(size_of::<Option<Span>>(), 16);
    }
}
