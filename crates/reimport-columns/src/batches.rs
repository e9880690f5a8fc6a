//! [`Batches`]: an export as an iterator of record batches, for engines in the same program.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use reimport::run::{Rejected, Sink, Skipped, Summary, Transform, Written};
use reimport::{Error, Input, Pipeline, Result};

use crate::arrays::record_batch;
use crate::batch::Batch;
use crate::error::ColumnsError;
use crate::layout::Layout;

/// The number of batches that wait for the consumer.
const WAITING: usize = 2;

/// The record batches of a run, in the order of the input: a [`RecordBatchReader`], which `DataFusion`, `Polars` and
/// `DuckDB` take.
///
/// The export is read on a thread of its own, which is at most two batches ahead. A run that fails ends in an error; until
/// the iterator has returned `None`, what it returned is provisional. Rejected records are only counted, in the
/// [summary](Self::summary). If it is dropped, the thread stops reading.
///
/// ```
/// use reimport::{Pipeline, source::Source};
/// use reimport_columns::{Batches, Layout, TypedRows};
///
/// let source = Source::from_reader("tenant.json", &b"{\"user_id\":\"auth0|1\"}\n{\"user_id\":\"auth0|2\"}\n"[..]);
/// let rows = TypedRows::new(Layout::fixed());
/// let layout = rows.layout();
/// let mut batches = Batches::start(Pipeline::new(), [source], rows, layout)?;
/// let users: usize = batches.by_ref().map(|batch| batch.map(|batch| batch.num_rows())).sum::<Result<_, _>>()?;
/// assert_eq!((users, batches.summary().map(|summary| summary.read)), (2, Some(2)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Batches {
    schema: SchemaRef,
    received: Receiver<RecordBatch>,
    /// `None` after its end.
    thread: Option<JoinHandle<Result<Summary>>>,
    stop: Arc<AtomicBool>,
    summary: Option<Summary>,
}

impl Batches {
    /// Starts to read. `transform` is a [`TypedRows`](crate::TypedRows), or one with a filter around it, and `layout` is its
    /// layout.
    ///
    /// # Errors
    /// If the thread cannot be started. All other errors are those of the first batch.
    pub fn start<T>(
        pipeline: Pipeline,
        inputs: impl IntoIterator<Item = impl Into<Input>>,
        transform: T,
        layout: Arc<Layout>,
    ) -> Result<Self>
    where
        T: Transform + Send + 'static,
    {
        let inputs: Vec<Input> = inputs.into_iter().map(Into::into).collect();
        let (send, received) = sync_channel(WAITING);
        let (schema, stop) = (Arc::clone(layout.schema()), Arc::new(AtomicBool::new(false)));
        let sink = Sending { layout, send, stop: Arc::clone(&stop), batch: Batch::default() };
        let read = move || pipeline.run(inputs, &transform, sink).map(|(summary, ())| summary);
        let thread = thread::Builder::new().name("batches".to_owned()).spawn(read);
        let thread = Some(thread.map_err(ColumnsError::Thread)?);
        Ok(Self { schema, received, thread, stop, summary: None })
    }

    /// Returns the summary of the run, after the iterator has returned `None` and if the run has not failed.
    pub fn summary(&self) -> Option<&Summary> {
        self.summary.as_ref()
    }
}

impl Iterator for Batches {
    type Item = std::result::Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(batch) = self.received.recv() {
            return Some(Ok(batch));
        }
        let error = match self.thread.take()?.join() {
            Ok(Ok(summary)) => {
                self.summary = Some(summary);
                return None;
            }
            Ok(Err(error)) => error,
            Err(_) => ColumnsError::ThreadEnded.into(),
        };
        Some(Err(ArrowError::ExternalError(error.into())))
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        // The thread sees it at the next record. It is not waited for, because its input may be silent.
        self.stop.store(true, Ordering::Relaxed);
    }
}

