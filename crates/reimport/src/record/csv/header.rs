//! The header: one field for each column, and all of them one tree.
//!
//! A cell is, in this order: another spelling of a known property, that is a title of a default-field export
//! (`Email Verified`) or the name in another case (`EMAIL_VERIFIED`), unless another column names or touches that field or
//! spells it in a way that counts first; a [path](crate::path) (`identities[0].provider`,
//! `user_metadata.first login`), in which `$` and `*` are letters like others, and a number after a dot is an item only
//! right below a property that is an array (`identities.0.provider`, but not `user_metadata.2024`); else a top-level
//! property of that very name.

use std::collections::{HashMap, HashSet};

use super::names::{self, Named};
use super::tree::{Tree, TreeBuilder};
use crate::path::{FieldPath, Segment};
use crate::record::error::FormatError;

/// What is wrong with a header, and in which cell.
#[derive(Debug)]
pub(super) struct Flaw {
    /// Counted from 1.
    pub(super) cell: usize,
    pub(super) error: FormatError,
}

/// Compiles the header of these names; gives the field of every column too.
pub(super) fn compile(names: &[String]) -> Result<(Tree, Vec<FieldPath>), Flaw> {
    let columns: Vec<Named> = names
        .iter()
        .enumerate()
        .map(|(place, name)| names::read(name, place + 1))
        .collect::<Result<_, _>>()?;
    let paths = weighed(&columns);
    let mut tree = TreeBuilder::default();
    for (column, path) in paths.iter().enumerate() {
        tree.add(path, column)?;
    }
    Ok((tree.finish()?, paths))
}

/// The field of each column: of another spelling what it stands for if it counts, else the field of its very name.
fn weighed(columns: &[Named]) -> Vec<FieldPath> {
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
    // Of several spellings of one field the title counts, else the first.
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
