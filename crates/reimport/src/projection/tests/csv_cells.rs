//! CSV cells with each of the three values of `CsvEscape`.

use super::{project, projection};
use crate::run::{CsvDelimiter, CsvEscape, CsvFormat, Rendering, Transform};

fn line(fields: &[&str], escape: CsvEscape, json: &str) -> (String, Vec<String>) {
    let rendering = Rendering::Csv(CsvFormat::default().escape(escape));
    let (_, line, notes) = project(&projection(fields), rendering, json);
    (line, notes)
}

const USER: &str = r#"{"email":"=cmd()","created_at":"2021-03-04T09:15:27.481Z","name":"\"O, K\"\n","n":-5,"b":true,
    "empty":"","null":null,"m":{"a" : "x"},"quote":"'q","when":"2021-03-04T09:15:27.481Z"}"#;
const FIELDS: [&str; 11] =
    ["email", "created_at", "name", "n", "b", "empty", "null", "m", "quote", "when", "gone"];

#[test]
fn cells_are_quoted_only_if_necessary() {
    assert_eq!(
        line(&FIELDS, CsvEscape::None, USER).0,
        "=cmd(),2021-03-04T09:15:27.481Z,\"\"\"O, K\"\"\n\",-5,true,,,\"{\"\"a\"\":\"\"x\"\"}\",'q,2021-03-04T09:15:27.481Z,"
    );
}

#[test]
fn tab_is_quoted_and_comma_is_not_in_tsv() {
    let rendering = |escape| Rendering::Csv(CsvFormat::default().delimiter(CsvDelimiter::Tab).escape(escape));
    let fields = ["a=x,y", "b=x\ty", "c", "d", "e"];
    let projection = projection(&fields);
    assert_eq!(projection.header(rendering(CsvEscape::None)), b"x,y\t\"x\ty\"\tc\td\te");
    let json = r#"{"a":"1,2","b":"1\t2","c":"\t=1","d":"\"\r","e":[1, 2]}"#;
    for (escape, expected) in [
        (CsvEscape::None, "1,2\t\"1\t2\"\t\"\t=1\"\t\"\"\"\r\"\t[1,2]"),
        (CsvEscape::Formulas, "1,2\t\"1\t2\"\t\"'\t=1\"\t\"\"\"\r\"\t[1,2]"),
        (CsvEscape::Auth0, "\"'1,2\"\t\"'1\t2\"\t\"'\t=1\"\t\"'\"\"\r\"\t\"'[1,2]\""),
    ] {
        assert_eq!(project(&projection, rendering(escape), json).1, expected);
    }
}

#[test]
fn formulas_are_counted_with_every_escape() {
    for escape in [CsvEscape::None, CsvEscape::Formulas, CsvEscape::Auth0] {
        assert_eq!(line(&FIELDS, escape, USER).1, ["spreadsheet-formula email"]);
    }
    let (text, notes) = line(&["a=sum", "b"], CsvEscape::Formulas, r#"{"a":"=1,2","b":"＠x"}"#);
    assert_eq!(text, "\"'=1,2\",'＠x");
    assert_eq!(notes, ["spreadsheet-formula sum", "spreadsheet-formula b"]);
    let (text, notes) = line(&["a", "b"], CsvEscape::Formulas, r#"{"a":" =1","b":-1}"#);
    assert_eq!((text.as_str(), notes.len()), (" =1,-1", 0));
    // A number with a sign is not a formula.
    for (text, is_formula) in [
        ("+15550100", false),
        ("-1.5", false),
        ("+", true),
        ("+1.", true),
        ("-.5", true),
        ("--1", true),
        ("-1+1", true),
        ("+1 555", true),
        ("+1.2.3", true),
        ("＋1", true),
        ("=1", true),
    ] {
        let (cell, notes) = line(&["a"], CsvEscape::Formulas, &format!(r#"{{"a":"{text}"}}"#));
        assert_eq!(cell, if is_formula { format!("'{text}") } else { text.to_owned() });
        assert_eq!(notes.len(), usize::from(is_formula), "{text}");
    }
}

#[test]
fn auth0_marks_strings_but_not_its_own_dates() {
    assert_eq!(
        line(&FIELDS, CsvEscape::Auth0, USER).0,
        "\"'=cmd()\",2021-03-04T09:15:27.481Z,\"'\"\"O, K\"\"\n\",-5,true,\"'\",,\"'{\"\"a\"\":\"\"x\"\"}\",\"''q\",\
         \"'2021-03-04T09:15:27.481Z\","
    );
    let other_form = r#"{"last_login":"2021-03-04T09:15:27Z","updated_at":"2021-03-04t09:15:27.481Z"}"#;
    assert_eq!(
        line(&["last_login", "updated_at"], CsvEscape::Auth0, other_form).0,
        "\"'2021-03-04T09:15:27Z\",\"'2021-03-04t09:15:27.481Z\""
    );
    let nested = r#"{"user_metadata":{"created_at":"2021-03-04T09:15:27.481Z"}}"#;
    assert_eq!(
        line(&["user_metadata.created_at=created_at"], CsvEscape::Auth0, nested).0,
        "\"'2021-03-04T09:15:27.481Z\""
    );
}

#[test]
fn single_empty_cell_is_not_a_blank_line() {
    for escape in [CsvEscape::None, CsvEscape::Formulas, CsvEscape::Auth0] {
        assert_eq!(line(&["a"], escape, "{}").0, "\"\"");
        assert_eq!(line(&["a"], escape, r#"{"a":null}"#).0, "\"\"");
        assert_eq!(line(&["a", "b"], escape, "{}").0, ",");
    }
    assert_eq!(line(&["a"], CsvEscape::None, r#"{"a":""}"#).0, "\"\"");
}

#[test]
fn lone_surrogates_are_replaced_and_noted_only_in_csv() {
    let json = r#"{"a":"x\ud800","b":"\ufffd","c":["\ud800"]}"#;
    let (text, notes) = line(&["a", "b", "c"], CsvEscape::None, json);
    assert_eq!(text, "x\u{fffd},\u{fffd},\"[\"\"\\ud800\"\"]\"");
    assert_eq!(notes, ["lone-surrogate"]);
    let (_, text, notes) = project(&projection(&["a"]), Rendering::Json, json);
    assert_eq!((text.as_str(), notes.len()), (r#"{"a":"x\ud800"}"#, 0));
}
