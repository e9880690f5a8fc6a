//! The scanner: a cursor that passes whole values, or steps into them.

use std::fmt;

use super::error::{Expected, SyntaxError};
use super::string;
use super::value::{Kind, Name, Value};

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
    text: &'a str,
    at: usize,
    /// How many levels deeper it may still go.
    room: u32,
    /// Just stepped into a container: no comma is due.
    fresh: bool,
    /// White space seen between tokens.
    spaces: usize,
    lone_surrogates: u32,
}

type Result<T> = std::result::Result<T, SyntaxError>;

/// Who looks at the names inside a value that is passed whole; offsets, so that nobody looking costs nothing.
trait SeeNames<'a> {
    fn see(&mut self, text: &'a str, start: usize, end: usize, escaped: bool, depth: u32);
}

struct Unseen;

impl SeeNames<'_> for Unseen {
    #[inline]
    fn see(&mut self, _: &str, _: usize, _: usize, _: bool, _: u32) {}
}

struct Each<F>(F);

impl<'a, F: FnMut(Name<'a>, u32)> SeeNames<'a> for Each<F> {
    #[inline]
    fn see(&mut self, text: &'a str, start: usize, end: usize, escaped: bool, depth: u32) {
        (self.0)(Name { raw: &text[start..end], escaped }, depth);
    }
}

