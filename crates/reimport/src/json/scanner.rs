//! The scanner: a cursor that reads complete values or enters objects and arrays.

use std::fmt;

use super::container::{NameVisitor, NoVisitor};
use super::cursor::{Cursor, InvalidToken};
use super::error::{Expected, SyntaxError};
use super::string::{self, Scanned};
use super::value::{Kind, Name, Span, Value};

/// The maximum nesting depth. The outermost braces count as 1.
pub const MAX_DEPTH: u32 = 128;

/// A validating cursor over one JSON text.
///
/// [`value`](Self::value) reads a complete value. [`enter_object`](Self::enter_object) and
/// [`enter_array`](Self::enter_array) enter a container. [`name`](Self::name) and [`item`](Self::item) then
/// iterate over its members. When they report the end, the scanner has left the container. After an error, the
/// result of every further call is unspecified, but no call panics. `Debug` shows the offset, not the text.
#[derive(Clone)]
pub struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    /// The number of levels that may still be entered.
    pub(super) room: u32,
    /// A container was just entered, so no comma is expected.
    fresh: bool,
    lone_surrogates: u32,
    /// What was expected at the cursor. Set when [`Broken`] is returned.
    expected: Expected,
}

/// A syntax error whose details are stored in the scanner. Zero-sized, so that returning it costs nothing.
pub(super) struct Broken;

type Result<T, E = SyntaxError> = std::result::Result<T, E>;

