//! Compares the numbers of the report with counts of a naive reading with `serde_json`, and with the parts that
//! `convert` writes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::path::Path;

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use crate::harness::{WorkFolder, testdata};

type Counts = BTreeMap<String, u64>;

/// Counts of the naive reading.
#[derive(Debug, Default)]
struct Naive {
    read: u64,
    written: u64,
    skipped: u64,
    rejected: u64,
    skipped_by: Counts,
    /// Lines by rule.
    rejected_lines: BTreeMap<String, Vec<u64>>,
    connections: Counts,
    linked_logins: Counts,
    present: Counts,
    with_password: u64,
    mfa_lost: u64,
    claimed: BTreeSet<(&'static str, String)>,
}

const STRATEGIES: [&str; 9] =
    ["auth0", "google-oauth2", "github", "samlp", "sms", "email", "apple", "waad", "facebook"];

const TITLES: [(&str, &str); 10] = [
    ("Id", "user_id"),
    ("Given Name", "given_name"),
    ("Family Name", "family_name"),
    ("Nickname", "nickname"),
    ("Name", "name"),
    ("Email", "email"),
    ("Email Verified", "email_verified"),
    ("Picture", "picture"),
    ("Created At", "created_at"),
    ("Updated At", "updated_at"),
];

impl Naive {
    fn of(text: &[u8]) -> Self {
        let mut naive = Self::default();
        if text.first() == Some(&b'[') {
            let users: Vec<Value> = serde_json::from_slice(text).unwrap();
            for user in &users {
                naive.user(user.as_object().cloned(), 0);
            }
            return naive;
        }
        for (index, line) in
            text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty())
        {
            let number = index as u64 + 1;
            if std::str::from_utf8(line).is_err() {
                naive.reject(&["not-utf8"], number);
            } else {
                match serde_json::from_slice::<&RawValue>(line) {
                    Err(_) => naive.reject(&["invalid-json"], number),
                    Ok(json) if !json.get().starts_with('{') => naive.reject(&["not-an-object"], number),
                    Ok(json) => naive.user(Some(object(json)), number),
                }
            }
        }
        naive
    }

    fn reject(&mut self, rules: &[&str], line: u64) {
        self.read += 1;
        self.rejected += 1;
        for rule in rules.iter().collect::<BTreeSet<_>>() {
            self.rejected_lines.entry((*rule).to_string()).or_default().push(line);
        }
    }

