//! Compares the scanner with `serde_json`: the same verdict for any text, and the same values at the same offsets.

use std::fmt;

use reimport::json::{Expected, Kind, MAX_DEPTH, Scanner, SyntaxError};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// A value: its range in the text, and its content.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
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
    /// A string, or an object with a name, that `serde_json` does not decode because of a surrogate without a
    /// partner.
    LoneSurrogate,
}

/// The members of an object in order, including repeated names, as `serde_json` reads them.
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

pub(crate) fn oracle(text: &str) -> Option<Node> {
    let value: &RawValue = serde_json::from_str(text).ok()?;
    Some(oracle_node(text, value.get()))
}

/// Returns the node of `value`, which `serde_json` has accepted.
fn oracle_node(text: &str, value: &str) -> Node {
    let start = value.as_ptr() as usize - text.as_ptr() as usize;
    let inside = match value.as_bytes()[0] {
        b'{' => {
            serde_json::from_str::<Members<'_>>(value).map_or(Inside::LoneSurrogate, |Members(members)| {
                Inside::Object(
                    members.into_iter().map(|(name, value)| (name, oracle_node(text, value.get()))).collect(),
                )
            })
        }
        b'[' => Inside::Array(
            serde_json::from_str::<Vec<&RawValue>>(value)
                .unwrap()
                .into_iter()
                .map(|value| oracle_node(text, value.get()))
                .collect(),
        ),
        b'"' => serde_json::from_str(value).map_or(Inside::LoneSurrogate, Inside::Text),
        _ => Inside::Scalar,
    };
    Node { start, end: start + value.len(), inside }
}

/// Reads the same with the scanner. Enters all objects and arrays.
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
            if lone { Inside::LoneSurrogate } else { Inside::Object(members) }
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
                Inside::LoneSurrogate
            } else {
                Inside::Text(value.as_str().unwrap().into_owned())
            }
        }
        Kind::Number | Kind::Boolean | Kind::Null => {
            let value = scanner.value()?;
            assert_eq!(value.kind(), kind);
            assert_eq!(value.as_bool(), serde_json::from_str(value.json()).ok());
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
    assert_eq!(value.json(), &text[start..scanner.offset()]);
    scanner.end()?;
    Ok((start, start + value.json().len()))
}

/// Removes white space outside strings, one character at a time.
pub(crate) fn naive_compact(text: &str) -> String {
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

/// Returns the maximum nesting depth of a valid text.
pub(crate) fn naive_depth(text: &str) -> u32 {
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

/// Checks that the scanner agrees with `serde_json` about `text`, both when it enters values and when it skips
/// them. The offsets must agree too.
pub(crate) fn agree(text: &str) {
    let (walked, passed) = (walked(text), passed(text));
    let Some(expected) = oracle(text) else {
        assert!(walked.is_err(), "reading a value level by level accepts text that serde_json rejects");
        assert!(passed.is_err(), "reading a value as a whole accepts text that serde_json rejects");
        return;
    };
    if naive_depth(text) > MAX_DEPTH {
        assert_eq!(walked.unwrap_err().expected(), Expected::Shallower);
        assert_eq!(passed.unwrap_err().expected(), Expected::Shallower);
        return;
    }
    assert_eq!(passed, Ok((expected.start, expected.end)));
    assert_eq!(walked, Ok(expected));
}

/// Makes one call per number on a scanner, which may already have failed. The results do not matter, but no call
/// may panic.
pub(crate) fn call_methods(text: &str, calls: impl IntoIterator<Item = u8>) {
    let mut scanner = Scanner::new(text);
    for call in calls {
        match call % 7 {
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
