//! Counts paths in a tree with one node per path. The number of nodes is limited.
//!
//! If there are more paths than the limit, the paths with the fewest steps are kept. Among paths with the same
//! number of steps, the first by text are kept. This choice does not depend on the order of the records, so the
//! tallies of parts add up to the tally of the whole.

use std::collections::{BTreeMap, HashMap};

use crate::error::Result;
use crate::json::{Kind, Name, Scanner, SyntaxError};
use crate::path::write_name;
use crate::record::{Record, RecordError};

/// The maximum number of paths that a [`Tally`] counts separately.
pub const MAX_PATHS: usize = 10_000;

/// The maximum length in bytes of a member name that is counted separately.
const MAX_NAME: usize = 256;

/// Counts for each path how many records have it, and as which types.
///
/// A record counts once per path and once per type at that path, even if several items of an array have the path.
/// If a key is repeated, only the last one counts. Memory is bounded by [`MAX_PATHS`]. `Debug` shows numbers only.
///
/// ```
/// use reimport::{RecordReader, survey::Tally};
///
/// let mut reader = RecordReader::from_reader("x", &b"{\"a\":[{\"b\":1},{\"b\":null}]}\n{\"c\":true}"[..])?;
/// let mut tally = Tally::new();
/// while let Some(record) = reader.next_record()? {
///     tally.add(record)?;
/// }
/// let fields = tally.fields();
/// let b = fields.iter().find(|field| field.path() == "a[].b").expect("it was there");
/// assert_eq!((b.records(), tally.records()), (1, 2));
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct Tally {
    /// The first node is the record itself. Free nodes have no parent.
    nodes: Vec<FieldNode>,
    /// The nodes that are kept, ordered by the number of steps and then by the text of the path.
    kept: BTreeMap<(u16, Box<str>), Place>,
    most: usize,
    free: Vec<Place>,
    /// The values of the current record, with the node of each.
    log: Vec<Entry>,
    /// The number of objects read so far. It identifies an object, to detect repeated keys.
    objects: u64,
    records: u64,
    /// The number of values at all paths, including paths that are not kept.
    values: u64,
}

type Place = u32;

/// No node: used for a path that is not kept, and for a parent that does not exist.
const NO_PLACE: Place = Place::MAX;

#[derive(Clone, Copy)]
struct Entry {
    node: Place,
    /// The generation of the node when the value was read. The node may be dropped and its place reused before the
    /// record ends.
    generation: u32,
    kind: Kind,
    /// True if a later key of the same name replaces this value.
    void: bool,
}

struct FieldNode {
    /// The number of nodes that used this place before.
    generation: u32,
    /// The name of the member. Empty for an array item.
    name: Box<str>,
    path: Box<str>,
    parent: Place,
    depth: u16,
    members: HashMap<Box<str>, Place>,
    item: Place,
    /// The first member of this object, and the member after this one, as seen the last time. Used as a guess,
    /// which is nearly always right.
    first: Place,
    next: Place,
    /// The object in which this member was last read, and the range of `log` that it added there.
    object: u64,
    logged: (usize, usize),
    /// The last record that was counted here, and a bit for each type it has here.
    record: u64,
    kinds: u8,
    count: Count,
}

/// The counts of one path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Count {
    records: u64,
    by_kind: [u64; KINDS.len()],
    values: u64,
}

const KINDS: [Kind; 6] = [Kind::String, Kind::Number, Kind::Boolean, Kind::Object, Kind::Array, Kind::Null];

fn index_of(kind: Kind) -> usize {
    match kind {
        Kind::String => 0,
        Kind::Number => 1,
        Kind::Boolean => 2,
        Kind::Object => 3,
        Kind::Array => 4,
        Kind::Null => 5,
    }
}

/// One path of a [`Tally`] with its counts.
#[derive(Debug, Clone, Copy)]
pub struct FieldCount<'t> {
    path: &'t str,
    count: Count,
}

impl<'t> FieldCount<'t> {
    /// Returns the path. `[]` is any item of an array. Otherwise the syntax is that of a
    /// [`FieldPath`](crate::projection::FieldPath).
    pub fn path(&self) -> &'t str {
        self.path
    }

    /// Returns the number of records that have the path. `null` counts as a value.
    pub fn records(&self) -> u64 {
        self.count.records
    }

    /// Returns the number of records for each type. Types with no records are left out.
    pub fn kinds(&self) -> impl Iterator<Item = (Kind, u64)> + use<> {
        KINDS.into_iter().zip(self.count.by_kind).filter(|(_, records)| *records > 0)
    }
}

impl Default for Tally {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Tally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Tally({} records, {} paths)", self.records, self.kept.len())
    }
}

impl Tally {
    /// Creates an empty tally.
    pub fn new() -> Self {
        Self::with_most(MAX_PATHS)
    }

