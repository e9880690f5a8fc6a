//! [`Node`]: what is known of one path.

use std::collections::HashMap;

use super::types::Types;

/// The index of a node.
pub(super) type Place = u32;

/// The record itself.
pub(super) const ROOT: Place = 0;

/// No node: for a path that is not counted.
pub(super) const NO_PLACE: Place = Place::MAX;

/// The limits of a tally, which bound its memory.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The maximum number of distinct keys of an object that has a column for each.
    pub(super) keys: usize,
    /// The maximum number of distinct paths below an object, by the number of steps to it: the record, a property, and so on.
    /// The last is for all deeper ones. An object with more paths counts in the one above it as with one path more than this
    /// limit, so that what is closed does not depend on the order of the records. A limit has room for several such objects.
    pub(super) below: [u32; 5],
    /// The maximum number of columns that objects are opened into. Beyond it, the object with the most columns becomes one.
    pub(super) columns: usize,
}

impl Limits {
    pub(super) const DEFAULT: Self =
        Self { keys: 1000, below: [200_000, 50_000, 5_000, 2_000, 1_000], columns: 1000 };

    fn below(&self, depth: u8) -> u32 {
        self.below[usize::from(depth).min(self.below.len() - 1)]
    }
}

/// Where a record has a value: at the path itself, or under another top-level name, in the order in which they are used.
pub(super) const RANKS: usize = 4;

/// One path of a tally.
#[derive(Default)]
pub(super) struct Node {
    pub(super) name: Box<str>,
    pub(super) parent: Place,
    pub(super) depth: u8,
    pub(super) members: HashMap<Box<str>, Place>,
    /// The number of paths below it.
    pub(super) below: u32,
    /// Whether it has too many members or paths. Then it has no members here.
    pub(super) is_closed: bool,
    pub(super) count: Count,
    /// The number of the last value here, for each rank.
    pub(super) visited: [u64; RANKS],
    /// The last record that was counted here.
    pub(super) counted: u64,
}

/// The values at one path.
#[derive(Debug, Clone, Copy)]
pub(super) struct Count {
    /// Values that are not null.
    pub(super) values: u64,
    pub(super) objects: u64,
    pub(super) nulls: u64,
    /// The types that all values fit that are not objects.
    pub(super) types: Types,
}

/// What one record has at a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Found {
    Null,
    Object,
    Other(Types),
}

impl Node {
    pub(super) fn new(name: &str, parent: Place, depth: u8) -> Self {
        Self { name: name.into(), parent, depth, ..Self::default() }
    }

    /// Adds to the number of paths below the node. Returns how much was added: at most up to one more than the limit.
    pub(super) fn grow(&mut self, by: u32, limits: &Limits) -> u32 {
        let (before, over) = (self.below, limits.below(self.depth) + 1);
        self.below = before.saturating_add(by).min(over);
        if self.members.len() > limits.keys {
            self.below = over;
        }
        self.below - before
    }

    /// Returns whether it has too many members or paths.
    pub(super) fn is_over(&self, limits: &Limits) -> bool {
        self.below > limits.below(self.depth)
    }
}

impl Default for Count {
    fn default() -> Self {
        Self { values: 0, objects: 0, nulls: 0, types: Types::ALL }
    }
}

impl Count {
    pub(super) fn add(&mut self, found: Found) {
        match found {
            Found::Null => self.nulls += 1,
            Found::Object => {
                self.values += 1;
                self.objects += 1;
            }
            Found::Other(types) => {
                self.values += 1;
                self.types = self.types.and(types);
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.values += other.values;
        self.objects += other.objects;
        self.nulls += other.nulls;
        self.types = self.types.and(other.types);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values + self.nulls == 0
    }
}
