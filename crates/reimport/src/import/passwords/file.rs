//! A file that is joined to users: its reading, record by record, and its counts.

use std::sync::Arc;

use super::error::{JoinError, Unusable};
use super::table::JoinTable;
use crate::error::{Category, Result};
use crate::record::{ReadOptions, RecordReader};
use crate::source::Source;

/// A file of password hashes or MFA secrets that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct JoinedFile {
    /// Its name, as given.
    pub name: Arc<str>,
    /// Records read.
    pub records: u64,
    /// Records that can be joined to a user.
    pub usable: u64,
    /// Records that cannot be used.
    pub bad: u64,
    /// How many of those have a hash or a secret, but no id.
    pub without_id: u64,
    /// The first record that cannot be used.
    pub first_bad: Option<BadLine>,
    /// Recovery codes, which cannot be imported.
    pub recovery_codes: u64,
    /// MFA factors of other kinds than TOTP, which are not joined.
    pub other_factors: u64,
    /// The tenants that it names, at most five.
    pub tenants: Vec<String>,
    /// The connections that it names, at most five.
    pub connections: Vec<String>,
    /// The number of its first entry in the table.
    pub(super) from: u32,
}

/// One record of such a file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadLine {
    /// The line on which it begins, counted from 1.
    pub line: u64,
    /// One sentence: what was expected, what was found. Never a value.
    pub message: String,
}

/// The most names kept of one kind.
const MAX_NAMES: usize = 5;

impl JoinedFile {
    /// Reads every record of `source`. `take` gets each with its line and returns whether it can be joined. Records that
    /// cannot be used are counted, and the first is kept.
    pub(super) fn read(
        source: Source,
        what: &'static str,
        from: u32,
        mut take: impl FnMut(&mut Self, &str, u64) -> std::result::Result<bool, Unusable>,
    ) -> Result<Self> {
        let options = ReadOptions { any_records: true, ..ReadOptions::default() };
        let mut file = Self {
            name: Arc::clone(source.name()),
            records: 0,
            usable: 0,
            bad: 0,
            without_id: 0,
            first_bad: None,
            recovery_codes: 0,
            other_factors: 0,
            tenants: Vec::new(),
            connections: Vec::new(),
            from,
        };
        let mut reader = RecordReader::open(source, &options)?;
        loop {
            match reader.next_record() {
                Ok(Some(record)) => {
                    file.records += 1;
                    let line = record.position().line;
                    match take(&mut file, record.json(), line) {
                        Ok(usable) => file.usable += u64::from(usable),
                        Err(unusable) => {
                            file.without_id += u64::from(unusable.lacks_id());
                            file.spoil(line, unusable.to_string());
                        }
                    }
                }
                Ok(None) => break,
                Err(error) if error.category() == Category::Record => {
                    file.records += 1;
                    let line = error.position().map_or(0, |position| position.line);
                    file.spoil(line, error.kind().to_string());
                }
                Err(error) => return Err(error),
            }
        }
        if file.usable == 0 {
            let (records, first) = (file.records, file.first_bad);
            let error = JoinError::NothingUsable { what, records, first };
            return Err(crate::error::Error::new(error).in_source(&file.name));
        }
        Ok(file)
    }

    /// The first of `files`, which filled `table`, of which no record has an id or an address, if any was
    /// asked for.
    pub(super) fn unmatched<'f>(files: &'f [Self], table: &JoinTable) -> Option<&'f Self> {
        if !table.was_asked() {
            return None;
        }
        files.iter().enumerate().find_map(|(index, file)| {
            let end = files.get(index + 1).map_or(table.len(), |next| next.from);
            (!(file.from..end).any(|at| table.belongs(at))).then_some(file)
        })
    }

    fn spoil(&mut self, line: u64, message: String) {
        self.bad += 1;
        self.first_bad.get_or_insert(BadLine { line, message });
    }

    /// Keeps the names of the tenant and the connection of a record.
    pub(super) fn name_origin(&mut self, tenant: Option<&str>, connection: Option<&str>) {
        for (names, name) in [(&mut self.tenants, tenant), (&mut self.connections, connection)] {
            if let Some(name) = name
                && names.len() < MAX_NAMES
                && !names.iter().any(|known| known == name)
            {
                names.push(name.to_owned());
            }
        }
    }
}

/// The name of the file, one of `files`, of which the entry of that number was read.
///
/// # Panics
/// If no file was read.
pub(super) fn file_of(files: &[JoinedFile], at: u32) -> &Arc<str> {
    &files[files.partition_point(|file| file.from <= at) - 1].name
}
