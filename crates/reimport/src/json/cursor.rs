//! Reading tokens of JSON text one by one: the base of [`Scanner`](super::Scanner) and its loops.
//!
//! A loop copies the cursor, advances the copy, and copies it back. No function that is not inlined borrows a
//! cursor, so that it stays in registers. Functions too large to be inlined take the text and an offset, and
//! return an offset.

use super::error::Expected;
use super::value::Kind;

#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// The number of bytes of white space read between tokens.
    pub(super) spaces: usize,
}

/// The offset of an invalid token, and what was expected there.
#[derive(Debug, Clone, Copy)]
pub(super) struct InvalidToken {
    pub(super) at: usize,
    pub(super) expected: Expected,
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// Returns the byte at the cursor, or 0 at the end of the text. Like a NUL byte, 0 does not begin a token.
    #[inline]
    pub(super) fn byte(&self) -> u8 {
        self.bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Returns `true` if these two bytes are at the cursor. In compact text, two bytes usually end one token and
    /// begin the next.
    #[inline]
    pub(super) fn at_both(&self, two: [u8; 2]) -> bool {
        self.bytes().get(self.at..).and_then(<[u8]>::first_chunk) == Some(&two)
    }

    /// Skips white space and returns the first byte of the next token, or 0 at the end.
    #[inline]
    pub(super) fn token(&mut self) -> u8 {
        let byte = self.byte();
        // Exports are compact, so this check nearly always succeeds.
        if byte > b' ' {
            return byte;
        }
        let after = after_space(self.bytes(), self.at);
        self.spaces += after - self.at;
        self.at = after;
        self.byte()
    }

    /// Reads the number or literal at the cursor. `byte` is its first byte.
    #[inline]
    pub(super) fn scalar(&mut self, byte: u8) -> Result<Kind, InvalidToken> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        let (length, kind) = match byte {
            b't' if rest.starts_with(b"true") => (4, Kind::Boolean),
            b'f' if rest.starts_with(b"false") => (5, Kind::Boolean),
            b'n' if rest.starts_with(b"null") => (4, Kind::Null),
            b't' | b'f' | b'n' => return Err(InvalidToken { at: self.at, expected: Expected::Literal }),
            b'-' | b'0'..=b'9' => {
                self.at = number_end(self.bytes(), self.at)
                    .map_err(|at| InvalidToken { at, expected: Expected::Digit })?;
                return Ok(Kind::Number);
            }
            _ => return Err(InvalidToken { at: self.at, expected: Expected::Value }),
        };
        self.at += length;
        Ok(kind)
    }
}

#[inline(never)]
fn after_space(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\t' | b'\n' | b'\r') = bytes.get(at) {
        at += 1;
    }
    at
}

/// Returns the end of the number that begins at `at`, or the offset at which a digit is missing.
#[inline(never)]
fn number_end(bytes: &[u8], mut at: usize) -> Result<usize, usize> {
    at += usize::from(bytes.get(at) == Some(&b'-'));
    at = if bytes.get(at) == Some(&b'0') { at + 1 } else { digits_end(bytes, at)? };
    if bytes.get(at) == Some(&b'.') {
        at = digits_end(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        at += usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
        at = digits_end(bytes, at)?;
    }
    Ok(at)
}

/// Returns the end of a run of at least one digit, or `start` as the error if there is none.
#[inline]
fn digits_end(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at == start { Err(at) } else { Ok(at) }
}
