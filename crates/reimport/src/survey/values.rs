//! Counts the values of one field, in input order.

use std::cmp::Reverse;
use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::error::Result;
use crate::json::{Kind, decode, escape_into};
use crate::projection::{Cell, FieldPath, PathTree, RowBuffer};
use crate::record::Record;
use crate::run::{Output, Rendering, Sink, Summary, Transform, Verdict, Written, random_seed};

/// The maximum number of values that [`Values`] counts separately.
pub const MAX_VALUES: usize = 100_000;

/// The maximum length of a value that is kept, in bytes.
const MAX_SHOWN: usize = 256;

/// A [`Transform`] that renders the value at one path, for [`Values`] to count. The rendering is compact JSON.
/// Escaped and unescaped spellings of a string become the same text, numbers are kept as written. Nothing is
/// rendered if the path is missing.
///
/// ```
/// use reimport::{Pipeline, source::Source, survey::{ValueAt, Values}};
///
/// let export = b"{\"plan\":\"pro\"}\n{\"plan\":\"free\"}\n{\"plan\":\"pr\\u006f\"}\n{}\n";
/// let source = Source::from_reader("tenant.json", &export[..]);
/// let (_, counts) = Pipeline::new().run([source], &ValueAt::new("plan".parse()?), Values::new())?;
/// let most = &counts.most_common()[0];
/// assert_eq!((most.text(), most.records(), counts.missing()), ("\"pro\"", 2, 1));
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug)]
pub struct ValueAt {
    tree: PathTree,
}

impl ValueAt {
    /// Creates a transform that renders the value at `path`.
    pub fn new(path: FieldPath) -> Self {
        Self { tree: PathTree::new([path]) }
    }
}

impl Transform for ValueAt {
    type Scratch = RowBuffer;

    fn scratch(&self, _: Rendering) -> Result<RowBuffer> {
        Ok(RowBuffer::new())
    }

    fn validates(&self) -> bool {
        true
    }

    fn transform(&self, record: Record<'_>, scratch: &mut RowBuffer, output: &mut Output<'_>) -> Verdict {
        match self.tree.walk_record(record.json(), scratch).map(|row| row.get(0)) {
            Ok(Cell::Missing) => {}
            Ok(Cell::Null) => output.bytes.extend_from_slice(b"null"),
            Ok(Cell::Value(value)) if value.kind() == Kind::String && value.is_escaped() => {
                escape_into(&decode(&value.json()[1..value.json().len() - 1]), output.bytes);
            }
            Ok(Cell::Value(value)) => value.write_compact(output.bytes),
            Err(error) => return Verdict::Unreadable(error.into()),
        }
        Verdict::Written
    }
}

/// A [`Sink`] that counts what [`ValueAt`] renders.
///
/// The first [`MAX_VALUES`] different values of the input are counted separately, all later ones together. Values
/// are compared by a 128-bit hash with a random seed per sink. At most the first 256 bytes of a value are kept.
pub struct Values {
    counts: ValueCounts,
    most: usize,
    seed: u64,
}

impl Default for Values {
    fn default() -> Self {
        Self { counts: ValueCounts::default(), most: MAX_VALUES, seed: random_seed() }
    }
}

/// The number of records for each value at a path. `Debug` shows numbers only.
#[derive(Default)]
pub struct ValueCounts {
    values: HashMap<u128, ValueCount>,
    records: u64,
    missing: u64,
    other: u64,
}

/// One value and its count.
#[derive(Clone)]
pub struct ValueCount {
    text: Box<str>,
    cut: bool,
    records: u64,
}

impl Values {
    /// Creates an empty sink.
    pub fn new() -> Self {
        Self::default()
    }

    fn hash(&self, value: &[u8]) -> u128 {
        xxh3_128_with_seed(value, self.seed)
    }

    #[cfg(test)]
    pub(super) fn with_most(most: usize) -> Self {
        Self { most, ..Self::default() }
    }
}

impl Sink for Values {
    type Finished = ValueCounts;

    fn takes_any_bytes(&self) -> bool {
        true
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        let hash = self.hash(written.bytes);
        let counts = &mut self.counts;
        counts.records += 1;
        if written.bytes.is_empty() {
            counts.missing += 1;
            return Ok(());
        }
        if let Some(value) = counts.values.get_mut(&hash) {
            value.records += 1;
        } else if counts.values.len() < self.most {
            counts.values.insert(hash, ValueCount::new(written.bytes));
        } else {
            counts.other += 1;
        }
        Ok(())
    }

    fn finish(self, _: &Summary) -> Result<ValueCounts> {
        Ok(self.counts)
    }
}

impl ValueCounts {
    /// Returns every value that was counted separately, the most frequent first. Equally frequent values are sorted
    /// by text.
    pub fn most_common(&self) -> Vec<&ValueCount> {
        let mut values: Vec<_> = self.values.values().collect();
        values.sort_unstable_by_key(|value| (Reverse(value.records), &value.text));
        values
    }

    /// Returns the number of records.
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Returns the number of records in which the path is missing.
    pub fn missing(&self) -> u64 {
        self.missing
    }

    /// Returns the number of records with a value that was not counted separately, because [`MAX_VALUES`] other
    /// values came first.
    pub fn other(&self) -> u64 {
        self.other
    }
}

impl std::fmt::Debug for ValueCounts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ValueCounts({} records, {} values)", self.records, self.values.len())
    }
}

impl ValueCount {
    fn new(bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap_or("");
        let end = text.floor_char_boundary(MAX_SHOWN);
        Self { text: text[..end].into(), cut: end < text.len(), records: 1 }
    }

    /// Returns the value as compact JSON, or its beginning if it [was cut](Self::is_cut).
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns true if the value is longer than the text that is kept of it.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// Returns the number of records that have the value.
    pub fn records(&self) -> u64 {
        self.records
    }
}

impl std::fmt::Debug for ValueCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ValueCount({} bytes, {} records)", self.text.len(), self.records)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_sinks_hash_a_value_differently() {
        let (one, other) = (Values::new(), Values::new());
        assert_eq!(one.hash(b"\"pro\""), one.hash(b"\"pro\""));
        assert_ne!(one.hash(b"\"pro\""), other.hash(b"\"pro\""));
    }
}
