//! Generators of JSON texts, valid and broken.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Generates white space: mostly none, sometimes of every kind.
pub(crate) fn space() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just(String::new()),
        1 => vec(select(&[' ', '\t', '\n', '\r'][..]), 1..4).prop_map(String::from_iter),
    ]
}

/// Generates the inside of a string: plain characters, every escape, surrogate pairs and lone surrogates.
pub(crate) fn inside() -> impl Strategy<Value = String> {
    let plain = any::<char>().prop_map(|c| {
        if c < ' ' || c == '"' || c == '\\' { format!("\\u{:04x}", u32::from(c)) } else { c.to_string() }
    });
    let short =
        select(&["\\\"", "\\\\", "\\/", "\\b", "\\f", "\\n", "\\r", "\\t"][..]).prop_map(str::to_owned);
    let ascii =
        vec(select(&b"abcdefgh ]}{[,:'"[..]), 0..20).prop_map(|bytes| String::from_utf8(bytes).unwrap());
    let unit = any::<u16>().prop_map(|unit| format!("\\u{unit:04X}"));
    let surrogate = (0xd7ff_u16..=0xe000).prop_map(|unit| format!("\\u{unit:04x}"));
    let edge =
        select(&["\\ud800", "\\udbff", "\\udc00", "\\udfff", "\\ud83e\\udd84", "\u{7f}", "é", "🦄"][..])
            .prop_map(str::to_owned);
    vec(prop_oneof![4 => ascii, 2 => plain, 1 => short, 1 => unit, 1 => surrogate, 2 => edge], 0..5)
        .prop_map(|pieces| pieces.concat())
}

fn number() -> impl Strategy<Value = String> {
    let written = select(&["0", "-0", "1.0", "1e400", "9007199254740993", "-0.0E-0", "1E+2", "-12.50"][..]);
    prop_oneof![
        written.prop_map(str::to_owned),
        any::<i64>().prop_map(|number| number.to_string()),
        (any::<u32>(), any::<u32>(), any::<i8>()).prop_map(|(a, b, c)| format!("{a}.{b}e{c}")),
    ]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => select(&["a", "email", "em\\u0061il", "user_metadata", ""][..]).prop_map(str::to_owned),
        1 => inside(),
    ]
}

/// Generates any value.
pub(crate) fn value() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        select(&["true", "false", "null", "{}", "[]"][..]).prop_map(str::to_owned),
        number(),
        inside().prop_map(|inside| format!("\"{inside}\"")),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        let item = (space(), inner.clone(), space()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        prop_oneof![
            (space(), vec(item, 0..5)).prop_map(|(space, items)| bracketed('[', &space, &items, ']')),
            object_of(inner),
        ]
    })
}

/// Generates any object.
pub(crate) fn object() -> impl Strategy<Value = String> {
    object_of(value())
}

fn object_of(values: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let member = (space(), name(), space(), space(), values, space())
        .prop_map(|(a, name, b, c, value, d)| format!("{a}\"{name}\"{b}:{c}{value}{d}"));
    (space(), vec(member, 0..5)).prop_map(|(space, members)| bracketed('{', &space, &members, '}'))
}

fn bracketed(open: char, space: &str, items: &[String], close: char) -> String {
    let inside = if items.is_empty() { space.to_owned() } else { items.join(",") };
    format!("{open}{inside}{close}")
}

/// Generates `texts` with a few bytes changed, inserted or removed, or with the end cut off.
pub(crate) fn broken(texts: impl Strategy<Value = String>) -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![
        3 => select(&b"{}[]\",:\\ \t\n\r0129-+.eEtrufalsn'/\x00\x0b\x0c\x1f\x7f"[..]),
        1 => any::<u8>(),
    ];
    let change = (0..5_u8, any::<Index>(), byte);
    (texts, vec(change, 1..4)).prop_map(|(text, changes)| {
        let mut bytes = text.into_bytes();
        for (change, index, byte) in changes {
            let at = index.index(bytes.len() + 1);
            match change {
                0 if at < bytes.len() => bytes[at] = byte,
                1 if at < bytes.len() => bytes[at] ^= 1 << (byte % 8),
                2 if at < bytes.len() => drop(bytes.remove(at)),
                3 => bytes.truncate(at),
                _ => bytes.insert(at, byte),
            }
        }
        bytes
    })
}
