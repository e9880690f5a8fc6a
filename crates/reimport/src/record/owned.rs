//! Iterators over records that are owned or deserialized.

use std::fmt;
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::{Record, RecordReader, UserIds};
use crate::error::{Error, Result};
use crate::position::Position;

/// A record that owns its text, for use in threads and collections. `Debug` shows its position and size, never
/// values.
#[derive(Clone, PartialEq, Eq)]
pub struct OwnedRecord {
    json: Box<str>,
    position: Position,
    user_ids: UserIds,
}

impl OwnedRecord {
    /// Borrows the record, for transforms, paths and all other code that takes a [`Record`].
    pub fn as_record(&self) -> Record<'_> {
        Record::new(&self.json, self.position).with_user_ids(self.user_ids)
    }

    /// Returns the object as written, without the line end.
    pub fn json(&self) -> &str {
        &self.json
    }

    /// Returns the position in its source at which the record begins.
    pub fn position(&self) -> Position {
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
        write!(f, "OwnedRecord({}, {} bytes)", self.position, self.json.len())
    }
}

/// An iterator over the owned records of a reader. See [`RecordReader::owned`].
pub struct OwnedRecords<'r>(&'r mut RecordReader);

/// An iterator over the deserialized records of a reader. See [`RecordReader::records`].
pub struct Records<'r, T> {
    reader: &'r mut RecordReader,
    of: PhantomData<fn() -> T>,
}

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
    /// assert_eq!(records.iter().map(|record| record.position().line).collect::<Vec<_>>(), [1, 3]);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn owned(&mut self) -> OwnedRecords<'_> {
        OwnedRecords(self)
    }

    /// Iterates over records, each deserialized as a type of the caller.
    ///
    /// A record that does not have this type is an error of [`Category::Record`](crate::error::Category::Record),
    /// with the error of serde in its [kind](crate::ErrorKind::Shape). The next item is the next record.
    /// Everything else is as for [`owned`](Self::owned).
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
    ///     Some("x: line 2 (record 2, byte 26): the record does not fit the type asked for at column 10: expected a string")
    /// );
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn records<T: DeserializeOwned>(&mut self) -> Records<'_, T> {
        Records { reader: self, of: PhantomData }
    }

    /// Converts the next record with `make`. Returns `None` at the end.
    fn next_made<T>(&mut self, make: impl FnOnce(Record<'_>) -> Result<T>) -> Option<Result<T>> {
        let next = match self.next_record() {
            Ok(record) => make(record?),
            Err(error) => return Some(Err(error)),
        };
        Some(next.map_err(|error| error.in_source(self.source().name())))
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

/// An error: a record does not have the requested type.
///
/// The message states what was expected and never contains a value. The error of serde can contain a value, so it
/// is not the `source()`, which programs print. It is available as [`reason`](Self::reason).
pub struct ShapeError(serde_json::Error);

impl ShapeError {
    pub(super) fn at(error: serde_json::Error, position: Position) -> Error {
        Error::new(Self(error)).at(position)
    }

    /// Returns the error of serde, whose message can contain a value of the user.
    pub fn reason(&self) -> &serde_json::Error {
        &self.0
    }

    /// Returns the part of serde's message without values: `expected a string`, ``missing field `email` ``.
    fn expected(&self) -> Option<String> {
        let message = self.0.to_string();
        let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
        if message.starts_with("missing field `") {
            return Some(message.to_owned());
        }
        // Only the expectation of the type follows the last of these words. A value that contains the same words
        // is before it.
        message.rsplit_once(", expected ").map(|(_, expected)| format!("expected {expected}"))
    }
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the record does not fit the type asked for at ")?;
        if self.0.line() > 1 {
            write!(f, "line {} of the record, ", self.0.line())?;
        }
        write!(f, "column {}", self.0.column())?;
        self.expected().map_or(Ok(()), |expected| write!(f, ": {expected}"))
    }
}

impl fmt::Debug for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShapeError({self})")
    }
}

impl std::error::Error for ShapeError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Category;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its errors are of interest")]
    struct User {
        email: String,
        kind: Option<Kind>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Database,
        Social,
    }

    #[test]
    fn deserialize_error_states_expectation_without_value() {
        for (json, expected) in [
            (r#"{"kind":null}"#, ": missing field `email`"),
            (r#"{"email":["secret"]}"#, ": expected a string"),
            (r#"{"email":"a","kind":"secret"}"#, ": expected `database` or `social`"),
            (r#"{"email":"a","kind":"x, expected secret"}"#, ": expected `database` or `social`"),
            (r#"{"email":"a","secret":1}"#, ": expected `email` or `kind`"),
        ] {
            let error = Record::parse(json).unwrap().deserialize::<User>().unwrap_err();
            let text = error.to_string();
            assert!(text.ends_with(expected) && !text.contains("secret"), "{text}");
            assert!(!format!("{error:?}").contains("secret"), "{error:?}");
            assert_eq!(error.category(), Category::Record);
            assert!(
                matches!(error.kind(), crate::error::ErrorKind::Shape(shape) if shape.reason().is_data())
            );
        }
    }

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
