//! Writes records to one stream: as one array, as lines, or as CSV.

use std::io::Write;
use std::path::PathBuf;

use super::OutputError;
use crate::error::{Error, Result};
use crate::run::{CsvFormat, Rendering};

const BUFFER_BYTES: usize = 256 * 1024;
const KEPT: usize = 4 * BUFFER_BYTES;

/// What is written before, between and after records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framing {
    /// One JSON array, in the layout of a part.
    Array,
    /// One JSON object per line.
    Ndjson,
    /// A header, then one CSV line per record. Lines end with LF.
    Csv(CsvFormat),
}

impl Framing {
    pub(super) fn rendering(self) -> Rendering {
        match self {
            Self::Csv(format) => Rendering::Csv(format),
            Self::Array | Self::Ndjson => Rendering::Json,
        }
    }
}

/// Writes framed records to any writer, in large writes. If a run fails, an array has no closing `]`.
pub(super) struct Framed<W> {
    write: W,
    framing: Framing,
    buffer: Vec<u8>,
    begun: bool,
    /// The file that is written, for error messages.
    path: Option<PathBuf>,
}

impl<W: Write> Framed<W> {
    pub(super) fn new(write: W, framing: Framing) -> Self {
        Self { write, framing, buffer: Vec::with_capacity(BUFFER_BYTES), begun: false, path: None }
    }

    /// Returns the same writer, with errors that name this file.
    pub(super) fn named(self, path: PathBuf) -> Self {
        Self { path: Some(path), ..self }
    }

    pub(super) fn framing(&self) -> Framing {
        self.framing
    }

    /// Writes the header of a CSV.
    pub(super) fn begin(&mut self, header: &[u8]) {
        if matches!(self.framing, Framing::Csv(_)) && !header.is_empty() {
            self.buffer.extend_from_slice(header);
            self.buffer.push(b'\n');
        }
    }

    #[inline]
    pub(super) fn push(&mut self, record: &[u8]) -> Result<()> {
        match self.framing {
            Framing::Array => {
                self.buffer.extend_from_slice(if self.begun { b",\n" } else { b"[\n" });
                self.begun = true;
                self.buffer.extend_from_slice(record);
            }
            Framing::Ndjson | Framing::Csv(_) => {
                self.buffer.extend_from_slice(record);
                self.buffer.push(b'\n');
            }
        }
        if self.buffer.len() < BUFFER_BYTES { Ok(()) } else { self.write_buffer() }
    }

    fn write_buffer(&mut self) -> Result<()> {
        self.write.write_all(&self.buffer).map_err(|error| self.failed(error))?;
        self.buffer.clear();
        self.buffer.shrink_to(KEPT);
        Ok(())
    }

    fn failed(&self, error: std::io::Error) -> Error {
        match &self.path {
            Some(path) => OutputError::io("cannot write", path)(error).into(),
            None => Error::io("cannot write the output", error),
        }
    }

    /// Writes the end of the frame and flushes.
    pub(super) fn finish(mut self) -> Result<W> {
        if self.framing == Framing::Array {
            self.buffer.extend_from_slice(if self.begun { b"\n]" } else { b"[\n]" });
        }
        self.write_buffer()?;
        loop {
            match self.write.flush() {
                Ok(()) => return Ok(self.write),
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.failed(error)),
            }
        }
    }
}
