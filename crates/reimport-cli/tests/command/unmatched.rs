//! Options that match nothing are reported, with exit status 1, or 2 if the output would be empty.

use crate::harness::{Ran, WorkFolder};

const HASH: &str = "$2b$10$C9hB4Ehdrws5GiLiGS16Eee6wnjs5FMyikwNySWDP1MFGuq5tpfSm";

/// Users of two connections, with everything that avoids notes.
fn export() -> String {
    let user = |id: u32, connection: &str| {
        format!(
            "{{\"user_id\":\"auth0|{id}\",\"email\":\"u{id}@example.com\",\"email_verified\":true,\"password_hash\":\"{HASH}\",\
             \"created_at\":\"2024-05-0{id}T10:00:00.000Z\",\"logins_count\":{id},\"user_metadata\":{{\"plan\":\"pro\"}},\
             \"identities\":[{{\"provider\":\"auth0\",\"connection\":\"{connection}\"}}]}}\n"
        )
    };
    user(1, "Users") + &user(2, "Users") + &user(3, "Customers")
}

fn place() -> WorkFolder {
    WorkFolder::new().with("tenant.json", export())
}

/// Returns the lines `warning` of a summary, without labels and line breaks, and the exit status.
fn warnings(ran: &Ran) -> (i32, Vec<String>) {
    let text = ran.err.replace("\n          ", " ");
    let lines = text.lines().filter_map(|line| line.strip_prefix("warning   "));
    (ran.status, lines.map(str::to_owned).collect())
}

#[track_caller]
fn warns(place: &WorkFolder, arguments: &str, expected: &[&str]) {
    let ran = place.run(arguments);
    let expected: Vec<String> = expected.iter().map(|words| (*words).to_owned()).collect();
    assert_eq!(warnings(&ran), (i32::from(!expected.is_empty()), expected), "{}{}", ran.out, ran.err);
}

#[test]
fn edits_that_match_no_record_are_a_warning() {
    let place = place();
    let convert = "convert tenant.json -o parts --merge-connections --force";
    place
        .run(&format!("{convert} --move created_att=app_metadata.since --drop user_metadata.paln"))
        .assert_output(1, "", UNMADE);
    warns(&place, &format!("{convert} --move created_at=app_metadata.since --drop user_metadata.plan"), &[]);
    // A path that can be created is not reported; a path below a value that is not an object is.
    warns(&place, &format!("{convert} --set app_metadata.from=1"), &[]);
    warns(
        &place,
        &format!("{convert} --set email.from=1"),
        &[
            "not-set-no-way email.from 3, first on line 1: the value was not set, because a value above it is not an object",
            "email.from could not be set in any record: a value above it is not an object",
        ],
    );
    // A path that only left out users have is not reported, and an empty export causes no warnings.
    let one = "--where logins_count=1";
    warns(&place, &format!("{convert} {one} --drop user_metadata.plan"), &[]);
    let empty = WorkFolder::new().with("tenant.json", "[]");
    warns(&empty, "convert tenant.json -o parts --drop x --move y=app_metadata.y --set email.x=1", &[]);
    // Records after a limit may have the path.
    warns(
        &place,
        &format!("{convert} --limit 1 --drop user_metadata.paln --set email.x=1"),
        &[VALUE_NOT_SET],
    );
    // That the beginning does not have it either is reported.
    warns(
        &place,
        "select tenant.json -f user_metadata.paln -o some.csv --limit 1",
        &["no record read before the limit has user_metadata.paln; did you mean user_metadata.plan?"],
    );
    warns(&place, "select tenant.json -f user_metadata.paln -o all.csv --limit 3", &[PALN]);
    let ran = place.run("check tenant.json --merge-connections --drop user_metadata.paln --json");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["exit_status"], 1);
    let unseen = serde_json::json!([{"path": "user_metadata.paln", "nearest": "user_metadata.plan"}]);
    assert_eq!(document["unseen"], unseen);
    let message = "no record has user_metadata.paln; did you mean user_metadata.plan?";
    assert_eq!(document["warnings"], serde_json::json!([{"name": "unseen-path", "message": message}]));
}

