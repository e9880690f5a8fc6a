//! A block: bytes of one source that end at a record end, and the locations of the records in them.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use super::csv::{self, Csv, Note};
use super::error::RecordError;
use super::rejects::Before;
use super::user_ids::UserIds;
use crate::position::Position;

/// Bytes of one source that end at a record end. Blocks are reused, so that their buffers grow only once.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The bytes of the source. Only the first `filled` are valid.
    bytes: Vec<u8>,
    filled: usize,
    /// CSV rows as JSON objects. Empty for all other formats.
    pub(super) made: String,
    pub(super) frames: Vec<Frame>,
    /// Notes about CSV cells, in the order of the rows.
    pub(super) notes: Vec<Note>,
    /// The header of CSV rows whose records do not have all properties.
    pub(super) partial: Option<Arc<Csv>>,
    /// The number of line ends in the block. Set when the block is split.
    pub(super) line_ends: u64,
    /// The number of bytes of an oversized record that were discarded. They come before the bytes of the block.
    pub(super) passed: u64,
    /// The form of the user ids in the source.
    pub(super) user_ids: UserIds,
}

/// The location of one record in its block.
#[derive(Debug)]
pub(super) struct Frame {
    /// The record in the bytes of the source. If the record was discarded, an empty range at its start.
    pub(super) plain: Range<usize>,
    /// The record as JSON in `made`, if the format is not JSON.
    pub(super) made: Option<Range<usize>>,
    /// The line on which the record begins, counted from 1 at the start of the block.
    pub(super) line: u64,
    /// The error, if it is already known that the record cannot be read.
    pub(super) fault: Option<Box<RecordError>>,
    /// The results of an earlier run.
    pub(super) before: Before,
    /// The location of the message of an earlier run that names the user of which this is a duplicate.
    pub(super) duplicate_of: Option<Range<usize>>,
}

impl Frame {
    pub(super) fn new(plain: Range<usize>, line: u64) -> Self {
        Self { plain, made: None, line, fault: None, before: Before::default(), duplicate_of: None }
    }
}

impl Block {
    pub(super) fn clear(&mut self) {
        self.filled = 0;
        self.made.clear();
        self.frames.clear();
        self.notes.clear();
        self.partial = None;
        self.line_ends = 0;
        self.passed = 0;
    }

    /// Releases memory that was needed only for a very long record.
    pub(super) fn release(&mut self, block_bytes: usize) {
        let usual = block_bytes.saturating_mul(2).max(1 << 16);
        if self.bytes.len() > usual {
            self.bytes = Vec::new();
        }
        if self.made.capacity() > usual * 4 {
            self.made = String::new();
        }
        if self.notes.capacity() * size_of::<Note>() > usual {
            self.notes = Vec::new();
        }
    }

    /// Returns the size of the memory that its buffers use.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.bytes.capacity() + self.made.capacity() + self.notes.capacity() * size_of::<Note>()
    }

    /// Returns the bytes read so far.
    pub(super) fn plain(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Returns space to read into. The block then has space for at least `size` bytes in total.
    pub(super) fn room(&mut self, size: usize) -> &mut [u8] {
        if self.bytes.is_empty() {
            // This gets zeroed memory without writing it, so a small input touches only the pages that it fills.
            self.bytes = vec![0; size];
        } else if self.bytes.len() < size {
            self.bytes.resize(size, 0);
        }
        &mut self.bytes[self.filled..size.max(self.filled)]
    }

    pub(super) fn add(&mut self, count: usize) {
        self.filled += count;
    }

    pub(super) fn append(&mut self, bytes: &[u8]) {
        let filled = self.filled;
        self.room(filled + bytes.len())[..bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
    }

    pub(super) fn truncate(&mut self, filled: usize) {
        self.filled = filled.min(self.filled);
    }

    /// Returns the number of bytes of the source in this block, including discarded ones.
    fn width(&self) -> u64 {
        self.passed + self.filled as u64
    }

    /// Returns the position at which the next block of the source begins, if this one begins at `start`.
    pub(crate) fn end(&self, start: Position) -> Position {
        Position {
            byte: start.byte + self.width(),
            line: start.line + self.line_ends,
            record: start.record + self.frames.len() as u64,
        }
    }

    /// Returns the notes about cells, in the order of the records.
    pub(crate) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// Returns the number of records.
    pub(crate) fn records(&self) -> usize {
        self.frames.len()
    }

    /// Returns the position of the record at `index`, relative to the start of the block.
    pub(crate) fn position(&self, index: usize) -> Position {
        let frame = &self.frames[index];
        Position { byte: frame.plain.start as u64, line: frame.line, record: index as u64 + 1 }
    }

    /// Returns the message of an earlier run that names the user of which the record at `index` is a duplicate, as
    /// the JSON text of a string.
    pub(crate) fn duplicate_of(&self, index: usize) -> Option<&str> {
        let range = self.frames[index].duplicate_of.clone()?;
        std::str::from_utf8(&self.plain()[range]).ok()
    }

    /// Returns the results of an earlier run for the record at `index`.
    pub(crate) fn before(&self, index: usize) -> Before {
        self.frames[index].before
    }

    /// Returns the form of the user id of the record at `index`.
    pub(crate) fn user_ids(&self, index: usize) -> UserIds {
        if self.frames[index].before.bare_id { UserIds::Bare } else { self.user_ids }
    }

    /// Returns the bytes of the record at `index` in its source. Empty if the record is too long, whether it was
    /// kept or not.
    pub(crate) fn raw(&self, index: usize) -> &[u8] {
        let frame = &self.frames[index];
        match frame.fault.as_deref() {
            Some(RecordError::TooLong { .. }) => &[],
            _ => &self.plain()[frame.plain.clone()],
        }
    }

    /// Returns the JSON of the record at `index` with all its properties.
    pub(crate) fn complete_json(&self, index: usize) -> Cow<'_, [u8]> {
        match &self.partial {
            Some(csv) => Cow::Owned(csv::complete(csv, self.raw(index)).into_bytes()),
            None => Cow::Borrowed(self.json(index)),
        }
    }

    /// Returns the JSON of the record at `index`, as the transform gets it. In every format except CSV, this is the
    /// record itself.
    fn json(&self, index: usize) -> &[u8] {
        match &self.frames[index].made {
            Some(made) => self.made[made.clone()].as_bytes(),
            None => self.raw(index),
        }
    }

    /// Returns the JSON of the record at `index`. Checks that this record is UTF-8.
    pub(super) fn checked_json(&self, index: usize) -> Result<&str, RecordError> {
        match &self.frames[index].fault {
            Some(fault) => Err((**fault).clone()),
            None => utf8(self.json(index)),
        }
    }

    /// Returns the number of bytes of the record at `index` in its source.
    pub(crate) fn record_bytes(&self, index: usize) -> u64 {
        match self.frames[index].fault.as_deref() {
            Some(RecordError::TooLong { bytes, .. }) => *bytes,
            _ => self.raw(index).len() as u64,
        }
    }

    /// Checks once that the whole block is UTF-8, for access to its records as text.
    pub(crate) fn text(&self) -> Text<'_> {
        Text {
            block: self,
            // CSV rows were checked when they were converted.
            plain: if self.made.is_empty() { simdutf8::basic::from_utf8(self.plain()).ok() } else { None },
            made: &self.made,
        }
    }
}

