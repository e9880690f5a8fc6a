//! The cells of one row, told apart and judged by RFC 4180.

use std::ops::Range;

use crate::record::error::CellFault;

/// One cell: what stands between its quotes, or all of it where it has none.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) text: Range<usize>,
    /// Every quote in it stands twice.
    pub(super) doubled: bool,
}

/// A fault, and where it is noticed in the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FaultyCell {
    /// Counted from 1.
    pub(super) cell: usize,
    pub(super) at: usize,
    pub(super) what: CellFault,
}

/// Finds the first `keep` cells of `row`, which stands without its line end, and counts all of them; before a fault all
/// cells before it are found.
///
/// A quote that is not closed takes the rest of the row: the framer has seen to that.
pub(super) fn cells(
    row: &[u8],
    delimiter: u8,
    keep: usize,
    cells: &mut Vec<Cell>,
) -> Result<usize, FaultyCell> {
    cells.clear();
    let (mut at, mut count) = (0, 0);
    // Looked for once a row: hardly any has one.
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

/// The cell without quotes that begins at `start`, and where it ends: at the delimiter, or at what it may not hold.
fn bare(row: &[u8], delimiter: u8, start: usize) -> (Cell, usize) {
    let end = memchr::memchr3(delimiter, b'"', b'\r', &row[start..]).map_or(row.len(), |found| start + found);
    (Cell { text: start..end, doubled: false }, end)
}

/// The cell that was opened before `start`, and what follows its closing quote.
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

/// The text of a cell with its quotes undoubled.
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
