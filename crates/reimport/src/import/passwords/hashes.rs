//! The password hashes of a run.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::file::JoinedFile;
use super::hash_record::HashRecord;
use super::join::{Hash, JoinedBy, Wanted};
use super::table::{NewEntry, Table};
use crate::error::Result;
use crate::source::Source;

/// Password hashes from one or more hash exports, to be joined by [`Rules::passwords`](crate::Rules::passwords).
///
/// About 150 bytes a hash. Looking up is done from any number of threads; which hashes had a user is remembered, so a
/// table serves one run.
///
/// ```
/// use reimport::import::PasswordTable;
/// use reimport::source::Source;
///
/// let export = br#"{"_id":{"$oid":"5f7"},"email":"a@example.com","connection":"Users","tenant":"acme",
/// "passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4v"}"#;
/// let line: Vec<u8> = export.iter().copied().filter(|byte| *byte != b'\n').collect();
/// let table = PasswordTable::new().read(Source::from_reader("hashes.json", std::io::Cursor::new(line)))?;
/// assert_eq!(table.hashes(), 1);
/// assert_eq!(table.files()[0].tenants, ["acme"]);
/// assert_eq!(table.orphans().count(), 1);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Default)]
pub struct PasswordTable {
    table: Table,
    files: Vec<JoinedFile>,
    duplicates: u64,
    newest: Option<i64>,
    asked: AtomicBool,
}

/// A hash without a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Orphan<'t> {
    /// The name of its file.
    pub file: &'t Arc<str>,
    /// The line there, counted from 1.
    pub line: u64,
}

impl PasswordTable {
    /// No hashes yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the hashes of one export: NDJSON or a JSON array, plain or gzipped.
    ///
    /// Records that cannot be used are counted in its [`JoinedFile`], and are no error. Of two hashes of one user the
    /// one set later counts.
    ///
    /// # Errors
    /// Where the file cannot be read to its end, and where it has no usable hash at all.
    pub fn read(mut self, source: Source) -> Result<Self> {
        let from = self.table.len();
        let file = JoinedFile::read(source, "password hashes", from, |file, json, line| {
            // The reader has validated it.
            let record = HashRecord::read(json).unwrap_or_default();
            let (tenant, connection) = (record.tenant.as_deref(), record.connection.as_deref());
            file.name_origin(tenant, connection);
            let hash = record.usable()?;
            let mut text = Vec::new();
            let compact = if hash.is_spaced() {
                hash.write_compact(&mut text);
                std::str::from_utf8(&text).unwrap_or("null")
            } else {
                hash.text()
            };
            let email = record.email.as_deref().zip(connection);
            self.duplicates += u64::from(self.table.add(NewEntry {
                id: record.id.as_deref().map(|id| self.table.id_key(id)),
                email: email.map(|(email, connection)| self.table.email_key(connection, email)),
                set_at: record.set_at,
                line,
                text: compact,
            }));
            self.newest = self.newest.max(record.set_at);
            Ok(true)
        })?;
        self.files.push(file);
        Ok(self)
    }

    /// The files, in the order read.
    pub fn files(&self) -> &[JoinedFile] {
        &self.files
    }

    /// How many usable hashes there are.
    pub fn hashes(&self) -> u64 {
        u64::from(self.table.len())
    }

    /// How many of them share a key with one that was read before.
    pub fn duplicates(&self) -> u64 {
        self.duplicates
    }

    /// The hashes that belong to no user asked for so far, in the order read.
    ///
    /// It says something only after a run that read its exports whole: users behind a limit are never asked for.
    pub fn orphans(&self) -> impl Iterator<Item = Orphan<'_>> {
        let have = self.table.have_users();
        (0..self.table.len()).filter(move |at| !have[*at as usize]).filter_map(|at| {
            let file = self.files.iter().rev().find(|file| file.from <= at)?;
            Some(Orphan { file: &file.name, line: self.table.line(at) })
        })
    }

    /// The first file of which no hash had a user, though users were asked for.
    pub(in crate::import) fn unmatched(&self) -> Option<&JoinedFile> {
        JoinedFile::unmatched(&self.files, &self.table, &self.asked)
    }

    /// Whether somebody who signed up at that moment came after the last change that the files know.
    pub(super) fn is_older_than(&self, signed_up: i64) -> bool {
        self.newest.is_some_and(|newest| signed_up > newest)
    }

    /// The hash of a user, and by what it was found; every hash of that user counts as having one.
    pub(in crate::import) fn find(&self, wanted: &Wanted<'_>) -> Option<Hash<'_>> {
        self.asked.store(true, Ordering::Relaxed);
        let mut found = wanted.in_table(&self.table);
        if found.is_none()
            && let (Some(connection), Some(email)) = (wanted.connection, wanted.email)
        {
            let at = self.table.by_email(self.table.email_key(connection, email));
            found = at.map(|at| (JoinedBy::ConnectionAndEmail, at));
        }
        let (by, at) = found?;
        self.table.mark(at);
        Some(Hash { by, json: self.table.text(at), set_at: self.table.set_at(at) })
    }
}

impl fmt::Debug for PasswordTable {
    /// Shows how many hashes there are, and none of them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PasswordTable({} hashes of {} files)", self.hashes(), self.files.len())
    }
}
