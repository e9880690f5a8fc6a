//! [`TopName`]: what a top-level name of a record means.

use reimport::path::{FieldPath, Segment};
use reimport::projection::{Spelling, spelled_paths};

/// The path with an index that a default-field export has under the name `connection`.
pub(super) const CONNECTION: &str = "identities[0].connection";

/// The maximum length in bytes of a member name with a column.
pub(super) const MAX_NAME: usize = 256;

/// The property that has [`CONNECTION`].
const IDENTITIES: &str = "identities";

/// The paths whose values a record can have under one top-level name.
pub(super) struct TopName {
    /// Whether it is a member of its own, and spells no other path.
    pub(super) is_plain: bool,
    /// The rank, and the names of each path that the name spells.
    pub(super) spelled: Vec<(usize, Vec<Box<str>>)>,
    /// Whether the value can have the connection of the first identity.
    pub(super) has_connection: bool,
    /// Whether the name spells [`CONNECTION`] itself.
    pub(super) is_connection: bool,
}

impl TopName {
    pub(super) fn new(name: &str) -> Self {
        let mut top = Self {
            is_plain: name.len() <= MAX_NAME,
            spelled: Vec::new(),
            has_connection: name == IDENTITIES,
            is_connection: false,
        };
        for (spelling, path) in spelled_paths(name) {
            top.is_plain = false;
            let rank = match spelling {
                Spelling::Flat => 1,
                Spelling::Title => 2,
                Spelling::Other => 3,
            };
            top.has_connection |= first_name(&path) == Some(IDENTITIES);
            top.is_connection |= path.to_string() == CONNECTION;
            if let Some(names) = names(&path) {
                top.spelled.push((rank, names));
            }
        }
        top
    }
}

fn first_name(path: &FieldPath) -> Option<&str> {
    match path.segments() {
        [Segment::Name(name), ..] => Some(name),
        _ => None,
    }
}

/// Returns the names of a path without indexes. `None` if its first name is a flat key again, so that it means two paths.
fn names(path: &FieldPath) -> Option<Vec<Box<str>>> {
    let name = |segment: &Segment| match segment {
        Segment::Name(name) if name.len() <= MAX_NAME => Some(name.clone()),
        Segment::Number(number) => Some(number.to_string().into_boxed_str()),
        _ => None,
    };
    let names: Vec<_> = path.segments().iter().map(name).collect::<Option<_>>()?;
    let is_flat = names.first().is_some_and(|first| spelled_paths(first).next().is_some());
    (!is_flat).then_some(names)
}
