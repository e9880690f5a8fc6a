//! A transform around the import rules: everything that it does not change is the same as without it.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use reimport::filter::{Filter, Filtered};
use reimport::import::{Connections, PasswordTable};
use reimport::projection::Unchanged;
use reimport::run::{Rendering, Transform, Wrapped, apply};
use reimport::sink::{Csv, Ndjson, Nothing, Parts, PartsOptions};
use reimport::source::Source;
use reimport::survey::Survey;
use reimport::{Pipeline, Problem, Projection, Record, Rules, Verdict};

const BCRYPT: &str = "$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u";

/// Users with every kind of verdict, and records that cannot be read in many ways.
fn export() -> String {
    let mut lines = String::new();
    for line in [
        r#"{"user_id":"auth0|1","email":"a@example.com","logins_count":3,"identities":[{"provider":"auth0","connection":"A"}]}"#,
        r#"{"user_id":"auth0|2","email":"b@example.com","identities":[{"provider":"auth0","connection":"B"}]}"#,
        r#"{"user_id":"github|3","email":"c@example.com","identities":[{"provider":"github","connection":"github"}]}"#,
        r#"{"user_id":"auth0|4","email":"d"}"#,
        r#"{"user_id":"auth0|1","email":"e@example.com"}"#,
        r#"{"user_id":"auth0|5","email":"f@example.com","app_metadata":{"__proto__":1}}"#,
        r#"{"user_id":"auth0|6","email":"g@example.com","email_verified":"yes","email":7}"#,
        "[1]",
        "7",
        "null",
        "{",
        "{} {}",
        "{\"user_id\":\"auth0|7\",}",
        "{\"user_id\":\"auth0|8\",\"email\":\"\\x\"}",
        "{'user_id':'auth0|9'}",
        "{\"email\":NaN}",
        "[{\"user_id\":\"auth0|1\"}",
        "{\"email\":\"a\tb\"}",
    ] {
        lines += line;
        lines += "\n";
    }
    lines + &format!("{{\"a\":{}{}}}\n", "[".repeat(200), "]".repeat(200))
}

fn hashes() -> Arc<PasswordTable> {
    let lines = (1..=9).fold(String::new(), |lines, id| {
        lines + &format!("{{\"_id\":{{\"$oid\":\"{id}\"}},\"email\":\"x@example.com\",\"passwordHash\":\"{BCRYPT}\"}}\n")
    });
    let source = Source::from_reader("hashes.json", std::io::Cursor::new(lines));
    Arc::new(PasswordTable::new().read(source).unwrap())
}

fn rules() -> Rules {
    Rules::default().connections(Connections::Any).passwords(hashes())
}

