//! Which identifiers are taken: at most 40 bytes of memory a key, growth included.

use hashbrown::HashTable;

use crate::run::UniqueKey;

/// Where the user who has a key stands: a source by its place in the run, and a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: usize,
    pub(super) line: u64,
}

/// All keys claimed so far.
///
/// They are spread over tables that double when they are full. The widest table has twice the keys of the narrowest,
/// with all widths between, so they double one after the other: neither the room to grow nor the copy while growing ever
/// costs much.
#[derive(Debug)]
pub(super) struct Unique {
    tables: Vec<HashTable<Claimed>>,
    /// For each source, how many lines those before it have.
    lines_before: Vec<u64>,
}

const TABLES: usize = 256;

impl Default for Unique {
    fn default() -> Self {
        Self { tables: vec![HashTable::new(); TABLES], lines_before: Vec::new() }
    }
}

impl Unique {
    /// The next source begins, behind one of so many lines.
    pub(super) fn begin_source(&mut self, lines: u64) {
        let before = self.lines_before.last().map_or(0, |before| before + lines);
        self.lines_before.push(before);
    }

    /// Claims all `keys` for the user at `line` of the source under way; where one is taken, none is claimed, and it is
    /// answered with who has it. Equal keys of one user do not stand in each other's way.
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

    fn place(&self, line: u64) -> Place {
        // Lines count from 1, so the first line of a source is one behind all lines before it.
        let source = self.lines_before.partition_point(|&before| before < line).saturating_sub(1);
        Place { source, line: line - self.lines_before.get(source).unwrap_or(&0) }
    }
}

/// The last bits choose the table: a line that falls from 4/3 to 2/3 over the tables is near enough to shares of which
/// each is the same part wider than the next.
fn table_of(hash: u128) -> usize {
    const STEEP: u64 = 4 << 16;
    let last = (hash & 0xffff) as u64;
    ((last * (STEEP - last) / 3) >> 24) as usize
}

/// A claimed key: of its hash the upper 64 bits and 24 others, and the line of the run where its user stands. With those
/// that choose the table it is known by some 96 bits.
#[derive(Debug, Clone)]
struct Claimed {
    upper: u64,
    hash_and_line: u64,
}

impl Claimed {
    const LINE_BITS: u32 = 40;
    /// A run has fewer lines: it would be 20 TB of users.
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
        fn a_key_belongs_to_the_first_who_claimed_it(claims in prop::collection::vec(prop::collection::vec(0_u64..300, 1..4), 0..400)) {
            let mut unique = Unique::default();
            let mut oracle: HashMap<u64, Place> = HashMap::new();
            for (index, numbers) in claims.iter().enumerate() {
                // Sources of three lines each.
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
    fn memory_stays_under_forty_bytes_a_key_at_every_size() {
        let mut unique = Unique::default();
        unique.begin_source(0);
        for number in 0..400_000_u64 {
            assert_eq!(unique.claim(&[key(number)], number + 1), Ok(()));
            if number > 100_000 && number % 1_000 == 0 {
                let sizes = unique.tables.iter().map(HashTable::allocation_size);
                // A table that grows exists twice for a moment.
                let bytes = sizes.clone().sum::<usize>() + sizes.max().unwrap() * 2;
                assert!(bytes as u64 <= 40 * (number + 1), "{bytes} bytes for {number} keys");
            }
        }
    }

    #[test]
    fn the_widest_table_has_twice_the_keys_of_the_narrowest() {
        let mut keys = [0; TABLES];
        (0..1 << 16).for_each(|last| keys[table_of(last)] += 1);
        assert_eq!((keys[0], keys[TABLES - 1]), (193, 382));
        assert!(keys.is_sorted_by(|left, right| *left <= right + 1));
    }
}
