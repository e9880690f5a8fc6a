//! Counts the records that have each property.

/// The number of records for each bit of their [`present`](crate::run::Output::set_present) bits.
///
/// Many records have the same properties. So each set of bits is counted as a whole, and its bits are added to the
/// counts when another set takes its place.
#[derive(Debug)]
pub(super) struct Present {
    counts: [u64; 64],
    /// Sets of bits, each with its number of records that are not in `counts` yet.
    sets: Box<[(u64, u64); SETS]>,
}

const SETS: usize = 256;

impl Default for Present {
    fn default() -> Self {
        Self { counts: [0; 64], sets: Box::new([(0, 0); SETS]) }
    }
}

impl Present {
    /// Counts one record.
    pub(super) fn note(&mut self, bits: u64) {
        // The upper bits of a product depend on all bits.
        let place = bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - SETS.trailing_zeros());
        let (set, records) = &mut self.sets[place as usize];
        if *set != bits {
            add(&mut self.counts, *set, *records);
            (*set, *records) = (bits, 0);
        }
        *records += 1;
    }

    /// Returns the number of records with each bit, the lowest first.
    pub(super) fn counts(mut self) -> [u64; 64] {
        for (set, records) in *self.sets {
            add(&mut self.counts, set, records);
        }
        self.counts
    }
}

fn add(counts: &mut [u64; 64], mut bits: u64, records: u64) {
    while bits != 0 {
        counts[bits.trailing_zeros() as usize] += records;
        bits &= bits - 1;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn counts_are_those_of_single_bits(sets in prop::collection::vec(prop_oneof![0..1_200_u64, any::<u64>()], 0..2_000)) {
            let mut present = Present::default();
            for bits in &sets {
                present.note(*bits);
            }
            let counts = present.counts();
            for (bit, count) in counts.iter().enumerate() {
                prop_assert_eq!(*count, sets.iter().filter(|set| *set >> bit & 1 == 1).count() as u64);
            }
        }
    }
}
