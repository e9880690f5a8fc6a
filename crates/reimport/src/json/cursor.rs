//! The tokens of a text, one after the other: what [`Scanner`](super::Scanner) and its loops stand on.
//!
//! A cursor is copied into a loop, moved on there, and copied back. Nothing that is not inlined ever borrows it, so
//! that it stays in registers; what is too big to be inlined takes the text and an offset, and answers with an offset.

use super::error::Expected;
use super::value::Kind;

#[derive(Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    /// White space seen between tokens.
    pub(super) spaces: usize,
}

/// Where a token is broken, and what would have been right there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wrong {
    pub(super) at: usize,
    pub(super) expected: Expected,
}

impl<'a> Cursor<'a> {
    #[inline]
    pub(super) fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The byte the cursor stands at; 0 at the end, which like a NUL begins no token.
    #[inline]
    pub(super) fn byte(&self) -> u8 {
        self.bytes().get(self.at).copied().unwrap_or(0)
    }

    /// Whether the cursor stands at these two bytes: in compact text they end most tokens and begin the next.
    #[inline]
    pub(super) fn at_both(&self, two: [u8; 2]) -> bool {
        self.bytes().get(self.at..).and_then(<[u8]>::first_chunk) == Some(&two)
    }

    /// Passes white space, and looks at the first byte of the next token; 0 at the end.
    #[inline]
    pub(super) fn token(&mut self) -> u8 {
        let byte = self.byte();
        // Exports are compact: the first look nearly always ends it.
        if byte > b' ' {
            return byte;
        }
        let after = after_space(self.bytes(), self.at);
        self.spaces += after - self.at;
        self.at = after;
        self.byte()
    }

    /// Passes the number or literal that begins with `byte`, the one the cursor stands at.
    #[inline]
    pub(super) fn scalar(&mut self, byte: u8) -> Result<Kind, Wrong> {
        let rest = self.bytes().get(self.at..).unwrap_or_default();
        let (length, kind) = match byte {
            b't' if rest.starts_with(b"true") => (4, Kind::Boolean),
            b'f' if rest.starts_with(b"false") => (5, Kind::Boolean),
            b'n' if rest.starts_with(b"null") => (4, Kind::Null),
            b't' | b'f' | b'n' => return Err(Wrong { at: self.at, expected: Expected::Literal }),
            b'-' | b'0'..=b'9' => {
                self.at = number_end(self.bytes(), self.at)
                    .map_err(|at| Wrong { at, expected: Expected::Digit })?;
                return Ok(Kind::Number);
            }
            _ => return Err(Wrong { at: self.at, expected: Expected::Value }),
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

/// The end of the number that begins at `at`, or the place where a digit is missing.
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

/// The end of at least one digit, or its place where there is none.
#[inline]
fn digits_end(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at == start { Err(at) } else { Ok(at) }
}
