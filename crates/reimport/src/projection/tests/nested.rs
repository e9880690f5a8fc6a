//! Nested output, against a naive implementation that sets values in a tree of `serde_json`.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value};

use super::{projection, written};
use crate::path::{FieldPath, Segment};
use crate::projection::{Field, Projection};
use crate::run::{CsvFormat, Rendering, Transform as _, apply};

fn csv() -> Rendering {
    Rendering::Csv(CsvFormat::default())
}

fn nested(fields: &[&str]) -> crate::error::Result<Projection> {
    let fields = fields.iter().map(|field| Field::from_argument(field).unwrap());
    Projection::builder().fields(fields).nested(true).build()
}

fn render(fields: &[&str], json: &str) -> String {
    written(&nested(fields).unwrap(), Rendering::Json, json)
}

#[test]
fn names_are_places_in_the_output() {
    let fields = [
        "user_id=externalId",
        "email=traits.email",
        "name=traits[\"full name\"]",
        "connection",
        "user_metadata.plan",
        "x=user.x",
        "y=a.0.b",
        "\"1\":json=version",
    ];
    assert_eq!(
        render(
            &fields,
            r#"{"user_id":"auth0|1","email":null,"name":"A","identities":[{"connection":"Users"}],"user_metadata":{"plan":[1, 2]},"x":1.0,"y":{}}"#
        ),
        r#"{"externalId":"auth0|1","traits":{"email":null,"full name":"A"},"connection":"Users","user_metadata":{"plan":[1,2]},"user":{"x":1.0},"a":{"0":{"b":{}}},"version":1}"#
    );
    assert_eq!(render(&fields, "{}"), r#"{"version":1}"#);
}

#[test]
fn object_or_item_without_a_value_is_left_out_with_its_constants() {
    let fields = [
        "\"bcrypt\"=credentials[0].algorithm",
        "hash=credentials[0].value",
        "\"totp\"=credentials[1].algorithm",
        "secret=credentials[1].value",
        "\"x\"=source.name",
        "\"[]\":json=source.actions",
    ];
    let tail = r#""source":{"name":"x","actions":[]}}"#;
    for (json, credentials) in [
        ("{}", ""),
        (r#"{"hash":null}"#, r#""credentials":[{"algorithm":"bcrypt","value":null}],"#),
        (r#"{"secret":"s"}"#, r#""credentials":[{"algorithm":"totp","value":"s"}],"#),
        (
            r#"{"secret":"s","hash":"h"}"#,
            r#""credentials":[{"algorithm":"bcrypt","value":"h"},{"algorithm":"totp","value":"s"}],"#,
        ),
    ] {
        assert_eq!(render(&fields, json), format!("{{{credentials}{tail}"), "{json}");
    }
}

#[test]
fn impossible_names_are_refused_before_a_record_is_read() {
    for (fields, message) in [
        (
            ["a=x", "b=x.y"],
            "the names `x` and `x.y` cannot both be in nested output: the second is inside the first, which is a value; give one of them another name",
        ),
        (
            ["a=x[0].y", "b=x"],
            "the names `x[0].y` and `x` cannot both be in nested output: the first is inside the second, which is a value; give one of them another name",
        ),
        (
            ["a=x.y", "b=x[\"y\"]"],
            "the names `x.y` and `x[\"y\"]` cannot both be in nested output: both are at the same place; give one of them another name",
        ),
        (
            ["a=x.y", "b=x[0]"],
            "the names `x.y` and `x[0]` cannot both be in nested output: the first needs an object where the second needs an array; give one of them another name",
        ),
        (
            ["a=x[0]", "b=x.0"],
            "the names `x[0]` and `x.0` cannot both be in nested output: the first needs an array where the second needs an object; give one of them another name",
        ),
        (
            ["a=x[0]", "b=x[2].y"],
            "name `x[2].y`: expected an item [1] of this array, but the next is [2]; number the items from 0",
        ),
        (
            ["a=x[1]", "b=y"],
            "name `x[1]`: expected an item [0] of this array, but the next is [1]; number the items from 0",
        ),
        (
            ["a=x..y", "b"],
            "name `x..y`: expected a name, but found `.` at column 3; the names of nested output are paths",
        ),
    ] {
        assert_eq!(nested(&fields).unwrap_err().to_string(), message);
    }
    // The items may be named in any order.
    assert_eq!(render(&["a=x[1]", "b=x[0]"], r#"{"a":1,"b":2}"#), r#"{"x":[2,1]}"#);
    let error = apply(&nested(&["a"]).unwrap(), csv(), super::record("{}")).unwrap_err();
    assert_eq!(error.to_string(), "nested output is JSON: CSV has one level of names");
}

/// Sets a value in a tree in which unset items are `null`.
fn set(at: &mut Value, steps: &[Segment], value: Value) {
    match steps.split_first() {
        None => *at = value,
        Some((Segment::Index(index), rest)) => {
            if !at.is_array() {
                *at = Value::Array(Vec::new());
            }
            let items = at.as_array_mut().unwrap();
            while items.len() <= *index as usize {
                items.push(Value::Null);
            }
            set(&mut items[*index as usize], rest, value);
        }
        Some((Segment::Name(name), rest)) => {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            set(at.as_object_mut().unwrap().entry(&**name).or_insert(Value::Null), rest, value);
        }
        Some((Segment::Number(_), _)) => unreachable!("not generated"),
    }
}

/// The leaf of a constant, of a missing value, and of a value.
const CONSTANT: &str = "constant";
const MISSING: &str = "missing";

/// Removes everything that nested output leaves out. Returns what is left, then whether the tree had a field that is not a
/// constant, then whether one of these fields had a value.
fn prune(tree: Value) -> (Option<Value>, bool, bool) {
    match tree {
        Value::String(leaf) if leaf == CONSTANT => (Some(Value::String(leaf)), false, false),
        Value::String(leaf) if leaf == MISSING => (None, true, false),
        Value::Object(members) => {
            let (mut kept, mut varies, mut has_value) = (Map::new(), false, false);
            for (name, member) in members {
                let (rest, member_varies, member_has) = prune(member);
                varies |= member_varies;
                has_value |= member_has;
                kept.extend(rest.map(|rest| (name, rest)));
            }
            ((has_value || !varies).then_some(Value::Object(kept)), varies, has_value)
        }
        Value::Array(items) => {
            let (mut kept, mut varies, mut has_value) = (Vec::new(), false, false);
            for item in items {
                let (rest, item_varies, item_has) = prune(item);
                varies |= item_varies;
                has_value |= item_has;
                kept.extend(rest);
            }
            ((has_value || !varies).then_some(Value::Array(kept)), varies, has_value)
        }
        value => (Some(value), true, true),
    }
}

fn place() -> impl Strategy<Value = Vec<Segment>> {
    let name = || select(&["a", "b", "c d"][..]).prop_map(|name| Segment::Name(name.into()));
    let step = prop_oneof![3 => name(), 2 => (0_u32..2).prop_map(Segment::Index)];
    (name(), prop::collection::vec(step, 0..4)).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    })
}

proptest! {
    #![proptest_config(crate::cases::cases(512))]

    #[test]
    fn nested_output_equals_naive_tree(
        fields in prop::collection::vec((place(), select(&[CONSTANT, MISSING, "1", "null", "{}"][..])), 1..7),
    ) {
        let mut arguments = Vec::new();
        let mut record = Map::new();
        let mut tree = Value::Object(Map::new());
        for (index, (place, kind)) in fields.iter().enumerate() {
            let name = FieldPath::from_segments(place.clone()).unwrap();
            let value: Value = match *kind {
                CONSTANT | MISSING => Value::String((*kind).to_owned()),
                json => serde_json::from_str(json).unwrap(),
            };
            if *kind == CONSTANT {
                arguments.push(format!("\"{CONSTANT}\"={name}"));
            } else {
                arguments.push(format!("f{index}={name}"));
                if *kind != MISSING {
                    record.insert(format!("f{index}"), value.clone());
                }
            }
            // An empty object as a value looks like a container to the naive tree, so it is a string there.
            let value = if *kind == "{}" { Value::String("empty".to_owned()) } else { value };
            set(&mut tree, place, if *kind == "null" { Value::String("nothing".to_owned()) } else { value });
        }
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        // Names that conflict are tested by their messages.
        let Ok(projection) = nested(&arguments) else { return Ok(()) };
        let found = written(&projection, Rendering::Json, &Value::Object(record).to_string());
        let found = found.replace("null", "\"nothing\"").replace("{}", "\"empty\"");
        let Value::Object(members) = tree else { unreachable!() };
        let mut expected = Map::new();
        for (name, member) in members {
            expected.extend(prune(member).0.map(|rest| (name, rest)));
        }
        let expected = Value::Object(expected);
        let empty = "\"empty\"";
        let found: Value = serde_json::from_str(if found == empty { "{}" } else { &found }).unwrap();
        prop_assert_eq!(found, expected, "{:?}", arguments);
    }
}

#[test]
fn constants_and_encodings_are_written_in_json_and_csv() {
    let fields = [
        "\"a, \\\"b\\\"\"=text",
        "\"[1, true]\":json=list",
        "\"null\":json=none",
        "h:base64",
        "h:json=j",
        "n:base64",
    ];
    let projection = projection(&fields);
    let json = r#"{"h":"$2b$\u0031é","n":7}"#;
    assert_eq!(
        written(&projection, Rendering::Json, json),
        r#"{"text":"a, \"b\"","list":[1,true],"none":null,"h":"JDJiJDHDqQ==","j":"$2b$\u0031é","n":"Nw=="}"#
    );
    assert_eq!(
        written(&projection, csv(), json),
        "\"a, \"\"b\"\"\",\"[1,true]\",,JDJiJDHDqQ==,\"\"\"$2b$\\u0031é\"\"\",Nw=="
    );
    assert_eq!(projection.header(csv()), b"text,list,none,h,j,n");
    assert_eq!(written(&projection, csv(), r#"{"h":null}"#), "\"a, \"\"b\"\"\",\"[1,true]\",,,,");
    assert!(projection.unseen().is_empty());
    for (argument, message) in [
        ("\"x\"", "expected `=NAME` or `:json=NAME` after the constant"),
        ("\"x\"=", "expected `=NAME` or `:json=NAME` after the constant"),
        ("\"x\":int=a", "expected `=NAME` or `:json=NAME` after the constant"),
        ("\"x", "expected a string in double quotes, escaped as in JSON"),
        ("\"\\ud800\"=a", "expected a string in double quotes, escaped as in JSON"),
    ] {
        assert_eq!(
            Field::from_argument(argument).unwrap_err().to_string(),
            format!("field `{argument}`: {message}; write \"TEXT\"=NAME or \"JSON\":json=NAME")
        );
    }
    assert_eq!(
        Field::from_argument("\"x\":json=a").unwrap_err().to_string(),
        "field `x`: expected JSON in the quotes; write \"TEXT\"=NAME or \"JSON\":json=NAME"
    );
    // Other endings are part of the path.
    assert_eq!(Field::from_argument("urn:oid:int").unwrap().name(), "urn:oid:int");
    assert_eq!(Field::from_argument("[\"a:json\"]").unwrap().path(), Some(&FieldPath::of_name("a:json")));
}
