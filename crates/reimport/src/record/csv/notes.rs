//! What is noticed about single cells while rows become records.

use std::fmt;

use super::Csv;
use super::cells::Cell;
use super::column::Holds;
use super::dialect::{CsvDialect, is_typed};
use super::spreadsheet::is_shortened_number;
use crate::user::property::Property;

/// Something about a cell of a CSV that a person should check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum CellWarning {
    /// In the export job's dialect, a cell without an apostrophe that is not a boolean, a number or a date: the job does
    /// not write one. It is read as the text that it is.
    BareText,
    /// A number that a spreadsheet has shortened, as `9,00719925474099E+15`: digits are lost.
    ShortenedNumber,
    /// Most strings at the beginning have an apostrophe before them, but this cell has none: so the file is read as
    /// plain, and apostrophes are kept.
    KeptApostrophes,
}

impl CellWarning {
    /// Its stable name.
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

/// The cells of one column that have one warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct CellPlaces {
    /// The line on which the row of the first of them begins, counted from 1.
    pub first_line: u64,
    /// How many cells there are. Of [`CellWarning::KeptApostrophes`], the cells at the beginning that have one.
    pub cells: u64,
}

/// One cell with something to note, small because a hostile file has one in every cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Note {
    /// The record in its block, counted from 0.
    pub(crate) record: u32,
    /// The column, counted from 0; a header has no more than 16 384.
    pub(crate) column: u16,
    pub(crate) what: Noted,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Noted {
    Warning(CellWarning),
    /// JSON text that became the object or array it spells: the property.
    Parsed(Property),
}

/// Notes what is doubtful about the cells of one row. A cell that was parsed as JSON text is not.
pub(super) fn warn(csv: &Csv, row: &str, cells: &[Cell], mut note: impl FnMut(usize, CellWarning)) {
    for (column, (cell, holds)) in cells.iter().zip(&csv.holds).enumerate() {
        let text = &row.as_bytes()[cell.text.clone()];
        if is_shortened_number(text) {
            note(column, CellWarning::ShortenedNumber);
        } else if csv.dialect == CsvDialect::Auth0 && is_bare_text(text, *holds) {
            note(column, CellWarning::BareText);
        }
    }
}

/// Whether a cell is text to which the export job would have given an apostrophe.
fn is_bare_text(text: &[u8], holds: Holds) -> bool {
    match text {
        [] | [b'\'', ..] => false,
        [b'{' | b'[', ..] if matches!(holds, Holds::Nested(_)) => false,
        _ => !is_typed(text),
    }
}
