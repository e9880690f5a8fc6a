//! Which identifiers are taken: at most 40 bytes of memory a key, growth included.
//!
//! Keys are spread over shards that grow one at a time and by two fifths, so that neither the room to grow nor the copy
//! while growing ever costs much. Within a shard keys lie in the order of their hashes, with linear probing.

use crate::import::Identifier;
use crate::transform::UniqueKey;

/// Where the user who has a key stands: a source by its place in the run, and a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) source: u16,
    pub(super) line: u64,
}

impl Place {
    const LINE_BITS: u32 = 48;

    /// Never 0, since lines count from 1: 0 marks a free slot.
    fn pack(self) -> u64 {
        u64::from(self.source) << Self::LINE_BITS | self.line.clamp(1, (1 << Self::LINE_BITS) - 1)
    }

    fn unpack(packed: u64) -> Self {
        Self { source: (packed >> Self::LINE_BITS) as u16, line: packed & ((1 << Self::LINE_BITS) - 1) }
    }
}

/// All keys claimed so far.
#[derive(Debug)]
pub(super) struct Unique {
    shards: Vec<Shard>,
}

const SHARDS: usize = 256;

impl Default for Unique {
    fn default() -> Self {
        Self { shards: vec![Shard::default(); SHARDS] }
    }
}

impl Unique {
    /// Looks at where each of `keys` would stand. The looks do not wait for each other as claims do, so memory that
    /// is far away is fetched for many keys at a time.
    pub(super) fn fetch(&self, keys: &[UniqueKey]) -> u32 {
        keys.iter().fold(0, |seen, key| seen ^ self.shards[shard_of(key.hash)].look(key.hash))
    }

    /// Claims all `keys` for the user at `place`; where one is taken, none is claimed, and it is answered with who has
    /// it. Equal keys of one user do not stand in each other's way. A user has one key of each kind at the most.
    pub(super) fn claim(&mut self, keys: &[UniqueKey], place: Place) -> Result<(), (UniqueKey, Place)> {
        let mut free = [Free::default(); Identifier::ALL.len()];
        for (index, key) in keys.iter().enumerate() {
            free[index] = self.shards[shard_of(key.hash)].find(key.hash).map_err(|taken| (*key, taken))?;
        }
        for (index, key) in keys.iter().enumerate() {
            self.shards[shard_of(key.hash)].insert(key.hash, place, free[index]);
        }
        Ok(())
    }
}

/// The last byte chooses the shard, the first bytes the slot in it.
fn shard_of(hash: u128) -> usize {
    (hash & 0xff) as usize
}

/// The upper 96 bits of a hash, and the packed place: 20 bytes.
type Slot = [u32; 5];

const FREE: Slot = [0; 5];

fn slot(hash: u128, place: Place) -> Slot {
    let packed = place.pack();
    [(hash >> 96) as u32, (hash >> 64) as u32, (hash >> 32) as u32, (packed >> 32) as u32, packed as u32]
}

fn place_in(slot: &Slot) -> u64 {
    u64::from(slot[3]) << 32 | u64::from(slot[4])
}

/// Lines count from 1, so a place is never 0.
fn is_free(slot: &Slot) -> bool {
    slot[3] | slot[4] == 0
}

/// A slot that was free in a shard of so many.
#[derive(Debug, Clone, Copy, Default)]
struct Free {
    at: usize,
    of: usize,
}

#[derive(Debug, Clone, Default)]
struct Shard {
    slots: Vec<Slot>,
    len: usize,
}

impl Shard {
    /// Where a hash would stand if nothing were in its way: slots lie in the order of hashes.
    fn home(&self, upper: u64) -> usize {
        ((u128::from(upper) * self.slots.len() as u128) >> 64) as usize
    }

    /// A look at where a hash would stand, and at one slot behind it: most are found or placed within the two lines of
    /// memory that these lie in.
    fn look(&self, hash: u128) -> u32 {
        let home = self.home((hash >> 64) as u64);
        [home, home + 4].into_iter().fold(0, |seen, at| seen ^ self.slots.get(at).map_or(0, |slot| slot[4]))
    }

