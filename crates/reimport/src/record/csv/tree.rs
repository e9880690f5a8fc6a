//! The objects and arrays that the columns of a header form, and the conflicts between columns.

use std::collections::{BTreeMap, HashMap};

use super::header::HeaderCellError;
use crate::json::escape_into;
use crate::path::{FieldPath, Segment};
use crate::record::error::FormatError;

/// The structure of every row as JSON.
#[derive(Debug)]
pub(super) struct Tree {
    /// The first node is the record with all properties.
    pub(super) nodes: Vec<CellNode>,
    /// The node of the record with the properties that are read.
    pub(super) read: usize,
}

impl Tree {
    /// Sets the properties that are read: those of the columns in `read`.
    pub(super) fn read_only(&mut self, read: &[bool]) {
        let CellNode::Object(members) = &self.nodes[0] else { return };
        let members = members.iter().filter(|(_, node)| read[self.column(*node)]).cloned().collect();
        self.read = self.nodes.len();
        self.nodes.push(CellNode::Object(members));
    }

    /// Returns a column of the cells below a node. All columns of one property are read, or none.
    fn column(&self, mut node: usize) -> usize {
        loop {
            node = match &self.nodes[node] {
                CellNode::Cell(column) => return *column,
                CellNode::Object(members) => members[0].1,
                CellNode::Array(items) => items[0],
            };
        }
    }
}

#[derive(Debug)]
pub(super) enum CellNode {
    /// The cell of a column, counted from 0.
    Cell(usize),
    /// The members, in the order of the header: `"name":` and the node of the value.
    Object(Vec<(Box<str>, usize)>),
    Array(Vec<usize>),
}

/// Builds a tree column by column.
pub(super) struct TreeBuilder {
    nodes: Vec<Growing>,
}

struct Growing {
    /// The column that created the node, counted from 0.
    column: usize,
    shape: Shape,
}

enum Shape {
    /// Not decided yet.
    Nothing,
    Cell,
    Object {
        members: Vec<(Box<str>, usize)>,
        places: HashMap<Box<str>, usize>,
    },
    Array(BTreeMap<u32, usize>),
}

impl Default for TreeBuilder {
    fn default() -> Self {
        let shape = Shape::Object { members: Vec::new(), places: HashMap::new() };
        Self { nodes: vec![Growing { column: 0, shape }] }
    }
}

impl TreeBuilder {
    /// Adds the field of a column, counted from 0.
    pub(super) fn add(&mut self, path: &FieldPath, column: usize) -> Result<(), HeaderCellError> {
        let mut at = 0;
        for segment in path.segments() {
            at = self.step(at, segment, column)?;
        }
        let end = &mut self.nodes[at];
        match end.shape {
            Shape::Nothing => end.shape = Shape::Cell,
            Shape::Cell => {
                let (first, second) = (end.column + 1, column + 1);
                return Err(HeaderCellError {
                    cell: second,
                    error: FormatError::RepeatedColumn { first, second },
                });
            }
            Shape::Object { .. } | Shape::Array(_) => return Err(in_one(column, end.column, column)),
        }
        Ok(())
    }

    /// Returns the node that a step from the node at `at` leads to. Creates it if it does not exist.
    fn step(&mut self, at: usize, segment: &Segment, column: usize) -> Result<usize, HeaderCellError> {
        let new = self.nodes.len();
        let node = &mut self.nodes[at];
        if matches!(node.shape, Shape::Nothing) {
            node.shape = match segment {
                Segment::Index(_) => Shape::Array(BTreeMap::new()),
                _ => Shape::Object { members: Vec::new(), places: HashMap::new() },
            };
        }
        let first = node.column;
        let child = match (&mut node.shape, segment) {
            (Shape::Cell | Shape::Nothing, _) => return Err(in_one(first, column, column)),
            (Shape::Array(items), Segment::Index(index)) => *items.entry(*index).or_insert(new),
            (Shape::Array(_), _) => return Err(mixed(first, column, column)),
            (Shape::Object { .. }, Segment::Index(_)) => return Err(mixed(column, first, column)),
            (Shape::Object { members, places }, Segment::Name(name)) => {
                *places.entry(name.clone()).or_insert_with(|| {
                    members.push((key(name), new));
                    new
                })
            }
            (Shape::Object { members, places }, Segment::Number(number)) => {
                let name: Box<str> = number.to_string().into();
                *places.entry(name.clone()).or_insert_with(|| {
                    members.push((key(&name), new));
                    new
                })
            }
        };
        if child == new {
            self.nodes.push(Growing { column, shape: Shape::Nothing });
        }
        Ok(child)
    }

    /// Returns the complete tree, or an error if an array has a gap.
    pub(super) fn finish(self) -> Result<Tree, HeaderCellError> {
        let columns: Vec<usize> = self.nodes.iter().map(|node| node.column).collect();
        let nodes = self.nodes.into_iter().map(|node| match node.shape {
            Shape::Nothing | Shape::Cell => Ok(CellNode::Cell(node.column)),
            Shape::Object { members, .. } => Ok(CellNode::Object(members)),
            Shape::Array(items) => {
                let gap = (0..).zip(&items).find(|(place, (index, _))| place != *index);
                if let Some((missing, (&index, &child))) = gap {
                    let cell = columns[child] + 1;
                    return Err(HeaderCellError {
                        cell,
                        error: FormatError::IndexGap { cell, index, missing },
                    });
                }
                Ok(CellNode::Array(items.into_values().collect()))
            }
        });
        Ok(Tree { nodes: nodes.collect::<Result<_, _>>()?, read: 0 })
    }
}

/// Returns `"name":`.
fn key(name: &str) -> Box<str> {
    let mut key = Vec::new();
    escape_into(name, &mut key);
    key.push(b':');
    String::from_utf8_lossy(&key).into()
}

fn in_one(outer: usize, inner: usize, column: usize) -> HeaderCellError {
    let error = FormatError::ColumnInColumn { outer: outer + 1, inner: inner + 1 };
    HeaderCellError { cell: column + 1, error }
}

fn mixed(index: usize, name: usize, column: usize) -> HeaderCellError {
    let error = FormatError::ArrayAndObject { index: index + 1, name: name + 1 };
    HeaderCellError { cell: column + 1, error }
}
