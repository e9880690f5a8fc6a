//! Keys of identifiers that must be unique in a run, as keyed hashes.

use std::borrow::Cow;

use xxhash_rust::xxh3::xxh3_128_with_seed;

use crate::run::UniqueKey;
use crate::user::Identifier;

/// Computes keys with a seed that is different in each run, so that collisions cannot be constructed on purpose.
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
    /// Returns the key of an identifier, given its decoded string. E-mail addresses and usernames are compared
    /// without case.
    pub(super) fn of(self, identifier: Identifier, text: &str) -> UniqueKey {
        let folds = matches!(identifier, Identifier::Email | Identifier::Username);
        let folded = if folds { lower(text) } else { Cow::Borrowed(text) };
        let seed = self.seed.wrapping_add(identifier as u64);
        UniqueKey { property: identifier.property(), hash: xxh3_128_with_seed(folded.as_bytes(), seed) }
    }
}

/// Returns the string in lower case; borrowed if it already is.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    if is_lower(text.as_bytes()) { Cow::Borrowed(text) } else { Cow::Owned(text.to_lowercase()) }
}

/// Returns whether all characters are ASCII and none is in `A` to `Z`. Checks 8 bytes at a time. The last 8 bytes may
/// overlap the word before them.
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
    // The sum sets the highest bit of each byte that is at least `A`, or greater than `Z`.
    let from_a = low + ONES * (0x80 - u64::from(b'A'));
    let beyond_z = low + ONES * (0x7f - u64::from(b'Z'));
    (word | from_a & !beyond_z) & HIGHS == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_check_agrees_with_bytewise_check() {
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
