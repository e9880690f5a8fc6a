//! A piece of a source that was already read: records are read again by their positions.

use super::array::Array;
use super::block::Block;
use super::blocks::Splitter;
use super::format::Format;
use crate::error::Result;
use crate::source::Source;

/// Reads pieces of one source, in the order of the source. A plain file is read only there.
pub(crate) struct Pieces {
    source: Source,
    format: Format,
    splitter: Splitter,
    /// The number of bytes of the source before the next piece.
    at: u64,
}

impl Pieces {
    /// Returns `true` if records of this format can be read from the position of any record. A row of CSV depends on
    /// the header, and a line of `rejected.ndjson` has more than the record.
    pub(crate) fn can_read(format: Format) -> bool {
        matches!(format, Format::Ndjson | Format::Array)
    }

    /// Creates a reader of `source`, whose format is known from reading it before.
    pub(crate) fn new(source: Source, format: Format, max_record_bytes: u64) -> Self {
        Self { source, format, splitter: Splitter::of_json(format, max_record_bytes), at: 0 }
    }

    /// Reads the records from byte `from`, where a record begins, to byte `to` into `block`. Returns `false` if
    /// the source has changed: it ends before `to`, or has no records there.
    ///
    /// # Errors
    /// If the source cannot be read.
    pub(crate) fn read(&mut self, from: u64, to: u64, block: &mut Block) -> Result<bool> {
        block.clear();
        let (Some(ahead), Some(bytes)) = (from.checked_sub(self.at), to.checked_sub(from)) else {
            return Ok(false);
        };
        let Ok(bytes) = usize::try_from(bytes) else { return Ok(false) };
        self.at = to;
        if self.source.skip(ahead)? < ahead {
            return Ok(false);
        }
        let count = self.source.read(&mut block.room(bytes)[..bytes])?;
        block.add(count);
        let mut is_whole = count == bytes;
        if self.format == Format::Array {
            let mut frames = std::mem::take(&mut block.frames);
            is_whole &= Array::at_element().cut(block.plain(), 0, &mut frames).is_ok();
            block.frames = frames;
        }
        if is_whole {
            self.splitter.split(block);
        }
        Ok(is_whole)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ReadOptions, RecordReader};
    use super::*;

    /// Reads every run of consecutive records as a piece, and compares it with reading the whole source.
    fn check(text: &str, gzipped: bool) {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut bytes = text.as_bytes().to_vec();
        if gzipped {
            bytes = Vec::new();
            let mut out = flate2::write::GzEncoder::new(&mut bytes, flate2::Compression::fast());
            std::io::Write::write_all(&mut out, text.as_bytes()).unwrap();
            out.finish().unwrap();
        }
        std::fs::write(file.path(), bytes).unwrap();
        let mut reader = RecordReader::from_path(file.path()).unwrap();
        let format = reader.format();
        let mut all = Vec::new();
        while let Some(record) = reader.next_record().unwrap() {
            all.push((record.position().unwrap(), record.json().to_owned()));
        }
        assert!(all.len() > 2 && Pieces::can_read(format));
        let limit = ReadOptions::default().max_record_bytes;
        for first in 0..all.len() {
            for end in first + 1..=all.len() {
                let source = Source::open(file.path()).unwrap();
                let mut pieces = Pieces::new(source, format, limit);
                let mut block = Block::default();
                // Another piece is read first, so that the second one is read from the middle.
                if first > 1 {
                    assert!(pieces.read(all[0].0.byte, all[1].0.byte, &mut block).unwrap());
                }
                let to = all.get(end).map_or(text.len() as u64, |record| record.0.byte);
                assert!(pieces.read(all[first].0.byte, to, &mut block).unwrap());
                let found: Vec<_> = (0..block.records())
                    .map(|index| {
                        let json = block.text().json(index).unwrap().to_owned();
                        (block.position(index).after(all[first].0), json)
                    })
                    .collect();
                assert_eq!(found, all[first..end]);
                // The source does not have this many bytes.
                assert!(!pieces.read(to, to + text.len() as u64, &mut block).unwrap());
            }
        }
    }

    #[test]
    fn pieces_agree_with_reading_everything() {
        let lines = "\u{feff}\n{\"a\":1}\n\n {\"b\":\"é\"} \r\n{\"c\":[{}]}\n{}\n{\"d\":2}";
        let array = "\u{feff}\n[\n{\"a\":1}, {\"b\":\"]}é\"}\n,{\"c\":\n[{}]},\n{},{\"d\":2}\n]\n";
        for gzipped in [false, true] {
            check(lines, gzipped);
            check(array, gzipped);
        }
    }

    #[test]
    fn changed_file_is_noticed() {
        let text = "[{\"a\":1},{\"b\":2}]";
        let read = |from, to| {
            let source = Source::from_reader("part.json", text.as_bytes());
            let mut block = Block::default();
            let framed = Pieces::new(source, Format::Array, 100).read(from, to, &mut block);
            framed.map(|framed| framed.then(|| block.records())).unwrap()
        };
        assert_eq!(read(1, text.len() as u64), Some(2));
        assert_eq!(read(9, text.len() as u64), Some(1));
        // No record begins here.
        assert_eq!(read(8, text.len() as u64), None);
        assert_eq!(read(1, 100), None);
        assert_eq!(read(100, 120), None);
        assert_eq!(read(9, 1), None);
    }
}
