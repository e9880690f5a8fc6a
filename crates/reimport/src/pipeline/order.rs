//! The ordering step: takes processed blocks in input order and sends each record to the sink.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use super::present::Present;
use super::progress::Progress;
use super::reading::Opened;
use super::unique::Unique;
use super::work::{Outcome, ProcessedBlock};
use crate::csv_row::RowWriter;
use crate::error::{Error, Result};
use crate::position::Position;
use crate::record::{CellWarning, NoteKind, RecordError, UserIds};
use crate::run::{
    Body, Fact, Facts, FirstReject, IdForm, MAX_NAMES, OTHER, Origin, Problem, Rejected, Sink, Skipped,
    SourceSummary, Summary, Topic, UniqueKey, Verdict, Written, source_file_name,
};
use crate::user::names;

/// The state of a run that depends on the order of records.
pub(super) struct Order<S> {
    sink: S,
    summary: Summary,
    limit: Option<u64>,
    max_record_bytes: u64,
    present: Present,
    /// Counts of the current block. See [`SourceSummary`] for this and the next field.
    ids_with_strategy: u64,
    ids_without_strategy: u64,
    facts: HashMap<Fact, u64>,
    /// The position in the current source at which the next block begins.
    start: Position,
    /// Number of events of the current block, by fact id. Reused.
    events: Vec<u64>,
    /// Position of the first event of the current block, by fact id. Reused.
    firsts: Vec<Position>,
    unique: Unique,
    progress: Progress,
    /// A side file line with its source and line number, and its writer. Reused.
    line: Vec<u8>,
    row: RowWriter,
}

impl<S: Sink> Order<S> {
    pub(super) fn new(sink: S, limit: Option<u64>, progress: Progress) -> Self {
        Self {
            max_record_bytes: u64::MAX,
            sink,
            summary: Summary::default(),
            limit,
            present: Present::default(),
            ids_with_strategy: 0,
            ids_without_strategy: 0,
            facts: HashMap::new(),
            start: Position::START,
            events: Vec::new(),
            firsts: Vec::new(),
            unique: Unique::default(),
            progress,
            line: Vec::new(),
            row: RowWriter::default(),
        }
    }

    /// Begins a source. Returns `false` if the limit is reached, so that the source is not read.
    pub(super) fn begin_source(&mut self, opened: &Opened) -> bool {
        let Opened { name, start, format, csv_dialect, csv_types, columns, user_ids, kept_apostrophes } =
            opened;
        if self.is_full() {
            self.summary.limited = true;
            return false;
        }
        self.unique.begin_source(self.start.line);
        self.start = *start;
        self.summary.sources.push(SourceSummary {
            name: Arc::clone(name),
            bytes: start.byte,
            records: 0,
            format: *format,
            csv_dialect: *csv_dialect,
            csv_types: *csv_types,
            columns: columns.clone(),
            user_ids: *user_ids,
            ids_with_strategy: 0,
            ids_without_strategy: 0,
            cell_warnings: kept_apostrophes
                .iter()
                .map(|(column, places)| ((CellWarning::KeptApostrophes, *column), *places))
                .collect(),
        });
        true
    }

