//! A list that grows by chunks of a fixed size, so that it never needs twice its memory while it grows.

/// Items in the order in which they were added, numbered from 0.
#[derive(Debug)]
pub(super) struct Chunks<T>(Vec<Vec<T>>);

const ITEMS: usize = 4096;

impl<T> Default for Chunks<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Chunks<T> {
    pub(super) fn push(&mut self, item: T) {
        match self.0.last_mut() {
            Some(chunk) if chunk.len() < ITEMS => chunk.push(item),
            _ => {
                let mut chunk = Vec::with_capacity(ITEMS);
                chunk.push(item);
                self.0.push(chunk);
            }
        }
    }

    pub(super) fn len(&self) -> u32 {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * ITEMS + last.len()) as u32
    }

    /// Returns the item with number `at`.
    ///
    /// # Panics
    /// If there is no such item.
    pub(super) fn get(&self, at: u32) -> &T {
        &self.0[at as usize / ITEMS][at as usize % ITEMS]
    }

    /// Returns the item with number `at`.
    ///
    /// # Panics
    /// If there is no such item.
    pub(super) fn get_mut(&mut self, at: u32) -> &mut T {
        &mut self.0[at as usize / ITEMS][at as usize % ITEMS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_keep_their_index_across_chunks() {
        let mut chunks = Chunks::default();
        assert_eq!(chunks.len(), 0);
        for item in 0..=2 * ITEMS as u32 {
            chunks.push(item);
            assert_eq!(chunks.len(), item + 1);
        }
        *chunks.get_mut(ITEMS as u32) += 7;
        assert_eq!([*chunks.get(0), *chunks.get(ITEMS as u32), *chunks.get(8192)], [0, 4103, 8192]);
    }
}
