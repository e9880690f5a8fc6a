//! A block: bytes of one source, cut at record ends, and where its records lie.

use std::ops::Range;

use super::csv::Note;
use super::error::RecordError;
use super::rejects::Before;
use super::user_ids::UserIds;
use crate::position::Position;

/// Bytes of one source, cut at record ends. Blocks are reused: their buffers grow once.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The source's own bytes; only the first `filled` count.
    bytes: Vec<u8>,
    filled: usize,
    /// CSV rows as JSON objects; empty for every other format.
    pub(super) made: String,
    pub(super) frames: Vec<Frame>,
    /// What was noticed about cells of a CSV, in the order of the rows.
    pub(super) notes: Vec<Note>,
    /// Line ends in the block, told when it is split.
    pub(super) line_ends: u64,
    /// Bytes of an oversized record that went by without being held, before the block's own bytes.
    pub(super) passed: u64,
    /// The form of the user ids in the source.
    pub(super) user_ids: UserIds,
}

/// Where one record lies in its block.
#[derive(Debug)]
pub(super) struct Frame {
    /// The record in the source's bytes; empty, at its beginning, where it went by without being held.
    pub(super) plain: Range<usize>,
    /// Its JSON in `made`, where the format is no JSON itself.
    pub(super) made: Option<Range<usize>>,
    /// The line it begins on, counted from 1 at the start of the block.
    pub(super) line: u64,
    /// Why it cannot be read, where that was noticed already.
    pub(super) fault: Option<Box<RecordError>>,
    /// What an earlier run found out about it.
    pub(super) before: Before,
    /// Where the message of an earlier run is that says of whom it is a duplicate.
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
        self.line_ends = 0;
        self.passed = 0;
    }

    /// Gives memory back that only a very long record had needed.
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

    /// How much memory its buffers take.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.bytes.capacity() + self.made.capacity() + self.notes.capacity() * size_of::<Note>()
    }

    /// The bytes so far.
    pub(super) fn plain(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Room to read into: at least up to `size` bytes in all.
    pub(super) fn room(&mut self, size: usize) -> &mut [u8] {
        if self.bytes.is_empty() {
            // Zeros that nobody has to write: a small input touches as little of them as it fills.
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

    /// How many bytes the block moves its source on.
    fn width(&self) -> u64 {
        self.passed + self.filled as u64
    }

    /// Where the next block of the same source begins, if this one begins at `start`.
    pub(crate) fn end(&self, start: Position) -> Position {
        Position {
            byte: start.byte + self.width(),
            line: start.line + self.line_ends,
            record: start.record + self.frames.len() as u64,
        }
    }

    /// What was noticed about cells, in the order of the records.
    pub(crate) fn notes(&self) -> &[Note] {
        &self.notes
    }

    /// How many records are in it.
    pub(crate) fn records(&self) -> usize {
        self.frames.len()
    }

    /// Where the record at `index` begins, counted from the start of the block.
    pub(crate) fn position(&self, index: usize) -> Position {
        let frame = &self.frames[index];
        Position { byte: frame.plain.start as u64, line: frame.line, record: index as u64 + 1 }
    }

    /// The message of an earlier run that says of whom the record at `index` is a duplicate: JSON text of a string.
    pub(crate) fn duplicate_of(&self, index: usize) -> Option<&str> {
        let range = self.frames[index].duplicate_of.clone()?;
        std::str::from_utf8(&self.plain()[range]).ok()
    }

    /// What an earlier run found out about the record at `index`.
    pub(crate) fn before(&self, index: usize) -> Before {
        self.frames[index].before
    }

    /// The form of the user id of the record at `index`.
    pub(crate) fn user_ids(&self, index: usize) -> UserIds {
        if self.frames[index].before.bare_id { UserIds::Bare } else { self.user_ids }
    }

    /// The bytes of the record at `index` in its source; empty where it is too long, held or not.
    pub(crate) fn raw(&self, index: usize) -> &[u8] {
        let frame = &self.frames[index];
        match frame.fault.as_deref() {
            Some(RecordError::TooLong { .. }) => &[],
            _ => &self.plain()[frame.plain.clone()],
        }
    }

    /// The JSON of the record at `index`, which is the record itself in every format but CSV.
    pub(crate) fn json(&self, index: usize) -> &[u8] {
        match &self.frames[index].made {
            Some(made) => self.made[made.clone()].as_bytes(),
            None => self.raw(index),
        }
    }

    /// The JSON of the record at `index`, checked for itself.
    pub(super) fn checked_json(&self, index: usize) -> Result<&str, RecordError> {
        match &self.frames[index].fault {
            Some(fault) => Err((**fault).clone()),
            None => utf8(self.json(index)),
        }
    }

    /// The same as text; nothing where it is no UTF-8, which is no record.
    pub(crate) fn json_text(&self, index: usize) -> &str {
        simdutf8::basic::from_utf8(self.json(index)).unwrap_or("")
    }

    /// How many bytes the record at `index` has in its source.
    pub(crate) fn record_bytes(&self, index: usize) -> u64 {
        match self.frames[index].fault.as_deref() {
            Some(RecordError::TooLong { bytes, .. }) => *bytes,
            _ => self.raw(index).len() as u64,
        }
    }

    /// Checks once that the block is UTF-8, and lends its records.
    pub(crate) fn text(&self) -> Text<'_> {
        Text {
            block: self,
            // Rows of a CSV were checked when they were made.
            plain: if self.made.is_empty() { simdutf8::basic::from_utf8(self.plain()).ok() } else { None },
            made: &self.made,
        }
    }
}

/// A block whose UTF-8 was checked.
#[derive(Clone, Copy)]
pub(crate) struct Text<'b> {
    block: &'b Block,
    /// All of it, or nothing where some record is no UTF-8; then each is checked for itself.
    plain: Option<&'b str>,
    made: &'b str,
}

impl<'b> Text<'b> {
    /// The JSON of the record at `index`, which must be below [`Block::records`].
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

/// A record as text.
pub(super) fn utf8(bytes: &[u8]) -> Result<&str, RecordError> {
    std::str::from_utf8(bytes).map_err(|error| RecordError::NotUtf8 { at: error.valid_up_to() })
}

#[cfg(test)]
mod tests {
    use super::super::{ReadOptions, blocks::Blocks};
    use super::*;
    use crate::source::Source;

    #[test]
    fn a_block_checked_as_a_whole_lends_what_its_records_lend_one_by_one() {
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
