//! Restores the input from parts, skipped records and rejected records, by line. Each record must be there exactly
//! once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use reimport::import::Connections;
use reimport::parts_folder::PartLines;
use reimport::record::{Format, ReadOptions};
use reimport::sink::{Parts, PartsOptions, RejectedRecord};
use reimport::{Pipeline, Rules};
use serde_json::value::RawValue;

use crate::naive_rules::{Fate, compact, fate};
use crate::{texts, users};

/// Maximum length of a line that is held in memory.
const LIMIT: usize = 2_000;

/// A restored record.
#[derive(Debug, PartialEq)]
enum Back {
    Written(String),
    Skipped(String),
    /// A user that breaks a rule.
    Refused(String),
    /// Not a user. Restored byte for byte.
    Raw(Vec<u8>),
    /// Longer than the limit. Only the length is known.
    Dropped(u64),
}

/// The restored records by source and line.
type Restored = BTreeMap<(String, u64), Back>;

/// Restores the records in the parts and in the skipped file of one folder.
fn restore_folder(folder: &Path, top: &Path, restored: &mut Restored) {
    let Ok(lines) = fs::read_to_string(folder.join("lines.ndjson")) else { return };
    let mut held: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for line in lines.lines() {
        let PartLines { part, source, lines } = serde_json::from_str(line).unwrap();
        let skipped = part == "skipped.ndjson";
        let records = held.entry(part.clone()).or_insert_with(|| {
            let text = fs::read_to_string(if skipped { top } else { folder }.join(&part)).unwrap();
            if skipped {
                return text.lines().map(str::to_owned).collect();
            }
            let users: Vec<&RawValue> = serde_json::from_str(&text).unwrap();
            users.iter().map(|user| user.get().to_owned()).collect()
        });
        let next = taken.entry(part).or_default();
        for line in lines.iter().flat_map(|(first, count)| *first..first + count) {
            let record = records[*next].clone();
            *next += 1;
            let back = if skipped { Back::Skipped(record) } else { Back::Written(record) };
            assert!(restored.insert((source.clone(), line), back).is_none(), "line {line} twice");
        }
    }
    for (part, records) in held {
        assert_eq!(taken[&part], records.len(), "{part}: every record has its line");
    }
}

fn restore(out: &Path, texts: &[(String, Vec<u8>)]) -> Restored {
    let mut restored = Restored::new();
    restore_folder(out, out, &mut restored);
    for entry in fs::read_dir(out).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            restore_folder(&path, out, &mut restored);
        }
    }
    for line in fs::read_to_string(out.join("rejected.ndjson")).unwrap_or_default().lines() {
        let rejected: RejectedRecord = serde_json::from_str(line).unwrap();
        let (_, text) = texts.iter().find(|(name, _)| *name == rejected.source).unwrap();
        let back = match (rejected.user, rejected.raw, rejected.raw_base64) {
            (Some(user), None, None) => Back::Refused(user.get().to_owned()),
            (None, Some(raw), None) => Back::Raw(raw.into_owned().into_bytes()),
            (None, None, Some(base64)) => Back::Raw(STANDARD.decode(&*base64).unwrap()),
            (None, None, None) => Back::Dropped(rejected.bytes),
            other => panic!("{other:?}"),
        };
        if let Back::Raw(raw) = &back {
            // The bytes must be at the given offset of the source.
            let start = usize::try_from(rejected.byte).unwrap();
            assert_eq!(&text[start..start + raw.len()], raw);
            assert_eq!(rejected.bytes, raw.len() as u64);
        }
        assert!(restored.insert((rejected.source.into_owned(), rejected.line), back).is_none(), "twice");
    }
    restored
}

