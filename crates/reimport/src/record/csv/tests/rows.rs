//! Tests of the conversion of cells to values, and of values to records.

use super::{good, good_with, read_with};
use crate::record::{CsvDialect, CsvTypes, ReadOptions};

#[test]
fn auth0_dialect_marks_strings_with_an_apostrophe() {
    let text = "user_id,a,b,c,d,e,f,g,h\n\
                'auth0|1,'true,True,00042,42,2024-12-31,''quoted,',\n";
    let options = ReadOptions { csv_dialect: Some(CsvDialect::Auth0), ..ReadOptions::default() };
    assert_eq!(
        good_with(text, &options),
        [
            r#"{"user_id":"auth0|1","a":"true","b":true,"c":"00042","d":42,"e":"2024-12-31","f":"'quoted","g":""}"#
        ]
    );
}

#[test]
fn plain_text_is_text_except_in_typed_columns() {
    let text = "email,email_verified,blocked,logins_count,phone_number,user_metadata.age\n\
                a@example.com,TRUE,no,7,4415,42\n";
    let known = r#"{"email":"a@example.com","email_verified":true,"blocked":"no","logins_count":7,"phone_number":"4415","user_metadata":{"age":"42"}}"#;
    let inferred = r#"{"email":"a@example.com","email_verified":true,"blocked":"no","logins_count":7,"phone_number":4415,"user_metadata":{"age":42}}"#;
    assert_eq!(good(text), [known]);
    let options = ReadOptions { csv_types: CsvTypes::Infer, ..ReadOptions::default() };
    assert_eq!(good_with(text, &options), [inferred]);
}

