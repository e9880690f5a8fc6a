//! Stores what joined files have for logins, in little memory. Lookups are possible from any thread.
//!
//! An entry is one record of such a file: its text in an arena, and 64 bytes next to it. Ids, connections and tenants
//! are stored as keyed hashes, with a seed that is different in each run. So no identifier is stored, and collisions
//! cannot be constructed on purpose. Entries of one login (the same id and connection) are resolved as they are
//! added, so a lookup takes the same time for any number of entries. Memory grows by small chunks, never by doubling,
//! except for the index (about ten bytes per entry).

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use hashbrown::HashTable;
use xxhash_rust::xxh3::{xxh3_64_with_seed, xxh3_128_with_seed};

use super::chunks::Chunks;
use super::login::{Login, LoginConnection, LoginId, each_linked};
use crate::import::unique::lower;
use crate::import::user::User;

/// The keyed hash of an id, or of an e-mail address in a connection.
pub(in crate::import) type Key = u128;

/// One record of a joined file.
#[derive(Debug, Clone, Copy)]
struct Entry {
    id: Key,
    set_at: i64,
    /// The keyed hash of the connection's name, or 0 if the record names none. The same holds for `tenant`.
    connection: u64,
    tenant: u32,
    /// The line in its file. A larger number is stored as `u32::MAX`.
    line: u32,
    chunk: u32,
    start: u32,
    /// The length of the text; 0 if the record has nothing to join.
    len: u32,
    /// The first entry of the same login.
    login: u32,
    /// In the first entry of a login: the entry that counts for the login.
    best: u32,
    /// In the first entry of a login: what is known about all its entries.
    state: HashState,
}

/// What is known about all entries of a login, as bits.
#[derive(Debug, Clone, Copy, Default)]
struct HashState(u8);

impl HashState {
    /// Two entries have different texts. Having no text counts as a different text.
    const DIFFER: u8 = 2;
    /// An entry has no date.
    const UNDATED: u8 = 4;
    /// Another text has the same date as the entry that counts.
    const TIED: u8 = 8;
    /// Two entries name different tenants.
    const TENANTS: u8 = 16;
    /// In the first entry of an id: logins of several connections have the id.
    const SEVERAL_LOGINS: u8 = 32;

    fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    fn set(&mut self, bit: u8) {
        self.0 |= bit;
    }

    fn clear(&mut self, bit: u8) {
        self.0 &= !bit;
    }
}

/// Bits that mark which entries were looked up for records of users.
mod looked_up {
    /// A record has the login.
    pub(super) const LOGIN: u32 = 1;
    /// A record has the id, in any connection.
    pub(super) const ID: u32 = 2;
    /// A record has the id, but does not say in which connection, or it is unclear whether the id is its own.
    pub(super) const ID_ALONE: u32 = 4;
    /// A record has the e-mail address.
    pub(super) const ADDRESS: u32 = 8;
    /// The number of bits reserved for the marks above. The other bits are used in the first entry of a login without
    /// a connection: they hold a part of the keyed hash of the connection that a record with its id named, or 0.
    pub(super) const BITS: u32 = 8;
}

/// The value of an unknown date. It is earlier than every date.
const NEVER: i64 = i64::MIN;

/// An entry to be added.
#[derive(Debug, Clone, Copy)]
pub(super) struct NewEntry<'t> {
    pub(super) id: Option<&'t str>,
    pub(super) connection: Option<&'t str>,
    pub(super) tenant: Option<&'t str>,
    pub(super) set_at: Option<i64>,
    pub(super) line: u64,
    /// The text to join; `None` if the record has nothing to join.
    pub(super) text: Option<&'t str>,
}

/// The result of looking up a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinMatch {
    /// This entry counts for the login.
    Entry(u32),
    /// No entry has the id.
    Nothing,
    /// Entries have the id, but only in other connections.
    OtherConnection,
    /// Several texts are possible, so none is certain.
    Several,
    /// This entry counts for the login, but has no text.
    NoText(u32),
}

/// The entries of all files of one kind.
#[derive(Debug, Default)]
pub(super) struct JoinTable {
    seed: Seed,
    entries: Chunks<Entry>,
    texts: Vec<String>,
    /// The first entry of each login.
    logins: HashTable<u32>,
    /// The first entry of each id.
    ids: HashTable<u32>,
    /// The marks of [`looked_up`], per entry. `LOGIN` and `ADDRESS` are in the first entry of a login, `ID` and
    /// `ID_ALONE` in the first entry of an id.
    looked_up: Chunks<AtomicU32>,
    /// Whether any login was looked up.
    was_used: AtomicBool,
    /// One more than the first entry that names no connection and whose id belongs to logins of several connections;
    /// 0 if there is none.
    claimed_twice: AtomicU32,
}

