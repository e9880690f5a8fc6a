//! The second pass: reads the users that differ again, finds the differences, and reports their records.

use std::collections::HashMap;
use std::ops::Range;

use super::differences::{Differences, Differing};
use super::digest::{self, Digester, Reading};
use super::error::CompareError;
use super::field_changes;
use super::files::Files;
use super::first_pass::FirstPass;
use super::pass::{Each, MatchedBy, PickedSide, Picking, is_missing};
use super::picked_pieces::{PickedPieces, check_unchanged};
use super::report::{FieldChange, FieldChangeKind, Report};
use super::table::{Entry, Slot, flag};
use super::user::{self, NormalizedValue, User, with_user};
use crate::error::Result;
use crate::import::Predicted;
use crate::json::{Scanner, SyntaxError};
use crate::pipeline::Progress;
use crate::projection::Segment;
use crate::record::UserIds;
use crate::run::{Summary, Written};
use crate::user::property::Property;

/// The second pass over both sides.
pub(super) struct SecondPass {
    pub(super) first: FirstPass,
    pub(super) held_bytes: usize,
    /// Read only the records of the old side that are needed, if these are few.
    pub(super) pieces: bool,
    pub(super) max_record_bytes: u64,
    pub(super) progress: Progress,
}

/// Records of the old side that are held until the matching record of the new side is read.
#[derive(Default)]
struct Held {
    text: Vec<u8>,
    places: HashMap<Slot, Range<usize>>,
    full: bool,
}

impl SecondPass {
    pub(super) fn run(
        mut self,
        old: &Files,
        new: &Files,
        differences: &mut impl Differences,
    ) -> Result<Report> {
        let expected = self.first.report.clone();
        let mut counts = Counts::default();
        let mut first_round = true;
        loop {
            let mut held = Held::default();
            let compares = counts.changed < expected.changed;
            if compares || (first_round && expected.missing > 0) {
                self.read_old(old, compares, &mut held, &mut counts, differences)?;
                if first_round {
                    self.first.report.missing_run = missing_run(&expected, &counts);
                }
            }
            let extra = first_round && expected.extra > 0;
            if compares || extra {
                self.read_new(new, extra, &held, &mut counts, differences)?;
            }
            first_round = false;
            if !compares || counts.changed >= expected.changed {
                break;
            }
            if held.places.is_empty() {
                return Err(CompareError::Changed.into());
            }
        }
        if (counts.missing, counts.changed, counts.extra)
            != (expected.missing, expected.changed, expected.extra)
        {
            return Err(CompareError::Changed.into());
        }
        Ok(self.first.report)
    }

