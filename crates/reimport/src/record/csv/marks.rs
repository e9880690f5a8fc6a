//! Finds the bytes that have a meaning in CSV, 64 bytes at a time.
//!
//! The bytes inside quotes are exact only if a quote that is outside quotes always opens a cell. A quote that does not is
//! *stray*: the callers then read the row byte by byte.

use super::super::step::{STEP, equal, prefix_xor};

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