#[test]
fn dialect_is_detected_from_a_distant_cell() {
    let text = format!("email,user_metadata.age\n{},x\n", ",42\n".repeat(100_000));
    for block_bytes in [7, 512 << 10] {
        let options = ReadOptions { block_bytes, ..ReadOptions::default() };
        let rows = good_with(&text, &options);
        assert_eq!((rows.len(), &*rows[0]), (100_001, r#"{"user_metadata":{"age":"42"}}"#));
    }
}

#[test]
fn option_overrides_the_detected_dialect() {
    let options = ReadOptions { csv_dialect: Some(CsvDialect::Plain), ..ReadOptions::default() };
    assert_eq!(good_with("name\n'tHooft\n", &options), [r#"{"name":"'tHooft"}"#]);
    assert_eq!(good("name\n'tHooft\n"), [r#"{"name":"tHooft"}"#]);
}

#[test]
fn delimiter_with_most_known_names_is_used() {
    assert_eq!(good("email;name\na@example.com;A,B\n"), [r#"{"email":"a@example.com","name":"A,B"}"#]);
    assert_eq!(good("email\tname\n\tA;B\n"), [r#"{"name":"A;B"}"#]);
    assert_eq!(good("a,b;email\nx;y\n"), [r#"{"a,b":"x","email":"y"}"#]);
    let options = ReadOptions { delimiter: Some(b'|'), ..ReadOptions::default() };
    assert_eq!(good_with("email|name\n|A,B\n", &options), [r#"{"name":"A,B"}"#]);
}

#[test]
fn first_line_naming_the_delimiter_is_not_the_header() {
    let rows = [r#"{"email":"a|b","name":"c,d;e"}"#];
    for (first, delimiter) in
        [("sep=;", ";"), ("SEP=,", ","), ("\"sep=;\"", ";"), ("sep=\t", "\t"), ("sep=|", "|"), ("sep=^", "^")]
    {
        for end in ["\n", "\r\n"] {
            let text =
                format!("\u{feff}{first}{end}email{delimiter}name{end}\"a|b\"{delimiter}\"c,d;e\"{end}");
            let (found, ended) = read_with(text.as_bytes(), &ReadOptions::default());
            assert_eq!(ended, None, "{text:?}");
            assert_eq!((found[0].0.line, found[0].0.record), (3, 1));
            assert_eq!(found.into_iter().map(|row| row.1.unwrap()).collect::<Vec<_>>(), rows, "{text:?}");
        }
    }
    // An option has priority, and an error of the header has its real line.
    let options = ReadOptions { delimiter: Some(b','), ..ReadOptions::default() };
    assert_eq!(good_with("sep=;\nemail,name\na,b\n", &options), [r#"{"email":"a","name":"b"}"#]);
    assert_eq!(
        super::refusal("sep=;\nemail;;name\n"),
        "users.csv: line 2 (header, byte 12): cell 2 of the header: expected a name, but found nothing; name the column, or remove it"
    );
    for other in ["sep=\nemail\na\n", "sep=;;\nemail\na\n", "sep=\"\nemail\na\n"] {
        let words = super::refusal(other);
        assert!(words.contains("this is not an export") || words.contains("quote"), "{other:?}: {words}");
    }
}

#[test]
fn json_text_in_an_object_property_is_converted() {
    let rows = |property: &str, cell: &str| {
        let quoted = format!("\"{}\"", cell.replace('"', "\"\""));
        good(&format!("email,{property}\nx,{quoted}\n")).remove(0)
    };
    for (property, cell, value) in [
        ("user_metadata", r#"{"a":1}"#, r#"{"a":1}"#),
        ("app_metadata", " { \"a b\" : [ 1.0,\n9007199254740993 ] } ", r#"{"a b":[1.0,9007199254740993]}"#),
        ("app_metadata", "{}", "{}"),
        ("custom_password_hash", r#"{"algorithm":"md5"}"#, r#"{"algorithm":"md5"}"#),
        ("identities", r#"[{"provider":"auth0"}]"#, r#"[{"provider":"auth0"}]"#),
        ("multifactor", r#"["guardian"]"#, r#"["guardian"]"#),
        ("mfa_factors", "[]", "[]"),
        // These stay strings. The rules reject them later.
        ("user_metadata", "[1]", r#""[1]""#),
        ("identities", "{}", r#""{}""#),
        ("user_metadata", r#"{"a":}"#, r#""{\"a\":}""#),
        ("user_metadata", r#"{"a":1} {}"#, r#""{\"a\":1} {}""#),
        ("user_metadata", r#""{}""#, r#""\"{}\"""#),
        // A property that can be a string.
        ("name", r#"{"a":1}"#, r#""{\"a\":1}""#),
        ("user_metadata.a", r#"{"a":1}"#, r#"{"a":"{\"a\":1}"}"#),
    ] {
        let name = property.split('.').next().unwrap();
        assert_eq!(rows(property, cell), format!(r#"{{"email":"x","{name}":{value}}}"#), "{property} {cell}");
    }
    // With and without the apostrophe of the export job.
    assert_eq!(
        good("email,user_metadata,app_metadata\n'x,\"'{\"\"a\"\":\"\"'b\"\"}\",{}\n"),
        [r#"{"email":"x","user_metadata":{"a":"'b"},"app_metadata":{}}"#]
    );
}

#[test]
fn empty_cells_are_absent_and_indexes_are_kept() {
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
fn members_follow_header_order_grouped_by_object() {
    let text = "user_metadata.b,email,user_metadata.a,identities[1].x,identities[0].x\n1,2,3,4,5\n";
    assert_eq!(good(text), [r#"{"user_metadata":{"b":1,"a":3},"email":2,"identities":[{"x":5},{"x":4}]}"#]);
}

#[test]
fn header_without_rows_is_an_empty_export() {
    for text in ["email", "email,name\n", "\u{feff}\r\n\nemail\r\n\r\n"] {
        assert_eq!(read_with(text.as_bytes(), &ReadOptions::default()), (vec![], None), "{text:?}");
    }
}

#[test]
fn quoted_empty_cell_is_a_record() {
    assert_eq!(good("email\n\n\"\"\n\r\nx"), ["{}", r#"{"email":"x"}"#]);
}
