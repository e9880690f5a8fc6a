//! Tests of CSV input against the `csv` crate and a naive implementation, and of the exact messages.

mod conformance;
mod evidence;
mod faults;
mod header;
mod naive;
mod oracle;
mod partial;
mod rows;
mod samples;
mod steps;

use std::io::Write;

use crate::Position;
use crate::error::Category;
use crate::record::{Format, ReadOptions, RecordReader};
use crate::source::Source;

/// The result of each row: its JSON or its error.
type Read = Vec<(Position, Result<String, String>)>;

/// Returns all records of `text`, and the message of the error that ended the run, if any.
fn read_with(text: &[u8], options: &ReadOptions) -> (Read, Option<String>) {
    let mut rows = Vec::new();
    let source = Source::from_reader("users.csv", std::io::Cursor::new(text.to_vec()));
    let mut reader = match RecordReader::open(source, options) {
        Ok(reader) => reader,
        Err(error) => return (rows, Some(error.to_string())),
    };
    loop {
        match reader.next_record() {
            Ok(Some(record)) => rows.push((record.position().unwrap(), Ok(record.json().to_owned()))),
            Ok(None) => return (rows, None),
            Err(error) if error.category() == Category::Record => {
                rows.push((error.position().unwrap(), Err(error.to_string())));
            }
            Err(error) => return (rows, Some(error.to_string())),
        }
    }
}

fn read(text: &str) -> (Read, Option<String>) {
    read_with(text.as_bytes(), &ReadOptions::default())
}

/// Returns the JSON of all rows. All must be valid.
fn good(text: &str) -> Vec<String> {
    good_with(text, &ReadOptions::default())
}

fn good_with(text: &str, options: &ReadOptions) -> Vec<String> {
    let (rows, end) = read_with(text.as_bytes(), options);
    assert_eq!(end, None, "{text:?}");
    rows.into_iter().map(|(_, json)| json.unwrap()).collect()
}

/// Returns the message of the error that ends the run before any row.
fn refusal(text: &str) -> String {
    refusal_with(text, &ReadOptions::default())
}

fn refusal_with(text: &str, options: &ReadOptions) -> String {
    let (rows, end) = read_with(text.as_bytes(), options);
    assert_eq!(rows, [], "{text:?}");
    end.unwrap_or_else(|| panic!("{text:?} was read"))
}

fn csv() -> ReadOptions {
    ReadOptions { format: Some(Format::Csv), ..ReadOptions::default() }
}

fn gzipped(plain: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}
