//! Writes records to one stream: as one array, as lines, or as CSV.

use std::io::Write;
use std::path::PathBuf;

use super::OutputError;
use super::frame::Frame;
use crate::error::{Error, Result};
use crate::run::{CsvFormat, Rendering};

const BUFFER_BYTES: usize = 256 * 1024;
const KEPT: usize = 4 * BUFFER_BYTES;

/// What is written before, between and after records.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Framing {
    /// One JSON array, in the layout of a part.
    Array,
    /// One JSON object with one member of this name, which is the array: `{"users":[…]}`.
    Wrapped(Box<str>),
    /// One JSON object per line.
    Ndjson,
    /// A header, then one CSV line per record. Lines end with LF.
    Csv(CsvFormat),
}

impl Framing {
    pub(super) fn rendering(&self) -> Rendering {
        match self {
            Self::Csv(format) => Rendering::Csv(*format),
            Self::Array | Self::Wrapped(_) | Self::Ndjson => Rendering::Json,
        }
    }
}

/// Writes framed records to any writer, in large writes. If a run fails, an array has no closing `]`.
pub(super) struct Framed<W> {
    write: W,
    framing: Framing,
    frame: Frame,
    buffer: Vec<u8>,
    begun: bool,
    /// The file that is written, for error messages.
    path: Option<PathBuf>,
}

impl<W: Write> Framed<W> {
    pub(super) fn new(write: W, framing: Framing) -> Self {
        let (frame, buffer) = (Frame::of(&framing, b""), Vec::with_capacity(BUFFER_BYTES));
        Self { write, framing, frame, buffer, begun: false, path: None }
    }

    /// Returns the same writer, with errors that name this file.
    pub(super) fn named(self, path: PathBuf) -> Self {
        Self { path: Some(path), ..self }
    }

    pub(super) fn framing(&self) -> &Framing {
        &self.framing
    }

    /// Takes the header of a CSV.
    pub(super) fn begin(&mut self, header: &[u8]) {
        self.frame = Frame::of(&self.framing, header);
    }

    #[inline]
    pub(super) fn push(&mut self, record: &[u8]) -> Result<()> {
        self.buffer.extend_from_slice(self.frame.before(self.begun));
        self.begun = true;
        self.buffer.extend_from_slice(record);
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
        self.buffer.extend_from_slice(self.frame.end(self.begun));
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