/// The sink of the thread.
struct Sending {
    layout: Arc<Layout>,
    send: SyncSender<RecordBatch>,
    stop: Arc<AtomicBool>,
    batch: Batch,
}

impl Sending {
    fn send(&self, batch: &Batch) -> Result<()> {
        let batch = record_batch(&self.layout, batch)?;
        self.send.send(batch).map_err(|_| stopped())
    }
}

/// The error that ends a run after its consumer was dropped. It is never shown.
fn stopped() -> Error {
    Error::other("the consumer of the batches is gone")
}

impl Sink for Sending {
    type Finished = ();

    fn takes_any_bytes(&self) -> bool {
        true
    }

    fn begin(&mut self, header: &[u8]) -> Result<()> {
        self.layout.check(header)
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(stopped());
        }
        self.batch.add(&written)?.map_or(Ok(()), |batch| self.send(&batch))
    }

    fn skip(&mut self, _: Skipped<'_>) -> Result<()> {
        Ok(())
    }

    fn reject(&mut self, _: Rejected<'_>) -> Result<()> {
        Ok(())
    }

    fn finish(mut self, _: &Summary) -> Result<()> {
        self.batch.take().map_or(Ok(()), |batch| self.send(&batch))
    }
}

#[cfg(test)]
mod tests {
    use std::io::{self, Read};
    use std::sync::atomic::AtomicUsize;

    use reimport::filter::{Filter, Filtered};
    use reimport::source::Source;

    use super::*;
    use crate::TypedRows;
    use crate::tests::users;

    /// An endless export that counts what was read of it.
    struct Endless(Arc<AtomicUsize>);

    impl Read for Endless {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let line = b"{\"user_id\":\"auth0|1\"}\n";
            let read = self.0.fetch_add(buffer.len(), Ordering::Relaxed);
            for (at, byte) in buffer.iter_mut().enumerate() {
                *byte = line[(read + at) % line.len()];
            }
            Ok(buffer.len())
        }
    }

    fn start(source: Source) -> Batches {
        let rows = TypedRows::new(Layout::fixed());
        let layout = rows.layout();
        Batches::start(Pipeline::new(), [source], rows, layout).unwrap()
    }

    #[test]
    fn filtered_rows_arrive_in_order() {
        let source = Source::from_reader("x", io::Cursor::new(users(30_000).into_bytes()));
        let rows = TypedRows::new(Layout::fixed());
        let layout = rows.layout();
        let filter = Filter::new().and("logins_count = 7".parse().unwrap());
        let batches = Batches::start(Pipeline::new(), [source], Filtered::new(filter, rows), layout).unwrap();
        assert_eq!(batches.schema().fields().len(), 28);
        assert_eq!(batches.map(|batch| batch.unwrap().num_rows()).sum::<usize>(), 750);
    }

    #[test]
    fn reading_is_bounded_and_stops_with_the_consumer() {
        let read = Arc::new(AtomicUsize::new(0));
        let settled = || {
            let mut before = usize::MAX;
            loop {
                thread::sleep(std::time::Duration::from_millis(100));
                let now = read.load(Ordering::Relaxed);
                if now == before {
                    return now;
                }
                before = now;
            }
        };
        let mut batches = start(Source::from_reader("x", Endless(Arc::clone(&read))));
        assert_eq!(batches.next().unwrap().unwrap().num_rows(), 8192);
        let waiting = settled();
        assert!(waiting < 16 << 20, "{waiting} bytes were read for one batch");
        drop(batches);
        settled();
    }

    #[test]
    fn failed_run_ends_in_its_error() {
        let source = Source::from_reader("x.gz", &b"\x1f\x8b\x08\0\0\0\0\0\0\xffcut"[..]);
        let mut batches = start(source);
        let error = batches.next().unwrap().unwrap_err();
        assert!(error.to_string().contains("x.gz: "), "{error}");
        assert!(batches.next().is_none() && batches.summary().is_none());
    }
}