    fn user(&mut self, user: Option<Map<String, Value>>, line: u64) {
        let mut user = user.unwrap();
        for (title, name) in TITLES {
            if let Some(value) = user.remove(title) {
                user.insert(name.to_owned(), value);
            }
        }
        let mut connection = user.remove("Connection").and_then(|name| name.as_str().map(str::to_owned));
        let text = |name: &str| user.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let identities = user.get("identities").and_then(Value::as_array).cloned().unwrap_or_default();
        let providers: Vec<String> =
            identities.iter().map(|identity| identity["provider"].as_str().unwrap().to_owned()).collect();
        let id = text("user_id");
        let prefix =
            id.split_once('|').map(|(prefix, _)| prefix).filter(|prefix| STRATEGIES.contains(prefix));
        let strategy = providers.first().map(String::as_str).or(prefix).unwrap_or("auth0");
        if strategy != "auth0" {
            self.read += 1;
            self.skipped += 1;
            let linked = providers.iter().skip(1).any(|provider| provider == "auth0");
            let reason = if linked { "linked-database-login" } else { "not-a-database-user" };
            *self.skipped_by.entry(format!("{reason} {strategy}")).or_default() += 1;
            return;
        }
        let mut rules = Vec::new();
        match user.get("email") {
            None | Some(Value::Null) => rules.push("missing-identifier"),
            Some(email) if !is_email(email.as_str().unwrap()) => rules.push("invalid-email"),
            Some(_) => {}
        }
        for name in ["email_verified", "blocked"] {
            let good = match user.get(name) {
                None | Some(Value::Null | Value::Bool(_)) => true,
                Some(Value::String(text)) => text == "true" || text == "false",
                Some(_) => false,
            };
            if !good {
                rules.push("wrong-type");
            }
        }
        for name in ["globalClientID", "lastLogin"] {
            if user.get("app_metadata").is_some_and(|metadata| metadata.get(name).is_some()) {
                rules.push("reserved-app-metadata-key");
            }
        }
        if !rules.is_empty() {
            return self.reject(&rules, line);
        }
        let id = id.strip_prefix("auth0|").unwrap_or(&id).to_owned();
        let keys = [
            ("user_id", id),
            ("email", text("email").to_lowercase()),
            ("username", text("username").to_lowercase()),
            ("phone_number", text("phone_number")),
        ];
        let keys: Vec<_> = keys.into_iter().filter(|(_, key)| !key.is_empty()).collect();
        if keys.iter().any(|key| self.claimed.contains(key)) {
            return self.reject(&["duplicate"], line);
        }
        self.claimed.extend(keys);
        self.read += 1;
        self.written += 1;
        if let Some(identity) = identities.first() {
            connection = identity["connection"].as_str().map(str::to_owned);
        }
        if let Some(connection) = connection {
            *self.connections.entry(connection).or_default() += 1;
        }
        for provider in providers.iter().skip(1) {
            *self.linked_logins.entry(provider.clone()).or_default() += 1;
        }
        for (name, value) in &user {
            if !value.is_null() {
                *self.present.entry(name.clone()).or_default() += 1;
            }
        }
        let has = |name: &str| user.get(name).is_some_and(|value| !value.is_null());
        self.with_password += u64::from(has("password_hash") || has("custom_password_hash"));
        let factors = user.get("multifactor").and_then(Value::as_array).is_some_and(|all| !all.is_empty());
        self.mfa_lost += u64::from(factors && !has("mfa_factors"));
    }
}

/// Parses a record. Values that JSON allows but `Value` refuses (1e400, lone surrogates) become a string.
fn object(json: &RawValue) -> Map<String, Value> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(json.get()).unwrap();
    let value = |json: &RawValue| serde_json::from_str(json.get()).unwrap_or_else(|_| json!("text"));
    members.into_iter().map(|(name, json)| (name, value(json))).collect()
}

/// Good enough for the test data.
fn is_email(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    matches!(parts[..], [local, domain] if !local.is_empty() && domain.contains('.') && !text.contains(' '))
}

/// Returns the report of `check`, and the output of `convert` for the same file.
struct Outputs {
    report: Value,
    parts: Vec<Vec<u8>>,
}

fn outputs(export: &Path, options: &[&str]) -> Outputs {
    let home = WorkFolder::new();
    let run = |arguments: &[&str]| {
        let ran = home.run(&[arguments, options, &[export.to_str().unwrap()]].concat());
        assert!((0..2).contains(&ran.status), "{}", ran.err);
        ran.out
    };
    let report = serde_json::from_str(&run(&["check", "--json"])).unwrap();
    run(&["convert", "-o", "parts", "-q"]);
    let mut names: Vec<_> =
        std::fs::read_dir(home.path().join("parts")).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with("users-"));
    names.sort();
    Outputs { report, parts: names.into_iter().map(|path| std::fs::read(path).unwrap()).collect() }
}

