//! [`TypeTally`]: counts the values of every path, and the types that all of them fit, in a tree with one node per path.
//!
//! Memory is bounded: an object with too many keys or paths is closed, and has no nodes below it. Whether an object is closed
//! depends only on the set of all records, because its number of paths never falls. So the tallies of parts add up to the
//! tally of the whole, in any order.

use std::collections::HashMap;
use std::sync::Arc;

use reimport::Record;
use reimport::json::{Kind, Name, Scanner, SyntaxError};
use reimport::path::FieldPath;
use reimport::projection::{Cell, PathTree, RowBuffer};

use super::node::{Count, Found, Limits, NO_PLACE, Node, Place, RANKS, ROOT};
use super::top_name::{CONNECTION, MAX_NAME, TopName};
use crate::column::is_nameable;
use crate::layout::is_fixed_member;

type Walked = Result<(), SyntaxError>;

/// Counts of all paths of some records. `Debug` shows numbers only.
pub struct TypeTally {
    pub(super) limits: Limits,
    pub(super) nodes: Vec<Node>,
    free: Vec<Place>,
    /// Nodes below a closed one. They are free after the current record.
    dead: Vec<Place>,
    pub(super) records: u64,
    /// The values of the current record.
    log: Vec<Entry>,
    /// The number of values so far, and before the current record.
    visits: u64,
    before: u64,
    /// Whether the current record has a key twice.
    repeated: bool,
    /// The properties that the current record has under another spelling. The first one counts.
    respelled: Vec<Place>,
    top_names: HashMap<Box<str>, Arc<TopName>>,
    pub(super) connection: Connection,
    buffer: Vec<u8>,
}

/// A value of the current record.
#[derive(Clone, Copy)]
struct Entry {
    place: Place,
    rank: usize,
    visit: u64,
    found: Found,
}

/// The connection of the first identity, which has an index in its path.
pub(super) struct Connection {
    tree: PathTree,
    row: RowBuffer,
    pub(super) count: Count,
    /// Whether a record has it under a name of its own, so that it has a column.
    pub(super) is_spelled: bool,
}

impl Default for TypeTally {
    fn default() -> Self {
        Self::with_limits(Limits::DEFAULT)
    }
}

impl std::fmt::Debug for TypeTally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TypeTally({} records, {} paths)", self.records, self.nodes.len() - self.free.len() - 1)
    }
}

impl TypeTally {
    pub(super) fn with_limits(limits: Limits) -> Self {
        let tree = PathTree::new(CONNECTION.parse::<FieldPath>());
        Self {
            limits,
            nodes: vec![Node::new("", NO_PLACE, 0)],
            free: Vec::new(),
            dead: Vec::new(),
            records: 0,
            log: Vec::new(),
            visits: 0,
            before: 0,
            repeated: false,
            respelled: Vec::new(),
            top_names: HashMap::new(),
            connection: Connection {
                tree,
                row: RowBuffer::new(),
                count: Count::default(),
                is_spelled: false,
            },
            buffer: Vec::new(),
        }
    }

    /// Counts one record, if it is a valid JSON object.
    pub(super) fn add(&mut self, record: Record<'_>) -> Walked {
        self.log.clear();
        self.respelled.clear();
        (self.before, self.repeated) = (self.visits, false);
        let mut scanner = Scanner::new(record.json());
        let walked = scanner.enter_object().and_then(|()| self.walk_top(&mut scanner));
        if let Ok(has_connection) = walked {
            self.count(record, has_connection);
        }
        self.bury();
        walked.map(drop)
    }