/// Returns all files below a folder.
fn files(folder: &Path, into: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.insert(path.display().to_string(), std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// Returns the summary and all files of a run into parts.
fn written(transform: &impl Transform, limit: Option<u64>) -> (String, BTreeMap<String, String>) {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    let sink = Parts::create(&out, PartsOptions::default().by_connection(true)).unwrap();
    let pipeline = limit.map_or(Pipeline::new(), |limit| Pipeline::new().limit(limit));
    let source = Source::from_reader("tenant.json", std::io::Cursor::new(export()));
    let (summary, _) = pipeline.run([source], transform, sink).unwrap();
    let mut found = BTreeMap::new();
    files(&out, &mut found);
    let prefix = out.display().to_string();
    (
        format!("{summary:#?}"),
        found.into_iter().map(|(path, text)| (path.replace(&prefix, ""), text)).collect(),
    )
}

#[test]
fn plain_wrapper_gives_the_same_summary_manifest_and_files() {
    for limit in [None, Some(1)] {
        let alone = written(&rules(), limit);
        assert!(
            alone.1["/manifest.json"].contains("\"user_ids\": \"bare\""),
            "{}",
            alone.1["/manifest.json"]
        );
        let wrapped = Wrapped::new(rules(), |record, rules, output| rules.transform(record, output));
        assert_eq!(written(&wrapped, limit), alone);
        let filtered = Filtered::new(Filter::new(), wrapped);
        assert_eq!(written(&filtered, limit), alone);
    }
}

#[test]
fn record_that_is_not_passed_on_is_known_to_the_rules_as_with_a_filter() {
    let kept = |record: Record<'_>| !record.json().contains("auth0|1");
    let filtered = Filtered::new(Filter::new().by(kept), rules());
    let wrapped =
        Wrapped::new(
            rules(),
            move |record, rules, output| {
                if kept(record) { rules.transform(record, output) } else { Verdict::LeftOut }
            },
        );
    let (filtered, wrapped) = (written(&filtered, None), written(&wrapped, None));
    assert!(wrapped.1["/manifest.json"].contains("\"left_out\": 2"), "{}", wrapped.1["/manifest.json"]);
    assert_eq!(wrapped, filtered);
}

#[test]
fn own_problem_is_listed_with_the_problems_of_the_rules() {
    let wrapped = Wrapped::new(rules(), |record, rules, output| {
        if record.json().contains("auth0|2") {
            return Verdict::Rejected(vec![Problem::new("own-rule", "email", "expected another address")]);
        }
        rules.transform(record, output)
    });
    let source = Source::from_reader("tenant.json", std::io::Cursor::new(export()));
    let (summary, ()) = Pipeline::new().run([source], &wrapped, Nothing::new()).unwrap();
    assert_eq!(summary.rejected_by["own-rule"].records, 1);
    assert_eq!(summary.rejected_by["invalid-email"].records, 1);
}

#[test]
fn changed_record_is_passed_on() {
    let wrapped = Wrapped::new(rules(), |record, rules, output| {
        let changed = record.json().replace("@example.com", "@example.org");
        match record.with_json(&changed) {
            Ok(record) => rules.transform(record, output),
            Err(_) => Verdict::Rejected(vec![Problem::new("own-rule", "", "expected valid JSON")]),
        }
    });
    let record = Record::parse(r#"{"user_id":"auth0|7","email":"a@example.com"}"#).unwrap();
    let applied = apply(&wrapped, Rendering::Json, record).unwrap();
    let expected = format!(r#"{{"user_id":"7","email":"a@example.org","password_hash":"{BCRYPT}"}}"#);
    assert_eq!(String::from_utf8(applied.bytes).unwrap(), expected);
}

#[test]
fn other_transforms_can_be_wrapped() {
    let export = || Source::from_reader("tenant.json", &b"{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"[..]);
    let mut options = reimport::record::ReadOptions::default();
    options.any_records = true;
    let pipeline = Pipeline::new().read_options(options);

    let projection = Projection::builder().field("a").unwrap().build().unwrap();
    let projection = Wrapped::new(projection, |record, inner, output| match record.json() {
        "{\"a\":2}" => Verdict::LeftOut,
        _ => inner.transform(record, output),
    });
    let (_, csv) = pipeline.run([export()], &projection, Csv::new(Vec::new())).unwrap();
    assert_eq!(String::from_utf8(csv).unwrap(), "a\n1\n3\n");
    assert!(projection.inner().unseen().is_empty());

    let survey = Wrapped::new(Survey::new(), |record, inner, output| inner.transform(record, output));
    pipeline.clone().limit(2).run([export()], &survey, Nothing::new()).unwrap();
    assert_eq!(survey.into_inner().into_tally().records(), 2);

    let own = Wrapped::new(Unchanged, |record, inner, output| {
        let verdict = inner.transform(record, output);
        output.bytes.truncate(output.bytes.len() - 1);
        output.bytes.extend_from_slice(b",\"own\":true}");
        verdict
    });
    let (_, lines) = pipeline.run([export()], &own, Ndjson::new(Vec::new())).unwrap();
    assert_eq!(String::from_utf8(lines).unwrap().lines().next(), Some("{\"a\":1,\"own\":true}"));
}
