//! The dialect of a CSV: told by the first cell that tells it.

use super::cells::{Cell, cells};
use super::frame::{Rows, is_blank};
use super::open::Ahead;
use super::values::{is_boolean, is_number};
use crate::error::Result;

/// How a CSV marks what is a string; told by the first cell that is not empty, a number, a boolean or a date.
///
/// ```
/// use reimport::{RecordReader, record::CsvDialect};
///
/// let export = "user_id,app_metadata.plan,blocked\n\"'auth0|1\",\"'00042\",False\n";
/// let mut reader = RecordReader::from_reader("users.csv", export.as_bytes())?;
/// assert_eq!(reader.csv_dialect(), Some(CsvDialect::Auth0));
/// let record = reader.next_record()?.expect("there is one");
/// assert_eq!(record.json(), r#"{"user_id":"auth0|1","app_metadata":{"plan":"00042"},"blocked":false}"#);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsvDialect {
    /// As the export job writes it: one apostrophe before every string, which is removed. A cell without one is a
    /// boolean (`true` and `false` in any case), a number (JSON's grammar, kept as it is written), or a date or other
    /// text, which are strings.
    Auth0,
    /// No marks: what a cell is, [`CsvTypes`](super::CsvTypes) decides.
    Plain,
}

/// How far a file is read ahead for a cell that tells its dialect; one without any is read as the export job's, whose
/// numbers and booleans stand as these do.
const LOOK_AHEAD: usize = 8 << 20;

/// The dialect of the rows from `from` on; the same however large blocks are, because they are not cut yet. A damaged
/// row tells nothing.
pub(super) fn tell(ahead: &mut Ahead<'_>, from: usize, delimiter: u8, columns: usize) -> Result<CsvDialect> {
    let mut rows = Rows::new(delimiter);
    let (mut frames, mut found) = (Vec::new(), Vec::new());
    let mut told_by = |row: &[u8]| {
        let row = row.strip_suffix(b"\r").unwrap_or(row);
        let whole = !is_blank(row) && cells(row, delimiter, columns, &mut found) == Ok(columns);
        if whole { of_row(row, &found) } else { None }
    };
    let (mut start, mut seen) = (from, 0);
    loop {
        let rest = &ahead.bytes()[start..];
        let done = rows.cut(rest, seen, &mut frames);
        for frame in frames.drain(..) {
            if let Some(dialect) = told_by(&rest[frame.plain]) {
                return Ok(dialect);
            }
        }
        seen = rest.len() - done;
        start += done;
        if ahead.bytes().len() - from >= LOOK_AHEAD {
            return Ok(CsvDialect::Auth0);
        }
        if !ahead.more()? {
            let last = &ahead.bytes()[start..];
            return Ok(told_by(last).unwrap_or(CsvDialect::Auth0));
        }
    }
}

/// What the first cell tells that is not empty, a number, a boolean or a date.
fn of_row(row: &[u8], cells: &[Cell]) -> Option<CsvDialect> {
    cells.iter().find_map(|cell| {
        let text = &row[cell.text.clone()];
        match text {
            [b'\'', ..] => Some(CsvDialect::Auth0),
            _ if text.is_empty() || is_boolean(text) || is_number(text) || is_date(text) => None,
            _ => Some(CsvDialect::Plain),
        }
    })
}

/// Whether a text is a date, or a date and a time, by ISO 8601.
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

/// Whether a text has a form in which `0` stands for any digit.
fn has_form(text: &[u8], form: &[u8]) -> bool {
    text.len() == form.len()
        && text.iter().zip(form).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
}
