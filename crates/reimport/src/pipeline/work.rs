//! Processing of one block. Runs on any thread, for blocks in any order.

use super::error::{RunError, caught};
use crate::record::block::Block;
use crate::record::blocks::Splitter;
use crate::record::reader::validate;
use crate::record::{NoteKind, Record, RecordError};
use crate::run::{Facts, Output, RecordInfo, SideLines, Transform, UniqueKey, Verdict};
use crate::user::kinds;

/// A circulating block, with the buffers to process it.
pub(super) struct Job<T: Transform> {
    pub(super) processed: ProcessedBlock,
    pub(super) scratch: T::Scratch,
}

impl<T: Transform> Job<T> {
    pub(super) fn new(scratch: T::Scratch) -> Self {
        Self { processed: ProcessedBlock::default(), scratch }
    }

    /// Processes the block that was filled. The job must not be used again after an error.
    ///
    /// # Errors
    /// If the transform panics.
    pub(super) fn work(&mut self, splitter: &Splitter, transform: &T) -> Result<(), RunError> {
        let Self { processed, scratch } = self;
        caught(|| {
            splitter.split(&mut processed.block);
            processed.transform(processed.block.records(), transform, scratch);
        })
    }
}

/// A block and the results for its records. Reused as a whole.
#[derive(Debug, Default)]
pub(super) struct ProcessedBlock {
    pub(super) block: Block,
    /// The rendered bytes of the written records, one after another.
    pub(super) rendered: Vec<u8>,
    /// One outcome per record, in the order of the block.
    pub(super) outcomes: Vec<Outcome>,
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
    }

    /// Transforms the first records of the block. The results replace the earlier ones.
    pub(super) fn transform<T: Transform>(
        &mut self,
        records: usize,
        transform: &T,
        scratch: &mut T::Scratch,
    ) {
        self.clear();
        let text = self.block.text();
        let mut notes = self.block.notes().iter().peekable();
        for index in 0..records {
            let mut output = Output {
                bytes: &mut self.rendered,
                facts: &mut self.facts,
                keys: &mut self.keys,
                sides: &mut self.sides,
                info: RecordInfo::default(),
            };
            let rendered_from = output.bytes.len();
            while let Some(note) = notes.next_if(|note| note.record as usize == index) {
                if let NoteKind::Parsed(property) = note.what {
                    output.note_fixed(kinds::JSON_TEXT, property.name());
                }
            }
            let verdict = match text.json(index).and_then(|json| validated(transform, json)) {
                Ok(json) => {
                    let record = Record::new(json, self.block.position(index));
                    let record = record.with_before(self.block.before(index), self.block.duplicate_of(index));
                    let record = record.with_user_ids(self.block.user_ids(index));
                    transform.transform(record, scratch, &mut output)
                }
                Err(fault) => Verdict::Unreadable(fault),
            };
            let info = output.info;
            if verdict != Verdict::Written {
                self.rendered.truncate(rendered_from);
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
    }
}

fn validated<'t, T: Transform>(transform: &T, json: &'t str) -> Result<&'t str, RecordError> {
    if !transform.validates() {
        validate(json)?;
    }
    Ok(json)
}
