//! Splits a row into cells and checks them against RFC 4180.
//!
//! Nearly every row is read in steps of 64 bytes. A row in which a step finds something that is or may be an error is read
//! again, byte by byte, so that the error is the first one and has its position.

use std::ops::Range;

use super::super::step::{self, STEP};
use super::marks::{Before, Marks, Quotes};
use crate::record::error::CellFault;

/// One cell: the text between its quotes, or the whole cell if it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) text: Range<usize>,
    /// Whether the text contains quotes. Each of them is written twice.
    pub(super) doubled: bool,
}

/// An error in a cell, and its offset in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FaultyCell {
    /// The number of the cell, counted from 1.
    pub(super) cell: usize,
    pub(super) at: usize,
    pub(super) what: CellFault,
}

/// Finds the first `keep` cells of the row at `range` in `text`, which has no line end, and returns the number of all
/// cells. Offsets are relative to the start of the row. After an error, `cells` has all cells before it.
///
/// A quote that is not closed extends to the end of the row. The framer reports it as an error.
pub(super) fn cells(
    text: &[u8],
    range: Range<usize>,
    delimiter: u8,
    keep: usize,
    cells: &mut Vec<Cell>,
) -> Result<usize, FaultyCell> {
    cells.clear();
    if let Some(count) = in_steps(text, range.clone(), delimiter, keep, cells) {
        return Ok(count);
    }
    bytewise(&text[range], delimiter, keep, cells)
}

/// Same as [`bytewise`], in steps. Returns `None` if the row has, or may have, an error.
pub(super) fn in_steps(
    text: &[u8],
    range: Range<usize>,
    delimiter: u8,
    keep: usize,
    cells: &mut Vec<Cell>,
) -> Option<usize> {
    let row = &text[range.clone()];
    let (mut count, mut start, mut has_doubled) = (0, 0, false);
    let mut add = |end: usize, doubled: bool| {
        count += 1;
        if count <= keep {
            // The quotes were checked: a cell that begins with one ends with another one.
            let quoted = usize::from(row.get(start) == Some(&b'"') && end > start);
            cells.push(Cell { text: start + quoted..end - quoted, doubled });
        }
        start = end + 1;
    };
    let mut before = Before::CellStart;
    for at in (0..row.len()).step_by(STEP) {
        let mut last = [0; STEP];
        let step = text[range.start + at..].first_chunk().unwrap_or_else(|| {
            last[..row.len() - at].copy_from_slice(&row[at..]);
            &last
        });
        let valid = u64::MAX >> (STEP - (row.len() - at).min(STEP));
        let marks = Marks::of(step, delimiter);
        let quotes = Quotes::of(&marks, before);
        let open_end = if at + STEP < row.len() { 0 } else { quotes.inside & (valid ^ valid >> 1) };
        let faulty = quotes.stray
            | open_end
            | (marks.line_feeds & !quotes.inside)
            | (quotes.after_closing & !marks.delimiters & !quotes.doubled);
        // Of the control characters, only NUL and the carriage return may be errors. Few steps have any.
        let controls = step::at_most(step, b'\r') & valid != 0;
        if faulty & valid != 0 || (controls && (step::equal(step, 0) | step::equal(step, b'\r')) & valid != 0)
        {
            return None;
        }
        let mut doubled = quotes.doubled & valid;
        for position in step::positions(marks.delimiters & !quotes.inside & valid) {
            let passed = doubled & ((1 << position) - 1);
            add(at + position, has_doubled || passed != 0);
            has_doubled = false;
            doubled ^= passed;
        }
        has_doubled |= doubled != 0;
        before = quotes.next;
    }
    add(row.len(), has_doubled);
    Some(count)
}

/// Same as [`cells`], for one row.
pub(super) fn bytewise(
    row: &[u8],
    delimiter: u8,
    keep: usize,
    cells: &mut Vec<Cell>,
) -> Result<usize, FaultyCell> {
    cells.clear();
    let (mut at, mut count) = (0, 0);
    // Search the row once, because hardly any has a NUL byte.
    let nul = memchr::memchr(0, row).is_some();
    loop {
        count += 1;
        let fault = |at, what| Err(FaultyCell { cell: count, at, what });
        let (cell, end) =
            if row.get(at) == Some(&b'"') { quoted(row, at + 1) } else { bare(row, delimiter, at) };
        match row.get(end) {
            Some(b'"') => return fault(end, CellFault::BareQuote),
            Some(b'\r') => return fault(end, CellFault::BareReturn),
            Some(&byte) if byte != delimiter => return fault(end, CellFault::AfterQuote),
            next => {
                if nul && let Some(at) = memchr::memchr(0, &row[cell.text.clone()]) {
                    return fault(cell.text.start + at, CellFault::Nul);
                }
                if count <= keep {
                    cells.push(cell);
                }
                if next.is_none() {
                    return Ok(count);
                }
                at = end + 1;
            }
        }
    }
}

/// Returns the cell without quotes that begins at `start`, and its end: a delimiter, or a byte that it must not
/// contain.
fn bare(row: &[u8], delimiter: u8, start: usize) -> (Cell, usize) {
    let end = memchr::memchr3(delimiter, b'"', b'\r', &row[start..]).map_or(row.len(), |found| start + found);
    (Cell { text: start..end, doubled: false }, end)
}

/// Returns the cell whose opening quote is before `start`, and the offset after its closing quote.
fn quoted(row: &[u8], start: usize) -> (Cell, usize) {
    let (mut at, mut doubled) = (start, false);
    while let Some(found) = memchr::memchr(b'"', &row[at..]) {
        let quote = at + found;
        if row.get(quote + 1) != Some(&b'"') {
            return (Cell { text: start..quote, doubled }, quote + 1);
        }
        doubled = true;
        at = quote + 2;
    }
    (Cell { text: start..row.len(), doubled }, row.len())
}

/// Returns the text of a cell, with one quote for each doubled quote.
pub(super) fn undoubled(row: &[u8], cell: &Cell) -> Vec<u8> {
    let mut text = Vec::with_capacity(cell.text.len());
    let mut quotes = 0_usize;
    for &byte in &row[cell.text.clone()] {
        quotes += usize::from(byte == b'"');
        if byte != b'"' || quotes % 2 == 1 {
            text.push(byte);
        }
    }
    text
}