fn counts(value: &Value) -> Counts {
    let counts: Counts = serde_json::from_value(value.clone()).unwrap();
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

fn agree(export: &Path, plain: &[u8], options: &[&str]) {
    let (naive, Outputs { report, parts }) = (Naive::of(plain), outputs(export, options));
    let name = export.display();
    rejections(&name.to_string(), &report, &naive);
    for (key, count) in [
        ("read", naive.read),
        ("written", naive.written),
        ("skipped", naive.skipped),
        ("rejected", naive.rejected),
        ("left_out", 0),
        ("with_password", naive.with_password),
        ("without_password", naive.written - naive.with_password),
        ("mfa_lost", naive.mfa_lost),
    ] {
        assert_eq!(report[key], count, "{name}: {key}");
    }
    assert_eq!(counts(&report["skipped_by"]), naive.skipped_by, "{name}");
    assert_eq!(counts(&report["connections"]), naive.connections, "{name}");
    assert_eq!(counts(&report["linked_logins"]), naive.linked_logins, "{name}");
    let known: BTreeSet<String> = report["present"].as_object().unwrap().keys().cloned().collect();
    let (present, unknown): (Counts, Counts) = naive
        .present
        .iter()
        .map(|(name, count)| (name.clone(), *count))
        .partition(|(name, _)| known.contains(name));
    assert_eq!(counts(&report["present"]), present, "{name}");
    assert_eq!(counts(&report["unknown"]), unknown, "{name}");
    sizes(&name.to_string(), &report, &parts);
}

fn rejections(name: &str, report: &Value, naive: &Naive) {
    let found: BTreeMap<String, (u64, Vec<u64>)> = report["rejected_by"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(rule, entry)| {
            let lines = entry["places"].as_array().unwrap().iter();
            let lines = lines.map(|place| place["line"].as_u64().unwrap()).collect();
            (rule.clone(), (entry["records"].as_u64().unwrap(), lines))
        })
        .collect();
    let expected = naive.rejected_lines.iter().map(|(rule, lines)| {
        (rule.clone(), (lines.len() as u64, lines.iter().copied().take(20).collect::<Vec<_>>()))
    });
    assert_eq!(found, expected.collect(), "{name}");
}

/// The estimated parts are the written parts.
fn sizes(name: &str, report: &Value, parts: &[Vec<u8>]) {
    let mut users: Vec<usize> = Vec::new();
    for part in parts {
        let all: Vec<&RawValue> = serde_json::from_slice(part).unwrap();
        users.extend(all.iter().map(|user| user.get().len()));
    }
    let estimate = &report["estimate"];
    assert_eq!(estimate["parts"], parts.len(), "{name}");
    assert_eq!(report["upload"]["parts"], parts.len(), "{name}");
    assert_eq!(estimate["bytes"], parts.iter().map(Vec::len).sum::<usize>(), "{name}");
    assert_eq!(estimate["user_bytes"], users.iter().sum::<usize>(), "{name}");
    assert_eq!(estimate["largest"]["bytes"].as_u64(), users.iter().max().map(|most| *most as u64), "{name}");
    let mut least = 0;
    for class in estimate["sizes"].as_array().unwrap() {
        let most = class["to"].as_u64().map_or(usize::MAX, |to| to as usize);
        let count = users.iter().filter(|user| (least..=most).contains(*user)).count();
        assert_eq!(class["users"], count, "{name}: {class}");
        least = most.saturating_add(1);
    }
}

#[test]
fn check_counts_match_for_testdata_exports() {
    let merged = ["--merge-connections"];
    for name in ["users-full-profile.ndjson", "users-default.ndjson", "import-array.json"] {
        agree(&testdata(name), &std::fs::read(testdata(name)).unwrap(), &merged);
    }
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(std::fs::File::open(testdata("tenant.json.gz")).unwrap())
        .read_to_end(&mut plain)
        .unwrap();
    agree(&testdata("tenant.json.gz"), &plain, &[]);
    agree(&testdata("users.csv"), &std::fs::read(testdata("users.csv.ndjson")).unwrap(), &[]);
}

#[test]
fn check_counts_match_for_twenty_thousand_users() {
    let home = tempfile::tempdir().unwrap();
    let export = home.path().join("export.json");
    let corpus = reimport_benches::Corpus::new(11).users(20_000).bad(15).duplicates(8).connections(3);
    let mut plain = Vec::new();
    let stats = corpus.write(&mut plain).unwrap();
    std::fs::write(&export, &plain).unwrap();
    agree(&export, &plain, &["--merge-connections"]);
    let report = outputs(&export, &["--merge-connections"]).report;
    assert_eq!(
        json!([report["read"], report["written"], report["skipped"], report["rejected"]]),
        json!([stats.users, stats.importable, stats.not_database, stats.bad_total() + stats.duplicates])
    );
}
