//! All paths compiled to one tree, and the one walk that answers them.
//!
//! A slot is the place of one distinct path in a row. Slots are numbered so that those of a node and of all below it
//! are neighbours: a repeated key resets them by filling one range.

use std::ops::Range;

use super::path::{FieldPath, Segment};
use super::row::{Row, RowBuffer, Slot, Span};
use crate::error::{Error, Result};
use crate::json::{Kind, Name, Scanner, SyntaxError};
use crate::record::titles::TITLES;
use crate::record::{Record, RecordError};

/// Any number of paths, answered by one walk of a record.
///
/// ```
/// use reimport::projection::{PathTree, RowBuffer};
///
/// let tree = PathTree::new(["email".parse()?, "identities[0].provider".parse()?]);
/// assert_eq!(tree.len(), 2);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug)]
pub struct PathTree {
    /// The first is the record itself.
    nodes: Vec<Node>,
    /// The slot of each path, in the order given.
    columns: Vec<u32>,
    slots: usize,
    /// The titles whose path leads to a node.
    titles: Vec<Title>,
    title_lengths: Lengths,
    /// With which bytes a flat key that leads to a node can begin.
    flat_starts: [u64; 4],
}

/// A place that some path leads to or through.
#[derive(Debug, Default)]
struct Node {
    slot: Option<u32>,
    /// The slots of this node and of all below it.
    below: Range<usize>,
    /// Sorted by name.
    members: Vec<Member>,
    /// The lengths of those names.
    lengths: Lengths,
    /// Sorted by index.
    items: Vec<(u32, Targets)>,
}

#[derive(Debug)]
struct Member {
    name: Box<str>,
    targets: Targets,
    /// The name also reads as a flat key or a title.
    aliased: bool,
}

/// Where one step leads: to two nodes where paths spell it both as `[0]` (or `["0"]`) and as `.0`.
#[derive(Debug, Clone, Copy)]
struct Targets(u32, Option<u32>);

#[derive(Debug)]
struct Title {
    title: &'static str,
    /// Its path as one name, where it is one.
    name: &'static str,
    path: FieldPath,
}

/// Which lengths names have, a bit each; the last stands for all that are longer.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths(u64);

impl Lengths {
    fn add(&mut self, name: &str) {
        self.0 |= 1 << name.len().min(63);
    }

    #[inline]
    fn have(self, name: &str) -> bool {
        self.0 >> name.len().min(63) & 1 == 1
    }
}

/// More names than this are searched by halves.
const FEW: usize = 8;

/// How many flat keys are remembered with the path they spell.
const MAX_SPELT: usize = 1_000;

impl Node {
    #[inline]
    fn member(&self, name: &Name<'_>) -> Option<&Member> {
        if name.is_escaped() {
            return self.members.iter().find(|member| name.is(&member.name));
        }
        let raw = name.raw();
        if !self.lengths.have(raw) {
            None
        } else if self.members.len() <= FEW {
            self.members.iter().find(|member| *member.name == *raw)
        } else {
            let place = self.members.binary_search_by(|member| (*member.name).cmp(raw)).ok()?;
            self.members.get(place)
        }
    }
}

impl PathTree {
    /// Compiles `paths`; equal ones share a slot, but each has its own cell.
    pub fn new(paths: impl IntoIterator<Item = FieldPath>) -> Self {
        let mut sketch = vec![Sketch::default()];
        let ends: Vec<usize> =
            paths.into_iter().map(|path| Sketch::grow(&mut sketch, path.segments())).collect();
        let mut tree = Self {
            nodes: Vec::new(),
            columns: Vec::new(),
            slots: 0,
            titles: Vec::new(),
            title_lengths: Lengths::default(),
            flat_starts: [0; 4],
        };
        let mut slots = vec![0; sketch.len()];
        tree.compile(&sketch, 0, &mut slots);
        tree.columns = ends.into_iter().map(|end| slots[end]).collect();
        tree.know_aliases();
        tree
    }

    /// How many paths there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are no paths; walks then only validate.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Walks `record` once, validating it to its end, and gives what stands at each path.
    ///
    /// Flat keys (`"app_metadata.plan"`) and the titles of a default-field export (`"Email Verified"`) count where the
    /// path itself is missing.
    ///
    /// # Errors
    /// Where the record is no valid JSON object.
    pub fn read<'r, 's>(&'s self, record: Record<'r>, buffer: &'s mut RowBuffer) -> Result<Row<'r, 's>> {
        self.walk_record(record.json(), buffer)
            .map_err(|error| Error::new(RecordError::from(error)).at(record.position()))
    }

