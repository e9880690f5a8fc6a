//! Converting the rejected records of an earlier run: names of outputs, positions, and remarks.

use std::fs;

use serde_json::Value;

use crate::harness::WorkFolder;

const USERS: &str = r#"{"user_id":"auth0|1","email":"a@example.com","app_metadata":{}}
{"user_id":"auth0|2","email":"b"}

{"user_id":"auth0|3","email":"c"}
{"user_id":"auth0|4","email":"d"}
{"user_id":"github|5","email":"e"
"#;

/// Returns the source and line of each rejected record.
fn rejected(place: &WorkFolder, folder: &str) -> Vec<(String, u64, u64, u64)> {
    let text = place.read(&format!("{folder}/rejected.ndjson"));
    let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let number = |line: &Value, name: &str| line[name].as_u64().unwrap();
    lines
        .map(|line| {
            let source = line["source"].as_str().unwrap().to_owned();
            (source, number(&line, "line"), number(&line, "byte"), number(&line, "bytes"))
        })
        .collect()
}

/// Replaces text in a file.
fn edit(place: &WorkFolder, file: &str, from: &str, to: &str) {
    let text = place.read(file);
    assert!(text.contains(from), "{text}");
    fs::write(place.path().join(file), text.replace(from, to)).unwrap();
}

#[test]
fn positions_are_those_of_the_export_in_every_round() {
    let place = WorkFolder::new().with("tenant.ndjson", USERS);
    place.run("convert tenant.ndjson -o parts");
    let first = rejected(&place, "parts");
    assert_eq!(first.iter().map(|one| one.1).collect::<Vec<_>>(), [2, 4, 5, 6]);
    // The first record is fixed, the second one becomes text that is not JSON, and the third one is another kind of user.
    edit(&place, "parts/rejected.ndjson", r#""email":"b""#, r#""email":"b@example.com""#);
    edit(&place, "parts/rejected.ndjson", r#""auth0|4""#, r#""github|4""#);
    let ran = place.run("convert parts/rejected.ndjson -o parts-fixed");
    assert_eq!(ran.status, 1, "{}", ran.err);
    assert_eq!(rejected(&place, "parts-fixed"), [first[1].clone(), first[3].clone()]);
    let lines = r#"{"part":"users-00001.json","source":"tenant.ndjson","lines":[[2,1]]}
{"part":"skipped.ndjson","source":"tenant.ndjson","lines":[[5,1]]}
"#;
    assert_eq!(place.read("parts-fixed/lines.ndjson"), lines);
    edit(&place, "parts-fixed/rejected.ndjson", r#""email":"c""#, r#""email":"c@example.com""#);
    let ran = place.run("convert parts-fixed/rejected.ndjson -o last.json");
    assert_eq!(ran.status, 1, "{}", ran.err);
    let line: Value = serde_json::from_str(&place.read("last.json.rejected.ndjson")).unwrap();
    assert_eq!((&line["source"], &line["line"]), (&"tenant.ndjson".into(), &6.into()));
    // The line of the file that was read is in the summary.
    assert!(ran.err.contains("first on line 2"), "{}", ran.err);
}

#[test]
fn file_in_which_nothing_was_fixed_is_named() {
    let place = WorkFolder::new().with("tenant.ndjson", USERS);
    place.run("convert tenant.ndjson -o parts");
    let ran = place.run("convert parts/rejected.ndjson -o parts-fixed");
    let end = "\
note      only users that an earlier run rejected were read. They are not
          compared with its other users: an import job refuses a user with the
          identifier of another
warning   no record of parts/rejected.ndjson can be imported yet: correct the
          `user` of each line as its `problems` say, in this file
next      fix the users in parts/rejected.ndjson, then:
          reimport convert parts/rejected.ndjson -o parts-fixed-2
";
    assert!(ran.err.contains(end) && ran.status == 1, "{}", ran.err);
    // After some are fixed, the others are in the new output, and its name is not extended again.
    edit(&place, "parts/rejected.ndjson", r#""email":"b""#, r#""email":"b@example.com""#);
    let ran = place.run("convert parts/rejected.ndjson -o parts-fixed-2");
    let next = "\
          fix the users in parts-fixed-2/rejected.ndjson, then:
          reimport convert parts-fixed-2/rejected.ndjson -o parts-fixed-3
";
    assert!(!ran.err.contains("can be imported yet") && ran.err.contains(next), "{}", ran.err);
}

#[test]
fn hashes_of_other_users_are_explained() {
    let hash = "$2b$10$abcdefghijklmnopqrstuuKcG1YyVQ6qzqRmtH2xWcC5u8vHd7tDe";
    let hashes: String = (1..=4)
        .map(|n| format!("{{\"_id\":\"{n}\",\"passwordHash\":\"{hash}\"}}\n"))
        .collect::<Vec<_>>()
        .concat();
    let place = WorkFolder::new().with("tenant.ndjson", USERS).with("h.ndjson", hashes);
    let ran = place.run("convert tenant.ndjson -o parts --passwords h.ndjson");
    // The hashes of rejected users have a user.
    assert!(ran.err.contains("passwords by id 1, hashes without a user 0\n"), "{}", ran.err);
    edit(&place, "parts/rejected.ndjson", r#""email":"b""#, r#""email":"b@example.com""#);
    let ran = place.run("convert parts/rejected.ndjson -o parts-fixed --passwords h.ndjson --json");
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["passwords"]["hashes without a user"], 1);
    let notes = document["notes"].as_array().unwrap();
    let note = notes.iter().find(|note| note["name"] == "only-rejected").unwrap();
    assert_eq!(
        note["message"],
        "only users that an earlier run rejected were read. They are not compared with its other users: an import job \
         refuses a user with the identifier of another; `hashes without a user` (1) counts the hashes of all other users"
    );
}

#[test]
fn file_given_twice_is_a_warning() {
    let place = WorkFolder::new().with("a.ndjson", r#"{"user_id":"auth0|1","email":"a@example.com"}"#);
    fs::hard_link(place.path().join("a.ndjson"), place.path().join("b.ndjson")).unwrap();
    fs::copy(place.path().join("a.ndjson"), place.path().join("c.ndjson")).unwrap();
    let other = "b.ndjson is the same file as a.ndjson: its records are read again";
    let same = "a.ndjson is given more than once: its records are read again each time";
    for (arguments, messages) in [
        ("convert a.ndjson b.ndjson -o parts", vec![other]),
        ("check a.ndjson b.ndjson", vec![other]),
        ("select a.ndjson a.ndjson a.ndjson -f email -o e.csv", vec![same]),
        ("fields a.ndjson c.ndjson", vec![]),
    ] {
        let ran = place.run(&format!("{arguments} --json"));
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        let warnings = document["warnings"].as_array().unwrap();
        let found: Vec<&str> = warnings
            .iter()
            .filter(|warning| warning["name"] == "repeated-input")
            .map(|warning| warning["message"].as_str().unwrap())
            .collect();
        assert_eq!(found, messages, "{arguments}");
    }
}

#[test]
fn parts_above_the_limit_of_an_import_job_are_a_warning() {
    let users: String = (0..6)
        .map(|n| {
            let rest = "x".repeat(100_000);
            format!("{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@example.com\",\"app_metadata\":{{\"a\":\"{rest}\"}}}}\n")
        })
        .collect::<Vec<_>>()
        .concat();
    let place = WorkFolder::new().with("tenant.ndjson", users);
    let large = "warning   1 part has more than the 500,000 bytes that an import job accepts:\n          lower --max-part-bytes\n";
    let ran = place.run("convert tenant.ndjson -o parts --max-part-bytes 1MB");
    assert!(ran.err.contains(large) && ran.status == 1, "{}", ran.err);
    let ran = place.run("convert tenant.ndjson -o usual");
    assert!(!ran.err.contains("an import job accepts"), "{}", ran.err);
    let ran = place.run("convert tenant.ndjson -o users.json --max-part-bytes 1MB");
    let large = "an import job accepts at most\n          500,000 (--max-part-bytes)";
    assert!(ran.err.contains(large) && ran.status == 1, "{}", ran.err);
}