#[derive(Debug)]
struct Seed(u64);

impl Default for Seed {
    fn default() -> Self {
        Self(crate::run::random_seed())
    }
}

const TEXT_CHUNK: usize = 256 << 10;

impl JoinTable {
    fn id_key(&self, id: &str) -> Key {
        xxh3_128_with_seed(id.as_bytes(), self.seed.0)
    }

    /// Returns the keyed hash of the name of a connection or tenant, which is never 0; 0 without a name.
    fn name_key(&self, name: Option<&str>) -> u64 {
        name.map_or(0, |name| xxh3_64_with_seed(name.as_bytes(), self.seed.0 ^ 1).max(1))
    }

    /// Returns the key of an e-mail address in a connection. The connection is empty if none is named. Addresses that
    /// differ only in case have the same key.
    pub(super) fn email_key(&self, connection: &str, email: &str) -> Key {
        let seed = xxh3_64_with_seed(connection.as_bytes(), self.seed.0 ^ 2);
        xxh3_128_with_seed(lower(email).as_bytes(), seed)
    }

    /// Adds an entry. Returns its number, and whether an entry of the same login existed.
    ///
    /// Of several entries of a login, the one with the latest date counts. If the entries have different texts, none
    /// counts if a date is unknown, if two texts have the latest date, or if the entries name different tenants.
    pub(super) fn add(&mut self, new: NewEntry<'_>) -> (u32, bool) {
        let at = self.entries.len();
        let (chunk, start) = self.keep(new.text.unwrap_or_default());
        let mut entry = Entry {
            id: new.id.map_or(0, |id| self.id_key(id)),
            set_at: new.set_at.unwrap_or(NEVER),
            connection: self.name_key(new.connection),
            tenant: self.name_key(new.tenant) as u32,
            line: u32::try_from(new.line).unwrap_or(u32::MAX),
            chunk,
            start,
            len: new.text.unwrap_or_default().len() as u32,
            login: at,
            best: at,
            state: HashState::default(),
        };
        if entry.set_at == NEVER {
            entry.state.set(HashState::UNDATED);
        }
        let login = new.id.and_then(|_| self.login(entry.id, entry.connection));
        entry.login = login.unwrap_or(at);
        self.entries.push(entry);
        self.looked_up.push(AtomicU32::new(0));
        match login {
            Some(login) => self.resolve(login, at),
            None if new.id.is_some() => self.index(at),
            None => {}
        }
        (at, login.is_some())
    }

    /// Adds the first entry of a login to the index.
    fn index(&mut self, at: u32) {
        let Self { entries, logins, ids, .. } = self;
        let new = *entries.get(at);
        logins.insert_unique(login_hash(&new), at, |at| login_hash(entries.get(*at)));
        if let Some(&first) = ids.find(new.id as u64, |at| entries.get(*at).id == new.id) {
            entries.get_mut(first).state.set(HashState::SEVERAL_LOGINS);
        } else {
            ids.insert_unique(new.id as u64, at, |at| entries.get(*at).id as u64);
        }
    }

    /// Decides again which entry of a login counts, after the entry `at` was added to the login.
    fn resolve(&mut self, login: u32, at: u32) {
        let (mut first, new) = (*self.entries.get(login), *self.entries.get(at));
        let mut state = first.state;
        if new.tenant != 0 && first.tenant != 0 && new.tenant != first.tenant {
            state.set(HashState::TENANTS);
        }
        if first.tenant == 0 {
            first.tenant = new.tenant;
        }
        state.set(new.state.0);
        let best = *self.entries.get(first.best);
        let differs = self.text(first.best) != self.text(at);
        if differs {
            state.set(HashState::DIFFER);
        }
        if new.set_at > best.set_at {
            first.best = at;
            state.clear(HashState::TIED);
        } else if new.set_at == best.set_at && differs {
            state.set(HashState::TIED);
        }
        first.state = state;
        *self.entries.get_mut(login) = first;
    }

    /// Adds a text to the arena, and returns its chunk and start.
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

    /// Returns the first entry of a login. `connection` is 0 for a login that names none.
    fn login(&self, id: Key, connection: u64) -> Option<u32> {
        let same = |at: &u32| {
            let entry = self.entries.get(*at);
            entry.id == id && entry.connection == connection
        };
        self.logins.find(hash_of_login(id, connection), same).copied()
    }

