//! Writer of `lines.ndjson`: the source lines of the users of each part and of the skipped records, in their order.

use std::path::Path;
use std::sync::Arc;

use super::OutputError;
use super::disk::Output;
use super::lazy::LazyFile;
use crate::parts_folder::PartLines;
use crate::run::{Origin, OutputName, source_file_name};

/// Maximum number of ranges that are held. If no two lines are consecutive, a part has as many ranges as users.
const MAX_RANGES: usize = 64 * 1024;

/// Writes `lines.ndjson`.
pub(super) struct Lines {
    file: LazyFile,
    part: Ranges,
    skipped: Ranges,
}

/// Lines of one source that are not written yet.
#[derive(Default)]
struct Ranges {
    source: Option<Arc<str>>,
    ranges: Vec<(u64, u64)>,
}

impl Ranges {
    /// Returns whether the ranges must be written first, because the next line is in another source or there are
    /// too many ranges.
    #[inline]
    fn must_write(&self, origin: Origin<'_>) -> bool {
        let same = self.source.as_ref().is_some_and(|source| Arc::ptr_eq(source, origin.source));
        !same || self.ranges.len() >= MAX_RANGES
    }

    #[inline]
    fn push(&mut self, line: u64) {
        match self.ranges.last_mut() {
            Some((first, count)) if *first + *count == line => *count += 1,
            _ => self.ranges.push((line, 1)),
        }
    }

    /// Writes the ranges as lines of `part`.
    fn end(&mut self, part: &str, file: &mut LazyFile) -> Result<(), OutputError> {
        let Some(source) = self.source.as_deref().filter(|_| !self.ranges.is_empty()) else { return Ok(()) };
        let source = source_file_name(source).to_owned();
        let mut line = PartLines { part: part.to_owned(), source, lines: std::mem::take(&mut self.ranges) };
        serde_json::to_writer(&mut file.buffer, &line)
            .map_err(std::io::Error::from)
            .map_err(OutputError::io("cannot write", file.path()))?;
        file.buffer.push(b'\n');
        line.lines.clear();
        self.ranges = line.lines;
        file.written()
    }
}

impl Lines {
    pub(super) fn new(file: LazyFile) -> Self {
        Self { file, part: Ranges::default(), skipped: Ranges::default() }
    }

    /// Adds a user of the current part. `part` returns its name, and is called only when an entry is written.
    #[inline]
    pub(super) fn push(
        &mut self,
        origin: Origin<'_>,
        part: impl FnOnce() -> String,
    ) -> Result<(), OutputError> {
        if self.part.must_write(origin) {
            if !self.part.ranges.is_empty() {
                self.part.end(&part(), &mut self.file)?;
            }
            self.part.source = Some(Arc::clone(origin.source));
        }
        self.part.push(origin.position.line);
        Ok(())
    }

    /// Adds a record of `skipped.ndjson`.
    pub(super) fn skip(&mut self, origin: Origin<'_>) -> Result<(), OutputError> {
        if self.skipped.must_write(origin) {
            self.skipped.end(OutputName::Skipped.as_str(), &mut self.file)?;
            self.skipped.source = Some(Arc::clone(origin.source));
        }
        self.skipped.push(origin.position.line);
        Ok(())
    }

    /// Writes the entry of the part that ends.
    pub(super) fn end(&mut self, part: &str) -> Result<(), OutputError> {
        self.part.end(part, &mut self.file)
    }

    pub(super) fn finish(mut self) -> Result<Option<Output>, OutputError> {
        self.skipped.end(OutputName::Skipped.as_str(), &mut self.file)?;
        self.file.finish()
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::position::Position;

    #[test]
    fn consecutive_lines_are_one_range_per_source() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("lines.ndjson");
        let mut lines = Lines::new(LazyFile::new(path.clone()));
        let (one, two): (Arc<str>, Arc<str>) = ("dir/a \"b\".gz".into(), "c.gz".into());
        for (source, line) in [(&one, 1), (&one, 2), (&one, 3), (&one, 5), (&two, 6), (&two, 6)] {
            let position = Position { byte: 0, line, record: 1 };
            lines.push(Origin { source, position }, || "p1".into()).unwrap();
        }
        lines.end("p1").unwrap();
        lines.end("p1").unwrap();
        lines
            .push(Origin { source: &two, position: Position { byte: 0, line: 7, record: 1 } }, || "p2".into())
            .unwrap();
        lines.end("p2").unwrap();
        for (source, line) in [(&one, 4), (&one, 9), (&two, 5)] {
            lines.skip(Origin { source, position: Position { byte: 0, line, record: 1 } }).unwrap();
        }
        lines.finish().unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(
            text,
            "{\"part\":\"p1\",\"source\":\"a \\\"b\\\".gz\",\"lines\":[[1,3],[5,1]]}\n\
             {\"part\":\"p1\",\"source\":\"c.gz\",\"lines\":[[6,1],[6,1]]}\n\
             {\"part\":\"p2\",\"source\":\"c.gz\",\"lines\":[[7,1]]}\n\
             {\"part\":\"skipped.ndjson\",\"source\":\"a \\\"b\\\".gz\",\"lines\":[[4,1],[9,1]]}\n\
             {\"part\":\"skipped.ndjson\",\"source\":\"c.gz\",\"lines\":[[5,1]]}\n"
        );
        let read: PartLines = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        assert_eq!((read.source.as_str(), read.lines), ("a \"b\".gz", vec![(1, 3), (5, 1)]));
    }
}
