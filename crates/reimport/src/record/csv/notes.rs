//! Notes about single cells, made while rows are converted to records.

use std::fmt;

use super::Csv;
use super::cells::Cell;
use super::column::ColumnKind;
use super::dialect::{CsvDialect, is_typed};
use super::spreadsheet::is_shortened_number;
use crate::user::property::Property;

/// A warning about a CSV cell that a person should check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CellWarning {
    /// In the export job's dialect, a cell without an apostrophe that is not a boolean, a number or a date. The
    /// export job does not write such cells. The cell is read as a string.
    BareText,
    /// A number that a spreadsheet has shortened, such as `9,00719925474099E+15`. Its last digits are lost.
    ShortenedNumber,
    /// Most strings at the beginning have an apostrophe, but this cell has none. The file is therefore read as
    /// plain CSV, and apostrophes are kept.
    KeptApostrophes,
}

impl CellWarning {
    /// Returns the stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::BareText => "bare-text",
            Self::ShortenedNumber => "shortened-number",
            Self::KeptApostrophes => "kept-apostrophes",
        }
    }
}

impl fmt::Display for CellWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The cells of one column that have the same warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CellPlaces {
    /// The line on which the row of the first cell begins, counted from 1.
    pub first_line: u64,
    /// The number of cells. For [`CellWarning::KeptApostrophes`], the number of cells at the beginning with an
    /// apostrophe.
    pub cells: u64,
}

/// A note about one cell. It is small because a malicious file can have one for every cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Note {
    /// The index of the record in its block, from 0.
    pub(crate) record: u32,
    /// The index of the column, from 0. A header has at most 16 384 columns.
    pub(crate) column: u16,
    pub(crate) what: NoteKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoteKind {
    Warning(CellWarning),
    /// JSON text was parsed into an object or array. With the property.
    Parsed(Property),
}

/// Reports the warnings for the cells of one row that are read. There is no warning for a cell that was parsed as JSON
/// text.
pub(super) fn warn(csv: &Csv, row: &str, cells: &[Cell], mut note: impl FnMut(usize, CellWarning)) {
    for (column, (cell, kind)) in cells.iter().zip(&csv.column_kinds).enumerate() {
        if !csv.read[column] {
            continue;
        }
        let text = &row.as_bytes()[cell.text.clone()];
        // Most cells of an export begin with an apostrophe. No number does.
        if matches!(text, [] | [b'\'', ..]) {
            continue;
        }
        if is_shortened_number(text) {
            note(column, CellWarning::ShortenedNumber);
        } else if csv.dialect == CsvDialect::Auth0 && is_bare_text(text, *kind) {
            note(column, CellWarning::BareText);
        }
    }
}

/// Returns `true` if the cell, which is not empty and has no apostrophe, is a string before which the export job would have written an apostrophe.
fn is_bare_text(text: &[u8], kind: ColumnKind) -> bool {
    match text {
        [b'{' | b'[', ..] if matches!(kind, ColumnKind::Nested(_)) => false,
        _ => !is_typed(text),
    }
}
