//! The table of the users of the old side: a key, a content hash, flags and a segment, 32 bytes per user.
//!
//! Entries are distributed to buckets by the first bits of their key. So growing never copies more than one bucket,
//! and unused capacity stays below one eighth.

use std::sync::atomic::{AtomicU16, Ordering};

use rayon::ThreadPool;
use rayon::iter::{IntoParallelRefMutIterator as _, ParallelIterator as _};

use super::segments::Segment;

/// The key of a user: 96 bits of a keyed hash. All zero means no key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) high: u64,
    pub(super) low: u32,
}

impl Key {
    pub(super) fn of(hash: u128) -> Self {
        Self { high: (hash >> 64) as u64, low: hash as u32 }
    }

    pub(super) fn is_some(self) -> bool {
        self != Self::default()
    }
}

/// One user of the old side.
#[derive(Debug)]
pub(super) struct Entry {
    high: u64,
    pub(super) content: u64,
    /// The first 64 bits of the e-mail key. 0 means no address.
    pub(super) email: u64,
    low: u32,
    /// Set by the sinks, which see the records in order. Read from any thread.
    flags: AtomicU16,
    /// Where the record is.
    pub(super) segment: Segment,
}

/// The flags of an entry.
pub(super) mod flag {
    /// Which of the properties that the service fills in the user had: three bits.
    pub(crate) const PROVIDED: u16 = 0b111;
    /// The key is a `user_id`, not an e-mail address.
    pub(crate) const BY_ID: u16 = 1 << 3;
    /// A record of the new side matches the user.
    pub(crate) const FOUND: u16 = 1 << 4;
    /// Found, and different.
    pub(crate) const CHANGED: u16 = 1 << 5;
    /// Second pass: the record of the old side was reported or is held.
    pub(crate) const TAKEN: u16 = 1 << 6;
    /// Second pass: a record of the new side was matched by e-mail address.
    pub(crate) const MATCHED_BY_EMAIL: u16 = 1 << 7;
    /// Second pass: the user was reported as changed.
    pub(crate) const REPORTED: u16 = 1 << 8;
}

impl Entry {
    pub(super) fn new(key: Key, content: u64, email: u64, flags: u16) -> Self {
        Self { high: key.high, content, email, low: key.low, flags: AtomicU16::new(flags), segment: 0 }
    }

    /// Appends the entry in binary form, without its segment. [`from_bytes`](Self::from_bytes) reads it.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        for word in [self.high, self.content, self.email] {
            out.extend_from_slice(&word.to_le_bytes());
        }
        out.extend_from_slice(&self.low.to_le_bytes());
        out.extend_from_slice(&self.flags().to_le_bytes());
    }

    /// Reads an entry. Returns `None` if `bytes` do not have the length of an entry written by [`write`](Self::write).
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (words, rest) = bytes.as_chunks::<8>();
        let [high, content, email] = <[[u8; 8]; 3]>::try_from(words).ok()?.map(u64::from_le_bytes);
        let [a, b, c, d, flags @ ..] = <[u8; 6]>::try_from(rest).ok()?;
        let key = Key { high, low: u32::from_le_bytes([a, b, c, d]) };
        Some(Self::new(key, content, email, u16::from_le_bytes(flags)))
    }

    pub(super) fn key(&self) -> Key {
        Key { high: self.high, low: self.low }
    }

    /// Returns all flags.
    pub(super) fn flags(&self) -> u16 {
        self.flags.load(Ordering::Relaxed)
    }

    pub(super) fn has(&self, flag: u16) -> bool {
        self.flags() & flag != 0
    }

    /// Sets a flag. Returns true if it was not set before.
    pub(super) fn set(&self, flag: u16) -> bool {
        self.flags.fetch_or(flag, Ordering::Relaxed) & flag == 0
    }
}

/// The location of an entry. Stable after the table is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Slot(u64);

impl Slot {
    pub(super) fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    pub(super) fn from_bytes(bytes: [u8; 8]) -> Self {
        Self(u64::from_le_bytes(bytes))
    }
}

/// The number of key bits that select the bucket.
const BUCKET_BITS: u32 = 12;

/// All users of the old side.
#[derive(Debug)]
pub(super) struct UserTable {
    buckets: Vec<Vec<Entry>>,
}

impl Default for UserTable {
    fn default() -> Self {
        Self { buckets: (0..1 << BUCKET_BITS).map(|_| Vec::new()).collect() }
    }
}

fn bucket_of(key: Key) -> usize {
    (key.high >> (64 - BUCKET_BITS)) as usize
}

/// Returns the index of a key in a sorted bucket. The search starts at the index that the key would have if keys
/// were evenly distributed, as hashes are. So it reads one region of memory, while a binary search would wait for
/// memory at each step.
fn place_of(key: Key, bucket: &[Entry]) -> Option<usize> {
    let share = u128::from(key.high << BUCKET_BITS);
    let mut place = ((share * bucket.len() as u128) >> 64) as usize;
    while bucket.get(place)?.key() < key {
        place += 1;
    }
    while let Some(before) = place.checked_sub(1)
        && bucket.get(before)?.key() >= key
    {
        place = before;
    }
    (bucket.get(place)?.key() == key).then_some(place)
}

impl UserTable {
    pub(super) fn push(&mut self, entry: Entry) {
        let bucket = &mut self.buckets[bucket_of(entry.key())];
        if bucket.len() == bucket.capacity() {
            bucket.reserve_exact((bucket.len() / 8).max(4));
        }
        bucket.push(entry);
    }

