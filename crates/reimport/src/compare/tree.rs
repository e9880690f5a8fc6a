//! Two values side by side: at which field paths they differ, and how. Only for the few that do.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::report::{Change, Kind};
use crate::json::decimal;
use crate::json::{self, Scanner, SyntaxError};
use crate::projection::{FieldPath, Segment};

/// A whole value, in memory; as deep as the scanner allows.
#[derive(Debug)]
pub(super) enum Tree<'a> {
    Null,
    Boolean(bool),
    Number(&'a str),
    String(Cow<'a, str>),
    Array(Vec<Tree<'a>>),
    Object(BTreeMap<Cow<'a, str>, Tree<'a>>),
}

impl<'a> Tree<'a> {
    /// The value that `text` is.
    pub(super) fn read(text: &'a str) -> Result<Self, SyntaxError> {
        Self::next(&mut Scanner::new(text))
    }

    fn next(scanner: &mut Scanner<'a>) -> Result<Self, SyntaxError> {
        Ok(match scanner.kind()? {
            json::Kind::Object => {
                let mut members = BTreeMap::new();
                scanner.enter_object()?;
                while let Some(name) = scanner.name()? {
                    // The last of a repeated name counts.
                    members.insert(name.decoded(), Self::next(scanner)?);
                }
                Self::Object(members)
            }
            json::Kind::Array => {
                let mut items = Vec::new();
                scanner.enter_array()?;
                while scanner.item()? {
                    items.push(Self::next(scanner)?);
                }
                Self::Array(items)
            }
            json::Kind::Number => Self::Number(scanner.value()?.json()),
            json::Kind::String => Self::String(scanner.value()?.as_str().unwrap_or_default()),
            json::Kind::Boolean => Self::Boolean(scanner.value()?.as_bool() == Some(true)),
            json::Kind::Null => {
                scanner.value()?;
                Self::Null
            }
        })
    }
}

/// Notes where `old` and `new`, both at `path`, differ. Arrays of different lengths differ as a whole.
pub(super) fn differ(old: &Tree<'_>, new: &Tree<'_>, path: &mut Vec<Segment>, changes: &mut Vec<Change>) {
    match (old, new) {
        (Tree::Object(old), Tree::Object(new)) => {
            for (name, value) in old {
                path.push(Segment::Name(name.as_ref().into()));
                match new.get(name) {
                    Some(other) => differ(value, other, path, changes),
                    None => note(path, Kind::Gone, changes),
                }
                path.pop();
            }
            for name in new.keys().filter(|name| !old.contains_key(*name)) {
                path.push(Segment::Name(name.as_ref().into()));
                note(path, Kind::Added, changes);
                path.pop();
            }
        }
        (Tree::Array(old), Tree::Array(new)) if old.len() == new.len() => {
            for (index, (value, other)) in old.iter().zip(new).enumerate() {
                path.push(Segment::Index(index as u32));
                differ(value, other, path, changes);
                path.pop();
            }
        }
        (Tree::Number(old), Tree::Number(new)) => {
            if decimal::lost_digits(old, new) {
                note(path, Kind::LostDigits, changes);
            } else if !decimal::are_equal(old, new) {
                note(path, Kind::Value, changes);
            }
        }
        (Tree::Null, Tree::Null) => {}
        (Tree::Boolean(old), Tree::Boolean(new)) if old == new => {}
        (Tree::String(old), Tree::String(new)) if old == new => {}
        _ => note(path, Kind::Value, changes),
    }
}

/// Notes a change at `path`.
pub(super) fn note(path: &[Segment], kind: Kind, changes: &mut Vec<Change>) {
    // A path that begins with a property, no deeper than a record nests.
    if let Some(path) = FieldPath::from_segments(path.iter().cloned()) {
        changes.push(Change { path, kind });
    }
}
