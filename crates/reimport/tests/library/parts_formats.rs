//! Parts for programs other than the import: their names, frames and limits.

use std::io::Cursor;

use reimport::projection::Field;
use reimport::sink::{Framing, Parts, PartsOptions};
use reimport::source::Source;
use reimport::{CsvDelimiter, CsvFormat, Pipeline, Projection};

const EXPORT: &str = "{\"email\":\"a@example.com\",\"name\":\"A\\tB\"}\n{\"email\":\"b@example.com\"}\n{\"email\":\"c@example.com\"}\n";

#[test]
fn each_format_has_its_names_and_frame() {
    let csv = CsvFormat::default();
    for (framing, first, second) in [
        (
            Framing::Csv(csv),
            ("part-00000.csv", "email,name\na@example.com,A\tB\nb@example.com,\n"),
            ("part-00001.csv", "email,name\nc@example.com,\n"),
        ),
        (
            Framing::Csv(csv.delimiter(CsvDelimiter::Tab)),
            ("part-00000.tsv", "email\tname\na@example.com\t\"A\tB\"\nb@example.com\t\n"),
            ("part-00001.tsv", "email\tname\nc@example.com\t\n"),
        ),
        (
            Framing::Ndjson,
            (
                "part-00000.ndjson",
                "{\"email\":\"a@example.com\",\"name\":\"A\\tB\"}\n{\"email\":\"b@example.com\"}\n",
            ),
            ("part-00001.ndjson", "{\"email\":\"c@example.com\"}\n"),
        ),
        (
            Framing::Array,
            (
                "part-00000.json",
                "[\n{\"email\":\"a@example.com\",\"name\":\"A\\tB\"},\n{\"email\":\"b@example.com\"}\n]",
            ),
            ("part-00001.json", "[\n{\"email\":\"c@example.com\"}\n]"),
        ),
        (
            Framing::Wrapped("us\"ers".into()),
            (
                "part-00000.json",
                "{\"us\\\"ers\":[\n{\"email\":\"a@example.com\",\"name\":\"A\\tB\"},\n{\"email\":\"b@example.com\"}\n]}",
            ),
            ("part-00001.json", "{\"us\\\"ers\":[\n{\"email\":\"c@example.com\"}\n]}"),
        ),
    ] {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("parts");
        let parts = Parts::create(&out, PartsOptions::default().max_part_users(2)).unwrap();
        let fields = ["email", "name"].map(|name| Field::from_argument(name).unwrap());
        let projection = Projection::builder().fields(fields).build().unwrap();
        let source = Source::from_reader("tenant.json", Cursor::new(EXPORT.as_bytes()));
        let parts = parts.framed(framing).unwrap();
        let (_, published) = Pipeline::new().run([source], &projection, parts).unwrap();
        let found: Vec<_> = published.parts().map(|(path, part)| (path, part.users, part.bytes)).collect();
        let expected =
            [(first, 2), (second, 1)].map(|((name, text), users)| (out.join(name), users, text.len() as u64));
        assert_eq!(found, expected);
        for (name, text) in [first, second] {
            assert_eq!(std::fs::read_to_string(out.join(name)).unwrap(), text, "{name}");
        }
    }
}

#[test]
fn limit_without_room_for_the_frame_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let create =
        |bytes| Parts::create(home.path().join("parts"), PartsOptions::default().max_part_bytes(bytes));
    let wrapped = || Framing::Wrapped("users of the whole tenant".into());
    assert!(create(64).unwrap().framed(wrapped()).is_ok());
    assert!(create(20).and_then(|parts| parts.framed(wrapped())).is_err());
}
