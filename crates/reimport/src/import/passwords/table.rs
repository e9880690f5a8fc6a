//! Texts under keyed hashes: what a second file has for users, kept in few bytes and looked up from any thread.
//!
//! An entry is its text in an arena and 56 bytes beside it; keys are 128-bit hashes with a seed of their own for each
//! run, so that nothing of an identifier is held, and nobody can make two of them collide on purpose. Memory grows by
//! small chunks, never by doubling.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::sync::atomic::{AtomicU64, Ordering};

use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

use crate::import::unique::lower;

/// The keyed hash of an identifier; all zero stands for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::import) struct Key {
    low: u64,
    high: u64,
}

/// What is known of an entry besides its text.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: Key,
    email: Key,
    set_at: i64,
    /// In its file; a line beyond four thousand million is told as that.
    line: u32,
    chunk: u32,
    start: u32,
    len: u32,
}

/// No moment is known: older than all.
const NEVER: i64 = i64::MIN;

/// One entry on its way in.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewEntry<'t> {
    pub(super) id: Option<Key>,
    pub(super) email: Option<Key>,
    pub(super) set_at: Option<i64>,
    pub(super) line: u64,
    pub(super) text: &'t str,
}

#[derive(Debug, Default)]
pub(super) struct Table {
    seed: Seed,
    entries: Vec<Vec<Entry>>,
    len: u32,
    texts: Vec<String>,
    ids: Index,
    emails: Index,
    used: Vec<AtomicU64>,
    /// Entries that another of the same id took the place of, and which.
    replaced: Vec<(u32, u32)>,
}

#[derive(Debug)]
struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(RandomState::new().build_hasher().finish())
    }
}

const ENTRIES: usize = 4096;
const TEXT_CHUNK: usize = 256 << 10;

impl Table {
    /// The key of an id, as it stands behind `auth0|`.
    pub(super) fn id_key(&self, id: &str) -> Key {
        key(id, self.seed.0)
    }

    /// The key of an e-mail address in a connection.
    pub(super) fn email_key(&self, connection: &str, email: &str) -> Key {
        key(&lower(email), xxh3_64_with_seed(connection.as_bytes(), self.seed.0 ^ 1))
    }

    /// Takes an entry in; answers whether it shares a key with one that is there.
    ///
    /// Of two with the same key, the one set later counts; where that is equal or unknown, the first.
    pub(super) fn add(&mut self, new: NewEntry<'_>) -> bool {
        let at = self.len;
        let set_at = new.set_at.unwrap_or(NEVER);
        let (chunk, start) = self.keep(new.text);
        let entry = Entry {
            id: new.id.unwrap_or_default(),
            email: new.email.unwrap_or_default(),
            set_at,
            line: u32::try_from(new.line).unwrap_or(u32::MAX),
            chunk,
            start,
            len: new.text.len() as u32,
        };
        match self.entries.last_mut() {
            Some(chunk) if chunk.len() < ENTRIES => chunk.push(entry),
            _ => {
                let mut chunk = Vec::with_capacity(ENTRIES);
                chunk.push(entry);
                self.entries.push(chunk);
            }
        }
        self.len += 1;
        if at.is_multiple_of(64) {
            self.used.push(AtomicU64::new(0));
        }
        let (entries, mut shared) = (&self.entries, false);
        if let Some(key) = new.id
            && let Some(other) = self.ids.put(key, at, set_at, entries, |entry| entry.id)
        {
            shared = true;
            let wins = self.ids.find(key, entries, |entry| entry.id) == Some(at);
            self.replaced.push(if wins { (other, at) } else { (at, other) });
        }
        if let Some(key) = new.email {
            shared |= self.emails.put(key, at, set_at, entries, |entry| entry.email).is_some();
        }
        shared
    }

    /// Where a text lies in the arena.
    fn keep(&mut self, text: &str) -> (u32, u32) {
        let fits = self.texts.last().is_some_and(|chunk| chunk.capacity() - chunk.len() >= text.len());
        if !fits {
            self.texts.push(String::with_capacity(TEXT_CHUNK.max(text.len())));
        }
        let chunk = self.texts.len() - 1;
        let start = self.texts[chunk].len();
        self.texts[chunk].push_str(text);
        (chunk as u32, start as u32)
    }

    pub(super) fn by_id(&self, key: Key) -> Option<u32> {
        self.ids.find(key, &self.entries, |entry| entry.id)
    }

    pub(super) fn by_email(&self, key: Key) -> Option<u32> {
        self.emails.find(key, &self.entries, |entry| entry.email)
    }

    /// How many entries there are, replaced ones too.
    pub(super) fn len(&self) -> u32 {
        self.len
    }

    pub(super) fn text(&self, at: u32) -> &str {
        let entry = entry(&self.entries, at);
        let start = entry.start as usize;
        &self.texts[entry.chunk as usize][start..start + entry.len as usize]
    }

    pub(super) fn set_at(&self, at: u32) -> Option<i64> {
        Some(entry(&self.entries, at).set_at).filter(|moment| *moment != NEVER)
    }

    pub(super) fn line(&self, at: u32) -> u64 {
        u64::from(entry(&self.entries, at).line)
    }

    /// Notes that an entry has a user.
    pub(super) fn mark(&self, at: u32) {
        self.used[at as usize / 64].fetch_or(1 << (at % 64), Ordering::Relaxed);
    }

    fn is_marked(&self, at: u32) -> bool {
        self.used[at as usize / 64].load(Ordering::Relaxed) >> (at % 64) & 1 == 1
    }

