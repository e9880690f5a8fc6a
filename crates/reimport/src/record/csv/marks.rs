//! Finds the bytes that have a meaning in CSV, 64 bytes at a time.
//!
//! Whether a byte is inside quotes depends on the number of quotes before it: a prefix XOR over one bit for each quote
//! decides it for all 64 bytes. The method is that of simdjson (Langdale and Lemire, "Parsing Gigabytes of JSON per
//! Second", 2019). It is exact only if a quote that is outside quotes always opens a cell. A quote that does not is
//! *stray*: the callers then read the row byte by byte.

use wide::u8x16;

/// The number of bytes in a step.
pub(super) const STEP: usize = 64;

/// The marks in a step: one bit for each byte, the first byte in the lowest bit.
pub(super) struct Marks {
    quotes: u64,
    pub(super) delimiters: u64,
    pub(super) line_feeds: u64,
}

impl Marks {
    #[inline]
    pub(super) fn of(step: &[u8; STEP], delimiter: u8) -> Self {
        Self { quotes: equal(step, b'"'), delimiters: equal(step, delimiter), line_feeds: equal(step, b'\n') }
    }
}

/// Returns the bytes in a step that are equal to `byte`.
#[inline]
pub(super) fn equal(step: &[u8; STEP], byte: u8) -> u64 {
    bits(step, |bytes| bytes.simd_eq(u8x16::splat(byte)))
}

/// Returns the bytes in a step that are at most `byte`.
#[inline]
pub(super) fn at_most(step: &[u8; STEP], byte: u8) -> u64 {
    bits(step, |bytes| bytes.min(u8x16::splat(byte)).simd_eq(bytes))
}

#[expect(clippy::inline_always, reason = "several calls for each 64 bytes of a CSV file")]
#[inline(always)]
fn bits(step: &[u8; STEP], is: impl Fn(u8x16) -> u8x16) -> u64 {
    let mut bits = 0;
    for (number, sixteen) in step.as_chunks::<16>().0.iter().enumerate() {
        bits |= u64::from(is(u8x16::new(*sixteen)).to_bitmask()) << (16 * number);
    }
    bits
}

/// What the bytes before a step mean for its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// The first byte begins a cell.
    CellStart,
    /// The first byte is in a cell without quotes.
    Bare,
    /// The first byte is inside quotes.
    Quoted,
    /// The byte before is a quote that either closes the cell, or is the first of a doubled quote.
    Closing,
}

/// The quotes in a step, one bit for each byte.
pub(super) struct Quotes {
    /// The bytes inside quotes, and the opening quotes.
    pub(super) inside: u64,
    /// The quotes that open a cell.
    pub(super) opening: u64,
    /// The second ones of doubled quotes.
    pub(super) doubled: u64,
    /// The quotes that are in a cell without quotes, or after a closing quote. If there is one, only the bits before
    /// the first one are correct.
    pub(super) stray: u64,
    /// The bytes after a closing quote, or after the first of a doubled quote.
    pub(super) after_closing: u64,
    /// What this step means for the first byte of the next one.
    pub(super) next: Before,
}

impl Quotes {
    #[inline]
    pub(super) fn of(marks: &Marks, before: Before) -> Self {
        let quoted = if before == Before::Quoted { u64::MAX } else { 0 };
        let inside = prefix_xor(marks.quotes) ^ quoted;
        let (opens, closing) = (marks.quotes & inside, marks.quotes & !inside);
        let starts = (marks.delimiters | marks.line_feeds) & !inside;
        let cell_starts = starts << 1 | u64::from(before == Before::CellStart);
        let after_closing = closing << 1 | u64::from(before == Before::Closing);
        let last = 1 << (STEP - 1);
        let next = if inside & last != 0 {
            Before::Quoted
        } else if closing & last != 0 {
            Before::Closing
        } else if starts & last != 0 {
            Before::CellStart
        } else {
            Before::Bare
        };
        Self {
            inside,
            opening: opens & cell_starts,
            doubled: opens & after_closing,
            stray: opens & !cell_starts & !after_closing,
            after_closing,
            next,
        }
    }
}

/// Returns, for each bit, whether the number of bits up to it is odd. The bit itself counts.
#[inline]
fn prefix_xor(mut bits: u64) -> u64 {
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
