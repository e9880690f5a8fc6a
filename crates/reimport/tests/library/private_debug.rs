//! The `Debug` form of everything that has data of users shows numbers only, because programs log it.

use std::io::Cursor;

use reimport::filter::Ids;
use reimport::import::MfaSecrets;
use reimport::import::retry::{Identifiers, RefusedIndex};
use reimport::projection::{PathTree, RowBuffer};
use reimport::source::Source;
use reimport::survey::{Tally, ValueAt, Values};
use reimport::{Pipeline, Record, RecordReader};

const USER: &str = r#"{"user_id":"auth0|secret","email":"secret@example.com"}"#;

#[test]
fn debug_shows_numbers_only() {
    let record = Record::parse(USER).unwrap();
    let mut tally = Tally::new();
    tally.add(record).unwrap();
    let value = PathTree::new(["email".parse().unwrap()]);
    let mut buffer = RowBuffer::new();
    value.read(record, &mut buffer).unwrap();
    let export = Source::from_reader("tenant.json", USER.as_bytes());
    let at = ValueAt::new("email".parse().unwrap());
    let (_, counts) = Pipeline::new().run([export], &at, Values::new()).unwrap();
    let source = |text: &str| Source::from_reader("secrets", Cursor::new(text.to_owned().into_bytes()));
    let secrets =
        MfaSecrets::new().read(source(r#"{"user_id":"auth0|secret","otp_secret":"JBSWY3DP"}"#)).unwrap();
    let identifiers = Identifiers::of_user(USER);
    let mut reader = RecordReader::from_reader("tenant.json", USER.as_bytes()).unwrap();
    let owned = reader.owned().next().unwrap().unwrap();
    for (shown, expected) in [
        (format!("{tally:?}"), "Tally(1 records, 2 paths)"),
        (format!("{counts:?}"), "ValueCounts(1 records, 1 values)"),
        (format!("{:?}", counts.most_common()), "[ValueCount(20 bytes, 1 records)]"),
        (format!("{buffer:?}"), "RowBuffer(1 slots)"),
        (format!("{secrets:?}"), "MfaSecrets(1 users of 1 files)"),
        (format!("{identifiers:?}"), "Identifiers(user_id, email)"),
        (format!("{:?}", RefusedIndex::new([identifiers.clone()])), "RefusedIndex(1 entries)"),
        (format!("{owned:?}"), "OwnedRecord(line 1 (record 1, byte 0), 55 bytes)"),
        (format!("{:?}", Ids::new()), "Ids(0)"),
    ] {
        assert_eq!(shown, expected);
    }
}
