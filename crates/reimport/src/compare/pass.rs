//! The transforms of a comparison: the table entries of the old side, matching the new side with them, and picking the
//! records that differ from a side that is read again.
//!
//! All are pure and run on any thread. Everything that depends on the order of records is decided in the sinks.

use std::sync::atomic::{AtomicBool, Ordering};

use super::digest::{Digest, Digester, Scratch, properties};
use super::table::{Entry, Slot, UserTable, flag};
use crate::error::Result;
use crate::json::compact_into;
use crate::record::Record;
use crate::run::{Output, Rendering, Sink, Summary, Transform, Verdict, Written};

/// First pass, old side: renders the table entry of every record. Empty if the record has no key.
pub(super) struct Entries(pub(super) Digester);

impl Transform for Entries {
    type Scratch = Scratch;

    fn scratch(&self, _: Rendering) -> Result<Scratch> {
        Ok(self.0.scratch())
    }

    fn validates(&self) -> bool {
        true
    }

    fn properties(&self) -> &'static [&'static str] {
        properties()
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Verdict {
        match self.0.digest(record.json(), scratch) {
            Ok(digest) => {
                if let Some(entry) = digest.entry() {
                    entry.write(output.bytes);
                }
                output.info.present = digest.present;
                Verdict::Written
            }
            Err(fault) => Verdict::Unreadable(fault.into()),
        }
    }
}

/// First pass, new side: renders what each record was matched by. The record follows if it may differ.
pub(super) struct Matching<'t> {
    pub(super) digester: Digester,
    pub(super) table: &'t UserTable,
    /// False as soon as the records that differ are too many to be kept.
    pub(super) keeps: &'t AtomicBool,
}

/// What a record of the new side was matched by in the first pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Match {
    pub(super) by: MatchedBy,
    /// The record has the content of the user that it was matched with.
    pub(super) same: bool,
    /// The record has an identifier.
    pub(super) named: bool,
    /// The first 64 bits of its e-mail key, if it can be matched by it. Otherwise 0.
    pub(super) email: u64,
}

impl Match {
    const SAME: u8 = 1;
    const NAMED: u8 = 2;

    fn write(&self, out: &mut Vec<u8>) {
        self.by.write(out);
        out.push((u8::from(self.same) * Self::SAME) | (u8::from(self.named) * Self::NAMED));
        out.extend_from_slice(&self.email.to_le_bytes());
    }

    /// Splits rendered bytes into the match, and the record. The record is empty if it was not rendered.
    pub(super) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (by, rest) = MatchedBy::split(bytes)?;
        let (notes, rest) = rest.split_first()?;
        let (email, json) = rest.split_first_chunk()?;
        let email = u64::from_le_bytes(*email);
        Some((Self { by, same: notes & Self::SAME != 0, named: notes & Self::NAMED != 0, email }, json))
    }
}

impl Transform for Matching<'_> {
    type Scratch = Scratch;

    fn scratch(&self, _: Rendering) -> Result<Scratch> {
        Ok(self.digester.scratch())
    }

    fn validates(&self) -> bool {
        true
    }

    fn properties(&self) -> &'static [&'static str] {
        properties()
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Verdict {
        let digest = match self.digester.digest(record.json(), scratch) {
            Ok(digest) => digest,
            Err(fault) => return Verdict::Unreadable(fault.into()),
        };
        output.info.present = digest.present;
        let by = MatchedBy::of(&digest, self.table, &Claimed::default());
        let entry = match by {
            MatchedBy::Key(slot) | MatchedBy::Email(slot) => self.table.entry(slot),
            MatchedBy::Nothing => None,
        };
        let same = entry.is_some_and(|entry| digest.is_content_of(entry));
        Match { by, same, named: digest.named, email: digest.email.high }.write(output.bytes);
        // Several logins can have the same address, so a record that was matched by it may be an extra one.
        let may_differ = !same || matches!(by, MatchedBy::Email(_));
        if may_differ && self.keeps.load(Ordering::Relaxed) {
            compact_into(record.json(), output.bytes);
        }
        if digest.has_password() {
            output.set_password();
        }
        Verdict::Written
    }
}

/// Second pass: renders the records that may differ. Each is preceded by what it was matched by.
pub(super) struct Picking<'t> {
    pub(super) digester: Digester,
    pub(super) table: &'t UserTable,
    pub(super) side: PickedSide<'t>,
}

