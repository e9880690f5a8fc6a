//! The password hashes of a run.

use std::fmt;
use std::sync::Arc;

use super::by_email::{AddressKey, Addresses};
use super::error::Unusable;
use super::file::{JoinedFile, file_of};
use super::hash_record::{HashRecord, filled};
use super::login::{Login, LoginId, each_id, each_linked};
use super::reason::Reason;
use super::table::{JoinTable, NewEntry};
use crate::error::Result;
use crate::import::user::User;
use crate::source::Source;

/// Password hashes from one or more hash exports, to be joined by [`Rules::passwords`](crate::Rules::passwords).
///
/// A table takes about 150 bytes per hash. It serves one run, because it records which hashes had a user. Any number
/// of threads may query it.
///
/// ```
/// use reimport::import::PasswordTable;
/// use reimport::source::Source;
///
/// let export = br#"{"_id":{"$oid":"5f7"},"email":"a@example.com","connection":"Users","tenant":"acme",
/// "passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"}"#;
/// let line: Vec<u8> = export.iter().copied().filter(|byte| *byte != b'\n').collect();
/// let table = PasswordTable::new().read(Source::from_reader("hashes.json", std::io::Cursor::new(line)))?;
/// assert_eq!(table.hashes(), 1);
/// assert_eq!(table.files()[0].tenants, ["acme"]);
/// assert_eq!(table.orphans().count(), 1);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Default)]
pub struct PasswordTable {
    table: JoinTable,
    files: Vec<JoinedFile>,
    hashes: u64,
    duplicates: u64,
    newest: Option<i64>,
    /// Present if users without any id are joined by e-mail address.
    addresses: Option<Addresses>,
}

/// The place of a hash. [`PasswordTable::orphans`] returns the places of hashes without a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Orphan<'t> {
    /// The name of the file.
    pub file: &'t Arc<str>,
    /// The line in the file, from 1.
    pub line: u64,
}

/// A hash that was found for a user.
#[derive(Debug, Clone, Copy)]
pub(in crate::import) struct Hash<'t> {
    /// Whether it was found by e-mail address, not by id.
    pub(super) by_email: bool,
    /// The JSON text: a string for `password_hash`, or an object for `custom_password_hash`.
    pub(in crate::import) json: &'t str,
    pub(in crate::import) set_at: Option<i64>,
    pub(super) origin: Orphan<'t>,
}

/// A login to look up, and the user it belongs to.
#[derive(Clone, Copy)]
pub(in crate::import) struct Wanted<'w, 'a> {
    pub(in crate::import) login: &'w Login<'a>,
    pub(in crate::import) user: &'w User<'a>,
    /// Called if the login has no id. Returns the reason why the user may not be joined by e-mail address, if there
    /// is one.
    pub(in crate::import) by_address: &'w dyn Fn() -> std::result::Result<(), Reason>,
}

impl PasswordTable {
    /// Creates an empty table that joins by id.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty table that joins by id, and users without any id by connection and e-mail address.
    ///
    /// This needs a first pass over all records, with [`Rules::email_pass`](crate::Rules::email_pass). Without it, no
    /// user is joined by address. The addresses take about 40 bytes more per hash.
    pub fn by_email() -> Self {
        Self { addresses: Some(Addresses::default()), ..Self::default() }
    }

    /// Adds the hashes of one export: NDJSON or a JSON array, plain or gzipped.
    ///
    /// Records that cannot be used are not an error. They are counted in the [`JoinedFile`] of the export. If a login
    /// has several hashes, the one set last counts. If it is not certain which one that is, none counts.
    ///
    /// # Errors
    /// If the file cannot be read to its end, or has no usable hash.
    pub fn read(mut self, source: Source) -> Result<Self> {
        let from = self.table.len();
        let file = JoinedFile::read(source, "password hashes", from, |file, json, line| {
            // The reader has validated the record.
            let record = HashRecord::read(json).unwrap_or_default();
            file.name_origin(record.tenant.as_deref(), record.connection.as_deref());
            self.add(&record, line)
        })?;
        self.files.push(file);
        Ok(self)
    }

    fn add(&mut self, record: &HashRecord<'_>, line: u64) -> std::result::Result<bool, Unusable> {
        let connection = record.connection.as_deref();
        if record.odd_connection {
            return Err(Unusable::OddConnection);
        }
        if record.id.is_none() && (self.addresses.is_none() || record.emails.is_empty()) {
            return Err(if record.hash.is_some() { Unusable::NoId } else { Unusable::NoHash });
        }
        let mut spaceless = Vec::new();
        let text = record.hash.map(|hash| {
            if !hash.is_spaced() {
                return hash.json();
            }
            hash.write_compact(&mut spaceless);
            std::str::from_utf8(&spaceless).unwrap_or_default()
        });
        let (entry, known) = self.table.add(NewEntry {
            id: record.id.as_deref(),
            connection,
            tenant: record.tenant.as_deref(),
            set_at: record.set_at,
            line,
            text,
        });
        if let Some(addresses) = &mut self.addresses {
            for (place, email) in record.emails.iter().enumerate() {
                let address = AddressKey::of(connection, email, &self.table);
                let is_new = |before: &&str| AddressKey::of(connection, before, &self.table) != address;
                if record.emails[..place].iter().all(|before| is_new(&&**before)) {
                    addresses.add(address, entry, record.id.is_some(), &mut self.table);
                }
            }
        }
        if text.is_none() {
            return Err(Unusable::NoHash);
        }
        self.hashes += 1;
        self.duplicates += u64::from(known);
        self.newest = self.newest.max(record.set_at);
        Ok(true)
    }

