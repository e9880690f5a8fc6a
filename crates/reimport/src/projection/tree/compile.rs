//! Compiles paths to a tree: first a tree of segments, then nodes with numbered slots.

use super::{Member, PathNode, PathTree, Targets};
use crate::path::Segment;

/// A node of the intermediate tree.
#[derive(Default)]
pub(super) struct SegmentNode {
    children: Vec<(Segment, usize)>,
    asked: bool,
}

impl SegmentNode {
    /// Adds a path. Returns the index of its last node.
    pub(super) fn grow(segment_nodes: &mut Vec<Self>, path: &[Segment]) -> usize {
        let mut at = 0;
        for segment in path {
            let known =
                segment_nodes[at].children.iter().find(|child| child.0 == *segment).map(|child| child.1);
            at = known.unwrap_or_else(|| {
                let new = segment_nodes.len();
                segment_nodes[at].children.push((segment.clone(), new));
                segment_nodes.push(Self::default());
                new
            });
        }
        segment_nodes[at].asked = true;
        at
    }
}

impl PathTree {
    /// Compiles node `at` and all nodes below it. Returns the number of the compiled node, and stores the slots of
    /// requested paths in `slots`.
    pub(super) fn compile(&mut self, segment_nodes: &[SegmentNode], at: usize, slots: &mut [u32]) -> u32 {
        let number = self.nodes.len();
        self.nodes.push(PathNode::default());
        let first_slot = self.slots;
        let slot = segment_nodes[at].asked.then_some(first_slot as u32);
        if let Some(slot) = slot {
            slots[at] = slot;
            self.slots += 1;
        }
        let mut node = PathNode { slot, ..PathNode::default() };
        for (segment, child) in &segment_nodes[at].children {
            let target = self.compile(segment_nodes, *child, slots);
            match segment {
                Segment::Name(name) => node.add_member(name, target),
                Segment::Index(index) => node.add_item(*index, target),
                Segment::Number(number) => {
                    node.add_member(&number.to_string(), target);
                    node.add_item(*number, target);
                }
            }
        }
        node.below = first_slot..self.slots;
        self.nodes[number] = node;
        number as u32
    }
}

impl PathNode {
    fn add_member(&mut self, name: &str, target: u32) {
        self.lengths.add(name);
        match self.place(name) {
            Ok(place) => self.members[place].targets.1 = Some(target),
            Err(place) => {
                let targets = Targets(target, None);
                self.members.insert(place, Member { name: name.into(), targets, aliased: false });
            }
        }
    }

    fn add_item(&mut self, index: u32, target: u32) {
        match self.items.binary_search_by_key(&index, |item| item.0) {
            Ok(place) => self.items[place].1.1 = Some(target),
            Err(place) => self.items.insert(place, (index, Targets(target, None))),
        }
    }
}