/// Generates one line of an export, without its line end.
fn line() -> impl Strategy<Value = Vec<u8>> {
    let strange: Vec<&[u8]> = vec![
        b"{\"email\":\"a@example.com\"",
        b"{\"email\":\"a@example.com\"}{\"email\":\"b@example.com\"}",
        b"[{\"email\":\"a@example.com\"}]",
        b"null",
        b"{\"name\":\"\xe9\"}",
        b"\xff\xfe",
        b"\x00\x07\x1b[2J",
        b"{\"a\":\"\xe2\x80\xa8\x1f\"}",
    ];
    prop_oneof![
        10 => users::user().prop_map(String::into_bytes),
        2 => select(strange).prop_map(<[u8]>::to_vec),
        2 => select(vec![&b""[..], b" ", b"\t \r"]).prop_map(<[u8]>::to_vec),
        1 => (0..40_usize).prop_map(|more| format!("{{\"a\":\"{}\"}}", "x".repeat(LIMIT - 20 + more)).into_bytes()),
        1 => texts::broken(users::user()).prop_map(|mut bytes| {
            bytes.retain(|byte| *byte != b'\n');
            bytes
        }).prop_filter("the oracle does not know its new content", |bytes| {
            serde_json::from_slice::<&RawValue>(bytes).is_err()
        }),
    ]
}

/// Generates an export. It begins with a valid user, so that its format is detected.
fn export() -> impl Strategy<Value = Vec<u8>> {
    let ends = select(vec![&b"\n"[..], b"\r\n", b"\n\n", b" \r\n"]);
    (users::user(), vec((line(), ends), 0..14), any::<bool>()).prop_map(|(first, lines, ended)| {
        let mut text = first.into_bytes();
        text.push(b'\n');
        for (line, end) in lines {
            text.extend(line);
            text.extend(end);
        }
        if !ended {
            text.pop();
        }
        text
    })
}

/// Returns the record that must be restored for a line. `None` if the line is blank.
fn expected(line: &[u8], found: Option<&Back>) -> Option<Back> {
    let white = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let start = line.iter().position(|byte| !white(byte))?;
    let end = line.iter().rposition(|byte| !white(byte))?;
    let record = &line[start..=end];
    if line.len() > LIMIT {
        return Some(Back::Dropped(line.len() as u64));
    }
    let Ok(text) = std::str::from_utf8(record) else { return Some(Back::Raw(record.to_vec())) };
    let valid = text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok();
    if !valid {
        return Some(Back::Raw(record.to_vec()));
    }
    Some(match found {
        // Another test checks which users are rejected, including duplicates.
        Some(Back::Refused(_)) => Back::Refused(compact(text)),
        _ => match fate(text, false, None) {
            Fate::Written { json, .. } => Back::Written(json),
            Fate::Skipped(_) => Back::Skipped(compact(text)),
            other => panic!("{other:?}"),
        },
    })
}

proptest! {
    #![proptest_config(crate::cases::cases(48))]

    #[test]
    fn outputs_map_back_to_every_line_of_the_export(
        exports in vec(export(), 1..3),
        by_connection in any::<bool>(),
        max_part_bytes in 2_200..6_000_u64,
    ) {
        let home = tempfile::tempdir().unwrap();
        let names = ["a.ndjson", "b \"2\".json"];
        let texts: Vec<(String, Vec<u8>)> =
            names.iter().map(|name| (*name).to_owned()).zip(exports).collect();
        let inputs: Vec<_> = texts.iter().map(|(name, text)| {
            let path = home.path().join(name);
            fs::write(&path, text).unwrap();
            path
        }).collect();
        let mut options = ReadOptions::default();
        options.format = Some(Format::Ndjson);
        options.max_record_bytes = LIMIT as u64;
        options.block_bytes = 700;
        let out = home.path().join("out");
        let parts = PartsOptions::default().max_part_bytes(max_part_bytes).by_connection(by_connection);
        let (summary, _) = Pipeline::new()
            .read_options(options)
            .run(inputs, &Rules::new().connections(Connections::Any), Parts::create(&out, parts).unwrap())
            .unwrap();

        let restored = restore(&out, &texts);
        prop_assert_eq!(restored.len() as u64, summary.read);
        let mut records = 0;
        for (name, text) in &texts {
            for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
                let found = restored.get(&(name.clone(), number as u64 + 1));
                let expected = expected(line, found);
                prop_assert_eq!(found, expected.as_ref(), "{} line {}", name, number + 1);
                records += usize::from(found.is_some());
            }
        }
        prop_assert_eq!(records, restored.len());
    }
}
