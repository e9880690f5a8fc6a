//! A naive implementation: reads every object into a list of names and raw values, and looks up every path
//! separately.

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::projection::{FieldPath, Segment};
use crate::user::property::NAMES;
use crate::user::spelling::titles;

/// The members of an object in the order written, including repeated names.
struct Members(Vec<(String, String)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;
        impl<'de> Visitor<'de> for Collect {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    members.push((name, value.get().to_owned()));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Collect)
    }
}

fn nested(text: &str, path: &[Segment]) -> Option<String> {
    let Some((first, rest)) = path.split_first() else { return Some(text.to_owned()) };
    if text.starts_with('{') {
        let wanted = match first {
            Segment::Name(name) => name.to_string(),
            Segment::Number(number) => number.to_string(),
            Segment::Index(_) => return None,
        };
        let members = serde_json::from_str::<Members>(text).unwrap().0;
        nested(&members.iter().rfind(|member| member.0 == wanted)?.1, rest)
    } else if text.starts_with('[') {
        let (Segment::Index(wanted) | Segment::Number(wanted)) = first else { return None };
        let items = serde_json::from_str::<Vec<Box<RawValue>>>(text).unwrap();
        nested(items.get(*wanted as usize)?.get(), rest)
    } else {
        None
    }
}

/// Returns all steps that a segment can be: (is an index, name or number).
fn readings(segment: &Segment) -> Vec<(bool, String)> {
    match segment {
        Segment::Name(name) => vec![(false, name.to_string())],
        Segment::Index(index) => vec![(true, index.to_string())],
        Segment::Number(number) => vec![(false, number.to_string()), (true, number.to_string())],
    }
}

/// Finds the top-level members whose name `parse` maps to a prefix of `path`. Returns the value at the rest of
/// `path` in the last of them.
fn below(text: &str, path: &[Segment], parse: impl Fn(&str) -> Option<FieldPath>) -> Option<String> {
    let mut found = None;
    for (name, value) in serde_json::from_str::<Members>(text).unwrap().0 {
        let Some(start) = parse(&name) else { continue };
        let start = start.segments();
        let starts = start.len() <= path.len()
            && start
                .iter()
                .zip(path)
                .all(|(one, other)| readings(one).iter().any(|reading| readings(other).contains(reading)));
        if starts {
            found = nested(&value, &path[start.len()..]);
        }
    }
    found
}

/// If the name is another spelling of a property, returns the path of the property, and true if the name is exactly
/// its title.
fn other_spelling(name: &str) -> Option<(FieldPath, bool)> {
    let lower = name.to_ascii_lowercase();
    let titled = titles().find(|title| title.0.to_ascii_lowercase() == lower);
    let path = titled.map(|title| title.1).or(NAMES.into_iter().find(|known| *known == lower))?;
    (path != name).then(|| (path.parse().unwrap(), titled.is_some_and(|title| title.0 == name)))
}

/// Returns the value at `path`, as written in the record `text`.
pub(super) fn look_up(text: &str, path: &FieldPath) -> Option<String> {
    let (text, path) = (text.trim(), path.segments());
    let title = |name: &str| other_spelling(name).filter(|found| found.1).map(|found| found.0);
    // If one property has several other spellings, the first in the record counts.
    let members = serde_json::from_str::<Members>(text).unwrap().0;
    let mut first: Vec<(FieldPath, String)> = Vec::new();
    for (name, value) in members {
        if let Some((path, false)) = other_spelling(&name)
            && first.iter().all(|known| known.0 != path)
        {
            first.push((path, format!("{{\"x\":{value}}}")));
        }
    }
    // A spelling of a whole property has precedence over a spelling of a path inside one.
    first.sort_by_key(|known| known.0.segments().len());
    let at_first = |path: &[Segment]| {
        first.iter().find_map(|(start, member)| below(member, path, |_| Some(start.clone())))
    };
    nested(text, path)
        .or_else(|| below(text, path, |name| name.contains(['.', '[']).then(|| name.parse().ok()).flatten()))
        .or_else(|| below(text, path, title))
        .or_else(|| at_first(path))
}

/// Returns `text` without white space between tokens.
pub(super) fn compact(text: &str) -> String {
    let (mut out, mut inside, mut escaped) = (String::new(), false, false);
    for char in text.chars() {
        if inside {
            inside = escaped || char != '"';
            escaped = !escaped && char == '\\';
        } else if char.is_ascii_whitespace() {
            continue;
        } else {
            inside = char == '"';
        }
        out.push(char);
    }
    out
}

/// Decodes a JSON string: removes the quotes, reads escapes as UTF-16 code units, and replaces lone surrogates.
pub(super) fn decode(string: &str) -> String {
    let mut units = Vec::new();
    let mut chars = string[1..string.len() - 1].chars();
    while let Some(char) = chars.next() {
        let plain = match char {
            '\\' => match chars.next().unwrap() {
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    units.push(u16::from_str_radix(&digits, 16).unwrap());
                    continue;
                }
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\u{8}',
                'f' => '\u{c}',
                other => other,
            },
            other => other,
        };
        units.extend(plain.encode_utf16(&mut [0; 2]).iter());
    }
    String::from_utf16_lossy(&units)
}

/// Returns the text of a CSV cell before quoting.
pub(super) fn csv_text(value: Option<&str>) -> String {
    match value {
        None | Some("null") => String::new(),
        Some(string) if string.starts_with('"') => decode(string),
        Some(other) => compact(other),
    }
}

/// Returns the CSV line of these texts, written by the `csv` crate, without its line end.
pub(super) fn csv_line(texts: &[String]) -> String {
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(texts).unwrap();
    let mut line = String::from_utf8(writer.into_inner().unwrap()).unwrap();
    assert_eq!(line.pop(), Some('\n'));
    line
}
