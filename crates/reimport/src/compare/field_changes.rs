//! Finds the field paths at which two values differ, and how they differ.
//!
//! Used only for users that differ. Values are parsed level by level. Nested values with the same text are not
//! parsed.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::report::{FieldChange, FieldChangeKind};
use crate::json::{Kind, Level, Name, SyntaxError, Value, decimal};
use crate::path::{FieldPath, Segment};

/// Adds the differences between `old` and `new`, which are both at `path`. Arrays of different lengths are one
/// difference as a whole.
///
/// # Errors
/// None for values that a scanner has returned.
pub(super) fn note_differences(
    old: Value<'_>,
    new: Value<'_>,
    path: &mut Vec<Segment>,
    changes: &mut Vec<FieldChange>,
) -> Result<(), SyntaxError> {
    if old.json() == new.json() {
        return Ok(());
    }
    match (old.open()?, new.open()?) {
        (Level::Object(old), Level::Object(new)) => {
            let (old, new) = (last_of_each_name(old), last_of_each_name(new));
            for (name, value) in &old {
                path.push(Segment::Name(name.as_ref().into()));
                match new.get(name) {
                    Some(other) => note_differences(*value, *other, path, changes)?,
                    None => note(path, FieldChangeKind::Gone, changes),
                }
                path.pop();
            }
            for name in new.keys().filter(|name| !old.contains_key(*name)) {
                path.push(Segment::Name(name.as_ref().into()));
                note(path, FieldChangeKind::Added, changes);
                path.pop();
            }
        }
        (Level::Array(old), Level::Array(new)) if old.len() == new.len() => {
            for (index, (value, other)) in old.into_iter().zip(new).enumerate() {
                path.push(Segment::Index(index as u32));
                note_differences(value, other, path, changes)?;
                path.pop();
            }
        }
        (Level::Scalar, Level::Scalar) => match (old.kind(), new.kind()) {
            (Kind::Number, Kind::Number) if decimal::lost_digits(old.json(), new.json()) => {
                note(path, FieldChangeKind::LostDigits, changes);
            }
            (Kind::Number, Kind::Number) if decimal::are_equal(old.json(), new.json()) => {}
            // The same string can be written in several ways.
            (Kind::String, Kind::String) if old.as_str() == new.as_str() => {}
            _ => note(path, FieldChangeKind::Value, changes),
        },
        _ => note(path, FieldChangeKind::Value, changes),
    }
    Ok(())
}

/// Returns the members by decoded name. The last of a repeated name counts.
fn last_of_each_name<'a>(members: Vec<(Name<'a>, Value<'a>)>) -> BTreeMap<Cow<'a, str>, Value<'a>> {
    members.into_iter().map(|(name, value)| (name.decoded(), value)).collect()
}

/// Adds a change at `path`.
pub(super) fn note(path: &[Segment], kind: FieldChangeKind, changes: &mut Vec<FieldChange>) {
    // Always succeeds: the path begins with a property, and is not deeper than a record can be.
    if let Some(path) = FieldPath::from_segments(path.iter().cloned()) {
        changes.push(FieldChange { path, kind });
    }
}
