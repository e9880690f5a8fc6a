//! Reading an object or array completely, in one loop without recursion. The state stays in registers.

use super::cursor::{Cursor, InvalidToken};
use super::error::Expected;
use super::scanner::{Broken, Scanner};
use super::string;

/// Visits the member names inside a value that is read as a whole. Gets offsets instead of names, so that the no-op
/// visitor costs nothing.
pub(crate) trait NameVisitor<'a> {
    fn visit(&mut self, text: &'a str, start: usize, end: usize, escaped: bool, depth: u32);
}

/// The no-op visitor.
pub(super) struct NoVisitor;

impl NameVisitor<'_> for NoVisitor {
    #[inline]
    fn visit(&mut self, _: &str, _: usize, _: usize, _: bool, _: u32) {}
}

impl<'a> Scanner<'a> {
    /// Reads the object or array whose opening bracket is at the cursor.
    #[inline(never)]
    pub(super) fn container(&mut self, names: &mut impl NameVisitor<'a>) -> Result<(), Broken> {
        let mut cursor = self.cursor;
        let outside = self.room;
        let mut room = outside;
        // Whether the innermost container is an object, and one bit for each container around it.
        let (mut object, mut around) = (false, 0_u128);
        loop {
            // The cursor is at the first byte of a member or an item, or of the outermost value itself.
            if object {
                let start = cursor.at + 1;
                let escaped = self.string(&mut cursor)?;
                names.visit(cursor.text, start, cursor.at - 1, escaped, outside - room);
                if cursor.at_both(*b":\"") {
                    cursor.at += 1;
                } else {
                    if cursor.token() != b':' {
                        return Err(self.broken(cursor.at, Expected::Colon));
                    }
                    cursor.at += 1;
                    cursor.token();
                }
            }
            let byte = cursor.byte();
            if byte == b'"' {
                self.string(&mut cursor)?;
                // The next token is a string too, so it can be read directly, in an object and in an array.
                if cursor.at_both(*b",\"") {
                    cursor.at += 1;
                    continue;
                }
            } else if byte == b'{' || byte == b'[' {
                if room == 0 {
                    return Err(self.broken(cursor.at, Expected::Shallower));
                }
                cursor.at += 1;
                room -= 1;
                around = around << 1 | u128::from(object);
                object = byte == b'{';
                match (object, cursor.token()) {
                    (true, b'}') | (false, b']') => {}
                    (true, b'"') | (false, _) => continue,
                    (true, _) => return Err(self.broken(cursor.at, Expected::NameOrEnd)),
                }
            } else if let Err(InvalidToken { at, expected }) = cursor.scalar(byte) {
                return Err(self.broken(at, expected));
            }
            // A value has ended. Close containers until a comma announces the next value.
            loop {
                let byte = cursor.token();
                if byte == b',' {
                    cursor.at += 1;
                    if cursor.token() != b'"' && object {
                        return Err(self.broken(cursor.at, Expected::Name));
                    }
                    break;
                }
                if byte != if object { b'}' } else { b']' } {
                    let expected = if object { Expected::CommaOrBrace } else { Expected::CommaOrBracket };
                    return Err(self.broken(cursor.at, expected));
                }
                cursor.at += 1;
                room += 1;
                if room == outside {
                    self.cursor = cursor;
                    return Ok(());
                }
                object = around & 1 == 1;
                around >>= 1;
            }
        }
    }

    /// Reads the string whose opening quote is at `cursor`. Returns `true` if it has an escape.
    #[expect(clippy::inline_always, reason = "reads most of a record, a few bytes per call")]
    #[inline(always)]
    pub(super) fn string(&mut self, cursor: &mut Cursor<'a>) -> Result<bool, Broken> {
        match string::plain_end(cursor.bytes(), cursor.at + 1) {
            Ok(quote) => {
                cursor.at = quote + 1;
                Ok(false)
            }
            Err(from) => {
                let rest = self.string_rest(from)?;
                cursor.at = rest.end;
                Ok(rest.escaped)
            }
        }
    }
}
