//! The scanner: a cursor that passes whole values, or steps into them.

use std::fmt;

use super::container::{SeeNames, Unseen};
use super::cursor::{Cursor, Wrong};
use super::error::{Expected, SyntaxError};
use super::string::{self, Scanned};
use super::value::{Kind, Name, Span, Value};

/// The deepest nesting accepted; the outermost braces count as 1.
pub const MAX_DEPTH: u32 = 128;

/// A validating cursor over one JSON text.
///
/// [`value`](Self::value) passes a whole value; [`enter_object`](Self::enter_object) and
/// [`enter_array`](Self::enter_array) step into one, after which [`name`](Self::name) or [`item`](Self::item) walk its
/// members until they answer that it is over, which steps out again. After an error every further call is unspecified,
/// but does not panic. `Debug` shows the cursor, no text.
#[derive(Clone)]
pub struct Scanner<'a> {
    pub(super) cursor: Cursor<'a>,
    /// How many levels deeper it may still go.
    pub(super) room: u32,
    /// Just stepped into a container: no comma is due.
    fresh: bool,
    lone_surrogates: u32,
    /// What is wrong at the cursor, once something is.
    expected: Expected,
}

/// Something is wrong, and the scanner has noted what: an error that needs no memory on its way up.
pub(super) struct Broken;

type Result<T, E = SyntaxError> = std::result::Result<T, E>;

impl<'a> Scanner<'a> {
    /// A cursor before the first token of `text`.
    pub fn new(text: &'a str) -> Self {
        Self {
            cursor: Cursor { text, at: 0, spaces: 0 },
            room: MAX_DEPTH,
            fresh: false,
            lone_surrogates: 0,
            expected: Expected::Value,
        }
    }

    /// A cursor inside the object that `text` is, whose members may nest as deep as if each stood alone.
    ///
    /// # Errors
    /// Where `text` begins with no object.
    pub(crate) fn in_wrapper(text: &'a str) -> Result<Self> {
        let mut scanner = Self::new(text);
        scanner.enter_object()?;
        scanner.room += 1;
        Ok(scanner)
    }

    /// The byte of the text the cursor stands at, from 0.
    pub fn offset(&self) -> usize {
        self.cursor.at
    }

    /// How many bytes of white space between tokens have been passed so far.
    ///
    /// Two readings around a value tell whether it has any inside.
    pub fn spaces(&self) -> usize {
        self.cursor.spaces
    }

    /// How many escaped surrogates without a partner have been passed so far.
    pub fn lone_surrogates(&self) -> u32 {
        self.lone_surrogates
    }

