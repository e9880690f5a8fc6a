//! How many bytes a block is filled with: few at first, and few where records are short.
//!
//! What is kept of a record besides its bytes follows the number of records, so it is that number which bounds memory.

/// As many records as a block should hold at the most.
const RECORDS: u64 = 8 * 1024;

/// The least that is worth a block of its own.
const LEAST: usize = 16 * 1024;

/// The size of the blocks of one source.
#[derive(Debug)]
pub(super) struct BlockSize {
    size: usize,
    most: usize,
}

impl BlockSize {
    /// The smallest block first, and none above `most` bytes, or one.
    pub(super) fn new(most: usize) -> Self {
        let most = most.max(1);
        Self { size: LEAST.min(most), most }
    }

    /// How many bytes the next block is filled with.
    pub(super) fn size(&self) -> usize {
        self.size
    }

    /// Takes note of a block of `bytes` that has about `records` records: the next has at most twice its room.
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
    fn blocks_double_until_they_are_as_large_as_may_be_or_hold_enough_records() {
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
    fn a_small_block_is_never_exceeded_and_never_empty() {
        for most in [0, 1, 7] {
            let mut block_size = BlockSize::new(most);
            assert_eq!(block_size.size(), most.max(1));
            block_size.observe(most, 0);
            block_size.observe(0, 3);
            assert_eq!(block_size.size(), most.max(1));
        }
    }
}