    /// Returns the first entry of an id.
    fn first_of_id(&self, id: Key) -> Option<u32> {
        self.ids.find(id as u64, |at| self.entries.get(*at).id == id).copied()
    }

    /// Finds the entry that counts for a login, and marks the login as read.
    ///
    /// If both sides name a connection, the names must be equal. If one side names none, the id must be in the files
    /// once, or always with the same text.
    pub(super) fn find(&self, login: &Login<'_>) -> JoinMatch {
        // Reading a cache line that all threads share is cheap; writing it is not.
        if !self.was_used() {
            self.was_used.store(true, Ordering::Relaxed);
        }
        self.look_up(login)
    }

    fn look_up(&self, login: &Login<'_>) -> JoinMatch {
        let id = match &login.id {
            LoginId::Known(id) => self.id_key(id),
            LoginId::None => return JoinMatch::Nothing,
            LoginId::Disagrees(root, identity) => {
                for id in [root, identity] {
                    if let Some(first) = self.first_of_id(self.id_key(id)) {
                        self.mark(first, looked_up::ID | looked_up::ID_ALONE);
                    }
                }
                return JoinMatch::Nothing;
            }
        };
        let Some(first) = self.first_of_id(id) else { return JoinMatch::Nothing };
        self.mark(first, looked_up::ID);
        let several = self.entries.get(first).state.has(HashState::SEVERAL_LOGINS);
        let connection = match &login.connection {
            LoginConnection::Named(connection) => connection,
            LoginConnection::None => {
                self.mark(first, looked_up::ID_ALONE);
                return if several { JoinMatch::Several } else { self.counts(first, false) };
            }
            LoginConnection::Unclear => {
                self.mark(first, looked_up::ID_ALONE);
                return JoinMatch::OtherConnection;
            }
        };
        let connection = self.name_key(Some(connection));
        let only = (!several && self.entries.get(first).connection == 0).then_some(first);
        if let Some(found) = self.login(id, connection).or(only) {
            self.mark(found, looked_up::LOGIN);
            if self.entries.get(found).connection == 0 {
                self.claim(found, connection);
            }
            return self.counts(found, true);
        }
        if self.login(id, 0).is_some() { JoinMatch::Several } else { JoinMatch::OtherConnection }
    }

    /// Returns what counts for a login, given its first entry. `named` says whether the user names a connection.
    fn counts(&self, login: u32, named: bool) -> JoinMatch {
        let first = self.entries.get(login);
        let state = first.state;
        // If one side names no connection, two records of the id may belong to different logins.
        let certain = named && first.connection != 0;
        let uncertain = !certain || state.has(HashState::UNDATED | HashState::TIED | HashState::TENANTS);
        if state.has(HashState::DIFFER) && uncertain {
            JoinMatch::Several
        } else if self.has_text(first.best) {
            JoinMatch::Entry(first.best)
        } else {
            JoinMatch::NoText(first.best)
        }
    }

    /// Returns what counts for the login of an entry, without marking the login as read.
    pub(super) fn match_of_login(&self, at: u32) -> JoinMatch {
        self.counts(self.entries.get(at).login, true)
    }

    /// Returns whether any login was looked up.
    pub(super) fn was_used(&self) -> bool {
        self.was_used.load(Ordering::Relaxed)
    }

    /// Returns the number of entries.
    pub(super) fn len(&self) -> u32 {
        self.entries.len()
    }

    pub(super) fn text(&self, at: u32) -> &str {
        let entry = self.entries.get(at);
        let start = entry.start as usize;
        &self.texts[entry.chunk as usize][start..start + entry.len as usize]
    }

    pub(super) fn has_id(&self, at: u32) -> bool {
        self.entries.get(at).id != 0
    }

    /// Returns whether two entries belong to one login and have the same date and text.
    pub(super) fn is_same_record(&self, one: u32, other: u32) -> bool {
        let (first, second) = (self.entries.get(one), self.entries.get(other));
        first.login == second.login && first.set_at == second.set_at && self.text(one) == self.text(other)
    }

    pub(super) fn has_text(&self, at: u32) -> bool {
        self.entries.get(at).len > 0
    }

    pub(super) fn set_at(&self, at: u32) -> Option<i64> {
        Some(self.entries.get(at).set_at).filter(|moment| *moment != NEVER)
    }

