//! Reads some records of the old side again, without reading the whole side.

use super::digest::{Digester, Scratch};
use super::error::CompareError;
use super::files::Files;
use super::segments::Wanted;
use super::table::{Entry, Slot, UserTable};
use crate::error::{Error, Result};
use crate::json::compact_into;
use crate::record::block::Block;
use crate::record::piece::Pieces;
use crate::run::{Origin, SourceSummary, Written};
use crate::source::Source;

/// Reads the records of the old side that satisfy a predicate, without reading the other records.
pub(super) struct PickedPieces<'a> {
    pub(super) digester: Digester,
    pub(super) table: &'a UserTable,
    pub(super) suits: fn(&Entry) -> bool,
    /// The sources as the first pass read them.
    pub(super) sources: &'a [SourceSummary],
    pub(super) files: &'a Files,
}

impl PickedPieces<'_> {
    /// Reads the ranges in `wanted`, and passes each record to `take`, with its entry. The last argument is false if the
    /// record is not the one that the first pass read.
    pub(super) fn read(
        &self,
        wanted: &[Wanted],
        max_record_bytes: u64,
        mut take: impl FnMut(Slot, Written<'_>, bool) -> Result<()>,
    ) -> Result<()> {
        let (mut scratch, mut block, mut compact) = (self.digester.scratch(), Block::default(), Vec::new());
        for ranges in wanted.chunk_by(|one, other| one.source == other.source) {
            let Some(index) = ranges.first().map(|range| range.source) else { continue };
            let (Some(source), Some(path)) = (self.sources.get(index), self.files.path(index)) else {
                continue;
            };
            let mut pieces = Pieces::new(Source::open(path)?, source.format, max_record_bytes);
            for range in ranges {
                let read = pieces.read(range.from.byte, range.to, &mut block)?;
                check_unchanged(read, Origin { source: &source.name, position: range.from })?;
                let text = block.text();
                for (place, json) in
                    (0..block.records()).filter_map(|place| Some((place, text.json(place).ok()?)))
                {
                    let Some(slot) = self.pick(json, &mut scratch) else { continue };
                    let Ok(digest) = self.digester.digest(json, &mut scratch) else { continue };
                    let as_read = self.table.entry(slot).is_some_and(|entry| digest.is_content_of(entry));
                    compact.clear();
                    compact_into(json, &mut compact);
                    let position = block.position(place).after(range.from);
                    let origin = Origin { source: &source.name, position };
                    let password = digest.has_password();
                    take(slot, Written { bytes: &compact, origin, connection: None, password }, as_read)?;
                }
            }
        }
        Ok(())
    }

    /// Returns the entry of a record, if it satisfies the predicate.
    fn pick(&self, json: &str, scratch: &mut Scratch) -> Option<Slot> {
        let slot = self.table.find(self.digester.keys(json, scratch).ok()?.old_key())?;
        self.table.entry(slot).is_some_and(self.suits).then_some(slot)
    }
}

/// Returns an error if a record is not the one that the first pass read.
pub(super) fn check_unchanged(as_read: bool, origin: Origin<'_>) -> Result<()> {
    if as_read { Ok(()) } else { Err(Error::new(CompareError::Changed).in_source(origin.source)) }
}