    pub(super) fn with_most(most: usize) -> Self {
        Self {
            nodes: vec![FieldNode::new("", "", NO_PLACE, 0)],
            kept: BTreeMap::new(),
            most,
            free: Vec::new(),
            log: Vec::new(),
            objects: 0,
            records: 0,
            values: 0,
        }
    }

    /// Counts one record.
    ///
    /// # Errors
    /// Returns an error if the record is not a valid JSON object. Such a record is not counted.
    pub fn add(&mut self, record: Record<'_>) -> Result<()> {
        self.add_text(record.json()).map_err(|error| record.located(RecordError::from(error)))
    }

    pub(super) fn add_text(&mut self, json: &str) -> std::result::Result<(), SyntaxError> {
        self.log.clear();
        let mut scanner = Scanner::new(json);
        let walked = scanner
            .enter_object()
            .and_then(|()| self.walk_members(0, &mut scanner))
            .and_then(|()| scanner.end());
        if walked.is_ok() {
            self.count_record();
        }
        walked
    }

    /// Returns the number of records that were counted.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Returns the number of values at paths that are not counted separately, because there are more than
    /// [`MAX_PATHS`] paths or a name is longer than 256 bytes.
    pub fn other_values(&self) -> u64 {
        self.values - self.kept.values().map(|place| self.node(*place).count.values).sum::<u64>()
    }

