//! Reads a header cell: a path, a title, or the name of a top-level property.

use super::header::HeaderCellError;
use crate::path::{FieldPath, PathExpected, Segment};
use crate::record::error::FormatError;
use crate::user::property::{Property, Type};
use crate::user::spelling;

/// One column, before other spellings of known properties are compared with exact names.
pub(super) enum Named {
    /// A path, or a name that is one step.
    Path(FieldPath),
    /// Another spelling of a known property, or of a path inside one.
    Alias {
        /// The known field.
        path: FieldPath,
        /// The field with exactly the name in the cell.
        own: FieldPath,
        /// Whether the name is exactly a title, which has priority over other spellings.
        is_title: bool,
    },
}

/// Reads the name in a header cell. `cell` is its number, counted from 1.
pub(super) fn read(text: &str, cell: usize) -> Result<Named, HeaderCellError> {
    let text = unmarked(text);
    if text.is_empty() {
        return Err(HeaderCellError { cell, error: FormatError::EmptyColumn { cell } });
    }
    if let Some(alias) = spelling::alias_of(text)
        && let Ok(path) = alias.path.parse()
    {
        return Ok(Named::Alias { path, own: one_step(text), is_title: alias.title.is_some() });
    }
    if !is_marked(text) {
        return Ok(Named::Path(one_step(text)));
    }
    match FieldPath::found(text) {
        Ok(path) => Ok(match below_known(&path) {
            Some(known) => {
                Named::Alias { path: with_indices(&known), own: with_indices(&path), is_title: false }
            }
            None => Named::Path(with_indices(&path)),
        }),
        Err(error) if is_intended_path(text, error.expected()) => {
            Err(HeaderCellError { cell, error: FormatError::ColumnPath { cell, error } })
        }
        // A title of another tool: `Tel.`, `Price [EUR]`.
        Err(_) => Ok(Named::Path(one_step(text))),
    }
}

/// If the path begins with another spelling of a known property, returns the path with the exact name.
fn below_known(path: &FieldPath) -> Option<FieldPath> {
    let Some(Segment::Name(root)) = path.segments().first() else { return None };
    path.with_root(spelling::spelled_by(root).map(Property::name).filter(|known| *known != &**root)?)
}

/// Returns `true` if a header cell names a field that users are known to have.
pub(super) fn is_known(text: &str) -> bool {
    let text = unmarked(text);
    if spelling::is_known(text) {
        return true;
    }
    is_marked(text)
        && FieldPath::found(text).is_ok_and(
            |path| matches!(path.segments(), [Segment::Name(root), ..] if spelling::spelled_by(root).is_some()),
        )
}

/// Removes the apostrophe that some exports write before every string.
fn unmarked(text: &str) -> &str {
    text.strip_prefix('\'').unwrap_or(text)
}

/// Returns `true` if the text can be a path of several steps, or a step that is not written as a bare name.
fn is_marked(text: &str) -> bool {
    text.starts_with('/') || text.bytes().any(|byte| matches!(byte, b'.' | b'['))
}

/// Returns `true` if invalid path text was meant to be a path: it begins with a known property, or it only has too
/// many steps or too large an index.
fn is_intended_path(text: &str, expected: PathExpected) -> bool {
    let text = text.strip_prefix("user.").unwrap_or(text);
    let root = text.split(['.', '[']).next().unwrap_or_default();
    spelling::spelled_by(root).is_some() || matches!(expected, PathExpected::Shallower | PathExpected::Index)
}

/// Decides for each number in a path: an index directly after a property that is an array, otherwise the name of a
/// member.
fn with_indices(path: &FieldPath) -> FieldPath {
    let in_array = |place: usize| {
        place == 1
            && matches!(&path.segments()[0], Segment::Name(root) if Property::named(root).is_some_and(|property| property.is() == Type::Array))
    };
    let segments = path.segments().iter().enumerate().map(|(place, segment)| match segment {
        Segment::Number(number) if in_array(place) => Segment::Index(*number),
        Segment::Number(number) => Segment::Name(number.to_string().into()),
        other => other.clone(),
    });
    FieldPath::from_segments(segments).unwrap_or_else(|| path.clone())
}

fn one_step(name: &str) -> FieldPath {
    FieldPath::of_name(name)
}
