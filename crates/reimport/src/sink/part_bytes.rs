//! [`PartBytes`]: parts as bytes, without a folder.

use std::path::Path;

use super::OutputError;
use super::part::{Limits, Part};
use crate::error::Result;
use crate::parts_folder::PartInfo;
use crate::run::{Sink, Summary, Written};

/// Cuts parts like [`Parts`](super::Parts) and passes each to a function. Creates no file, and does not keep
/// skipped and rejected records. Holds one part in memory.
///
/// If the run fails, the parts that were already passed on are incomplete output and must be discarded.
///
/// ```
/// use reimport::run::{Origin, Sink, Written};
/// use reimport::sink::PartBytes;
///
/// let mut parts = Vec::new();
/// let mut sink = PartBytes::new(17, |info, bytes| {
///     parts.push((info.users, bytes.to_vec()));
///     Ok(())
/// })?;
/// let origin = Origin { source: &"a.ndjson".into(), position: reimport::Position::START };
/// for user in [&br#"{"a":1}"#[..], br#"{"b":2}"#, b"{}"] {
///     sink.write(Written { bytes: user, origin, connection: None, password: false })?;
/// }
/// sink.finish(&reimport::Summary::default())?;
/// assert_eq!(parts, [(1, b"[\n{\"a\":1}\n]".to_vec()), (2, b"[\n{\"b\":2},\n{}\n]".to_vec())]);
/// # Ok::<(), reimport::Error>(())
/// ```
pub struct PartBytes<F> {
    limits: Limits,
    part: Part,
    number: u64,
    take: F,
}

impl<F: FnMut(&PartInfo, &[u8]) -> Result<()>> PartBytes<F> {
    /// Returns a sink that passes parts of at most `max_part_bytes` to `take`.
    ///
    /// # Errors
    /// [`OutputError`] if no user fits in a part of this size.
    pub fn new(max_part_bytes: u64, take: F) -> Result<Self> {
        Ok(Self { limits: Limits::new(max_part_bytes, None)?, part: Part::default(), number: 1, take })
    }

    fn end_part(&mut self) -> Result<()> {
        if self.part.is_empty() {
            return Ok(());
        }
        let name = format!("users-{:05}.json", self.number);
        let (bytes, info) = self.part.close(Path::new(&name));
        (self.take)(&info, bytes)?;
        self.part.clear();
        self.number += 1;
        Ok(())
    }
}

impl<F: FnMut(&PartInfo, &[u8]) -> Result<()>> Sink for PartBytes<F> {
    type Finished = ();

    fn max_record_bytes(&self) -> Option<u64> {
        Some(self.limits.max_record_bytes())
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        let bytes = written.bytes.len();
        if !self.part.fits(bytes, self.limits) {
            self.end_part()?;
            if !self.part.fits(bytes, self.limits) {
                let limit = self.limits.max_record_bytes();
                return Err(OutputError::RecordTooLong { bytes: bytes as u64, limit }.into());
            }
        }
        self.part.push(written.bytes, written.password);
        Ok(())
    }

    fn finish(mut self, _: &Summary) -> Result<()> {
        self.end_part()
    }
}
