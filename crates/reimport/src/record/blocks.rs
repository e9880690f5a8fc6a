//! Reads a source into blocks. Bytes are read directly into a block, which is cut at its last record end.

use std::sync::Arc;

use super::array::Array;
use super::block::{Block, Frame};
use super::block_size::BlockSize;
use super::csv::{self, CellPlaces, Csv, CsvDialect, CsvTypes, Rows};
use super::error::{FormatError, RecordError, RecordFault};
use super::format::{self, Format};
use super::lines;
use super::options::ReadOptions;
use super::rejects;
use super::user_ids::UserIds;
use crate::error::{Error, Result};
use crate::path::FieldPath;
use crate::position::Position;
use crate::source::Source;

/// Reads one source block by block. This is the first half of reading, and runs on one thread.
///
/// The bytes after the last record end of a block are carried over to the next block. A record longer than the
/// limit is discarded while it is read.
pub(crate) struct Blocks {
    source: Source,
    options: ReadOptions,
    format: Format,
    framer: Framer,
    block_size: BlockSize,
    /// The header and the settings of CSV input.
    csv: Option<Arc<Csv>>,
    /// The bytes that were read to detect the format. The first `given` of them were already copied into blocks.
    beginning: Vec<u8>,
    given: usize,
    /// The bytes after the last record end. The framer has already read the first `seen` of them.
    carry: Vec<u8>,
    seen: usize,
    /// The position of the first block: after a byte order mark and white space.
    start: Position,
    /// All bytes of the source were read.
    ended: bool,
    /// The error that ends the source. It is returned after all records before it.
    fault: Option<Pending>,
}

enum Pending {
    /// An error of the source, or of reading it.
    Source(Error),
    /// An error in the format of the file, at an offset in the bytes that are now in `carry`.
    File(RecordFault),
}

/// Finds record ends on the reading thread.
#[derive(Debug)]
enum Framer {
    Lines,
    Array(Array),
    Rows(Rows),
}

impl Framer {
    fn cut(
        &mut self,
        bytes: &[u8],
        from: usize,
        frames: &mut Vec<Frame>,
    ) -> std::result::Result<usize, RecordFault> {
        match self {
            Self::Lines => Ok(match lines::cut(&bytes[from..]) {
                0 => 0,
                end => from + end,
            }),
            Self::Array(array) => array.cut(bytes, from, frames),
            Self::Rows(rows) => Ok(rows.cut(bytes, from, frames)),
        }
    }

    /// Returns the end of a record that is being discarded, if the end is in `bytes`.
    fn pass(&mut self, bytes: &[u8]) -> std::result::Result<Option<usize>, RecordFault> {
        match self {
            Self::Lines => Ok(memchr::memchr(b'\n', bytes)),
            Self::Array(array) => array.pass(bytes),
            Self::Rows(rows) => Ok(rows.pass(bytes)),
        }
    }

    /// Checks that the source may end here, after `at` bytes.
    fn end(&self, at: usize) -> std::result::Result<(), RecordFault> {
        match self {
            Self::Lines => Ok(()),
            Self::Array(array) => array.end(at),
            Self::Rows(rows) => {
                rows.end().map_err(|(place, error)| RecordFault { at: place.byte as usize, error })
            }
        }
    }

    /// Begins to discard the record that fills a block. The framer has already read its first bytes, `held`.
    fn begin_discard(&mut self, held: &[u8]) {
        if let Self::Rows(rows) = self {
            rows.begin_discard(held);
        }
    }

    /// Checks that the source may end in a discarded record. `passed` is the end of the record, relative to its
    /// start.
    fn end_passed(&self, passed: Position) -> std::result::Result<(), (Position, FormatError)> {
        match self {
            Self::Lines => Ok(()),
            Self::Array(array) => array.end(0).map_err(|fault| (passed, fault.error)),
            Self::Rows(rows) => rows.end(),
        }
    }

