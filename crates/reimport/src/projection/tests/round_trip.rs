//! Writes users to CSV with the escapes of the export job, reads the CSV again, and compares values and types.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::random::{path, user};
use super::{projection, written};
use crate::json::{Kind, Scanner, Value};
use crate::projection::{Field, Projection};
use crate::record::{CsvDialect, Format, ReadOptions, RecordReader};
use crate::run::{CsvDelimiter, CsvEscape, CsvFormat, Rendering, Transform};
use crate::source::Source;

const DELIMITERS: [CsvDelimiter; 2] = [CsvDelimiter::Comma, CsvDelimiter::Tab];

/// Renders the users as CSV and returns the records that are read from it.
fn back(
    projection: &Projection,
    users: &[String],
    delimiter: CsvDelimiter,
    options: &ReadOptions,
) -> Vec<String> {
    let rendering = Rendering::Csv(CsvFormat { delimiter, escape: CsvEscape::Auth0 });
    let mut csv = projection.header(rendering);
    for user in users {
        csv.push(b'\n');
        csv.extend_from_slice(written(projection, rendering, user).as_bytes());
    }
    let source = Source::from_reader("users.csv", std::io::Cursor::new(csv));
    let mut reader = RecordReader::open(source, options).unwrap();
    assert_eq!(reader.csv_dialect(), Some(CsvDialect::Auth0));
    let mut records = Vec::new();
    while let Some(record) = reader.next_record().unwrap() {
        records.push(record.json().to_owned());
    }
    records
}

/// Returns every member of a flat object as name, kind and decoded text, as CSV represents it: a `null` is absent,
/// objects and arrays are strings.
fn members(json: &str) -> Vec<(String, Kind, String)> {
    let mut scanner = Scanner::new(json);
    scanner.enter_object().unwrap();
    let mut members = Vec::new();
    while let Some(name) = scanner.name().unwrap() {
        let value: Value<'_> = scanner.value().unwrap();
        let (kind, text) = match value.kind() {
            Kind::Null => continue,
            Kind::String => (Kind::String, value.as_str().unwrap().into_owned()),
            Kind::Object | Kind::Array => {
                let mut compact = Vec::new();
                value.write_compact(&mut compact);
                (Kind::String, String::from_utf8(compact).unwrap())
            }
            kind => (kind, value.json().to_owned()),
        };
        members.push((name.decoded().into_owned(), kind, text));
    }
    members
}

/// A user with strings that are difficult to represent in CSV.
fn hard_user() -> impl Strategy<Value = String> {
    let special = "['\"=,;\t\r\n\\\\+@ a\u{1}\u{7f}é晨🦄-]{0,8}";
    let text = prop_oneof![special.prop_map(String::from), "[^\0]{0,8}".prop_map(String::from)];
    let string = text.prop_map(|text| serde_json::to_string(&text).unwrap());
    let other = select(
        &["null", "true", "false", "-0", "1e400", "9007199254740993", "\"\\ud800\"", "[1, 2]", "{}"][..],
    );
    let value = prop_oneof![3 => string, 1 => other.prop_map(str::to_owned)];
    vec(value, 8).prop_map(|v| {
        format!(
            r#"{{"email":{},"user_metadata":{{"first login":{},"a\"b":{}}},"identities":[{{"connection":{}}},{{"user_id":{},"connection":{}}}],"logins_count":{},"plan":{},"created_at":"2021-03-04T09:15:27.481Z"}}"#,
            v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7]
        )
    })
}

proptest! {
    #[test]
    fn fields_round_trip_through_csv(
        users in vec(user(), 1..4),
        paths in vec(path(), 1..5),
        delimiter in select(&DELIMITERS[..]),
    ) {
        let fields = paths.into_iter().enumerate().map(|(place, path)| Field::new(path, format!("f{place}")));
        let projection = Projection::builder().fields(fields).build().unwrap();
        let options = ReadOptions { format: Some(Format::Csv), ..ReadOptions::default() };
        let back = back(&projection, &users, delimiter, &options);
        prop_assert_eq!(back.len(), users.len());
        for (user, back) in users.iter().zip(&back) {
            prop_assert_eq!(members(&written(&projection, Rendering::Json, user)), members(back));
        }
    }

    #[test]
    fn strings_round_trip_to_their_paths(
        users in vec(hard_user(), 1..4),
        delimiter in select(&DELIMITERS[..]),
    ) {
        let projection = projection(&[
            "email", "user_metadata.first login", "user_metadata[\"a\\\"b\"]", "identities[0].connection",
            "identities[1].user_id", "identities[1].connection", "logins_count", "plan", "created_at",
        ]);
        let back = back(&projection, &users, delimiter, &ReadOptions::default());
        prop_assert_eq!(back.len(), users.len());
        for (user, back) in users.iter().zip(&back) {
            let again = written(&projection, Rendering::Json, back);
            prop_assert_eq!(members(&written(&projection, Rendering::Json, user)), members(&again));
        }
    }
}

#[test]
fn types_and_apostrophes_round_trip() {
    let projection = projection(&["email", "blocked", "logins_count", "user_metadata.a", "user_metadata.b"]);
    let user =
        r#"{"email":"'a","blocked":false,"logins_count":42,"user_metadata":{"a":"42","b":["\ud800"]}}"#;
    for delimiter in DELIMITERS {
        assert_eq!(
            back(&projection, &[user.to_owned()], delimiter, &ReadOptions::default()),
            [
                r#"{"email":"'a","blocked":false,"logins_count":42,"user_metadata":{"a":"42","b":"[\"\\ud800\"]"}}"#
            ]
        );
    }
}