    pub(super) fn walk_record<'r, 's>(
        &'s self,
        text: &'r str,
        buffer: &'s mut RowBuffer,
    ) -> std::result::Result<Row<'r, 's>, SyntaxError> {
        buffer.clear(self.slots);
        let root = &self.nodes[0];
        let mut scanner = Scanner::new(text);
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            let member = root.member(&name);
            if name.is_escaped() || member.map_or_else(|| self.may_alias(name.raw()), |member| member.aliased)
            {
                self.walk_alias(&name, &scanner, buffer)?;
            }
            match member {
                Some(member) => self.walk_targets(member.targets, &mut scanner, &mut buffer.exact)?,
                None => _ = scanner.value()?,
            }
        }
        scanner.end()?;
        buffer.settle();
        Ok(Row { text, slots: &buffer.exact, columns: &self.columns })
    }

    #[inline]
    fn walk_targets(
        &self,
        targets: Targets,
        scanner: &mut Scanner<'_>,
        slots: &mut [Slot],
    ) -> std::result::Result<(), SyntaxError> {
        if let Some(second) = targets.1 {
            self.walk(second, &mut scanner.clone(), slots)?;
        }
        self.walk(targets.0, scanner, slots)
    }

    /// Passes the value ahead and fills the slots of `node` and below from it.
    fn walk(
        &self,
        node: u32,
        scanner: &mut Scanner<'_>,
        slots: &mut [Slot],
    ) -> std::result::Result<(), SyntaxError> {
        let node = &self.nodes[node as usize];
        let kind = scanner.kind()?;
        let (start, spaces) = (scanner.offset(), scanner.spaces());
        let mut escaped = false;
        // What an earlier member of the same name put here counts no longer.
        slots[node.below.clone()].fill(None);
        match kind {
            Kind::Object if !node.members.is_empty() => {
                scanner.enter_object()?;
                while let Some(name) = scanner.name()? {
                    match node.member(&name) {
                        Some(member) => self.walk_targets(member.targets, scanner, slots)?,
                        None => _ = scanner.value()?,
                    }
                }
            }
            Kind::Array if !node.items.is_empty() => {
                scanner.enter_array()?;
                let mut wanted = node.items.iter();
                let mut next = wanted.next();
                let mut index = 0_u32;
                while scanner.item()? {
                    match next {
                        Some((item, targets)) if *item == index => {
                            self.walk_targets(*targets, scanner, slots)?;
                            next = wanted.next();
                        }
                        _ => _ = scanner.value()?,
                    }
                    index = index.saturating_add(1);
                }
            }
            _ => escaped = scanner.value()?.is_escaped(),
        }
        if let Some(slot) = node.slot {
            let (end, spaced) = (scanner.offset(), scanner.spaces() != spaces);
            slots[slot as usize] = Some(Span { start, end, kind, escaped, spaced });
        }
        Ok(())
    }

    /// Whether an unescaped name that is no member may be a flat key or a title: a cheap look that rarely says yes.
    #[inline]
    fn may_alias(&self, name: &str) -> bool {
        let first = name.as_bytes().first().copied().unwrap_or_default();
        let flat = self.flat_starts[usize::from(first >> 6)] >> (first & 63) & 1 == 1;
        (flat && is_marked(name)) || (self.title_lengths.have(name) && self.title(name).is_some())
    }

    /// The title that a name is, unless it is the very path of the title.
    fn title(&self, name: &str) -> Option<&Title> {
        self.titles.iter().find(|known| known.title.eq_ignore_ascii_case(name) && known.name != name)
    }

    /// Fills the second-best slots from the value ahead, where its name is a flat key or a title.
    #[cold]
    fn walk_alias(
        &self,
        name: &Name<'_>,
        scanner: &Scanner<'_>,
        buffer: &mut RowBuffer,
    ) -> std::result::Result<(), SyntaxError> {
        let decoded = name.decoded();
        if is_marked(&decoded) {
            if !buffer.spelt.contains_key(name.raw()) {
                if buffer.spelt.len() >= MAX_SPELT {
                    buffer.spelt.clear();
                }
                buffer.spelt.insert(name.raw().into(), decoded.parse().ok());
            }
            // Taken out for the walk, which fills the buffer it lies in.
            let spelt = buffer.spelt.get_mut(name.raw()).and_then(Option::take);
            if let Some(path) = spelt {
                let walked = self.walk_below(0, path.segments(), scanner, buffer.flat());
                if let Some(place) = buffer.spelt.get_mut(name.raw()) {
                    *place = Some(path);
                }
                walked?;
            }
        }
        match self.title(&decoded) {
            Some(title) => self.walk_below(0, title.path.segments(), scanner, buffer.titled()),
            None => Ok(()),
        }
    }

    /// Reads the value ahead as if it stood at `path` below `node`, and passes it in a copy of the scanner.
    fn walk_below(
        &self,
        node: u32,
        path: &[Segment],
        scanner: &Scanner<'_>,
        slots: &mut [Slot],
    ) -> std::result::Result<(), SyntaxError> {
        let Some((first, rest)) = path.split_first() else {
            return self.walk(node, &mut scanner.clone(), slots);
        };
        for target in self.steps(node, first).into_iter().flatten() {
            self.walk_below(target, rest, scanner, slots)?;
        }
        Ok(())
    }

    /// The nodes that a step of a flat key leads to, each once: at most those of a name, an index and a number.
    fn steps(&self, node: u32, step: &Segment) -> [Option<u32>; 3] {
        let node = &self.nodes[node as usize];
        let named = |name: &str| {
            let place = node.members.binary_search_by(|member| (*member.name).cmp(name)).ok();
            place.map(|place| node.members[place].targets)
        };
        let indexed = |index: u32| {
            let place = node.items.binary_search_by_key(&index, |item| item.0).ok();
            place.map(|place| node.items[place].1)
        };
        let found = match step {
            Segment::Name(name) => [named(name), None],
            Segment::Index(index) => [None, indexed(*index)],
            Segment::Number(number) => [named(&number.to_string()), indexed(*number)],
        };
        let mut steps = [None; 3];
        let all = found.into_iter().flatten().flat_map(|Targets(first, second)| [Some(first), second]);
        for target in all.flatten() {
            if !steps.contains(&Some(target))
                && let Some(free) = steps.iter_mut().find(|step| step.is_none())
            {
                *free = Some(target);
            }
        }
        steps
    }
}

