//! CSV input. Each row becomes a JSON object, so that later code handles only one kind of record.
//!
//! **Rows** are those of RFC 4180, with any delimiter. They end with LF or CRLF. A carriage return alone does not
//! end a row; outside quotes, it is an error of its row. Line ends inside quotes belong to the cell, and empty
//! lines are ignored. A quote opens a quoted cell only if it is the first character of the cell. The following are
//! errors of one row: anything that RFC 4180 does not allow (text after a closing quote, a quote in a cell without
//! quotes), a NUL byte, invalid UTF-8, and a number of cells different from the header. Such a row is rejected,
//! and reading continues. A quote that is never closed ends the run, with an error at the quote.
//!
//! **A first line** such as `sep=;`, which sets the delimiter for spreadsheets, is used in the same way here. It
//! is not the header.
//!
//! **The header** names a field in each cell, see [`header`]: a path, a title of a default-field export, or a name
//! that becomes a top-level property. One apostrophe before the name is dropped.
//!
//! **Cells** are converted to values as defined by [`CsvDialect`] and [`CsvTypes`]. In a property that is an
//! object (`user_metadata`), the JSON text of an object becomes that object. The same is true for arrays
//! (`identities`). An empty cell is absent, and so is an object or array without any value. If an item without any
//! value comes before one with a value, it becomes `{}`, `[]` or `null`, so that indexes do not change. Members
//! are in the order of the header.

mod cells;
mod column;
mod dialect;
mod frame;
mod header;
mod marks;
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
pub(crate) use notes::{Note, NoteKind};
pub(super) use open::{ReadAhead, open};
pub(super) use split::{complete, split};
pub use values::CsvTypes;

use std::sync::Arc;

use crate::path::{FieldPath, Segment};
use crate::user::property::Property;
use column::ColumnKind;
use tree::Tree;
use values::Reading;

/// The header and the options, which apply to every row.
#[derive(Debug)]
pub(crate) struct Csv {
    pub(super) delimiter: u8,
    pub(super) dialect: CsvDialect,
    pub(super) types: CsvTypes,
    tree: Tree,
    /// The kind of values in each column.
    column_kinds: Box<[ColumnKind]>,
    /// How the cells without an apostrophe are read, for each column.
    readings: Box<[Reading]>,
    /// The columns with objects or arrays as JSON text, and the property of each.
    nested: Box<[(usize, Property)]>,
    /// The column with the cell that decided against the export job's dialect, although most strings have an
    /// apostrophe.
    pub(super) kept_apostrophes: Option<(usize, CellPlaces)>,
    /// The path of each column.
    pub(super) columns: Arc<[FieldPath]>,
    /// For each column: whether its property is in the records.
    read: Box<[bool]>,
}

impl Csv {
    /// Leaves the properties for which `reads` returns `false` out of the records.
    pub(super) fn read_only(&mut self, reads: impl Fn(&str) -> bool) {
        let is_read = |path: &FieldPath| match path.segments().first() {
            Some(Segment::Name(root)) => reads(root),
            Some(Segment::Number(root)) => reads(&root.to_string()),
            Some(Segment::Index(_)) | None => true,
        };
        self.read = self.columns.iter().map(is_read).collect();
        self.tree.read_only(&self.read);
    }

    /// Returns `true` if the records do not have all properties.
    fn is_partial(&self) -> bool {
        self.read.contains(&false)
    }
}