const PALN: &str = "no record has user_metadata.paln; did you mean user_metadata.plan?";

const VALUE_NOT_SET: &str = "not-set-no-way email.x 1, first on line 1: the value was not set, because a value above it is not an object";

const UNMADE: &str = "\
read      3 records from tenant.json (883 bytes), read whole
written   3 users in 1 part to parts, 3 with a password hash
dropped   created_at 3, identities 3, logins_count 3
not in any export: roles, organizations, sessions
warning   no record has created_att; did you mean created_at?
warning   no record has user_metadata.paln; did you mean user_metadata.plan?
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
done, with warnings (exit status 1)
";

#[test]
fn unmatched_ids_of_a_list_are_a_warning() {
    let place = place()
        .with("ids.txt", "auth0|1\nauth0|7\n2\n")
        .with("many.csv", "email,user_id\na,1\nb,21\nc,22\n\nd,23\ne,24\n")
        .with("mail.txt", "u1@example.com\nu2@example.com\n")
        .with("names.csv", "email;name;plan\nu1@example.com;U;pro\n");
    let select = "select tenant.json -f user_id --format ndjson";
    place.run(&format!("{select} --ids ids.txt")).assert_output(
        1,
        "{\"user_id\":\"auth0|1\"}\n{\"user_id\":\"auth0|2\"}\n",
        IDS,
    );
    warns(
        &place,
        &format!("{select} --ids ids.txt --not-ids many.csv"),
        &[
            "1 of 3 ids of ids.txt is not in any record: line 2",
            "4 of 5 ids of many.csv are not in any record: lines 3, 4, 6, …",
        ],
    );
    warns(
        &place,
        "convert tenant.json -o parts --merge-connections --ids mail.txt",
        &[
            "2 of 2 ids of mail.txt are not in any record: lines 1, 2; they look like e-mail addresses, but user ids are expected, as in user_id of an export",
        ],
    );
    for command in [select, "check tenant.json", "fields tenant.json"] {
        place.run(&format!("{command} --not-ids names.csv")).assert_output(
            2,
            "",
            "error: names.csv: expected a column user_id, but the columns are email, name, plan\n",
        );
    }
    // All ids are found, or not all records were read.
    warns(&place, &format!("{select} --limit 1 --ids ids.txt"), &[]);
    let ran = place.run(&format!("{select} --connection="));
    assert!(
        ran.status == 2
            && ran
                .err
                .contains("invalid value '' for '--connection <NAME>': expected the name of a connection"),
        "{}",
        ran.err
    );
    let place = place.with("one.txt", "9\n").with("none.txt", "\n");
    warns(
        &place,
        &format!("{select} --ids one.txt"),
        &["the one id of one.txt is not in any record: line 1"],
    );
    place.run(&format!("{select} --ids none.txt")).assert_output(
        2,
        "",
        "error: --ids none.txt: expected user ids, but found none\n",
    );
    let place = place.with("two.txt", "2\nauth0|3\n");
    warns(&place, &format!("{select} --ids two.txt --where logins_count=2"), &[]);
}

const IDS: &str = "\
read      3 records from tenant.json (883 bytes), read whole
written   2 users, 1 field each, as NDJSON to standard output
left out  1 user by your own filter
warning   1 of 3 ids of ids.txt is not in any record: line 2
done, with warnings (exit status 1)
";

