//! A flag shared between the threads of a run, and random seeds for hashes.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that is set once and never reset. A clone starts with the current value and is then independent.
#[derive(Debug, Default)]
pub(crate) struct Seen(AtomicBool);

impl Seen {
    #[inline]
    pub(crate) fn note(&self) {
        // Read first: reads of a shared cache line are cheap, writes take it from the other threads.
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

/// Returns a random seed. Because the seed is secret, an export cannot be made to contain values with equal hashes.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds_differ() {
        assert_ne!(random_seed(), random_seed());
    }
}
