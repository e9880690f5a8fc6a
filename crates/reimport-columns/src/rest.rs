//! [`RestTree`]: what the columns of a whole record do not have, in the form of the record.
//!
//! The rule: put the values of the columns at their paths, and merge the object `_rest` into that, objects member by member.
//! This gives the record. So a member of a record is in `_rest` as it was written, unless its column gives it back; of an
//! object that is opened into columns, `_rest` has only the members that no column gives back, or `{}` if it has no members.

use std::collections::{BTreeSet, HashMap, HashSet};

use reimport::json::{Kind, Name, Scanner, Value};
use reimport::path::{FieldPath, Segment};

use crate::column::{Column, is_nameable};

/// The members of a record that have columns, or columns below them.
#[derive(Debug)]
pub(crate) struct RestTree {
    /// The objects that are opened into columns. The first is the record.
    objects: Vec<HashMap<Box<str>, Target>>,
}

#[derive(Debug, Clone, Copy)]
enum Target {
    /// The number of a column.
    Column(usize),
    /// The number of an object.
    Object(usize),
}

/// An object, its position among the objects of its name in the same object.
type Occurrence = (usize, usize);

impl RestTree {
    /// A column that has a copy of what another column or `_rest` has is in no tree: one with an index in its path, one below
    /// another column, and one of the path of an earlier column.
    pub(crate) fn new(columns: &[Column]) -> Self {
        let paths: HashSet<&FieldPath> = columns.iter().map(Column::path).collect();
        let mut tree = Self { objects: vec![HashMap::new()] };
        for (place, column) in columns.iter().enumerate() {
            if let Some(names) = names(column.path())
                && !is_below(column.path(), &paths)
            {
                tree.add(&names, place);
            }
        }
        tree
    }

    fn add(&mut self, names: &[Box<str>], place: usize) {
        let Some((last, above)) = names.split_last() else { return };
        let mut object = 0;
        for name in above {
            let next = self.objects.len();
            // No column is above another one here.
            if let Target::Object(inner) =
                *self.objects[object].entry(name.clone()).or_insert(Target::Object(next))
            {
                object = inner;
            }
            if object == next {
                self.objects.push(HashMap::new());
            }
        }
        self.objects[object].entry(last.clone()).or_insert(Target::Column(place));
    }

    /// Returns the top-level member that column number `place` gives back alone.
    pub(crate) fn member(&self, place: usize) -> Option<&str> {
        let mut members = self.objects[0].iter();
        members.find_map(|(name, target)| match target {
            Target::Column(column) if *column == place => Some(&**name),
            _ => None,
        })
    }

    /// Returns the top-level members on the paths of `columns` that no column gives back alone, by name. Each has the number of
    /// its object, if it is opened into columns.
    pub(crate) fn opened(&self, columns: &[Column]) -> Vec<(Box<str>, Option<usize>)> {
        let first = columns.iter().filter_map(|column| match column.path().segments().first()? {
            Segment::Name(name) => Some(name.clone()),
            Segment::Number(number) => Some(number.to_string().into()),
            Segment::Index(_) => None,
        });
        let first: BTreeSet<Box<str>> = first.collect();
        let opened = first.into_iter().filter_map(|name| match self.objects[0].get(&name) {
            Some(Target::Column(_)) => None,
            Some(Target::Object(object)) => Some((name, Some(*object))),
            None => Some((name, None)),
        });
        opened.collect()
    }

    /// Writes the members of the value of object number `object` that no column gives back, without braces. `exact` says which
    /// columns give their value back. Returns whether the object is in `_rest`.
    pub(crate) fn write(&self, object: usize, value: &Value<'_>, exact: &[bool], out: &mut Vec<u8>) -> bool {
        let start = out.len();
        let mut objects = Vec::new();
        let is_there = self.members(object, value, exact, None, &mut objects, out);
        let mut seen = HashSet::new();
        if objects.iter().all(|(object, _)| seen.insert(*object)) {
            return is_there;
        }
        // A repeated key: only the last object of its name counts.
        out.truncate(start);
        let last: HashMap<usize, usize> = objects.into_iter().collect();
        self.members(object, value, exact, Some(&last), &mut Vec::new(), out)
    }

    fn members(
        &self,
        object: usize,
        value: &Value<'_>,
        exact: &[bool],
        last: Option<&HashMap<usize, usize>>,
        objects: &mut Vec<Occurrence>,
        out: &mut Vec<u8>,
    ) -> bool {
        let (start, mut count) = (out.len(), 0);
        let mut scanner = Scanner::new(value.json());
        // The record is valid.
        if scanner.enter_object().is_err() {
            return false;
        }
        while let Ok(Some(name)) = scanner.name() {
            let Ok(value) = scanner.value() else { break };
            count += 1;
            match self.target(object, &name) {
                Some(Target::Column(place)) if exact.get(place) == Some(&true) => {}
                Some(Target::Object(inner)) => {
                    objects.push((inner, count));
                    if last.is_some_and(|last| last.get(&inner) != Some(&count)) {
                        continue;
                    }
                    self.member_object(start, inner, &name, &value, exact, out);
                }
                _ => {
                    write_name(start, &name, out);
                    value.write_compact(out);
                }
            }
        }
        count == 0 || out.len() > start
    }

    /// Writes a member that is opened into columns. If it is not an object, it is written whole.
    fn member_object(
        &self,
        start: usize,
        inner: usize,
        name: &Name<'_>,
        value: &Value<'_>,
        exact: &[bool],
        out: &mut Vec<u8>,
    ) {
        let before = out.len();
        write_name(start, name, out);
        if value.kind() != Kind::Object {
            return value.write_compact(out);
        }
        out.push(b'{');
        if self.write(inner, value, exact, out) {
            out.push(b'}');
        } else {
            out.truncate(before);
        }
    }

    fn target(&self, object: usize, name: &Name<'_>) -> Option<Target> {
        if is_nameable(name) { self.objects[object].get(&*name.decoded()).copied() } else { None }
    }
}

fn write_name(start: usize, name: &Name<'_>, out: &mut Vec<u8>) {
    if out.len() > start {
        out.push(b',');
    }
    out.push(b'"');
    out.extend_from_slice(name.raw().as_bytes());
    out.extend_from_slice(b"\":");
}

/// Returns the names of a path without indexes.
fn names(path: &FieldPath) -> Option<Vec<Box<str>>> {
    let name = |segment: &Segment| match segment {
        Segment::Name(name) => Some(name.clone()),
        Segment::Index(_) | Segment::Number(_) => None,
    };
    path.segments().iter().map(name).collect()
}

/// Returns whether there is a column above the path.
fn is_below(path: &FieldPath, paths: &HashSet<&FieldPath>) -> bool {
    (1..path.segments().len()).any(|length| {
        let above = FieldPath::from_segments(path.segments()[..length].iter().cloned());
        above.is_some_and(|above| paths.contains(&above))
    })
}
