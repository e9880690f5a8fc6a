//! The keys that no two users of a run may share, as keyed hashes.

use std::borrow::Cow;

use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::run::UniqueKey;
use crate::user::Identifier;

/// Hashes with a seed of its own for each run, so that nobody can make two values collide on purpose.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keys {
    seed: u64,
}

impl Default for Keys {
    fn default() -> Self {
        Self { seed: crate::run::random_seed() }
    }
}

impl Keys {
    /// The key of one identifier's decoded text. E-mail addresses and usernames differ by more than case.
    pub(super) fn of(self, identifier: Identifier, text: &str) -> UniqueKey {
        let folds = matches!(identifier, Identifier::Email | Identifier::Username);
        let folded = if folds { lower(text) } else { Cow::Borrowed(text) };
        let seed = self.seed.wrapping_add(identifier as u64);
        UniqueKey { property: identifier.property(), hash: xxh3_128_with_seed(folded.as_bytes(), seed) }
    }
}

/// The text in lower case; borrowed where it is so already.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    if is_lower(text.as_bytes()) { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Whether there are only ASCII characters and none of A to Z; what is left over after whole words is looked at twice
/// in part.
fn is_lower(text: &[u8]) -> bool {
    match text.last_chunk::<8>() {
        Some(last) => text.as_chunks::<8>().0.iter().chain([last]).all(|word| is_lower_word(*word)),
        None => text.iter().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()),
    }
}

#[inline]
fn is_lower_word(word: [u8; 8]) -> bool {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES * 0x80;
    let word = u64::from_le_bytes(word);
    let low = word & !HIGHS;
    // The highest bit of a byte is set by the sum where the byte is A or more, and Z + 1 or more.
    let from_a = low + ONES * (0x80 - u64::from(b'A'));
    let beyond_z = low + ONES * (0x7f - u64::from(b'Z'));
    (word | from_a & !beyond_z) & HIGHS == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_tell_lower_case_as_bytes_do() {
        for byte in 0..=255 {
            for len in 1..=20 {
                for place in 0..len {
                    for filler in [b'a', b'@', b'[', 0x7f] {
                        let mut text = vec![filler; len];
                        text[place] = byte;
                        let expected = byte < 0x80 && !byte.is_ascii_uppercase();
                        assert_eq!(is_lower(&text), expected, "{byte:#x} at {place} of {len}");
                    }
                }
            }
        }
    }
}
