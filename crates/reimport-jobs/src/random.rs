//! Random numbers for jitter, boundaries, IDs of runs, and the seeded faults of the fake tenant. They are not
//! secret and may be predictable.

use std::hash::{BuildHasher, RandomState};

/// A small generator. Equal seeds give equal numbers.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// Creates the generator for a seed.
    #[cfg_attr(
        not(feature = "fake-tenant"),
        expect(dead_code, reason = "only the fake tenant repeats itself")
    )]
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    /// Creates a generator with a random seed.
    pub(crate) fn new() -> Self {
        Self(RandomState::new().hash_one(std::process::id()))
    }

    /// Returns the next number (splitmix64).
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`, or 0 if `end` is 0.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next().checked_rem(end).unwrap_or(0)
    }
}
