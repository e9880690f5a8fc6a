//! Compares the rules with a second, slow and simple implementation, and with the published schema.

use std::io::{Cursor, Write as _};
use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use reimport::import::{Connections, importable_properties};
use reimport::record::{Format, ReadOptions};
use reimport::sink::{Array, PartBytes};
use reimport::source::Source;
use reimport::user::RULES;
use reimport::{Pipeline, Rules, Summary};

use crate::fates::{Asked, End, Line, expected, run};
use crate::naive_rules::{self, compact, identifiers};
use crate::users;

fn line() -> impl Strategy<Value = Line> {
    let bad = [
        (&b"{\"email\":\"a@example.com\""[..], "invalid-json"),
        (b"{\"email\":\"a@example.com\",}", "invalid-json"),
        (b"[\"a@example.com\"]", "not-an-object"),
        (b"{\"name\":\"\xe9\"}", "not-utf8"),
    ];
    prop_oneof![
        9 => users::user().prop_map(Line::User),
        1 => select(bad.to_vec()).prop_map(|(bytes, rule)| Line::Bad(bytes, rule)),
    ]
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn options(format: Format, block_bytes: usize) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.format = Some(format);
    options.block_bytes = block_bytes;
    options
}

fn asked() -> impl Strategy<Value = Asked> {
    (any::<bool>(), select(&[None, None, Some("Users")][..]), select(&[None, None, Some(60)][..]))
        .prop_map(|(reject_unknown, only, max_record_bytes)| Asked { reject_unknown, only, max_record_bytes })
}

/// Returns the summary of a run into one array, and the array.
fn converted(source: Source, options: &ReadOptions, rules: &Rules) -> (Summary, Vec<u8>) {
    Pipeline::new().read_options(options.clone()).run([source], rules, Array::new(Vec::new())).unwrap()
}

