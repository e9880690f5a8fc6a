//! The result of reading a record with a path tree: one cell per path, which is missing, `null` or a value.

use std::collections::HashMap;
use std::fmt;

use super::tree::Names;
use crate::json::{Kind, Span, Value};
use crate::path::FieldPath;

/// The result for one path of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// The record has nothing at this path.
    Missing,
    /// The literal `null`.
    Null,
    /// A value, borrowed from the record as written.
    Value(Value<'a>),
}

impl<'a> Cell<'a> {
    /// Returns the value, or `None` if the cell is null or missing.
    pub fn value(self) -> Option<Value<'a>> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }
}

/// The cells of one record, in the order in which the paths were given.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r, 's> {
    pub(super) text: &'r str,
    pub(super) slots: &'s [Slot],
    pub(super) columns: &'s [u32],
}

impl<'r> Row<'r, '_> {
    /// Returns the number of cells.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Returns true if there are no cells.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// Returns the cell of path number `column`, counted from 0. Returns [`Cell::Missing`] if there is no such
    /// path.
    #[inline]
    pub fn get(&self, column: usize) -> Cell<'r> {
        let slot = self.columns.get(column).and_then(|&slot| self.slots.get(slot as usize));
        match slot {
            Some(Some(span)) if span.kind() == Kind::Null => Cell::Null,
            Some(Some(span)) => Cell::Value(span.of(self.text)),
            _ => Cell::Missing,
        }
    }

    /// Returns all cells, in order.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'r>> {
        (0..self.len()).map(|column| self.get(column))
    }
}

/// The location of a value in the record, or `None` if it is missing.
pub(super) type Slot = Option<Span>;

/// Buffers for rows, reused from record to record. After the first few records nothing is allocated.
#[derive(Default)]
pub struct RowBuffer {
    /// Values at the paths themselves.
    pub(super) exact: Vec<Slot>,
    /// Values of flat keys, and values of titles. They are used only if `exact` has no value, in this order.
    pub(super) flat: Vec<Slot>,
    pub(super) titled: Vec<Slot>,
    pub(super) any_flat: bool,
    pub(super) any_titled: bool,
    /// Values of other spellings (neither exact nor titles): index 0 for whole properties, index 1 for paths inside
    /// a property.
    respelled: [Vec<Slot>; 2],
    any_respelled: [bool; 2],
    /// One bit per property: set if another spelling of it was found.
    respelled_found: u64,
    pub(super) names: Names,
    /// Flat keys as written, with their parsed path. `None` if the key is not a path. Kept from record to record.
    pub(super) flat_keys: HashMap<Box<str>, Option<FieldPath>>,
}

impl RowBuffer {
    /// Creates an empty buffer. It can be used for rows of any paths.
    pub fn new() -> Self {
        Self::default()
    }

    /// Resets all slots to missing.
    pub(super) fn clear(&mut self, slots: usize) {
        self.exact.clear();
        self.exact.resize(slots, None);
        self.any_flat = false;
        self.any_titled = false;
        self.any_respelled = [false; 2];
        self.respelled_found = 0;
    }

    /// Returns the slots for flat keys. Clears them on the first call for a record.
    pub(super) fn flat(&mut self) -> &mut [Slot] {
        Self::open(&mut self.flat, &mut self.any_flat, self.exact.len())
    }

    /// Returns the slots for titles. Clears them on the first call for a record.
    pub(super) fn titled(&mut self) -> &mut [Slot] {
        Self::open(&mut self.titled, &mut self.any_titled, self.exact.len())
    }

    /// Returns the slots for another spelling of property number `place`, or of a path `inside` that property.
    /// Returns `None` if a spelling of this property was already found, because the first one counts.
    pub(super) fn respelled(&mut self, place: usize, inside: bool) -> Option<&mut [Slot]> {
        let (bit, which) = (1 << place.min(63), usize::from(inside));
        if self.respelled_found & bit != 0 {
            return None;
        }
        self.respelled_found |= bit;
        Some(Self::open(&mut self.respelled[which], &mut self.any_respelled[which], self.exact.len()))
    }

    fn open<'s>(slots: &'s mut Vec<Slot>, any: &mut bool, length: usize) -> &'s mut [Slot] {
        if !std::mem::replace(any, true) {
            slots.clear();
            slots.resize(length, None);
        }
        slots
    }

    /// Fills missing slots from flat keys first, then from titles, then from other spellings.
    pub(super) fn fill_missing(&mut self) {
        let [whole, inside] = [0, 1].map(|which| (self.any_respelled[which], &self.respelled[which]));
        for (any, others) in [(self.any_flat, &self.flat), (self.any_titled, &self.titled), whole, inside] {
            if any {
                for (slot, other) in self.exact.iter_mut().zip(others) {
                    *slot = slot.or(*other);
                }
            }
        }
    }
}

impl fmt::Debug for RowBuffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RowBuffer({} slots)", self.exact.len())
    }
}
