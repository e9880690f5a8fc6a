//! The dialect of CSV input, detected from the first cells.

use super::cells::{Cell, cells};
use super::column::ColumnKind;
use super::frame::{Rows, is_blank};
use super::open::ReadAhead;
use super::spreadsheet::{is_error, is_local_date, is_local_number, is_shortened_number};
use super::values::{is_boolean, is_number};
use crate::error::Result;

/// How a CSV file marks strings.
///
/// The export job writes an apostrophe before every string. So if a string has no apostrophe, the file is plain.
/// If at least one cell has an apostrophe and no string is without one, the file is from the export job. The rows
/// in the first 64 KiB decide. Some cells are not evidence: cells that are empty, a number, a boolean or a date,
/// and cells of properties that are never strings. Numbers, dates and errors in the form in which a spreadsheet
/// writes them show that a file is plain only if no cell has an apostrophe.
///
/// ```
/// use reimport::{RecordReader, record::CsvDialect};
///
/// let export = "user_id,app_metadata.plan,blocked\n\"'auth0|1\",\"'00042\",False\n";
/// let mut reader = RecordReader::from_reader("users.csv", export.as_bytes())?;
/// assert_eq!(reader.csv_dialect(), Some(CsvDialect::Auth0));
/// let record = reader.next_record()?.expect("there is one");
/// assert_eq!(record.json(), r#"{"user_id":"auth0|1","app_metadata":{"plan":"00042"},"blocked":false}"#);
///
/// let plain = "name,user_id\n't Hooft,auth0|1\n";
/// let mut reader = RecordReader::from_reader("users.csv", plain.as_bytes())?;
/// assert_eq!(reader.csv_dialect(), Some(CsvDialect::Plain));
/// assert_eq!(reader.next_record()?.expect("there is one").json(), r#"{"name":"'t Hooft","user_id":"auth0|1"}"#);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CsvDialect {
    /// The dialect of the export job: one apostrophe before every string, which is removed. A cell without an
    /// apostrophe is a boolean (`true` and `false` in any case), a number (JSON grammar, kept as written), or a
    /// string. Dates are strings.
    Auth0,
    /// No marks. [`CsvTypes`](super::CsvTypes) determines the type of a cell.
    Plain,
}

/// The number of bytes of rows that are used as evidence.
pub(super) const EVIDENCE: usize = 64 << 10;

/// The maximum number of bytes that are searched if there is no evidence before. If there is none at all, the file
/// is read in the export job's dialect, in which numbers and booleans are also written without an apostrophe.
const LOOK_AHEAD: usize = 8 << 20;

/// The evidence in the first cells.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    /// The number of cells with an apostrophe.
    pub(super) marked: u64,
    /// The number of strings without an apostrophe.
    pub(super) bare: u64,
    /// The number of cells without an apostrophe that a spreadsheet may have written for a value that is not a
    /// string.
    of_spreadsheet: u64,
    /// The first string without an apostrophe: the offset of its row, and its column.
    pub(super) first_bare: Option<(usize, usize)>,
}

impl Evidence {
    /// Collects evidence from the rows that begin at `from`: from the first 64 KiB, or up to the first row with
    /// evidence if that is later. If not `read_ahead`, always stops at the first row with evidence. The result does
    /// not depend on the sizes of reads. Damaged rows are ignored.
    pub(super) fn collect(
        ahead: &mut ReadAhead<'_>,
        from: usize,
        delimiter: u8,
        columns: &[ColumnKind],
        read_ahead: bool,
    ) -> Result<Self> {
        let mut evidence = Self::default();
        let mut rows = Rows::new(delimiter);
        let (mut frames, mut found) = (Vec::new(), Vec::new());
        let (mut start, mut seen) = (from, 0);
        loop {
            let rest = &ahead.bytes()[start..];
            let done = rows.cut(rest, seen, &mut frames);
            for frame in frames.drain(..) {
                let end = start + frame.plain.end - from;
                if end > LOOK_AHEAD {
                    return Ok(evidence);
                }
                let row = start + frame.plain.start;
                evidence.add_row(row, &rest[frame.plain], delimiter, columns, &mut found);
                if evidence.is_some() && (end >= EVIDENCE || !read_ahead) {
                    return Ok(evidence);
                }
            }
            seen = rest.len() - done;
            start += done;
            if ahead.bytes().len() - from > LOOK_AHEAD {
                return Ok(evidence);
            }
            if !ahead.more()? {
                evidence.add_row(start, &ahead.bytes()[start..], delimiter, columns, &mut found);
                return Ok(evidence);
            }
        }
    }

