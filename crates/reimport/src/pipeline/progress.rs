//! The progress of a run, readable from any thread.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::source::BytesRead;

/// The progress of a run. Pass a clone to [`Pipeline::progress`](crate::pipeline::Pipeline::progress), and read it
/// from any thread.
///
/// ```
/// use reimport::{Pipeline, pipeline::Progress, projection::Unchanged, sink::Nothing, source::Source};
///
/// let progress = Progress::default();
/// let source = Source::from_reader("users.ndjson", &b"{\"a\":1}\n{\"a\":2}\n"[..]);
/// Pipeline::new().progress(progress.clone()).run([source], &Unchanged, Nothing::new())?;
/// assert_eq!((progress.compressed_bytes(), progress.records()), (16, 2));
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Progress {
    counters: Arc<Counters>,
    /// Whether only bytes are counted, because the records were counted before.
    rereads: bool,
}

#[derive(Debug, Default)]
struct Counters {
    /// Bytes of the sources that are already read to their end.
    done: AtomicU64,
    current: Mutex<Option<BytesRead>>,
    records: AtomicU64,
    /// Bytes of the sources that are read again.
    reread: AtomicU64,
}

impl Progress {
    /// Returns the number of bytes read so far from all sources, as stored in their files, compressed or not.
    pub fn compressed_bytes(&self) -> u64 {
        let current = self.counters.current.lock().unwrap_or_else(PoisonError::into_inner);
        let under_way = current.as_ref().map_or(0, BytesRead::compressed_bytes);
        self.counters.done.load(Ordering::Relaxed) + under_way
    }

    /// Returns the number of records that the ordering step has taken.
    pub fn records(&self) -> u64 {
        self.counters.records.load(Ordering::Relaxed)
    }

    /// Returns the number of bytes of sources that are read a second time, or will be. They are known when such a read
    /// begins. Add them to the sizes of the sources for the bytes to read in total.
    pub fn reread_bytes(&self) -> u64 {
        self.counters.reread.load(Ordering::Relaxed)
    }

    /// Counts sources that will be read again.
    pub(crate) fn add_reread_bytes(&self, bytes: u64) {
        self.counters.reread.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns the same progress for a run that reads records again: it counts only bytes.
    pub(crate) fn rereading(&self) -> Self {
        Self { rereads: true, ..self.clone() }
    }

    /// Ends the current source, and begins `next` if there is one.
    pub(super) fn begin(&self, next: Option<BytesRead>) {
        let mut current = self.counters.current.lock().unwrap_or_else(PoisonError::into_inner);
        let finished = current.take().map_or(0, |progress| progress.compressed_bytes());
        self.counters.done.fetch_add(finished, Ordering::Relaxed);
        *current = next;
    }

    pub(super) fn count(&self, records: u64) {
        if !self.rereads {
            self.counters.records.fetch_add(records, Ordering::Relaxed);
        }
    }
}
