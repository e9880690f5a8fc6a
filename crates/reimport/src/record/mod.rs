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
mod options;
mod owned;
pub(crate) mod reader;
mod rejects;
mod user_ids;

use std::fmt;

use crate::error::Result;
use crate::position::Position;
use reader::validate;

pub(crate) use csv::NoteKind;
pub use csv::{CellPlaces, CellWarning, CsvDialect, CsvTypes};
pub use error::{CellFault, FormatError, RecordError};
pub use format::Format;
pub use options::ReadOptions;
pub use owned::{OwnedRecord, OwnedRecords, Records, ShapeError};
pub use reader::RecordReader;
pub(crate) use rejects::Before;
pub use user_ids::UserIds;

/// A record: one JSON object as written in its source, borrowed. `Debug` shows its position and size, never
/// values.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    json: &'a str,
    position: Position,
    before: Before,
    duplicate_of: Option<&'a str>,
    user_ids: UserIds,
}

impl<'a> Record<'a> {
    /// Creates a record from one valid JSON object, which can have white space around it.
    ///
    /// Its position is the start of a source, and its user id is as exported. To change these, use
    /// [`at`](Self::at) and [`with_user_ids`](Self::with_user_ids).
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
        Ok(Self::new(json, Position::START))
    }

    /// Returns the record with another position.
    #[must_use]
    pub fn at(self, position: Position) -> Self {
        Self { position, ..self }
    }

    pub(crate) fn new(json: &'a str, position: Position) -> Self {
        Self { json, position, before: Before::default(), duplicate_of: None, user_ids: UserIds::Exported }
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

    /// Returns the position in its source at which the record begins.
    ///
    /// In a transform or a filter of a run it is relative to a block of the input, because blocks are processed before
    /// it is known how many lines are before them. This is also true for errors of [`deserialize`](Self::deserialize)
    /// there. The sink of the run gets the position in the source, as [`Origin::position`](crate::run::Origin).
    pub fn position(&self) -> Position {
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
    /// If the record does not have this type; see [`ShapeError`].
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
        serde_json::from_str(self.json).map_err(|error| ShapeError::at(error, self.position))
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({}, {} bytes)", self.position, self.json.len())
    }
}
