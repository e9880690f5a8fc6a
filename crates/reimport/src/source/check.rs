//! What a gzip member says of its own data, and whether it is true.

use flate2::Crc;

use super::error::GzipFault;

/// The running checksum and length of one member's unpacked data.
#[derive(Default)]
pub(super) struct Check {
    crc: Crc,
    /// The format counts lengths in 32 bits, and lets them wrap.
    length: u32,
}

impl Check {
    /// Adds the next unpacked bytes.
    pub(super) fn update(&mut self, plain: &[u8]) {
        self.crc.update(plain);
        self.length = self.length.wrapping_add(plain.len() as u32);
    }

    /// Compares with the two numbers that follow the member.
    pub(super) fn verify(&self, crc: u32, length: u32) -> Result<(), GzipFault> {
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
    fn a_length_wraps_as_the_format_lets_it() {
        let mut check = Check { length: u32::MAX, ..Check::default() };
        check.update(b"ab");
        let crc = check.crc.sum();
        assert_eq!(check.verify(crc, 1), Ok(()));
        assert_eq!(check.verify(crc, 2), Err(GzipFault::Length));
    }
}
