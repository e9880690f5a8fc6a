//! A file that is created only when there is something to write, with large writes.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::{self, Output};
use super::publish::create_private;

/// Number of bytes that are buffered before a write.
const BUFFER_BYTES: usize = 256 * 1024;

/// Maximum capacity of the buffer after a write. A long record may have made it larger.
const KEPT: usize = 4 * BUFFER_BYTES;

/// A file that is written through `buffer`. Append to the buffer, then call [`written`](Self::written).
pub(super) struct LazyFile {
    path: PathBuf,
    file: Option<Output>,
    pub(super) buffer: Vec<u8>,
    buffer_bytes: usize,
    /// Whether the file is closed between writes.
    closes: bool,
    flushed: u64,
}

impl LazyFile {
    /// Returns a file that does not exist yet.
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path, file: None, buffer: Vec::new(), buffer_bytes: BUFFER_BYTES, closes: false, flushed: 0 }
    }

    /// Returns a file that exists and is empty. `path` is used in error messages.
    pub(super) fn open(path: PathBuf, file: Output) -> Self {
        Self { file: Some(file), ..Self::new(path) }
    }

    /// Returns one of many files. It buffers less, and holds no file descriptor between writes.
    pub(super) fn small(path: PathBuf) -> Self {
        Self { buffer_bytes: 4 * 1024, closes: true, ..Self::new(path) }
    }

    /// Returns the number of bytes so far, written and buffered.
    pub(super) fn len(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the buffer if it is full. Call it after each append.
    #[inline]
    pub(super) fn written(&mut self) -> Result<(), OutputError> {
        if self.buffer.len() < self.buffer_bytes { Ok(()) } else { self.flush() }
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

    /// Writes the remaining bytes. Returns the file, if one was created. It is not synced yet.
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
