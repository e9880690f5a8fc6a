//! A read-ahead buffer over one layer of bytes. Bytes can be inspected before they are consumed, and are counted.

use super::error::{GzipError, GzipFault, InputError};
use super::raw::Bytes;
use crate::error::{Error, Result};

/// The first bytes of every gzip member.
pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The number of compressed bytes read at a time.
const READ_AHEAD: usize = 128 * 1024;

/// The bytes of one layer, with those that were read but not consumed.
///
/// The initial capacity is only the two bytes that identify gzip data. If the layer turns out to be the last one,
/// all bytes after these are read directly into the caller's buffer.
pub(super) struct Buffer {
    from: Box<dyn Bytes>,
    /// `bytes[start..end]` was read but not consumed.
    bytes: Vec<u8>,
    start: usize,
    end: usize,
    /// The number of bytes consumed.
    offset: u64,
    /// The number of layers around this one.
    layer: u32,
}

impl Buffer {
    pub(super) fn new(from: Box<dyn Bytes>, layer: u32) -> Self {
        Self { from, bytes: vec![0; MAGIC.len()], start: 0, end: 0, offset: 0, layer }
    }

    /// Returns `true` if the data begins with the gzip magic bytes. Must be called before any byte is consumed.
    pub(super) fn begins_with_magic(&mut self) -> Result<bool> {
        while self.end < MAGIC.len() {
            match self.from.read_some(&mut self.bytes[self.end..])? {
                0 => return Ok(false),
                count => self.end += count,
            }
        }
        Ok(self.bytes.starts_with(&MAGIC))
    }

    /// Enlarges the buffer for reading compressed data.
    pub(super) fn widen(mut self) -> Self {
        let mut bytes = vec![0; READ_AHEAD];
        bytes[self.start..self.end].copy_from_slice(&self.bytes[self.start..self.end]);
        self.bytes = bytes;
        self
    }

    /// Returns the bytes ahead. Reads more if there are none. Empty only at the end.
    pub(super) fn fill(&mut self) -> Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            // If the read fails, the buffer is empty.
            self.end = 0;
            self.end = self.from.read_some(&mut self.bytes)?;
        }
        Ok(self.ahead())
    }

    /// Returns the bytes that are already in the buffer. Empty does not mean the end.
    pub(super) fn ahead(&self) -> &[u8] {
        &self.bytes[self.start..self.end]
    }

    /// Consumes `count` of the bytes returned by [`fill`](Self::fill).
    pub(super) fn take(&mut self, count: usize) {
        debug_assert!(count <= self.end - self.start, "consumed more bytes than are in the buffer");
        self.start += count;
        self.offset += count as u64;
    }

    /// Consumes one byte. Returns `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<u8>> {
        let byte = self.fill()?.first().copied();
        self.take(usize::from(byte.is_some()));
        Ok(byte)
    }

    /// Consumes one byte. The end is an error.
    pub(super) fn expect_next(&mut self) -> Result<u8> {
        self.next()?.ok_or_else(|| self.fault(GzipFault::CutOff))
    }

    /// Returns the number of bytes consumed so far.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// Creates a gzip error at the current offset.
    pub(super) fn fault(&self, fault: GzipFault) -> Error {
        self.fault_at(fault, self.offset)
    }

    /// Creates a gzip error at the given offset.
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

    fn seek_ahead(&mut self, count: u64) -> Result<u64> {
        let ahead = (self.end - self.start) as u64;
        if ahead == 0 {
            return self.from.seek_ahead(count);
        }
        let count = count.min(ahead);
        self.take(count as usize);
        Ok(count)
    }
}