    /// All of the text.
    pub(crate) fn text(&self) -> &'a str {
        self.cursor.text
    }

    /// What the next value is, without passing it.
    ///
    /// # Errors
    /// Where no value begins.
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

    /// Steps into the object ahead.
    ///
    /// # Errors
    /// Where the next value is no object, or lies too deep.
    #[inline]
    pub fn enter_object(&mut self) -> Result<()> {
        self.enter(b'{', Expected::Object)
    }

    /// Steps into the array ahead.
    ///
    /// # Errors
    /// Where the next value is no array, or lies too deep.
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
        // After an error there may be more ends than beginnings.
        self.room = self.room.saturating_add(1);
        self.fresh = false;
    }

    /// The next name in the object stepped into, past its colon; `None` at the end of the object, which is left.
    ///
    /// # Errors
    /// Where neither follows.
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

    /// Passes the next name, where `following` is exactly how it stands there after another member: comma, quotes,
    /// name, colon, without white space; as the first member it needs no comma. Where it is not, nothing happens, and
    /// [`name`](Self::name) finds out what is.
    ///
    /// A good guess costs less than reading the name.
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

    /// The same, and the name where it was right.
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

    /// Steps out of the object where it ends right here, without white space. Where it does not, nothing happens.
    #[inline]
    pub(crate) fn guess_end(&mut self) -> bool {
        let ends = self.cursor.byte() == b'}';
        if ends {
            self.leave();
        }
        ends
    }

    /// Whether the array stepped into has another item, which then is the next value; at its end the array is left.
    ///
    /// # Errors
    /// Where neither follows.
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

    /// Passes the next value whole.
    ///
    /// # Errors
    /// Where it is not valid to its end, or nests too deep.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>> {
        self.value_seen_by(&mut Unseen)
    }

    /// Passes the next value whole, and shows each name in it, at any depth, in the order of the text.
    #[inline]
    pub(crate) fn value_seen_by(&mut self, names: &mut impl SeeNames<'a>) -> Result<Value<'a>> {
        let text = self.cursor.text;
        Ok(self.span_seen_by(names)?.of(text))
    }

    /// Passes the next value whole, and only says where it was.
    #[expect(clippy::inline_always, reason = "most values are strings, for which a call costs as much")]
    #[inline(always)]
    pub(crate) fn span(&mut self) -> Result<Span> {
        self.span_seen_by(&mut Unseen)
    }

    /// The same with any who [`SeeNames`].
    #[expect(clippy::inline_always, reason = "most values are strings, for which a call costs as much")]
    #[inline(always)]
    pub(crate) fn span_seen_by(&mut self, names: &mut impl SeeNames<'a>) -> Result<Span> {
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

    /// Passes the value that begins with `byte`, which is no quote.
    #[inline(never)]
    fn pass_other(&mut self, byte: u8, names: &mut impl SeeNames<'a>) -> Result<Kind, Broken> {
        if byte == b'{' || byte == b'[' {
            self.container(names)?;
            return Ok(if byte == b'{' { Kind::Object } else { Kind::Array });
        }
        self.cursor.scalar(byte).map_err(|Wrong { at, expected }| self.broken(at, expected))
    }

    /// Passes the white space after the last value, and demands that nothing else follows.
    ///
    /// # Errors
    /// Where something does.
    pub fn end(&mut self) -> Result<()> {
        self.cursor.token();
        if self.cursor.at == self.cursor.text.len() { Ok(()) } else { Err(self.wrong(Expected::End)) }
    }

    /// Passes what [`string::plain_end`] leaves of a string, from `at`.
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

    /// Notes what is wrong, and where; the cursor stops there.
    #[cold]
    pub(super) fn broken(&mut self, at: usize, expected: Expected) -> Broken {
        self.cursor.at = at;
        self.expected = expected;
        Broken
    }

    /// Something else is expected where the cursor stands.
    #[cold]
    fn wrong(&self, expected: Expected) -> SyntaxError {
        SyntaxError::new(self.cursor.text, self.cursor.at, expected)
    }

    /// What was noted.
    #[cold]
    fn error(&self, _: Broken) -> SyntaxError {
        SyntaxError::new(self.cursor.text, self.cursor.at, self.expected)
    }
}

/// Whether `bytes` begin with `start`: by its first and last word, which may overlap, and are enough for most names.
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

    /// `levels` containers in each other, opened as `pattern` says over and over.
    fn nested(pattern: &str, levels: u32) -> String {
        let opening: String = pattern.chars().cycle().take(levels as usize).collect();
        let mut text = String::new();
        for open in opening.chars() {
            // The `"x"` makes sure that a level is left as what it was entered as.
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

    /// Steps `inwards` levels in, then passes what is there, and steps out again.
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
    fn nesting_is_accepted_to_the_limit_and_refused_beyond_it() {
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
    fn levels_stepped_into_count_like_levels_passed() {
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
    fn levels_beside_each_other_do_not_add_up() {
        let deep = nested("{[", MAX_DEPTH - 1);
        let text = format!("[{deep},{deep},[],{{}},{deep}]");
        assert!(pass(Scanner::new(&text)).is_ok());
        assert_eq!(step(Scanner::new(&format!("[{deep},{deep}]")), 0), Ok(()));
    }

    #[test]
    fn a_wrapper_is_not_counted() {
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
    fn debug_shows_the_cursor_only() {
        assert_eq!(format!("{:?}", Scanner::new("\"secret\"")), "Scanner(at byte 0 of 8)");
    }
}