impl<'a> Scanner<'a> {
    /// Creates a scanner before the first token of `text`.
    pub fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor { text, at: 0, spaces: 0 },
            room: MAX_DEPTH,
            fresh: false,
            lone_surrogates: 0,
            expected: Expected::Value,
        }
    }

    /// Creates a scanner that has entered the object in `text`. The object itself is not counted as a nesting
    /// level, so its members may nest as deep as standalone values.
    ///
    /// # Errors
    /// If `text` does not begin with an object.
    pub(crate) fn in_wrapper(text: &'a str) -> Result<Self> {
        let mut scanner = Self::new(text);
        scanner.enter_object()?;
        scanner.room += 1;
        Ok(scanner)
    }

    /// Returns the byte offset of the cursor in the text, from 0.
    pub fn offset(&self) -> usize {
        self.cursor.at
    }

    /// Returns the number of bytes of white space between tokens read so far.
    ///
    /// The difference between two calls, before and after a value, tells whether there is white space inside it.
    pub fn spaces(&self) -> usize {
        self.cursor.spaces
    }

    /// Returns the number of escaped lone surrogates read so far.
    pub fn lone_surrogates(&self) -> u32 {
        self.lone_surrogates
    }

    /// Returns the whole text.
    pub(crate) fn text(&self) -> &'a str {
        self.cursor.text
    }

    /// Returns the type of the next value without reading it.
    ///
    /// # Errors
    /// If no value begins here.
    #[inline]
    pub fn kind(&mut self) -> Result<Kind> {
        match self.cursor.token() {
            b'{' => Ok(Kind::Object),
            b'[' => Ok(Kind::Array),
            b'"' => Ok(Kind::String),
            b'-' | b'0'..=b'9' => Ok(Kind::Number),
            b't' | b'f' => Ok(Kind::Boolean),
            b'n' => Ok(Kind::Null),
            _ => Err(self.wrong(Expected::Value)),
        }
    }

    /// Enters the object at the cursor.
    ///
    /// # Errors
    /// If the next value is not an object, or is nested too deep.
    #[inline]
    pub fn enter_object(&mut self) -> Result<()> {
        self.enter(b'{', Expected::Object)
    }

    /// Enters the array at the cursor.
    ///
    /// # Errors
    /// If the next value is not an array, or is nested too deep.
    #[inline]
    pub fn enter_array(&mut self) -> Result<()> {
        self.enter(b'[', Expected::Array)
    }

    #[inline]
    fn enter(&mut self, bracket: u8, expected: Expected) -> Result<()> {
        if self.cursor.token() != bracket {
            return Err(self.wrong(expected));
        }
        if self.room == 0 {
            return Err(self.wrong(Expected::Shallower));
        }
        self.cursor.at += 1;
        self.room -= 1;
        self.fresh = true;
        Ok(())
    }

    #[inline]
    fn leave(&mut self) {
        self.cursor.at += 1;
        // After an error there may be more closing than opening brackets.
        self.room = self.room.saturating_add(1);
        self.fresh = false;
    }

    /// Reads the next name of the current object and its colon. At the end of the object, leaves it and returns
    /// `None`.
    ///
    /// # Errors
    /// If there is neither a name nor the end of the object.
    #[inline]
    pub fn name(&mut self) -> Result<Option<Name<'a>>> {
        let mut byte = self.cursor.token();
        if byte == b'}' {
            self.leave();
            return Ok(None);
        }
        let fresh = std::mem::take(&mut self.fresh);
        if !fresh {
            if byte != b',' {
                return Err(self.wrong(Expected::CommaOrBrace));
            }
            self.cursor.at += 1;
            byte = self.cursor.token();
        }
        if byte != b'"' {
            return Err(self.wrong(if fresh { Expected::NameOrEnd } else { Expected::Name }));
        }
        let mut cursor = self.cursor;
        let escaped = self.string(&mut cursor).map_err(|broken| self.error(broken))?;
        let raw = &cursor.text[self.cursor.at + 1..cursor.at - 1];
        let colon = cursor.token();
        self.cursor = cursor;
        if colon != b':' {
            return Err(self.wrong(Expected::Colon));
        }
        self.cursor.at += 1;
        Ok(Some(Name { raw, escaped }))
    }

    /// Reads the next name if the text at the cursor is exactly `following`: comma, quotes, name and colon,
    /// without white space. For the first member of an object, the comma is left out. If the text differs, the
    /// scanner does not move and the result is `false`. The caller then reads the name with [`name`](Self::name).
    ///
    /// A correct guess costs less than reading the name.
    #[inline]
    pub(crate) fn guess_name(&mut self, following: &str) -> bool {
        let guess = match following.as_bytes() {
            [_comma, first @ ..] if self.fresh => first,
            following => following,
        };
        let guessed = self.cursor.bytes().get(self.cursor.at..).is_some_and(|rest| begins(rest, guess));
        if guessed {
            self.cursor.at += guess.len();
            self.fresh = false;
        }
        guessed
    }

    /// Same as [`guess_name`](Self::guess_name), but returns the name if the guess was correct.
    #[inline]
    pub(crate) fn guess_named(&mut self, following: &str) -> Option<Name<'a>> {
        const AFTER_NAME: usize = "\":".len();
        const BEFORE_NAME: usize = ",\"".len();
        self.guess_name(following).then(|| {
            let end = self.cursor.at - AFTER_NAME;
            let start = end + AFTER_NAME + BEFORE_NAME - following.len();
            Name { raw: &self.cursor.text[start..end], escaped: false }
        })
    }

    /// Leaves the object if it ends at the cursor, without white space. Otherwise the scanner does not move.
    #[inline]
    pub(crate) fn guess_end(&mut self) -> bool {
        let ends = self.cursor.byte() == b'}';
        if ends {
            self.leave();
        }
        ends
    }

    /// Returns `true` if the current array has another item. That item is then the next value. At the end of the
    /// array, leaves it and returns `false`.
    ///
    /// # Errors
    /// If there is neither a comma nor the end of the array.
    #[inline]
    pub fn item(&mut self) -> Result<bool> {
        let byte = self.cursor.token();
        if byte == b']' {
            self.leave();
            return Ok(false);
        }
        if !std::mem::take(&mut self.fresh) {
            if byte != b',' {
                return Err(self.wrong(Expected::CommaOrBracket));
            }
            self.cursor.at += 1;
        }
        Ok(true)
    }

    /// Reads the next value completely.
    ///
    /// # Errors
    /// If the value is not valid to its end, or is nested too deep.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>> {
        self.value_visited_by(&mut NoVisitor)
    }

    /// Same as [`value`](Self::value), but reports each name in the value to `names`, at any depth, in the order of the
    /// text.
    #[inline]
    pub(crate) fn value_visited_by(&mut self, names: &mut impl NameVisitor<'a>) -> Result<Value<'a>> {
        let text = self.cursor.text;
        Ok(self.span_visited_by(names)?.of(text))
    }

    /// Reads the next value completely and returns its span only.
    #[expect(
        clippy::inline_always,
        reason = "most values are strings; a call would cost as much as reading one"
    )]
    #[inline(always)]
    pub(crate) fn span(&mut self) -> Result<Span> {
        self.span_visited_by(&mut NoVisitor)
    }

    /// Same as [`span`](Self::span), but reports each name in the value to `names`.
    #[expect(
        clippy::inline_always,
        reason = "most values are strings; a call would cost as much as reading one"
    )]
    #[inline(always)]
    pub(crate) fn span_visited_by(&mut self, names: &mut impl NameVisitor<'a>) -> Result<Span> {
        let byte = self.cursor.token();
        let Cursor { at: start, spaces, .. } = self.cursor;
        let (kind, escaped) = if byte == b'"' {
            let mut cursor = self.cursor;
            let escaped = self.string(&mut cursor).map_err(|broken| self.error(broken))?;
            self.cursor.at = cursor.at;
            (Kind::String, escaped)
        } else {
            (self.pass_other(byte, names).map_err(|broken| self.error(broken))?, false)
        };
        Ok(Span::new(start, self.cursor.at, kind, escaped, self.cursor.spaces != spaces))
    }

    /// Reads the value that begins with `byte`, which is not a quote.
    #[inline(never)]
    fn pass_other(&mut self, byte: u8, names: &mut impl NameVisitor<'a>) -> Result<Kind, Broken> {
        if byte == b'{' || byte == b'[' {
            self.container(names)?;
            return Ok(if byte == b'{' { Kind::Object } else { Kind::Array });
        }
        self.cursor.scalar(byte).map_err(|InvalidToken { at, expected }| self.broken(at, expected))
    }

    /// Reads the white space after the last value and checks that nothing else follows.
    ///
    /// # Errors
    /// If anything else follows.
    pub fn end(&mut self) -> Result<()> {
        self.cursor.token();
        if self.cursor.at == self.cursor.text.len() { Ok(()) } else { Err(self.wrong(Expected::End)) }
    }

    /// Reads the rest of a string, from offset `at`, at which [`string::plain_end`] stopped.
    #[inline(never)]
    pub(super) fn string_rest(&mut self, at: usize) -> Result<Scanned, Broken> {
        match string::scan_rest(self.cursor.text, at) {
            Ok(scanned) => {
                self.lone_surrogates += scanned.lone_surrogates;
                Ok(scanned)
            }
            Err(wrong) => Err(self.broken(wrong.at, wrong.expected)),
        }
    }

    /// Stores the error and moves the cursor to it.
    #[cold]
    pub(super) fn broken(&mut self, at: usize, expected: Expected) -> Broken {
        self.cursor.at = at;
        self.expected = expected;
        Broken
    }

    /// Returns the error "`expected` at the cursor".
    #[cold]
    fn wrong(&self, expected: Expected) -> SyntaxError {
        SyntaxError::new(self.cursor.text, self.cursor.at, expected)
    }

    /// Returns the error that was stored by [`broken`](Self::broken).
    #[cold]
    fn error(&self, _: Broken) -> SyntaxError {
        SyntaxError::new(self.cursor.text, self.cursor.at, self.expected)
    }
}

