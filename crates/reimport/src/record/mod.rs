//! Records: JSON objects, each borrowed from the block it was read into.

mod array;
pub(crate) mod block;
mod block_size;
pub(crate) mod blocks;
mod csv;
mod encoding;
mod error;
mod format;
mod lines;
pub(crate) mod misplaced;
mod nesting;
mod options;
mod owned;
pub(crate) mod piece;
pub(crate) mod reader;
mod rejects;
mod shape;
mod step;
mod user_ids;

use std::fmt;
use std::sync::Arc;

use crate::error::{Error, ErrorKind, Result};
use crate::position::Position;
use reader::validate;

pub(crate) use csv::NoteKind;
pub use csv::{CellPlaces, CellWarning, CsvDialect, CsvTypes};
pub use error::{CellFault, FormatError, RecordError};
pub use format::Format;
pub use options::ReadOptions;
pub use owned::{OwnedRecord, OwnedRecords, PositionedRecords, Records};
pub use reader::RecordReader;
pub(crate) use rejects::Before;
pub use shape::ShapeError;
pub use user_ids::UserIds;

/// A record: one JSON object as written in its source, borrowed. `Debug` shows its position and size, never
/// values.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    json: &'a str,
    position: Option<Position>,
    /// The name of the source, for errors.
    source: Option<&'a Arc<str>>,
    before: Before,
    duplicate_of: Option<&'a str>,
    user_ids: UserIds,
}

impl<'a> Record<'a> {
    /// Creates a record from one valid JSON object, which can have white space around it.
    ///
    /// It has no position, and its user id is as exported. To change these, use [`at`](Self::at) and
    /// [`with_user_ids`](Self::with_user_ids).
    ///
    /// ```
    /// use reimport::Record;
    ///
    /// assert_eq!(Record::parse(" {\"email\":\"a@example.com\"} ")?.json(), "{\"email\":\"a@example.com\"}");
    /// assert!(Record::parse("[]").is_err() && Record::parse("{}{}").is_err());
    /// # Ok::<(), reimport::Error>(())
    /// ```
    ///
    /// # Errors
    /// If `json` is anything else.
    pub fn parse(json: &'a str) -> Result<Self> {
        let json = json.trim_matches([' ', '\t', '\n', '\r']);
        validate(json)?;
        Ok(Self::new(json))
    }

    pub(crate) fn new(json: &'a str) -> Self {
        Self {
            json,
            position: None,
            source: None,
            before: Before::default(),
            duplicate_of: None,
            user_ids: UserIds::Exported,
        }
    }

    /// Returns the record with another position.
    #[must_use]
    pub fn at(self, position: Position) -> Self {
        Self { position: Some(position), ..self }
    }

    /// Returns the record with another JSON object, such as one that a transform has changed. Everything else that is
    /// known about the record stays.
    ///
    /// ```
    /// use reimport::{Position, Record};
    ///
    /// let record = Record::parse(r#"{"email":"A@EXAMPLE.COM"}"#)?.at(Position::START);
    /// let lower = record.json().to_lowercase();
    /// let changed = record.with_json(&lower)?;
    /// assert_eq!((changed.json(), changed.position()), (r#"{"email":"a@example.com"}"#, Some(Position::START)));
    /// # Ok::<(), reimport::Error>(())
    /// ```
    ///
    /// # Errors
    /// As for [`parse`](Self::parse).
    pub fn with_json<'b>(&self, json: &'b str) -> Result<Record<'b>>
    where
        'a: 'b,
    {
        let Record { json, .. } = Record::parse(json)?;
        Ok(self.with_valid_json(json))
    }

    /// Returns the record with another JSON object, which is known to be valid.
    pub(crate) fn with_valid_json<'b>(&self, json: &'b str) -> Record<'b>
    where
        'a: 'b,
    {
        Record { json, ..*self }
    }

    /// Returns the record with the name of its source, for errors.
    fn in_source(self, source: &'a Arc<str>) -> Self {
        Self { source: Some(source), ..self }
    }

    /// Returns the record with the results of an earlier run.
    pub(crate) fn with_before(self, before: Before, duplicate_of: Option<&'a str>) -> Self {
        Self { before, duplicate_of, ..self }
    }

    /// Returns the record with another form of its user id.
    #[must_use]
    pub fn with_user_ids(self, user_ids: UserIds) -> Self {
        Self { user_ids, ..self }
    }

    /// Returns the message of an earlier run that names the user of which this is a duplicate, as the JSON text of
    /// a string.
    pub(crate) fn duplicate_of(&self) -> Option<&'a str> {
        self.duplicate_of
    }

    /// Returns the results of an earlier run, if the record comes from `rejected.ndjson`.
    pub(crate) fn before(&self) -> Before {
        self.before
    }

    /// Returns the object as written, without the line end.
    pub fn json(&self) -> &'a str {
        self.json
    }

    /// Returns the position in its source at which the record begins. A record of a
    /// [`RecordReader`] always has one.
    ///
    /// `None` in a transform or a filter of a run, because blocks are processed before it is known how many lines are
    /// before them. The sink of the run gets the position, as [`Origin::position`](crate::run::Origin::position), and
    /// errors of the run have it.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Returns the form of its user id.
    pub fn user_ids(&self) -> UserIds {
        self.user_ids
    }

    /// Deserializes the record as a type of the caller.
    ///
    /// Numbers and repeated keys are handled by that type and `serde_json`.
    ///
    /// # Errors
    /// If the record does not have this type; see [`ShapeError`]. The error has the source and the position of the
    /// record if it comes from a [`RecordReader`].
    ///
    /// ```
    /// #[derive(serde::Deserialize)]
    /// struct User<'a> {
    ///     email: &'a str,
    /// }
    ///
    /// let mut reader = reimport::RecordReader::from_reader("x", &br#"{"email":"a@example.com"}"#[..])?;
    /// let record = reader.next_record()?.expect("there is one");
    /// assert_eq!(record.deserialize::<User>()?.email, "a@example.com");
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn deserialize<T: serde::Deserialize<'a>>(&self) -> Result<T> {
        serde_json::from_str(self.json).map_err(|error| self.located(ShapeError::new(error, self.json)))
    }

    /// Returns an error about this record, with its source and position if they are known.
    pub(crate) fn located(&self, kind: impl Into<ErrorKind>) -> Error {
        let error = self.source.into_iter().fold(Error::new(kind), Error::in_source);
        self.position.into_iter().fold(error, Error::at)
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_debug(f, "Record", self.position, self.json)
    }
}

/// Writes `Record(line 1 (record 1, byte 0), 7 bytes)`, or `Record(7 bytes)` without a position.
fn write_debug(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    position: Option<Position>,
    json: &str,
) -> fmt::Result {
    write!(f, "{name}(")?;
    if let Some(position) = position {
        write!(f, "{position}, ")?;
    }
    write!(f, "{} bytes)", json.len())
}
