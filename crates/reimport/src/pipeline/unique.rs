//! The set of unique keys that are already claimed. Uses at most 40 bytes of memory per key, growth included.

use std::hint::black_box;

use hashbrown::HashTable;

use crate::run::UniqueKey;

/// The position of the user who has a key: the index of the source in the run, and a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: usize,
    pub(super) line: u64,
}

/// All keys claimed so far.
///
/// The keys are distributed over tables that double when they are full. The widest table gets twice as many keys as
/// the narrowest, and the widths of the others are evenly spaced between these. So the tables double one after
/// another, and only a small part of the memory is unused or copied at any time.
#[derive(Debug)]
pub(super) struct Unique {
    tables: Vec<HashTable<Claimed>>,
    /// For each source, the number of lines of all sources before it.
    lines_before: Vec<u64>,
}

const TABLES: usize = 256;

impl Default for Unique {
    fn default() -> Self {
        Self { tables: vec![HashTable::new(); TABLES], lines_before: Vec::new() }
    }
}

impl Unique {
    /// Begins the next source. `lines` is the number of lines of the source before it.
    pub(super) fn begin_source(&mut self, lines: u64) {
        let before = self.lines_before.last().map_or(0, |before| before + lines);
        self.lines_before.push(before);
    }

    /// Claims all `keys` for the user at `line` of the current source. If one of them is taken, claims none, and
    /// returns that key and the position of the user who has it. Equal keys of the same user are allowed.
    pub(super) fn claim(&mut self, keys: &[UniqueKey], line: u64) -> Result<(), (UniqueKey, Place)> {
        let line = self.lines_before.last().unwrap_or(&0) + line;
        for key in keys {
            let wanted = Claimed::new(key.hash, line);
            let found = self.tables[table_of(key.hash)].find(wanted.upper, |found| found.is(&wanted));
            if let Some(found) = found {
                return Err((*key, self.place(found.line())));
            }
        }
        for key in keys {
            let claimed = Claimed::new(key.hash, line);
            self.tables[table_of(key.hash)].insert_unique(claimed.upper, claimed, |moved| moved.upper);
        }
        Ok(())
    }

    /// Reads the places in memory at which `keys` are or would be, so that a call of [`claim`](Self::claim) soon
    /// afterwards does not wait for them.
    pub(super) fn prepare(&self, keys: &[UniqueKey]) {
        for key in keys {
            let upper = Claimed::new(key.hash, 0).upper;
            // The first entry with a similar hash is enough: this reads the tags of the entries, and seldom an entry.
            black_box(self.tables[table_of(key.hash)].find(upper, |_| true).is_some());
        }
    }

    fn place(&self, line: u64) -> Place {
        // Lines are counted from 1, so the first line of a source is `before + 1`.
        let source = self.lines_before.partition_point(|&before| before < line).saturating_sub(1);
        Place { source, line: line - self.lines_before.get(source).unwrap_or(&0) }
    }
}

/// Returns the table for a hash, determined by its last 16 bits. The share of hashes per table must grow by the
/// same factor from each table to the next. This is approximated by a density that falls linearly from 4/3 to 2/3.
fn table_of(hash: u128) -> usize {
    const STEEP: u64 = 4 << 16;
    let last = (hash & 0xffff) as u64;
    ((last * (STEEP - last) / 3) >> 24) as usize
}

/// A claimed key. Holds the upper 64 bits of its hash, 24 other bits of it, and the line of its user, counted over
/// the whole run. Together with the bits that choose the table, keys are compared by about 96 bits.
#[derive(Debug, Clone)]
struct Claimed {
    upper: u64,
    hash_and_line: u64,
}

impl Claimed {
    const LINE_BITS: u32 = 40;
    /// Maximum line number. A run has fewer lines: this many would be 20 TB of users.
    const LAST_LINE: u64 = (1 << Self::LINE_BITS) - 1;

    fn new(hash: u128, line: u64) -> Self {
        let lower = hash as u64 & !Self::LAST_LINE;
        Self { upper: (hash >> 64) as u64, hash_and_line: lower | line.min(Self::LAST_LINE) }
    }

    fn is(&self, other: &Self) -> bool {
        self.upper == other.upper && (self.hash_and_line ^ other.hash_and_line) >> Self::LINE_BITS == 0
    }

    fn line(&self) -> u64 {
        self.hash_and_line & Self::LAST_LINE
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::user::property::Property;

    fn key(number: u64) -> UniqueKey {
        UniqueKey { property: Property::UserId, hash: xxhash_rust::xxh3::xxh3_128(&number.to_le_bytes()) }
    }

    proptest! {
        #[test]
        fn key_belongs_to_its_first_claim(claims in prop::collection::vec(prop::collection::vec(0_u64..300, 1..4), 0..400)) {
            let mut unique = Unique::default();
            let mut oracle: HashMap<u64, Place> = HashMap::new();
            for (index, numbers) in claims.iter().enumerate() {
                // Each source has three lines.
                let place = Place { source: index / 3, line: index as u64 % 3 + 1 };
                if place.line == 1 {
                    unique.begin_source(3);
                }
                let keys: Vec<_> = numbers.iter().map(|number| key(*number)).collect();
                let taken = numbers.iter().find_map(|number| oracle.get(number).copied());
                match unique.claim(&keys, place.line) {
                    Ok(()) => {
                        prop_assert_eq!(taken, None);
                        for number in numbers {
                            oracle.insert(*number, place);
                        }
                    }
                    Err((_, found)) => prop_assert_eq!(Some(found), taken),
                }
            }
        }
    }

    #[test]
    fn memory_stays_below_40_bytes_per_key() {
        let mut unique = Unique::default();
        unique.begin_source(0);
        for number in 0..400_000_u64 {
            assert_eq!(unique.claim(&[key(number)], number + 1), Ok(()));
            if number > 100_000 && number % 1_000 == 0 {
                let sizes = unique.tables.iter().map(HashTable::allocation_size);
                // A table that grows exists twice during the copy.
                let bytes = sizes.clone().sum::<usize>() + sizes.max().unwrap() * 2;
                assert!(bytes as u64 <= 40 * (number + 1), "{bytes} bytes for {number} keys");
            }
        }
    }

    #[test]
    fn widest_table_has_twice_the_keys_of_the_narrowest() {
        let mut keys = [0; TABLES];
        (0..1 << 16).for_each(|last| keys[table_of(last)] += 1);
        assert_eq!((keys[0], keys[TABLES - 1]), (193, 382));
        assert!(keys.is_sorted_by(|left, right| *left <= right + 1));
    }
}
