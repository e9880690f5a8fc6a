//! What one walk of a record found: missing, null and a value are three things.

use std::collections::HashMap;
use std::fmt;

use super::tree::Names;
use crate::json::{Kind, Span, Value};
use crate::path::FieldPath;

/// What stands at one path of one record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing: the path leads nowhere.
    Missing,
    /// The literal `null`.
    Null,
    /// A value, lent from the record as it is written.
    Value(Value<'a>),
}

impl<'a> Cell<'a> {
    /// The value, or `None` where it is null or missing.
    pub fn value(self) -> Option<Value<'a>> {
        if let Self::Value(value) = self { Some(value) } else { None }
    }
}

/// The cells of one record, in the order in which its paths were given.
#[derive(Debug, Clone, Copy)]
pub struct Row<'r, 's> {
    pub(super) text: &'r str,
    pub(super) slots: &'s [Slot],
    pub(super) columns: &'s [u32],
}

impl<'r> Row<'r, '_> {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there are no cells at all.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The cell of the path that was given at this place, counted from 0; missing where none was.
    #[inline]
    pub fn get(&self, column: usize) -> Cell<'r> {
        let slot = self.columns.get(column).and_then(|&slot| self.slots.get(slot as usize));
        match slot {
            Some(Some(span)) if span.kind() == Kind::Null => Cell::Null,
            Some(Some(span)) => Cell::Value(span.of(self.text)),
            _ => Cell::Missing,
        }
    }

    /// All cells, in order.
    pub fn cells(&self) -> impl Iterator<Item = Cell<'r>> {
        (0..self.len()).map(|column| self.get(column))
    }
}

/// Where a found value stands; none is missing.
pub(super) type Slot = Option<Span>;

/// The room for rows, reused from record to record: nothing is allocated after the first few.
#[derive(Default)]
pub struct RowBuffer {
    /// What stands at the paths themselves.
    pub(super) exact: Vec<Slot>,
    /// What stands under flat keys and under titles; counts where what comes before it is missing.
    pub(super) flat: Vec<Slot>,
    pub(super) titled: Vec<Slot>,
    pub(super) any_flat: bool,
    pub(super) any_titled: bool,
    /// What stands under spellings that are neither exact nor titles: of whole properties, and of paths inside one.
    respelled: [Vec<Slot>; 2],
    any_respelled: [bool; 2],
    /// A bit for each property that one was met of.
    respelled_met: u64,
    pub(super) names: Names,
    /// What the names seen so far spell as a path, as they are written.
    pub(super) spelt: HashMap<Box<str>, Option<FieldPath>>,
}

impl RowBuffer {
    /// Room for rows of any paths.
    pub fn new() -> Self {
        Self::default()
    }

    /// All is missing.
    pub(super) fn clear(&mut self, slots: usize) {
        self.exact.clear();
        self.exact.resize(slots, None);
        self.any_flat = false;
        self.any_titled = false;
        self.any_respelled = [false; 2];
        self.respelled_met = 0;
    }

    /// The room for what stands under flat keys.
    pub(super) fn flat(&mut self) -> &mut [Slot] {
        Self::open(&mut self.flat, &mut self.any_flat, self.exact.len())
    }

    /// The room for what stands under titles.
    pub(super) fn titled(&mut self) -> &mut [Slot] {
        Self::open(&mut self.titled, &mut self.any_titled, self.exact.len())
    }

    /// The room for what stands under the first other spelling of the property counted `place`, or of a path `inside` one;
    /// `None` after the first.
    pub(super) fn respelled(&mut self, place: usize, inside: bool) -> Option<&mut [Slot]> {
        let (bit, which) = (1 << place.min(63), usize::from(inside));
        if self.respelled_met & bit != 0 {
            return None;
        }
        self.respelled_met |= bit;
        Some(Self::open(&mut self.respelled[which], &mut self.any_respelled[which], self.exact.len()))
    }

    fn open<'s>(slots: &'s mut Vec<Slot>, any: &mut bool, length: usize) -> &'s mut [Slot] {
        if !std::mem::replace(any, true) {
            slots.clear();
            slots.resize(length, None);
        }
        slots
    }

    /// Fills what is missing from flat keys first, then from titles, then from other spellings.
    pub(super) fn settle(&mut self) {
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