    /// Sorts the table and keeps the first of the entries with the same key. Returns the number of entries removed.
    /// With a pool, its threads share the buckets.
    pub(super) fn seal(&mut self, pool: Option<&ThreadPool>) -> u64 {
        let buckets = &mut self.buckets;
        match pool {
            Some(pool) => pool.install(|| buckets.par_iter_mut().map(seal_bucket).sum()),
            None => buckets.iter_mut().map(seal_bucket).sum(),
        }
    }

    /// Returns the slot of the entry with this key. The table must be sealed.
    pub(super) fn find(&self, key: Key) -> Option<Slot> {
        if !key.is_some() {
            return None;
        }
        let bucket = bucket_of(key);
        let place = place_of(key, &self.buckets[bucket])?;
        Some(Slot((bucket as u64) << 48 | place as u64))
    }

    /// Returns the entry at a slot that [`find`](Self::find) returned.
    pub(super) fn entry(&self, slot: Slot) -> Option<&Entry> {
        self.buckets.get((slot.0 >> 48) as usize)?.get((slot.0 & 0xffff_ffff_ffff) as usize)
    }

    pub(super) fn entries(&self) -> impl Iterator<Item = (Slot, &Entry)> {
        self.buckets.iter().enumerate().flat_map(|(bucket, entries)| {
            entries
                .iter()
                .enumerate()
                .map(move |(place, entry)| (Slot((bucket as u64) << 48 | place as u64), entry))
        })
    }

    /// Gives all entries new numbers of segments: `numbers` has the new one of each.
    pub(super) fn renumber(&mut self, numbers: &[Segment]) {
        for entry in self.buckets.iter_mut().flatten() {
            entry.segment = numbers[usize::from(entry.segment)];
        }
    }

    /// Returns the allocated size in bytes, including unused capacity.
    pub(super) fn bytes(&self) -> usize {
        let entries: usize = self.buckets.iter().map(Vec::capacity).sum();
        entries * size_of::<Entry>() + self.buckets.capacity() * size_of::<Vec<Entry>>()
    }
}

/// Sorts a bucket and keeps the first of the entries with the same key. Returns the number of entries removed.
fn seal_bucket(bucket: &mut Vec<Entry>) -> u64 {
    let before = bucket.len();
    bucket.sort_by_key(Entry::key);
    bucket.dedup_by_key(|entry| entry.key());
    bucket.shrink_to_fit();
    (before - bucket.len()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_has_32_bytes() {
        assert_eq!(size_of::<Entry>(), 32);
    }

    #[test]
    fn entry_survives_its_binary_form() {
        let key = Key { high: 1 << 60, low: 7 };
        let mut bytes = Vec::new();
        Entry::new(key, 2, 3, flag::BY_ID | 5).write(&mut bytes);
        let entry = Entry::from_bytes(&bytes).expect("it was written");
        assert_eq!((entry.key(), entry.content, entry.email, entry.flags()), (key, 2, 3, flag::BY_ID | 5));
        assert!(Entry::from_bytes(&bytes[1..]).is_none() && Entry::from_bytes(&[]).is_none());
    }

    #[test]
    fn first_entry_of_a_repeated_key_is_kept() {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("threads can be created");
        for pool in [None, Some(&pool)] {
            let mut table = UserTable::default();
            let key = |number: u64| Key { high: number.wrapping_mul(0x9e37_79b9_7f4a_7c15), low: 1 };
            for content in 0..3 {
                for number in 1..1000 {
                    table.push(Entry::new(key(number), content, 0, 0));
                }
            }
            assert_eq!(table.seal(pool), 2 * 999);
            for number in 1..1000 {
                let slot = table.find(key(number)).expect("it was inserted");
                assert_eq!(table.entry(slot).map(|entry| entry.content), Some(0));
            }
            assert_eq!(table.find(key(1000)), None);
            assert_eq!(table.find(Key { low: 2, ..key(7) }), None);
            assert_eq!(table.entries().count(), 999);
        }
    }

    proptest::proptest! {
        #[test]
        fn find_agrees_with_binary_search(
            keys in proptest::collection::vec((0..3_u64, 0..40_u64, 0..2_u32), 0..60),
            wanted in (0..3_u64, 0..40_u64, 0..2_u32),
        ) {
            // Some keys are evenly spread, others are close together: at the beginning, at the end and in the
            // middle of a bucket.
            let key = |(spread, number, low): (u64, u64, u32)| {
                let high = match spread {
                    0 => number,
                    1 => (1 << (64 - BUCKET_BITS)) - 1 - number,
                    _ => number << (64 - BUCKET_BITS - 6),
                };
                Key { high, low }
            };
            let mut bucket: Vec<Entry> = keys.into_iter().map(|each| Entry::new(key(each), 0, 0, 0)).collect();
            bucket.sort_by_key(Entry::key);
            bucket.dedup_by_key(|entry| entry.key());
            let wanted = key(wanted);
            let found = bucket.binary_search_by_key(&wanted, Entry::key).ok();
            proptest::prop_assert_eq!(place_of(wanted, &bucket), found);
        }
    }

    #[test]
    fn flag_is_set_once() {
        let entry = Entry::new(Key::default(), 0, 0, flag::BY_ID);
        assert!(entry.set(flag::FOUND));
        assert!(!entry.set(flag::FOUND));
        assert!(entry.has(flag::BY_ID) && !entry.has(flag::CHANGED));
    }
}