#[test]
fn conditions_of_another_type_are_a_warning() {
    let place = place();
    let select = "select tenant.json -f user_id --format ndjson";
    place.run(&format!("{select} --where created_at=2024")).assert_output(1, "", TYPE);
    warns(
        &place,
        &format!("{select} --where logins_count=\"5\""),
        &["logins_count is compared with text, but its values are numbers: write logins_count = 5"],
    );
    warns(
        &place,
        "convert tenant.json -o parts --merge-connections --where email_verified=\"true\"",
        &["email_verified is compared with text, but its values are booleans: write email_verified = true"],
    );
    warns(&place, &format!("{select} --where logins_count=5"), &[]);
    warns(
        &place,
        &format!("{select} --where logins_count=null"),
        &[
            "logins_count is compared with null, but its values are numbers; logins_count missing matches the records without it",
        ],
    );
    warns(&place, &format!("{select} --where logins_count!=null"), &[]);
    for (condition, found) in [
        ("email=2024-05-01", "email is compared with a date, but its values are text"),
        ("logins_count!=2024-05-01", "logins_count is compared with a date, but its values are numbers"),
    ] {
        let words = format!("{found}; a date is compared with dates only");
        warns(&place, &format!("{select} --where {condition}"), &[&words]);
    }
    let place = WorkFolder::new()
        .with(
            "plain.csv",
            "user_id,email,app_metadata.n\nauth0|1,a@example.com,5\nauth0|2,b@example.com,10\n",
        )
        .with("text.json", "{\"app_metadata\":{\"n\":\"5\"}}\n{\"app_metadata\":{\"n\":\"10\"}}\n");
    let found = "app_metadata.n is compared with a number, but its values are text";
    for (file, cure) in [
        ("plain.csv", ": --csv-types infer reads the numbers and booleans of a plain CSV file"),
        (
            "text.json",
            "; app_metadata.n > \"3\" would compare them as text, in which \"10\" comes before \"9\"",
        ),
    ] {
        let words = format!("{found}{cure}");
        warns(
            &place,
            &format!("select {file} -f email -o out.csv --force --where app_metadata.n=3"),
            &[&words.replace(
                "; app_metadata.n > \"3\" would compare them as text, in which \"10\" comes before \"9\"",
                ": write app_metadata.n = \"3\"",
            )],
        );
        // An order would select nothing, or with --where-not everything.
        for option in ["--where", "--where-not"] {
            let ran = place.run(&format!("select {file} -f email -o none.csv {option} app_metadata.n>3"));
            ran.assert_output(2, "", &format!("error: {words}\n"));
            assert!(!place.path().join("none.csv").exists());
        }
    }
    // Its cells are text with this option, too.
    let place = place.with("words.csv", "user_id,email,app_metadata.n\nauth0|1,a@example.com,five\n");
    let ran = place.run("select words.csv -f email -o none.csv --where app_metadata.n>3 --csv-types infer");
    ran.assert_output(
        2,
        "",
        &format!("error: {found}; app_metadata.n > \"3\" would compare them as text, in which \"10\" comes before \"9\"\n"),
    );
    let infer = "select plain.csv -f email --where app_metadata.n>3 --csv-types infer";
    assert_eq!(place.run(infer).out, "email\na@example.com\nb@example.com\n");
}

const TYPE: &str = "\
read      3 records from tenant.json (883 bytes), read whole
written   0 users, 1 field each, as NDJSON to standard output
left out  3 users by your own filter
warning   created_at is compared with a number, but its values are dates: write
          created_at = 2024-01-01
done, with warnings (exit status 1)
";

