//! Compiles all paths to one tree, and reads all of them in one walk of a record.
//!
//! A slot is the index of one distinct path in a row. The slots of a node and of all nodes below it are
//! consecutive, so a repeated key resets them by filling one range.

mod alias;
mod compile;
mod names;

use std::ops::Range;

use alias::Aliased;
pub(super) use alias::is_marked;
pub use alias::{Spelling, spelled_paths};
use compile::SegmentNode;
use names::BEGINNING;
pub(super) use names::Names;

use super::row::{Row, RowBuffer, Slot};
use crate::error::Result;
use crate::json::{Kind, Name, Scanner, Span, SyntaxError, Value};
use crate::path::FieldPath;
use crate::record::{Record, RecordError};

/// A set of paths that are all read in one walk of a record.
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
    /// The first node is the record itself.
    nodes: Vec<PathNode>,
    /// The slot of each path, in the order given.
    columns: Vec<u32>,
    slots: usize,
    /// Known properties that can have other spellings in a record.
    aliased: Vec<Aliased>,
    alias_lengths: Lengths,
    /// One bit per first letter of these spellings (the lower five bits of the letter).
    alias_starts: u32,
    /// One bit per byte with which a flat key can begin, if it leads to a node.
    flat_starts: [u64; 4],
}

/// A position in a record that a path ends at or leads through.
#[derive(Debug, Default)]
struct PathNode {
    slot: Option<u32>,
    /// The slots of this node and of all nodes below it.
    below: Range<usize>,
    /// Sorted as [`PathNode::place`] searches.
    members: Vec<Member>,
    /// The lengths of the names of `members`.
    lengths: Lengths,
    /// Sorted by index.
    items: Vec<(u32, Targets)>,
}

#[derive(Debug)]
struct Member {
    name: Box<str>,
    targets: Targets,
    /// True if the name is also a flat key or another spelling.
    aliased: bool,
}

/// The nodes that one step leads to. There are two if one path writes the step as `[0]` (or `["0"]`) and another
/// path as `.0`.
#[derive(Debug, Clone, Copy)]
struct Targets(u32, Option<u32>);

/// A set of name lengths, one bit each. The last bit is for all lengths of 63 and more.
#[derive(Debug, Clone, Copy, Default)]
struct Lengths(u64);

impl Lengths {
    fn add(&mut self, name: &str) {
        self.add_length(name.len());
    }

    fn add_length(&mut self, length: usize) {
        self.0 |= 1 << length.min(63);
    }

    #[inline]
    fn have_length(self, length: usize) -> bool {
        self.0 >> length.min(63) & 1 == 1
    }

    #[inline]
    fn have(self, name: &str) -> bool {
        self.have_length(name.len())
    }
}

/// With more names than this, binary search is used.
const FEW: usize = 8;

impl PathNode {
    #[inline]
    fn member(&self, name: &Name<'_>) -> Option<&Member> {
        self.members.get(self.find(name)?)
    }

    /// Returns the place of a name in `members`.
    #[inline]
    fn find(&self, name: &Name<'_>) -> Option<usize> {
        let raw = name.raw();
        if name.is_escaped() {
            self.members.iter().position(|member| name.is(&member.name))
        } else if !self.lengths.have(raw) {
            None
        } else if self.members.len() <= FEW {
            self.members.iter().position(|member| *member.name == *raw)
        } else {
            self.place(raw).ok()
        }
    }

    /// Returns the place of a name in `members`, or the place where it belongs. The order is by length first, because comparing
    /// texts of different lengths is one comparison of numbers.
    fn place(&self, name: &str) -> std::result::Result<usize, usize> {
        self.members.binary_search_by(|member| {
            member.name.len().cmp(&name.len()).then_with(|| (*member.name).cmp(name))
        })
    }
}

impl PathTree {
    /// Compiles `paths`. Equal paths share a slot, but each has its own cell.
    pub fn new(paths: impl IntoIterator<Item = FieldPath>) -> Self {
        let mut segment_nodes = vec![SegmentNode::default()];
        let ends: Vec<usize> =
            paths.into_iter().map(|path| SegmentNode::grow(&mut segment_nodes, path.segments())).collect();
        let mut tree = Self {
            nodes: Vec::new(),
            columns: Vec::new(),
            slots: 0,
            aliased: Vec::new(),
            alias_lengths: Lengths::default(),
            alias_starts: 0,
            flat_starts: [0; 4],
        };
        let mut slots = vec![0; segment_nodes.len()];
        tree.compile(&segment_nodes, 0, &mut slots);
        tree.columns = ends.into_iter().map(|end| slots[end]).collect();
        tree.collect_aliases();
        tree
    }

    /// Returns the number of paths.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns true if there are no paths. Reading a record then only validates it.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Returns true if a path can lead to the top-level member `name` of a record, or to a value in it.
    ///
    /// ```
    /// use reimport::projection::PathTree;
    ///
    /// let tree = PathTree::new(["user_metadata.plan".parse()?]);
    /// assert!(tree.may_read("user_metadata") && tree.may_read("user_metadata.plan"));
    /// assert!(!tree.may_read("email"));
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn may_read(&self, name: &str) -> bool {
        self.nodes[0].members.iter().any(|member| *member.name == *name) || self.may_alias(name)
    }