    /// Returns the approximate number of records in a block.
    fn records(&self, block: &Block) -> u64 {
        match self {
            Self::Lines => lines::estimate(block.plain()),
            Self::Array(_) | Self::Rows(_) => block.frames.len() as u64,
        }
    }

    /// Returns the number of bytes of white space or blank rows at the start of a piece of a discarded record.
    fn blank(&self, piece: &[u8]) -> usize {
        match self {
            Self::Lines => lines::blank(piece),
            Self::Rows(_) if csv::is_blank(piece) => piece.len(),
            Self::Array(_) | Self::Rows(_) => 0,
        }
    }
}

impl Blocks {
    /// Opens `source` and reads its beginning to detect the format.
    pub(crate) fn open(mut source: Source, options: &ReadOptions) -> Result<Self> {
        options.check()?;
        let beginning = format::detect(&mut source, options)?;
        let csv = beginning.csv.map(Arc::new);
        let framer = match beginning.format {
            Format::Csv => Framer::Rows(Rows::new(csv.as_ref().map_or(b',', |csv| csv.delimiter))),
            Format::Ndjson | Format::Rejects => Framer::Lines,
            Format::Array => Framer::Array(Array::default()),
        };
        Ok(Self {
            source,
            options: options.clone(),
            format: beginning.format,
            framer,
            block_size: BlockSize::new(options.block_bytes),
            csv,
            beginning: beginning.bytes,
            given: 0,
            carry: Vec::new(),
            seen: 0,
            start: beginning.start,
            ended: false,
            fault: None,
        })
    }

    /// Leaves the properties for which `reads` returns `false` out of the records of CSV input. Called before the first
    /// block.
    pub(crate) fn read_only(&mut self, reads: impl Fn(&str) -> bool) {
        if let Some(csv) = self.csv.as_mut().and_then(Arc::get_mut) {
            csv.read_only(reads);
        }
    }

    pub(crate) fn source(&self) -> &Source {
        &self.source
    }