proptest! {
    #![proptest_config(crate::cases::cases(64))]

    #[test]
    fn conversion_agrees_with_naive_rules(
        first in users::user(),
        rest in vec(line(), 0..23),
        asked in asked(),
    ) {
        // The first line is a valid user, because an empty file or a damaged first line is an error of the file.
        let mut lines: Vec<Line> = [Line::User(first)].into_iter().chain(rest).collect();
        // A run that requires a connection which no user has is rejected as a whole.
        if let Some(only) = asked.only {
            lines.push(Line::User(format!(r#"{{"email":"of@example.com","Connection":"{only}"}}"#)));
        }
        let (ends, counts) = expected(&lines, &asked);
        let mut text = Vec::new();
        for line in &lines {
            text.extend_from_slice(line.bytes());
            text.push(b'\n');
        }
        let packed = gzipped(&text);
        for block_bytes in [1, 2, 7, 64, 512 << 10] {
            for (encoding, bytes) in [("plain", &text), ("gzipped", &packed)] {
                for threads in [1, 2, 4] {
                    let source = Source::from_reader("x", Cursor::new(bytes.clone()));
                    let found = run(source, &options(Format::Ndjson, block_bytes), threads, &asked);
                    prop_assert_eq!(&found.0, &ends, "blocks of {} bytes, {}, {} threads", block_bytes, encoding, threads);
                    prop_assert_eq!(&found.1, &counts, "blocks of {} bytes, {}, {} threads", block_bytes, encoding, threads);
                }
            }
        }
    }

    #[test]
    fn array_gives_the_same_result_as_ndjson(users in vec(users::user(), 1..12)) {
        let asked = Asked { reject_unknown: false, only: None, max_record_bytes: None };
        let lines: Vec<_> = users.iter().cloned().map(Line::User).collect();
        let (ends, counts) = expected(&lines, &asked);
        let text = format!("[{}]", users.join(" ,\n"));
        for block_bytes in [1, 7, 512 << 10] {
            let source = Source::from_reader("x", Cursor::new(text.clone()));
            let found = run(source, &options(Format::Array, block_bytes), 2, &asked);
            prop_assert_eq!(&found.0, &ends, "blocks of {} bytes", block_bytes);
            prop_assert_eq!(&found.1, &counts, "blocks of {} bytes", block_bytes);
        }
    }
}

/// Returns whether an id still has a prefix after the rules have removed one.
fn still_has_a_prefix(user: &str) -> bool {
    let id = identifiers(user).into_iter().find(|(name, _)| *name == "user_id");
    id.is_some_and(|(_, id)| {
        ["auth0|", "google-oauth2|", "samlp|", "sms|", "auth0-oidc|"]
            .iter()
            .any(|prefix| id.starts_with(prefix))
    })
}

/// The published schema without the format of e-mail addresses. The importer has a different format than
/// `jsonschema`, which accepts only ASCII. The schema is read as draft 6, in which `64.0` is an integer, as it is
/// for the importer.
static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let text = include_str!("../../../../testdata/import-schema.json")
        .replace("\"format\": \"email\"", "\"title\": \"\"")
        .replace("draft-04", "draft-06");
    assert!(!text.contains("\"format\""));
    jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap()
});

proptest! {
    #![proptest_config(crate::cases::cases(256))]

    #[test]
    fn converting_the_output_again_changes_nothing(users in vec(users::user(), 1..12)) {
        let rules = Rules::new().connections(Connections::Any);
        let text = users.join("\n");
        let mut again = Vec::new();
        let sink = PartBytes::new(300, |_, part| {
            again.push(part.to_vec());
            Ok(())
        })
        .unwrap();
        let source = Source::from_reader("x", Cursor::new(text.clone()));
        Pipeline::new()
            .read_options(options(Format::Ndjson, 64))
            .run([source], &rules, sink)
            .unwrap();
        for part in again {
            // The only exception is an id that still begins with a strategy after one prefix was removed.
            let text = String::from_utf8(part.clone()).unwrap();
            let lines = text.lines().filter(|line| line.starts_with('{'));
            if lines.map(|line| line.trim_end_matches(',')).any(still_has_a_prefix) {
                continue;
            }
            let source = Source::from_reader("x", Cursor::new(part.clone()));
            let (summary, whole) = converted(source, &options(Format::Array, 64), &rules);
            prop_assert_eq!(summary.read, summary.written);
            let whole = String::from_utf8(whole).unwrap();
            prop_assert_eq!(whole.trim_end(), text.trim_end());
        }
    }

    #[test]
    fn verdicts_agree_with_the_published_schema(user in users::user()) {
        let schema = &*SCHEMA;
        let beyond = |rule: &str| RULES.iter().any(|known| known.name == rule && known.beyond_schema);
        let asked = Asked { reject_unknown: false, only: None, max_record_bytes: None };
        let source = Source::from_reader("x", Cursor::new(user.clone()));
        let (ends, _) = run(source, &options(Format::Ndjson, 4096), 1, &asked);
        match &ends[0] {
            End::Written { json, .. } => {
                // The oracle cannot check values that serde_json does not support (1e400, a lone surrogate).
                if let Ok(value) = serde_json::from_str::<serde_json::Value>(json) {
                    prop_assert!(schema.is_valid(&value), "written, but invalid by the schema: {json}");
                }
            }
            End::Rejected { rules, .. } => {
                let fixed = naive_rules::fixed(&user);
                // A document also cannot express that a bcrypt hash was moved to a property that already has a
                // hash.
                let twice = fixed.matches("\"custom_password_hash\":").count() > 1;
                let Ok(value) = serde_json::from_str::<serde_json::Value>(&fixed) else { return Ok(()) };
                if twice {
                    return Ok(());
                }
                let by_schema = rules.iter().any(|rule| !beyond(rule));
                prop_assert_eq!(schema.is_valid(&value), !by_schema, "{:?}: {}", rules, fixed);
            }
            End::Skipped { .. } => {}
        }
    }
}

#[test]
fn importable_properties_match_the_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(include_str!("../../../../testdata/import-schema.json")).unwrap();
    let mut listed: Vec<_> = schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let mut known = importable_properties().to_vec();
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(known, listed);
}

#[test]
fn kept_values_are_unchanged() {
    let user = r#"{ "user_metadata" : {"big":9007199254740993, "f":1.0,"h":1e400,"e":"\u00e9\ud800/\/","k":{"a":1,"a":2}},
"em\u0061il":"zo\u00eb@example.com","name":"🦄 \ud83e\udd84" }"#
        .replace('\n', " ");
    let source = Source::from_reader("x", Cursor::new(user.clone()));
    let (_, users) = converted(source, &ReadOptions::default(), &Rules::default());
    let expected = compact(&user).replace("em\\u0061il", "email");
    assert_eq!(String::from_utf8(users).unwrap(), format!("[\n{expected}\n]"));
}
