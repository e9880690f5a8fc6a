//! Sinks that write to any `Write`, with separate files for skipped and rejected records.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::framed::{Framed, Framing};
use super::leftover::LeftoverFiles;
use super::publish;
use crate::error::Result;
use crate::run::CsvFormat;

/// Options for the files of skipped and rejected records.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct LeftoverOptions {
    /// Whether an existing file may be replaced.
    pub force: bool,
    /// Maximum size of a file of rejected records, in bytes. If it is exceeded, the run fails.
    pub max_bytes: Option<u64>,
}

impl LeftoverOptions {
    /// Sets whether an existing file may be replaced.
    pub fn force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// Sets the maximum size of a file of rejected records, in bytes, or `None` for no limit. If it is exceeded, the run
    /// fails.
    pub fn max_bytes(self, max_bytes: impl Into<Option<u64>>) -> Self {
        Self { max_bytes: max_bytes.into(), ..self }
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

    /// Publishes the separate files first: when the stream is complete, they are there. They are removed again if
    /// the stream cannot be ended.
    pub(super) fn finish(self) -> Result<W> {
        let placed = publish::place(self.sides.finish()?)?;
        let write = self.framed.finish()?;
        placed.keep()?;
        Ok(write)
    }
}

/// The methods of all stream sinks, which have a [`Stream`] as their only field.
macro_rules! stream_sink {
    ($sink:ident) => {
        impl<W: std::io::Write> $sink<W> {
            /// Writes rejected records to a separate file. It appears when the run ends, if there are any. Without
            /// this call, rejected records are not kept.
            ///
            /// # Errors
            /// [`OutputError`](crate::sink::OutputError) if the file exists or cannot be created.
            pub fn rejected(
                self,
                path: impl AsRef<std::path::Path>,
                options: crate::sink::LeftoverOptions,
            ) -> crate::error::Result<Self> {
                Ok(Self(self.0.rejected(path.as_ref(), options)?))
            }

            /// Writes skipped records to a separate file, like [`rejected`](Self::rejected).
            ///
            /// # Errors
            /// [`OutputError`](crate::sink::OutputError) if the file exists or cannot be created.
            pub fn skipped(
                self,
                path: impl AsRef<std::path::Path>,
                options: crate::sink::LeftoverOptions,
            ) -> crate::error::Result<Self> {
                Ok(Self(self.0.skipped(path.as_ref(), options)?))
            }
        }

        impl<W: std::io::Write> crate::run::Sink for $sink<W> {
            type Finished = W;

            fn rendering(&self) -> crate::run::Rendering {
                self.0.framed.framing().rendering()
            }

            fn refuse_inputs(&self, inputs: &[std::path::PathBuf]) -> crate::error::Result<()> {
                self.0.refuse_inputs(inputs)
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

/// Writes one JSON array, in the layout of a part. If a run fails, the array has no closing `]`, so that it is not
/// mistaken for a complete one. [`finish`](crate::run::Sink::finish) returns the writer.
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
    /// Returns a sink that writes an array to `write`, in large writes.
    pub fn new(write: W) -> Self {
        Self(Stream::new(write, Framing::Array))
    }

    /// Returns a sink that writes one JSON object with one member of this name, which is the array.
    ///
    /// ```
    /// use reimport::Sink;
    /// use reimport::sink::Array;
    ///
    /// let bytes = Array::wrapped(Vec::new(), "users").finish(&reimport::Summary::default())?;
    /// assert_eq!(bytes, b"{\"users\":[\n]}");
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn wrapped(write: W, name: &str) -> Self {
        Self(Stream::new(write, Framing::Wrapped(name.into())))
    }
}

stream_sink!(Array);

/// Writes one JSON object per line. [`finish`](crate::run::Sink::finish) returns the writer.
pub struct Ndjson<W>(Stream<W>);

impl<W: Write> Ndjson<W> {
    /// Returns a sink that writes lines to `write`, in large writes.
    pub fn new(write: W) -> Self {
        Self(Stream::new(write, Framing::Ndjson))
    }
}

stream_sink!(Ndjson);

/// Writes a header line, then one CSV line per record. Each line ends with LF. [`finish`](crate::run::Sink::finish)
/// returns the writer.
///
/// The [`Transform`](crate::run::Transform) renders the lines, because the rendering of this sink is
/// [`Rendering::Csv`](crate::run::Rendering::Csv).
pub struct Csv<W>(Stream<W>);

impl<W: Write> Csv<W> {
    /// Returns a sink that writes CSV to `write`, with values as they are in the export.
    pub fn new(write: W) -> Self {
        Self::with_format(write, CsvFormat::default())
    }

    /// Returns a sink that writes CSV to `write`, with this delimiter and this escaping.
    pub fn with_format(write: W, format: CsvFormat) -> Self {
        Self(Stream::new(write, Framing::Csv(format)))
    }
}

stream_sink!(Csv);
