//! Checks the generator with `serde_json` and simple counting.

use std::collections::BTreeSet;

use reimport_benches::corpus::{Bad, Strategy};
use reimport_benches::{Corpus, Format, Stats};
use serde_json::{Map, Value};

fn written(corpus: &Corpus) -> (Vec<u8>, Stats) {
    let mut bytes = Vec::new();
    let stats = corpus.write(&mut bytes).expect("writing to a Vec does not fail");
    (bytes, stats)
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty())
}

/// Returns the record as an object. Numbers that an `f64` cannot hold are made smaller, because `Value` rejects
/// them.
fn object(line: &[u8]) -> Option<Map<String, Value>> {
    let text = std::str::from_utf8(line).ok()?.replace("1e400", "1e40");
    serde_json::from_str::<Value>(&text).ok()?.as_object().cloned()
}

fn is_database(user: &Map<String, Value>) -> bool {
    user["identities"][0]["provider"] == "auth0"
}

/// Returns the FNV-1a hash, whose result is the same everywhere.
fn fingerprint(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// If this test changes, the reference export changes, and all measured figures must be measured again.
#[test]
fn first_thousand_users_never_change() {
    let corpus = Corpus::new(1).users(1000);
    let mut passwords = Vec::new();
    corpus.write_passwords(&mut passwords).expect("writing to a Vec does not fail");
    let prints = [Format::Ndjson, Format::Csv]
        .map(|format| fingerprint(&written(&corpus.clone().format(format)).0))
        .map(|print| format!("{print:016x}"));
    assert_eq!(prints, ["76db98d2ef81a151", "cce3920bdef4d856"]);
    assert_eq!(format!("{:016x}", fingerprint(&passwords)), "9624c0ed7126fe69");
}

#[test]
fn user_does_not_depend_on_user_count() {
    for corpus in
        [Corpus::new(5), Corpus::new(5).bad(100).duplicates(100).connections(3).nulls(true).columns(2)]
    {
        let (few, _) = written(&corpus.clone().users(300));
        let (many, _) = written(&corpus.clone().users(900));
        assert!(many.starts_with(&few));
    }
    assert_ne!(written(&Corpus::new(5)).0, written(&Corpus::new(6)).0);
}

#[test]
fn options_do_not_change_other_users() {
    let (plain, _) = written(&Corpus::new(8).users(400));
    let (corrupted, stats) = written(&Corpus::new(8).users(400).bad(200).duplicates(200));
    let plain: Vec<_> = lines(&plain).collect();
    let same = lines(&corrupted).zip(&plain).filter(|(one, other)| one == *other).count() as u64;
    assert_eq!(same, stats.importable + stats.not_database);
}

#[test]
fn every_line_is_an_object_of_the_expected_size() {
    let (bytes, stats) = written(&Corpus::new(2).users(5000));
    let mut database = 0;
    for line in lines(&bytes) {
        let user = object(line).expect("an object");
        assert!((350..2000).contains(&line.len()), "{} bytes", line.len());
        database += u64::from(is_database(&user));
    }
    assert_eq!(stats.bytes, bytes.len() as u64);
    assert_eq!((stats.users, stats.importable, stats.not_database), (5000, database, 5000 - database));
    assert!((900..940).contains(&(bytes.len() / 5000)), "{} bytes a user", bytes.len() / 5000);
    assert!((3400..3600).contains(&database));
}

#[test]
fn database_users_are_valid_for_import() {
    let (bytes, _) = written(&Corpus::new(3).users(5000));
    for user in lines(&bytes).map(|line| object(line).expect("an object")).filter(is_database) {
        let text = |name: &str| user.get(name).map(|value| value.as_str().expect("a string"));
        let (local, domain) = text("email").expect("an address").split_once('@').expect("an @");
        assert!(local.len() <= 64 && domain.contains('.'));
        assert!(
            local
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".+".contains(&byte))
        );
        assert!(user["email_verified"].is_boolean());
        assert!(user.get("blocked").is_none_or(Value::is_boolean));
        if let Some(name) = text("username") {
            assert!(
                name.len() <= 15 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
            );
        }
        if let Some(phone) = text("phone_number") {
            let digits = phone.strip_prefix('+').expect("a +");
            assert!((1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit()));
        }
        for name in ["name", "nickname", "given_name", "family_name"] {
            assert!(text(name).is_none_or(|value| (1..=150).contains(&value.chars().count())));
        }
        let metadata = [user.get("user_metadata"), user.get("app_metadata")];
        assert!(metadata.into_iter().flatten().all(|value| value.is_object() && keys_are_legal(value)));
        assert!(text("user_id").expect("an id").starts_with("auth0|"));
    }
}