    /// Returns every path that at least one record has, sorted by text.
    pub fn fields(&self) -> Vec<FieldCount<'_>> {
        let nodes = self.kept.values().map(|place| self.node(*place)).filter(|node| node.count.records > 0);
        let mut fields: Vec<_> =
            nodes.map(|node| FieldCount { path: &node.path, count: node.count }).collect();
        fields.sort_unstable_by_key(|field| field.path);
        fields
    }

    /// Adds the counts of another tally.
    pub fn merge(&mut self, other: &Self) {
        self.records += other.records;
        self.values += other.values;
        let mut places = HashMap::from([(0, (0, 0))]);
        // A parent has fewer steps than its children, so it is visited first.
        for &theirs in other.kept.values() {
            let node = other.node(theirs);
            let Some(&(parent, generation)) = places.get(&node.parent) else { continue };
            if self.generation(parent) != generation {
                continue;
            }
            let is_item = other.node(node.parent).item == theirs;
            let place = if is_item { self.item(parent) } else { self.member(parent, &node.name) };
            if place != NO_PLACE {
                places.insert(theirs, (place, self.generation(place)));
                self.node_mut(place).count.add(&node.count);
            }
        }
    }

    fn node(&self, place: Place) -> &FieldNode {
        &self.nodes[place as usize]
    }

    fn node_mut(&mut self, place: Place) -> &mut FieldNode {
        &mut self.nodes[place as usize]
    }

    fn generation(&self, place: Place) -> u32 {
        self.nodes.get(place as usize).map_or(0, |node| node.generation)
    }

    /// Returns the number of nodes in memory, including free ones.
    #[cfg(test)]
    pub(super) fn places(&self) -> usize {
        self.nodes.len()
    }

    fn is_kept(&self, place: Place) -> bool {
        place == 0 || (place != NO_PLACE && self.node(place).parent != NO_PLACE)
    }

    /// Counts the logged values of a valid record.
    fn count_record(&mut self) {
        self.records += 1;
        self.values += self.log.len() as u64;
        for entry in &self.log {
            let Some(node) = self.nodes.get_mut(entry.node as usize) else { continue };
            if node.generation != entry.generation {
                continue;
            }
            node.count.values += 1;
            if entry.void {
                continue;
            }
            if node.record != self.records {
                node.record = self.records;
                node.kinds = 0;
                node.count.records += 1;
            }
            let kind = index_of(entry.kind);
            if node.kinds >> kind & 1 == 0 {
                node.kinds |= 1 << kind;
                node.count.by_kind[kind] += 1;
            }
        }
    }

    /// Reads the next value. The scanner limits the nesting depth, and so the recursion.
    fn walk(&mut self, place: Place, scanner: &mut Scanner<'_>) -> std::result::Result<(), SyntaxError> {
        let kind = scanner.kind()?;
        self.log.push(Entry { node: place, generation: self.generation(place), kind, void: false });
        match kind {
            Kind::Object => {
                scanner.enter_object()?;
                self.walk_members(place, scanner)
            }
            Kind::Array => {
                scanner.enter_array()?;
                while scanner.item()? {
                    let item = self.item(place);
                    self.walk(item, scanner)?;
                }
                Ok(())
            }
            _ => scanner.value().map(drop),
        }
    }

    /// Reads the members of an object. The scanner has already entered the object.
    fn walk_members(
        &mut self,
        parent: Place,
        scanner: &mut Scanner<'_>,
    ) -> std::result::Result<(), SyntaxError> {
        self.objects += 1;
        let object = self.objects;
        let mut previous = NO_PLACE;
        while let Some(name) = scanner.name()? {
            let place = self.find_member(parent, previous, name);
            previous = place;
            let start = self.log.len();
            if place != NO_PLACE && self.node(place).object == object {
                let (from, to) = self.node(place).logged;
                self.log[from..to].iter_mut().for_each(|entry| entry.void = true);
            }
            self.walk(place, scanner)?;
            if place != NO_PLACE {
                let end = self.log.len();
                let node = self.node_mut(place);
                node.object = object;
                node.logged = (start, end);
            }
        }
        Ok(())
    }

    /// Returns the member of that name. Guesses it from the previous member. A guess is checked by name and parent,
    /// because the place may have been reused; a wrong guess costs one lookup.
    fn find_member(&mut self, parent: Place, previous: Place, name: Name<'_>) -> Place {
        if !self.is_kept(parent) {
            return NO_PLACE;
        }
        let guess = if previous == NO_PLACE { self.node(parent).first } else { self.node(previous).next };
        if let Some(node) = self.nodes.get(guess as usize)
            && node.parent == parent
            && !name.is_escaped()
            && *node.name == *name.raw()
            && self.node(parent).item != guess
        {
            return guess;
        }
        let place = self.member(parent, &name.decoded());
        if previous == NO_PLACE {
            self.node_mut(parent).first = place;
        } else {
            self.node_mut(previous).next = place;
        }
        place
    }

    fn member(&mut self, parent: Place, name: &str) -> Place {
        if let Some(&place) = self.node(parent).members.get(name) {
            return place;
        }
        if name.len() > MAX_NAME || !self.is_kept(parent) {
            return NO_PLACE;
        }
        let above = self.node(parent);
        let mut path = above.path.to_string();
        let place_in_path = usize::from(above.depth);
        // A path that continues after the first step `user` must write it in quotes to be read back correctly. The
        // paths below are built from this one, so it always has the quotes.
        let alone = place_in_path == 0 && name != "user";
        // Writing to a string cannot fail.
        let _ = write_name(name, place_in_path, alone, &mut path);
        let place = self.keep(parent, name, path);
        if place != NO_PLACE {
            self.node_mut(parent).members.insert(name.into(), place);
        }
        place
    }

    fn item(&mut self, parent: Place) -> Place {
        if !self.is_kept(parent) {
            return NO_PLACE;
        }
        let above = self.node(parent);
        if above.item != NO_PLACE {
            return above.item;
        }
        let path = format!("{}[]", above.path);
        let place = self.keep(parent, "", path);
        self.node_mut(parent).item = place;
        place
    }

    /// Adds a node below `parent` if its path is among those that are kept. Otherwise returns `NO_PLACE`.
    fn keep(&mut self, parent: Place, name: &str, path: String) -> Place {
        let depth = self.node(parent).depth + 1;
        let key = (depth, path.into_boxed_str());
        if self.kept.len() >= self.most {
            match self.kept.last_key_value() {
                Some((last, _)) if *last > key => self.drop_last(),
                _ => return NO_PLACE,
            }
        }
        let mut node = FieldNode::new(name, &key.1, parent, depth);
        let place = if let Some(place) = self.free.pop() {
            node.generation = self.generation(place).wrapping_add(1);
            *self.node_mut(place) = node;
            place
        } else {
            self.nodes.push(node);
            (self.nodes.len() - 1) as Place
        };
        self.kept.insert(key, place);
        place
    }

    /// Drops the last of the kept nodes. It has no children, because they would be sorted after it.
    fn drop_last(&mut self) {
        let Some((_, place)) = self.kept.pop_last() else { return };
        let parent = std::mem::replace(&mut self.node_mut(place).parent, NO_PLACE);
        let name = std::mem::take(&mut self.node_mut(place).name);
        let above = self.node_mut(parent);
        if above.item == place {
            above.item = NO_PLACE;
        } else {
            above.members.remove(&name);
        }
        self.free.push(place);
    }
}

impl FieldNode {
    fn new(name: &str, path: &str, parent: Place, depth: u16) -> Self {
        Self {
            generation: 0,
            name: name.into(),
            path: path.into(),
            parent,
            depth,
            members: HashMap::new(),
            item: NO_PLACE,
            first: NO_PLACE,
            next: NO_PLACE,
            object: 0,
            logged: (0, 0),
            record: 0,
            kinds: 0,
            count: Count::default(),
        }
    }
}

impl Count {
    fn add(&mut self, other: &Self) {
        self.records += other.records;
        self.values += other.values;
        for (own, other) in self.by_kind.iter_mut().zip(other.by_kind) {
            *own += other;
        }
    }
}
