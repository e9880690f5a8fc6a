//! How a source is read.

use super::csv::{CsvDialect, CsvTypes};
use super::error::FormatError;
use super::format::Format;
use super::user_ids::UserIds;
use crate::error::Result;

/// How sources are read; the default is right for every export.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The format, where it is not to be told by content.
    pub format: Option<Format>,
    /// The longest record held in memory; a longer one is rejected. 16 MiB.
    pub max_record_bytes: u64,
    /// How many bytes are read at a time at the most; fewer at first, and where records are short. 1 MiB.
    pub block_bytes: usize,
    /// Accept records of any kind: without it, a hash export or a list of job errors is refused by name.
    pub any_records: bool,
    /// What parts the cells of a CSV, where it is not to be told by the header: an ASCII character.
    pub delimiter: Option<u8>,
    /// How a CSV marks strings, where that is not to be told by its cells.
    pub csv_dialect: Option<CsvDialect>,
    /// How the types of plain CSV are decided.
    pub csv_types: CsvTypes,
    /// The form of user ids. If not set, a [`Pipeline`](crate::pipeline::Pipeline) takes it from the manifest next to a part, and
    /// all else has ids as exported.
    pub user_ids: Option<UserIds>,
}

/// The largest limit a record can have: 1 GiB.
const LARGEST: u64 = 1 << 30;

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            format: None,
            max_record_bytes: 16 << 20,
            block_bytes: 1 << 20,
            any_records: false,
            delimiter: None,
            csv_dialect: None,
            csv_types: CsvTypes::Known,
            user_ids: None,
        }
    }
}

/// Setters, for reading in one expression.
///
/// ```
/// use reimport::record::{Format, ReadOptions};
/// use reimport::{RecordReader, source::Source};
///
/// let options = ReadOptions::new().format(Format::Ndjson).any_records(true);
/// let source = Source::from_reader("hashes", &b"{\"passwordHash\":\"x\"}"[..]);
/// assert!(RecordReader::open(source, &options)?.next_record()?.is_some());
/// # Ok::<(), reimport::Error>(())
/// ```
impl ReadOptions {
    /// The default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the [format](Self::format).
    #[must_use]
    pub fn format(self, format: Format) -> Self {
        Self { format: Some(format), ..self }
    }

    /// Sets the [longest record](Self::max_record_bytes).
    #[must_use]
    pub fn max_record_bytes(self, max_record_bytes: u64) -> Self {
        Self { max_record_bytes, ..self }
    }

    /// Sets the [size of blocks](Self::block_bytes).
    #[must_use]
    pub fn block_bytes(self, block_bytes: usize) -> Self {
        Self { block_bytes, ..self }
    }

    /// Accepts records of [any kind](Self::any_records), or of exports only.
    #[must_use]
    pub fn any_records(self, any_records: bool) -> Self {
        Self { any_records, ..self }
    }

    /// Sets the [delimiter](Self::delimiter) of a CSV.
    #[must_use]
    pub fn delimiter(self, delimiter: u8) -> Self {
        Self { delimiter: Some(delimiter), ..self }
    }

    /// Sets the [dialect](Self::csv_dialect) of a CSV.
    #[must_use]
    pub fn csv_dialect(self, dialect: CsvDialect) -> Self {
        Self { csv_dialect: Some(dialect), ..self }
    }

    /// Sets how the [types of plain CSV](Self::csv_types) are decided.
    #[must_use]
    pub fn csv_types(self, types: CsvTypes) -> Self {
        Self { csv_types: types, ..self }
    }

    /// Sets the form of [user ids](Self::user_ids).
    #[must_use]
    pub fn user_ids(self, user_ids: UserIds) -> Self {
        Self { user_ids: Some(user_ids), ..self }
    }
}

impl ReadOptions {
    /// Refuses what cannot be kept.
    pub(super) fn check(&self) -> Result<()> {
        if self.max_record_bytes > LARGEST {
            return Err(FormatError::LimitTooLarge { limit: LARGEST }.into());
        }
        if self.delimiter.is_some_and(|delimiter| !is_delimiter(delimiter)) {
            return Err(FormatError::Delimiter.into());
        }
        Ok(())
    }
}

/// Whether a byte can be the delimiter of a CSV.
pub(super) fn is_delimiter(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\r' | b'\n' | 0 | 0x80..)
}
