//! [`ArrowStream`]: all records as one Arrow IPC stream.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_ipc::writer::StreamWriter;
use arrow_schema::ArrowError;
use reimport::run::{Rejected, Sink, Skipped, Summary, Written};
use reimport::sink::{LeftoverOptions, Ndjson};
use reimport::{Error, Result};

use crate::arrays::record_batch;
use crate::batch::Batch;
use crate::error::ColumnsError;
use crate::layout::Layout;

/// Writes all records as an Arrow IPC stream, for programs and notebooks.
///
/// The end of the input at the end of a message is a valid end of such a stream. So that a reader notices a run that has
/// failed, a sink that is dropped without [`finish`](Sink::finish) ends in a message that is cut off.
///
/// ```
/// use reimport::{Pipeline, source::Source};
/// use reimport_columns::{ArrowStream, Layout, TypedRows};
///
/// let source = Source::from_reader("tenant.json", &br#"{"user_id":"auth0|7"}"#[..]);
/// let rows = TypedRows::new(Layout::fixed());
/// let (_, stream) = Pipeline::new().run([source], &rows, ArrowStream::new(Vec::new(), rows.layout())?)?;
/// assert!(stream.ends_with(b"\xff\xff\xff\xff\0\0\0\0"), "the mark of a complete stream");
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct ArrowStream<W: Write> {
    layout: Arc<Layout>,
    /// `None` after the end.
    stream: Option<StreamWriter<W>>,
    batch: Batch,
    /// Keeps rejected and skipped records, if they are kept. Writes no record.
    sides: Ndjson<io::Sink>,
}

impl<W: Write> ArrowStream<W> {
    /// Creates the sink, and writes the schema.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn new(write: W, layout: Arc<Layout>) -> Result<Self> {
        let stream = StreamWriter::try_new(write, layout.schema()).map_err(stream_error)?;
        Ok(Self { layout, stream: Some(stream), batch: Batch::default(), sides: Ndjson::new(io::sink()) })
    }

    /// Keeps rejected records in the file `path`.
    ///
    /// # Errors
    /// If the file exists (without [`force`](LeftoverOptions::force)) or cannot be created.
    pub fn rejected(mut self, path: impl AsRef<Path>, options: LeftoverOptions) -> Result<Self> {
        self.sides = std::mem::replace(&mut self.sides, Ndjson::new(io::sink())).rejected(path, options)?;
        Ok(self)
    }

    fn write_batch(&mut self, batch: &Batch) -> Result<()> {
        let batch = record_batch(&self.layout, batch)?;
        match &mut self.stream {
            Some(stream) => Ok(stream.write(&batch).and_then(|()| stream.flush()).map_err(stream_error)?),
            None => Ok(()),
        }
    }
}

fn stream_error(error: ArrowError) -> Error {
    match error {
        ArrowError::IoError(_, error) => ColumnsError::Stream(error),
        error => ColumnsError::Arrow(error),
    }
    .into()
}

impl<W: Write> Sink for ArrowStream<W> {
    /// The writer.
    type Finished = W;

    fn takes_any_bytes(&self) -> bool {
        true
    }

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.sides.refuse_inputs(inputs)
    }

    fn begin(&mut self, header: &[u8]) -> Result<()> {
        self.layout.check(header)
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        self.batch.add(&written)?.map_or(Ok(()), |batch| self.write_batch(&batch))
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        self.sides.skip(skipped)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        self.sides.reject(rejected)
    }

    fn finish(mut self, summary: &Summary) -> Result<W> {
        if let Some(batch) = self.batch.take() {
            self.write_batch(&batch)?;
        }
        let sides = std::mem::replace(&mut self.sides, Ndjson::new(io::sink()));
        let Some(stream) = self.stream.take() else { return Err(ColumnsError::ThreadEnded.into()) };
        sides.finish(summary)?;
        stream.into_inner().map_err(stream_error)
    }
}

/// Cuts a stream that has no end off in a message.
impl<W: Write> Drop for ArrowStream<W> {
    fn drop(&mut self) {
        if let Some(stream) = &mut self.stream {
            // The mark of a message and its length, without the message. The run has failed already, so a second error says
            // nothing new.
            let _ = stream.get_mut().write_all(b"\xff\xff\xff\xff\x40\0\0\0");
            let _ = stream.get_mut().flush();
        }
    }
}
