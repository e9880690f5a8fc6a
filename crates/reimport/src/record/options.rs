//! How a source is read.

use super::error::FormatError;
use super::format::Format;
use crate::error::Result;

/// How sources are read; the default is right for every export.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The format, where it is not to be told by content.
    pub format: Option<Format>,
    /// The longest record held in memory; a longer one is rejected. 16 MiB.
    pub max_record_bytes: u64,
    /// How many bytes are read at a time. 512 KiB.
    pub block_bytes: usize,
    /// Accept records of any kind: without it, a hash export or a list of job errors is refused by name.
    pub any_records: bool,
}

/// The largest limit a record can have: 1 GiB.
const LARGEST: u64 = 1 << 30;

impl Default for ReadOptions {
    fn default() -> Self {
        Self { format: None, max_record_bytes: 16 << 20, block_bytes: 512 << 10, any_records: false }
    }
}

impl ReadOptions {
    /// Refuses limits that cannot be kept.
    pub(super) fn check(&self) -> Result<()> {
        if self.max_record_bytes > LARGEST {
            return Err(FormatError::LimitTooLarge { limit: LARGEST }.into());
        }
        Ok(())
    }
}
