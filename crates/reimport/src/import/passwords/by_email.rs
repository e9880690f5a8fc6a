//! Joins by e-mail address: only users without any id, and only if a first pass over all records shows that the join
//! is certain.

use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};

use hashbrown::HashTable;

use super::chunks::Chunks;
use super::reason::Reason;
use super::table::{JoinMatch, JoinTable, Key};

/// The e-mail addresses of the hash exports, each in its connection.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    list: Chunks<Address>,
    index: HashTable<u32>,
    /// The first item with each address, in any connection.
    by_email: HashTable<u32>,
    /// Whether a record of the first pass could not be read. Such a record may have any address or id.
    unreadable: AtomicBool,
}

/// The keys by which an address is looked up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::import) struct AddressKey {
    /// The key of the address in its connection, or in none.
    in_connection: Key,
    /// The key of the address alone.
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
    /// The first entry of the table that has the address.
    entry: u32,
    /// The number of records of hash exports that have the address: 1, or 2 for more than one.
    hashes: u8,
    /// The number of logins of users that have the address, as counted in the first pass. Never above 2, which means
    /// 2 or more.
    users: AtomicU8,
    /// In the first item with an address: whether a login of a user has the address without a connection.
    unnamed_user: AtomicBool,
}

/// The longest time from setting a password to the creation of its user. Both happen at sign-up.
const SIGN_UP_MS: i64 = 60_000;

impl Addresses {
    /// Adds an address of a record, whether the record is usable or not. If the same record is repeated, in the same
    /// file or another, it counts as one record.
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

    /// Counts a login of a user with this address, in the first pass.
    pub(super) fn count(&self, address: AddressKey, table: &JoinTable) {
        let first = self.by_email.find(address.email, |at| self.list.get(*at).email == address.email);
        if let Some(&first) = first.filter(|_| !address.is_named) {
            self.list.get(first).unnamed_user.store(true, Ordering::Relaxed);
        }
        let Some(at) = self.find(address.in_connection) else { return };
        let Address { entry, users, .. } = self.list.get(at);
        table.mark_address(*entry);
        // The count stops at 2, and never decreases.
        let _ = users
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |users| (users < 2).then_some(users + 1));
    }

    /// Records that a record of the first pass could not be read.
    pub(super) fn mark_unreadable(&self) {
        self.unreadable.store(true, Ordering::Relaxed);
    }

    /// Returns the entry to join to a user without an id, created at `created`.
    ///
    /// - The address must belong to one user and one hash record, and to no other user or record that names no
    ///   connection.
    /// - No record may have the id of the hash.
    /// - The user must have been created at most a minute after the password was set.
    ///
    /// So a user that signed up with the former address of another user never gets that user's hash.
    pub(super) fn join(
        &self,
        wanted: AddressKey,
        created: Option<i64>,
        table: &JoinTable,
    ) -> Result<u32, Reason> {
        let address = self.find(wanted.in_connection).map(|at| self.list.get(at));
        let address = address.filter(|_| wanted.is_named).ok_or(Reason::NotInFile)?;
        // A count of 0 means that there was no first pass.
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
        match table.match_of_login(entry) {
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
