//! The scanner beside `serde_json`: the same verdict on every text, the same values at the same places.

#[path = "support/texts.rs"]
mod texts;

use std::fmt;

use proptest::prelude::*;
use reimport::json::{self, Expected, Kind, MAX_DEPTH, Scanner, SyntaxError};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value by its place in the text, and what is in it.
#[derive(Debug, Clone, PartialEq)]
struct Node {
    start: usize,
    end: usize,
    inside: Inside,
}

#[derive(Debug, Clone, PartialEq)]
enum Inside {
    Object(Vec<(String, Node)>),
    Array(Vec<Node>),
    /// A decoded string.
    Text(String),
    Scalar,
    /// A string or the names of an object that `serde_json` does not decode: a surrogate without its partner.
    Lone,
}

/// The members of an object in their order, repeated names too, as `serde_json` reads them.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

fn oracle(text: &str) -> Option<Node> {
    let value: &RawValue = serde_json::from_str(text).ok()?;
    Some(oracle_node(text, value.get()))
}

/// What stands in `value`, which `serde_json` has accepted.
fn oracle_node(text: &str, value: &str) -> Node {
    let start = value.as_ptr() as usize - text.as_ptr() as usize;
    let inside = match value.as_bytes()[0] {
        b'{' => serde_json::from_str::<Members<'_>>(value).map_or(Inside::Lone, |Members(members)| {
            Inside::Object(
                members.into_iter().map(|(name, value)| (name, oracle_node(text, value.get()))).collect(),
            )
        }),
        b'[' => Inside::Array(
            serde_json::from_str::<Vec<&RawValue>>(value)
                .unwrap()
                .into_iter()
                .map(|value| oracle_node(text, value.get()))
                .collect(),
        ),
        b'"' => serde_json::from_str(value).map_or(Inside::Lone, Inside::Text),
        _ => Inside::Scalar,
    };
    Node { start, end: start + value.len(), inside }
}

/// The same by the scanner, stepping into everything.
fn walk(scanner: &mut Scanner<'_>) -> Result<Node, SyntaxError> {
    let kind = scanner.kind()?;
    let start = scanner.offset();
    let inside = match kind {
        Kind::Object => {
            let mut members = Vec::new();
            let mut lone = false;
            scanner.enter_object()?;
            loop {
                let before = scanner.lone_surrogates();
                let Some(name) = scanner.name()? else { break };
                lone |= scanner.lone_surrogates() > before;
                assert!(name.is(&name.decoded()));
                assert!(!name.is(&format!("{} ", name.decoded())));
                assert_eq!(name.is_escaped(), name.raw().contains('\\'));
                members.push((name.decoded().into_owned(), walk(scanner)?));
            }
            if lone { Inside::Lone } else { Inside::Object(members) }
        }
        Kind::Array => {
            let mut items = Vec::new();
            scanner.enter_array()?;
            while scanner.item()? {
                items.push(walk(scanner)?);
            }
            Inside::Array(items)
        }
        Kind::String => {
            let before = scanner.lone_surrogates();
            let value = scanner.value()?;
            if scanner.lone_surrogates() > before {
                Inside::Lone
            } else {
                Inside::Text(value.as_str().unwrap().into_owned())
            }
        }
        Kind::Number | Kind::Boolean | Kind::Null => {
            let value = scanner.value()?;
            assert_eq!(value.kind(), kind);
            assert_eq!(value.as_bool(), serde_json::from_str(value.text()).ok());
            Inside::Scalar
        }
    };
    Ok(Node { start, end: scanner.offset(), inside })
}

fn walked(text: &str) -> Result<Node, SyntaxError> {
    let mut scanner = Scanner::new(text);
    let node = walk(&mut scanner)?;
    scanner.end()?;
    Ok(node)
}

fn passed(text: &str) -> Result<(usize, usize), SyntaxError> {
    let mut scanner = Scanner::new(text);
    scanner.kind()?;
    let start = scanner.offset();
    let value = scanner.value()?;
    assert_eq!(value.text(), scanner.slice(start, scanner.offset()));
    scanner.end()?;
    Ok((start, start + value.text().len()))
}

