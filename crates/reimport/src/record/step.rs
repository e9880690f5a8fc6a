//! Bit masks of the bytes of a source, 64 bytes at a time: one bit for each byte, the first byte in the lowest bit.
//!
//! Whether a byte is inside quotes depends on the number of quotes before it: a prefix XOR over one bit for each quote
//! decides it for all 64 bytes. The method is that of simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per
//! Second", 2019).

use wide::u8x16;

/// The number of bytes in a step.
pub(super) const STEP: usize = 64;

/// Returns the bytes in a step that are equal to `byte`.
#[inline]
pub(super) fn equal(step: &[u8; STEP], byte: u8) -> u64 {
    bits(step, |bytes| bytes.simd_eq(u8x16::splat(byte)))
}

/// Returns the bytes in a step that are equal to `byte` after the bits of `ignored` are set.
#[inline]
pub(super) fn equal_but_for(step: &[u8; STEP], byte: u8, ignored: u8) -> u64 {
    bits(step, |bytes| (bytes | u8x16::splat(ignored)).simd_eq(u8x16::splat(byte)))
}

/// Returns the bytes in a step that are at most `byte`.
#[inline]
pub(super) fn at_most(step: &[u8; STEP], byte: u8) -> u64 {
    bits(step, |bytes| bytes.min(u8x16::splat(byte)).simd_eq(bytes))
}

#[expect(clippy::inline_always, reason = "several calls for each 64 bytes of a source")]
#[inline(always)]
fn bits(step: &[u8; STEP], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let mut bits = 0;
    for (number, sixteen) in step.as_chunks::<16>().0.iter().enumerate() {
        bits |= u64::from(is(u8x16::new(*sixteen)).to_bitmask()) << (16 * number);
    }
    bits
}

/// Returns, for each bit, whether the number of bits up to it is odd. The bit itself counts.
#[inline]
pub(super) fn prefix_xor(mut bits: u64) -> u64 {
    for shift in [1, 2, 4, 8, 16, 32] {
        bits ^= bits << shift;
    }
    bits
}

/// Returns the positions of the bits that are set, from the lowest to the highest.
#[inline]
pub(super) fn positions(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let position = (bits != 0).then(|| bits.trailing_zeros() as usize);
        bits &= bits.wrapping_sub(1);
        position
    })
}
