//! The two transforms of a comparison: computing the digest of every record, and picking the records that differ.
//!
//! Both are pure and run on any thread. Everything that depends on the order of records is decided in the sinks.

use super::digest::{Digest, Digester, Scratch, properties};
use super::table::{Entry, Slot, UserTable, flag};
use crate::error::Result;
use crate::json::compact_into;
use crate::record::Record;
use crate::run::{Output, Rendering, Sink, Summary, Transform, Verdict, Written};

/// Renders the digest of every record.
pub(super) struct Digesting(pub(super) Digester);

impl Transform for Digesting {
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
                digest.write(output.bytes);
                output.info.present = digest.present;
                Verdict::Written
            }
            Err(fault) => Verdict::Unreadable(fault.into()),
        }
    }
}

/// Renders the records that may differ. Each is preceded by what it was matched by.
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
    fn find(&self, email: u64) -> Option<Slot> {
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
                let key = if digest.id.is_some() { digest.id } else { digest.email };
                let slot = self.table.find(key)?;
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
