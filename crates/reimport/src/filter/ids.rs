//! A list of user ids of any length: stores a keyed hash and the line of each id, and whether a record has it.

use std::fmt;
use std::ops::Range;

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::ids_reader::{self, Listed};
use crate::error::Result;
use crate::record::UserIds;
use crate::run::Seen;
use crate::source::Source;

/// A set of user ids. It takes 24 bytes per id plus space to grow, so ten million ids fit into half a gigabyte.
///
/// One leading `auth0|` of an id is ignored, in the set and in lookups. Ids are stored as 96-bit hashes, with a key
/// that is different in each set. So collisions are very unlikely, and cannot be constructed on purpose. `Debug`
/// shows the number of ids.
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

/// The hash of an id, and the entry it belongs to.
#[derive(Clone)]
struct Hashed {
    upper: u64,
    lower: u32,
    entry: u32,
}

/// One line of a list. It may be read as two ids.
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
    /// The number of entries that look like an e-mail address.
    addresses: usize,
}

/// The ids of one list that no record has.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmatchedIds {
    /// The name of the list, as given.
    pub list: String,
    /// The number of ids in the list. An id that is repeated, or is in an earlier list, counts once.
    pub ids: usize,
    /// The number of ids that no record has.
    pub unmatched: usize,
    /// The lines of the first three such ids.
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
    /// Creates an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a set of these ids.
    pub fn from_ids<I: AsRef<str>>(ids: impl IntoIterator<Item = I>) -> Self {
        let mut set = Self::new();
        for id in ids {
            set.insert(id.as_ref());
        }
        set
    }

    /// Creates a set of the ids in `source`, gzipped or plain.
    ///
    /// # Errors
    /// The same as [`add`](Self::add).
    pub fn read(source: Source) -> Result<Self> {
        let mut set = Self::new();
        set.add(source)?;
        Ok(set)
    }

    /// Adds the ids in `source`, gzipped or plain: one per line, or one column of a CSV.
    ///
    /// A first line with a cell `user_id` or `Id`, in any case, is the header of a CSV whose delimiter is a comma,
    /// semicolon or tab. The column of that cell is read. Without such a header, each line is an id. If it contains a
    /// delimiter, the text before the first delimiter is an id too. Blank lines, and white space around ids, are
    /// ignored. An apostrophe before an id that a spreadsheet would run as a formula is not part of the id. The lists
    /// next to outputs have such apostrophes.
    ///
    /// # Errors
    /// If the source cannot be read, or contains something else, such as a CSV whose header only names other
    /// properties of users.
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

    /// Adds a line, and returns whether none of its ids was in the set before.
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

    /// Returns whether an id is in the set.
    pub fn contains(&self, id: &str) -> bool {
        self.contains_as(id, UserIds::Exported)
    }

    /// Returns whether an id of this form is in the set. In a bare id, a leading `auth0|` is part of the id.
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

    /// Returns whether the id of a record is in the set, and marks it as found.
    pub(super) fn take(&self, id: &str, form: UserIds) -> bool {
        let found = self.find(id, form);
        if let Some(entry) = found.and_then(|found| self.entries.get(found.entry as usize)) {
            entry.seen.note();
        }
        found.is_some()
    }

    /// Returns, for each list that was read with [`add`](Self::add), the ids that no record has had so far, if there
    /// are any.
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

    /// Returns the number of ids.
    pub fn len(&self) -> usize {
        self.hashes.len()
    }

    /// Returns whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.hashes.is_empty()
    }

    fn find(&self, id: &str, form: UserIds) -> Option<&Hashed> {
        let (upper, lower) = self.hash(id, form);
        self.hashes.find(upper, |found| (found.upper, found.lower) == (upper, lower))
    }

    /// Returns 96 bits of the hash of an id, without the prefix that this form may have.
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
