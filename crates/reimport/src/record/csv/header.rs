//! The header: one field for each column, and all of them one tree.
//!
//! A cell is, in this order: one of the titles of a default-field export (`Email Verified`, in any case), unless
//! another column names or touches the field that the title stands for; a [path](crate::path) (`identities[0].provider`,
//! `user_metadata.first login`), in which `$` and `*` are letters like others, and a number after a dot is an item only
//! right below a property that is an array (`identities.0.provider`, but not `user_metadata.2024`); else a top-level
//! property of that very name.

use super::names::{self, Named};
use super::tree::{Tree, TreeBuilder};
use crate::path::FieldPath;
use crate::record::error::FormatError;
use crate::record::titles::TITLES;

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
    let spoken = titles_that_count(&columns);
    let mut tree = TreeBuilder::default();
    let mut paths = Vec::with_capacity(columns.len());
    for (column, named) in columns.into_iter().enumerate() {
        let path = match named {
            Named::Path(path) => path,
            Named::Title(place, name) => spoken[place].clone().unwrap_or(name),
        };
        tree.add(&path, column)?;
        paths.push(path);
    }
    Ok((tree.finish()?, paths))
}

/// The path of each title that no other column names or touches.
fn titles_that_count(named: &[Named]) -> [Option<FieldPath>; TITLES.len()] {
    std::array::from_fn(|place| {
        let path = names::path_of(place)?;
        let touched = named.iter().any(|named| match named {
            Named::Path(other) => {
                let (one, two) = (path.segments(), other.segments());
                one.iter().zip(two).all(|(one, two)| one == two)
            }
            Named::Title(..) => false,
        });
        (!touched).then_some(path)
    })
}
