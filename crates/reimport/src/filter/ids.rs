//! A list of user ids, however long: a keyed hash and the line of each, and whether a record has it.

use std::fmt;
use std::ops::Range;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::ids_reader::{self, Listed};
use crate::error::Result;
use crate::record::UserIds;
use crate::run::Seen;
use crate::source::Source;

/// A set of user ids: 24 bytes each and the room to grow, so that ten million fit into half a gigabyte.
///
/// One `auth0|` before an id is dropped here as it is in what is looked for. Ids are kept as hashes of 96 bits with a key
/// of each set's own: that two are taken for one is not to be expected, and cannot be brought about. `Debug` shows how
/// many there are.
///
/// ```
/// use reimport::filter::Ids;
///
/// let ids = Ids::from_ids(["auth0|7", "sms|8"]);
/// assert!(ids.contains("7") && ids.contains("auth0|7") && ids.contains("sms|8"));
/// assert!(!ids.contains("8"));
/// ```
#[derive(Clone)]
pub struct Ids {
    seed: u64,
    hashes: HashTable<Hashed>,
    entries: Vec<Entry>,
    lists: Vec<List>,
}

/// An id, and the entry it belongs to.
#[derive(Clone)]
struct Hashed {
    upper: u64,
    lower: u32,
    entry: u32,
}

/// One line of a list, which may be read as two ids.
#[derive(Clone)]
struct Entry {
    line: u32,
    seen: Seen,
}

/// One file.
#[derive(Clone)]
struct List {
    name: String,
    entries: Range<usize>,
    /// Entries that look like an e-mail address.
    addresses: usize,
}

/// Ids of one list that no record has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmatchedIds {
    /// The name of the list, as given.
    pub list: String,
    /// The ids in it; one that is there twice, or in a list before, counts once.
    pub ids: usize,
    /// How many of them no record has.
    pub unmatched: usize,
    /// The lines of the first three of those.
    pub lines: Vec<u64>,
    /// Whether most of the list looks like e-mail addresses.
    pub addresses: bool,
}

impl Default for Ids {
    fn default() -> Self {
        let seed = crate::run::random_seed();
        Self { seed, hashes: HashTable::new(), entries: Vec::new(), lists: Vec::new() }
    }
}

impl Ids {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// The set of these ids.
    pub fn from_ids<I: AsRef<str>>(ids: impl IntoIterator<Item = I>) -> Self {
        let mut set = Self::new();
        for id in ids {
            set.insert(id.as_ref());
        }
        set
    }

    /// The ids in `source`, gzipped or plain.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn read(source: Source) -> Result<Self> {
        let mut set = Self::new();
        set.add(source)?;
        Ok(set)
    }

    /// Adds the ids in `source`, gzipped or plain: one a line, or those of a CSV.
    ///
    /// A first line with a cell `user_id` or `Id`, in any case, is the header of a CSV (its cells parted by comma, semicolon
    /// or tab), whose column is read. Without one, each line is an id, and if it holds such a separator, so is what comes
    /// before the first. Blank lines and white space around ids are nothing. An apostrophe before an id that a
    /// spreadsheet would run is not part of it: the lists next to outputs have one.
    ///
    /// # Errors
    /// If it cannot be read, or holds something else: a CSV whose header names other properties of users, for one.
    pub fn add(&mut self, source: Source) -> Result<()> {
        let mut list = List { name: source.name().to_string(), entries: 0..0, addresses: 0 };
        let first = self.entries.len();
        ids_reader::read(source, |listed| {
            let is_address = listed.id.contains('@') && !listed.id.contains('|');
            list.addresses += usize::from(self.enter(&listed) && is_address);
        })?;
        list.entries = first..self.entries.len();
        self.lists.push(list);
        Ok(())
    }

    /// Adds one id.
    pub fn insert(&mut self, id: &str) {
        self.enter(&Listed { id, or: None, line: 0 });
    }

    /// Adds a line, and tells whether it has an id that was not there before.
    fn enter(&mut self, listed: &Listed<'_>) -> bool {
        let ids = [Some(listed.id), listed.or];
        let known =
            ids.iter().flatten().find_map(|id| self.find(id, UserIds::Exported).map(|found| found.entry));
        let entry = known.unwrap_or_else(|| {
            let line = u32::try_from(listed.line).unwrap_or(u32::MAX);
            self.entries.push(Entry { line, seen: Seen::default() });
            u32::try_from(self.entries.len() - 1).unwrap_or(u32::MAX)
        });
        for id in ids.into_iter().flatten() {
            if self.find(id, UserIds::Exported).is_none() {
                let (upper, lower) = self.hash(id, UserIds::Exported);
                self.hashes.insert_unique(upper, Hashed { upper, lower, entry }, |moved| moved.upper);
            }
        }
        known.is_none()
    }

    /// Whether an id is in it.
    pub fn contains(&self, id: &str) -> bool {
        self.contains_as(id, UserIds::Exported)
    }

    /// Whether an id of that form is in it: nothing is dropped from a bare one.
    ///
    /// ```
    /// use reimport::{filter::Ids, record::UserIds};
    ///
    /// let ids = Ids::from_ids(["auth0|5f7c"]);
    /// assert!(ids.contains_as("auth0|5f7c", UserIds::Exported));
    /// assert!(ids.contains_as("5f7c", UserIds::Bare) && !ids.contains_as("auth0|5f7c", UserIds::Bare));
    /// ```
    pub fn contains_as(&self, id: &str, form: UserIds) -> bool {
        self.find(id, form).is_some()
    }

    /// Whether the id of a record is in it; remembers that a record has it.
    pub(super) fn take(&self, id: &str, form: UserIds) -> bool {
        let found = self.find(id, form);
        if let Some(entry) = found.and_then(|found| self.entries.get(found.entry as usize)) {
            entry.seen.note();
        }
        found.is_some()
    }

    /// Of each list that was read with [`add`](Self::add) the ids that no record has had so far, if there are any.
    pub(super) fn unmatched(&self) -> impl Iterator<Item = UnmatchedIds> {
        self.lists.iter().filter_map(|list| {
            let entries = &self.entries[list.entries.clone()];
            let unmatched = || entries.iter().filter(|entry| !entry.seen.is());
            let count = unmatched().count();
            (count > 0).then(|| UnmatchedIds {
                list: list.name.clone(),
                ids: entries.len(),
                unmatched: count,
                lines: unmatched().take(3).map(|entry| u64::from(entry.line)).collect(),
                addresses: list.addresses * 2 > entries.len(),
            })
        })
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    fn find(&self, id: &str, form: UserIds) -> Option<&Hashed> {
        let (upper, lower) = self.hash(id, form);
        self.hashes.find(upper, |found| (found.upper, found.lower) == (upper, lower))
    }

    /// 96 bits of the hash of an id, without the prefix that the form lets it have.
    fn hash(&self, id: &str, form: UserIds) -> (u64, u32) {
        let bare = match form {
            UserIds::Exported => id.strip_prefix("auth0|").unwrap_or(id),
            UserIds::Bare => id,
        };
        let hash = xxh3_128_with_seed(bare.as_bytes(), self.seed);
        ((hash >> 64) as u64, hash as u32)
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ids({})", self.len())
    }
}
