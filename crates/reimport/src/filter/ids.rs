//! A list of user ids, however long: one keyed hash of 16 bytes each.

use std::collections::HashSet;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};

use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::ids_reader;
use crate::error::Result;
use crate::record::UserIds;
use crate::source::Source;

/// A set of user ids: 16 bytes each and the room to grow, so that ten million fit into half a gigabyte.
///
/// One `auth0|` before an id is dropped here as it is in what is looked for. Ids are kept as 128-bit hashes with a key
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
    hashes: HashSet<u128, BuildHasherDefault<Itself>>,
}

impl Default for Ids {
    fn default() -> Self {
        Self { seed: RandomState::new().build_hasher().finish(), hashes: HashSet::default() }
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
    /// A first line with a cell `user_id` or `Id` is the header of a CSV (its cells parted by comma, semicolon or tab),
    /// whose column is read. Without one, each line is an id, and where it holds such a separator, so is what stands
    /// before the first. Blank lines and white space around ids are nothing.
    ///
    /// # Errors
    /// Where it cannot be read, or holds something else.
    pub fn add(&mut self, source: Source) -> Result<()> {
        ids_reader::read(source, |id| self.insert(id))
    }

    /// Adds one id.
    pub fn insert(&mut self, id: &str) {
        self.hashes.insert(self.hash(id));
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
        self.hashes.contains(&match form {
            UserIds::Exported => self.hash(id),
            UserIds::Bare => self.hash_bare(id),
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

    fn hash(&self, id: &str) -> u128 {
        self.hash_bare(id.strip_prefix("auth0|").unwrap_or(id))
    }

    fn hash_bare(&self, id: &str) -> u128 {
        xxh3_128_with_seed(id.as_bytes(), self.seed)
    }
}

impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ids({})", self.len())
    }
}

/// Hashes need no hashing.
#[derive(Default)]
struct Itself(u64);

impl Hasher for Itself {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u128(&mut self, hash: u128) {
        self.0 = hash as u64;
    }
}