    pub(super) fn line(&self, at: u32) -> u64 {
        u64::from(self.entries.get(at).line)
    }

    /// Marks the logins of a user as read: its own, and those linked to it.
    pub(super) fn mark_user(&self, user: &User<'_>, is_database: bool) {
        if is_database {
            self.find(&Login::of_user(user));
        } else {
            self.look_up(&Login::of_other_user(user));
        }
        self.mark_linked(user);
    }

    /// Marks the logins that are linked to a user as read.
    pub(super) fn mark_linked(&self, user: &User<'_>) {
        each_linked(user, |login, _| {
            self.find(&login);
        });
    }

    /// Stores the connection of a record that has the id of the entry `at`, which names no connection. The entry can
    /// belong to a login in one connection only, so a second connection is an error for the run.
    fn claim(&self, at: u32, connection: u64) {
        let tag = (connection as u32 | 1) << looked_up::BITS;
        let claimed = self.looked_up.get(at).fetch_update(Ordering::Relaxed, Ordering::Relaxed, |bits| {
            (bits >> looked_up::BITS == 0).then_some(bits | tag)
        });
        if let Err(bits) = claimed
            && bits >> looked_up::BITS != tag >> looked_up::BITS
        {
            let _ = self.claimed_twice.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |first| {
                (first == 0 || at + 1 < first).then_some(at + 1)
            });
        }
    }

    /// Returns the first entry that names no connection and whose id belongs to logins of several connections. It may
    /// be for any of them.
    pub(super) fn claimed_twice(&self) -> Option<u32> {
        self.claimed_twice.load(Ordering::Relaxed).checked_sub(1)
    }

    /// Marks an id as read, of any login.
    pub(super) fn mark_id(&self, id: &str) {
        // `github|7` also marks the id `7`: the id of a user begins with its strategy, the id of an identity does
        // not.
        let without_strategy = id.split_once('|').map(|(_, id)| id);
        for id in [Some(id), without_strategy].into_iter().flatten() {
            if let Some(first) = self.first_of_id(self.id_key(id)) {
                self.mark(first, looked_up::ID);
            }
        }
    }

    /// Moves an entry without an id to the login of another entry.
    pub(super) fn join_logins(&mut self, at: u32, other: u32) {
        self.entries.get_mut(at).login = self.entries.get(other).login;
    }

    /// Marks the login of an entry as read, if the entry was not joined by id.
    pub(super) fn mark_joined(&self, at: u32) {
        self.mark(self.entries.get(at).login, looked_up::LOGIN);
    }

    /// Marks the e-mail address of an entry as read.
    pub(super) fn mark_address(&self, at: u32) {
        self.mark(at, looked_up::ADDRESS);
        self.mark(self.entries.get(at).login, looked_up::ADDRESS);
    }

    fn mark(&self, at: u32, bits: u32) {
        let looked_up = self.looked_up.get(at);
        if looked_up.load(Ordering::Relaxed) & bits != bits {
            looked_up.fetch_or(bits, Ordering::Relaxed);
        }
    }

    fn is_marked(&self, at: u32, bit: u32) -> bool {
        self.looked_up.get(at).load(Ordering::Relaxed) & bit != 0
    }

    /// Returns whether a record had the login of an entry. For an entry without a connection, a record with the id is
    /// enough.
    pub(super) fn login_was_read(&self, at: u32) -> bool {
        let entry = self.entries.get(at);
        let id_alone =
            || self.first_of_id(entry.id).is_some_and(|first| self.is_marked(first, looked_up::ID_ALONE));
        self.is_marked(entry.login, looked_up::LOGIN) || id_alone()
    }

    /// Returns whether any record had the id, the login or the e-mail address of an entry.
    pub(super) fn belongs(&self, at: u32) -> bool {
        let login = self.entries.get(at).login;
        self.id_was_read(at) || self.login_was_read(at) || self.is_marked(login, looked_up::ADDRESS)
    }

    /// Returns whether a record had the id of an entry, in any connection. Returns `false` for an entry without an
    /// id.
    pub(super) fn id_was_read(&self, at: u32) -> bool {
        let id = self.entries.get(at).id;
        self.first_of_id(id).is_some_and(|first| self.is_marked(first, looked_up::ID))
    }
}

fn login_hash(entry: &Entry) -> u64 {
    hash_of_login(entry.id, entry.connection)
}

fn hash_of_login(id: Key, connection: u64) -> u64 {
    id as u64 ^ connection.rotate_left(32)
}
