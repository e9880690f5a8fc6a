//! A thread that builds and encodes the columns of one lane.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::thread::{self, JoinHandle};

use parquet::arrow::arrow_writer::{ArrowColumnChunk, ArrowColumnWriter, compute_leaves};
use parquet::errors::ParquetError;

use crate::arrays::lane_arrays;
use crate::batch::LaneRows;
use crate::error::ColumnsError;
use crate::layout::Layout;

/// Writers or chunks of columns, each with its place in the schema.
pub(super) type Placed<T> = Vec<(usize, T)>;

/// What a thread is given to do.
pub(super) enum Job {
    /// The next row group begins. Has no result.
    Begin(Placed<ArrowColumnWriter>),
    Rows(LaneRows),
    /// The row group ends.
    End,
}

/// The result of a job.
pub(super) enum Done {
    /// The encoded size of the columns of the row group so far.
    Rows(usize),
    Chunks(Placed<ArrowColumnChunk>),
}

/// What stops a thread.
pub(super) enum Fault {
    Columns(ColumnsError),
    Parquet(ParquetError),
}

impl From<ColumnsError> for Fault {
    fn from(error: ColumnsError) -> Self {
        Self::Columns(error)
    }
}

impl From<ParquetError> for Fault {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error)
    }
}

/// The thread of a lane. It ends when it is dropped.
pub(super) struct Lane {
    /// `None` if the thread is to end.
    jobs: Option<SyncSender<Job>>,
    done: Receiver<Result<Done, Fault>>,
    handle: Option<JoinHandle<()>>,
}

impl Lane {
    /// Starts the thread. At most `waiting` jobs wait for it.
    pub(super) fn start(layout: Arc<Layout>, lane: usize, waiting: usize) -> std::io::Result<Self> {
        let (jobs, received) = sync_channel(waiting);
        // Bounded by the jobs.
        let (send, done) = channel();
        let work = move || work(&layout, lane, &received, &send);
        let handle = thread::Builder::new().name(format!("columns-{lane}")).spawn(work)?;
        Ok(Self { jobs: Some(jobs), done, handle: Some(handle) })
    }

    pub(super) fn give(&self, job: Job) -> Result<(), Fault> {
        let jobs = self.jobs.as_ref().ok_or(ColumnsError::ThreadEnded)?;
        jobs.send(job).map_err(|_| {
            self.done.try_iter().find_map(Result::err).unwrap_or(ColumnsError::ThreadEnded.into())
        })
    }

    /// Waits for the result of the oldest job that has one.
    pub(super) fn done(&self) -> Result<Done, Fault> {
        self.done.recv().map_err(|_| Fault::from(ColumnsError::ThreadEnded))?
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(handle) = self.handle.take() {
            // A thread that panicked has been reported by `done`.
            let _ = handle.join();
        }
    }
}

fn work(layout: &Layout, lane: usize, jobs: &Receiver<Job>, done: &Sender<Result<Done, Fault>>) {
    let mut writers: Placed<ArrowColumnWriter> = Vec::new();
    for job in jobs {
        let result = match job {
            Job::Begin(next) => {
                writers = next;
                continue;
            }
            Job::Rows(rows) => write(layout, lane, &rows, &mut writers),
            Job::End => close(std::mem::take(&mut writers)),
        };
        let failed = result.is_err();
        // The receiver is gone if the output was given up.
        if done.send(result).is_err() || failed {
            return;
        }
    }
}

fn write(
    layout: &Layout,
    lane: usize,
    rows: &LaneRows,
    writers: &mut Placed<ArrowColumnWriter>,
) -> Result<Done, Fault> {
    let mut encoded = 0;
    for (place, array) in lane_arrays(layout, lane, rows)? {
        let field = layout.schema().field(place);
        let writer = writers.iter_mut().find(|(column, _)| *column == place);
        let (_, writer) = writer.ok_or(ColumnsError::OtherLayout)?;
        for leaf in compute_leaves(field, &array)? {
            writer.write(&leaf)?;
        }
        encoded += writer.get_estimated_total_bytes();
    }
    Ok(Done::Rows(encoded))
}

fn close(writers: Placed<ArrowColumnWriter>) -> Result<Done, Fault> {
    let chunks = writers.into_iter().map(|(place, writer)| Ok((place, writer.close()?)));
    Ok(Done::Chunks(chunks.collect::<Result<_, ParquetError>>()?))
}
