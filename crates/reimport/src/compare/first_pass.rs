//! The first pass: finds the users that are on both sides, and those with the same content.

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::ThreadPool;
use rayon::slice::ParallelSliceMut as _;

use super::digest::{self, Digester, Reading, VOLATILE};
use super::error::CompareError;
use super::files::Files;
use super::kept::Kept;
use super::pass::{Claimed, Each, Entries, Match, MatchedBy, Matching, is_missing};
use super::report::{Report, Side};
use super::segments::Segments;
use super::table::{Entry, Slot, UserTable, flag};
use super::user;
use crate::error::Result;
use crate::pipeline::Pipeline;
use crate::run::{Origin, RuleCount, Summary};
use crate::user::property::Property;

/// The first pass over both sides, and its results for the second pass.
pub(super) struct FirstPass {
    pub(super) pipeline: Pipeline,
    pub(super) readings: [Reading; 2],
    pub(super) seed: u64,
    pub(super) table: UserTable,
    pub(super) segments: Segments,
    /// The records of the new side that may differ. `None` if they are too large to be kept.
    pub(super) kept: Option<Kept>,
    /// Entries that were matched only by e-mail address.
    pub(super) claimed: Claimed,
    pub(super) report: Report,
    /// The e-mail keys of the database users of the new side that match no user of the old side.
    left: Vec<u64>,
}

impl FirstPass {
    pub(super) fn new(pipeline: Pipeline, readings: [Reading; 2]) -> Self {
        Self {
            pipeline,
            readings,
            seed: crate::run::random_seed(),
            table: UserTable::default(),
            segments: Segments::default(),
            kept: Some(Kept::default()),
            claimed: Claimed::default(),
            report: Report::default(),
            left: Vec::new(),
        }
    }

    /// Reads both sides. Keeps at most `kept_bytes` of records of the new side.
    pub(super) fn run(mut self, old: &Files, new: &Files, kept_bytes: usize) -> Result<Self> {
        let expected = self.read_old(old)?;
        let pool = self.pipeline.pool();
        self.report.old.repeated = self.table.seal(pool.as_ref());
        let found = self.read_new(new, kept_bytes)?;
        let bytes = self.table.bytes() + self.segments.allocated() + self.left.capacity() * size_of::<u64>();
        self.report.table_bytes = self.report.table_bytes.max(bytes);
        self.match_left(pool.as_ref());
        let missing = self.table.entries().filter(|(_, entry)| is_missing(entry)).count();
        self.report.missing = missing as u64;
        if self.readings[1] == Reading::Arrived && found.written > 0 {
            let lacks = |name: &&'static str| has(&expected, name) && !has(&found, name);
            self.report.not_exported = user::compared().map(Property::name).filter(lacks).collect();
        }
        if self.readings[0] == Reading::Export {
            self.report.only_old = only(&expected, &found);
            self.report.only_new = only(&found, &expected);
        }
        Ok(self)
    }