/// A block that was checked for UTF-8.
#[derive(Clone, Copy)]
pub(crate) struct Text<'b> {
    block: &'b Block,
    /// The bytes of the block, if all of them are UTF-8. Otherwise each record is checked separately.
    plain: Option<&'b str>,
    made: &'b str,
}

impl<'b> Text<'b> {
    /// Returns the JSON of the record at `index`, which must be less than [`Block::records`].
    pub(crate) fn json(&self, index: usize) -> Result<&'b str, RecordError> {
        let frame = &self.block.frames[index];
        match (&frame.fault, &frame.made, self.plain) {
            (Some(fault), _, _) => Err((**fault).clone()),
            (None, Some(made), _) => Ok(&self.made[made.clone()]),
            (None, None, Some(plain)) => Ok(&plain[frame.plain.clone()]),
            (None, None, None) => self.block.checked_json(index),
        }
    }
}

/// Converts a record to text.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, RecordError> {
    std::str::from_utf8(bytes).map_err(|error| RecordError::NotUtf8 { at: error.valid_up_to() })
}

#[cfg(test)]
mod tests {
    use super::super::{ReadOptions, blocks::Blocks};
    use super::*;
    use crate::source::Source;

    #[test]
    fn whole_block_check_agrees_with_single_records() {
        let good = "{\"a\":\"é\"}\n \n{\"b\":2}\r\n".as_bytes();
        let bad = [good, b"{\"c\":\"\xff\"}\n", b"{\"d\":\"longer than ten bytes\"}\n", good].concat();
        for (bytes, broken) in [(good.to_vec(), false), (bad, true)] {
            let options = ReadOptions { max_record_bytes: 14, ..ReadOptions::default() };
            let source = Source::from_reader("x", std::io::Cursor::new(bytes));
            let mut blocks = Blocks::open(source, &options).unwrap();
            let mut block = Block::default();
            assert!(blocks.fill(&mut block).unwrap());
            blocks.splitter().split(&mut block);

            let text = block.text();
            let shown = |index, json: Result<&str, RecordError>| {
                (json.map(str::to_owned), block.raw(index).to_vec(), block.record_bytes(index))
            };
            let all: Vec<_> = (0..block.records()).map(|index| shown(index, text.json(index))).collect();
            let each: Vec<_> =
                (0..block.records()).map(|index| shown(index, block.checked_json(index))).collect();
            assert_eq!(all, each);
            assert_eq!(all.len(), if broken { 6 } else { 2 });
            assert_eq!(all[1].0.as_deref(), Ok("{\"b\":2}"));
            if broken {
                assert_eq!(all[2].0, Err(RecordError::NotUtf8 { at: 6 }));
                assert_eq!(all[2].1, b"{\"c\":\"\xff\"}");
                assert_eq!(all[3].0, Err(RecordError::TooLong { bytes: 29, limit: 14 }));
                assert_eq!((all[3].1.as_slice(), all[3].2), (&b""[..], 29));
            }
        }
    }
}
