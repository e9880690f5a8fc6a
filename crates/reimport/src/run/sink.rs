//! The second of the two places to plug in: where records end, in input order.

use std::path::Path;
use std::sync::Arc;

use super::{Problem, SideFile, SkipReason, Summary};
use crate::error::Result;
use crate::position::Position;
use crate::record::UserIds;

/// Where records end: called in input order, on one thread.
///
/// Dropped without [`finish`](Self::finish), a sink publishes nothing.
pub trait Sink {
    /// What a finished sink gives back.
    type Finished;

    /// The form in which it takes records.
    fn rendering(&self) -> Rendering {
        Rendering::Json
    }

    /// The longest rendered record it can hold, where there is one; the pipeline rejects a longer one.
    fn max_record_bytes(&self) -> Option<u64> {
        None
    }

    /// Before the first record: the transform's [`header`](super::Transform::header).
    ///
    /// # Errors
    /// Where it cannot be written.
    fn begin(&mut self, header: &[u8]) -> Result<()> {
        let _ = header;
        Ok(())
    }

    /// A record that was rendered.
    ///
    /// # Errors
    /// Where it cannot be written; the run ends, and publishes nothing.
    fn write(&mut self, written: Written<'_>) -> Result<()>;

    /// A record that no import file can bring.
    ///
    /// # Errors
    /// Where it cannot be written; the run ends, and publishes nothing.
    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        let _ = skipped;
        Ok(())
    }

    /// A record that was refused.
    ///
    /// # Errors
    /// Where it cannot be written; the run ends, and publishes nothing.
    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        let _ = rejected;
        Ok(())
    }

    /// One line, without its end, for a list beside the output: of the record that was written last, and in its order.
    ///
    /// A sink that keeps such lists writes [`SideFile::header`] before the first line of each.
    ///
    /// # Errors
    /// Where it cannot be written; the run ends, and publishes nothing.
    fn side(&mut self, list: SideFile, line: &[u8]) -> Result<()> {
        let _ = (list, line);
        Ok(())
    }

    /// After the last record of a run that read everything whole: publishes.
    ///
    /// # Errors
    /// Where it cannot; then nothing is published.
    fn finish(self, summary: &Summary) -> Result<Self::Finished>;
}

/// Where a record came from.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The name of its source.
    pub source: &'a Arc<str>,
    /// Its place there.
    pub position: Position,
}

impl Origin<'_> {
    /// The name of the source without its folder.
    pub fn file_name(&self) -> &str {
        source_file_name(self.source)
    }
}

/// The name of a source without its folder.
pub(crate) fn source_file_name(source: &str) -> &str {
    Path::new(source).file_name().and_then(|name| name.to_str()).unwrap_or(source)
}

/// One record as it was rendered.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    /// The rendered record, without a line end.
    pub bytes: &'a [u8],
    /// Where it came from.
    pub origin: Origin<'a>,
    /// The database connection it belongs to, where it names one.
    pub connection: Option<&'a str>,
    /// Whether it carries a password hash.
    pub password: bool,
}

/// One record that no import file can bring.
#[derive(Clone, Copy)]
pub struct Skipped<'a> {
    /// The record as it was read: one valid JSON object in UTF-8, perhaps with white space and line ends between its
    /// tokens.
    pub json: &'a [u8],
    /// Whether it may have white space between its tokens (where not, it can be copied as it is).
    pub spaced: bool,
    /// Where it came from.
    pub origin: Origin<'a>,
    /// Why.
    pub reason: SkipReason,
}

/// One record that was refused.
#[derive(Clone, Copy)]
pub struct Rejected<'a> {
    /// The record as far as it could be read.
    pub body: Body<'a>,
    /// How many bytes it has in its source.
    pub bytes: u64,
    /// The form of its user id.
    pub user_ids: UserIds,
    /// Where it came from.
    pub origin: Origin<'a>,
    /// All the rules it breaks; never empty.
    pub problems: &'a [Problem],
    /// Whether a second file had a password hash for it: importing it later without that file loses the hash.
    pub password: bool,
}

/// What can be kept of a refused record.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// A valid JSON object, perhaps with white space between its tokens.
    User(&'a str),
    /// Text that is no JSON object.
    Text(&'a str),
    /// Bytes that are no UTF-8.
    Bytes(&'a [u8]),
    /// Nothing: it was longer than the limit and never held in memory.
    Dropped,
}

/// The form in which a [`Sink`](crate::run::Sink) takes rendered records; a [`Transform`](crate::run::Transform) is told it once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Rendering {
    /// One compact JSON object a record.
    #[default]
    Json,
    /// One CSV line a record, without its line end.
    Csv(CsvEscape),
}

/// What is done to strings that a spreadsheet would run as formulas.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum CsvEscape {
    /// Nothing: values are what the export holds.
    #[default]
    None,
    /// An apostrophe before the strings that a spreadsheet would run.
    Formulas,
    /// An apostrophe before every string, as the export job writes them: types survive.
    Auth0,
}
