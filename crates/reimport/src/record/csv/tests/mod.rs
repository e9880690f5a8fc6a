//! CSV against the `csv` crate and a naive builder, and the exact words that people read.

mod conformance;
mod evidence;
mod faults;
mod header;
mod naive;
mod oracle;
mod rows;
mod samples;

use std::io::Write;

use crate::Position;
use crate::error::Category;
use crate::record::{Format, ReadOptions, RecordReader};
use crate::source::Source;

/// What became of one row: its JSON, or its fault.
type Read = Vec<(Position, Result<String, String>)>;

/// Every record of `text`, and the words that ended the run, if any did.
fn read_with(text: &[u8], options: &ReadOptions) -> (Read, Option<String>) {
    let mut rows = Vec::new();
    let source = Source::from_reader("users.csv", std::io::Cursor::new(text.to_vec()));
    let mut reader = match RecordReader::open(source, options) {
        Ok(reader) => reader,
        Err(error) => return (rows, Some(error.to_string())),
    };
    loop {
        match reader.next_record() {
            Ok(Some(record)) => rows.push((record.position(), Ok(record.json().to_owned()))),
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

/// The JSON of every row; all must be good.
fn good(text: &str) -> Vec<String> {
    good_with(text, &ReadOptions::default())
}

fn good_with(text: &str, options: &ReadOptions) -> Vec<String> {
    let (rows, end) = read_with(text.as_bytes(), options);
    assert_eq!(end, None, "{text:?}");
    rows.into_iter().map(|(_, json)| json.unwrap()).collect()
}

/// The words that end the run before any row.
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
