//! Joining by e-mail address: for users without any id, and only if a first pass over all records shows it to be certain.

use std::sync::atomic::{AtomicU8, Ordering};

use hashbrown::HashTable;

use super::chunks::Chunks;
use super::reason::Reason;
use super::table::{Found, Key, Table};

/// The addresses of a hash export, each in its connection.
#[derive(Debug, Default)]
pub(super) struct Addresses {
    list: Chunks<Address>,
    index: HashTable<u32>,
}

#[derive(Debug)]
struct Address {
    key: Key,
    /// The first entry with it.
    entry: u32,
    /// Records of hash exports that have it: 1, or 2 for more.
    hashes: u8,
    /// Logins of users that have it, as the first pass counted them: up to 2, which stands for more.
    users: AtomicU8,
}

/// The longest time from setting a password to the creation of its user: both happen at sign-up.
const SIGN_UP_MS: i64 = 60_000;

impl Addresses {
    /// Adds the address of a record, usable or not.
    pub(super) fn add(&mut self, key: Key, entry: u32) {
        if let Some(at) = self.find(key) {
            self.list.get_mut(at).hashes = 2;
            return;
        }
        let Self { list, index } = self;
        index.insert_unique(key as u64, list.len(), |at| list.get(*at).key as u64);
        list.push(Address { key, entry, hashes: 1, users: AtomicU8::new(0) });
    }

    /// Counts a login of a user with that address, in the first pass.
    pub(super) fn count(&self, key: Key, table: &Table) {
        let Some(at) = self.find(key) else { return };
        let Address { entry, users, .. } = self.list.get(at);
        table.mark_address(*entry);
        // Two are as many as more, and the count never goes down.
        let _ = users
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |users| (users < 2).then_some(users + 1));
    }

    /// The entry to join to a user without an id, created at that moment.
    ///
    /// The address must be that of one user and of one hash record; the hash must be of no user's id; and the user must
    /// have been created at most a minute after the password was set. So somebody who signed up with the former address
    /// of another user never gets that user's hash.
    pub(super) fn join(&self, key: Key, created: Option<i64>, table: &Table) -> Result<u32, Reason> {
        let address = self.find(key).map(|at| self.list.get(at)).ok_or(Reason::NotInFile)?;
        // A count of 0: no first pass was made.
        if address.hashes != 1 || address.users.load(Ordering::Relaxed) != 1 {
            return Err(Reason::SharedAddress);
        }
        let entry = address.entry;
        if table.id_was_read(entry) {
            return Err(Reason::AddressOfAnotherId);
        }
        match table.counts_for_login_of(entry) {
            Found::Entry(counts) if counts == entry => {}
            Found::NoText(entry) => return Err(Reason::NoHash(entry)),
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
