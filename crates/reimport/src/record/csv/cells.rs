//! Splits a row into cells and checks them against RFC 4180.

use std::ops::Range;

use crate::record::error::CellFault;

/// One cell: the text between its quotes, or the whole cell if it has none.
#[derive(Debug, Clone)]
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

/// Finds the first `keep` cells of `row`, which has no line end, and returns the number of all cells. After an
/// error, `cells` has all cells before it.
///
/// A quote that is not closed extends to the end of the row. The framer reports it as an error.
pub(super) fn cells(
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
