//! CSV: rows become JSON objects, so that all that follows sees one kind of record.
//!
//! **Rows** are those of RFC 4180, with any delimiter. They end with LF or CRLF; a carriage return alone ends none, and
//! is a fault of its row outside quotes. Quoted line ends belong to their cell; empty lines are passed over. A quote
//! opens a cell only where it stands first in it. What RFC 4180 does not allow (text after a closing quote, a quote in
//! a bare cell), a NUL byte, invalid UTF-8 and another number of cells than the header has are faults of one row, which
//! is rejected while reading goes on; a quote that is never closed ends the run where it stands.
//!
//! **A first line** `sep=;`, by which spreadsheets are told the delimiter, is read as that and is not the header.
//!
//! **The header** names a field in each cell, see [`header`]: a path, a title of a default-field export, or a name that
//! becomes a top-level property. One apostrophe before it is dropped.
//!
//! **Cells** become values as [`CsvDialect`] and [`CsvTypes`] say. JSON text of an object in a property that is one
//! (`user_metadata`), and of an array in one that is an array (`identities`), becomes that object or array. An empty cell is absent, and so is an object or an
//! array with nothing in it; before an item that is there, one with nothing in it is `{}`, `[]` or `null`, so that no
//! index moves. Members stand in the order of the header.

mod cells;
mod column;
mod dialect;
mod frame;
mod header;
mod names;
mod notes;
mod open;
mod render;
mod split;
mod spreadsheet;
mod tree;
mod values;

#[cfg(test)]
mod tests;

pub use dialect::CsvDialect;
pub(super) use frame::{Rows, is_blank};
pub use notes::{CellPlaces, CellWarning};
pub(crate) use notes::{Note, Noted};
pub(super) use open::{Ahead, open};
pub(super) use split::split;
pub use values::CsvTypes;

use std::sync::Arc;

use crate::path::FieldPath;
use crate::user::property::Property;
use column::Holds;
use tree::Tree;
use values::Reading;

/// What the header and the options say of every row.
#[derive(Debug)]
pub(crate) struct Csv {
    pub(super) delimiter: u8,
    pub(super) dialect: CsvDialect,
    tree: Tree,
    /// What each column holds.
    holds: Box<[Holds]>,
    /// How the bare cells of each column are read.
    readings: Box<[Reading]>,
    /// The columns that hold objects or arrays as JSON text, and the property of each.
    nested: Box<[(usize, Property)]>,
    /// The column that decided against the export job's dialect, though most strings speak for it.
    pub(super) kept_apostrophes: Option<(usize, CellPlaces)>,
    /// The path of each column.
    pub(super) columns: Arc<[FieldPath]>,
}
