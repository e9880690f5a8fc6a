//! Renders a row as one CSV line without its line end, or as one flat, compact JSON object.
//!
//! CSV: strings are decoded, numbers and booleans are copied as written, objects and arrays are compact JSON, missing and
//! `null` are empty.
//!
//! JSON: missing cells are left out, `null` is kept, values are copied as written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::field::Encoding;
use crate::csv_row::{Quotes, RowWriter, runs_as_formula};
use crate::json::{Kind, Value, compact_into, decode_into, escape_into};
use crate::run::{CsvDelimiter, CsvEscape, CsvFormat};

/// What was found in a cell while it was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct CellFacts {
    /// The cell is a string that a spreadsheet would run as a formula if it were not escaped.
    pub(super) formula: bool,
    /// The string has a surrogate without its pair. CSV cannot represent it.
    pub(super) lone_surrogate: bool,
}

/// Writes the CSV cells of one line after another. Reuses its buffers.
#[derive(Debug)]
pub(super) struct CsvCells {
    row: RowWriter,
    decoded: String,
    compact: Vec<u8>,
    encoded: Vec<u8>,
}

impl CsvCells {
    pub(super) fn new(delimiter: CsvDelimiter) -> Self {
        Self {
            row: RowWriter::new(delimiter),
            decoded: String::new(),
            compact: Vec::new(),
            encoded: Vec::new(),
        }
    }

    /// Appends a missing value.
    pub(super) fn skip(&mut self, out: &mut Vec<u8>) {
        self.row.cell("", b"", Quotes::IfNeeded, out);
    }

    /// Ends the line that begins at `start`.
    pub(super) fn end(&mut self, start: usize, out: &mut Vec<u8>) {
        self.row.end(start, out);
    }

    /// Appends one value. `date_property` is true if the export job itself writes the dates of this column.
    pub(super) fn write(
        &mut self,
        value: &Value<'_>,
        escape: CsvEscape,
        date_property: bool,
        out: &mut Vec<u8>,
    ) -> CellFacts {
        match value.kind() {
            Kind::Null => {
                self.skip(out);
                CellFacts::default()
            }
            Kind::Number | Kind::Boolean => {
                self.row.cell("", value.json().as_bytes(), Quotes::IfNeeded, out);
                CellFacts::default()
            }
            Kind::Object | Kind::Array => {
                let text = value.json().as_bytes();
                let compact = if value.is_spaced() {
                    self.compact.clear();
                    compact_into(value.json(), &mut self.compact);
                    &self.compact
                } else {
                    text
                };
                let (before, quotes) = match escape {
                    CsvEscape::Auth0 => ("'", Quotes::Always),
                    CsvEscape::None | CsvEscape::Formulas => ("", Quotes::IfNeeded),
                };
                self.row.cell(before, compact, quotes, out);
                CellFacts::default()
            }
            Kind::String => self.write_string(value, escape, date_property, out),
        }
    }

    fn write_string(
        &mut self,
        value: &Value<'_>,
        escape: CsvEscape,
        date_property: bool,
        out: &mut Vec<u8>,
    ) -> CellFacts {
        let raw = &value.json()[1..value.json().len() - 1];
        let mut lone_surrogate = false;
        let text = if value.is_escaped() {
            self.decoded.clear();
            decode_into(raw, &mut self.decoded);
            // The check for the replacement character is cheap, and few strings contain it. Only those are scanned
            // again.
            lone_surrogate = self.decoded.contains(char::REPLACEMENT_CHARACTER) && value.has_lone_surrogate();
            &self.decoded
        } else {
            raw
        };
        let formula = runs_as_formula(text);
        let (before, quotes) = match escape {
            CsvEscape::Auth0 if date_property && is_export_date(text) => ("", Quotes::IfNeeded),
            CsvEscape::Auth0 => ("'", Quotes::Always),
            CsvEscape::Formulas if formula => ("'", Quotes::IfNeeded),
            CsvEscape::Formulas | CsvEscape::None => ("", Quotes::IfNeeded),
        };
        self.row.cell(before, text.as_bytes(), quotes, out);
        CellFacts { formula, lone_surrogate }
    }

    /// Appends a value in another form. `null` stays empty.
    pub(super) fn write_encoded(
        &mut self,
        value: &Value<'_>,
        encoding: Encoding,
        escape: CsvEscape,
        out: &mut Vec<u8>,
    ) -> CellFacts {
        if value.kind() == Kind::Null {
            self.skip(out);
            return CellFacts::default();
        }
        self.encoded.clear();
        let lone_surrogate = encoding == Encoding::Base64 && {
            self.compact.clear();
            let lone_surrogate = plain_bytes(value, &mut self.compact);
            push_base64(&self.compact, &mut self.encoded);
            lone_surrogate
        };
        if encoding == Encoding::Json {
            value.write_compact(&mut self.encoded);
        }
        // Both forms are UTF-8.
        let formula = std::str::from_utf8(&self.encoded).is_ok_and(runs_as_formula);
        let (before, quotes) = match escape {
            CsvEscape::Auth0 => ("'", Quotes::Always),
            CsvEscape::Formulas if formula => ("'", Quotes::IfNeeded),
            CsvEscape::Formulas | CsvEscape::None => ("", Quotes::IfNeeded),
        };
        self.row.cell(before, &self.encoded, quotes, out);
        CellFacts { formula, lone_surrogate }
    }
}

/// Appends the UTF-8 bytes of a string, or the compact JSON of another value. Returns whether the string has a lone
/// surrogate, which becomes U+FFFD.
fn plain_bytes(value: &Value<'_>, out: &mut Vec<u8>) -> bool {
    let Some(text) = value.as_str() else {
        value.write_compact(out);
        return false;
    };
    out.extend_from_slice(text.as_bytes());
    value.is_escaped() && value.has_lone_surrogate()
}

fn push_base64(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(STANDARD.encode(bytes).as_bytes());
}

/// Appends a value as JSON in another form. Returns whether a lone surrogate became U+FFFD.
pub(super) fn json_encoded(value: &Value<'_>, encoding: Encoding, out: &mut Vec<u8>) -> bool {
    if encoding == Encoding::Json || value.kind() == Kind::Null {
        value.write_compact(out);
        return false;
    }
    let mut plain = Vec::new();
    let lone_surrogate = plain_bytes(value, &mut plain);
    out.push(b'"');
    push_base64(&plain, out);
    out.push(b'"');
    lone_surrogate
}

/// Returns the header line. Names are quoted if needed. Of the escapes, only that of formulas is applied, because the export
/// job escapes no names.
pub(super) fn csv_header<'n>(names: impl Iterator<Item = &'n str>, format: CsvFormat) -> Vec<u8> {
    let (mut row, mut line) = (RowWriter::new(format.delimiter), Vec::new());
    for name in names {
        match format.escape {
            CsvEscape::Formulas => row.escaped(name, &mut line),
            CsvEscape::None | CsvEscape::Auth0 => {
                row.cell("", name.as_bytes(), Quotes::IfNeeded, &mut line);
            }
        }
    }
    row.end(0, &mut line);
    line
}

/// Returns true if the text has the date format that the export job writes: `2021-03-04T09:15:27.481Z`.
fn is_export_date(text: &str) -> bool {
    let form = b"0000-00-00T00:00:00.000Z";
    text.len() == form.len()
        && text.bytes().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == *form,
        })
}

/// Returns `"NAME":`, the bytes before each value of a column.
pub(super) fn json_key(name: &str) -> Vec<u8> {
    let mut key = Vec::new();
    escape_into(name, &mut key);
    key.push(b':');
    key
}
