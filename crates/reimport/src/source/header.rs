//! The header of a gzip member (RFC 1952, section 2.3): checked and skipped in bounded memory.

use flate2::Crc;

use super::buffer::{Buffer, MAGIC};
use super::error::GzipFault;
use crate::error::Result;

const DEFLATE: u8 = 8;

const HAS_CHECKSUM: u8 = 1 << 1;
const HAS_EXTRA: u8 = 1 << 2;
const HAS_NAME: u8 = 1 << 3;
const HAS_COMMENT: u8 = 1 << 4;
const RESERVED: u8 = 0b1110_0000;

/// Reads the header of a member from `input`, up to the first compressed byte.
///
/// If the data does not begin with the gzip magic bytes, the error is [`GzipFault::Trailing`]: data after the
/// previous member.
pub(super) fn pass(input: &mut Buffer) -> Result<()> {
    let start = input.offset();
    let mut header = Header { input, crc: Crc::new() };
    for expected in MAGIC {
        if header.byte()? != expected {
            return Err(header.input.fault_at(GzipFault::Trailing, start));
        }
    }
    if header.byte()? != DEFLATE {
        return Err(header.input.fault_at(GzipFault::Method, start + 2));
    }
    let flags = header.byte()?;
    if flags & RESERVED != 0 {
        return Err(header.input.fault_at(GzipFault::ReservedFlags, start + 3));
    }
    // The modification time, the compression level and the operating system.
    header.skip(6)?;
    if flags & HAS_EXTRA != 0 {
        let length = header.short()?;
        header.skip(usize::from(length))?;
    }
    if flags & HAS_NAME != 0 {
        header.skip_text()?;
    }
    if flags & HAS_COMMENT != 0 {
        header.skip_text()?;
    }
    if flags & HAS_CHECKSUM != 0 {
        let at = header.input.offset();
        // The lower half of the CRC-32 of all header bytes before it.
        let sum = header.crc.sum() & 0xffff;
        if u32::from(header.short()?) != sum {
            return Err(header.input.fault_at(GzipFault::HeaderChecksum, at));
        }
    }
    Ok(())
}

/// A header that is being read, and the checksum of the bytes read so far.
struct Header<'a> {
    input: &'a mut Buffer,
    crc: Crc,
}

impl Header<'_> {
    fn byte(&mut self) -> Result<u8> {
        let byte = self.input.expect_next()?;
        self.crc.update(&[byte]);
        Ok(byte)
    }

    fn short(&mut self) -> Result<u16> {
        Ok(u16::from_le_bytes([self.byte()?, self.byte()?]))
    }

    fn skip(&mut self, mut count: usize) -> Result<()> {
        while count > 0 {
            count -= self.skip_ahead(|ahead| ahead.len().min(count))?;
        }
        Ok(())
    }

    /// Skips a field that ends with a NUL byte, of any length.
    fn skip_text(&mut self) -> Result<()> {
        let mut over = false;
        while !over {
            self.skip_ahead(|ahead| match memchr::memchr(0, ahead) {
                Some(nul) => {
                    over = true;
                    nul + 1
                }
                None => ahead.len(),
            })?;
        }
        Ok(())
    }

    /// Passes the available bytes to `choose` and skips the number of bytes that it returns.
    fn skip_ahead(&mut self, choose: impl FnOnce(&[u8]) -> usize) -> Result<usize> {
        let ahead = self.input.fill()?;
        if ahead.is_empty() {
            return Err(self.input.fault(GzipFault::CutOff));
        }
        let count = choose(ahead);
        self.crc.update(&ahead[..count]);
        self.input.take(count);
        Ok(count)
    }
}
