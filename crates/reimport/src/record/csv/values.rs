//! From a cell to a JSON value.

use std::borrow::Cow;

use super::cells::{Cell, undoubled};
use super::column::Holds;
use super::dialect::CsvDialect;
use crate::json::{Scanner, compact_into};
use crate::user::property::{Property, Type};

/// How the types of plain CSV are decided, which has no marks for them; it says nothing of Auth0's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CsvTypes {
    /// By the column: `email_verified`, `phone_verified`, `blocked` and the booleans of `identities` are booleans where
    /// a cell is `true` or `false` in any case; `logins_count` and the numbers of `custom_password_hash` are numbers
    /// where it is one. Everything else is text, also `42` and `true` in metadata, because nothing says it is not.
    #[default]
    Known,
    /// By the cell: `true` and `false` in any case are booleans, and what JSON takes for a number is one, in any column.
    /// `00042` and `+1` are none, and stay text.
    Infer,
}

/// How the cells of a column are read that have no apostrophe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As what they look like.
    Any,
    /// As a boolean, if they are one.
    Boolean,
    /// As a number, if they are one.
    Number,
    Text,
}

impl Reading {
    /// How a column that `holds` this is read.
    pub(super) fn of(holds: Holds, dialect: CsvDialect, types: CsvTypes) -> Self {
        if dialect == CsvDialect::Auth0 || types == CsvTypes::Infer {
            return Self::Any;
        }
        match holds {
            Holds::Boolean => Self::Boolean,
            Holds::Number => Self::Number,
            Holds::Date | Holds::Nested(_) | Holds::Anything => Self::Text,
        }
    }
}

/// Appends the value of a cell that is not empty.
pub(super) fn write(row: &str, cell: &Cell, reading: Reading, dialect: CsvDialect, out: &mut String) {
    let text = &row[cell.text.clone()];
    if dialect == CsvDialect::Auth0
        && let Some(text) = text.strip_prefix('\'')
    {
        return write_string(text, cell.doubled, out);
    }
    let boolean = matches!(reading, Reading::Any | Reading::Boolean);
    let number = matches!(reading, Reading::Any | Reading::Number);
    if boolean && is_boolean(text.as_bytes()) {
        out.push_str(if text.len() == 4 { "true" } else { "false" });
    } else if number && is_number(text.as_bytes()) {
        out.push_str(text);
    } else {
        write_string(text, cell.doubled, out);
    }
}

/// The object or array that a cell spells as JSON text, compact; nothing if `property` is the
/// other of the two.
pub(super) fn nested(row: &str, cell: &Cell, property: Property, dialect: CsvDialect) -> Option<String> {
    let opening = if property.is() == Type::Array { '[' } else { '{' };
    let text = row.get(cell.text.clone())?;
    let marked = dialect == CsvDialect::Auth0 && text.starts_with('\'');
    // Most texts that are not JSON are known by their first byte.
    if !text[usize::from(marked)..].trim_ascii_start().starts_with(opening) {
        return None;
    }
    let text = if cell.doubled {
        Cow::Owned(String::from_utf8(undoubled(row.as_bytes(), cell)).ok()?)
    } else {
        Cow::Borrowed(text)
    };
    let text = &text[usize::from(marked)..];
    let mut scanner = Scanner::new(text);
    scanner.value().and_then(|_| scanner.end()).ok()?;
    let mut compact = Vec::with_capacity(text.len());
    compact_into(text, &mut compact);
    String::from_utf8(compact).ok()
}

/// Whether a text is `true` or `false`, in any case.
pub(super) fn is_boolean(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"false")
}

/// Whether a text is a number by JSON's grammar.
pub(super) fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let mut rest = match text {
        [b'0', rest @ ..] => rest,
        [b'1'..=b'9', ..] => &text[digits(text)..],
        _ => return false,
    };
    if let [b'.', fraction @ ..] = rest {
        rest = &fraction[digits(fraction)..];
        if rest.len() == fraction.len() {
            return false;
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = match exponent {
            [b'+' | b'-', exponent @ ..] => exponent,
            _ => exponent,
        };
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}

/// Appends a JSON string; where quotes are doubled, one of two is left out.
fn write_string(text: &str, doubled: bool, out: &mut String) {
    out.push('"');
    let mut rest = text;
    while let Some(at) = rest.bytes().position(|byte| STOPS[usize::from(byte)]) {
        out.push_str(&rest[..at]);
        let mut width = 1;
        match rest.as_bytes()[at] {
            b'"' => {
                out.push_str("\\\"");
                width += usize::from(doubled);
            }
            b'\\' => out.push_str("\\\\"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            b'\t' => out.push_str("\\t"),
            8 => out.push_str("\\b"),
            12 => out.push_str("\\f"),
            control => {
                const DIGITS: &[u8; 16] = b"0123456789abcdef";
                out.push_str("\\u00");
                out.push(char::from(DIGITS[usize::from(control >> 4)]));
                out.push(char::from(DIGITS[usize::from(control & 15)]));
            }
        }
        // A doubled quote never stands at the very end alone, but a slice must not depend on that.
        rest = rest.get(at + width..).unwrap_or("");
    }
    out.push_str(rest);
    out.push('"');
}

/// The bytes that a JSON string holds only as escapes.
const STOPS: [bool; 256] = {
    let mut stops = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        stops[byte] = true;
        byte += 1;
    }
    stops[b'"' as usize] = true;
    stops[b'\\' as usize] = true;
    stops
};
