//! How cells become values, and values records.

use super::{csv, good, good_with, read_with};
use crate::RecordReader;
use crate::record::{CsvDialect, CsvTypes, ReadOptions};
use crate::source::Source;

fn dialect(text: &str) -> CsvDialect {
    let source = Source::from_reader("users.csv", std::io::Cursor::new(text.as_bytes().to_vec()));
    RecordReader::open(source, &csv()).unwrap().csv_dialect().unwrap()
}

#[test]
fn in_the_dialect_of_the_export_job_the_apostrophe_is_type_information() {
    let text = "user_id,a,b,c,d,e,f,g,h\n\
                'auth0|1,'true,True,00042,42,2024-12-31,''quoted,',\n";
    assert_eq!(
        good(text),
        [
            r#"{"user_id":"auth0|1","a":"true","b":true,"c":"00042","d":42,"e":"2024-12-31","f":"'quoted","g":""}"#
        ]
    );
}

#[test]
fn plain_text_stays_text_unless_the_column_is_known_for_something_else() {
    let text = "email,email_verified,blocked,logins_count,phone_number,user_metadata.age\n\
                a@example.com,TRUE,no,7,4415,42\n";
    let known = r#"{"email":"a@example.com","email_verified":true,"blocked":"no","logins_count":7,"phone_number":"4415","user_metadata":{"age":"42"}}"#;
    let inferred = r#"{"email":"a@example.com","email_verified":true,"blocked":"no","logins_count":7,"phone_number":4415,"user_metadata":{"age":42}}"#;
    assert_eq!(good(text), [known]);
    let options = ReadOptions { csv_types: CsvTypes::Infer, ..ReadOptions::default() };
    assert_eq!(good_with(text, &options), [inferred]);
}

#[test]
fn the_first_cell_that_is_no_number_boolean_or_date_tells_the_dialect() {
    assert_eq!(
        dialect("email,name\n,42\ntrue,2024-12-31\n2024-12-31T10:00:00.5+01:00,'x\ny,z\n"),
        CsvDialect::Auth0
    );
    assert_eq!(dialect("email,name\n,42\ntrue,2024-12-31\n,x\n'y,'z\n"), CsvDialect::Plain);
    assert_eq!(dialect("email,name\n007,'x\n"), CsvDialect::Plain);
    assert_eq!(dialect("email,name\n\"2024-12-31 \",'x\n"), CsvDialect::Plain);
    // A damaged row tells nothing, and a file in which no cell tells is read as the export job writes.
    assert_eq!(dialect("email,name\nx\nx,y\"\n'x,y\n"), CsvDialect::Auth0);
    assert_eq!(dialect("email,name\n1,2\n"), CsvDialect::Auth0);
    assert_eq!(dialect("email,name\n"), CsvDialect::Auth0);
}

#[test]
fn the_dialect_of_the_first_row_does_not_depend_on_how_far_away_the_cell_is_that_tells_it() {
    let text = format!("email,user_metadata.age\n{},x\n", ",42\n".repeat(100_000));
    for block_bytes in [7, 512 << 10] {
        let options = ReadOptions { block_bytes, ..ReadOptions::default() };
        let rows = good_with(&text, &options);
        assert_eq!((rows.len(), &*rows[0]), (100_001, r#"{"user_metadata":{"age":"42"}}"#));
    }
}

#[test]
fn an_option_overrides_what_the_cells_tell() {
    let options = ReadOptions { csv_dialect: Some(CsvDialect::Plain), ..ReadOptions::default() };
    assert_eq!(good_with("name\n'tHooft\n", &options), [r#"{"name":"'tHooft"}"#]);
    assert_eq!(good("name\n'tHooft\n"), [r#"{"name":"tHooft"}"#]);
}

#[test]
fn the_delimiter_is_the_one_that_finds_the_most_known_names() {
    assert_eq!(good("email;name\na@example.com;A,B\n"), [r#"{"email":"a@example.com","name":"A,B"}"#]);
    assert_eq!(good("email\tname\n\tA;B\n"), [r#"{"name":"A;B"}"#]);
    assert_eq!(good("a,b;email\nx;y\n"), [r#"{"a,b":"x","email":"y"}"#]);
    let options = ReadOptions { delimiter: Some(b'|'), ..ReadOptions::default() };
    assert_eq!(good_with("email|name\n|A,B\n", &options), [r#"{"name":"A,B"}"#]);
}

#[test]
fn what_has_nothing_in_it_is_absent_but_no_index_moves() {
    let header =
        "email,user_metadata.a.b,identities[0].provider,identities[1].provider,tags[0],tags[1][0],tags[2]";
    let rows = |cells: &str| good(&format!("{header}\n{cells}\n")).remove(0);
    assert_eq!(rows(",,,,,,"), "{}");
    assert_eq!(rows(",,x,,,,"), r#"{"identities":[{"provider":"x"}]}"#);
    assert_eq!(rows(",,,x,,,"), r#"{"identities":[{},{"provider":"x"}]}"#);
    assert_eq!(rows(",,,,,,x"), r#"{"tags":[null,[],"x"]}"#);
    assert_eq!(rows(",x,,,,y,"), r#"{"user_metadata":{"a":{"b":"x"}},"tags":[null,["y"]]}"#);
}

#[test]
fn members_stand_in_the_order_of_the_header_and_those_of_one_object_together() {
    let text = "user_metadata.b,email,user_metadata.a,identities[1].x,identities[0].x\n1,2,3,4,5\n";
    assert_eq!(good(text), [r#"{"user_metadata":{"b":1,"a":3},"email":2,"identities":[{"x":5},{"x":4}]}"#]);
}

#[test]
fn a_header_alone_is_an_export_of_nobody() {
    for text in ["email", "email,name\n", "\u{feff}\r\n\nemail\r\n\r\n"] {
        assert_eq!(read_with(text.as_bytes(), &ReadOptions::default()), (vec![], None), "{text:?}");
    }
}

#[test]
fn a_row_of_one_empty_cell_is_a_record_and_an_empty_line_is_none() {
    assert_eq!(good("email\n\n\"\"\n\r\nx"), ["{}", r#"{"email":"x"}"#]);
}
