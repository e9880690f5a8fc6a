//! The [`Sink`] trait: receives the results of a run in input order.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::{Problem, SideFile, SkipReason, Summary};
use crate::csv_row::CsvDelimiter;
use crate::error::Result;
use crate::position::Position;
use crate::record::UserIds;

/// Receives the records of a run. Called in input order, on one thread.
///
/// A sink that is dropped without [`finish`](Self::finish) publishes nothing. A sink around another one must forward every
/// method.
pub trait Sink {
    /// The value that [`finish`](Self::finish) returns.
    type Finished;

    /// Returns the form in which the sink takes records.
    fn rendering(&self) -> Rendering {
        Rendering::Json
    }

    /// Returns the maximum size of a rendered record, in bytes, if there is one. The pipeline rejects longer
    /// records. Called after [`begin`](Self::begin).
    fn max_record_bytes(&self) -> Option<u64> {
        None
    }

    /// Returns whether the rendered records and the lines of side files may be any bytes. If not, the run ends at the
    /// first one that does not have the form of [`rendering`](Self::rendering).
    ///
    /// For a sink that ignores them, or that takes a form of its own from its own transform.
    fn takes_any_bytes(&self) -> bool {
        false
    }

    /// Checks that the output does not replace one of the files that are read, also through a link. Called before the
    /// input is read.
    ///
    /// # Errors
    /// If it would replace one.
    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        let _ = inputs;
        Ok(())
    }

    /// Called once before the first record, with the transform's [`header`](super::Transform::header).
    ///
    /// # Errors
    /// If the header cannot be written.
    fn begin(&mut self, header: &[u8]) -> Result<()> {
        let _ = header;
        Ok(())
    }

    /// Takes a rendered record.
    ///
    /// # Errors
    /// If it cannot be written. The run then ends and publishes nothing.
    fn write(&mut self, written: Written<'_>) -> Result<()>;

    /// Takes a record that an import file cannot contain.
    ///
    /// # Errors
    /// If it cannot be written. The run then ends and publishes nothing.
    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        let _ = skipped;
        Ok(())
    }

    /// Takes a rejected record.
    ///
    /// # Errors
    /// If it cannot be written. The run then ends and publishes nothing.
    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        let _ = rejected;
        Ok(())
    }

    /// Takes one line of a side file, without its line end. The line belongs to the record that was written last.
    /// Lines of one record are passed in the order in which the transform added them.
    ///
    /// A sink that stores side files writes [`SideFile::header`] before the first line of each file.
    ///
    /// # Errors
    /// If it cannot be written. The run then ends and publishes nothing.
    fn side(&mut self, list: SideFile, line: &[u8]) -> Result<()> {
        let _ = (list, line);
        Ok(())
    }

    /// Publishes the output. Called once after the last record, unless the run has failed.
    ///
    /// # Errors
    /// If the output cannot be published. Then nothing is published.
    fn finish(self, summary: &Summary) -> Result<Self::Finished>;
}

/// The source and position of a record.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The name of the source.
    pub source: &'a Arc<str>,
    /// The position in the source.
    pub position: Position,
}

impl Origin<'_> {
    /// Returns the name of the source without its folder.
    pub fn file_name(&self) -> &str {
        source_file_name(self.source)
    }
}

/// Returns the name of a source without its folder.
pub(crate) fn source_file_name(source: &str) -> &str {
    Path::new(source).file_name().and_then(|name| name.to_str()).unwrap_or(source)
}

/// A rendered record.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    /// The rendered record, without a line end.
    pub bytes: &'a [u8],
    /// The source and position of the record.
    pub origin: Origin<'a>,
    /// The database connection of the user, if the record names one.
    pub connection: Option<&'a str>,
    /// Whether the user has a password hash.
    pub password: bool,
}

/// A record that an import file cannot contain.
#[derive(Clone, Copy)]
pub struct Skipped<'a> {
    /// The record as it was read: one valid JSON object in UTF-8. May have white space and line ends between its
    /// tokens.
    pub json: &'a [u8],
    /// Whether `json` may have white space between its tokens. If not, it can be copied unchanged.
    pub spaced: bool,
    /// The source and position of the record.
    pub origin: Origin<'a>,
    /// Why the record was skipped.
    pub reason: SkipReason,
}

/// A rejected record.
#[derive(Clone, Copy)]
pub struct Rejected<'a> {
    /// The record, or as much of it as could be read.
    pub body: Body<'a>,
    /// The size of the record in its source, in bytes.
    pub bytes: u64,
    /// The form of its user id.
    pub user_ids: UserIds,
    /// The source and position of the record.
    pub origin: Origin<'a>,
    /// All rules that the record breaks. Never empty.
    pub problems: &'a [Problem],
    /// Whether a second file has a password hash for this user. A later import without that file loses the hash.
    pub password: bool,
}

/// The content of a rejected record.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// A valid JSON object. May have white space between its tokens.
    User(&'a str),
    /// Text that is not a JSON object.
    Text(&'a str),
    /// Bytes that are not UTF-8.
    Bytes(&'a [u8]),
    /// No content. The record was longer than the limit and was never held in memory.
    Dropped,
}

/// The form in which a [`Sink`](crate::run::Sink) takes rendered records. Passed once to each scratch of a
/// [`Transform`](crate::run::Transform).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Rendering {
    /// One compact JSON object per record.
    #[default]
    Json,
    /// One CSV line per record, without its line end.
    Csv(CsvFormat),
}

/// The form of CSV output: its delimiter, and the escaping of strings.
///
/// A cell is quoted as in RFC 4180: if it contains the delimiter, a quote, CR or LF.
///
/// ```
/// use reimport::sink::Csv;
/// use reimport::{CsvDelimiter, CsvEscape, CsvFormat};
///
/// let format = CsvFormat::default().delimiter(CsvDelimiter::Tab).escape(CsvEscape::Formulas);
/// let tsv = Csv::with_format(Vec::new(), format);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CsvFormat {
    /// The character between two cells. Default: a comma.
    pub delimiter: CsvDelimiter,
    /// The escaping of strings. Default: none.
    pub escape: CsvEscape,
}

impl CsvFormat {
    /// Sets the character between two cells.
    pub fn delimiter(self, delimiter: CsvDelimiter) -> Self {
        Self { delimiter, ..self }
    }

    /// Sets the escaping of strings.
    pub fn escape(self, escape: CsvEscape) -> Self {
        Self { escape, ..self }
    }
}

/// Escaping of strings that a spreadsheet would evaluate as formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CsvEscape {
    /// No escaping. Values are written as they are in the export.
    #[default]
    None,
    /// An apostrophe before strings that a spreadsheet would evaluate.
    Formulas,
    /// An apostrophe before every string, as in the CSV of the export job. Keeps the distinction between strings
    /// and other types.
    Auth0,
}
