//! Compares the import rules with a second implementation and, with the feature `schema`, with the published
//! schema.
//!
//! Input: 0 for text, or else the options of the run. Then one record per line, or seeds of six bytes each.
#![no_main]

use std::io::Cursor;
use std::num::NonZero;

use libfuzzer_sys::fuzz_target;
use proptest::strategy::Strategy as _;
use reimport::import::Connections;
use reimport::record::{Format, ReadOptions};
use reimport::sink::Array;
use reimport::source::Source;
use reimport::{Pipeline, Rules};
use reimport_fuzz::{draw, head};
use serde_json::value::RawValue;

#[path = "../../crates/reimport/tests/support/fates.rs"]
#[allow(dead_code, reason = "each target uses only a part of this module")]
mod fates;
#[path = "../../crates/reimport/tests/support/naive_rules.rs"]
#[allow(dead_code, reason = "each target uses only a part of this module")]
mod naive_rules;
#[path = "../../crates/reimport/tests/support/texts.rs"]
#[allow(dead_code, reason = "each target uses only a part of this module")]
mod texts;
#[path = "../../crates/reimport/tests/support/users.rs"]
mod users;

use fates::{Asked, End, Line, expected, run};

/// The published schema without the format of e-mail addresses, because the importer has its own. The schema is
/// read as draft 6, in which `64.0` is an integer, as in JavaScript.
#[cfg(feature = "schema")]
static SCHEMA: std::sync::LazyLock<jsonschema::Validator> = std::sync::LazyLock::new(|| {
    let text = include_str!("../../testdata/import-schema.json")
        .replace("\"format\": \"email\"", "\"title\": \"\"")
        .replace("draft-04", "draft-06");
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
});

/// Checks that a written user satisfies the schema.
fn keeps_the_schema(user: &serde_json::Value) {
    #[cfg(feature = "schema")]
    assert!(SCHEMA.is_valid(user), "written, but invalid by the schema: {user}");
    assert!(user.is_object());
}

fn options(format: Format, block: u8) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.format = Some(format);
    options.any_records = true;
    if block > 0 {
        options.block_bytes = usize::from(block);
    }
    options
}

fn converted(bytes: &[u8], format: Format) -> Vec<u8> {
    let rules = Rules::new().connections(Connections::Any);
    let pipeline = Pipeline::new().read_options(options(format, 0)).threads(NonZero::<usize>::MIN);
    let source = Source::from_reader("x", Cursor::new(bytes.to_vec()));
    pipeline.run([source], &rules, Array::new(Vec::new())).unwrap().1
}

/// Converts any text. The output must satisfy the schema, and a second run must not change it.
fn any(text: &[u8]) {
    let lines = [b"{}\n", text].concat();
    let users = converted(&lines, Format::Ndjson);
    let mut prefixed = false;
    for user in serde_json::from_slice::<Vec<&RawValue>>(&users).unwrap() {
        // The oracle cannot check values that serde_json does not support (1e400, a lone surrogate, a repeated
        // key).
        let Ok(value) = serde_json::from_str::<serde_json::Value>(user.get()) else { continue };
        keeps_the_schema(&value);
        // The only exception is an id that still begins with a strategy after one prefix was removed.
        prefixed |= value["user_id"].as_str().is_some_and(|id| id.contains('|'));
    }
    if !prefixed && !users.windows(2).any(|two| two == b"\\u") {
        assert_eq!(converted(&users, Format::Array), users, "converted again");
    }
}

fuzz_target!(|data: &[u8]| {
    let ([settings, block], rest) = head(data);
    if settings == 0 {
        any(rest);
        return;
    }
    let asked = Asked {
        reject_unknown: settings & 1 != 0,
        only: (settings & 6 == 6).then_some("Users"),
        max_record_bytes: (settings & 24 == 24).then_some(60),
    };
    let users = users::user().no_shrink();
    let mut lines: Vec<Line> =
        rest.chunks(6).take(12).filter_map(|seed| draw(&users, seed)).map(Line::User).collect();
    if lines.is_empty() {
        return;
    }
    if let Some(only) = asked.only {
        // A run is rejected if it requires a connection that no user has.
        let identity = format!(r#"{{"provider":"auth0","connection":"{only}"}}"#);
        lines.insert(0, Line::User(format!(r#"{{"email":"ada@example.com","identities":[{identity}]}}"#)));
    }
    let (ends, counts) = expected(&lines, &asked);
    let mut text = Vec::new();
    for line in &lines {
        text.extend(line.bytes());
        text.push(b'\n');
    }
    let threads = 1 + usize::from(settings >> 6);
    let source = Source::from_reader("x", Cursor::new(text));
    let found = run(source, &options(Format::Ndjson, block), threads, &asked);
    assert_eq!(found.0, ends);
    assert_eq!(found.1, counts);
    for end in &ends {
        let End::Written { json, .. } = end else { continue };
        if let Ok(value) = serde_json::from_str::<serde_json::Value>(json) {
            keeps_the_schema(&value);
        }
    }
});
