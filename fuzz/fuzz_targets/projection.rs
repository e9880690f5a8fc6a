//! Compares the projector with a naive search in raw values, for generated users and paths, and for any text.
//!
//! Input: the number of paths, or 0 for text. Then seeds of eight bytes each, or a line of paths and a record.
#![no_main]

use std::io::Cursor;

use libfuzzer_sys::fuzz_target;
use proptest::strategy::Strategy as _;
use reimport::record::{Format, ReadOptions};
use reimport::source::Source;
use reimport::{Pipeline, RecordReader, projection};
use reimport_fuzz::{draw, head, is_readable};

#[path = "../../crates/reimport/src/projection/tests/oracle.rs"]
mod oracle;
#[path = "../../crates/reimport/src/user/property.rs"]
#[allow(dead_code, reason = "the oracle uses only the table")]
mod property;
#[path = "../../crates/reimport/src/projection/tests/random.rs"]
mod random;
#[path = "../../crates/reimport/src/user/spelling.rs"]
#[allow(dead_code, reason = "the oracle uses only the table")]
mod spelling;
/// The module in which the oracle finds the titles and the known properties.
mod user {
    pub(crate) use super::{property, spelling};
}

use oracle::{compact, csv_line, csv_text, look_up};
use projection::{Cell, Field, FieldPath, PathTree, Projection, RowBuffer};

fn array() -> ReadOptions {
    let mut options = ReadOptions::default();
    options.format = Some(Format::Array);
    options.any_records = true;
    options
}

fn source(users: &[String]) -> Source {
    Source::from_reader("x", Cursor::new(format!("[{}]", users.join(","))))
}

fn check(paths: &[FieldPath], users: &[String]) {
    let tree = PathTree::new(paths.to_vec());
    let mut reader = RecordReader::open(source(users), &array()).unwrap();
    let mut buffer = RowBuffer::new();
    let mut texts = Vec::new();
    for user in users {
        let record = reader.next_record().unwrap().unwrap();
        assert_eq!(record.json(), user.trim_matches([' ', '\t', '\n', '\r']));
        let row = tree.read(record, &mut buffer).unwrap();
        for (cell, path) in row.cells().zip(paths) {
            let expected = look_up(user, path);
            match cell {
                Cell::Missing => assert_eq!(expected, None, "{path} in {user}"),
                Cell::Null => assert_eq!(expected.as_deref(), Some("null"), "{path} in {user}"),
                Cell::Value(value) => {
                    assert_eq!(Some(value.json()), expected.as_deref(), "{path} in {user}");
                    let mut written = Vec::new();
                    value.write_compact(&mut written);
                    assert_eq!(String::from_utf8(written).unwrap(), compact(value.json()));
                }
            }
            let got = record.get(path);
            assert_eq!(got.map(|value| value.json().to_owned()), expected);
            texts.push(expected);
        }
    }
    // Rendered by a whole pipeline, with other names.
    let named = paths.iter().enumerate().map(|(place, path)| Field::new(path.clone(), format!("c{place}")));
    let projection = Projection::builder().fields(named).build().unwrap();
    let pipeline = Pipeline::new().read_options(array()).threads(std::num::NonZero::<usize>::MIN);
    let ndjson = reimport::sink::Ndjson::new(Vec::new());
    let (_, lines) = pipeline.run([source(users)], &projection, ndjson).unwrap();
    let (_, rows) = pipeline.run([source(users)], &projection, reimport::sink::Csv::new(Vec::new())).unwrap();
    let mut json = String::new();
    let mut csv = (0..paths.len()).map(|place| format!("c{place}")).collect::<Vec<_>>().join(",") + "\n";
    for values in texts.chunks(paths.len()) {
        let members: Vec<String> = values
            .iter()
            .enumerate()
            .filter_map(|(place, value)| Some(format!("\"c{place}\":{}", compact(value.as_ref()?))))
            .collect();
        json += &format!("{{{}}}\n", members.join(","));
        let cells: Vec<String> = values.iter().map(|value| csv_text(value.as_deref())).collect();
        csv += &(csv_line(&cells) + "\n");
    }
    assert_eq!(String::from_utf8(lines).unwrap(), json);
    assert_eq!(String::from_utf8(rows).unwrap(), csv);
}

fuzz_target!(|data: &[u8]| {
    let ([count], rest) = head(data);
    if count == 0 {
        let Ok(text) = std::str::from_utf8(rest) else { return };
        let Some((paths, user)) = text.split_once('\n') else { return };
        let paths: Vec<FieldPath> = paths.split('\t').filter_map(|path| path.parse().ok()).take(20).collect();
        if !paths.is_empty() && is_readable(user) {
            check(&paths, &[user.to_owned()]);
        }
        return;
    }
    let mut seeds = rest.chunks(8);
    let mut paths = Vec::new();
    for seed in seeds.by_ref().take(1 + usize::from(count % 14)) {
        paths.extend(draw(&random::path(), seed));
        if seed.first().is_some_and(|first| first % 16 == 0) {
            paths.extend(draw(&random::any_path(), seed));
        }
    }
    let users: Vec<String> =
        seeds.take(4).filter_map(|seed| draw(&random::user().no_shrink(), seed)).collect();
    if !paths.is_empty() && !users.is_empty() {
        check(&paths, &users);
    }
});
