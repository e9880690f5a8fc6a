//! Reads a file that is joined to users, record by record, and counts its records.

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
    /// The name of the file, as given.
    pub name: Arc<str>,
    /// The number of records read.
    pub records: u64,
    /// The number of records that can be joined to a user.
    pub usable: u64,
    /// The number of records that cannot be used.
    pub bad: u64,
    /// The number of records that cannot be used because they have a hash or a secret, but no id.
    pub without_id: u64,
    /// The first record that cannot be used.
    pub first_bad: Option<BadLine>,
    /// The number of recovery codes, which cannot be imported.
    pub recovery_codes: u64,
    /// The number of MFA factors of other kinds than TOTP, which are not joined.
    pub other_factors: u64,
    /// The tenants that the file names, at most five.
    pub tenants: Vec<String>,
    /// The connections that the file names, at most five.
    pub connections: Vec<String>,
    /// The number of the file's first entry in the table.
    pub(super) from: u32,
}

/// A record of a joined file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct BadLine {
    /// The line on which the record begins, from 1.
    pub line: u64,
    /// What was expected and what was found, in one sentence. Never contains a value.
    pub message: String,
}

/// The maximum number of tenants, and of connections, whose names are kept.
const MAX_NAMES: usize = 5;

impl JoinedFile {
    /// Reads every record of `source`. Calls `take` with each record and its line; `take` returns whether the record
    /// can be joined. Records that cannot be used are counted, and the first one is kept.
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
                    let line = record.position().map_or(0, |position| position.line);
                    match take(&mut file, record.json(), line) {
                        Ok(usable) => file.usable += u64::from(usable),
                        Err(unusable) => {
                            file.without_id += u64::from(unusable.lacks_id());
                            file.add_bad_line(line, unusable.to_string());
                        }
                    }
                }
                Ok(None) => break,
                Err(error) if error.category() == Category::Record => {
                    file.records += 1;
                    let line = error.position().map_or(0, |position| position.line);
                    file.add_bad_line(line, error.kind().to_string());
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

    /// Returns the first file of which no record has any id or address, if any login was looked up. `files` are the
    /// files that filled `table`.
    pub(super) fn unmatched<'f>(files: &'f [Self], table: &JoinTable) -> Option<&'f Self> {
        if !table.was_used() {
            return None;
        }
        files.iter().enumerate().find_map(|(index, file)| {
            let end = files.get(index + 1).map_or(table.len(), |next| next.from);
            (!(file.from..end).any(|at| table.belongs(at))).then_some(file)
        })
    }

    fn add_bad_line(&mut self, line: u64, message: String) {
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

/// Returns the name of the file, one of `files`, from which the entry with number `at` was read.
///
/// # Panics
/// If no file was read.
pub(super) fn file_of(files: &[JoinedFile], at: u32) -> &Arc<str> {
    &files[files.partition_point(|file| file.from <= at) - 1].name
}