/// White space outside strings, dropped one character at a time.
fn naive_compact(text: &str) -> String {
    let (mut string, mut escape) = (false, false);
    let keep = |&c: &char| {
        match (string, escape, c) {
            (true, true, _) => escape = false,
            (true, false, '\\') => escape = true,
            (_, false, '"') => string = !string,
            _ => {}
        }
        string || !matches!(c, ' ' | '\t' | '\n' | '\r')
    };
    text.chars().filter(keep).collect()
}

/// The deepest nesting of a valid text.
fn naive_depth(text: &str) -> u32 {
    let (mut string, mut escape, mut depth, mut deepest) = (false, false, 0, 0);
    for c in text.chars() {
        match (string, escape, c) {
            (true, true, _) => escape = false,
            (true, false, '\\') => escape = true,
            (_, false, '"') => string = !string,
            (false, _, '{' | '[') => depth += 1,
            (false, _, '}' | ']') => depth -= 1,
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Both ways of the scanner and `serde_json` agree about `text`, also about what stands where.
fn agree(text: &str) -> Result<(), TestCaseError> {
    let (walked, passed) = (walked(text), passed(text));
    let Some(expected) = oracle(text) else {
        prop_assert!(walked.is_err(), "stepping in accepts what serde_json refuses");
        prop_assert!(passed.is_err(), "passing by accepts what serde_json refuses");
        return Ok(());
    };
    if naive_depth(text) > MAX_DEPTH {
        prop_assert_eq!(walked.unwrap_err().expected(), Expected::Shallower);
        prop_assert_eq!(passed.unwrap_err().expected(), Expected::Shallower);
        return Ok(());
    }
    prop_assert_eq!(passed, Ok((expected.start, expected.end)));
    prop_assert_eq!(walked, Ok(expected));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1024, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn valid_texts_are_read_alike((a, text, b) in (texts::space(), texts::value(), texts::space())) {
        let text = format!("{a}{text}{b}");
        prop_assert!(oracle(&text).is_some(), "the generator makes valid texts");
        agree(&text)?;
    }

    #[test]
    fn broken_texts_get_the_same_verdict(bytes in texts::broken(texts::value())) {
        agree(&String::from_utf8_lossy(&bytes))?;
    }

    #[test]
    fn arbitrary_texts_get_the_same_verdict(text in any::<String>()) {
        agree(&text)?;
        agree(&format!("\"{text}\""))?;
        agree(&format!("{{\"{text}\":{text}}}"))?;
    }

    #[test]
    fn random_punctuation_gets_the_same_verdict(
        tokens in prop::collection::vec(
            prop::sample::select(&["{", "}", "[", "]", ",", ":", "\"a\"", "1", "-", ".", "e", "0", "null", " "][..]),
            0..12,
        )
    ) {
        agree(&tokens.concat())?;
    }

    #[test]
    fn a_broken_text_makes_no_call_after_its_error_panic(
        bytes in texts::broken(texts::object()),
        calls in prop::collection::vec(0..7_u8, 0..40),
    ) {
        let text = String::from_utf8_lossy(&bytes);
        let mut scanner = Scanner::new(&text);
        for call in calls {
            match call {
                0 => drop(scanner.name()),
                1 => drop(scanner.item()),
                2 => drop(scanner.value()),
                3 => drop(scanner.enter_object()),
                4 => drop(scanner.enter_array()),
                5 => drop(scanner.kind()),
                _ => drop(scanner.end()),
            }
        }
    }

    #[test]
    fn compacting_drops_white_space_outside_strings_only(text in texts::value()) {
        let expected = naive_compact(&text);
        let mut compact = Vec::new();
        json::compact_into(&text, &mut compact);
        prop_assert_eq!(String::from_utf8(compact).unwrap(), expected.clone());

        let value = Scanner::new(&text).value().unwrap();
        let mut written = b"before".to_vec();
        value.write_compact(&mut written);
        prop_assert_eq!(String::from_utf8(written).unwrap(), format!("before{expected}"));
        let container = matches!(value.kind(), Kind::Object | Kind::Array);
        prop_assert_eq!(value.is_spaced(), container && text != expected);
        prop_assert_eq!(value.is_escaped(), value.kind() == Kind::String && text.contains('\\'));
    }

    #[test]
    fn spaces_are_counted((a, text, b) in (texts::space(), texts::value(), texts::space())) {
        let text = format!("{a}{text}{b}");
        let mut scanner = Scanner::new(&text);
        scanner.value().unwrap();
        scanner.end().unwrap();
        prop_assert_eq!(scanner.spaces(), text.len() - naive_compact(&text).len());
    }

    #[test]
    fn what_is_escaped_decodes_to_itself(text in any::<String>()) {
        let mut escaped = Vec::new();
        json::escape_into(&text, &mut escaped);
        let escaped = String::from_utf8(escaped).unwrap();
        prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text.clone());
        let value = Scanner::new(&escaped).value().unwrap();
        prop_assert_eq!(value.as_str().unwrap(), text);
    }

    #[test]
    fn lone_surrogates_are_counted_as_decoding_meets_them(inside in texts::inside()) {
        let text = format!("\"{inside}\"");
        let mut scanner = Scanner::new(&text);
        let value = scanner.value().unwrap();
        let (lone, replacements) = naive_lone_surrogates(&inside);
        prop_assert_eq!(scanner.lone_surrogates(), lone);
        prop_assert_eq!(json::decode(&inside).matches('\u{fffd}').count() as u32, lone + replacements);
        prop_assert_eq!(serde_json::from_str::<String>(value.text()).is_err(), lone > 0);
    }

    #[test]
    fn decoding_what_was_not_validated_does_not_panic(raw in any::<String>(), bytes in texts::broken(texts::inside())) {
        json::decode(&raw);
        json::decode(&String::from_utf8_lossy(&bytes));
        json::compact_into(&String::from_utf8_lossy(&bytes), &mut Vec::new());
    }
}

/// Escaped surrogates without a partner, from the list of UTF-16 units a valid string stands for; and how many U+FFFD
/// the string holds itself.
fn naive_lone_surrogates(inside: &str) -> (u32, u32) {
    let mut units: Vec<u16> = Vec::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        } else if chars.next() == Some('u') {
            let digits: String = chars.by_ref().take(4).collect();
            units.push(u16::from_str_radix(&digits, 16).unwrap());
        } else {
            units.push(u16::from(b'/'));
        }
    }
    let replacements = units.iter().filter(|&&unit| unit == 0xfffd).count() as u32;
    (char::decode_utf16(units).filter(Result::is_err).count() as u32, replacements)
}

#[test]
fn names_compare_decoded() {
    let text = r#"{"em\u0061il":1,"\ud83e\udd84":2,"\ud800":3}"#;
    let mut scanner = Scanner::new(text);
    scanner.enter_object().unwrap();
    let mut found = Vec::new();
    while let Some(name) = scanner.name().unwrap() {
        found.push(["email", "🦄", "\u{fffd}"].map(|known| name.is(known)));
        scanner.value().unwrap();
    }
    assert_eq!(found, [[true, false, false], [false, true, false], [false, false, true]]);
    assert_eq!(scanner.lone_surrogates(), 1);
}

#[test]
fn debug_shows_no_content() {
    let mut scanner = Scanner::new(r#"{"secret":"value"}"#);
    scanner.enter_object().unwrap();
    assert_eq!(format!("{:?}", scanner.name().unwrap().unwrap()), "Name(6 bytes)");
    assert_eq!(format!("{:?}", scanner.value().unwrap()), "Value(a string, 7 bytes)");
    assert!(!format!("{scanner:?}").contains("secret"), "a cursor shows its place only");
}