    /// Returns the size of the memory that its buffers use.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.beginning.capacity() + self.carry.capacity()
    }

    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Returns the dialect of CSV input, as detected or as set in the options. Returns `None` for other formats.
    pub(crate) fn csv_dialect(&self) -> Option<CsvDialect> {
        self.csv.as_ref().map(|csv| csv.dialect)
    }

    /// Returns how the types of CSV input in the plain dialect are determined. Returns `None` for other input.
    pub(crate) fn csv_types(&self) -> Option<CsvTypes> {
        self.csv.as_ref().filter(|csv| csv.dialect == CsvDialect::Plain).map(|csv| csv.types)
    }

    /// Returns the paths of the columns of CSV input. Returns `None` for other formats.
    pub(crate) fn columns(&self) -> Option<Arc<[FieldPath]>> {
        self.csv.as_ref().map(|csv| Arc::clone(&csv.columns))
    }

    /// Returns the column with the cell that decided against the export job's dialect, although most strings have
    /// an apostrophe.
    pub(crate) fn kept_apostrophes(&self) -> Option<(usize, CellPlaces)> {
        self.csv.as_ref().and_then(|csv| csv.kept_apostrophes)
    }

    pub(crate) fn start(&self) -> Position {
        self.start
    }

    /// Returns the form of the user ids in the source.
    pub(crate) fn user_ids(&self) -> UserIds {
        self.options.user_ids.unwrap_or_default()
    }

    /// Fills `block` with the next records. Returns `false` at the end of the source, which is reported only after
    /// every checksum was correct.
    ///
    /// The position of an error is relative to the start of the block that would have been filled.
    pub(crate) fn fill(&mut self, block: &mut Block) -> Result<bool> {
        block.clear();
        block.user_ids = self.user_ids();
        block.release(self.options.block_bytes);
        block.append(&self.carry);
        self.carry.clear();
        // Release memory that was needed only for a very long record.
        self.carry.shrink_to(self.options.block_bytes.saturating_mul(2).max(1 << 16));
        if let Some(pending) = self.fault.take() {
            return Err(self.end_with_error(block, pending));
        }
        let mut seen = std::mem::take(&mut self.seen);
        loop {
            let done = self.frame(block, seen)?;
            seen = block.plain().len();
            if done > 0 {
                self.carry.extend_from_slice(&block.plain()[done..]);
                self.seen = self.carry.len();
                block.truncate(done);
                self.block_size.observe(done, self.framer.records(block));
                return Ok(true);
            }
            if self.fault.is_some() || self.ended {
                return match self.fault.take() {
                    Some(pending) => Err(self.end_with_error(block, pending)),
                    None => self.last(block),
                };
            }
            if seen as u64 > self.options.max_record_bytes {
                return self.pass(block);
            }
            self.read(block);
        }
    }

    /// Frames the bytes after `seen`. Returns the number of bytes in complete records.
    fn frame(&mut self, block: &mut Block, seen: usize) -> Result<usize> {
        if seen == block.plain().len() {
            return Ok(0);
        }
        let mut frames = std::mem::take(&mut block.frames);
        let cut = self.framer.cut(block.plain(), seen, &mut frames);
        let framed_to = frames.last().map_or(0, |frame| frame.plain.end);
        block.frames = frames;
        cut.or_else(|fault| {
            // Records that were framed before the error are returned first.
            let error = RecordFault { at: fault.at - framed_to, ..fault };
            self.fault = Some(Pending::File(error));
            Ok(framed_to)
        })
    }

    /// Reads more bytes, up to the block size. If a record is longer than that, doubles the size.
    fn read(&mut self, block: &mut Block) {
        let (held, usual) = (block.plain().len(), self.block_size.size());
        let longest = usize::try_from(self.options.max_record_bytes).unwrap_or(usize::MAX).saturating_add(1);
        let size = if held < usual { usual } else { held.saturating_mul(2).min(longest) };
        match self.give(block.room(size)) {
            Ok(0) => self.ended = true,
            Ok(count) => block.add(count),
            Err(error) => self.fault = Some(Pending::Source(error)),
        }
    }

    /// Returns the next bytes: first those that were read to detect the format, then those of the source.
    fn give(&mut self, buf: &mut [u8]) -> Result<usize> {
        let left = &self.beginning[self.given..];
        if left.is_empty() {
            self.beginning = Vec::new();
            self.given = 0;
            return self.source.read(buf);
        }
        let count = left.len().min(buf.len());
        buf[..count].copy_from_slice(&left[..count]);
        self.given += count;
        Ok(count)
    }

    /// Completes the last block: the bytes after the last record end.
    fn last(&mut self, block: &mut Block) -> Result<bool> {
        if let Err(fault) = self.framer.end(block.plain().len()) {
            return Err(self.end_with_error(block, Pending::File(fault)));
        }
        let plain = block.plain();
        if matches!(self.framer, Framer::Rows(_)) && !csv::is_blank(plain) {
            let last = Frame::new(0..plain.len(), 0);
            block.frames.push(last);
        }
        Ok(!block.plain().is_empty())
    }

    /// Discards the record that fills `block`, up to its end. Leaves only a frame with its error.
    fn pass(&mut self, block: &mut Block) -> Result<bool> {
        let (mut bytes, mut lead, mut line_ends) = (0, 0, 0);
        let size = self.options.block_bytes.max(64);
        // All bytes in the block belong to this record, because there was no record end in them.
        let mut end = None;
        self.framer.begin_discard(block.plain());
        loop {
            let plain = block.plain();
            let piece = &plain[..end.unwrap_or(plain.len())];
            if lead == bytes {
                lead += self.framer.blank(piece);
            }
            bytes += piece.len();
            line_ends += lines::line_ends(piece);
            if end.is_some() || self.ended {
                break;
            }
            block.truncate(0);
            match self.give(&mut block.room(size)[..size]) {
                Ok(0) => self.ended = true,
                Ok(count) => block.add(count),
                Err(error) => return Err(self.end_with_error(block, Pending::Source(error))),
            }
            end = match self.framer.pass(block.plain()) {
                Ok(end) => end,
                Err(fault) => return Err(self.end_with_error(block, Pending::File(fault))),
            };
        }
        let passed = Position { byte: bytes as u64, line: 1 + line_ends, record: 1 };
        if self.ended
            && let Err((position, error)) = self.framer.end_passed(passed)
        {
            return Err(Error::new(error).in_source(self.source.name()).at(position));
        }
        self.carry.extend_from_slice(&block.plain()[end.unwrap_or(block.plain().len())..]);
        block.clear();
        block.passed = bytes as u64;
        block.line_ends = line_ends;
        if lead < bytes {
            let (bytes, limit) = (bytes as u64, self.options.max_record_bytes);
            // White space before a line is not part of the record, but white space before a row is.
            let at = if matches!(self.framer, Framer::Lines) { lead } else { 0 };
            let mut frame = Frame::new(at..at, 1);
            frame.fault = Some(Box::new(RecordError::TooLong { bytes, limit }));
            block.frames.push(frame);
        }
        Ok(true)
    }

    /// Returns the error that ends this source. Its position is relative to the start of `block`.
    fn end_with_error(&mut self, block: &Block, pending: Pending) -> Error {
        self.ended = true;
        match pending {
            Pending::Source(error) => error,
            Pending::File(fault) => {
                let before = &block.plain()[..fault.at.min(block.plain().len())];
                let line_ends = lines::line_ends(before);
                let position = Position {
                    byte: before.len() as u64,
                    line: 1 + line_ends,
                    record: 1 + block.frames.len() as u64,
                };
                self.error_at(fault.error, position)
            }
        }
    }

    fn error_at(&self, error: FormatError, position: Position) -> Error {
        Error::new(error).in_source(self.source.name()).at(position)
    }

    /// Returns the second half of reading, which can run on any thread and for any block.
    pub(crate) fn splitter(&self) -> Splitter {
        Splitter {
            format: self.format,
            csv: self.csv.clone(),
            max_record_bytes: self.options.max_record_bytes,
        }
    }
}