fn keys_are_legal(value: &Value) -> bool {
    value.as_object().is_none_or(|object| {
        object.iter().all(|(key, value)| !key.contains(['.', '$']) && keys_are_legal(value))
    })
}

#[test]
fn unique_values_do_not_repeat() {
    let (bytes, _) = written(&Corpus::new(4).users(20_000));
    let mut seen = BTreeSet::new();
    for user in lines(&bytes).map(|line| object(line).expect("an object")) {
        for name in ["user_id", "email", "username", "phone_number"] {
            if let Some(value) = user.get(name) {
                let value = value.as_str().expect("a string").to_lowercase();
                assert!(seen.insert((name, value)), "a {name} repeats");
            }
        }
    }
    assert!(seen.len() > 45_000);
}

/// Returns what is wrong with a line, determined without the generator.
fn judge(line: &[u8]) -> Option<Bad> {
    let Some(user) = object(line) else {
        let json = serde_json::from_slice::<Value>(line).is_ok();
        return Some(if json { Bad::NotObject } else { Bad::Unreadable });
    };
    if !is_database(&user) {
        return None;
    }
    let email = user.get("email").and_then(Value::as_str);
    let wrong = ["email_verified", "blocked"]
        .into_iter()
        .any(|name| user.get(name).is_some_and(|value| !value.is_boolean()));
    match email {
        None => Some(Bad::MissingEmail),
        Some(_) if wrong => Some(Bad::NotBoolean),
        Some(email) => {
            let parts: Vec<_> = email.split('@').collect();
            let valid = parts.len() == 2 && parts.iter().all(|part| !part.is_empty() && !part.contains(' '));
            (!valid).then_some(Bad::InvalidEmail)
        }
    }
}

#[test]
fn bad_records_match_their_count() {
    let (bytes, stats) = written(&Corpus::new(6).users(4000).bad(150));
    let mut counted = [0; Bad::ALL.len()];
    for kind in lines(&bytes).filter_map(judge) {
        counted[kind as usize] += 1;
    }
    assert_eq!(stats.bad, counted);
    assert!(counted.iter().all(|count| *count > 20), "{counted:?}");
    assert!((500..700).contains(&stats.bad_total()));
    assert_eq!(lines(&bytes).count(), 4000);
}

#[test]
fn repeated_users_match_their_count() {
    let (bytes, stats) = written(&Corpus::new(7).users(4000).duplicates(100).bad(50));
    let (mut claimed, mut repeated) = (BTreeSet::new(), 0);
    for user in lines(&bytes).filter(|line| judge(line).is_none()).filter_map(object).filter(is_database) {
        let keys = ["user_id", "email", "username", "phone_number"]
            .map(|name| user.get(name).map(|value| (name, value.as_str().expect("a string").to_lowercase())));
        if keys.iter().flatten().any(|key| claimed.contains(key)) {
            repeated += 1;
        } else {
            claimed.extend(keys.into_iter().flatten());
        }
    }
    assert_eq!(stats.duplicates, repeated);
    assert!((200..340).contains(&repeated), "{repeated}");
}

#[test]
fn there_is_one_connection_by_default() {
    let names = |corpus: Corpus| -> BTreeSet<String> {
        let (bytes, _) = written(&corpus.users(500));
        let users = lines(&bytes).filter_map(object).filter(is_database);
        users.map(|user| user["identities"][0]["connection"].to_string()).collect()
    };
    assert_eq!(names(Corpus::new(1)), BTreeSet::from(["\"Username-Password-Authentication\"".to_owned()]));
    assert_eq!(names(Corpus::new(1).connections(4)).len(), 4);
}

