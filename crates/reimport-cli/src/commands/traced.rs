//! Origins of rejected records that are converted again: the source and line in the export from which the first run read
//! them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use reimport::run::{Origin, Rejected, Sink, Skipped, Written};
use reimport::{Position, Rendering, Result, SideFile, Summary};
use serde::Deserialize;
use serde::de::IgnoredAny;

use super::inputs;
use crate::args::ReadArgs;

/// A sink that wraps another sink. For each record of a `rejected.ndjson` it passes the origin that its line has, so that
/// the output names the lines of the export, after any number of rounds.
pub(super) struct Traced<S> {
    inner: S,
    origins: Origins,
}

/// The origins in the inputs that are files of rejected records.
struct Origins {
    files: Vec<RejectedFile>,
    /// The file of the last record.
    current: usize,
}

/// A file of rejected records, and the origins of its lines.
struct RejectedFile {
    name: String,
    lines: Vec<Option<LineOrigin>>,
}

/// The origin of the record in one line.
struct LineOrigin {
    source: Arc<str>,
    position: Position,
    bytes: u64,
}

/// The members of a line that say where its record comes from. Only lines of rejected records have all of them.
#[derive(Deserialize)]
struct RejectedLine {
    source: String,
    line: u64,
    byte: u64,
    bytes: u64,
    #[serde(rename = "problems")]
    _problems: IgnoredAny,
}

impl<S> Traced<S> {
    /// Wraps `sink`, and reads the origins. A pipe can be read only once, so its records have none. Neither have those of a
    /// gzipped file.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub(super) fn new(sink: S, read: &ReadArgs) -> anyhow::Result<Self> {
        let files = inputs::files(read);
        let files = files.iter().filter(|path| path.is_file() && read.input_format.is_none());
        let files =
            files.filter_map(|path| RejectedFile::read(path).transpose()).collect::<anyhow::Result<_>>()?;
        Ok(Self { inner: sink, origins: Origins { files, current: 0 } })
    }
}

impl Origins {
    /// Returns the origin that the line at `origin` has, if it has one.
    fn of(&mut self, origin: Origin<'_>) -> Option<&LineOrigin> {
        let is_file = |file: &RejectedFile| *file.name == **origin.source;
        if !self.files.get(self.current).is_some_and(is_file) {
            self.current = self.files.iter().position(is_file)?;
        }
        let index = usize::try_from(origin.position.line.checked_sub(1)?).ok()?;
        self.files.get(self.current)?.lines.get(index)?.as_ref()
    }
}

impl RejectedFile {
    /// Reads the origins of all lines. Returns `None` for a file of another kind, of which only the first line is read.
    /// No line is held in memory.
    fn read(path: &Path) -> anyhow::Result<Option<Self>> {
        let name = path.display().to_string();
        let cannot = |error: io::Error| anyhow::Error::new(error).context(name.clone());
        // Not a `Source`: it would report an error that it meets while it reads ahead only with the next line.
        let mut source = BufReader::new(File::open(path).map_err(cannot)?);
        let mut file = Self { name: name.clone(), lines: Vec::new() };
        let mut last: Arc<str> = "".into();
        while let Some(first) = source.fill_buf().map_err(cannot)?.first() {
            let is_blank = b"\r\n".contains(first);
            let mut line = OneLine { source: &mut source, ended: false };
            let read = serde_json::from_reader::<_, RejectedLine>(&mut line);
            let ended = line.ended;
            match read {
                Err(error) if error.is_io() => return Err(cannot(error.into())),
                Err(_) if !is_blank && file.lines.iter().all(Option::is_none) => return Ok(None),
                _ => {}
            }
            if !ended {
                source.skip_until(b'\n').map_err(cannot)?;
            }
            file.lines.push(read.ok().map(|line| {
                // Most lines have the source of the line before them.
                if *last != *line.source {
                    last = line.source.into();
                }
                let position = Position { byte: line.byte, line: line.line, record: line.line };
                LineOrigin { source: Arc::clone(&last), position, bytes: line.bytes }
            }));
        }
        Ok(Some(file))
    }
}

/// Reads to the end of a line.
struct OneLine<'s, R> {
    source: &'s mut R,
    ended: bool,
}

impl<R: BufRead> Read for OneLine<'_, R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return Ok(0);
        }
        let ready = self.source.fill_buf()?;
        let ready = &ready[..ready.len().min(out.len())];
        let end = ready.iter().position(|byte| *byte == b'\n');
        let count = end.unwrap_or(ready.len());
        out[..count].copy_from_slice(&ready[..count]);
        self.ended = end.is_some() || ready.is_empty();
        self.source.consume(count + usize::from(end.is_some()));
        Ok(count)
    }
}

impl LineOrigin {
    fn get(&self) -> Origin<'_> {
        Origin { source: &self.source, position: self.position }
    }
}

impl<S: Sink> Sink for Traced<S> {
    type Finished = S::Finished;

    fn rendering(&self) -> Rendering {
        self.inner.rendering()
    }

    fn max_record_bytes(&self) -> Option<u64> {
        self.inner.max_record_bytes()
    }

    fn takes_any_bytes(&self) -> bool {
        self.inner.takes_any_bytes()
    }

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.inner.refuse_inputs(inputs)
    }

    fn begin(&mut self, header: &[u8]) -> Result<()> {
        self.inner.begin(header)
    }

    #[inline]
    fn write(&mut self, written: Written<'_>) -> Result<()> {
        if let Some(line) = self.origins.of(written.origin) {
            return self.inner.write(Written { origin: line.get(), ..written });
        }
        self.inner.write(written)
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        if let Some(line) = self.origins.of(skipped.origin) {
            return self.inner.skip(Skipped { origin: line.get(), ..skipped });
        }
        self.inner.skip(skipped)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        if let Some(line) = self.origins.of(rejected.origin) {
            return self.inner.reject(Rejected { origin: line.get(), bytes: line.bytes, ..rejected });
        }
        self.inner.reject(rejected)
    }

    fn side(&mut self, list: SideFile, line: &[u8]) -> Result<()> {
        self.inner.side(list, line)
    }

    fn finish(self, summary: &Summary) -> Result<Self::Finished> {
        self.inner.finish(summary)
    }
}
