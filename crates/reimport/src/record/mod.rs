//! Records: one JSON object each, lent from the block they were read into.

mod error;
pub(crate) mod titles;

use std::fmt;

use crate::position::Position;

pub use error::RecordError;

/// One record: a JSON object as it stands in its source, lent; its `Debug` shows position and size, never values.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    json: &'a str,
    position: Position,
}

impl<'a> Record<'a> {
    pub(crate) fn new(json: &'a str, position: Position) -> Self {
        Self { json, position }
    }

    /// The object as it is written, without the line end.
    pub fn json(&self) -> &'a str {
        self.json
    }

    /// Where it begins in its source.
    pub fn position(&self) -> Position {
        self.position
    }
}

impl fmt::Debug for Record<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Record({}, {} bytes)", self.position, self.json.len())
    }
}

/// A reader
pub struct RecordReader;
