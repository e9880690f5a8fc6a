//! Parts, skipped and rejected records, sorted by line, equal the input: no record is missing or repeated.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::harness::{WorkFolder, gzipped};

/// Generates a line of any kind, different from all others.
fn line(n: u64) -> String {
    match n % 11 {
        0 => format!("{{\"user_id\":\"github|{n}\",\"nickname\":\"{n}\"}}"),
        1 => format!("{{\"user_id\":\"auth0|{n}\",\"email\":\"no address {n}\"}}"),
        2 => format!("{{\"user_id\":\"auth0|{n}\",\"email\":"),
        3 => format!("[{n}]"),
        4 => format!("{{\"user_id\":\"auth0|{n}\"}} {{\"user_id\":\"auth0|x{n}\"}}"),
        5 => format!("{{\"user_id\":\"auth0|{n}\",\"email\":\"u{}@example.com\"}}", n - 5 + 6),
        _ => format!(
            "{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@example.com\",\"user_metadata\":{{\"n\":{n}.0,\"t\":\"\\u00e9\"}}}}"
        ),
    }
}

#[test]
fn outputs_merged_by_line_equal_the_input() {
    let lines: Vec<String> = (1..=4_000).map(line).collect();
    // A blank line is not a record, but is counted as a line.
    let input = lines.join("\n").replace("\n[", "\n\n[");
    let input: Vec<&str> = input.split('\n').collect();
    for threads in [1, 3] {
        let place = WorkFolder::new().with("tenant.json.gz", gzipped(input.join("\n").as_bytes()));
        let ran =
            place.run(&format!("convert tenant.json.gz -o parts --max-part-bytes 3000 --threads {threads}"));
        assert_eq!(ran.status, 1, "{}", ran.err);
        let mut found: BTreeMap<u64, String> = BTreeMap::new();
        let mut put = |line: u64, record: String| {
            assert_eq!(found.insert(line, record), None, "line {line} is there twice");
        };
        // A written user has lost its id prefix, and nothing else.
        let mut places: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for text in place.read("parts/lines.ndjson").lines() {
            let of: Map<String, Value> = serde_json::from_str(text).unwrap();
            for range in of["lines"].as_array().unwrap() {
                let (first, count) = (range[0].as_u64().unwrap(), range[1].as_u64().unwrap());
                places
                    .entry(of["part"].as_str().unwrap().to_owned())
                    .or_default()
                    .extend(first..first + count);
            }
        }
        let skipped = places.remove("skipped.ndjson").unwrap_or_default();
        let records = place.read("parts/skipped.ndjson");
        assert_eq!(records.lines().count(), skipped.len());
        for (record, line) in records.lines().zip(skipped) {
            put(line, record.to_owned());
        }
        for (part, lines) in places {
            let text = place.read(&format!("parts/{part}"));
            let users: Vec<&RawValue> = serde_json::from_str(&text).unwrap();
            assert_eq!(users.len(), lines.len(), "{part}");
            for (user, line) in users.into_iter().zip(lines) {
                put(line, user.get().replacen("\"user_id\":\"", "\"user_id\":\"auth0|", 1));
            }
        }
        for text in place.read("parts/rejected.ndjson").lines() {
            let rejected: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).unwrap();
            let record = match rejected.get("user") {
                Some(user) => user.get().to_owned(),
                None => serde_json::from_str(rejected["raw"].get()).unwrap(),
            };
            put(rejected["line"].get().parse().unwrap(), record);
        }
        let expected: BTreeMap<u64, String> = input
            .iter()
            .enumerate()
            .filter(|(_, line)| !line.is_empty())
            .map(|(at, line)| (at as u64 + 1, (*line).to_owned()))
            .collect();
        assert_eq!(found.len(), expected.len());
        for (line, record) in expected {
            assert_eq!(found.get(&line), Some(&record), "line {line}");
        }
    }
}