/// Finds the records of a block, and marks those that are too long.
#[derive(Debug, Clone)]
pub(crate) struct Splitter {
    format: Format,
    csv: Option<Arc<Csv>>,
    max_record_bytes: u64,
}

impl Splitter {
    /// Creates a splitter for records that are JSON in the source.
    pub(super) fn of_json(format: Format, max_record_bytes: u64) -> Self {
        Self { format, csv: None, max_record_bytes }
    }

    pub(crate) fn split(&self, block: &mut Block) {
        let limit = self.max_record_bytes;
        match self.format {
            Format::Ndjson => lines::split(block, limit),
            Format::Rejects => {
                lines::split(block, limit);
                rejects::unwrap_users(block);
            }
            Format::Array | Format::Csv => number_lines(block, limit),
        }
        if let Some(csv) = &self.csv {
            csv::split(csv, block);
        }
    }
}

/// Sets the line of each frame, counts the line ends of the block, and marks records that are too long.
fn number_lines(block: &mut Block, limit: u64) {
    let mut frames = std::mem::take(&mut block.frames);
    let (mut at, mut line) = (0, 1);
    for frame in &mut frames {
        line += lines::line_ends(&block.plain()[at..frame.plain.start]);
        frame.line = line;
        let bytes = frame.plain.len() as u64;
        if bytes > limit {
            frame.fault = Some(Box::new(RecordError::TooLong { bytes, limit }));
        }
        at = frame.plain.start;
    }
    block.line_ends += line - 1 + lines::line_ends(&block.plain()[at..]);
    block.frames = frames;
}

impl From<FormatError> for RecordFault {
    fn from(error: FormatError) -> Self {
        Self { at: 0, error }
    }
}
