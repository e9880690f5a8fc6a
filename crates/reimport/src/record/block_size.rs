//! The size of blocks: small at first, and small if records are short.
//!
//! The memory for a record, besides its bytes, is constant. So the number of records in a block must be limited,
//! too.

/// The maximum number of records that a block should have.
const RECORDS: u64 = 8 * 1024;

/// The minimum size. Smaller blocks are not efficient.
const LEAST: usize = 16 * 1024;

/// The current block size of one source.
#[derive(Debug)]
pub(super) struct BlockSize {
    size: usize,
    most: usize,
}

impl BlockSize {
    /// Starts with the smallest size. No block is larger than `most` bytes, or than 1 byte if `most` is 0.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { size: LEAST.min(most), most }
    }

    /// Returns the number of bytes to read into the next block.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Adapts the size to a block of `bytes` bytes that has about `records` records. The size at most doubles.
    pub(super) fn observe(&mut self, bytes: usize, records: u64) {
        let fits = (bytes as u64).saturating_mul(RECORDS) / records.max(1);
        let fits = usize::try_from(fits).unwrap_or(usize::MAX);
        self.size = fits.min(self.size.saturating_mul(2)).max(LEAST).min(self.most);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_size_doubles_up_to_limit_or_enough_records() {
        let mut block_size = BlockSize::new(100_000);
        assert_eq!(block_size.size(), LEAST);
        let sizes = [(); 4].map(|()| {
            block_size.observe(block_size.size(), block_size.size() as u64 / 1_000);
            block_size.size()
        });
        assert_eq!(sizes, [LEAST * 2, LEAST * 4, 100_000, 100_000]);
        block_size.observe(100_000, 20_000);
        assert_eq!(block_size.size() as u64, 5 * RECORDS);
        block_size.observe(block_size.size(), block_size.size() as u64 / 2);
        assert_eq!(block_size.size(), LEAST);
    }

    #[test]
    fn small_block_size_is_kept_and_not_zero() {
        for most in [0, 1, 7] {
            let mut block_size = BlockSize::new(most);
            assert_eq!(block_size.size(), most.max(1));
            block_size.observe(most, 0);
            block_size.observe(0, 3);
            assert_eq!(block_size.size(), most.max(1));
        }
    }
}
