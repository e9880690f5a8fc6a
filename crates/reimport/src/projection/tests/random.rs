//! Random users and random paths. There are few names, so that paths and users often match.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::projection::{FieldPath, Segment};

const NAMES: [&str; 29] = [
    "a",
    "a",
    "a",
    "a",
    "b",
    "b",
    "b",
    "0",
    "1",
    "a b",
    "a.b",
    "a[0]",
    "a.0",
    "a.0.b",
    "b.a",
    "[\"a\"].b",
    "user.a",
    "user",
    "",
    "=",
    "é",
    "email",
    "Email",
    "EMAIL",
    "eMail",
    "identities",
    "IDENTITIES",
    "Connection",
    "connection",
];

const SCALARS: [&str; 25] = [
    "null",
    "null",
    "true",
    "false",
    "0",
    "-0",
    "1.0",
    "1e400",
    "9007199254740993",
    "\"\"",
    "\"=1+1\"",
    "\"\\u003d1\"",
    "\"＋1\"",
    "\"\\tx\"",
    "\"+44 20\"",
    "\"a,b\"",
    "\"q\\\"q\"",
    "\"line\\r\\nbreak\"",
    "\"bare\\rreturn\"",
    "\"\\ud800\"",
    "\"\\ud83e\\udd84 \\udc00\"",
    "\"晨 \\/ \\\\\"",
    "\"'x\"",
    "\"2021-03-04T09:15:27.481Z\"",
    "\" { } [ , ] \"",
];

/// A name between quotes. Some of its characters are escaped.
fn spelt_name() -> impl Strategy<Value = String> {
    (select(&NAMES[..]), any::<u8>(), any::<bool>()).prop_map(|(name, mask, escapes)| {
        let spell = |(place, char): (usize, char)| {
            if char == '"' {
                "\\\"".to_owned()
            } else if escapes && mask >> (place % 8) & 1 == 1 {
                format!("\\u{:04x}", char as u32)
            } else {
                char.to_string()
            }
        };
        name.chars().enumerate().map(spell).collect()
    })
}

fn space() -> impl Strategy<Value = &'static str> {
    prop_oneof![12 => Just(""), 1 => Just(" "), 1 => Just("\t \n")]
}

fn object(value: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let member = (space(), spelt_name(), space(), space(), value, space());
    (space(), vec(member, 0..6)).prop_map(|(space, members)| {
        let members: Vec<String> = members
            .into_iter()
            .map(|(one, name, two, three, value, four)| format!("{one}\"{name}\"{two}:{three}{value}{four}"))
            .collect();
        if members.is_empty() { format!("{{{space}}}") } else { format!("{{{}}}", members.join(",")) }
    })
}

fn value() -> impl Strategy<Value = String> {
    let string = any::<String>().prop_map(|text| serde_json::to_string(&text).unwrap());
    let scalar = prop_oneof![4 => select(&SCALARS[..]).prop_map(str::to_owned), 1 => string];
    scalar.prop_recursive(4, 40, 5, |inner| {
        let array = (space(), vec(inner.clone(), 0..4), space())
            .prop_map(|(one, items, two)| format!("[{one}{}{two}]", items.join(&format!("{two},{one}"))));
        prop_oneof![3 => object(inner), 2 => array]
    })
}

/// The JSON text of one user, with white space, escapes and repeated keys.
pub(super) fn user() -> impl Strategy<Value = String> {
    (space(), object(value()), space()).prop_map(|(one, object, two)| format!("{one}{object}{two}"))
}

fn segment() -> impl Strategy<Value = Segment> {
    prop_oneof![
        6 => select(&NAMES[..]).prop_map(|name| Segment::Name(name.into())),
        2 => (0_u32..3).prop_map(Segment::Index),
        2 => (0_u32..2).prop_map(Segment::Number),
        1 => Just(Segment::Name("connection".into())),
        1 => Just(Segment::Name("created_at".into())),
    ]
}

/// A path of names that [`user`] generates.
pub(super) fn path() -> impl Strategy<Value = FieldPath> {
    let known = select(&["identities[0].connection", "a.0.b", "a[0].b", "a.b", "email"][..]);
    prop_oneof![
        1 => known.prop_map(|path| path.parse().unwrap()),
        6 => vec(segment(), 1..4).prop_filter_map("begins with an index", FieldPath::from_segments),
    ]
}

/// A path of arbitrary names.
pub(super) fn any_path() -> impl Strategy<Value = FieldPath> {
    let special = "[\\[\\].=$*/~\"'\\\\ a0\u{7f}é]{0,6}";
    let segment = prop_oneof![
        segment(),
        any::<String>().prop_map(|name| Segment::Name(name.into())),
        special.prop_map(|name| Segment::Name(name.into())),
        any::<u32>().prop_map(Segment::Index),
        any::<u32>().prop_map(Segment::Number),
    ];
    vec(segment, 1..6).prop_filter_map("begins with an index", FieldPath::from_segments)
}