    /// Adds the counts of another tally.
    pub(super) fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.connection.count.merge(&other.connection.count);
        self.connection.is_spelled |= other.connection.is_spelled;
        self.merge_node(ROOT, other, ROOT);
        self.bury();
    }

    fn merge_node(&mut self, place: Place, other: &Self, theirs: Place) {
        let their = &other.nodes[theirs as usize];
        self.node(place).count.merge(&their.count);
        if their.is_closed {
            self.close_as_too_large(place);
        }
        for (name, member) in &their.members {
            let place = self.member(place, name);
            if place != NO_PLACE {
                self.merge_node(place, other, *member);
            }
        }
    }

    fn node(&mut self, place: Place) -> &mut Node {
        &mut self.nodes[place as usize]
    }

    /// Reads the members of a record. Returns whether it can have the connection of the first identity.
    fn walk_top(&mut self, scanner: &mut Scanner<'_>) -> Result<bool, SyntaxError> {
        let mut has_connection = false;
        while let Some(name) = scanner.name()? {
            if !is_nameable(&name) {
                scanner.value()?;
                continue;
            }
            let top = self.top_name(&name);
            has_connection |= top.has_connection;
            self.connection.is_spelled |= top.is_connection;
            for (rank, path) in &top.spelled {
                let place = path.iter().fold(ROOT, |place, name| self.member(place, name));
                let is_first = *rank < RANKS - 1 || !self.respelled.contains(&place);
                if place != NO_PLACE && is_first {
                    self.respelled.extend((*rank == RANKS - 1).then_some(place));
                    self.walk(place, *rank, &mut scanner.clone())?;
                }
            }
            let place = if top.is_plain { self.member(ROOT, &name.decoded()) } else { NO_PLACE };
            self.walk(place, 0, scanner)?;
        }
        scanner.end()?;
        Ok(has_connection)
    }

    fn top_name(&mut self, name: &Name<'_>) -> Arc<TopName> {
        if let Some(top) = self.top_names.get(name.raw()) {
            return Arc::clone(top);
        }
        let top = Arc::new(TopName::new(&name.decoded()));
        if self.top_names.len() < self.limits.keys && name.raw().len() <= MAX_NAME {
            self.top_names.insert(name.raw().into(), Arc::clone(&top));
        }
        top
    }

    /// Reads the next value. The scanner limits the nesting, and so the recursion.
    fn walk(&mut self, place: Place, rank: usize, scanner: &mut Scanner<'_>) -> Walked {
        if place == NO_PLACE {
            return scanner.value().map(drop);
        }
        self.visits += 1;
        let (visit, before) = (self.visits, self.before);
        let node = self.node(place);
        let earlier = std::mem::replace(&mut node.visited[rank], visit);
        let (types, is_closed) = (node.count.types, node.is_closed);
        self.repeated |= earlier > before;
        let kind = scanner.kind()?;
        if kind == Kind::Object && !is_closed {
            self.log.push(Entry { place, rank, visit, found: Found::Object });
            scanner.enter_object()?;
            while let Some(name) = scanner.name()? {
                let member = if is_nameable(&name) { self.member(place, &name.decoded()) } else { NO_PLACE };
                self.walk(member, rank, scanner)?;
            }
            return Ok(());
        }
        let value = scanner.value()?;
        let found = match kind {
            Kind::Null => Found::Null,
            Kind::Object => Found::Object,
            _ => Found::Other(types.fitting(&value, &mut self.buffer)),
        };
        self.log.push(Entry { place, rank, visit, found });
        Ok(())
    }

    /// Returns the node of a member. Creates it if the object is not closed.
    fn member(&mut self, parent: Place, name: &str) -> Place {
        let Some(above) = self.nodes.get(parent as usize) else { return NO_PLACE };
        if let Some(&place) = above.members.get(name) {
            return place;
        }
        let (is_closed, depth) = (above.is_closed, above.depth.saturating_add(1));
        if is_closed && !(parent == ROOT && is_fixed_member(name)) {
            return NO_PLACE;
        }
        if name.len() > MAX_NAME {
            if parent != ROOT {
                self.close_as_too_large(parent);
            }
            return NO_PLACE;
        }
        let mut node = Node::new(name, parent, depth);
        node.is_closed = is_closed;
        let place = if let Some(place) = self.free.pop() {
            *self.node(place) = node;
            place
        } else {
            self.nodes.push(node);
            (self.nodes.len() - 1) as Place
        };
        self.node(parent).members.insert(name.into(), place);
        self.grow(parent, 1);
        place
    }

    /// Adds to the number of paths below an object and below all objects above it, and closes those with too many.
    fn grow(&mut self, mut place: Place, mut by: u32) {
        // What is below a closed object counts no more.
        while place != NO_PLACE && !self.node(place).is_closed {
            let limits = self.limits;
            let node = self.node(place);
            by = node.grow(by, &limits);
            let parent = node.parent;
            if node.is_over(&limits) {
                self.close(place);
            }
            place = parent;
        }
    }

    /// Closes an object as if it had more paths than its limit.
    fn close_as_too_large(&mut self, place: Place) {
        self.grow(place, u32::MAX);
    }

    /// Closes an object. A closed record keeps the members of the fixed schema, each closed.
    fn close(&mut self, place: Place) {
        let node = self.node(place);
        node.is_closed = true;
        let mut below: Vec<Place> = Vec::new();
        for (name, member) in std::mem::take(&mut node.members) {
            if place == ROOT && is_fixed_member(&name) {
                let kept = self.node(member);
                kept.is_closed = true;
                below.extend(std::mem::take(&mut kept.members).into_values());
                self.node(ROOT).members.insert(name, member);
            } else {
                below.push(member);
            }
        }
        while let Some(place) = below.pop() {
            let node = self.node(place);
            node.is_closed = true;
            below.extend(std::mem::take(&mut node.members).into_values());
            self.dead.push(place);
        }
    }

    /// Makes the nodes below closed ones free. Not in a record, because its log may have them.
    fn bury(&mut self) {
        for place in self.dead.drain(..) {
            self.nodes[place as usize] = Node::default();
            self.free.push(place);
        }
    }

    /// Counts the values of a valid record: at each path the last one of the first rank.
    fn count(&mut self, record: Record<'_>, has_connection: bool) {
        self.records += 1;
        if has_connection {
            let Connection { tree, row, count, .. } = &mut self.connection;
            match tree.read(record, row).map(|row| row.get(0)) {
                Ok(Cell::Null) => count.add(Found::Null),
                Ok(Cell::Value(value)) => {
                    count.add(Found::Other(count.types.fitting(&value, &mut self.buffer)));
                }
                Ok(Cell::Missing) | Err(_) => {}
            }
        }
        if self.log.iter().any(|entry| entry.rank > 0) {
            self.log.sort_by_key(|entry| entry.rank);
        }
        let mut log = std::mem::take(&mut self.log);
        for entry in log.drain(..) {
            if (self.repeated || entry.rank > 0) && self.is_replaced(&entry) {
                continue;
            }
            let records = self.records;
            let node = self.node(entry.place);
            if node.counted != records {
                node.counted = records;
                node.count.add(entry.found);
            }
        }
        self.log = log;
    }

    /// Returns whether a later value of its path, or of a path above it, replaces a value.
    fn is_replaced(&self, entry: &Entry) -> bool {
        let mut place = entry.place;
        while let Some(node) = self.nodes.get(place as usize) {
            if node.visited[entry.rank] > entry.visit {
                return true;
            }
            place = node.parent;
        }
        false
    }
}
