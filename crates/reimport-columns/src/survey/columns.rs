//! The columns of a tally: one for each path without an open object, with a limit.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use reimport::path::{FieldPath, Segment};

use super::node::{Count, Place, ROOT};
use super::tally::TypeTally;
use super::top_name::CONNECTION;
use crate::column::{Column, ColumnType};
use crate::layout::fixed_position;
use crate::schema::{SchemaColumn, free_name};

/// What becomes of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// No valid record has it.
    Empty,
    /// A column.
    Leaf(ColumnType),
    /// An object with a column for each member.
    Open,
}

/// An open object.
#[derive(Debug, Default)]
struct Branch {
    leaves: usize,
    /// The number of open objects in it.
    branches: usize,
}

impl TypeTally {
    /// Returns the columns: those of properties of the fixed schema in its order, then the others by path.
    pub(super) fn columns(&self) -> Vec<SchemaColumn> {
        let mut shapes = vec![Shape::Empty; self.nodes.len()];
        self.shape(ROOT, &mut shapes);
        self.limit(&mut shapes);
        let mut found: Vec<(FieldPath, ColumnType, Count)> = Vec::new();
        self.leaves(ROOT, &shapes, &mut found);
        if self.connection.is_spelled && !self.connection.count.is_empty() {
            let count = self.connection.count;
            found.extend(CONNECTION.parse().ok().map(|path| (path, leaf_type(&count), count)));
        }
        found.sort_by_cached_key(|(path, ..)| (fixed_position(path), path.clone()));
        let mut columns: Vec<SchemaColumn> = Vec::with_capacity(found.len());
        let mut taken = std::collections::HashSet::new();
        for (path, is, count) in found {
            let name = free_name(&path.to_string(), &mut taken);
            let missing = self.records - count.values - count.nulls;
            let column = Column::new(path, is, name);
            columns.push(SchemaColumn { column, values: count.values, nulls: count.nulls, missing });
        }
        columns
    }

    fn shape(&self, place: Place, shapes: &mut [Shape]) -> Shape {
        let node = &self.nodes[place as usize];
        let count = &node.count;
        let mut is_open = place == ROOT;
        if place == ROOT || (!node.is_closed && count.values == count.objects) {
            for member in node.members.values() {
                is_open |= self.shape(*member, shapes) != Shape::Empty;
            }
        }
        let shape = match is_open {
            true => Shape::Open,
            false if count.is_empty() => Shape::Empty,
            false => Shape::Leaf(leaf_type(count)),
        };
        shapes[place as usize] = shape;
        shape
    }

    /// Makes a column of the innermost open objects with the most columns, until there are few enough columns.
    fn limit(&self, shapes: &mut [Shape]) {
        let mut branches: HashMap<Place, Branch> = HashMap::new();
        let mut columns = 0;
        let mut reached = vec![ROOT];
        while let Some(place) = reached.pop() {
            if shapes[place as usize] == Shape::Open {
                branches.entry(place).or_default();
                for member in self.nodes[place as usize].members.values() {
                    let branch = branches.entry(place).or_default();
                    match shapes[*member as usize] {
                        Shape::Empty => {}
                        Shape::Leaf(_) => branch.leaves += 1,
                        Shape::Open => branch.branches += 1,
                    }
                    columns += usize::from(matches!(shapes[*member as usize], Shape::Leaf(_)));
                    reached.push(*member);
                }
            }
        }
        let key = |place: Place, branch: &Branch| (branch.leaves, Reverse(self.names(place)), place);
        let innermost = branches.iter().filter(|(place, branch)| **place != ROOT && branch.branches == 0);
        let mut innermost: BinaryHeap<_> = innermost.map(|(place, branch)| key(*place, branch)).collect();
        while columns > self.limits.columns
            && let Some((leaves, _, place)) = innermost.pop()
        {
            shapes[place as usize] = Shape::Leaf(ColumnType::Json);
            columns -= leaves - 1;
            let parent = self.nodes[place as usize].parent;
            let branch = branches.entry(parent).or_default();
            branch.leaves += 1;
            branch.branches -= 1;
            if branch.branches == 0 && parent != ROOT {
                innermost.push(key(parent, branch));
            }
        }
    }

    fn leaves(&self, place: Place, shapes: &[Shape], found: &mut Vec<(FieldPath, ColumnType, Count)>) {
        let node = &self.nodes[place as usize];
        match shapes[place as usize] {
            Shape::Empty => {}
            Shape::Open => node.members.values().for_each(|member| self.leaves(*member, shapes, found)),
            Shape::Leaf(is) => {
                let names = self.names(place).into_iter().map(|name| Segment::Name(name.into()));
                found.extend(FieldPath::from_segments(names).map(|path| (path, is, node.count)));
            }
        }
    }

    /// Returns the names from the record to a path.
    fn names(&self, mut place: Place) -> Vec<&str> {
        let mut names = Vec::new();
        while place != ROOT {
            let node = &self.nodes[place as usize];
            names.push(&*node.name);
            place = node.parent;
        }
        names.reverse();
        names
    }
}

/// Returns the narrowest type that all values fit. `json` for values of several kinds, and if all are null.
fn leaf_type(count: &Count) -> ColumnType {
    if count.objects > 0 || count.values == 0 { ColumnType::Json } else { count.types.narrowest() }
}