#[test]
fn connections_without_users_are_reported() {
    let place = place();
    let words =
        "no user belongs to connection users (did you mean Users?); the users belong to Customers, Users";
    for command in [
        "convert tenant.json -o parts",
        "check tenant.json",
        "select tenant.json -o users.csv",
        "check tenant.json --rules none",
    ] {
        place.run(&format!("{command} --connection users")).assert_output(
            2,
            "",
            &format!("error: {words}\n"),
        );
        assert_eq!(place.names("."), ["tenant.json"], "{command}");
    }
    let some = "--connection Users --connection custmers --connection x";
    let expected = [
        "no user belongs to connection custmers; did you mean Customers?",
        "no user belongs to connection x; `reimport check` lists the connections",
    ];
    warns(&place, &format!("convert tenant.json -o parts {some}"), &expected);
    warns(&place, &format!("select tenant.json -f email -o users.csv {some}"), &expected);
    let ran = place.run(&format!("check tenant.json --json {some}"));
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let unseen = serde_json::json!([{"connection": "custmers", "nearest": "Customers"}, {"connection": "x", "nearest": null}]);
    assert_eq!((&document["exit_status"], &document["unseen"]), (&1.into(), &unseen));
    // A connection exists even if none of its users is written.
    warns(&place, "convert tenant.json -o none.json --connection Users --where logins_count=3", &[]);
    // An empty export and a limit cause no warnings.
    warns(&place, "convert tenant.json -o one.json --limit 1 --connection Users --connection x", &[]);
    let place = WorkFolder::new().with("empty.json", "[]").with(
        "unnamed.json",
        format!("{{\"user_id\":\"1\",\"email\":\"a@example.com\",\"password_hash\":\"{HASH}\"}}\n"),
    );
    warns(&place, "convert empty.json -o a.json --connection x", &[]);
    warns(&place, "select empty.json -o b.csv -f email --connection x", &[]);
    warns(
        &place,
        "convert unnamed.json -o c.json --connection x",
        &["no database user has a connection (identities[].connection), so --connection x matches no user"],
    );
    place.run("select unnamed.json -o d.csv --connection x").assert_output(
        2,
        "",
        "error: no user belongs to connection x; no record has a connection (identities[0].connection)\n",
    );
}

#[test]
fn connections_other_than_database_are_reported() {
    let social = "{\"user_id\":\"google-oauth2|1\",\"email\":\"g@example.com\",\"identities\":[{\"provider\":\
                  \"google-oauth2\",\"connection\":\"google-oauth2\"}]}\n";
    let place = WorkFolder::new().with("mixed.json", export() + social).with("social.json", social);
    for command in
        ["check mixed.json", "convert mixed.json -o parts", "check mixed.json --where logins_count=1"]
    {
        place.run(&format!("{command} --connection google-oauth2")).assert_output(
            2,
            "",
            "error: google-oauth2 is not a database connection, so its users cannot be imported; the database users \
             belong to Customers, Users\n",
        );
    }
    place.run("check mixed.json --connection google-oauth2 --connection Userz").assert_output(
        2,
        "",
        "error: google-oauth2 is not a database connection, so its users cannot be imported; no user belongs to connection \
         Userz (did you mean Users?); the database users belong to Customers, Users\n",
    );
    let words = "google-oauth2 is not a database connection, so its users cannot be imported";
    warns(&place, "convert mixed.json -o parts --connection Users --connection google-oauth2", &[words]);
    warns(&place, "convert social.json -o social --connection google-oauth2", &[words]);
    warns(
        &place,
        "convert social.json -o other --connection Userz",
        &[
            "no database user has a connection (identities[].connection), so --connection Userz matches no user",
        ],
    );
}

#[test]
fn unmatched_edits_of_retry_are_a_warning() {
    let place = place().with(
        "errors.json",
        r#"[{"user":{"user_id":"1","email":"u1@example.com"},"errors":[{"code":"INVALID_FORMAT","message":"x","path":"email"}]}]"#,
    );
    assert_eq!(place.run("convert tenant.json -o parts --merge-connections -q").status, 0);
    let retry = "retry parts --errors errors.json -o again --force";
    let ran = place.run(&format!("{retry} --drop user_metadata.paln"));
    let words = "no record has user_metadata.paln; did you mean user_metadata.plan?".to_owned();
    assert!(warnings(&ran).0 == 1 && warnings(&ran).1.contains(&words), "{}", ran.err);
    let ran = place.run(&format!("{retry} --drop user_metadata.plan"));
    assert!(!ran.err.contains("no record has"), "{}", ran.err);
    place.run("retry parts --errors errors.json -o again.csv").assert_output(
        2,
        "",
        "error: -o again.csv: retry writes a folder, FILE.json, or - for standard output\n",
    );
    let ran = place.run("retry parts --errors errors.json -o again.json --max-part-bytes 100");
    assert!(ran.status == 1 && ran.err.contains("warning   again.json has "), "{}", ran.err);
}