    fn read_old(
        &mut self,
        files: &Files,
        compares: bool,
        held: &mut Held,
        counts: &mut Counts,
        differences: &mut impl Differences,
    ) -> Result<()> {
        let Self { first, held_bytes, pieces, max_record_bytes, progress } = self;
        let FirstPass { table, kept, segments, report, pipeline, .. } = first;
        let suits: fn(&Entry) -> bool = if compares {
            |entry| !entry.has(flag::TAKEN) && (is_missing(entry) || entry.has(flag::CHANGED))
        } else {
            |entry| !entry.has(flag::TAKEN) && is_missing(entry)
        };
        // `as_read` is false if the record is not the one that the first pass read.
        let mut take = |slot: Slot, written: Written<'_>, as_read: bool| {
            // The workers may pass a repeated record on before the first one is taken. It has no effect, also not on memory.
            let Some(entry) = table.entry(slot).filter(|entry| !entry.has(flag::TAKEN)) else {
                return Ok(());
            };
            let json = written.bytes;
            if is_missing(entry) {
                entry.set(flag::TAKEN);
                check_unchanged(as_read, written.origin)?;
                counts.missing += 1;
                counts.missing_with_password += u64::from(written.password);
                return report_user(written, &[], |user| differences.missing(user));
            }
            if kept.as_ref().is_some_and(|kept| kept.bytes() + held.text.len() + json.len() > *held_bytes) {
                // The memory is needed for this side. The new side is read again.
                *kept = None;
            }
            if held.has_room(json.len(), *held_bytes) {
                entry.set(flag::TAKEN);
                check_unchanged(as_read, written.origin)?;
                held.keep(slot, json);
            }
            Ok(())
        };
        let digester = Digester::new(first.readings[0], first.seed);
        let wanted = table.entries().filter(|(_, entry)| suits(entry)).map(|(_, entry)| entry.segment);
        if let Some(wanted) = pieces.then(|| segments.ranges(wanted, &report.old)).flatten() {
            let picked = PickedPieces { digester, table, suits, sources: &report.old.sources, files };
            return picked.read(&wanted, *max_record_bytes, take);
        }
        let picking = Picking { digester, table, side: PickedSide::Old(suits) };
        let sink = Each(|written: Written<'_>| match MatchedBy::split(written.bytes) {
            Some((MatchedBy::Key(slot), json)) => take(slot, Written { bytes: json, ..written }, true),
            _ => Ok(()),
        });
        progress.add_reread_bytes(files.bytes());
        pipeline.run(files.inputs(), &picking, sink)?;
        Ok(())
    }

    fn read_new(
        &mut self,
        files: &Files,
        extra: bool,
        held: &Held,
        counts: &mut Counts,
        differences: &mut impl Differences,
    ) -> Result<()> {
        let FirstPass { table, report, claimed, kept, readings, seed, pipeline, .. } = &mut self.first;
        let reading = readings[1];
        let suits: fn(&Entry) -> bool =
            |entry| entry.has(flag::CHANGED) && entry.has(flag::TAKEN) && !entry.has(flag::REPORTED);
        // A record without a slot is extra.
        let mut take = |found: Option<Slot>, written: Written<'_>| {
            let Some(slot) = found else {
                counts.extra += 1;
                return report_user(written, &[], |user| differences.extra(user));
            };
            let Some(entry) = table.entry(slot).filter(|entry| suits(entry)) else { return Ok(()) };
            let Some(old) = held.get(slot) else { return Ok(()) };
            let changes =
                changes_of(reading, old, text(written.bytes)?).map_err(|_| CompareError::Changed)?;
            if changes.is_empty() {
                return Err(CompareError::Changed.into());
            }
            report.count(&changes);
            entry.set(flag::REPORTED);
            counts.changed += 1;
            report_user(written, &changes, |user| differences.changed(user))
        };
        let is_first_by_email =
            |slot: &Slot| table.entry(*slot).is_some_and(|entry| entry.set(flag::MATCHED_BY_EMAIL));
        if let Some(kept) = kept {
            return kept.records().try_for_each(|(matched, written)| {
                let found = match matched.by {
                    MatchedBy::Key(slot) | MatchedBy::Email(slot) => Some(slot),
                    MatchedBy::Nothing => claimed.find(matched.email).filter(is_first_by_email),
                };
                take(found, written)
            });
        }
        let picking = Picking {
            digester: Digester::new(reading, *seed),
            table,
            side: PickedSide::New { suits, extra, claimed },
        };
        let sink = Each(|written: Written<'_>| {
            let Some((hit, json)) = MatchedBy::split(written.bytes) else { return Ok(()) };
            let found = match hit {
                MatchedBy::Key(slot) => Some(slot),
                // If extra users are reported, a second login with the same address is one of them.
                MatchedBy::Email(slot) => (is_first_by_email(&slot) || !extra).then_some(slot),
                MatchedBy::Nothing => None,
            };
            take(found, Written { bytes: json, ..written })
        });
        self.progress.add_reread_bytes(files.bytes());
        pipeline.run(files.inputs(), &picking, sink)?;
        Ok(())
    }
}

/// Returns the summary of a run that writes the missing users.
fn missing_run(expected: &Report, counts: &Counts) -> Summary {
    let old = &expected.old;
    Summary {
        sources: old.sources.clone(),
        read: old.read,
        written: counts.missing,
        rejected: old.unreadable,
        rejected_by: old.unreadable_by.clone(),
        left_out: old.read - old.unreadable - counts.missing,
        with_password: counts.missing_with_password,
        user_ids: UserIds::Bare,
        ..Summary::default()
    }
}