    /// Ends the current source. If the limit is reached and there are `more` sources, the run stops here, before
    /// the next source is opened.
    pub(super) fn end_source(&mut self, more: bool) -> ControlFlow<()> {
        self.summary.limited |= more && self.is_full();
        if self.summary.limited { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }

    /// Makes the position of a reading error absolute. Such a position is relative to the start of the next block.
    pub(super) fn placed(&self, error: Error) -> Error {
        let position = error.position().map(|position| position.after(self.start));
        error.moved_to(position)
    }

    /// Returns the position in the current source at which the next block begins.
    pub(super) fn start(&self) -> Position {
        self.start
    }

    fn is_full(&self) -> bool {
        self.limit.is_some_and(|limit| self.summary.written >= limit)
    }

    pub(super) fn has_limit(&self) -> bool {
        self.limit.is_some()
    }

    /// Sends every record of a processed block to the sink. If the limit ends the run within the block, returns the
    /// number of records before the limit.
    ///
    /// # Errors
    /// If the sink fails, or if the transform failed at a record before the limit.
    pub(super) fn take(&mut self, processed: &mut ProcessedBlock) -> Result<ControlFlow<usize>> {
        self.events.clear();
        self.events.resize(processed.facts.names(), 0);
        self.firsts.resize(processed.facts.names(), Position::START);
        let mut cursors = Cursors::default();
        let records = processed.outcomes.len() + usize::from(processed.failure.is_some());
        let mut taken = records;
        // There is always a source here: it is pushed before its first block.
        let Some(source) = self.summary.sources.last().map(|source| Arc::clone(&source.name)) else {
            return Ok(ControlFlow::Continue(()));
        };
        let mut end = processed.block.end(self.start);
        for index in 0..records {
            if self.is_full() {
                self.summary.limited = true;
                // The input counts as read up to the first record after the limit. The count is the same for any
                // division into blocks.
                end = processed.block.position(index).after(self.start);
                taken = index;
                break;
            }
            if let Some([before, ahead]) =
                processed.outcomes.get(index + AHEAD - 1..).and_then(<[_]>::first_chunk)
            {
                self.unique.prepare(&processed.keys[before.keys_end..ahead.keys_end]);
            }
            match processed.outcomes.get(index) {
                Some(outcome) => self.send(&source, processed, index, outcome, &mut cursors)?,
                None => self.refuse_failure(processed, self.start)?,
            }
        }
        self.add_events(&processed.facts, &source);
        let read = taken as u64;
        self.summary.read += read;
        self.progress.count(read);
        if let Some(source) = self.summary.sources.last_mut() {
            source.records += read;
            source.ids_with_strategy += std::mem::take(&mut self.ids_with_strategy);
            source.ids_without_strategy += std::mem::take(&mut self.ids_without_strategy);
            source.bytes = end.byte;
            for note in processed.block.notes().iter().take_while(|note| u64::from(note.record) < read) {
                if let NoteKind::Warning(warning) = note.what {
                    let line = processed.block.position(note.record as usize).after(self.start).line;
                    source.warn(warning, usize::from(note.column), line);
                }
            }
        }
        self.start = end;
        Ok(if self.summary.limited { ControlFlow::Break(taken) } else { ControlFlow::Continue(()) })
    }

    /// Returns the failure of the transform in a block that begins at `start`, if there is one, as an error.
    pub(super) fn refuse_failure(&self, processed: &mut ProcessedBlock, start: Position) -> Result<()> {
        let Some(source) = self.summary.sources.last() else { return Ok(()) };
        processed.take_failure(&source.name, start).map_or(Ok(()), Err)
    }

    fn send(
        &mut self,
        source: &Arc<str>,
        processed: &ProcessedBlock,
        index: usize,
        outcome: &Outcome,
        cursors: &mut Cursors,
    ) -> Result<()> {
        let rendered = cursors.rendered..outcome.rendered_end;
        let facts = cursors.facts..outcome.facts_end;
        let keys = cursors.keys..outcome.keys_end;
        let sides = cursors.sides..outcome.sides_end;
        *cursors = Cursors {
            rendered: outcome.rendered_end,
            facts: outcome.facts_end,
            keys: outcome.keys_end,
            sides: outcome.sides_end,
        };
        let position = processed.block.position(index).after(self.start);
        let origin = Origin { source, position };
        self.ids_with_strategy += u64::from(outcome.info.id == Some(IdForm::WithStrategy));
        self.ids_without_strategy += u64::from(outcome.info.id == Some(IdForm::WithoutStrategy));
        match &outcome.verdict {
            Verdict::Written if rendered.len() as u64 > self.max_record_bytes => {
                let problem = Problem::new(
                    names::TOO_LARGE_USER,
                    "",
                    format!(
                        "expected at most {} bytes in a part, but found {}",
                        self.max_record_bytes,
                        rendered.len()
                    ),
                );
                self.reject(processed, index, origin, &[problem])
            }
            Verdict::Written => {
                if let Err(problem) = self.claim(&processed.keys[keys], position) {
                    return self.reject(processed, index, origin, &[problem]);
                }
                self.summary.written += 1;
                self.summary.with_password += u64::from(outcome.info.password);
                let had_password = processed.block.before(index).password;
                self.summary.passwords_left += u64::from(had_password && !outcome.info.password);
                self.present.note(outcome.info.present);
                for &event in processed.facts.events(facts) {
                    let count = &mut self.events[event as usize];
                    if *count == 0 {
                        self.firsts[event as usize] = position;
                    }
                    *count += 1;
                }
                let connection = outcome.info.connection;
                if let Some(id) = connection {
                    self.events[id as usize] += 1;
                }
                self.sink.write(Written {
                    bytes: &processed.rendered[rendered],
                    origin,
                    connection: connection.map(|id| &*processed.facts.name(id).subject),
                    password: outcome.info.password,
                })?;
                sides.into_iter().try_for_each(|number| self.side(processed, number, origin))
            }
            Verdict::Skipped(reason) => {
                self.summary.skipped += 1;
                self.ids_with_strategy += u64::from(processed.block.user_ids(index) == UserIds::Exported);
                let strategy = processed.facts.events(facts).iter().find_map(|&event| {
                    let fact = processed.facts.name(event);
                    (fact.topic == Topic::Strategy).then_some(&*fact.subject)
                });
                self.summary.count_skipped(*reason, strategy);
                let json = processed.block.complete_json(index);
                let spaced = !outcome.info.compact;
                self.sink.skip(Skipped { json: &json, spaced, origin, reason: *reason })
            }
            Verdict::Rejected(problems) => self.reject(processed, index, origin, problems),
            Verdict::Unreadable(fault) => {
                let problem = [Problem::new(fault.rule(), "", fault.to_string())];
                let raw = processed.block.raw(index);
                let body = match (fault, std::str::from_utf8(raw)) {
                    (RecordError::TooLong { .. }, _) => Body::Dropped,
                    (_, Ok(text)) => Body::Text(text),
                    (_, Err(_)) => Body::Bytes(raw),
                };
                self.refuse(Rejected {
                    body,
                    bytes: processed.block.record_bytes(index),
                    user_ids: processed.block.user_ids(index),
                    origin,
                    problems: &problem,
                    password: processed.block.before(index).password,
                })
            }
            Verdict::LeftOut => {
                self.summary.left_out += 1;
                Ok(())
            }
        }
    }

    /// Claims the keys of a record. If another written record has one of them, returns the problem. The first
    /// record keeps the key.
    fn claim(&mut self, keys: &[UniqueKey], position: Position) -> std::result::Result<(), Problem> {
        self.unique.claim(keys, position.line).map_err(|(key, kept)| {
            let property = key.property.name();
            // Files of rejected records may be moved to another folder. Like the manifest, they name sources
            // without their folders.
            let file =
                self.summary.sources.get(kept.source).map_or("", |source| source_file_name(&source.name));
            let message = format!("already used by {file} line {}", kept.line);
            Problem::new(names::DUPLICATE, property, message)
        })
    }

    /// Sends one line to a side file.
    fn side(&mut self, processed: &ProcessedBlock, number: usize, origin: Origin<'_>) -> Result<()> {
        let (list, line) = processed.sides.line(number);
        if !list.names_places() {
            return self.sink.side(list, line);
        }
        self.line.clear();
        for cell in [&**origin.source, &*origin.position.line.to_string()] {
            self.row.escaped(cell, &mut self.line);
        }
        self.line.extend_from_slice(line);
        self.sink.side(list, &self.line)
    }

    /// Rejects a record that is a valid JSON object.
    fn reject(
        &mut self,
        processed: &ProcessedBlock,
        index: usize,
        origin: Origin<'_>,
        problems: &[Problem],
    ) -> Result<()> {
        let json = processed.block.complete_json(index);
        self.refuse(Rejected {
            // A record that a transform has read is UTF-8.
            body: Body::User(simdutf8::basic::from_utf8(&json).unwrap_or("")),
            bytes: processed.block.record_bytes(index),
            user_ids: processed.block.user_ids(index),
            origin,
            problems,
            password: processed.outcomes[index].info.joined_password
                || processed.block.before(index).password,
        })
    }

    fn refuse(&mut self, rejected: Rejected<'_>) -> Result<()> {
        self.summary.rejected += 1;
        if self.summary.first_rejected.is_none()
            && let Some(problem) = rejected.problems.first()
        {
            let Origin { source, position } = rejected.origin;
            self.summary.first_rejected =
                Some(FirstReject { source: Arc::clone(source), position, problem: problem.clone() });
        }
        for (index, problem) in rejected.problems.iter().enumerate() {
            // A record counts once for each rule, even if it breaks the rule several times.
            if rejected.problems[..index].iter().all(|before| before.rule != problem.rule) {
                let Origin { source, position } = rejected.origin;
                self.summary.count_rejected(problem, source, position);
            }
        }
        self.sink.reject(rejected)
    }

    /// Adds the events of one block to the totals, by fact.
    fn add_events(&mut self, facts: &Facts, source: &Arc<str>) {
        for (id, &count) in self.events.iter().enumerate().filter(|(_, count)| **count > 0) {
            let mut fact = facts.name(id as u32).clone();
            if self.facts.len() >= MAX_NAMES && !self.facts.contains_key(&fact) {
                fact.subject = OTHER.into();
            }
            if fact.topic == Topic::Warned && !self.summary.first_warned.contains_key(&fact) {
                let first = (Arc::clone(source), self.firsts[id]);
                self.summary.first_warned.insert(fact.clone(), first);
            }
            *self.facts.entry(fact).or_default() += count;
        }
    }

    /// Returns the summary of all blocks taken so far, and the sink, which is not finished yet.
    pub(super) fn finish(mut self, properties: &'static [&'static str]) -> (Summary, S) {
        for (name, count) in properties.iter().zip(self.present.counts()) {
            self.summary.present.insert(name, count);
        }
        self.summary.facts = self.facts.into_iter().collect();
        (self.summary, self.sink)
    }

    /// Passes the header to the sink.
    pub(super) fn begin(&mut self, header: &[u8]) -> Result<()> {
        self.sink.begin(header)?;
        // A header in each part leaves less room for records.
        self.max_record_bytes = self.sink.max_record_bytes().unwrap_or(u64::MAX);
        Ok(())
    }
}

/// The number of records between the one whose keys are claimed and the one whose keys are looked up in advance. The
/// lookups wait for memory, all at the same time. With more records, their memory leaves the cache before the claim.
const AHEAD: usize = 8;

/// For each buffer of a processed block, the start of the range that belongs to the next record.
#[derive(Default)]
struct Cursors {
    rendered: usize,
    facts: usize,
    keys: usize,
    sides: usize,
}
