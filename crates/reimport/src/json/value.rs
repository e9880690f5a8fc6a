//! What the scanner lends: names and values as they stand in the text.

use std::borrow::Cow;
use std::fmt;
use std::num::NonZero;

use super::string::{decode, decoded_eq};
use super::{Scanner, SyntaxError};

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
    pub fn json(&self) -> &'a str {
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

    /// The last member of that name, or `None` if there is none or the value is not an object.
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

    /// Its members or items, one level deep: what a tree is made of, as far as it is needed.
    ///
    /// # Errors
    /// None for a value that a scanner has returned: it was validated whole.
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

    /// Whether it is a string with an escaped surrogate that has no partner: half a character, which is U+FFFD decoded.
    pub(crate) fn has_lone_surrogate(&self) -> bool {
        self.escaped && {
            let mut scanner = Scanner::new(self.text);
            scanner.value().is_ok() && scanner.lone_surrogates() > 0
        }
    }

    /// `true` or `false`, or `None` where the value is no boolean.
    pub fn as_bool(&self) -> Option<bool> {
        (self.kind == Kind::Boolean).then(|| self.text == "true")
    }

    /// The number as an integer, or `None` if the value is not a number of that range without fraction and exponent.
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

    /// As [`as_u64`](Self::as_u64), signed. `-0` is 0.
    pub fn as_i64(&self) -> Option<i64> {
        if self.kind == Kind::Number { self.text.parse().ok() } else { None }
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

/// One level of a value, as [`Value::open`] returns it.
pub(crate) enum Level<'a> {
    /// The members in the order of the text; a repeated name is repeated here.
    Object(Vec<(Name<'a>, Value<'a>)>),
    Array(Vec<Value<'a>>),
    /// A value without members or items.
    Scalar,
}

/// Where a value stands in its text, and what was noted about it: no reference, so that it can outlive the text.
///
/// Two words, which stay in registers on their way into a slot; one of three and more goes through memory, in stores that
/// the load behind them has to wait for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    start: usize,
    /// From the lowest bit: 1, so that there is room for "none"; the kind, whether there is an escape, whether there is
    /// white space; and from [`END`](Self::END) on where it ends.
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
        // A text of 2^56 bytes has no machine to be in.
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

    /// The value, lent from the very text it was found in.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_gives_back_all_that_it_was_made_of() {
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
