//! Warnings and notes: a line `warning` means exit status 1 and a line `note` 0, in every format of the report.

use serde_json::Value;

use crate::harness::WorkFolder;

/// Returns one user of an export with `more` members, whose identities and metadata cause no notes.
fn user(more: &str) -> String {
    format!(
        "{{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\",\"email_verified\":true,\"user_metadata\":{{}},\
         \"identities\":[{{\"provider\":\"auth0\",\"connection\":\"Users\"}}]{more}}}\n"
    )
}

const HASH: &str = r#","password_hash":"$2b$10$C9hB4Ehdrws5GiLiGS16Eee6wnjs5FMyikwNySWDP1MFGuq5tpfSm""#;

/// Returns the messages of one list of a `--json` document.
fn messages(document: &Value, list: &str) -> Vec<String> {
    let list = document[list].as_array().unwrap();
    list.iter().map(|remark| remark["message"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn warnings_exit_1_and_notes_exit_0_in_every_format() {
    let long = format!(r#"{HASH},"picture":"{}""#, "x".repeat(10_000));
    let with_hash = |more: &str| user(&format!("{HASH}{more}"));
    let hashes = format!(
        "{{\"_id\":{{\"$oid\":\"2\"}},\"email\":\"b@example.com\",\"passwordHash\":{},\"tenant\":\"t\",\"connection\":\"Users\"}}\n",
        HASH.split_once(':').unwrap().1
    );
    let two = with_hash("")
        + &user("").replace("auth0|1", "auth0|2").replace("a@", "b@")
        + &user("").replace("auth0|1", "auth0|3").replace("a@", "c@");
    for (export, options, warnings, notes) in [
        (with_hash(""), "", vec![], vec![]),
        (user(""), "", vec![], vec!["1 user has no password: they must set a new one (see --passwords)"]),
        (user(""), "--for update", vec![], vec![]),
        (
            two,
            "--passwords hashes.json",
            vec!["1 user gets no password (not in the file 1): see parts/no-password.csv"],
            vec![],
        ),
        (
            with_hash(r#","name":"""#),
            "",
            vec![],
            vec![
                "value-length name 1, first on line 1: a string is empty, or longer than its property usually may be",
            ],
        ),
        (
            with_hash(r#","username":"a b""#),
            "",
            vec![
                "username-form 1, first on line 1: a username is an e-mail address, or contains characters that connections refuse by default",
            ],
            vec![],
        ),
        (
            with_hash(r#","name":"\ud800""#),
            "",
            vec!["lone-surrogate 1, first on line 1: a lone surrogate, which became U+FFFD"],
            vec![],
        ),
        (
            user(&long),
            "",
            vec![
                "profile-size 1, first on line 1: the whole user is larger than the 10 KB that a profile should have",
            ],
            vec![],
        ),
        (
            with_hash(r#","EMAIL":"b@example.com","Email":"c@example.com""#),
            "",
            vec![
                "second-spelling email 1, first on line 1: the property exists in several spellings, and only one of them was used",
            ],
            vec![],
        ),
        (
            with_hash(r#","locale":"en""#),
            "--move locale=email",
            vec![
                "not-moved-taken locale 1, first on line 1: the property was not moved, because its target has a value already",
            ],
            vec![],
        ),
        (
            with_hash(""),
            "--where emial=x --where email=a@example.com",
            vec!["no record has emial; did you mean email?"],
            vec![],
        ),
    ] {
        let place = WorkFolder::new().with("tenant.json", export).with("hashes.json", &hashes);
        let status = i32::from(!warnings.is_empty());
        let last =
            if status == 1 { "done, with warnings (exit status 1)\n" } else { "done (exit status 0)\n" };
        let ran = place.run(&format!("convert tenant.json -o parts {options}"));
        assert_eq!(ran.status, status, "{options}: {}", ran.err);
        assert!(ran.err.ends_with(last), "{}", ran.err);
        // Remove the line breaks within a remark.
        let stderr = ran.err.replace("\n          ", " ");
        assert_eq!(ran.err.matches("\nwarning   ").count(), warnings.len(), "{}", ran.err);
        assert_eq!(ran.err.matches("\nnote      ").count(), notes.len(), "{}", ran.err);
        for words in warnings.iter().chain(&notes) {
            assert!(stderr.contains(&format!("   {words}\n")), "{words}: {}", ran.err);
        }

        let ran = place.run(&format!("check tenant.json {options} --html report.html --json"));
        assert_eq!(ran.status, status, "{options}: {}", ran.err);
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!(document["exit_status"], status);
        // `check` writes no lists.
        let of_check =
            |words: &&str| words.replace("see parts/no-password.csv", "convert to a folder to list them");
        assert_eq!(messages(&document, "warnings"), warnings.iter().map(of_check).collect::<Vec<_>>());
        assert_eq!(messages(&document, "notes"), notes);

        let page = place.read("report.html");
        assert!(!page.contains("200.0 %"), "{page}");
        let is_there = |label: &str| page.contains(&format!("{label}: "));
        assert_eq!(is_there("Warning") || is_there("Warnings"), status == 1, "{page}");
        assert_eq!(is_there("Note") || is_there("Notes"), !notes.is_empty(), "{page}");
    }
}
