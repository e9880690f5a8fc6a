//! The header: the field of each column, and the tree of all fields.
//!
//! A cell is read as the first of these that applies:
//!
//! - Another spelling of a known property: a title of a default-field export (`Email Verified`), or the name in
//!   another case (`EMAIL_VERIFIED`). This does not apply if another column names the same field, a part of it or
//!   a field around it, or spells it in a way that has priority.
//! - A [path](crate::path) (`identities[0].provider`, `user_metadata.first login`). `$` and `*` are ordinary
//!   characters here. A number after a dot is an array index only directly after a property that is an array
//!   (`identities.0.provider`, but not `user_metadata.2024`).
//! - A top-level property with exactly this name.

use std::collections::{HashMap, HashSet};

use super::names::{self, Named};
use super::tree::{Tree, TreeBuilder};
use crate::path::{FieldPath, Segment};
use crate::record::error::FormatError;

/// An error in a header, and its cell.
#[derive(Debug)]
pub(super) struct HeaderCellError {
    /// The number of the cell, counted from 1.
    pub(super) cell: usize,
    pub(super) error: FormatError,
}

/// Compiles a header with these names. Also returns the field of each column.
pub(super) fn compile(names: &[String]) -> Result<(Tree, Vec<FieldPath>), HeaderCellError> {
    let columns: Vec<Named> = names
        .iter()
        .enumerate()
        .map(|(place, name)| names::read(name, place + 1))
        .collect::<Result<_, _>>()?;
    let paths = fields_of(&columns);
    let mut tree = TreeBuilder::default();
    for (column, path) in paths.iter().enumerate() {
        tree.add(path, column)?;
    }
    Ok((tree.finish()?, paths))
}

/// Returns the field of each column. For another spelling this is the known field if the spelling applies,
/// otherwise the field with exactly its name.
fn fields_of(columns: &[Named]) -> Vec<FieldPath> {
    let exact = || {
        columns.iter().filter_map(|named| match named {
            Named::Path(path) => Some(path.segments()),
            Named::Alias { .. } => None,
        })
    };
    let whole: HashSet<&[Segment]> = exact().collect();
    let above: HashSet<&[Segment]> =
        exact().flat_map(|path| (1..=path.len()).map(|length| &path[..length])).collect();
    let touched = |path: &[Segment]| {
        above.contains(path) || (1..path.len()).any(|length| whole.contains(&path[..length]))
    };
    // Of several spellings of one field, the title has priority, then the first.
    let mut counting: HashMap<&FieldPath, (bool, usize)> = HashMap::new();
    for (column, named) in columns.iter().enumerate() {
        if let Named::Alias { path, is_title, .. } = named {
            let first = counting.entry(path).or_insert((*is_title, column));
            if *is_title && !first.0 {
                *first = (true, column);
            }
        }
    }
    let field = |(column, named): (usize, &Named)| match named {
        Named::Path(path) => path.clone(),
        Named::Alias { path, .. }
            if counting.get(path).is_some_and(|first| first.1 == column) && !touched(path.segments()) =>
        {
            path.clone()
        }
        Named::Alias { own, .. } => own.clone(),
    };
    columns.iter().enumerate().map(field).collect()
}
