//! Nested output: the names of fields are paths in the output, compiled to one tree.

use std::collections::BTreeMap;

use super::error::ProjectionError;
use super::render::json_key;
use crate::path::{FieldPath, Segment};

/// The tree of the names. Renders one object in one pass over the fields.
#[derive(Debug)]
pub(super) struct NestedNames {
    root: Vec<(Vec<u8>, Branch)>,
}

#[derive(Debug)]
struct Branch {
    node: Node,
    /// Whether it is, or has, a field that is not a constant. It is then left out if all of these are missing.
    varies: bool,
}

#[derive(Debug)]
enum Node {
    /// The field with this index.
    Field(usize),
    /// Members, each after its `"NAME":`.
    Object(Vec<(Vec<u8>, Branch)>),
    Array(Vec<Branch>),
}

/// What was appended for a branch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Appended {
    Nothing,
    Constants,
    Values,
}

impl NestedNames {
    /// Compiles the names of fields, each with whether the field is a constant.
    pub(super) fn compile<'n>(
        fields: impl Iterator<Item = (&'n str, bool)> + Clone,
    ) -> Result<Self, ProjectionError> {
        let names: Vec<&str> = fields.clone().map(|(name, _)| name).collect();
        let mut root = Draft { first: 0, node: DraftNode::Object(Vec::new()) };
        for (index, name) in names.iter().enumerate() {
            let path = FieldPath::of_output(name)
                .map_err(|error| ProjectionError::NestedName { name: (*name).into(), error })?;
            root.add(path.segments(), index).map_err(|(first, what)| ProjectionError::NestedNames {
                first: names[first].into(),
                second: (*name).into(),
                what,
            })?;
        }
        let constants: Vec<bool> = fields.map(|(_, constant)| constant).collect();
        match root.finish(&names, &constants)?.node {
            Node::Object(root) => Ok(Self { root }),
            // The root of the draft is an object.
            Node::Field(_) | Node::Array(_) => Ok(Self { root: Vec::new() }),
        }
    }

    /// Appends one object. `write` appends the value of a field, and returns whether the record has one.
    pub(super) fn render(&self, out: &mut Vec<u8>, write: &mut impl FnMut(usize, &mut Vec<u8>) -> bool) {
        object(&self.root, out, write);
    }
}

impl Branch {
    fn render(&self, out: &mut Vec<u8>, write: &mut impl FnMut(usize, &mut Vec<u8>) -> bool) -> Appended {
        let start = out.len();
        let appended = match &self.node {
            Node::Field(index) => match (write(*index, out), self.varies) {
                (false, _) => Appended::Nothing,
                (true, true) => Appended::Values,
                (true, false) => Appended::Constants,
            },
            Node::Object(members) => object(members, out, write),
            Node::Array(items) => {
                out.push(b'[');
                let mut all = Appended::Constants;
                for item in items {
                    add(item, b"", start + 1, &mut all, out, write);
                }
                out.push(b']');
                all
            }
        };
        // An object of constants alone says nothing about a record that has none of its values.
        if self.varies && appended != Appended::Values {
            out.truncate(start);
            return Appended::Nothing;
        }
        appended
    }
}

fn object(
    members: &[(Vec<u8>, Branch)],
    out: &mut Vec<u8>,
    write: &mut impl FnMut(usize, &mut Vec<u8>) -> bool,
) -> Appended {
    out.push(b'{');
    let (start, mut all) = (out.len(), Appended::Constants);
    for (key, member) in members {
        add(member, key, start, &mut all, out, write);
    }
    out.push(b'}');
    all
}

/// Appends a member or an item of the container whose content begins at `start`, after its `key`.
fn add(
    branch: &Branch,
    key: &[u8],
    start: usize,
    all: &mut Appended,
    out: &mut Vec<u8>,
    write: &mut impl FnMut(usize, &mut Vec<u8>) -> bool,
) {
    let before = out.len();
    if before > start {
        out.push(b',');
    }
    out.extend_from_slice(key);
    match branch.render(out, write) {
        Appended::Nothing => out.truncate(before),
        Appended::Constants => {}
        Appended::Values => *all = Appended::Values,
    }
}

/// A branch while names are added. `first` is the first field in it.
struct Draft {
    first: usize,
    node: DraftNode,
}

enum DraftNode {
    Field,
    Object(Vec<(Box<str>, Draft)>),
    Array(BTreeMap<u32, Draft>),
}

impl Draft {
    /// Creates the branch of one field.
    fn of(steps: &[Segment], field: usize) -> Self {
        let node = match steps.split_first() {
            None => DraftNode::Field,
            Some((Segment::Index(index), rest)) => {
                DraftNode::Array(BTreeMap::from([(*index, Self::of(rest, field))]))
            }
            Some((step, rest)) => DraftNode::Object(vec![(member(step), Self::of(rest, field))]),
        };
        Self { first: field, node }
    }

    /// Adds a field. If it cannot be added, returns an earlier field that is in its way, and why.
    fn add(&mut self, steps: &[Segment], field: usize) -> Result<(), (usize, &'static str)> {
        let first = self.first;
        match (&mut self.node, steps.split_first()) {
            (DraftNode::Field, None) => Err((first, "both are at the same place")),
            (DraftNode::Field, Some(_)) => Err((first, "the second is inside the first, which is a value")),
            (_, None) => Err((first, "the first is inside the second, which is a value")),
            (DraftNode::Array(items), Some((Segment::Index(index), rest))) => {
                if let Some(item) = items.get_mut(index) {
                    return item.add(rest, field);
                }
                items.insert(*index, Self::of(rest, field));
                Ok(())
            }
            (DraftNode::Object(_), Some((Segment::Index(_), _))) => {
                Err((first, "the first needs an object where the second needs an array"))
            }
            (DraftNode::Object(members), Some((step, rest))) => {
                let name = member(step);
                if let Some((_, inside)) = members.iter_mut().find(|(own, _)| *own == name) {
                    return inside.add(rest, field);
                }
                members.push((name, Self::of(rest, field)));
                Ok(())
            }
            (DraftNode::Array(_), Some(_)) => {
                Err((first, "the first needs an array where the second needs an object"))
            }
        }
    }

    fn finish(self, names: &[&str], constants: &[bool]) -> Result<Branch, ProjectionError> {
        Ok(match self.node {
            DraftNode::Field => Branch { node: Node::Field(self.first), varies: !constants[self.first] },
            DraftNode::Object(members) => {
                let finish =
                    |(name, draft): (Box<str>, Self)| Ok((json_key(&name), draft.finish(names, constants)?));
                let members: Vec<_> =
                    members.into_iter().map(finish).collect::<Result<_, ProjectionError>>()?;
                let varies = members.iter().any(|(_, member)| member.varies);
                Branch { node: Node::Object(members), varies }
            }
            DraftNode::Array(items) => {
                let mut all = Vec::new();
                for (place, (index, item)) in items.into_iter().enumerate() {
                    if index as usize != place {
                        let (name, missing) = (names[item.first].into(), place);
                        return Err(ProjectionError::NestedGap { name, index, missing });
                    }
                    all.push(item.finish(names, constants)?);
                }
                let varies = all.iter().any(|item| item.varies);
                Branch { node: Node::Array(all), varies }
            }
        })
    }
}

/// Returns the name of a member. A number that is not in brackets is a name.
fn member(step: &Segment) -> Box<str> {
    match step {
        Segment::Name(name) => name.clone(),
        Segment::Number(number) | Segment::Index(number) => number.to_string().into(),
    }
}