/// Which records are picked.
#[derive(Clone, Copy)]
pub(super) enum PickedSide<'t> {
    /// On the old side: records whose entry satisfies the predicate.
    Old(fn(&Entry) -> bool),
    /// On the new side: records whose entry satisfies `suits` and, if `extra` is true, all records that may be
    /// extra.
    New { suits: fn(&Entry) -> bool, extra: bool, claimed: &'t Claimed },
}

/// Entries that were matched by e-mail key, because no record has their `user_id`. Sorted by e-mail key.
#[derive(Debug, Default)]
pub(super) struct Claimed(pub(super) Vec<(u64, Slot)>);

impl Claimed {
    pub(super) fn find(&self, email: u64) -> Option<Slot> {
        let place = self.0.binary_search_by_key(&email, |claim| claim.0).ok()?;
        self.0.get(place).map(|claim| claim.1)
    }
}

/// What a record was matched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MatchedBy {
    /// By its key, which no other user has.
    Key(Slot),
    /// By its e-mail address, which another login can have as well.
    Email(Slot),
    Nothing,
}

impl MatchedBy {
    /// Finds the table entry that a record of the new side may belong to.
    pub(super) fn of(digest: &Digest, table: &UserTable, claimed: &Claimed) -> Self {
        if let Some(slot) = table.find(digest.id) {
            return Self::Key(slot);
        }
        if !digest.email.is_some() {
            return Self::Nothing;
        }
        table
            .find(digest.email)
            .or_else(|| claimed.find(digest.email.high))
            .map_or(Self::Nothing, Self::Email)
    }

    fn write(self, out: &mut Vec<u8>) {
        let (mark, slot) = match self {
            Self::Key(slot) => (b'k', slot.to_bytes()),
            Self::Email(slot) => (b'e', slot.to_bytes()),
            Self::Nothing => (b'-', [0; 8]),
        };
        out.push(mark);
        out.extend_from_slice(&slot);
    }

    /// Splits rendered bytes into what the record was matched by, and the record.
    pub(super) fn split(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (mark, rest) = bytes.split_first()?;
        let (slot, json) = rest.split_first_chunk()?;
        let slot = Slot::from_bytes(*slot);
        Some(match mark {
            b'k' => (Self::Key(slot), json),
            b'e' => (Self::Email(slot), json),
            _ => (Self::Nothing, json),
        })
    }
}

impl Picking<'_> {
    fn picks(&self, digest: &Digest) -> Option<MatchedBy> {
        let suits = |slot, suits: fn(&Entry) -> bool| self.table.entry(slot).is_some_and(suits);
        match self.side {
            PickedSide::Old(wanted) => {
                let slot = self.table.find(digest.old_key())?;
                suits(slot, wanted).then_some(MatchedBy::Key(slot))
            }
            PickedSide::New { suits: wanted, extra, claimed } => {
                let hit = MatchedBy::of(digest, self.table, claimed);
                let picked = match hit {
                    MatchedBy::Key(slot) => suits(slot, wanted),
                    MatchedBy::Email(slot) => extra || suits(slot, wanted),
                    MatchedBy::Nothing => extra,
                };
                picked.then_some(hit)
            }
        }
    }
}

impl Transform for Picking<'_> {
    type Scratch = Scratch;

    fn scratch(&self, _: Rendering) -> Result<Scratch> {
        Ok(self.digester.scratch())
    }

    fn validates(&self) -> bool {
        true
    }

    fn transform(&self, record: Record<'_>, scratch: &mut Scratch, output: &mut Output<'_>) -> Verdict {
        let digest = match self.digester.keys(record.json(), scratch) {
            Ok(digest) => digest,
            Err(fault) => return Verdict::Unreadable(fault.into()),
        };
        let Some(hit) = self.picks(&digest) else { return Verdict::LeftOut };
        hit.write(output.bytes);
        compact_into(record.json(), output.bytes);
        if digest.has_password() {
            output.set_password();
        }
        Verdict::Written
    }
}

/// Returns true if no record of the new side matches the user.
pub(super) fn is_missing(entry: &Entry) -> bool {
    !entry.has(flag::FOUND)
}

/// A sink that calls a function.
pub(super) struct Each<F>(pub(super) F);

impl<F: FnMut(Written<'_>) -> Result<()>> Sink for Each<F> {
    type Finished = ();

    fn takes_any_bytes(&self) -> bool {
        true
    }

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        (self.0)(written)
    }

    fn finish(self, _: &Summary) -> Result<()> {
        Ok(())
    }
}
