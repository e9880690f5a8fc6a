//! Read-ahead over one layer of bytes: for looking at them before they are taken, and for counting them.

use super::error::{GzipError, GzipFault, InputError};
use super::raw::Bytes;
use crate::error::{Error, Result};

/// How the data of every gzip member begins.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// How much compressed data is read at a time.
const READ_AHEAD: usize = 128 * 1024;

/// The bytes of one layer, with those that were read but not yet taken.
///
/// It starts with room for no more than the two bytes that tell gzip data, so that a layer which turns out to be the
/// last one hands everything after them straight to the caller.
pub(super) struct Buffer {
    from: Box<dyn Bytes>,
    /// `bytes[start..end]` is what was read but not taken.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// How many bytes were taken.
    offset: u64,
    /// How many layers lie around this one.
    layer: u32,
}

impl Buffer {
    pub(super) fn new(from: Box<dyn Bytes>, layer: u32) -> Self {
        Self { from, bytes: vec![0; MAGIC.len()], start: 0, end: 0, offset: 0, layer }
    }

    /// Whether these are gzip data. To be asked before any byte is taken.
    pub(super) fn begins_with_magic(&mut self) -> Result<bool> {
        while self.end < MAGIC.len() {
            match self.from.read_some(&mut self.bytes[self.end..])? {
                0 => return Ok(false),
                count => self.end += count,
            }
        }
        Ok(self.bytes.starts_with(&MAGIC))
    }

    /// Makes room for whole stretches of compressed data.
    pub(super) fn widen(mut self) -> Self {
        let mut bytes = vec![0; READ_AHEAD];
        bytes[self.start..self.end].copy_from_slice(&self.bytes[self.start..self.end]);
        self.bytes = bytes;
        self
    }

    /// The bytes ahead: at least one, or none at the end.
    pub(super) fn fill(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            // Should the read fail, nothing is left.
            self.end = 0;
            self.end = self.from.read_some(&mut self.bytes)?;
        }
        Ok(self.ahead())
    }

    /// The bytes ahead that were read already; none is no sign of the end.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Takes `count` of the bytes that [`fill`](Self::fill) showed.
    pub(super) fn take(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start, "took what was not shown");
        self.start += count;
        self.offset += count as u64;
    }

    /// Takes one byte; none at the end.
    pub(super) fn next(&mut self) -> Result<Option<u8>> {
        let byte = self.fill()?.first().copied();
        self.take(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Takes one byte, which has to be there.
    pub(super) fn expect_next(&mut self) -> Result<u8> {
        self.next()?.ok_or_else(|| self.fault(GzipFault::CutOff))
    }

    /// How many bytes were taken so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// The error that this is wrong with the gzip data here.
    pub(super) fn fault(&self, fault: GzipFault) -> Error {
        self.fault_at(fault, self.offset)
    }

    /// The error that this is wrong with the gzip data at that offset.
    #[cold]
    pub(super) fn fault_at(&self, fault: GzipFault, at: u64) -> Error {
        Error::new(InputError::Gzip(GzipError { fault, at, layer: self.layer }))
    }
}

impl Bytes for Buffer {
    fn read_some(&mut self, out: &mut [u8]) -> Result<usize> {
        if self.start == self.end {
            return self.from.read_some(out);
        }
        let ahead = &self.bytes[self.start..self.end];
        let count = ahead.len().min(out.len());
        out[..count].copy_from_slice(&ahead[..count]);
        self.take(count);
        Ok(count)
    }
}
