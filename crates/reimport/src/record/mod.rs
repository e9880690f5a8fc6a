//! Records: one JSON object each, lent from the block they were read into.

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

pub(crate) use csv::Noted;
pub use csv::{CellPlaces, CellWarning, CsvDialect, CsvTypes};
pub use error::{CellFault, FormatError, RecordError};
pub use format::Format;
pub use options::ReadOptions;
pub use owned::{OwnedRecord, OwnedRecords, Records, ShapeError};
pub use reader::RecordReader;
pub(crate) use rejects::Before;
pub use user_ids::UserIds;

/// One record: a JSON object as it stands in its source, lent; its `Debug` shows position and size, never values.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    json: &'a str,
    position: Position,
    before: Before,
    duplicate_of: Option<&'a str>,
    user_ids: UserIds,
}

impl<'a> Record<'a> {
    /// A record of its own: one valid JSON object, with white space around it at most.
    ///
    /// Its position is the beginning of a source, and its user id is as exported; see [`at`](Self::at) and
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
        Ok(Self::new(json, Position::START))
    }

    /// The same record at another position.
    #[must_use]
    pub fn at(self, position: Position) -> Self {
        Self { position, ..self }
    }

    pub(crate) fn new(json: &'a str, position: Position) -> Self {
        Self { json, position, before: Before::default(), duplicate_of: None, user_ids: UserIds::Exported }
    }

    /// The same record, with what an earlier run found out about it.
    pub(crate) fn with_before(self, before: Before, duplicate_of: Option<&'a str>) -> Self {
        Self { before, duplicate_of, ..self }
    }

    /// The same record, with an id of that form.
    #[must_use]
    pub fn with_user_ids(self, user_ids: UserIds) -> Self {
        Self { user_ids, ..self }
    }

    /// The message of an earlier run that says of whom it is a duplicate: JSON text of a string.
    pub(crate) fn duplicate_of(&self) -> Option<&'a str> {
        self.duplicate_of
    }

    /// What an earlier run found out about it, if it comes from `rejected.ndjson`.
    pub(crate) fn before(&self) -> Before {
        self.before
    }

    /// The object as it is written, without the line end.
    pub fn json(&self) -> &'a str {
        self.json
    }

    /// Where it begins in its source.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The form of its user id.
    pub fn user_ids(&self) -> UserIds {
        self.user_ids
    }

    /// The record as a type of your own.
    ///
    /// Numbers and repeated keys are then treated as that type and `serde_json` treat them.
    ///
    /// # Errors
    /// If the record does not fit the type; see [`ShapeError`].
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
