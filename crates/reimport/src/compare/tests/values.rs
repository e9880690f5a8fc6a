//! The hash of a value, and the paths at which two values differ, compared with the naive implementation.

use proptest::prelude::*;

use super::oracle::canonical;
use crate::compare::canonical::Canonical;
use crate::compare::field_changes::note_differences;
use crate::json::Scanner;
use crate::projection::Segment;

fn hash(text: &str) -> u64 {
    let mut scanner = Scanner::new(text);
    let hash = Canonical::new(7).value(&mut scanner).expect("valid");
    scanner.end().expect("no text after the value");
    hash
}

fn paths(old: &str, new: &str) -> Vec<String> {
    let mut changes = Vec::new();
    let mut path = vec![Segment::Name("user_metadata".into())];
    let value = |text| Scanner::new(text).value().unwrap();
    note_differences(value(old), value(new), &mut path, &mut changes).unwrap();
    changes.iter().map(|change| format!("{} {}", change.path, change.kind)).collect()
}

/// There are few values with several spellings each, so two of them are often equal.
fn value() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "null",
        "true",
        "false",
        "0",
        "-0",
        "0.0",
        "1",
        "1.0",
        "10e-1",
        "1E0",
        "100",
        "1e+2",
        "-1",
        "9007199254740993",
        "9007199254740992",
        "\"\"",
        "\"a\"",
        "\"\\u0061\"",
        "\"A\"",
        "\"1\"",
        "\"é\"",
        "\"\\u00e9\"",
        "\"\\ud83e\\udd84\"",
        "\"🦄\"",
        "\"null\"",
        "\"true\"",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(4, 24, 4, |inner| {
        let space = || prop::sample::select(vec!["", "", " ", "\n\t"]);
        let name = prop::sample::select(vec!["\"a\"", "\"\\u0061\"", "\"b\"", "\"\"", "\"a.b\"", "\"A\""]);
        prop_oneof![
            (prop::collection::vec(inner.clone(), 0..4), space())
                .prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},")))),
            (prop::collection::vec((name, inner), 0..5), space()).prop_map(|(members, space)| {
                let members: Vec<_> =
                    members.iter().map(|(name, value)| format!("{name}{space}:{value}")).collect();
                format!("{{{space}{}{space}}}", members.join(","))
            }),
        ]
    })
}

/// A value, and a second one that is often the same value in another spelling.
fn two() -> impl Strategy<Value = (String, String)> {
    let members =
        prop::collection::vec((prop::sample::select(vec!["a", "b", "c", "\\u0063"]), value()), 0..5);
    let object = |members: &[(&str, String)]| {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{{}}}", members.join(","))
    };
    prop_oneof![
        (value(), value()),
        members
            .prop_flat_map(|members| (Just(members.clone()), Just(members).prop_shuffle()))
            .prop_map(move |(one, other)| (object(&one), object(&other))),
        value().prop_map(|value| (value.clone(), value.replace("9007199254740993", "9007199254740992"))),
        value().prop_map(|value| (value.clone(), value.replace("\\u0061", "a").replace("1.0", "1E0"))),
    ]
}

proptest! {
    #![proptest_config(crate::cases::cases(3000))]

    #[test]
    fn hashes_are_equal_exactly_for_equal_values((old, new) in two()) {
        let same = canonical(&old) == canonical(&new);
        prop_assert_eq!(hash(&old) == hash(&new), same, "hash of {} and {}", old, new);
        prop_assert_eq!(paths(&old, &new).is_empty(), same, "paths of {} and {}", old, new);
    }
}

#[test]
fn values_of_different_kinds_have_different_hashes() {
    let texts = [
        "null",
        "true",
        "false",
        "0",
        "1",
        "\"\"",
        "\"null\"",
        "\"true\"",
        "\"0\"",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "[null]",
        "{\"\":null}",
        "[1,2]",
        "[2,1]",
        "[[1],2]",
        "[1,[2]]",
        "[[1,2]]",
        "{\"a\":{\"b\":1}}",
        "{\"a\":1,\"b\":1}",
        "{\"b\":{\"a\":1}}",
    ];
    for (place, one) in texts.iter().enumerate() {
        for other in &texts[place + 1..] {
            assert_ne!(hash(one), hash(other), "{one} {other}");
        }
    }
}

#[test]
fn record_of_maximum_depth_is_compared() {
    let deep = |leaf: &str| format!("{}{leaf}{}", "[".repeat(127), "]".repeat(127));
    assert_ne!(hash(&deep("1")), hash(&deep("2")));
    let path = format!("user_metadata{} value", "[0]".repeat(127));
    assert_eq!(paths(&deep("1"), &deep("2")), [path]);
}

#[test]
fn differences_have_path_and_kind() {
    assert_eq!(
        paths(
            r#"{"a":{"b":1,"c":9007199254740993},"roles":["x","y"],"all":[1,2],"old":1,"k.d":"v","t":1}"#,
            r#"{"a":{"b":2,"c":9007199254740992},"roles":["x","z"],"all":[1],"new":null,"k.d":"w","t":"1"}"#,
        ),
        [
            "user_metadata.a.b value",
            "user_metadata.a.c lost-digits",
            "user_metadata.all value",
            "user_metadata[\"k.d\"] value",
            "user_metadata.old gone",
            "user_metadata.roles[1] value",
            "user_metadata.t value",
            "user_metadata.new added",
        ]
    );
}
