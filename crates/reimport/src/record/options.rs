//! Options for reading sources.

use super::csv::{CsvDialect, CsvTypes};
use super::error::FormatError;
use super::format::Format;
use super::user_ids::UserIds;
use crate::error::Result;

/// Options for reading sources. The defaults are right for all exports.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ReadOptions {
    /// The input format. Detected from the content if not set.
    pub format: Option<Format>,
    /// The maximum size of a record in bytes. A longer record is rejected and not kept in memory. Default: 16 MiB.
    pub max_record_bytes: u64,
    /// The maximum number of bytes read at a time. Less is read at first, and if records are short. Default: 1
    /// MiB.
    pub block_bytes: usize,
    /// Accept records of any kind. If `false`, files such as a hash export or a list of job errors are rejected
    /// with a specific error.
    pub any_records: bool,
    /// The delimiter of CSV input, an ASCII character. Detected from the header if not set.
    pub delimiter: Option<u8>,
    /// The dialect of CSV input. Detected from the cells if not set.
    pub csv_dialect: Option<CsvDialect>,
    /// How the types of plain CSV are determined.
    pub csv_types: CsvTypes,
    /// The form of user ids. If not set, a [`Pipeline`](crate::pipeline::Pipeline) takes it from the manifest next
    /// to a part; in all other cases, user ids are as exported.
    pub user_ids: Option<UserIds>,
}

/// The maximum of the limit on the size of a record: 1 GiB.
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

/// Setters, for building options in one expression.
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
    /// Creates the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the [format](Self::format).
    #[must_use]
    pub fn format(self, format: Format) -> Self {
        Self { format: Some(format), ..self }
    }

    /// Sets the [maximum size of a record](Self::max_record_bytes).
    #[must_use]
    pub fn max_record_bytes(self, max_record_bytes: u64) -> Self {
        Self { max_record_bytes, ..self }
    }

    /// Sets the [maximum size of blocks](Self::block_bytes).
    #[must_use]
    pub fn block_bytes(self, block_bytes: usize) -> Self {
        Self { block_bytes, ..self }
    }

    /// Sets whether records of [any kind](Self::any_records) are accepted.
    #[must_use]
    pub fn any_records(self, any_records: bool) -> Self {
        Self { any_records, ..self }
    }

    /// Sets the [delimiter](Self::delimiter) of CSV input.
    #[must_use]
    pub fn delimiter(self, delimiter: u8) -> Self {
        Self { delimiter: Some(delimiter), ..self }
    }

    /// Sets the [dialect](Self::csv_dialect) of CSV input.
    #[must_use]
    pub fn csv_dialect(self, dialect: CsvDialect) -> Self {
        Self { csv_dialect: Some(dialect), ..self }
    }

    /// Sets how the [types of plain CSV](Self::csv_types) are determined.
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
    /// Checks that the options are valid.
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

/// Returns `true` if a byte can be the delimiter of CSV input.
pub(super) fn is_delimiter(byte: u8) -> bool {
    !matches!(byte, b'"' | b'\r' | b'\n' | 0 | 0x80..)
}
