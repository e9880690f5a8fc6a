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
use super::report::{FieldChange, FieldChangeKind, Report};
use super::table::{Entry, Slot, flag};
use super::user::{self, NormalizedValue, User, with_user};
use crate::error::Result;
use crate::import::Predicted;
use crate::json::{Scanner, SyntaxError};
use crate::projection::Segment;
use crate::record::UserIds;
use crate::run::{Summary, Written};
use crate::user::property::Property;

/// The second pass over both sides.
pub(super) struct SecondPass {
    pub(super) first: FirstPass,
    pub(super) held_bytes: usize,
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
        let table = &self.first.table;
        let suits: fn(&Entry) -> bool = if compares {
            |entry| !entry.has(flag::TAKEN) && (is_missing(entry) || entry.has(flag::CHANGED))
        } else {
            |entry| !entry.has(flag::TAKEN) && is_missing(entry)
        };
        let picking = Picking { digester: self.digester(0), table, side: PickedSide::Old(suits) };
        let (before, mut with_password) = (counts.missing, 0);
        let held_bytes = self.held_bytes;
        let sink = Each(|written: Written<'_>| {
            let Some((MatchedBy::Key(slot), json)) = MatchedBy::split(written.bytes) else { return Ok(()) };
            let Some(entry) = table.entry(slot) else { return Ok(()) };
            if is_missing(entry) {
                if entry.set(flag::TAKEN) {
                    counts.missing += 1;
                    with_password += u64::from(written.password);
                    report_user(json, written, &[], |user| differences.missing(user))?;
                }
            } else if held.has_room(json.len(), held_bytes) && entry.set(flag::TAKEN) {
                held.keep(slot, json);
            }
            Ok(())
        });
        let (summary, ()) = self.first.pipeline.run(files.inputs(), &picking, sink)?;
        if before == 0 {
            let written = counts.missing;
            self.first.report.missing_run = Summary {
                sources: summary.sources,
                read: summary.read,
                written,
                rejected: summary.rejected,
                rejected_by: summary.rejected_by,
                left_out: summary.read - summary.rejected - written,
                with_password,
                user_ids: UserIds::Bare,
                ..Summary::default()
            };
        }
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
        let (table, report) = (&self.first.table, &mut self.first.report);
        let suits: fn(&Entry) -> bool =
            |entry| entry.has(flag::CHANGED) && entry.has(flag::TAKEN) && !entry.has(flag::REPORTED);
        let side = PickedSide::New { suits, extra, claimed: &self.first.claimed };
        let reading = self.first.readings[1];
        let digester = Digester::new(reading, self.first.seed);
        let picking = Picking { digester, table, side };
        let sink = Each(|written: Written<'_>| {
            let Some((hit, json)) = MatchedBy::split(written.bytes) else { return Ok(()) };
            let found = match hit {
                MatchedBy::Key(slot) => Some(slot),
                // If extra users are reported, a second login with the same address is one of them.
                MatchedBy::Email(slot) => table
                    .entry(slot)
                    .is_some_and(|entry| entry.set(flag::MATCHED_BY_EMAIL) || !extra)
                    .then_some(slot),
                MatchedBy::Nothing => None,
            };
            let Some(slot) = found else {
                counts.extra += 1;
                return report_user(json, written, &[], |user| differences.extra(user));
            };
            let Some(entry) = table.entry(slot).filter(|entry| suits(entry)) else { return Ok(()) };
            let Some(old) = held.get(slot) else { return Ok(()) };
            let changes = changes_of(reading, old, text(json)?).map_err(|_| CompareError::Changed)?;
            if changes.is_empty() {
                return Err(CompareError::Changed.into());
            }
            report.count(&changes);
            entry.set(flag::REPORTED);
            counts.changed += 1;
            report_user(json, written, &changes, |user| differences.changed(user))
        });
        self.first.pipeline.run(files.inputs(), &picking, sink)?;
        Ok(())
    }

    fn digester(&self, side: usize) -> Digester {
        Digester::new(self.first.readings[side], self.first.seed)
    }
}

/// The number of differences that were reported so far.
#[derive(Default)]
struct Counts {
    missing: u64,
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
    json: &[u8],
    written: Written<'_>,
    changes: &[FieldChange],
    to: impl FnOnce(Differing<'_>) -> Result<()>,
) -> Result<()> {
    let mut answer = Ok(());
    with_user(text(json)?, &mut Predicted::default(), |user| {
        let (user_id, email) = (user.identifier(Property::UserId), user.identifier(Property::Email));
        answer = to(Differing {
            user_id: user_id.as_deref(),
            email: email.as_deref(),
            record: Written { bytes: json, ..written },
            changes,
        });
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