    /// Returns the files, in the order in which they were read.
    pub fn files(&self) -> &[JoinedFile] {
        &self.files
    }

    /// Returns the number of usable hashes.
    pub fn hashes(&self) -> u64 {
        self.hashes
    }

    /// Returns the number of usable hashes whose login has an earlier record.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// Returns the hashes whose login no record so far has, in the order in which they were read.
    ///
    /// The result is meaningful only after a run that read all its input: users beyond a limit are never looked up.
    pub fn orphans(&self) -> impl Iterator<Item = Orphan<'_>> {
        (0..self.table.len())
            .filter(|at| self.table.has_text(*at) && !self.table.login_was_read(*at))
            .map(|at| self.origin(at))
    }

    /// Returns the first file of which no record has any id, if any login was looked up.
    pub(in crate::import) fn unmatched(&self) -> Option<&JoinedFile> {
        JoinedFile::unmatched(&self.files, &self.table)
    }

    /// Returns whether a user created at this time is newer than the last password change in the files.
    pub(super) fn is_older_than(&self, created: i64) -> bool {
        self.newest.is_some_and(|newest| created > newest)
    }

    /// Returns the place of an entry.
    pub(super) fn origin(&self, at: u32) -> Orphan<'_> {
        Orphan { file: file_of(&self.files, at), line: self.table.line(at) }
    }

    /// Marks the logins of a user as read.
    pub(in crate::import) fn mark_user(&self, user: &User<'_>, is_database: bool) {
        self.table.mark_user(user, is_database);
    }

    /// Marks the logins that are linked to a user as read.
    pub(in crate::import) fn mark_linked(&self, user: &User<'_>) {
        self.table.mark_linked(user);
    }

    /// Appends the addresses of a user and of its linked logins, for [`count`](Self::count).
    pub(in crate::import) fn addresses_of(&self, user: &User<'_>, addresses: &mut Vec<AddressKey>) {
        let mut add = |connection: Option<&str>, email: Option<&str>| {
            addresses.extend(email.map(|email| AddressKey::of(connection, email, &self.table)));
        };
        add(user.connection_name().as_deref(), user.email().as_deref());
        each_linked(user, |login, identity| {
            let email = identity.profile_data.and_then(|profile| profile.member("email")).and_then(filled);
            add(login.connection_name(), email.as_deref());
        });
    }

    /// Counts the addresses of one record in the first pass, and marks all its ids as read.
    pub(in crate::import) fn count(&self, json: &str, addresses: &[AddressKey]) {
        let Some(counted) = &self.addresses else { return };
        for address in addresses {
            counted.count(*address, &self.table);
        }
        each_id(json, |id| {
            if let Some(id) = id {
                self.table.mark_id(&id);
            }
        });
    }

    /// Records that a record of the first pass could not be read.
    pub(in crate::import) fn mark_unreadable(&self) {
        if let Some(counted) = &self.addresses {
            counted.mark_unreadable();
        }
    }

    /// Returns the place of a hash that names no connection and whose id belongs to logins of several connections.
    pub(in crate::import) fn claimed_twice(&self) -> Option<Orphan<'_>> {
        self.table.claimed_twice().map(|at| self.origin(at))
    }

    /// Returns the hash of a user's own login.
    pub(in crate::import) fn find(&self, wanted: &Wanted<'_, '_>) -> std::result::Result<Hash<'_>, Reason> {
        let found = self.table.find(wanted.login);
        let (by_email, at) = match wanted.login.id {
            LoginId::Known(_) => (false, Reason::of(found)?),
            LoginId::Disagrees(..) => return Err(Reason::IdsDisagree),
            LoginId::None => {
                let addresses = self.addresses.as_ref().ok_or(Reason::NoId)?;
                (wanted.by_address)()?;
                let (email, connection) = (wanted.user.email(), wanted.login.connection_name());
                let address = email.map(|email| AddressKey::of(connection, &email, &self.table));
                let entry =
                    addresses.join(address.ok_or(Reason::NoId)?, wanted.user.created_at(), &self.table);
                (true, entry?)
            }
        };
        let (json, set_at) = (self.table.text(at), self.table.set_at(at));
        Ok(Hash { by_email, json, set_at, origin: self.origin(at) })
    }
}

impl fmt::Debug for PasswordTable {
    /// Shows the number of hashes, and no hash.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasswordTable({} hashes of {} files)", self.hashes(), self.files.len())
    }
}
