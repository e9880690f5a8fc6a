//! Converts cells to JSON values.

use std::borrow::Cow;
use std::ops::Range;

use super::cells::{Cell, undoubled};
use super::column::ColumnKind;
use super::dialect::CsvDialect;
use crate::json::{MAX_DEPTH, Scanner, compact_into, plain_run};
use crate::user::property::{Property, Type};

/// How types are determined in plain CSV, which has no marks for them. Has no effect in Auth0's dialect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CsvTypes {
    /// By the column. `email_verified`, `phone_verified`, `blocked` and the booleans of `identities` are booleans
    /// if the cell is `true` or `false`, in any case. `logins_count` and the numbers of `custom_password_hash` are
    /// numbers if the cell is a number. All other cells are strings, also `42` and `true` in metadata, because
    /// nothing shows that they are not.
    #[default]
    Known,
    /// By the cell. In any column, `true` and `false` in any case are booleans, and valid JSON numbers are
    /// numbers. `00042` and `+1` are not valid JSON numbers, so they are strings.
    Infer,
}

/// How the cells without an apostrophe are read, for one column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// As a boolean, a number or a string, depending on the cell.
    Any,
    /// As a boolean if the cell is one, otherwise as a string.
    Boolean,
    /// As a number if the cell is one, otherwise as a string.
    Number,
    Text,
}

impl Reading {
    /// Returns how a column with this kind of values is read.
    pub(super) fn of(kind: ColumnKind, dialect: CsvDialect, types: CsvTypes) -> Self {
        if dialect == CsvDialect::Auth0 || types == CsvTypes::Infer {
            return Self::Any;
        }
        match kind {
            ColumnKind::Boolean => Self::Boolean,
            ColumnKind::Number => Self::Number,
            ColumnKind::Date | ColumnKind::Nested(_) | ColumnKind::Anything => Self::Text,
        }
    }
}

/// Appends the value of a cell that is not empty.
pub(super) fn write(row: &str, cell: &Cell, reading: Reading, dialect: CsvDialect, out: &mut String) {
    let text = &row[cell.text.clone()];
    if dialect == CsvDialect::Auth0 && text.starts_with('\'') {
        return write_string(row, cell.text.start + 1..cell.text.end, cell.doubled, out);
    }
    let boolean = matches!(reading, Reading::Any | Reading::Boolean);
    let number = matches!(reading, Reading::Any | Reading::Number);
    if boolean && is_boolean(text.as_bytes()) {
        out.push_str(if text.len() == 4 { "true" } else { "false" });
    } else if number && is_number(text.as_bytes()) {
        out.push_str(text);
    } else {
        write_string(row, cell.text.clone(), cell.doubled, out);
    }
}

/// Parses the JSON text in a cell. Returns the object or array without white space between tokens. Returns `None`
/// if the cell is not the one of the two that `property` requires.
pub(super) fn nested(row: &str, cell: &Cell, property: Property, dialect: CsvDialect) -> Option<String> {
    let opening = if property.is() == Type::Array { '[' } else { '{' };
    let text = row.get(cell.text.clone())?;
    let marked = dialect == CsvDialect::Auth0 && text.starts_with('\'');
    // Most text that is not JSON is detected by its first byte.
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

/// Returns `true` if the cell may be JSON text that makes a record nested too deeply.
pub(super) fn may_be_deep(text: &[u8]) -> bool {
    let openings = || memchr::memchr2_iter(b'{', b'[', text).take(MAX_DEPTH as usize).count();
    text.len() > 2 * MAX_DEPTH as usize && openings() == MAX_DEPTH as usize
}

/// Returns `true` if the text is `true` or `false`, in any case.
pub(super) fn is_boolean(text: &[u8]) -> bool {
    text.eq_ignore_ascii_case(b"true") || text.eq_ignore_ascii_case(b"false")
}

/// Returns `true` if the text is a number according to the JSON grammar.
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

/// Appends the text at `range` of the row as a JSON string. If `doubled` is set, writes one quote for each two in it.
fn write_string(row: &str, range: Range<usize>, doubled: bool, out: &mut String) {
    out.push('"');
    // Bytes are compared sixteen at a time. A few of the bytes after the cell complete its last sixteen.
    let bytes = &row.as_bytes()[..row.len().min(range.end + 16)];
    let mut from = range.start;
    loop {
        let at = plain_run(bytes, from).min(range.end);
        out.push_str(row.get(from..at).unwrap_or_default());
        if at == range.end {
            break;
        }
        from = at + 1;
        match bytes[at] {
            b'"' => {
                out.push_str("\\\"");
                // A doubled quote is always complete, but this must not panic if it is not.
                from = (from + usize::from(doubled)).min(range.end);
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
    }
    out.push('"');
}
