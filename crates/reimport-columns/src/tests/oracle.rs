//! A naive reader of columns: puts records of the fixed schema together again. The fuzz target `columns` uses it as well.

use std::collections::BTreeMap;

use arrow_array::cast::AsArray as _;
use arrow_array::types::{Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType};
use arrow_array::{Array as _, RecordBatch};
use arrow_schema::DataType;
use serde_json::value::RawValue;

/// Returns the cells of a row that are not null, each as JSON text.
pub(crate) fn cells(batch: &RecordBatch, row: usize) -> BTreeMap<String, String> {
    let mut cells = BTreeMap::new();
    for (field, array) in batch.schema().fields().iter().zip(batch.columns()) {
        if array.is_null(row) {
            continue;
        }
        let json = match field.data_type() {
            DataType::Utf8 => serde_json::to_string(array.as_string::<i32>().value(row)).unwrap(),
            DataType::Boolean => array.as_boolean().value(row).to_string(),
            DataType::Int64 => array.as_primitive::<Int64Type>().value(row).to_string(),
            DataType::Float64 => array.as_primitive::<Float64Type>().value(row).to_string(),
            DataType::Decimal128(..) => array.as_primitive::<Decimal128Type>().value_as_string(row),
            DataType::Timestamp(..) => {
                let micros = array.as_primitive::<TimestampMicrosecondType>().value(row);
                format!("\"{}\"", reimport::instant::format(micros.div_euclid(1000)))
            }
            other => panic!("{other}"),
        };
        cells.insert(field.name().clone(), json);
    }
    cells
}

/// Returns the text that a cell of text has.
pub(crate) fn text_of(cells: &BTreeMap<String, String>, name: &str) -> Option<String> {
    cells.get(name).map(|json| serde_json::from_str(json).unwrap())
}

/// Returns the members of an object, each in the form in which they are compared. The last of repeated members counts.
pub(crate) fn members(json: &str) -> BTreeMap<String, String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(json).unwrap();
    members.into_iter().map(|(name, value)| (name, normal(value.get()))).collect()
}

/// Decodes a string, and leaves white space between tokens out of all else.
fn normal(json: &str) -> String {
    if json.starts_with('"') {
        // A string with a lone surrogate stays as it is.
        return serde_json::from_str::<String>(json)
            .map_or(json.to_owned(), |text| format!("decoded {text}"));
    }
    let (mut quoted, mut escaped) = (false, false);
    json.chars()
        .filter(|char| {
            match char {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = !quoted,
                _ => {}
            }
            quoted || !char.is_ascii_whitespace()
        })
        .collect()
}

const JSON_COLUMNS: [&str; 4] = ["identities", "app_metadata", "user_metadata", "multifactor"];

/// Puts a record of the fixed schema together from its columns.
fn put_together(cells: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut record = BTreeMap::new();
    for (name, json) in cells {
        if matches!(name.as_str(), "connection" | "provider" | "_rest" | "_source" | "_line") {
            continue;
        }
        let is_json = JSON_COLUMNS.contains(&name.as_str());
        let json = if is_json { text_of(cells, name).unwrap() } else { json.clone() };
        record.insert(name.clone(), normal(&json));
    }
    if let Some(rest) = text_of(cells, "_rest") {
        record.extend(members(&rest));
    }
    record
}

/// Asserts that the cells of a row of the fixed schema have every member of the record, and nothing else.
pub(crate) fn assert_comes_back(record: &str, cells: &BTreeMap<String, String>) {
    let (found, expected) = (put_together(cells), members(record));
    for (name, value) in &expected {
        assert_eq!(found.get(name), Some(value), "{name} in {record}");
    }
    // What is there besides the members is a value under another spelling of its name.
    for name in found.keys().filter(|name| !expected.contains_key(*name)) {
        let spelled = expected.keys().any(|other| {
            let letters = |name: &str| name.replace([' ', '_'], "").to_ascii_lowercase();
            letters(other) == letters(name) || other.replace("user.", "") == *name
        });
        assert!(spelled, "{name} in {record}");
    }
}
