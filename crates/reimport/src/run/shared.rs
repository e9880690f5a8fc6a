//! What the threads of a run share: flags that any of them may raise, and seeds of hashes that nobody outside knows.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};
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

/// A seed from the random numbers of the system: with it, no export can bring two values whose hashes are equal.
pub(crate) fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_seed_is_another() {
        assert_ne!(random_seed(), random_seed());
    }
}
