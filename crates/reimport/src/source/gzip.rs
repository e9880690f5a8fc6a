//! Decompresses one layer of gzip data. Checks every member, and allows only zeros after the last one.

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::buffer::{Buffer, MAGIC};
use super::error::GzipFault;
use super::header;
use super::raw::Bytes;
use crate::error::Result;

/// A decoder of one gzip layer. Decompresses directly into the caller's buffer.
pub(super) struct Gzip {
    input: Buffer,
    inflate: Decompress,
    check: Check,
    state: GzipState,
    /// The output buffer was full after the last call, so the decoder can have more output without any input. That
    /// output is returned before more input is read, because reading can return an error of the outer layer.
    full: bool,
}

/// The next part of the data.
enum GzipState {
    Header,
    Data,
    /// Invalid deflate data. The error is returned after all bytes before it.
    Broken,
    Trailer,
    /// Between two members, or after the last one.
    Between,
    /// Zeros up to the end.
    Padding,
    End,
}

impl Gzip {
    /// Creates a decoder for `input`, which [begins](Buffer::begins_with_magic) with the gzip magic bytes.
    pub(super) fn new(input: Buffer) -> Self {
        Self {
            input: input.widen(),
            inflate: Decompress::new(false),
            check: Check::default(),
            state: GzipState::Header,
            full: false,
        }
    }

    /// Decompresses the available input into `out`. The result can be 0 before the end.
    fn inflate(&mut self, out: &mut [u8]) -> Result<usize> {
        let again = std::mem::take(&mut self.full);
        let ahead = if again { self.input.ahead() } else { self.input.fill()? };
        let at_end = ahead.is_empty();
        let (before_in, before_out) = (self.inflate.total_in(), self.inflate.total_out());
        let status = self.inflate.decompress(ahead, out, FlushDecompress::None);
        // Both differences are at most the length of the slices passed.
        let taken = (self.inflate.total_in() - before_in) as usize;
        let written = (self.inflate.total_out() - before_out) as usize;
        self.input.take(taken);
        self.check.update(&out[..written]);
        self.full = written == out.len();
        match status {
            Ok(Status::StreamEnd) => self.state = GzipState::Trailer,
            Ok(_) if again => {}
            // The decoder neither consumed input nor produced output, so it cannot continue.
            Ok(_) if taken == 0 && written == 0 => {
                return Err(self.input.fault(if at_end { GzipFault::CutOff } else { GzipFault::Deflate }));
            }
            Ok(_) => {}
            Err(_) => self.state = GzipState::Broken,
        }
        Ok(written)
    }

    fn trailer(&mut self) -> Result<()> {
        let at = self.input.offset();
        let crc = self.number()?;
        let length = self.number()?;
        self.check.verify(crc, length).map_err(|fault| {
            // The length is stored after the checksum.
            self.input.fault_at(fault, if fault == GzipFault::Length { at + 4 } else { at })
        })
    }

    fn number(&mut self) -> Result<u32> {
        let mut bytes = [0; 4];
        for byte in &mut bytes {
            *byte = self.input.expect_next()?;
        }
        Ok(u32::from_le_bytes(bytes))
    }

    /// Reads zeros up to the end.
    fn padding(&mut self) -> Result<()> {
        loop {
            let ahead = self.input.fill()?;
            if ahead.is_empty() {
                return Ok(());
            }
            let length = ahead.len();
            let zeros = ahead.iter().take_while(|byte| **byte == 0).count();
            self.input.take(zeros);
            if zeros < length {
                return Err(self.input.fault(GzipFault::Trailing));
            }
        }
    }
}

impl Bytes for Gzip {
    fn read_some(&mut self, out: &mut [u8]) -> Result<usize> {
        loop {
            match self.state {
                GzipState::Header => {
                    header::pass(&mut self.input)?;
                    self.inflate.reset(false);
                    self.check = Check::default();
                    self.state = GzipState::Data;
                }
                GzipState::Data => {
                    let written = self.inflate(out)?;
                    if written > 0 {
                        return Ok(written);
                    }
                }
                GzipState::Broken => return Err(self.input.fault(GzipFault::Deflate)),
                GzipState::Trailer => {
                    self.trailer()?;
                    self.state = GzipState::Between;
                }
                GzipState::Between => {
                    self.state = match self.input.fill()?.first() {
                        None => GzipState::End,
                        Some(0) => GzipState::Padding,
                        Some(byte) if *byte == MAGIC[0] => GzipState::Header,
                        Some(_) => return Err(self.input.fault(GzipFault::Trailing)),
                    }
                }
                GzipState::Padding => {
                    self.padding()?;
                    self.state = GzipState::End;
                }
                GzipState::End => return Ok(0),
            }
        }
    }
}

/// The running checksum and length of the decompressed data of one member.
#[derive(Default)]
pub(super) struct Check {
    crc: Crc,
    /// The length modulo 2^32, as defined by the format.
    length: u32,
}

impl Check {
    /// Adds the next decompressed bytes.
    pub(super) fn update(&mut self, plain: &[u8]) {
        self.crc.update(plain);
        self.length = self.length.wrapping_add(plain.len() as u32);
    }

    /// Compares checksum and length with the two numbers after the member.
    pub(super) fn verify(&self, crc: u32, length: u32) -> std::result::Result<(), GzipFault> {
        if self.crc.sum() != crc {
            Err(GzipFault::Checksum)
        } else if self.length != length {
            Err(GzipFault::Length)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_wraps_at_32_bits() {
        let mut check = Check { length: u32::MAX, ..Check::default() };
        check.update(b"ab");
        let crc = check.crc.sum();
        assert_eq!(check.verify(crc, 1), Ok(()));
        assert_eq!(check.verify(crc, 2), Err(GzipFault::Length));
    }
}
