//! Reads the records of any source one by one: the simple way to read an export.

use std::io::Read;
use std::path::Path;

use super::block::Block;
use super::blocks::{Blocks, Splitter};
use super::csv::CsvDialect;
use super::format::Format;
use super::options::ReadOptions;
use super::{Record, RecordError};
use crate::error::{Error, Result};
use crate::json::Scanner;
use crate::position::Position;
use crate::source::Source;

/// Reads the records of one export, in any format, gzipped or plain. It starts no thread.
///
/// A record is borrowed until the next call, and is a JSON object that is validated to its last byte. The records
/// are provisional until [`next_record`](Self::next_record) has returned `None`: only then was every checksum and
/// length of the source correct.
///
/// ```
/// use reimport::{Category, RecordReader};
///
/// let export = "{\"user_id\":\"auth0|1\"}\n\n{\"user_id\":\n{\"user_id\":\"auth0|3\"}";
/// let mut reader = RecordReader::from_reader("tenant.json", export.as_bytes())?;
/// let (mut good, mut bad) = (0, 0);
/// loop {
///     match reader.next_record() {
///         Ok(Some(record)) => {
///             good += 1;
///             assert!(record.json().starts_with("{\"user_id\""));
///         }
///         Ok(None) => break,
///         // This record has an error. The next record can still be read.
///         Err(error) if error.category() == Category::Record => {
///             bad += 1;
///             assert_eq!(error.position().map(|position| position.line), Some(3));
///         }
///         Err(error) => return Err(error),
///     }
/// }
/// assert_eq!((good, bad), (2, 1));
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct RecordReader {
    blocks: Blocks,
    splitter: Splitter,
    block: Block,
    /// The position at which `block` begins.
    start: Position,
    next: usize,
    ended: bool,
}

impl RecordReader {
    /// Opens the file at `path`.
    ///
    /// # Errors
    /// If it cannot be opened, or is not an export.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::open(Source::open(path)?, &ReadOptions::default())
    }

    /// Opens `reader`. Error messages use `name` for it.
    ///
    /// # Errors
    /// If it cannot be read, or is not an export.
    pub fn from_reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Result<Self> {
        Self::open(Source::from_reader(name, reader), &ReadOptions::default())
    }

    /// Opens `source` with `options`.
    ///
    /// # Errors
    /// If it cannot be read, or is not an export.
    pub fn open(source: Source, options: &ReadOptions) -> Result<Self> {
        let blocks = Blocks::open(source, options)?;
        let (splitter, start) = (blocks.splitter(), blocks.start());
        Ok(Self { blocks, splitter, block: Block::default(), start, next: 0, ended: false })
    }

    /// Returns the next record, or `None` at the end and on every later call.
    ///
    /// # Errors
    /// An error of [`Category::Record`](crate::error::Category::Record) means that one record cannot be read. Call
    /// again to get the next one. After any other error the reader is at its end.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>> {
        while self.next == self.block.records() {
            if self.ended {
                return Ok(None);
            }
            self.start = self.block.end(self.start);
            self.next = 0;
            // Whether this call succeeds or not, all records of the old block have been returned.
            let filled = self.blocks.fill(&mut self.block);
            match filled {
                Ok(true) => self.splitter.split(&mut self.block),
                Ok(false) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    let place = error.position().map(|position| position.after(self.start));
                    self.block = Block::default();
                    return Err(error.moved_to(place));
                }
            }
        }
        let index = self.next;
        self.next += 1;
        let position = self.block.position(index).after(self.start);
        match self.block.checked_json(index).and_then(|json| validate(json).map(|()| json)) {
            Ok(json) => {
                let record = Record::new(json).with_user_ids(self.block.user_ids(index));
                Ok(Some(record.in_source(self.blocks.source().name()).at(position)))
            }
            Err(fault) => Err(Error::new(fault).in_source(self.blocks.source().name()).at(position)),
        }
    }

    /// Returns the format, as detected or as set in the options.
    pub fn format(&self) -> Format {
        self.blocks.format()
    }

    /// Returns the dialect of CSV input, as detected from its cells or as set in the options. Returns `None` for
    /// other formats.
    pub fn csv_dialect(&self) -> Option<CsvDialect> {
        self.blocks.csv_dialect()
    }

    /// Returns the number of bytes that its buffers hold.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.block.held() + self.blocks.held()
    }

    /// Returns the source that it reads from.
    pub fn source(&self) -> &Source {
        self.blocks.source()
    }
}

/// Checks that `json` is exactly one valid object.
pub(crate) fn validate(json: &str) -> std::result::Result<(), RecordError> {
    let mut scanner = Scanner::new(json);
    scanner.enter_object()?;
    while scanner.name()?.is_some() {
        scanner.value()?;
    }
    Ok(scanner.end()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_of_a_long_record_is_released() {
        let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(8 << 20));
        let export = format!("{{}}\n{long}{}", "{}\n".repeat(400_000));
        let options = ReadOptions { block_bytes: 64 << 10, ..ReadOptions::default() };
        let source = Source::from_reader("tenant.json", std::io::Cursor::new(export));
        let mut reader = RecordReader::open(source, &options).unwrap();
        let (mut records, mut most) = (0, 0);
        while reader.next_record().unwrap().is_some() {
            records += 1;
            most = most.max(reader.held());
        }
        assert_eq!(records, 400_002);
        assert!(most > 8 << 20 && reader.held() < 1 << 20, "{most} bytes, then {}", reader.held());
    }
}
