//! The sinks that write to any `Write`: one frame, and files of their own for what is skipped and rejected.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::framed::{Framed, Framing};
use super::leftover::LeftoverFiles;
use super::publish;
use crate::error::Result;
use crate::run::CsvEscape;

/// How a side file of a stream is made.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct LeftoverOptions {
    /// An existing file may be replaced.
    pub force: bool,
    /// A reject file grows no larger; the run fails instead.
    pub max_bytes: Option<u64>,
}

impl LeftoverOptions {
    /// An existing file may be replaced, or not.
    pub fn force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// A reject file grows no larger; the run fails instead.
    pub fn max_bytes(self, max_bytes: Option<u64>) -> Self {
        Self { max_bytes, ..self }
    }
}

pub(super) struct Stream<W> {
    pub(super) framed: Framed<W>,
    pub(super) sides: LeftoverFiles,
}

impl<W: Write> Stream<W> {
    pub(super) fn new(write: W, framing: Framing) -> Self {
        Self { framed: Framed::new(write, framing), sides: LeftoverFiles::default() }
    }

    pub(super) fn rejected(mut self, path: &Path, options: LeftoverOptions) -> Result<Self> {
        self.sides.rejected_to(path, options.force, options.max_bytes)?;
        Ok(self)
    }

    pub(super) fn skipped(mut self, path: &Path, options: LeftoverOptions) -> Result<Self> {
        self.sides.skipped_to(path, options.force)?;
        Ok(self)
    }

    pub(super) fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.sides.refuse_inputs(inputs)?)
    }

    /// Side files first: a stream is whole only when they are there. They go again where it cannot be ended.
    pub(super) fn finish(self) -> Result<W> {
        let placed = publish::place(self.sides.finish()?)?;
        let write = self.framed.finish()?;
        placed.keep()?;
        Ok(write)
    }
}

/// The methods that every stream sink has, over its one field.
macro_rules! stream_sink {
    ($sink:ident) => {
        impl<W: std::io::Write> $sink<W> {
            /// Writes refused records to a file of their own, which appears when the run is over and where there are
            /// any; without it they are not kept.
            ///
            /// # Errors
            /// [`OutputError`](crate::sink::OutputError) where the file exists or cannot be made.
            pub fn rejected(
                self,
                path: impl AsRef<std::path::Path>,
                options: crate::sink::LeftoverOptions,
            ) -> crate::error::Result<Self> {
                Ok(Self(self.0.rejected(path.as_ref(), options)?))
            }

            /// Writes skipped records to a file of their own, as [`rejected`](Self::rejected) does.
            ///
            /// # Errors
            /// [`OutputError`](crate::sink::OutputError) where the file exists or cannot be made.
            pub fn skipped(
                self,
                path: impl AsRef<std::path::Path>,
                options: crate::sink::LeftoverOptions,
            ) -> crate::error::Result<Self> {
                Ok(Self(self.0.skipped(path.as_ref(), options)?))
            }

            /// An error where a file that is about to be read is a side file that would be replaced.
            ///
            /// # Errors
            /// [`OutputError::InputIsOutput`](crate::sink::OutputError::InputIsOutput).
            pub fn refuse_inputs(&self, inputs: &[std::path::PathBuf]) -> crate::error::Result<()> {
                self.0.refuse_inputs(inputs)
            }
        }

        impl<W: std::io::Write> crate::run::Sink for $sink<W> {
            type Finished = W;

            fn rendering(&self) -> crate::run::Rendering {
                self.0.framed.framing().rendering()
            }

            fn begin(&mut self, header: &[u8]) -> crate::error::Result<()> {
                self.0.framed.begin(header);
                Ok(())
            }

            #[inline]
            fn write(&mut self, written: crate::run::Written<'_>) -> crate::error::Result<()> {
                self.0.framed.push(written.bytes)
            }

            fn skip(&mut self, skipped: crate::run::Skipped<'_>) -> crate::error::Result<()> {
                Ok(self.0.sides.skip(&skipped)?)
            }

            fn reject(&mut self, rejected: crate::run::Rejected<'_>) -> crate::error::Result<()> {
                Ok(self.0.sides.reject(&rejected)?)
            }

            fn finish(self, _: &crate::run::Summary) -> crate::error::Result<W> {
                self.0.finish()
            }
        }
    };
}

/// One JSON array, laid out like a part; a run that fails leaves it without its `]`, so that it never passes for a
/// whole one. Finished, it gives the writer back.
///
/// ```
/// use reimport::Sink;
/// use reimport::sink::Array;
///
/// let bytes = Array::new(Vec::new()).finish(&reimport::Summary::default())?;
/// assert_eq!(bytes, b"[\n]");
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct Array<W>(Stream<W>);

impl<W: Write> Array<W> {
    /// An array into `write`, in large writes.
    pub fn new(write: W) -> Self {
        Self(Stream::new(write, Framing::Array))
    }
}

stream_sink!(Array);

/// One JSON object a line. Finished, it gives the writer back.
pub struct Ndjson<W>(Stream<W>);

impl<W: Write> Ndjson<W> {
    /// Lines into `write`, in large writes.
    pub fn new(write: W) -> Self {
        Self(Stream::new(write, Framing::Ndjson))
    }
}

stream_sink!(Ndjson);

/// A header line, then one CSV line a record, each ended by LF. Finished, it gives the writer back.
///
/// The lines are rendered by the [`Transform`](crate::run::Transform), which this sink asks for
/// [`Rendering::Csv`](crate::run::Rendering::Csv).
pub struct Csv<W>(Stream<W>);

impl<W: Write> Csv<W> {
    /// CSV into `write`, values as the export holds them.
    pub fn new(write: W) -> Self {
        Self::escaped(write, CsvEscape::None)
    }

    /// CSV into `write`, with something done to strings that a spreadsheet would run.
    pub fn escaped(write: W, escape: CsvEscape) -> Self {
        Self(Stream::new(write, Framing::Csv(escape)))
    }
}

stream_sink!(Csv);
