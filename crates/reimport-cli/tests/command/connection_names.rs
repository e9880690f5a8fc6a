//! Connections with the names of output files, through every command that reads or writes their folders.

use std::fmt::Write as _;

use reimport::OutputName;
use serde_json::{Value, json};

use crate::harness::WorkFolder;

/// Names of outputs in lower and upper case, of uploads and of devices, and names that are equal after escaping.
fn connections() -> Vec<String> {
    let outputs =
        OutputName::ALL.iter().flat_map(|output| [output.to_string(), output.as_str().to_uppercase()]);
    let others = [
        "users-00001.json",
        "upload-t.ndjson",
        "upload-t.errors",
        "manifest.json~2",
        "CON",
        "nul",
        "COM1",
        "con.txt",
        "a/b",
        "a%2Fb",
    ];
    outputs.chain(others.map(String::from)).collect()
}

/// The password hash of the first user; the others have none.
const HASH: &str = r#"{"_id":{"$oid":"000000000000000000000000"},"email":"u0@example.com","passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDujVBPWEdAQ.G9ASvnSIwb81Hs2ng0G4u"}
"#;

/// A user of each connection with a social login, a rejected, a skipped and a promoted user.
fn export(connections: &[String]) -> String {
    let mut text = String::new();
    for (n, connection) in connections.iter().enumerate() {
        let email = format!("u{n}@example.com");
        let user = json!({"user_id": format!("auth0|{n:024}"), "email": email, "email_verified": true, "identities": [
            {"provider": "auth0", "user_id": format!("{n:024}"), "connection": connection},
            {"provider": "google-oauth2", "user_id": n.to_string(), "connection": "google-oauth2", "isSocial": true},
        ]});
        writeln!(text, "{user}").unwrap();
    }
    text + r#"{"user_id":"auth0|bad","email":"bad","identities":[{"provider":"auth0","user_id":"bad","connection":"Users"}]}
{"user_id":"google-oauth2|1","email":"g@example.com","identities":[{"provider":"google-oauth2","user_id":"1","connection":"google-oauth2"}]}
{"user_id":"google-oauth2|2","email":"p@example.com","identities":[{"provider":"google-oauth2","user_id":"2","connection":"google-oauth2"},{"provider":"auth0","user_id":"p1","connection":"Second","profileData":{"email":"p@example.com"}}]}
"#
}

#[test]
fn connections_named_like_output_files_work_everywhere() {
    let connections = connections();
    let refused: Vec<Value> = (0..connections.len())
        .map(|n| json!({"user": {"user_id": format!("{n:024}")}, "errors": [{"code": "MFA_FACTORS_FAILED"}]}))
        .collect();
    let place = WorkFolder::new()
        .with("tenant.json", export(&connections))
        .with("new.json", "{\"user_id\":\"auth0|other\",\"email\":\"other@example.com\"}\n")
        .with("errors.json", Value::Array(refused).to_string())
        .with("hashes.ndjson", HASH);
    let convert = "convert tenant.json --by-connection --linked promote --passwords hashes.ndjson -q";
    for (command, status, folder, promoted) in [
        (format!("{convert} -o parts"), 1, "parts", true),
        (format!("{convert} -o parts --force"), 1, "parts", true),
        ("verify parts new.json -o arrival -q".to_owned(), 1, "arrival/missing", true),
        ("verify parts new.json -o arrival --force -q".to_owned(), 1, "arrival/missing", true),
        ("retry parts --errors errors.json -o again -q".to_owned(), 0, "again", false),
        ("retry parts --errors errors.json -o again --force -q".to_owned(), 0, "again", false),
    ] {
        let ran = place.run(&command);
        assert_eq!((ran.status, ran.err.contains("reimport:")), (status, false), "{command}: {ran:?}");
        let manifest: Value = serde_json::from_str(&place.read(&format!("{folder}/manifest.json"))).unwrap();
        let listed = manifest["connections"].as_array().unwrap();
        assert_eq!(listed.len(), connections.len() + usize::from(promoted), "{command}");
        for (n, connection) in connections.iter().enumerate() {
            let entry = listed.iter().find(|entry| entry["connection"] == **connection);
            let inside =
                entry.unwrap_or_else(|| panic!("{connection}: {command}"))["folder"].as_str().unwrap();
            let part = place.read(&format!("{folder}/{inside}/users-00001.json"));
            assert!(part.contains(&format!("\"u{n}@example.com\"")), "{connection}: {command}");
        }
    }
    for file in [
        "lines.ndjson",
        "links.ndjson",
        "promoted.ndjson",
        "no-password.csv",
        "rejected.ndjson",
        "skipped.ndjson",
    ] {
        assert!(!place.read(&format!("parts/{file}")).is_empty(), "{file}");
    }
}