    /// Reads `record` once, validates it to its end, and returns the cell of each path.
    ///
    /// If the path itself is missing, other keys are used in this order: flat keys (`"app_metadata.plan"`), the
    /// titles of a default-field export (`"Email Verified"`), known properties in another case (`"EMAIL"`).
    ///
    /// # Errors
    /// Returns an error if the record is not a valid JSON object.
    pub fn read<'r, 's>(&'s self, record: Record<'r>, buffer: &'s mut RowBuffer) -> Result<Row<'r, 's>> {
        self.walk_record(record.json(), buffer).map_err(|error| record.located(RecordError::from(error)))
    }

    /// Same as [`read`](Self::read), but also passes each top-level member that is on no path to `others`, in the order of
    /// the record. A member that provides a value under another spelling of its name is passed too.
    ///
    /// Everything in a record is then either in a cell or was passed to `others`, if each path has one step and no name is
    /// repeated.
    ///
    /// # Errors
    /// Returns an error if the record is not a valid JSON object. The members before the error have been passed.
    ///
    /// ```
    /// use reimport::Record;
    /// use reimport::projection::{PathTree, RowBuffer};
    ///
    /// let tree = PathTree::new(["email".parse()?]);
    /// let record = Record::parse(r#"{"email":"a@example.com","locale":"en"}"#)?;
    /// let (mut buffer, mut others) = (RowBuffer::new(), Vec::new());
    /// tree.read_with_others(record, &mut buffer, |name, value| others.push((name.raw(), value.json())))?;
    /// assert_eq!(others, [("locale", r#""en""#)]);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn read_with_others<'r, 's>(
        &'s self,
        record: Record<'r>,
        buffer: &'s mut RowBuffer,
        others: impl FnMut(Name<'r>, Value<'r>),
    ) -> Result<Row<'r, 's>> {
        self.walk_members(record.json(), buffer, others)
            .map_err(|error| record.located(RecordError::from(error)))
    }

    pub(crate) fn walk_record<'r, 's>(
        &'s self,
        text: &'r str,
        buffer: &'s mut RowBuffer,
    ) -> std::result::Result<Row<'r, 's>, SyntaxError> {
        self.walk_members(text, buffer, |_, _| {})
    }

    fn walk_members<'r, 's>(
        &'s self,
        text: &'r str,
        buffer: &'s mut RowBuffer,
        mut others: impl FnMut(Name<'r>, Value<'r>),
    ) -> std::result::Result<Row<'r, 's>, SyntaxError> {
        buffer.clear(self.slots);
        let root = &self.nodes[0];
        let mut scanner = Scanner::new(text);
        scanner.enter_object()?;
        let mut previous = BEGINNING;
        loop {
            let name = if let Some((number, name)) = buffer.names.pass(previous, &mut scanner) {
                previous = number;
                name
            } else {
                let Some(name) = scanner.name()? else { break };
                if !name.is_escaped() {
                    previous = buffer.names.learn(previous, name.raw());
                }
                name
            };
            let guess = buffer.names.place(previous);
            let is_guess = |member: &Member| !name.is_escaped() && *member.name == *name.raw();
            let member = match root.members.get(guess) {
                Some(member) if is_guess(member) => Some(member),
                _ => root.find(&name).and_then(|place| {
                    buffer.names.note_place(previous, place);
                    root.members.get(place)
                }),
            };
            if name.is_escaped() || member.map_or_else(|| self.may_alias(name.raw()), |member| member.aliased)
            {
                self.walk_alias(&name, &scanner, buffer)?;
            }
            match member {
                Some(member) => self.walk_targets(member.targets, &mut scanner, &mut buffer.exact)?,
                None => others(name, scanner.span()?.of(text)),
            }
        }
        scanner.end()?;
        buffer.fill_missing();
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

    /// Reads the next value, and fills the slots of `node` and of all nodes below it.
    fn walk(
        &self,
        node: u32,
        scanner: &mut Scanner<'_>,
        slots: &mut [Slot],
    ) -> std::result::Result<(), SyntaxError> {
        let node = &self.nodes[node as usize];
        let kind = scanner.kind()?;
        let (start, outside) = (scanner.offset(), scanner.spaces());
        let mut escaped = false;
        // If the name is repeated, the values of the earlier member no longer count.
        slots[node.below.clone()].fill(None);
        match kind {
            Kind::Object if !node.members.is_empty() => {
                scanner.enter_object()?;
                while let Some(name) = scanner.name()? {
                    match node.member(&name) {
                        Some(member) => self.walk_targets(member.targets, scanner, slots)?,
                        None => _ = scanner.span()?,
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
            _ => escaped = scanner.span()?.is_escaped(),
        }
        if let Some(slot) = node.slot {
            let (end, spaced) = (scanner.offset(), scanner.spaces() != outside);
            slots[slot as usize] = Some(Span::new(start, end, kind, escaped, spaced));
        }
        Ok(())
    }
}
