//! Iterators over records that are owned or deserialized.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::{Record, RecordReader, UserIds, write_debug};
use crate::error::Result;
use crate::position::Position;

/// A record that owns its text, for use in threads and collections. `Debug` shows its position and size, never
/// values.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedRecord {
    json: Box<str>,
    position: Option<Position>,
    user_ids: UserIds,
}

impl OwnedRecord {
    /// Borrows the record, for transforms, paths and all other code that takes a [`Record`].
    pub fn as_record(&self) -> Record<'_> {
        let record = Record::new(&self.json).with_user_ids(self.user_ids);
        self.position.into_iter().fold(record, Record::at)
    }

    /// Returns the object as written, without the line end.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Returns the position in its source at which the record begins, as [`Record::position`] does.
    pub fn position(&self) -> Option<Position> {
        self.position
    }
}

impl From<Record<'_>> for OwnedRecord {
    fn from(record: Record<'_>) -> Self {
        Self { json: record.json().into(), position: record.position(), user_ids: record.user_ids() }
    }
}

impl fmt::Debug for OwnedRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_debug(f, "OwnedRecord", self.position, &self.json)
    }
}

/// An iterator over the owned records of a reader. See [`RecordReader::owned`].
pub struct OwnedRecords<'r>(&'r mut RecordReader);

/// An iterator over the deserialized records of a reader. See [`RecordReader::records`].
pub struct Records<'r, T> {
    reader: &'r mut RecordReader,
    of: PhantomData<fn() -> T>,
}

/// An iterator over the deserialized records of a reader and their positions. See [`Records::with_positions`].
pub struct PositionedRecords<'r, T>(Records<'r, T>);

impl RecordReader {
    /// Iterates over owned records.
    ///
    /// An error of [`Category::Record`](crate::error::Category::Record) is about one record, and the next item is
    /// the next record. Any other error is the last item. As with [`next_record`](Self::next_record), the records
    /// are provisional until the end.
    ///
    /// ```
    /// use reimport::RecordReader;
    ///
    /// let mut reader = RecordReader::from_reader("x", &b"{\"a\":1}\n{\n{\"a\":2}\n"[..])?;
    /// let records: Vec<_> = reader.owned().filter_map(Result::ok).collect();
    /// assert_eq!(records.iter().map(|record| record.json()).collect::<Vec<_>>(), [r#"{"a":1}"#, r#"{"a":2}"#]);
    /// assert_eq!(records[1].position().map(|position| position.line), Some(3));
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn owned(&mut self) -> OwnedRecords<'_> {
        OwnedRecords(self)
    }

    /// Iterates over records, each deserialized as a type of the caller.
    ///
    /// A record that does not have this type is an error of [`Category::Record`](crate::error::Category::Record),
    /// with the error of serde in its [kind](crate::ErrorKind::Shape). The next item is the next record.
    /// Everything else is as for [`owned`](Self::owned). Errors have their positions; for those of the others, see
    /// [`with_positions`](Records::with_positions).
    ///
    /// ```
    /// use reimport::RecordReader;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct User {
    ///     email: String,
    /// }
    ///
    /// let mut reader = RecordReader::from_reader("x", &b"{\"email\":\"a@example.com\"}\n{\"email\":7}\n"[..])?;
    /// let users: Vec<reimport::Result<User>> = reader.records().collect();
    /// assert_eq!(users[0].as_ref().map(|user| user.email.as_str()).ok(), Some("a@example.com"));
    /// assert_eq!(
    ///     users[1].as_ref().err().map(ToString::to_string).as_deref(),
    ///     Some(
    ///         "x: line 2 (record 2, byte 26): the record does not fit the type asked for: email: expected a string, \
    ///          but found a number"
    ///     )
    /// );
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn records<T: DeserializeOwned>(&mut self) -> Records<'_, T> {
        Records { reader: self, of: PhantomData }
    }

    /// Converts the next record with `make`. Returns `None` at the end.
    fn next_made<T>(&mut self, make: impl FnOnce(Record<'_>) -> Result<T>) -> Option<Result<T>> {
        match self.next_record() {
            Ok(record) => record.map(make),
            Err(error) => Some(Err(error)),
        }
    }
}

impl<'r, T> Records<'r, T> {
    /// Iterates over the same records, each with its position in the source.
    ///
    /// ```
    /// use reimport::RecordReader;
    ///
    /// #[derive(serde::Deserialize)]
    /// struct User {
    ///     email: String,
    /// }
    ///
    /// let mut reader = RecordReader::from_reader("x", &b"\n{\"email\":\"a@example.com\"}\n"[..])?;
    /// for user in reader.records().with_positions() {
    ///     let (position, User { email }) = user?;
    ///     assert_eq!((position.line, email.as_str()), (2, "a@example.com"));
    /// }
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn with_positions(self) -> PositionedRecords<'r, T> {
        PositionedRecords(self)
    }
}

impl Iterator for OwnedRecords<'_> {
    type Item = Result<OwnedRecord>;

    fn next(&mut self) -> Option<Self::Item> {
        self.0.next_made(|record| Ok(record.into()))
    }
}

impl<T: DeserializeOwned> Iterator for Records<'_, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Self::Item> {
        self.reader.next_made(|record| record.deserialize())
    }
}

impl<T: DeserializeOwned> Iterator for PositionedRecords<'_, T> {
    type Item = Result<(Position, T)>;

    fn next(&mut self) -> Option<Self::Item> {
        // A record of a reader always has a position.
        let with_position =
            |record: Record<'_>| Ok((record.position().unwrap_or(Position::START), record.deserialize()?));
        self.0.reader.next_made(with_position)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;

    #[test]
    fn iteration_continues_only_after_record_errors() {
        let mut reader = RecordReader::from_reader("x", &b"{\"a\":1}\n{\"a\"}\n{\"a\":2}\n"[..]).unwrap();
        let records: Vec<_> =
            reader.owned().map(|record| record.map(|record| record.json().to_owned())).collect();
        assert!(matches!(&records[..], [Ok(_), Err(error), Ok(_)] if error.category() == Category::Record));
        let array = &b"[{\"a\":1},{\"a\":2}"[..];
        let mut reader = RecordReader::from_reader("x", array).unwrap();
        let errors = reader.owned().filter(Result::is_err).count();
        assert_eq!(errors, 1, "the array has no end");
        assert_eq!(reader.owned().count(), 0);
    }
}