    fn read_old(&mut self, files: &Files) -> Result<Summary> {
        let (table, segments) = (&mut self.table, &mut self.segments);
        let mut without_key = None;
        let sink = Each(|written: crate::run::Written<'_>| {
            if written.bytes.is_empty() {
                count_one(&mut without_key, written.origin);
                return Ok(());
            }
            let mut entry = Entry::from_bytes(written.bytes).ok_or(CompareError::Changed)?;
            entry.segment = segments.of(written.origin, |numbers| table.renumber(numbers));
            table.push(entry);
            Ok(())
        });
        let entries = Entries(Digester::new(self.readings[0], self.seed));
        let (summary, ()) = self.pipeline.run(files.inputs(), &entries, sink)?;
        self.report.table_bytes = self.table.bytes() + self.segments.allocated();
        self.report.old = Side { without_key, ..Side::of(&summary) };
        Ok(summary)
    }

    fn read_new(&mut self, files: &Files, kept_bytes: usize) -> Result<Summary> {
        let (table, report, left, kept) = (&self.table, &mut self.report, &mut self.left, &mut self.kept);
        let keeps = AtomicBool::new(true);
        let (mut without_key, mut repeated) = (None, 0);
        let sink = Each(|written: crate::run::Written<'_>| {
            let (matched, json) = Match::split(written.bytes).ok_or(CompareError::Changed)?;
            if !matched.named {
                count_one(&mut without_key, written.origin);
            }
            let differs = match matched.by {
                MatchedBy::Key(slot) | MatchedBy::Email(slot) => {
                    match find(table, slot, matched.same, report) {
                        Some(same) => (!same).then_some(matched),
                        None if matches!(matched.by, MatchedBy::Key(_)) => {
                            repeated += 1;
                            None
                        }
                        // A second login with an address that is already matched is another user.
                        None => Some(Match { by: MatchedBy::Nothing, email: 0, ..matched }),
                    }
                }
                MatchedBy::Nothing => {
                    if matched.email != 0 {
                        left.push(matched.email);
                    }
                    Some(matched)
                }
            };
            let Some(matched) = differs else { return Ok(()) };
            report.extra += u64::from(matched.by == MatchedBy::Nothing);
            if let Some(records) = kept {
                if records.bytes() + json.len() <= kept_bytes {
                    records.keep(matched, json, &written);
                } else {
                    *kept = None;
                    keeps.store(false, Ordering::Relaxed);
                }
            }
            Ok(())
        });
        let digester = Digester::new(self.readings[1], self.seed);
        let matching = Matching { digester, table, keeps: &keeps };
        let (summary, ()) = self.pipeline.run(files.inputs(), &matching, sink)?;
        report.new = Side { repeated, without_key, ..Side::of(&summary) };
        Ok(summary)
    }

    /// Matches users by e-mail address if no record has their `user_id`. They count as changed until the second
    /// pass.
    fn match_left(&mut self, pool: Option<&ThreadPool>) {
        let mut left = std::mem::take(&mut self.left);
        match pool {
            Some(pool) => pool.install(|| left.par_sort_unstable()),
            None => left.sort_unstable(),
        }
        let mut claims: Vec<(u64, Slot)> = self
            .table
            .entries()
            .filter(|(_, entry)| is_missing(entry) && entry.has(flag::BY_ID) && entry.email != 0)
            .filter(|(_, entry)| left.binary_search(&entry.email).is_ok())
            .map(|(slot, entry)| (entry.email, slot))
            .collect();
        claims.sort_unstable_by_key(|claim| claim.0);
        let shared = |place: usize| {
            let email = claims[place].0;
            let adjacent = [place.checked_sub(1), Some(place + 1)];
            adjacent
                .into_iter()
                .flatten()
                .any(|other| claims.get(other).is_some_and(|claim| claim.0 == email))
        };
        let alone = (0..claims.len()).filter(|&place| !shared(place));
        self.claimed = Claimed(alone.map(|place| claims[place]).collect());
        for (_, slot) in &self.claimed.0 {
            if let Some(entry) = self.table.entry(*slot) {
                entry.set(flag::FOUND | flag::CHANGED);
                self.report.changed += 1;
                self.report.extra -= 1;
            }
        }
    }
}

/// Marks an entry as found and counts it. Returns whether the content is the same, or `None` if the entry was already
/// found.
fn find(table: &UserTable, slot: Slot, same: bool, report: &mut Report) -> Option<bool> {
    let entry = table.entry(slot).filter(|entry: &&Entry| entry.set(flag::FOUND))?;
    if same {
        report.same += 1;
    } else {
        entry.set(flag::CHANGED);
        report.changed += 1;
    }
    Some(same)
}

/// Returns the properties that at least half of the records of `one` have, and no record of `other`, which has records.
fn only(one: &Summary, other: &Summary) -> Vec<&'static str> {
    let is_usual = |name: &&'static str| one.present.get(name).is_some_and(|count| *count * 2 >= one.written);
    let names = digest::properties().iter().copied().filter(is_usual);
    names.filter(|name| other.written > 0 && !has(other, name) && !VOLATILE.contains(name)).collect()
}

/// Returns true if at least one record of a run had the property.
fn has(summary: &Summary, property: &'static str) -> bool {
    summary.present.get(property).is_some_and(|count| *count > 0)
}

fn count_one(count: &mut Option<RuleCount>, origin: Origin<'_>) {
    let first = || RuleCount { records: 0, first: (origin.source.clone(), origin.position) };
    count.get_or_insert_with(first).records += 1;
}
