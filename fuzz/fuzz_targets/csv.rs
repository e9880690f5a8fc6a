//! Compares the CSV reader with the `csv` crate and a naive implementation. Also converts strings to the dialect of
//! the export job and back.
//!
//! Input: the mode, the block size and the read sizes, one byte each, then the text.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use reimport::record::{CsvDialect, CsvTypes, Format, ReadOptions};
use reimport::sink::{Csv, Ndjson};
use reimport::source::Source;
use reimport::{Category, CsvDelimiter, CsvEscape, CsvFormat, Pipeline, Projection, RecordReader, record};
use reimport_fuzz::{Steps, head, sizes};

#[path = "../../crates/reimport/src/record/csv/tests/naive.rs"]
mod naive;

const HEADERS: [&str; 4] = [
    "email,name",
    "user_id,identities[0].provider,identities[0].connection,user_metadata.a",
    "tags[0],tags[1][0],email_verified,logins_count",
    "email,app_metadata",
];

type Row = Result<String, String>;

fn read(text: &str, steps: Vec<usize>, options: &ReadOptions) -> (Vec<Row>, Option<String>) {
    let mut rows = Vec::new();
    let source = Source::from_reader("users.csv", Steps::new(text, steps));
    let mut reader = match RecordReader::open(source, options) {
        Ok(reader) => reader,
        Err(error) => return (rows, Some(error.to_string())),
    };
    loop {
        match reader.next_record() {
            Ok(Some(record)) => rows.push(Ok(record.json().to_owned())),
            Ok(None) => return (rows, None),
            Err(error) if error.category() == Category::Record => rows.push(Err(error.to_string())),
            Err(error) => return (rows, Some(error.to_string())),
        }
    }
}

/// Reads any rows below a valid header.
fn rows(settings: u8, block: u8, arriving: u8, text: &str) {
    let text = format!("{}\n{text}", HEADERS[usize::from(settings >> 6)]);
    let (dialect, types) = match settings >> 2 & 3 {
        0 => (CsvDialect::Plain, CsvTypes::Known),
        1 => (CsvDialect::Plain, CsvTypes::Infer),
        _ => (CsvDialect::Auth0, CsvTypes::Known),
    };
    let mut options = ReadOptions::default();
    options.format = Some(Format::Csv);
    options.delimiter = Some(b',');
    options.csv_dialect = Some(dialect);
    options.csv_types = types;
    let once = read(&text, vec![1 << 20], &options);
    options.block_bytes = usize::from(block);
    assert_eq!(read(&text, sizes(arriving), &options), once);

    // The `csv` crate ends a row at a single carriage return, which is an error here.
    if text.replace("\r\n", "").contains('\r') {
        return;
    }
    let peer = naive::peer(text.as_bytes(), b',');
    let (found, end) = once;
    // For the `csv` crate, an open quote at the end is a row.
    assert_eq!(found.len() + usize::from(end.is_some()), peer.len() - 1, "{end:?}");
    for (found, row) in found.iter().zip(&peer[1..]) {
        match found {
            Ok(json) => assert_eq!(json, &naive::naive(&peer[0], row, dialect, types)),
            Err(words)
                if words.contains("cell") && words.contains("but found") && !words.contains("quote") =>
            {
                assert_ne!(row.len(), peer[0].len(), "{words}");
            }
            Err(_) => {}
        }
    }
}

/// Writes strings of users to CSV with `--csv-escape auth0`, and reads them back.
fn round_trip(block: u8, text: &str) {
    let mut users = String::new();
    let quoted = |text: &str| serde_json::to_string(text).unwrap();
    for line in text.split('\u{1}') {
        let mut cells = line.split('\u{2}');
        let mut cell = || quoted(cells.next().unwrap_or(""));
        users += &format!(
            "{{\"email\":{},\"user_metadata\":{{\"first login\":{},\"b\":[{}]}},\"logins_count\":{},\"blocked\":{}}}\n",
            cell(),
            cell(),
            cell(),
            users.len(),
            users.len() % 2 == 0,
        );
    }
    let fields = ["email", "user_metadata.first login", "user_metadata.b[0]", "logins_count", "blocked"];
    let mut projection = Projection::builder();
    for field in fields {
        projection = projection.field(field).unwrap();
    }
    let projection = projection.build().unwrap();
    let run = |source, options: &ReadOptions| {
        let pipeline = Pipeline::new().read_options(options.clone()).threads(std::num::NonZero::<usize>::MIN);
        pipeline.run([source], &projection, Ndjson::new(Vec::new())).unwrap().1
    };
    let mut options = ReadOptions::default();
    let json = run(Source::from_reader("x", Cursor::new(users.clone())), &options);
    let pipeline = Pipeline::new().threads(std::num::NonZero::<usize>::MIN);
    let source = Source::from_reader("x", Cursor::new(users));
    let delimiter = if block % 2 == 0 { CsvDelimiter::Comma } else { CsvDelimiter::Tab };
    let format = CsvFormat::default().delimiter(delimiter).escape(CsvEscape::Auth0);
    let csv = pipeline.run([source], &projection, Csv::with_format(Vec::new(), format)).unwrap().1;
    options.block_bytes = usize::from(block);
    let back = run(Source::from_reader("x", Cursor::new(csv)), &options);
    // Escapes may be written differently, but values and types must be equal.
    let values = |lines: &[u8]| -> Vec<serde_json::Value> {
        std::str::from_utf8(lines).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!(values(&back), values(&json));
}

fuzz_target!(|data: &[u8]| {
    let ([settings, block, arriving], text) = head(data);
    let text = String::from_utf8_lossy(text);
    // CSV must not contain NUL bytes.
    if text.contains('\0') {
        return;
    }
    if settings % 4 == 3 { round_trip(block, &text) } else { rows(settings, block, arriving, &text) }
});
