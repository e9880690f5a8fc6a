//! A naive implementation that reads objects into maps of names and raw values.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::value::RawValue;

/// Adds the kind at each path of one value to `found`.
fn walk(path: &str, json: &str, found: &mut BTreeMap<String, BTreeSet<u8>>) {
    let kind = match json.as_bytes()[0] {
        b'"' => 0,
        b'0'..=b'9' | b'-' => 1,
        b't' | b'f' => 2,
        b'{' => 3,
        b'[' => 4,
        _ => 5,
    };
    found.entry(path.to_owned()).or_default().insert(kind);
    if kind == 3 {
        members(path, json, found);
    } else if kind == 4 {
        for item in serde_json::from_str::<Vec<Box<RawValue>>>(json).unwrap() {
            walk(&format!("{path}[]"), item.get(), found);
        }
    }
}

/// Adds the members of an object. The map keeps the last of a repeated name.
fn members(path: &str, json: &str, found: &mut BTreeMap<String, BTreeSet<u8>>) {
    for (name, value) in serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(json).unwrap() {
        let bare =
            !name.is_empty() && name.chars().all(char::is_alphabetic) && (name != "user" || !path.is_empty());
        let step = match (bare, path.is_empty()) {
            (true, true) => name,
            (true, false) => format!(".{name}"),
            (false, _) => format!("[\"{name}\"]"),
        };
        walk(&format!("{path}{step}"), value.get(), found);
    }
}

/// Returns one line per path, in the format of the survey tests.
pub(super) fn count(users: &[String]) -> Vec<String> {
    let mut total: BTreeMap<String, (u64, [u64; 6])> = BTreeMap::new();
    for user in users {
        let mut found = BTreeMap::new();
        members("", user, &mut found);
        for (path, kinds) in found {
            let count = total.entry(path).or_default();
            count.0 += 1;
            for kind in kinds {
                count.1[usize::from(kind)] += 1;
            }
        }
    }
    let names = ["a string", "a number", "a boolean", "an object", "an array", "null"];
    let line = |(path, (records, kinds)): (String, (u64, [u64; 6]))| {
        let kinds: Vec<String> = names
            .iter()
            .zip(kinds)
            .filter(|(_, records)| *records > 0)
            .map(|(name, records)| format!("{name} {records}"))
            .collect();
        format!("{path}: {records} ({})", kinds.join(", "))
    };
    total.into_iter().map(line).collect()
}

/// Returns whether the text is a valid JSON object.
pub(super) fn is_object(text: &str) -> bool {
    serde_json::from_str::<BTreeMap<String, Box<RawValue>>>(text).is_ok()
}

/// Returns the text of a member of an object. The map keeps the last of a repeated name.
pub(super) fn member(user: &str, name: &str) -> Option<String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(user).unwrap();
    members.get(name).map(|value| value.get().to_owned())
}
