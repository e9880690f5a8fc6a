//! Which value a path selects, and how a projection renders it.

use super::{project, projection, record, written};
use crate::projection::{Cell, PathTree, Projection, RowBuffer};
use crate::run::{CsvDelimiter, CsvEscape, CsvFormat, Rendering, Transform, Verdict};

const CSV: Rendering = Rendering::Csv(CsvFormat { delimiter: CsvDelimiter::Comma, escape: CsvEscape::None });

#[test]
fn missing_null_and_value_are_distinct() {
    let tree = PathTree::new(["a", "b", "c", "c.d", "e.0", "e[5]", "s.x"].map(|path| path.parse().unwrap()));
    let mut buffer = RowBuffer::new();
    let row = tree.read(record(r#"{"a":null,"c":{ },"e":["x"],"s":"x"}"#), &mut buffer).unwrap();
    let shown: Vec<String> = row
        .cells()
        .map(|cell| match cell {
            Cell::Missing => "missing".to_owned(),
            Cell::Null => "null".to_owned(),
            Cell::Value(value) => value.json().to_owned(),
        })
        .collect();
    assert_eq!(shown, ["null", "missing", "{ }", "missing", "\"x\"", "missing", "missing"]);
    assert_eq!(row.get(99), Cell::Missing);
}

#[test]
fn values_keep_their_text_except_white_space() {
    let projection = projection(&["id", "n", "x=y", "m"]);
    assert_eq!(
        written(
            &projection,
            Rendering::Json,
            r#" {"n" : 1.0, "id": 9007199254740993, "x": "\u00e9", "m": {"b": 1e400 , "a" : null}} "#
        ),
        r#"{"id":9007199254740993,"n":1.0,"y":"\u00e9","m":{"b":1e400,"a":null}}"#
    );
    assert_eq!(written(&projection, Rendering::Json, "{}"), "{}");
}

#[test]
fn last_repeated_key_resets_its_children() {
    let projection = projection(&["a.b", "a"]);
    assert_eq!(written(&projection, Rendering::Json, r#"{"a":{"b":1},"a":{}}"#), r#"{"a":{}}"#);
    assert_eq!(written(&projection, Rendering::Json, r#"{"a":{"b":1},"\u0061":7}"#), r#"{"a":7}"#);
    assert_eq!(
        written(&projection, Rendering::Json, r#"{"a":{"b":1,"b":2,"c":3,"c":4}}"#),
        r#"{"a.b":2,"a":{"b":1,"b":2,"c":3,"c":4}}"#
    );
}

#[test]
fn path_can_repeat_and_number_is_name_or_index() {
    let projection = projection(&["a.0.b", "a[0].b", r#"a["0"].b"#, "a.0.b=again"]);
    assert_eq!(written(&projection, CSV, r#"{"a":[{"b":1}]}"#), "1,1,,1");
    assert_eq!(written(&projection, CSV, r#"{"a":{"0":{"b":2}}}"#), "2,,2,2");
}

#[test]
fn many_and_long_names_are_all_found() {
    let names: Vec<String> = (55..75).map(|length| "n".repeat(length)).collect();
    let fields: Vec<&str> = names.iter().map(String::as_str).collect();
    let members: Vec<String> = names.iter().map(|name| format!("\"{name}\":{}", name.len())).collect();
    let user = format!("{{{}}}", members.join(","));
    assert_eq!(written(&projection(&fields), Rendering::Json, &user), user);
    assert_eq!(written(&projection(&fields[15..16]), CSV, &user), "70");
}

#[test]
fn flat_keys_are_used_if_nothing_is_nested() {
    let projection = projection(&["app_metadata.plan", "identities[0].connection", "user_metadata.a.b"]);
    let flat = r#"{"app_metadata.plan":"pro","identities[0].connection":"db","user_metadata.a":{"b":1}}"#;
    assert_eq!(written(&projection, CSV, flat), "pro,db,1");
    for both in [
        r#"{"app_metadata.plan":"flat","app_metadata":{"plan":"nested"}}"#,
        r#"{"app_metadata":{"plan":"nested"},"app_metadata.plan":"flat"}"#,
    ] {
        assert_eq!(written(&projection, CSV, both), "nested,,");
    }
    let empty = r#"{"app_metadata":{},"app_metadata.plan":"flat"}"#;
    assert_eq!(written(&projection, CSV, empty), "flat,,");
    let null = r#"{"app_metadata":{"plan":null},"app_metadata.plan":"flat"}"#;
    assert_eq!(written(&projection, CSV, null), ",,");
}

#[test]
fn titles_are_used_if_nothing_else_matches() {
    let projection = Projection::default_fields().unwrap();
    let titled = include_str!("../../../../../testdata/users-default.ndjson").lines().next().unwrap();
    assert_eq!(
        written(&projection, CSV, titled),
        "auth0|13c6bbdce996431cfcb2185a,ada.quill@example.com,true,Ada Quill,Ada,Quill,ada.quill,\
         https://s.gravatar.com/avatar/d5fe1c417797b2b0d31e8914c17c7bd4?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fad.png,\
         Username-Password-Authentication,2021-03-04T09:15:27.481Z,2026-02-11T18:02:44.005Z"
    );
    let short = super::projection(&["email", "identities[0].connection"]);
    assert_eq!(written(&short, CSV, r#"{"EMAIL":"t","email":"e"}"#), "e,");
    assert_eq!(written(&short, CSV, r#"{"email":"e","Email":"t"}"#), "e,");
    assert_eq!(written(&short, CSV, r#"{"Connection":"t","identities[0].connection":"flat"}"#), ",flat");
    assert_eq!(written(&short, CSV, r#"{"\u0045mail":"t","connection":"c"}"#), "t,c");
}

#[test]
fn non_objects_are_rejected() {
    let projection = projection(&["email"]);
    for (json, message) in [
        ("[1]", "expected an object, but found an array at column 1"),
        (r#"{"email":"secret" "#, "expected `,` or `}`, but found the end of the text at column 19"),
        (r#"{"email":1}{"email":2}"#, "a second value begins at column 12; expected one object per line"),
        (r#"{"email":1,"other":[01]}"#, "expected `,` or `]`, but found a digit at column 22"),
    ] {
        let (verdict, _, _) = project(&projection, Rendering::Json, json);
        assert!(matches!(verdict, Verdict::Unreadable(fault) if fault.to_string() == message), "{json}");
    }
    assert_eq!(projection.unseen().len(), 1);
}

#[test]
fn reports_fields_that_no_record_has() {
    let projection = projection(&["email", "emial", "gone", "flat.key"]);
    written(&projection, Rendering::Json, r#"{"email":1,"gone":null}"#);
    let unseen = |projection: &Projection| -> Vec<String> {
        projection.unseen().iter().map(ToString::to_string).collect()
    };
    assert_eq!(unseen(&projection), ["emial", "flat.key"]);
    written(&projection, Rendering::Json, r#"{"flat.key":1}"#);
    assert_eq!(unseen(&projection), ["emial"]);
}

#[test]
fn output_names_are_required_and_unique() {
    let refusal = |builder: crate::projection::ProjectionBuilder| builder.build().unwrap_err().to_string();
    assert_eq!(refusal(Projection::builder()), "expected at least one field, but found none");
    let twice = Projection::builder().field("email").unwrap().field_as("name", "email").unwrap();
    assert_eq!(refusal(twice), "two fields are named `email`; give one of them another name: PATH=NAME");
    let empty = Projection::builder().field_as("a[0]", "").unwrap();
    assert_eq!(
        refusal(empty),
        "field `a[0]`: expected an output name, but found nothing; write PATH=NAME, or PATH alone"
    );
    assert_eq!(Projection::builder().field("$").unwrap_err().category(), crate::error::Category::Usage);
}

#[test]
fn names_are_escaped_in_json_and_quoted_in_a_header() {
    let projection = Projection::builder().field_as("a", "say \"a, b\"").unwrap().build().unwrap();
    assert_eq!(written(&projection, Rendering::Json, r#"{"a":1}"#), r#"{"say \"a, b\"":1}"#);
    assert_eq!(projection.header(CSV), br#""say ""a, b""""#);
    assert_eq!(projection.header(Rendering::Json), b"");
}

#[test]
fn only_a_similar_path_is_suggested() {
    use crate::path::suggest;
    let known = ["email", "email_verified", "user_metadata.plan", "user_metadata.plaza", "a"];
    let suggested =
        ["EMIAL", "email_verifed", "user_metadata.paln", "user_metadata.size", "b", "logins_count", ""]
            .map(|path| suggest(path, known));
    let expected = [Some("email"), Some("email_verified"), Some("user_metadata.plan"), None, Some("a"), None];
    for (suggested, expected) in suggested.iter().zip(expected) {
        assert_eq!(suggested.as_deref(), expected);
    }
}

#[test]
fn field_without_column_is_an_error_listing_columns() {
    use crate::error::ErrorKind;
    use crate::pipeline::Pipeline;
    use crate::record::{Format, ReadOptions};
    use crate::sink::Ndjson;
    use crate::source::Source;

    let ask = |header: String, field: &str| {
        let options = ReadOptions { format: Some(Format::Csv), ..ReadOptions::default() };
        let source = Source::from_reader("users.csv", std::io::Cursor::new(header + "\n"));
        Pipeline::new().read_options(options).run([source], &projection(&[field]), Ndjson::new(Vec::new()))
    };
    let header = || "email,user_metadata.a,identities[0].provider".to_owned();
    for field in ["email", "user_metadata", "user_metadata.a", "identities.0.provider", "identities[0]"] {
        ask(header(), field).unwrap();
    }
    // The column of `email` contains text, so `email.x` cannot be inside it.
    for field in ["emial", "email.x", "user_metadata.b", "identities[1]"] {
        let error = ask(header(), field).map(|(summary, _)| summary.read).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Projection(_)), "{error}");
        let words = error.to_string();
        assert!(words.contains(field), "{words}");
        assert!(words.contains("email, user_metadata.a, identities[0].provider"), "{words}");
    }
    let many: Vec<String> = (0..200).map(|number| format!("c{number}")).collect();
    let words = ask(many.join(","), "d").map(|(summary, _)| summary.read).unwrap_err().to_string();
    assert!(words.contains("c0, c1, ") && words.contains(" and others"), "{words}");
    assert!(words.len() < 1_000, "{words}");
}

#[test]
fn a_record_with_text_after_its_object_has_no_value() {
    let get = |json| super::record(json).get(&"a".parse().unwrap()).map(|value| value.json());
    assert_eq!(get(r#" {"a":1} "#), Some("1"));
    for broken in [r#"{"a":1} x"#, r#"{"a":1}{}"#, r#"{"a":1},"#, r#"{"a":1"#] {
        assert_eq!(get(broken), None, "{broken}");
    }
}

#[test]
fn flat_key_is_limited_to_1024_bytes() {
    for (length, found) in [(1_024, true), (1_025, false)] {
        let name = "x".repeat(length - "app_metadata.".len());
        let json = format!("{{\"app_metadata.{name}\":7}}");
        assert_eq!(json.len(), length + 6);
        let path = format!("app_metadata.{name}");
        let projection = projection(&[&format!("{path}=it")]);
        let expected = if found { "{\"it\":7}" } else { "{}" };
        assert_eq!(written(&projection, Rendering::Json, &json), expected, "{length}");
        let value = super::record(&json).get(&path.parse().unwrap()).map(|value| value.json());
        assert_eq!(value, found.then_some("7"), "{length}");
    }
}
