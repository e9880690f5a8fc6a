//! Whether something was seen in a run: a flag that any thread may raise.

use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that is raised once and stays so. A clone is raised if the original is, and then goes its own way.
#[derive(Debug, Default)]
pub(crate) struct Seen(AtomicBool);

impl Seen {
    #[inline]
    pub(crate) fn note(&self) {
        // Reading is free as long as every thread has the line; writing is not.
        if !self.is() {
            self.0.store(true, Ordering::Relaxed);
        }
    }

    #[inline]
    pub(crate) fn is(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

impl Clone for Seen {
    fn clone(&self) -> Self {
        Self(AtomicBool::new(self.is()))
    }
}
