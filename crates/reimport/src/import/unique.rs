//! The keys that no two users of a run may share, as keyed hashes.

use std::borrow::Cow;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::rules::Identifier;
use crate::transform::UniqueKey;

/// Hashes with a seed of its own for each run, so that nobody can make two values collide on purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    seed: u64,
}

impl Default for Keys {
    fn default() -> Self {
        Self { seed: RandomState::new().build_hasher().finish() }
    }
}

impl Keys {
    /// The key of one identifier's decoded text. E-mail addresses and usernames differ by more than case.
    pub(super) fn of(self, identifier: Identifier, text: &str) -> UniqueKey {
        let folds = matches!(identifier, Identifier::Email | Identifier::Username);
        let folded = if folds { lower(text) } else { Cow::Borrowed(text) };
        let seed = self.seed.wrapping_add(identifier as u64);
        UniqueKey { property: identifier as u8, hash: xxh3_128_with_seed(folded.as_bytes(), seed) }
    }
}

/// The text in lower case; borrowed where it is so already.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase() || !byte.is_ascii()) {
        Cow::Owned(text.to_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}
