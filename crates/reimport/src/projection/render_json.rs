//! A row as one flat, compact JSON object: missing cells are left out, null stays null, values stay as written.

use super::row::{Cell, Row};
use crate::json::escape_into;

/// `"NAME":`, as it stands before each value of a column.
pub(super) fn key(name: &str) -> Vec<u8> {
    let mut key = Vec::new();
    escape_into(name, &mut key);
    key.push(b':');
    key
}

/// Appends the object; `keys` are those of the row's cells.
pub(super) fn render<'k>(row: &Row<'_, '_>, keys: impl Iterator<Item = &'k [u8]>, out: &mut Vec<u8>) {
    out.push(b'{');
    let start = out.len();
    for (cell, key) in row.cells().zip(keys) {
        if cell == Cell::Missing {
            continue;
        }
        if out.len() > start {
            out.push(b',');
        }
        out.extend_from_slice(key);
        match cell {
            Cell::Value(value) => value.write_compact(out),
            Cell::Null | Cell::Missing => out.extend_from_slice(b"null"),
        }
    }
    out.push(b'}');
}
