//! The number of bytes read from a source, for other threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// A handle on the number of bytes read so far from a [`Source`](super::Source).
///
/// Clones count the same source. A handle can outlive the source and then keeps the last count.
#[derive(Debug, Clone, Default)]
pub struct BytesRead(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    bytes: AtomicU64,
    stopped: AtomicBool,
}

impl BytesRead {
    /// Returns the number of bytes read from the outermost input. These are compressed bytes if it is gzip data.
    ///
    /// At the end of a regular file, this is [`Source::size`](super::Source::size).
    pub fn compressed_bytes(&self) -> u64 {
        // The number is only displayed. No other memory access depends on its order.
        self.0.bytes.load(Ordering::Relaxed)
    }

    pub(super) fn add(&self, count: usize) {
        self.0.bytes.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// Marks the source as no longer needed. A read that waits for a silent input then ends with an error.
    pub(crate) fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }
}