/// The number of differences that were reported so far.
#[derive(Default)]
struct Counts {
    missing: u64,
    missing_with_password: u64,
    changed: u64,
    extra: u64,
}

impl Held {
    /// Returns true if one more record may be held. Always true for the first record. Once it was false, it stays
    /// false.
    fn has_room(&mut self, bytes: usize, limit: usize) -> bool {
        self.full |= !self.places.is_empty() && self.text.len() + bytes > limit;
        !self.full
    }

    fn keep(&mut self, slot: Slot, json: &[u8]) {
        let from = self.text.len();
        self.text.extend_from_slice(json);
        self.places.insert(slot, from..self.text.len());
    }

    fn get(&self, slot: Slot) -> Option<&str> {
        let range = self.places.get(&slot)?;
        std::str::from_utf8(self.text.get(range.clone())?).ok()
    }
}

/// Returns a rendered record as text. It is UTF-8, because it is the text of a record that was read.
fn text(json: &[u8]) -> Result<&str> {
    std::str::from_utf8(json).map_err(|_| CompareError::Changed.into())
}

/// Reports one user. The identifiers are read from the record.
fn report_user(
    written: Written<'_>,
    changes: &[FieldChange],
    to: impl FnOnce(Differing<'_>) -> Result<()>,
) -> Result<()> {
    let mut answer = Ok(());
    with_user(text(written.bytes)?, &mut Predicted::default(), |user| {
        let (user_id, email) = (user.identifier(Property::UserId), user.identifier(Property::Email));
        answer =
            to(Differing { user_id: user_id.as_deref(), email: email.as_deref(), record: written, changes });
        Ok(())
    })
    .map_err(|_| CompareError::Changed)?;
    answer
}

/// Returns the differences between a user of the old side and its record on the new side, which is read as `reading`.
fn changes_of(reading: Reading, old: &str, new: &str) -> std::result::Result<Vec<FieldChange>, SyntaxError> {
    if reading == Reading::Export {
        let (old, new) = (Scanner::new(old).value()?, Scanner::new(new).value()?);
        let mut changes = Vec::new();
        field_changes::note_differences(old, new, &mut Vec::new(), &mut changes)?;
        let is_ignored = |change: &FieldChange| match change.path.segments().first() {
            Some(Segment::Name(name)) => digest::is_ignored(name),
            _ => false,
        };
        changes.retain(|change| !is_ignored(change));
        return Ok(changes);
    }
    let mut predicted = Predicted::default();
    with_user(old, &mut predicted, |part| {
        with_user(new, &mut Predicted::default(), |arrived| compare(part, arrived))
    })
}

fn compare(part: &User<'_>, arrived: &User<'_>) -> std::result::Result<Vec<FieldChange>, SyntaxError> {
    let mut changes = Vec::new();
    let mut path = vec![Segment::Name(Property::UserId.name().into())];
    if let Some(id) = part.identifier(Property::UserId) {
        match arrived.imported_id().0 {
            Some(other) if other == id => {}
            Some(_) => field_changes::note(&path, FieldChangeKind::OtherId, &mut changes),
            None => field_changes::note(&path, FieldChangeKind::Gone, &mut changes),
        }
    }
    for property in user::compared() {
        let name = property.name();
        path[0] = Segment::Name(name.into());
        match (part.normalized_value(property), arrived.normalized_value(property)) {
            (NormalizedValue::Nothing, NormalizedValue::Nothing) => {}
            (NormalizedValue::Nothing, _) if user::FILLED_IN.contains(&name) => {}
            // Both sides have a value if the missing one is `false`.
            (NormalizedValue::Nothing, _) if !part.is_false(property) => {
                field_changes::note(&path, FieldChangeKind::Added, &mut changes);
            }
            (_, NormalizedValue::Nothing) if !arrived.is_false(property) => {
                field_changes::note(&path, FieldChangeKind::Gone, &mut changes);
            }
            (NormalizedValue::Value(one), NormalizedValue::Value(other)) => {
                field_changes::note_differences(one, other, &mut path, &mut changes)?;
            }
            (one, other) if one == other => {}
            _ => field_changes::note(&path, FieldChangeKind::Value, &mut changes),
        }
    }
    Ok(changes)
}