/// Returns `true` if `bytes` begin with `start`. Compares the first and the last word, which may overlap. This is
/// enough for most names.
#[inline]
fn begins(bytes: &[u8], start: &[u8]) -> bool {
    let Some(bytes) = bytes.get(..start.len()) else { return false };
    if let (Some(first), Some(last)) = (start.first_chunk::<16>(), start.last_chunk::<16>()) {
        return bytes.first_chunk() == Some(first)
            && bytes.last_chunk() == Some(last)
            && (start.len() <= 32 || bytes[16..] == start[16..]);
    }
    match (start.first_chunk::<8>(), start.last_chunk::<8>()) {
        (Some(first), Some(last)) => bytes.first_chunk() == Some(first) && bytes.last_chunk() == Some(last),
        _ => bytes == start,
    }
}

impl fmt::Debug for Scanner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scanner(at byte {} of {})", self.cursor.at, self.cursor.text.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns `levels` nested containers, whose opening brackets repeat `pattern`.
    fn nested(pattern: &str, levels: u32) -> String {
        let opening: String = pattern.chars().cycle().take(levels as usize).collect();
        let mut text = String::new();
        for open in opening.chars() {
            // The `"x"` ensures that each level is left with the bracket type it was entered with.
            text.push_str(if open == '{' { "{\"x\":\"x\",\"a\":" } else { "[\"x\"," });
        }
        text.push_str("null");
        text.extend(opening.chars().rev().map(|open| if open == '{' { '}' } else { ']' }));
        text
    }

    fn pass(mut scanner: Scanner<'_>) -> Result<Value<'_>> {
        let value = scanner.value()?;
        scanner.end()?;
        Ok(value)
    }

    /// Enters `inwards` levels, reads the value there, and leaves the levels again.
    fn step(mut scanner: Scanner<'_>, inwards: u32) -> Result<()> {
        let mut objects = Vec::new();
        for _ in 0..inwards {
            let object = scanner.kind()? == Kind::Object;
            objects.push(object);
            if object {
                scanner.enter_object()?;
                scanner.name()?;
                scanner.value()?;
                scanner.name()?;
            } else {
                scanner.enter_array()?;
                scanner.item()?;
                scanner.value()?;
                scanner.item()?;
            }
        }
        scanner.value()?;
        while let Some(object) = objects.pop() {
            let more = if object { scanner.name()?.is_some() } else { scanner.item()? };
            assert!(!more);
        }
        scanner.end()
    }

    #[test]
    fn nesting_is_accepted_up_to_the_limit() {
        for pattern in ["{", "[", "{[", "[{{[", "[[{"] {
            let (deepest, deeper) = (nested(pattern, MAX_DEPTH), nested(pattern, MAX_DEPTH + 1));
            assert!(pass(Scanner::new(&deepest)).is_ok(), "{pattern}");
            let error = pass(Scanner::new(&deeper)).unwrap_err();
            assert_eq!(error.expected(), Expected::Shallower, "{pattern}");
            let innermost = deeper.len() - "null".len() - (MAX_DEPTH as usize + 1);
            assert!(
                error.at() < innermost && nested(pattern, MAX_DEPTH)[..error.at()] == deeper[..error.at()]
            );
        }
    }

    #[test]
    fn entered_levels_count_like_skipped_levels() {
        for pattern in ["{", "[", "[{"] {
            for inwards in [1, 2, 64, MAX_DEPTH - 1, MAX_DEPTH] {
                assert_eq!(
                    step(Scanner::new(&nested(pattern, MAX_DEPTH)), inwards),
                    Ok(()),
                    "{pattern} {inwards}"
                );
                let error = step(Scanner::new(&nested(pattern, MAX_DEPTH + 1)), inwards).unwrap_err();
                assert_eq!(error.expected(), Expected::Shallower, "{pattern} {inwards}");
            }
            let error = step(Scanner::new(&nested(pattern, MAX_DEPTH + 1)), MAX_DEPTH + 1).unwrap_err();
            assert_eq!(error.expected(), Expected::Shallower);
        }
    }

    #[test]
    fn sibling_levels_do_not_add_up() {
        let deep = nested("{[", MAX_DEPTH - 1);
        let text = format!("[{deep},{deep},[],{{}},{deep}]");
        assert!(pass(Scanner::new(&text)).is_ok());
        assert_eq!(step(Scanner::new(&format!("[{deep},{deep}]")), 0), Ok(()));
    }

    #[test]
    fn wrapper_is_not_counted_as_a_level() {
        let deepest = format!("{{\"user\":{}}}", nested("{[", MAX_DEPTH));
        let deeper = format!("{{\"user\":{}}}", nested("{[", MAX_DEPTH + 1));
        let passed = |text: &str| {
            let mut scanner = Scanner::in_wrapper(text)?;
            while scanner.name()?.is_some() {
                scanner.value()?;
            }
            scanner.end()
        };
        assert_eq!(passed(&deepest), Ok(()));
        assert_eq!(passed(&deeper).unwrap_err().expected(), Expected::Shallower);
    }

    #[test]
    fn debug_shows_only_the_cursor() {
        assert_eq!(format!("{:?}", Scanner::new("\"secret\"")), "Scanner(at byte 0 of 8)");
    }
}
