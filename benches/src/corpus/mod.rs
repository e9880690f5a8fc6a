//! [`Corpus`]: a seeded, invented export of any number of users, with the counts that a reader must find in it.
//!
//! The same seed and options give the same bytes on every machine. A user at an index does not depend on the number
//! of users. By default every record is well formed, every database user can be imported, and ids, e-mail
//! addresses, user names and phone numbers are unique. Bad and repeated records are written only on request, and
//! are counted. Options are not checked: a value above 1000 per thousand means all.

mod csv;
mod fate;
mod json;
mod names;
mod passwords;
mod random;
mod stats;
mod strategy;
mod time;
mod user;

pub use fate::Bad;
pub use stats::Stats;
pub use strategy::Strategy;
pub use user::User;

use std::io::{self, Write};

use fate::Fate;
use random::Random;

/// Number of bytes that are collected before a write.
const CHUNK: usize = 64 * 1024;

/// The format of the export.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// One JSON object per line, as the `json` format of the export job.
    #[default]
    Ndjson,
    /// One JSON array, with one element per line.
    Array,
    /// The CSV dialect of the export job, with 30 columns.
    Csv,
}

/// An export that can be written: a seed and options.
///
/// ```
/// let corpus = reimport_benches::Corpus::new(1).users(10);
/// let mut export = Vec::new();
/// let stats = corpus.write(&mut export)?;
/// assert_eq!(export.iter().filter(|byte| **byte == b'\n').count(), 10);
/// assert_eq!(stats.importable + stats.not_database, 10);
/// assert_eq!(corpus.user(3).user_id(), corpus.users(1_000_000).user(3).user_id());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Corpus {
    seed: u64,
    users: u64,
    connections: u64,
    columns: usize,
    bad: u64,
    duplicates: u64,
    nulls: bool,
    format: Format,
}

impl Corpus {
    /// Returns a corpus of 1000 valid users, of one database connection and seven other strategies.
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            users: 1000,
            connections: 1,
            columns: 0,
            bad: 0,
            duplicates: 0,
            nulls: false,
            format: Format::Ndjson,
        }
    }

    /// Sets the number of records. Must be below 10^10.
    pub fn users(mut self, users: u64) -> Self {
        self.users = users;
        self
    }

    /// Sets the number of database connections of the database users. 0 means 1.
    pub fn connections(mut self, connections: u64) -> Self {
        self.connections = connections;
        self
    }

    /// Sets the number of extra values in every `app_metadata`. They are below the key `columns`.
    pub fn columns(mut self, columns: usize) -> Self {
        self.columns = columns;
        self
    }

    /// Sets how many of 1000 records are [`Bad`], on average.
    pub fn bad(mut self, permille: u64) -> Self {
        self.bad = permille;
        self
    }

    /// Sets how many of 1000 database users repeat an earlier one, on average.
    pub fn duplicates(mut self, permille: u64) -> Self {
        self.duplicates = permille;
        self
    }

    /// Sets whether absent properties are written as `null`. Has no effect on CSV.
    pub fn nulls(mut self, nulls: bool) -> Self {
        self.nulls = nulls;
        self
    }

    /// Sets the format of the export.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// Returns the valid user at `index`, even if the record there is bad or repeated.
    pub fn user(&self, index: u64) -> User {
        User::draw(self.seed, index, self.connections, self.columns)
    }

    /// Writes the export and returns its statistics.
    ///
    /// # Errors
    ///
    /// Any error of `out`.
    pub fn write(&self, mut out: impl Write) -> io::Result<Stats> {
        let mut stats = Stats::default();
        let mut chunk = Vec::with_capacity(2 * CHUNK);
        match self.format {
            Format::Ndjson => {}
            Format::Array => chunk.extend_from_slice(b"[\n"),
            Format::Csv => csv::write_header(&mut chunk, self.columns),
        }
        for index in 0..self.users {
            if self.format == Format::Array && index > 0 {
                chunk.extend_from_slice(b",\n");
            }
            self.write_record(&mut chunk, index, &mut stats);
            if chunk.len() >= CHUNK {
                stats.bytes += chunk.len() as u64;
                out.write_all(&chunk)?;
                chunk.clear();
            }
        }
        if self.format == Format::Array {
            chunk.extend_from_slice(b"\n]\n");
        }
        stats.bytes += chunk.len() as u64;
        out.write_all(&chunk)?;
        out.flush()?;
        Ok(stats)
    }

    /// Writes the export as NDJSON, for any [`format`](Self::format), and returns its statistics.
    ///
    /// # Errors
    ///
    /// Any error of `out`.
    pub fn write_ndjson(&self, out: impl Write) -> io::Result<Stats> {
        self.clone().format(Format::Ndjson).write(out)
    }

    /// Writes the password export of the corpus as NDJSON, and returns the number of its records.
    ///
    /// Every database identity of the corpus has at most one record. Identities of bad records have records too.
    ///
    /// # Errors
    ///
    /// Any error of `out`.
    pub fn write_passwords(&self, out: impl Write) -> io::Result<u64> {
        let mut out = io::BufWriter::with_capacity(CHUNK, out);
        let mut records = 0;
        for index in 0..self.users {
            if !matches!(self.fate(index), Fate::Duplicate(..)) {
                records += passwords::write_records(&mut out, self.seed, &self.user(index))?;
            }
        }
        out.flush()?;
        Ok(records)
    }

    fn write_record(&self, out: &mut Vec<u8>, index: u64, stats: &mut Stats) {
        let mut user = self.user(index);
        let fate = self.fate(index);
        let mut random = Random::new(self.seed, index, "bad");
        stats.count(&user, fate);
        let mut not_readable = None;
        match fate {
            Fate::Clean => {}
            Fate::Duplicate(how, original) => fate::repeat(&mut user, how, &self.user(original)),
            Fate::Bad(kind) => {
                fate::corrupt(&mut user, kind, &mut random);
                not_readable = matches!(kind, Bad::Unreadable | Bad::NotObject).then_some(kind);
            }
        }
        match (self.format, not_readable) {
            (Format::Csv, None) => csv::write_user(out, &user, self.columns),
            (Format::Csv, Some(_)) => csv::write_short(out, &user),
            (_, None) => json::write_user(out, &user, self.nulls),
            (_, Some(Bad::NotObject)) => json::write_not_object(out, &mut random),
            (_, Some(_)) => json::write_unreadable(out, &user, &mut random),
        }
        if self.format == Format::Ndjson {
            out.push(b'\n');
        }
    }
}
