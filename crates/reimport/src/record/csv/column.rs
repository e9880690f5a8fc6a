//! What a column holds, detected from the property that it names.

use crate::path::{FieldPath, Segment};
use crate::record::properties::{self, NESTED};

/// What the export job writes into the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holds {
    Boolean,
    Number,
    /// A date of the service's own, which it writes without an apostrophe.
    Date,
    /// An object or array as JSON text: the place of the property in [`NESTED`].
    Nested(u8),
    /// Strings, or anything else.
    Anything,
}

impl Holds {
    /// What the column of the field at `path` holds.
    pub(super) fn of(path: &FieldPath) -> Self {
        let names: Vec<&str> = path
            .segments()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Name(name) => Some(&**name),
                Segment::Index(_) | Segment::Number(_) => None,
            })
            .collect();
        let nested = || match path.segments() {
            [Segment::Name(name)] => NESTED.iter().position(|nested| nested.name == &**name),
            _ => None,
        };
        if properties::is_boolean(&names) {
            Self::Boolean
        } else if properties::is_number(&names) {
            Self::Number
        } else if let [name] = *names
            && properties::is_date(name)
        {
            Self::Date
        } else if let Some(place) = nested() {
            Self::Nested(place as u8)
        } else {
            Self::Anything
        }
    }
}
