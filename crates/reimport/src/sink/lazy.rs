//! A file that is made only when there is something to write, in large writes.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::{self, Output};
use super::publish::create_private;

/// How much is gathered before it is written.
const GATHERED: usize = 256 * 1024;

/// What a buffer may keep after one long record.
const KEPT: usize = 4 * GATHERED;

/// Appends to `buffer`, then calls [`written`](Self::written).
pub(super) struct LazyFile {
    path: PathBuf,
    file: Option<Output>,
    pub(super) buffer: Vec<u8>,
    gathered: usize,
    /// Whether it is closed between writes.
    closes: bool,
    flushed: u64,
}

impl LazyFile {
    /// A file that is not there yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None, buffer: Vec::new(), gathered: GATHERED, closes: false, flushed: 0 }
    }

    /// A file that is there, empty; `path` is for messages.
    pub(super) fn open(path: PathBuf, file: Output) -> Self {
        Self { file: Some(file), ..Self::new(path) }
    }

    /// One of many: it gathers less, and takes no descriptor between writes.
    pub(super) fn small(path: PathBuf) -> Self {
        Self { gathered: 4 * 1024, closes: true, ..Self::new(path) }
    }

    /// Bytes so far.
    pub(super) fn len(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// After something was appended to the buffer.
    #[inline]
    pub(super) fn written(&mut self) -> Result<(), OutputError> {
        if self.buffer.len() < self.gathered { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), OutputError> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let file = match &mut self.file {
            Some(file) => file,
            none if self.flushed == 0 => none.insert(create_private(&self.path)?),
            none => {
                none.insert(disk::append(&self.path).map_err(OutputError::io("cannot open", &self.path))?)
            }
        };
        file.write_all(&self.buffer).map_err(OutputError::io("cannot write", &self.path))?;
        self.flushed += self.buffer.len() as u64;
        self.buffer.clear();
        self.buffer.shrink_to(KEPT);
        if self.closes {
            self.file = None;
        }
        Ok(())
    }

    /// Writes the rest; the file, where there is one, is not synced yet.
    pub(super) fn finish(mut self) -> Result<Option<Output>, OutputError> {
        self.closes = false;
        self.flush()?;
        if self.file.is_none() && self.flushed > 0 {
            let file = disk::append(&self.path).map_err(OutputError::io("cannot open", &self.path))?;
            self.file = Some(file);
        }
        Ok(self.file)
    }
}