#[test]
fn array_contains_the_ndjson_lines() {
    let corpus = Corpus::new(9).users(300);
    let (array, stats) = written(&corpus.clone().format(Format::Array));
    let text = String::from_utf8(array).expect("UTF-8");
    let elements: Vec<_> = text
        .strip_prefix("[\n")
        .and_then(|text| text.strip_suffix("\n]\n"))
        .expect("brackets")
        .split(",\n")
        .collect();
    assert_eq!(elements.join("\n") + "\n", String::from_utf8(written(&corpus).0).expect("UTF-8"));
    assert_eq!(stats.bytes, text.len() as u64);
    let bad = written(&corpus.bad(300).format(Format::Array)).0;
    assert!(serde_json::from_slice::<Vec<Value>>(&bad).is_ok(), "no bad element breaks the array");
}

#[test]
fn csv_contains_the_ndjson_values() {
    let corpus = Corpus::new(9).users(50);
    let csv = String::from_utf8(written(&corpus.clone().format(Format::Csv)).0).expect("UTF-8");
    let header = csv.lines().next().expect("a header");
    assert_eq!(header.split(',').count(), 30);
    for user in lines(&written(&corpus).0).filter_map(object) {
        let email = user
            .get("email")
            .map_or(String::new(), |email| format!("\"'{}\"", email.as_str().expect("text")));
        let verified = user.get("email_verified").map_or(String::new(), |value| match value {
            Value::String(text) => format!("\"'{text}\""),
            other => other.to_string(),
        });
        let start = format!("\n\"'{}\",{email},{verified},\"'", user["user_id"].as_str().expect("an id"));
        assert!(csv.contains(&start));
    }
}

#[test]
fn nulls_are_written_on_request() {
    let objects = |corpus: Corpus| -> Vec<_> {
        let (bytes, _) = written(&corpus.users(200));
        lines(&bytes).filter_map(object).collect()
    };
    for (plain, full) in objects(Corpus::new(1)).iter().zip(objects(Corpus::new(1).nulls(true))) {
        assert!(!plain.values().any(Value::is_null));
        for name in ["email", "given_name", "username", "phone_number", "blocked"] {
            assert_eq!(full[name], *plain.get(name).unwrap_or(&Value::Null));
        }
    }
}

#[test]
fn passwords_belong_to_database_identities() {
    let corpus = Corpus::new(10).users(5000).duplicates(50);
    let mut bytes = Vec::new();
    let records = corpus.write_passwords(&mut bytes).expect("writing to a Vec does not fail");
    let mut ids = BTreeSet::new();
    for user in lines(&written(&corpus).0).filter_map(object) {
        for identity in user["identities"].as_array().expect("identities") {
            if identity["provider"] == "auth0" {
                ids.insert(identity["user_id"].as_str().expect("an id").to_owned());
            }
        }
    }
    let (mut joined, mut seen, mut custom) = (0, BTreeSet::new(), 0);
    for record in lines(&bytes).map(|line| object(line).expect("an object")) {
        let object_id =
            record.get("_id").or(record.get("_ID")).and_then(|id| id["$oid"].as_str()).expect("an id");
        let alt_id = record.get("alt_id").and_then(Value::as_str);
        custom += usize::from(alt_id.is_some());
        let id = alt_id.unwrap_or(object_id.trim_start_matches("auth0|")).to_owned();
        joined += usize::from(ids.contains(&id));
        assert!(seen.insert(id), "an id repeats");
        let hash = record["passwordHash"].as_str().expect("a hash");
        assert!(hash.len() == 60 && (hash.starts_with("$2b$10$") || hash.starts_with("$2a$10$")));
    }
    assert_eq!(records as usize, seen.len());
    assert!(custom > 20);
    let orphans = seen.len() - joined;
    assert!((1..40).contains(&orphans), "{orphans} orphans");
    assert!(joined * 100 > ids.len() * 95 && joined < ids.len());
}

#[test]
fn every_strategy_has_its_share() {
    let (_, stats) = written(&Corpus::new(11).users(20_000));
    let share = |strategy: Strategy| stats.by_strategy[strategy as usize] / 20;
    assert!(Strategy::ALL.into_iter().all(|strategy| share(strategy) > 5));
    assert!((680..720).contains(&share(Strategy::Auth0)));
    assert!((600..800).contains(&stats.linked_social));
    assert!(stats.linked_database > 5);
}