    fn add_row(
        &mut self,
        at: usize,
        row: &[u8],
        delimiter: u8,
        columns: &[ColumnKind],
        found: &mut Vec<Cell>,
    ) {
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        if is_blank(row) || cells(row, 0..row.len(), delimiter, columns.len(), found) != Ok(columns.len()) {
            return;
        }
        for (column, (cell, kind)) in found.iter().zip(columns).enumerate() {
            let text = &row[cell.text.clone()];
            if text.starts_with(b"'") {
                self.marked += 1;
            } else if is_string(text, *kind) {
                if is_of_spreadsheet(text) {
                    self.of_spreadsheet += 1;
                    continue;
                }
                self.bare += 1;
                self.first_bare.get_or_insert((at, column));
            }
        }
    }

    fn is_some(&self) -> bool {
        self.marked + self.bare > 0
    }

    pub(super) fn dialect(&self) -> CsvDialect {
        let is_plain = self.bare > 0 || (self.marked == 0 && self.of_spreadsheet > 0);
        if is_plain { CsvDialect::Plain } else { CsvDialect::Auth0 }
    }

    /// Returns the cell that decided against the export job's dialect, if most strings have an apostrophe.
    pub(super) fn against_most(&self) -> Option<(usize, usize)> {
        self.first_bare.filter(|_| self.marked > self.bare)
    }
}

/// Returns `true` if a cell without an apostrophe is a string, before which the export job would have written one.
fn is_string(text: &[u8], kind: ColumnKind) -> bool {
    let never_strings = match kind {
        ColumnKind::Boolean | ColumnKind::Number | ColumnKind::Date => true,
        ColumnKind::Nested(_) => matches!(text, [b'{' | b'[', ..]),
        ColumnKind::Anything => false,
    };
    !(text.is_empty() || never_strings || is_typed(text))
}

/// Returns `true` if the text is a number, a date or an error in the form in which a spreadsheet writes it.
fn is_of_spreadsheet(text: &[u8]) -> bool {
    is_shortened_number(text) || is_local_number(text) || is_local_date(text) || is_error(text)
}

/// Returns `true` if the text is a number, a boolean or a date in the form in which the export job writes it.
pub(super) fn is_typed(text: &[u8]) -> bool {
    is_boolean(text) || is_number(text) || is_date(text)
}

/// Returns `true` if the text is an ISO 8601 date, or date and time.
fn is_date(text: &[u8]) -> bool {
    let Some((date, rest)) = text.split_at_checked(10) else { return false };
    has_form(date, b"0000-00-00") && (rest.is_empty() || is_time(rest))
}

fn is_time(text: &[u8]) -> bool {
    let Some((b'T' | b't' | b' ', text)) = text.split_first() else { return false };
    let Some((time, rest)) = text.split_at_checked(8) else { return false };
    let fraction = match rest.split_first() {
        Some((b'.', digits)) => 1 + digits.iter().take_while(|byte| byte.is_ascii_digit()).count(),
        _ => 0,
    };
    has_form(time, b"00:00:00")
        && fraction != 1
        && match &rest[fraction..] {
            [] | [b'Z' | b'z'] => true,
            [b'+' | b'-', offset @ ..] => has_form(offset, b"00:00") || has_form(offset, b"0000"),
            _ => false,
        }
}

/// Returns `true` if the text has the given form, in which `0` matches any digit.
fn has_form(text: &[u8], form: &[u8]) -> bool {
    text.len() == form.len()
        && text.iter().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}
