//! How far a source has been read, for another thread to look at.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A handle on how much of a [`Source`](super::Source) has been read so far.
///
/// Clones count the same source; it outlives the source, and then stays at its last count.
#[derive(Debug, Clone, Default)]
pub struct BytesRead(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    bytes: AtomicU64,
    stopped: AtomicBool,
}

impl BytesRead {
    /// How many bytes have been taken from the outermost input, as they are: compressed ones where it is gzipped.
    ///
    /// At the end of a regular file this is [`Source::size`](super::Source::size).
    pub fn compressed_bytes(&self) -> u64 {
        // A number for people to look at: nothing else is read by its order.
        self.0.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, count: usize) {
        self.0.bytes.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Nobody wants more of the source: a read that waits for an input which is quiet gives up.
    pub(crate) fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }
}
