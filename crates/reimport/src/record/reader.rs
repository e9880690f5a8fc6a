//! One record after the other, from any source: the plain way to read an export.

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

/// Reads the records of one export, gzipped or plain, of any format; starts no thread.
///
/// Each record is lent until the next is asked for, and is a valid JSON object to its last byte. Until
/// [`next_record`](Self::next_record) has answered `None`, what was read is provisional: only then every checksum and
/// length of the source was right.
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
///         // One record is spent; the reader goes on with the next.
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
    /// Where `block` begins.
    start: Position,
    next: usize,
    ended: bool,
}

impl RecordReader {
    /// Reads the file at `path`.
    ///
    /// # Errors
    /// Where it cannot be opened, or is no export.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        Self::open(Source::open(path)?, &ReadOptions::default())
    }

    /// Reads `reader`; errors call it `name`.
    ///
    /// # Errors
    /// Where it cannot be read, or is no export.
    pub fn from_reader(name: impl Into<String>, reader: impl Read + Send + 'static) -> Result<Self> {
        Self::open(Source::from_reader(name, reader), &ReadOptions::default())
    }

    /// Reads `source` as `options` say.
    ///
    /// # Errors
    /// Where it cannot be read, or is no export.
    pub fn open(source: Source, options: &ReadOptions) -> Result<Self> {
        let blocks = Blocks::open(source, options)?;
        let (splitter, start) = (blocks.splitter(), blocks.start());
        Ok(Self { blocks, splitter, block: Block::default(), start, next: 0, ended: false })
    }

    /// The next record, or `None` at the end, and ever after.
    ///
    /// # Errors
    /// Of [`Category::Record`](crate::error::Category::Record) where one record cannot be read: call again for the next. After
    /// any other error the reader is at its end.
    pub fn next_record(&mut self) -> Result<Option<Record<'_>>> {
        while self.next == self.block.records() {
            if self.ended {
                return Ok(None);
            }
            self.start = self.block.end(self.start);
            self.next = 0;
            // Whatever happens, the old block is spent.
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
            Ok(json) => Ok(Some(Record::new(json, position).with_user_ids(self.block.user_ids(index)))),
            Err(fault) => Err(Error::new(fault).in_source(self.blocks.source().name()).at(position)),
        }
    }

    /// The format, as detected or as the options said.
    pub fn format(&self) -> Format {
        self.blocks.format()
    }

    /// The dialect of a CSV, as its cells told it or as the options said; `None` where the source is no CSV.
    pub fn csv_dialect(&self) -> Option<CsvDialect> {
        self.blocks.csv_dialect()
    }

    /// How many bytes its buffers hold.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.block.held() + self.blocks.held()
    }

    /// Where it reads from.
    pub fn source(&self) -> &Source {
        self.blocks.source()
    }
}

/// Whether `json` is one valid object and nothing else.
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
    fn one_long_record_does_not_keep_its_memory() {
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
