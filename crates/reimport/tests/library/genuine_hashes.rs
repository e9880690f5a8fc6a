//! Checks `testdata/hashes/`: real hashes of known passwords. Each must get its verdict, and must verify its
//! password.

use std::collections::BTreeSet;
use std::path::Path;

use reimport::sink::Nothing;
use reimport::source::Source;
use reimport::{Pipeline, Rules, Topic};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::verify_hash::{self, verifies};

/// Maximum memory of an argon2 hash that is verified here, in KiB. `make.py --verify` also verifies the hashes
/// above.
const MOST_KIB: u64 = 65536;

#[derive(Deserialize)]
struct Line {
    case: String,
    verdict: String,
    password: String,
    made_by: String,
    verified_by: Vec<String>,
    refused_by: Vec<String>,
    custom_password_hash: Value,
}

fn lines() -> Vec<Line> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/hashes/genuine.ndjson");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Returns what `convert` reports for a user with this hash, in the form of the file.
fn verdict(hash: &Value) -> String {
    let user = json!({"email": "ada@example.com", "custom_password_hash": hash}).to_string();
    let source = Source::from_reader("user", std::io::Cursor::new(user));
    let (summary, ()) = Pipeline::new().run([source], &Rules::default(), Nothing::new()).unwrap();
    let rejected = summary.rejected_by.keys().map(|rule| format!("rejected {rule}"));
    let warned = summary.of(Topic::Warned).map(|(rule, _)| format!("warned {rule}"));
    let all: Vec<_> = rejected.chain(warned).collect();
    if all.is_empty() { "accepted".to_owned() } else { all.join(", ") }
}

#[test]
fn genuine_hashes_get_expected_verdicts() {
    for line in lines() {
        assert_eq!(verdict(&line.custom_password_hash), line.verdict, "{} by {}", line.case, line.made_by);
    }
}

#[test]
fn accepted_hashes_verify_only_their_password() {
    let mut verified = 0;
    for line in lines().iter().filter(|line| line.verdict == "accepted") {
        let hash = &line.custom_password_hash;
        if verify_hash::argon2_kib(hash).is_some_and(|kib| kib > MOST_KIB) {
            continue;
        }
        assert!(verifies(hash, &line.password), "{} by {}", line.case, line.made_by);
        assert!(!verifies(hash, "another password"), "{} by {}", line.case, line.made_by);
        verified += 1;
    }
    assert!(verified > 200, "{verified}");
}

#[test]
fn bcrypt_with_72_byte_salt_verifies_any_password() {
    let lines = lines();
    let salted: Vec<_> = lines.iter().filter(|line| line.verdict == "rejected salt-length").collect();
    assert_eq!(salted.len(), 2);
    for line in salted {
        for password in [&*line.password, "another password", ""] {
            assert!(verifies(&line.custom_password_hash, password), "{}", line.case);
        }
    }
}

/// The verifiers are libsodium and bcrypt. `make.py --verify` checks what they verify.
#[test]
fn verdicts_agree_with_recorded_verifiers() {
    for line in lines() {
        let algorithm = &line.custom_password_hash["algorithm"];
        let by = |libraries: &[String], name: &str| libraries.iter().any(|library| library.starts_with(name));
        if algorithm == "argon2" {
            assert_eq!(by(&line.verified_by, "PyNaCl"), line.verdict == "accepted", "{}", line.case);
            assert_eq!(by(&line.refused_by, "PyNaCl"), line.verdict != "accepted", "{}", line.case);
        }
        if algorithm == "bcrypt" {
            assert_eq!(
                by(&line.refused_by, "bcrypt"),
                line.verdict == "warned bcrypt-padding",
                "{}",
                line.case
            );
        }
    }
}

/// Without this test, a kind of hash could be missing unnoticed.
#[test]
fn genuine_hashes_cover_the_schema() {
    let schema: Value =
        serde_json::from_str(include_str!("../../../../testdata/import-schema.json")).unwrap();
    let schema = &schema["properties"]["custom_password_hash"];
    let accepted: Vec<Value> = lines()
        .into_iter()
        .filter(|line| line.verdict == "accepted")
        .map(|line| line.custom_password_hash)
        .collect();
    for path in [
        "/algorithm",
        "/hash/encoding",
        "/hash/digest",
        "/hash/key/encoding",
        "/salt/encoding",
        "/salt/position",
        "/password/encoding",
    ] {
        let in_schema = schema.pointer(&path.replace('/', "/properties/")).unwrap();
        let listed: BTreeSet<&str> =
            in_schema["enum"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let found: BTreeSet<&str> = accepted.iter().filter_map(|hash| hash.pointer(path)?.as_str()).collect();
        assert_eq!(found, listed, "{path}");
    }
}
