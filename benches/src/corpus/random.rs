//! `SplitMix64`: numbers that depend on the seed, the index and what they are for, and on no machine.
//!
//! Promises the same stream forever (a test pins the bytes made from it); refuses to be unpredictable.

/// The golden ratio in 64 bits: the step of the sequence.
const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// One stream of numbers.
pub(super) struct Random(u64);

impl Random {
    /// The stream of one user for one purpose; streams of different purposes do not disturb each other.
    pub(super) fn new(seed: u64, index: u64, purpose: &'static str) -> Self {
        let purpose = purpose.bytes().fold(0, |sum: u64, byte| mix(sum.wrapping_add(u64::from(byte))));
        Self(mix(mix(seed ^ purpose).wrapping_add(index.wrapping_mul(GAMMA))))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// A number below `bound`, which is not 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }

    /// True for `share` of 10 000.
    pub(super) fn chance(&mut self, share: u64) -> bool {
        self.below(10_000) < share
    }

    /// One of `choices`, which is not empty.
    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// A bijection of 64-bit numbers: different indices never meet.
pub(super) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
