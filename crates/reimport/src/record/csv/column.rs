//! The kind of values in a column, determined by the property that it names.

use crate::path::{FieldPath, Segment};
use crate::user::property::{Property, Type, is_boolean, is_number};

/// The kind of values that the export job writes in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnKind {
    Boolean,
    Number,
    /// A date that the service writes, without an apostrophe.
    Date,
    /// An object or array as JSON text, with its property.
    Nested(Property),
    /// Strings, or anything else.
    Anything,
}

impl ColumnKind {
    /// Returns the kind of values in the column of the field at `path`.
    pub(super) fn of(path: &FieldPath) -> Self {
        let names: Vec<&str> = path
            .segments()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Name(name) => Some(&**name),
                Segment::Index(_) | Segment::Number(_) => None,
            })
            .collect();
        let property = match path.segments() {
            [Segment::Name(name)] => Property::named(name),
            _ => None,
        };
        if is_boolean(&names) {
            Self::Boolean
        } else if is_number(&names) {
            Self::Number
        } else if let [name] = *names
            && Property::named(name).is_some_and(|property| property.is() == Type::Date)
        {
            Self::Date
        } else if let Some(property) = property.filter(|property| property.is_nested()) {
            Self::Nested(property)
        } else {
            Self::Anything
        }
    }
}