    /// The free slot in which a hash belongs, or the place of the one who has it.
    fn find(&self, hash: u128) -> Result<Free, Place> {
        let [first, second, third, ..] = slot(hash, Place { source: 0, line: 1 });
        let mut at = self.home((hash >> 64) as u64);
        // Where there are any slots, some are free.
        while let Some(found) = self.slots.get(at).filter(|found| !is_free(found)) {
            if found[0] == first && found[1] == second && found[2] == third {
                return Err(Place::unpack(place_in(found)));
            }
            at = self.next(at);
        }
        Ok(Free { at, of: self.slots.len() })
    }

    /// Inserts a hash that was not found, but where it belongs was.
    fn insert(&mut self, hash: u128, place: Place, free: Free) {
        let slot = slot(hash, place);
        // Three quarters full at the most, a little more than half just after growing: 27 to 38 bytes a key.
        if self.len * 4 >= self.slots.len() * 3 {
            self.grow();
        }
        if free.of == self.slots.len() {
            // Another key of the user may have taken it since, but all before it are as they were.
            self.put_from(free.at, slot);
        } else {
            self.put(slot);
        }
        self.len += 1;
    }

    fn put(&mut self, slot: Slot) {
        self.put_from(self.home(u64::from(slot[0]) << 32 | u64::from(slot[1])), slot);
    }

    /// Puts `slot` into the first free one from `at` on.
    fn put_from(&mut self, mut at: usize, slot: Slot) {
        while !is_free(&self.slots[at]) {
            at = self.next(at);
        }
        self.slots[at] = slot;
    }

    fn next(&self, at: usize) -> usize {
        if at + 1 == self.slots.len() { 0 } else { at + 1 }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() / 5 * 7).max(self.slots.len() + 8);
        let old = std::mem::replace(&mut self.slots, vec![FREE; size]);
        for slot in old.into_iter().filter(|slot| !is_free(slot)) {
            self.put(slot);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    fn key(number: u64) -> UniqueKey {
        UniqueKey { property: 0, hash: xxhash_rust::xxh3::xxh3_128(&number.to_le_bytes()) }
    }

    proptest! {
        #[test]
        fn a_key_belongs_to_the_first_who_claimed_it(claims in prop::collection::vec(prop::collection::vec(0_u64..300, 1..4), 0..400)) {
            let mut unique = Unique::default();
            let mut oracle: HashMap<u64, u64> = HashMap::new();
            for (index, numbers) in claims.iter().enumerate() {
                let place = Place { source: 3, line: index as u64 + 1 };
                let keys: Vec<_> = numbers.iter().map(|number| key(*number)).collect();
                let taken = numbers.iter().find_map(|number| oracle.get(number).copied());
                match unique.claim(&keys, place) {
                    Ok(()) => {
                        prop_assert_eq!(taken, None);
                        for number in numbers {
                            oracle.insert(*number, place.line);
                        }
                    }
                    Err((_, found)) => prop_assert_eq!(Some(found.line), taken),
                }
            }
        }
    }

    #[test]
    fn memory_stays_under_forty_bytes_a_key_at_every_size() {
        let mut unique = Unique::default();
        for number in 0..400_000_u64 {
            let place = Place { source: 0, line: number + 1 };
            assert_eq!(unique.claim(&[key(number)], place), Ok(()));
            if number > 100_000 && number % 1_000 == 0 {
                let slots: usize = unique.shards.iter().map(|shard| shard.slots.capacity()).sum();
                let largest = unique.shards.iter().map(|shard| shard.slots.len()).max().unwrap();
                // A shard that grows exists twice for a moment.
                let bytes = (slots + largest * 2) * size_of::<Slot>();
                assert!(bytes as u64 <= 40 * (number + 1), "{bytes} bytes for {number} keys");
            }
        }
    }

    #[test]
    fn a_place_survives_packing() {
        for (source, line) in [(0, 1), (65_535, (1 << 48) - 1), (7, 42)] {
            let place = Place { source, line };
            assert_eq!(Place::unpack(place.pack()), place);
        }
    }
}
