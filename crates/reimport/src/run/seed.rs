//! Seeds of hashes, which the writer of an export must not know.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hasher as _};

/// A seed from the random numbers of the system: with it, no export can bring two values whose hashes are equal.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_seed_is_another() {
        assert_ne!(super::random(), super::random());
    }
}
