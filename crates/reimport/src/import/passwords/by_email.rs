//! Joining by e-mail address: for users without any id, and only if a first pass over all records shows it to be certain.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use hashbrown::HashTable;

use super::chunks::Chunks;
use super::reason::Reason;
use super::table::{JoinMatch, JoinTable, Key};

/// The addresses of a hash export, each in its connection.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    list: Chunks<Address>,
    index: HashTable<u32>,
    /// The first entry of each address, whatever its connection.
    by_email: HashTable<u32>,
    /// A record of the first pass could not be read: it may have any address or id.
    unreadable: AtomicBool,
}

/// An address as it is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) struct AddressKey {
    /// The address in its connection, or in none.
    in_connection: Key,
    /// The address alone.
    email: u64,
    /// Whether a connection is named.
    is_named: bool,
}

impl AddressKey {
    pub(super) fn of(connection: Option<&str>, email: &str, table: &JoinTable) -> Self {
        let unnamed = table.email_key("", email);
        let in_connection = connection.map_or(unnamed, |connection| table.email_key(connection, email));
        Self { in_connection, email: unnamed as u64, is_named: connection.is_some() }
    }
}

#[derive(Debug)]
struct Address {
    key: Key,
    email: u64,
    /// The first entry with it.
    entry: u32,
    /// Records of hash exports that have it: 1, or 2 for more.
    hashes: u8,
    /// Logins of users that have it, as the first pass counted them: up to 2, which stands for more.
    users: AtomicU8,
    /// In the first entry of an address: a login of a user has it without a connection.
    unnamed_user: AtomicBool,
}

/// The longest time from setting a password to the creation of its user: both happen at sign-up.
const SIGN_UP_MS: i64 = 60_000;

impl Addresses {
    /// Adds an address of a record, usable or not. The same record again, in the same file or another, is one record.
    pub(super) fn add(&mut self, address: AddressKey, entry: u32, has_id: bool, table: &mut JoinTable) {
        let AddressKey { in_connection: key, email, .. } = address;
        let Self { list, index, by_email, .. } = self;
        if let Some(&at) = index.find(key as u64, |at| list.get(*at).key == key) {
            let known = list.get_mut(at);
            if !has_id && !table.has_id(known.entry) {
                table.join_logins(entry, known.entry);
            }
            if !table.is_same_record(entry, known.entry) {
                known.hashes = 2;
            }
            return;
        }
        index.insert_unique(key as u64, list.len(), |at| list.get(*at).key as u64);
        if by_email.find(email, |at| list.get(*at).email == email).is_none() {
            by_email.insert_unique(email, list.len(), |at| list.get(*at).email);
        }
        let (users, unnamed_user) = (AtomicU8::new(0), AtomicBool::new(false));
        list.push(Address { key, email, entry, hashes: 1, users, unnamed_user });
    }

    /// Counts a login of a user with that address, in the first pass.
    pub(super) fn count(&self, address: AddressKey, table: &JoinTable) {
        let first = self.by_email.find(address.email, |at| self.list.get(*at).email == address.email);
        if let Some(&first) = first.filter(|_| !address.is_named) {
            self.list.get(first).unnamed_user.store(true, Ordering::Relaxed);
        }
        let Some(at) = self.find(address.in_connection) else { return };
        let Address { entry, users, .. } = self.list.get(at);
        table.mark_address(*entry);
        // Two are as many as more, and the count never goes down.
        let _ = users
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |users| (users < 2).then_some(users + 1));
    }

    /// Notes that a record of the first pass could not be read.
    pub(super) fn mark_unreadable(&self) {
        self.unreadable.store(true, Ordering::Relaxed);
    }

    /// The entry to join to a user without an id, created at that moment.
    ///
    /// The address must be that of one user and of one hash record, and of no other that names no connection; the hash
    /// must be of no id of a record; and the user must have been created at most a minute after the password was set. So
    /// a user that signed up with the former address of another user never gets that user's hash.
    pub(super) fn join(
        &self,
        wanted: AddressKey,
        created: Option<i64>,
        table: &JoinTable,
    ) -> Result<u32, Reason> {
        let address = self.find(wanted.in_connection).map(|at| self.list.get(at));
        let address = address.filter(|_| wanted.is_named).ok_or(Reason::NotInFile)?;
        // A count of 0: no first pass was made.
        if address.hashes != 1 || address.users.load(Ordering::Relaxed) != 1 {
            return Err(Reason::SharedAddress);
        }
        let first = self.by_email.find(wanted.email, |at| self.list.get(*at).email == wanted.email);
        let unnamed_user = first.is_some_and(|at| self.list.get(*at).unnamed_user.load(Ordering::Relaxed));
        let of_email =
            |address: &Address| address.email == wanted.email && address.key as u64 == wanted.email;
        let unnamed_hash = self.index.find(wanted.email, |at| of_email(self.list.get(*at))).is_some();
        if unnamed_user || unnamed_hash {
            return Err(Reason::SharedAddress);
        }
        if self.unreadable.load(Ordering::Relaxed) {
            return Err(Reason::UnreadableRecord);
        }
        let entry = address.entry;
        if table.id_was_read(entry) {
            return Err(Reason::AddressOfAnotherId);
        }
        match table.counts_for_login_of(entry) {
            JoinMatch::Entry(counts) if table.is_same_record(counts, entry) => {}
            JoinMatch::NoText(entry) => return Err(Reason::NoHash(entry)),
            _ => return Err(Reason::SeveralHashes),
        }
        let (Some(created), Some(set)) = (created, table.set_at(entry)) else {
            return Err(Reason::UnknownDates);
        };
        if created.saturating_sub(set) > SIGN_UP_MS {
            return Err(Reason::SignedUpLater);
        }
        table.mark_joined(entry);
        Ok(entry)
    }

    fn find(&self, key: Key) -> Option<u32> {
        self.index.find(key as u64, |at| self.list.get(*at).key == key).copied()
    }
}
