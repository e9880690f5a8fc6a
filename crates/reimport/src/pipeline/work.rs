//! Processing of one block. Runs on any thread, for blocks in any order.

use std::sync::Arc;

use super::error::{RunError, caught};
use crate::error::Error;
use crate::position::Position;
use crate::record::block::Block;
use crate::record::blocks::Splitter;
use crate::record::reader::validate;
use crate::record::{NoteKind, Record, RecordError};
use crate::run::{
    Facts, OfThisLibrary, Output, RecordInfo, Rendering, SideLines, Sink, Transform, TransformError,
    UniqueKey, Verdict, check_rendered, check_side_line, check_verdict,
};
use crate::user::kinds;

/// A circulating block, with the buffers to process it.
pub(super) struct Job<T: Transform> {
    pub(super) processed: ProcessedBlock,
    pub(super) scratch: T::Scratch,
    checks: Checks,
}

/// What protects a run from a transform of another crate.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checks {
    /// The form in which rendered records are checked. `None` if they are not checked.
    rendering: Option<Rendering>,
    /// Whether the transform gets an empty buffer for each record, so that it cannot change the records before.
    apart: bool,
}

impl Checks {
    const NONE: Self = Self { rendering: None, apart: false };

    pub(super) fn of(transform: &impl Transform, sink: &impl Sink) -> Self {
        let apart = !transform.keeps_contract(OfThisLibrary);
        let rendering = (apart && !sink.takes_any_bytes()).then(|| sink.rendering());
        Self { rendering, apart }
    }
}

impl<T: Transform> Job<T> {
    pub(super) fn new(scratch: T::Scratch, checks: Checks) -> Self {
        Self { processed: ProcessedBlock::default(), scratch, checks }
    }

    /// Processes the block that was filled. If the transform fails, the job must not be used again.
    pub(super) fn work(&mut self, splitter: &Splitter, transform: &T) {
        let Self { processed, scratch, checks } = self;
        processed.clear();
        processed.guarded(*checks, |processed| {
            splitter.split(&mut processed.block);
            processed.transform(processed.block.records(), transform, scratch, *checks)
        });
    }

    /// Transforms the first records of the block again, with another scratch. The results must not be used.
    pub(super) fn recount(&mut self, records: usize, transform: &T, scratch: &mut T::Scratch) {
        self.processed.clear();
        self.processed.guarded(Checks::NONE, |processed| {
            processed.transform(records, transform, scratch, Checks::NONE)
        });
    }
}

/// A block and the results for its records. Reused as a whole.
#[derive(Debug, Default)]
pub(super) struct ProcessedBlock {
    pub(super) block: Block,
    /// The rendered bytes of the written records, one after another.
    pub(super) rendered: Vec<u8>,
    /// One outcome per record, in the order of the block. If the transform failed, at most those of the records before.
    pub(super) outcomes: Vec<Outcome>,
    /// The index of the record at which the transform failed, and how.
    pub(super) failure: Option<(usize, Error)>,
    pub(super) facts: Facts,
    pub(super) keys: Vec<UniqueKey>,
    pub(super) sides: SideLines,
}

/// The result for one record. Each `…_end` is the end of the range that belongs to this record, and the start of
/// the range of the next one.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) verdict: Verdict,
    pub(super) info: RecordInfo,
    pub(super) rendered_end: usize,
    pub(super) facts_end: usize,
    pub(super) keys_end: usize,
    pub(super) sides_end: usize,
}

impl ProcessedBlock {
    /// Removes the results of the last block. Keeps the buffers.
    fn clear(&mut self) {
        self.rendered.clear();
        self.outcomes.clear();
        self.facts.clear();
        self.keys.clear();
        self.sides.clear();
        self.failure = None;
    }

    /// Calls `work`, and keeps its error or its panic as the failure.
    fn guarded(&mut self, checks: Checks, work: impl FnOnce(&mut Self) -> Result<(), TransformError>) {
        let error = match caught(|| work(self)) {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error.into(),
            Err(_) if checks.apart => RunError::TransformPanicked.into(),
            Err(panicked) => panicked.into(),
        };
        self.failure = Some((self.outcomes.len(), error));
    }

    /// Returns the failure of the transform, with the position of its record. `start` is the position of the block.
    pub(super) fn take_failure(&mut self, source: &Arc<str>, start: Position) -> Option<Error> {
        let (index, error) = self.failure.take()?;
        // If splitting failed, the block has no records.
        let within = if index < self.block.records() { self.block.position(index) } else { Position::START };
        Some(error.in_source(source).at(within.after(start)))
    }

    /// Transforms the first records of the block. There must be no results yet.
    fn transform<T: Transform>(
        &mut self,
        records: usize,
        transform: &T,
        scratch: &mut T::Scratch,
        checks: Checks,
    ) -> Result<(), TransformError> {
        let text = self.block.text();
        let mut own = Vec::new();
        let mut notes = self.block.notes().iter().peekable();
        for index in 0..records {
            own.clear();
            let (rendered_from, sides_from) = (self.rendered.len(), self.sides.len());
            let mut output = Output {
                bytes: if checks.apart { &mut own } else { &mut self.rendered },
                facts: &mut self.facts,
                keys: &mut self.keys,
                sides: &mut self.sides,
                info: RecordInfo::default(),
            };
            while let Some(note) = notes.next_if(|note| note.record as usize == index) {
                if let NoteKind::Parsed(property) = note.what {
                    output.note_fixed(kinds::JSON_TEXT, property.name());
                }
            }
            let verdict = match text.json(index).and_then(|json| validated(transform, json)) {
                Ok(json) => {
                    let record = Record::new(json);
                    let record = record.with_before(self.block.before(index), self.block.duplicate_of(index));
                    let record = record.with_user_ids(self.block.user_ids(index));
                    transform.transform(record, scratch, &mut output)
                }
                Err(fault) => Verdict::Unreadable(fault),
            };
            let info = output.info;
            check_verdict(&verdict)?;
            self.rendered.extend_from_slice(&own);
            if verdict != Verdict::Written {
                self.rendered.truncate(rendered_from);
            } else if let Some(rendering) = checks.rendering {
                check_rendered(rendering, &self.rendered[rendered_from..])?;
                (sides_from..self.sides.len())
                    .map(|number| self.sides.line(number))
                    .try_for_each(|(list, line)| check_side_line(list, line))?;
            }
            self.outcomes.push(Outcome {
                verdict,
                info,
                rendered_end: self.rendered.len(),
                facts_end: self.facts.len(),
                keys_end: self.keys.len(),
                sides_end: self.sides.len(),
            });
        }
        Ok(())
    }
}

fn validated<'t, T: Transform>(transform: &T, json: &'t str) -> Result<&'t str, RecordError> {
    if !transform.validates() {
        validate(json)?;
    }
    Ok(json)
}