    /// Whether each entry has a user: itself, or the one that took its place.
    pub(super) fn have_users(&self) -> Vec<bool> {
        let mut have: Vec<bool> = (0..self.len).map(|at| self.is_marked(at)).collect();
        // The last replacement of a key comes last: from there back, each winner is settled before its loser.
        for &(loser, winner) in self.replaced.iter().rev() {
            have[loser as usize] |= have[winner as usize];
        }
        have
    }
}

fn entry(entries: &[Vec<Entry>], at: u32) -> Entry {
    entries[at as usize / ENTRIES][at as usize % ENTRIES]
}

fn key(text: &str, seed: u64) -> Key {
    let hash = xxh3_128_with_seed(text.as_bytes(), seed);
    // All zero stands for none: a hash that is zero is moved by one.
    let hash = hash.max(1);
    Key { low: hash as u64, high: (hash >> 64) as u64 }
}

/// Open addressing over entry numbers alone: four bytes a slot, keys stay with their entries.
#[derive(Debug, Default)]
struct Index {
    /// One more than the entry's number; 0 is free. A power of two of them, at most three quarters taken.
    slots: Vec<u32>,
    taken: usize,
}

impl Index {
    /// Puts an entry under its key; answers which was there. The one set later stays.
    fn put(
        &mut self,
        key: Key,
        at: u32,
        set_at: i64,
        entries: &[Vec<Entry>],
        of: impl Fn(&Entry) -> Key,
    ) -> Option<u32> {
        if (self.taken + 1) * 4 > self.slots.len() * 3 {
            self.grow(entries, &of);
        }
        let slot = self.slot(key, entries, &of);
        let before = self.slots[slot].checked_sub(1);
        match before {
            Some(other) if entry(entries, other).set_at >= set_at => {}
            _ => self.slots[slot] = at + 1,
        }
        self.taken += usize::from(before.is_none());
        before
    }

    fn find(&self, key: Key, entries: &[Vec<Entry>], of: impl Fn(&Entry) -> Key) -> Option<u32> {
        if self.slots.is_empty() {
            return None;
        }
        self.slots[self.slot(key, entries, of)].checked_sub(1)
    }

    /// The slot of a key, or the free one where it belongs; there is always a free one.
    fn slot(&self, key: Key, entries: &[Vec<Entry>], of: impl Fn(&Entry) -> Key) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = key.low as usize & mask;
        while let Some(at) = self.slots[slot].checked_sub(1)
            && of(&entry(entries, at)) != key
        {
            slot = (slot + 1) & mask;
        }
        slot
    }

    fn grow(&mut self, entries: &[Vec<Entry>], of: impl Fn(&Entry) -> Key) {
        let slots = vec![0; (self.slots.len() * 2).max(64)];
        let old = std::mem::replace(&mut self.slots, slots);
        for number in old.into_iter().filter(|number| *number > 0) {
            let slot = self.slot(of(&entry(entries, number - 1)), entries, &of);
            self.slots[slot] = number;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn add(table: &mut Table, id: &str, set_at: Option<i64>, text: &str) -> bool {
        let id = Some(table.id_key(id));
        table.add(NewEntry { id, email: None, set_at, line: 7, text })
    }

    #[test]
    fn of_two_with_the_same_key_the_one_set_later_counts() {
        for (moments, kept) in [
            ([Some(1), Some(2)], "b"),
            ([Some(2), Some(1)], "a"),
            ([Some(1), Some(1)], "a"),
            ([None, Some(1)], "b"),
            ([Some(1), None], "a"),
            ([None, None], "a"),
        ] {
            let mut table = Table::default();
            assert!(!add(&mut table, "x", moments[0], "a"));
            assert!(add(&mut table, "x", moments[1], "b"));
            assert_eq!(table.text(table.by_id(table.id_key("x")).unwrap()), kept, "{moments:?}");
        }
    }

    #[test]
    fn a_replaced_entry_has_a_user_where_the_one_in_its_place_has() {
        let mut table = Table::default();
        for (id, moment) in [("x", 2), ("x", 1), ("x", 3), ("y", 1)] {
            add(&mut table, id, Some(moment), "t");
        }
        table.mark(table.by_id(table.id_key("x")).unwrap());
        assert_eq!(table.have_users(), [true, true, true, false]);
    }

    #[test]
    fn an_address_counts_in_its_connection_and_whatever_its_case() {
        let table = Table::default();
        assert_eq!(table.email_key("c", "Ada@Example.com"), table.email_key("c", "ada@example.com"));
        assert_ne!(table.email_key("c", "ada@example.com"), table.email_key("d", "ada@example.com"));
        assert_ne!(table.email_key("c", "ada@example.com"), table.id_key("ada@example.com"));
    }

    #[test]
    fn a_text_longer_than_a_chunk_is_kept_whole() {
        let mut table = Table::default();
        let long = "x".repeat(TEXT_CHUNK + 1);
        for text in ["a", &long, "b"] {
            add(&mut table, text, None, text);
        }
        assert!(["a", &long, "b"].iter().enumerate().all(|(at, text)| table.text(at as u32) == *text));
    }

    proptest! {
        #[test]
        fn it_finds_what_a_map_finds(entries in prop::collection::vec(("[a-f]{1,3}", 0..5_i64), 0..400)) {
            let (mut table, mut map) = (Table::default(), HashMap::<&str, (i64, usize)>::new());
            for (at, (id, moment)) in entries.iter().enumerate() {
                add(&mut table, id, Some(*moment), &at.to_string());
                let kept = map.entry(id).or_insert((*moment, at));
                if *moment > kept.0 {
                    *kept = (*moment, at);
                }
            }
            for (id, (_, at)) in &map {
                let found = table.by_id(table.id_key(id));
                prop_assert_eq!(found.map(|found| table.text(found).to_owned()), Some(at.to_string()));
            }
            prop_assert_eq!(table.by_id(table.id_key("g")), None);
        }
    }
}