/// Whether a name looks like more than one step.
pub(super) fn is_marked(name: &str) -> bool {
    name.bytes().any(|byte| matches!(byte, b'.' | b'['))
}

/// A node while the tree grows.
#[derive(Default)]
struct Sketch {
    children: Vec<(Segment, usize)>,
    asked: bool,
}

impl Sketch {
    /// Adds a path, and gives the node at its end.
    fn grow(sketch: &mut Vec<Self>, path: &[Segment]) -> usize {
        let mut at = 0;
        for segment in path {
            let known = sketch[at].children.iter().find(|child| child.0 == *segment).map(|child| child.1);
            at = known.unwrap_or_else(|| {
                let new = sketch.len();
                sketch[at].children.push((segment.clone(), new));
                sketch.push(Self::default());
                new
            });
        }
        sketch[at].asked = true;
        at
    }
}

impl PathTree {
    /// Compiles a sketched node and all below it; gives its number, and notes the slots of those asked for.
    fn compile(&mut self, sketch: &[Sketch], at: usize, slots: &mut [u32]) -> u32 {
        let number = self.nodes.len();
        self.nodes.push(Node::default());
        let first_slot = self.slots;
        let slot = sketch[at].asked.then_some(first_slot as u32);
        if let Some(slot) = slot {
            slots[at] = slot;
            self.slots += 1;
        }
        let mut node = Node { slot, ..Node::default() };
        for (segment, child) in &sketch[at].children {
            let target = self.compile(sketch, *child, slots);
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

    /// Notes which top-level names may be read as something else than themselves.
    fn know_aliases(&mut self) {
        for (title, name) in TITLES {
            if let Ok(path) = name.parse::<FieldPath>()
                && self.leads(0, path.segments())
            {
                self.title_lengths.add(title);
                self.titles.push(Title { title, name, path });
            }
        }
        // `user.email`, `["email"]` and `/a.b` are flat keys of any path; others begin as the path does.
        let mut starts = vec![b'u', b'[', b'/'];
        for member in &self.nodes[0].members {
            starts.extend(member.name.bytes().next());
        }
        for start in starts {
            self.flat_starts[usize::from(start >> 6)] |= 1 << (start & 63);
        }
        let aliased: Vec<bool> = self.nodes[0]
            .members
            .iter()
            .map(|member| is_marked(&member.name) || self.title(&member.name).is_some())
            .collect();
        for (member, aliased) in self.nodes[0].members.iter_mut().zip(aliased) {
            member.aliased = aliased;
        }
    }

    fn leads(&self, node: u32, path: &[Segment]) -> bool {
        let Some((first, rest)) = path.split_first() else { return true };
        self.steps(node, first).into_iter().flatten().any(|target| self.leads(target, rest))
    }
}

impl Node {
    fn add_member(&mut self, name: &str, target: u32) {
        self.lengths.add(name);
        match self.members.binary_search_by(|member| (*member.name).cmp(name)) {
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
