//! `SplitMix64`, a generator whose numbers depend only on the seed, the index and the purpose, and not on the
//! machine.
//!
//! The stream never changes: a test checks the bytes that are generated from it. The numbers are predictable.

/// The golden ratio in 64 bits, which is the step of the sequence.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// A stream of numbers.
pub(super) struct Random(u64);

impl Random {
    /// Returns the stream of one user for one purpose. Streams for different purposes are independent.
    pub(super) fn new(seed: u64, index: u64, purpose: &'static str) -> Self {
        let purpose = purpose.bytes().fold(0, |sum: u64, byte| mix(sum.wrapping_add(u64::from(byte))));
        Self(mix(mix(seed ^ purpose).wrapping_add(index.wrapping_mul(GAMMA))))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// Returns a number below `bound`, which must not be 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// Returns `true` in `share` of 10 000 cases.
    pub(super) fn chance(&mut self, share: u64) -> bool {
        self.below(10_000) < share
    }

    /// Returns one of `choices`, which must not be empty.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// A bijection of 64-bit numbers. Different numbers have different results.
pub(super) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