impl<'a> Scanner<'a> {
    /// A cursor before the first token of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, room: MAX_DEPTH, fresh: false, spaces: 0, lone_surrogates: 0 }
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
        self.at
    }

    /// How many bytes of white space between tokens have been passed so far.
    ///
    /// Two readings around a value tell whether it has any inside.
    pub fn spaces(&self) -> usize {
        self.spaces
    }

    /// How many escaped surrogates without a partner have been passed so far.
    pub fn lone_surrogates(&self) -> u32 {
        self.lone_surrogates
    }

    /// The text between two offsets that [`offset`](Self::offset) gave.
    ///
    /// # Panics
    /// Where they are no such offsets.
    pub fn slice(&self, start: usize, end: usize) -> &'a str {
        &self.text[start..end]
    }

    /// What the next value is, without passing it.
    ///
    /// # Errors
    /// Where no value begins.
    #[inline]
    pub fn kind(&mut self) -> Result<Kind> {
        self.space();
        match self.peek() {
            Some(b'{') => Ok(Kind::Object),
            Some(b'[') => Ok(Kind::Array),
            Some(b'"') => Ok(Kind::String),
            Some(b'-' | b'0'..=b'9') => Ok(Kind::Number),
            Some(b't' | b'f') => Ok(Kind::Boolean),
            Some(b'n') => Ok(Kind::Null),
            _ => Err(self.error(Expected::Value)),
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
        self.space();
        if self.peek() != Some(bracket) {
            return Err(self.error(expected));
        }
        if self.room == 0 {
            return Err(self.error(Expected::Shallower));
        }
        self.at += 1;
        self.room -= 1;
        self.fresh = true;
        Ok(())
    }

    fn leave(&mut self) {
        self.at += 1;
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
        self.space();
        let fresh = std::mem::take(&mut self.fresh);
        match self.peek() {
            Some(b'}') => {
                self.leave();
                return Ok(None);
            }
            Some(b'"') if fresh => {}
            _ if fresh => return Err(self.error(Expected::NameOrEnd)),
            Some(b',') => {
                self.at += 1;
                self.space();
                if self.peek() != Some(b'"') {
                    return Err(self.error(Expected::Name));
                }
            }
            _ => return Err(self.error(Expected::CommaOrBrace)),
        }
        let start = self.at + 1;
        let escaped = self.string()?;
        let raw = &self.text[start..self.at - 1];
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.error(Expected::Colon));
        }
        self.at += 1;
        Ok(Some(Name { raw, escaped }))
    }

    /// Passes the next name, where `quoted` is exactly how it stands there: quotes, name, colon, without white space.
    /// Where it is not, nothing happens, and [`name`](Self::name) finds out what is.
    ///
    /// A good guess costs less than reading the name.
    #[inline]
    pub(crate) fn guess_name(&mut self, quoted: &str) -> bool {
        let start = self.at + usize::from(!self.fresh);
        let end = start + quoted.len();
        let bytes = self.text.as_bytes();
        let guessed = (self.fresh || self.peek() == Some(b','))
            && bytes.get(start..end).is_some_and(|found| found == quoted.as_bytes());
        if guessed {
            self.at = end;
            self.fresh = false;
        }
        guessed
    }

    /// Whether the array stepped into has another item, which then is the next value; at its end the array is left.
    ///
    /// # Errors
    /// Where neither follows.
    #[inline]
    pub fn item(&mut self) -> Result<bool> {
        self.space();
        let fresh = std::mem::take(&mut self.fresh);
        match self.peek() {
            Some(b']') => {
                self.leave();
                Ok(false)
            }
            _ if fresh => Ok(true),
            Some(b',') => {
                self.at += 1;
                Ok(true)
            }
            _ => Err(self.error(Expected::CommaOrBracket)),
        }
    }

    /// Passes the next value whole.
    ///
    /// # Errors
    /// Where it is not valid to its end, or nests too deep.
    #[inline]
    pub fn value(&mut self) -> Result<Value<'a>> {
        self.value_seen_by(&mut Unseen)
    }

    /// Passes the next value whole, and shows every name in it, at any depth, in the order of the text.
    ///
    /// The number beside a name is how deep its object lies in this value: 1 for the value itself. Names before an
    /// error have been shown.
    ///
    /// ```
    /// let mut seen = Vec::new();
    /// let mut scanner = reimport::json::Scanner::new(r#"{"a":[{"b":1}],"c":2}"#);
    /// scanner.value_with_names(|name, depth| seen.push((name.raw(), depth)))?;
    /// assert_eq!(seen, [("a", 1), ("b", 3), ("c", 1)]);
    /// # Ok::<(), reimport::json::SyntaxError>(())
    /// ```
    ///
    /// # Errors
    /// Where it is not valid to its end, or nests too deep.
    pub fn value_with_names(&mut self, see: impl FnMut(Name<'a>, u32)) -> Result<Value<'a>> {
        self.value_seen_by(&mut Each(see))
    }

    #[inline]
    fn value_seen_by(&mut self, names: &mut impl SeeNames<'a>) -> Result<Value<'a>> {
        let kind = self.kind()?;
        let (start, spaces) = (self.at, self.spaces);
        let mut escaped = false;
        match kind {
            Kind::String => escaped = self.string()?,
            Kind::Object | Kind::Array => self.container(names)?,
            _ => self.scalar()?,
        }
        Ok(Value { text: &self.text[start..self.at], kind, escaped, spaced: self.spaces != spaces })
    }

    /// The value just left, which was stepped into at offset `start` after `spaces` bytes of white space.
    ///
    /// # Panics
    /// Where `start` is no offset that [`offset`](Self::offset) gave before this value.
    pub fn value_since(&self, start: usize, spaces: usize) -> Value<'a> {
        let text = &self.text[start..self.at];
        let trimmed = text.trim_ascii_start();
        let kind = if trimmed.starts_with('[') { Kind::Array } else { Kind::Object };
        let lead = text.len() - trimmed.len();
        Value { text: trimmed, kind, escaped: false, spaced: self.spaces != spaces + lead }
    }

    /// Passes the white space after the last value, and demands that nothing else follows.
    ///
    /// # Errors
    /// Where something does.
    pub fn end(&mut self) -> Result<()> {
        self.space();
        if self.at == self.text.len() { Ok(()) } else { Err(self.error(Expected::End)) }
    }

    /// Passes the object or array ahead, without recursion: one bit a level says which closes next.
    fn container(&mut self, names: &mut impl SeeNames<'a>) -> Result<()> {
        let outside = self.room;
        let mut objects: u128 = 0;
        loop {
            // A value is due, and `self.at` stands on its first byte.
            match self.peek() {
                Some(open @ (b'{' | b'[')) => {
                    if self.room == 0 {
                        return Err(self.error(Expected::Shallower));
                    }
                    self.at += 1;
                    self.room -= 1;
                    objects = objects << 1 | u128::from(open == b'{');
                    self.space();
                    match (open, self.peek()) {
                        (b'{', Some(b'}')) | (b'[', Some(b']')) => {}
                        (b'{', Some(b'"')) => {
                            self.member_name(outside, names)?;
                            continue;
                        }
                        (b'{', _) => return Err(self.error(Expected::NameOrEnd)),
                        _ => continue,
                    }
                }
                Some(b'"') => {
                    self.nested_string()?;
                    self.space();
                }
                _ => {
                    self.scalar()?;
                    self.space();
                }
            }
            // A value has ended: close what closes, until a comma asks for the next one.
            loop {
                let object = objects & 1 == 1;
                match (self.peek(), object) {
                    (Some(b','), true) => {
                        self.at += 1;
                        self.space();
                        if self.peek() != Some(b'"') {
                            return Err(self.error(Expected::Name));
                        }
                        self.member_name(outside, names)?;
                        break;
                    }
                    (Some(b','), false) => {
                        self.at += 1;
                        self.space();
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.at += 1;
                        self.room += 1;
                        objects >>= 1;
                        if self.room == outside {
                            return Ok(());
                        }
                        self.space();
                    }
                    (_, true) => return Err(self.error(Expected::CommaOrBrace)),
                    (_, false) => return Err(self.error(Expected::CommaOrBracket)),
                }
            }
        }
    }

    /// Passes a name, its colon and the space after it.
    #[inline]
    fn member_name(&mut self, outside: u32, names: &mut impl SeeNames<'a>) -> Result<()> {
        let start = self.at + 1;
        let escaped = self.nested_string()?;
        names.see(self.text, start, self.at - 1, escaped, outside - self.room);
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.error(Expected::Colon));
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    /// Passes the string whose opening quote the cursor stands at, and tells whether it has an escape.
    #[expect(
        clippy::inline_always,
        reason = "most strings are passed here: the call costs 6 % of all reading"
    )]
    #[inline(always)]
    fn string(&mut self) -> Result<bool> {
        let at = string::plain_run(self.text.as_bytes(), self.at + 1);
        if self.text.as_bytes().get(at) == Some(&b'"') {
            self.at = at + 1;
            return Ok(false);
        }
        self.string_rest(at)
    }

    /// The same for [`container`](Self::container), which inlined would be too big for its registers.
    #[inline(never)]
    fn nested_string(&mut self) -> Result<bool> {
        self.string()
    }

    /// Passes the rest of a string, from `at`, where it has an escape or is broken, and tells whether it has an escape.
    #[inline(never)]
    fn string_rest(&mut self, at: usize) -> Result<bool> {
        let scanned = string::scan_rest(self.text, at)?;
        self.at = scanned.end;
        self.lone_surrogates += scanned.lone_surrogates;
        Ok(scanned.escaped)
    }

    /// Passes a number or a literal.
    fn scalar(&mut self) -> Result<()> {
        match self.peek() {
            Some(b't') => self.literal("true"),
            Some(b'f') => self.literal("false"),
            Some(b'n') => self.literal("null"),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ => Err(self.error(Expected::Value)),
        }
    }

    fn literal(&mut self, literal: &str) -> Result<()> {
        if !self.text.as_bytes()[self.at..].starts_with(literal.as_bytes()) {
            return Err(self.error(Expected::Literal));
        }
        self.at += literal.len();
        Ok(())
    }

    fn number(&mut self) -> Result<()> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// Passes at least one digit.
    fn digits(&mut self) -> Result<()> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.error(Expected::Digit));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        // Exports are compact: the first look nearly always ends it.
        if !matches!(self.peek(), Some(b'!'..)) {
            self.pass_space();
        }
    }

    fn pass_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
            self.spaces += 1;
        }
    }

    #[cold]
    fn error(&self, expected: Expected) -> SyntaxError {
        SyntaxError::new(self.text, self.at, expected)
    }
}

impl fmt::Debug for Scanner<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scanner(at byte {} of {})", self.at, self.text.len())
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
