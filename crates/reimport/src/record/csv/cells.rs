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
pub(super) struct Fault {
    /// Counted from 1.
    pub(super) cell: usize,
    pub(super) at: usize,
    pub(super) fault: CellFault,
}

/// Finds the cells of `row`, which stands without its line end; before a fault all cells before it are found.
///
/// A quote that is not closed takes the rest of the row: the framer has seen to that.
pub(super) fn cells(row: &[u8], delimiter: u8, cells: &mut Vec<Cell>) -> Result<(), Fault> {
    cells.clear();
    let mut at = 0;
    loop {
        let end = if row.get(at) == Some(&b'"') {
            let (cell, end) = quoted(row, at + 1);
            cells.push(cell);
            end
        } else {
            let end =
                memchr::memchr3(delimiter, b'"', b'\r', &row[at..]).map_or(row.len(), |found| at + found);
            let fault = match row.get(end) {
                Some(b'"') => Some(CellFault::BareQuote),
                Some(b'\r') if delimiter != b'\r' => Some(CellFault::BareReturn),
                _ => None,
            };
            if let Some(fault) = fault {
                return Err(Fault { cell: cells.len() + 1, at: end, fault });
            }
            cells.push(Cell { text: at..end, doubled: false });
            end
        };
        match row.get(end) {
            None => return no_nul(row, cells),
            Some(&byte) if byte == delimiter => at = end + 1,
            Some(&byte) => {
                let fault = if byte == b'\r' { CellFault::BareReturn } else { CellFault::AfterQuote };
                let cell = cells.len();
                cells.pop();
                return Err(Fault { cell, at: end, fault });
            }
        }
    }
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

fn no_nul(row: &[u8], cells: &[Cell]) -> Result<(), Fault> {
    match memchr::memchr(0, row) {
        None => Ok(()),
        Some(at) => {
            let cell = 1 + cells.iter().take_while(|cell| cell.text.end <= at).count();
            Err(Fault { cell, at, fault: CellFault::Nul })
        }
    }
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
