//! `reimport convert`: exact output, written files and exit status.

use std::fs;

use serde_json::Value;

use crate::harness::{WorkFolder, gzipped, users};

/// Three users that are not written, for three reasons, and two that are.
const BAD: &str = r#"{"user_id":"auth0|1","email":"u1@example.com"}
{"user_id":"auth0|2","email":"ada@example"}
{"email":
{"user_id":"auth0|3","email":"u3@example.com","nickname":7}
{"user_id":"auth0|4","email":"u4@example.com"}
"#;

const TWO_CONNECTIONS: &str = r#"{"user_id":"auth0|1","email":"a@example.com","identities":[{"provider":"auth0","connection":"Users"}]}
{"user_id":"auth0|2","email":"b@example.com","identities":[{"provider":"auth0","connection":"Customers"}]}
{"user_id":"auth0|3","email":"c@example.com","identities":[{"provider":"auth0","connection":"Users"}]}
"#;

#[test]
fn converts_gzipped_export_to_parts() {
    let place = WorkFolder::new().with("tenant.json.gz", gzipped(users(3).as_bytes()));
    place.run("convert tenant.json.gz -o parts").assert_output(
        0,
        "",
        "\
read      3 records from tenant.json.gz (435 bytes), read whole
written   3 users in 1 part to parts
dropped   identities 3
note      3 users have no password: they must set a new one (see --passwords)
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
done (exit status 0)
",
    );
    assert_eq!(place.names("."), ["parts", "tenant.json.gz"]);
    assert_eq!(place.names("parts"), ["lines.ndjson", "manifest.json", "users-00001.json"]);
    assert_eq!(
        place.read("parts/users-00001.json"),
        r#"[
{"user_id":"0","email":"u0@example.com","email_verified":true,"user_metadata":{}},
{"user_id":"1","email":"u1@example.com","email_verified":true,"user_metadata":{}},
{"user_id":"2","email":"u2@example.com","email_verified":true,"user_metadata":{}}
]"#
    );
}

#[test]
fn converts_samples_of_every_format() {
    let place = WorkFolder::new()
        .with_testdata("import-array.json")
        .with_testdata("users-default.ndjson")
        .with_testdata("users-full-profile.ndjson");
    place.run("convert import-array.json -o again").assert_output(0, "", SAMPLE_ARRAY);
    place.run("convert users-full-profile.ndjson -o full --merge-connections").assert_output(
        1,
        "",
        SAMPLE_FULL,
    );
    place.run("convert users-default.ndjson -o default --merge-connections").assert_output(
        0,
        "",
        SAMPLE_DEFAULT,
    );
}

const SAMPLE_ARRAY: &str = "\
read      10 records from import-array.json (4.1 kB), read whole
written   10 users in 1 part to again, 9 with a password hash
note      1 user has no password: they must set a new one (see --passwords)
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions
upload    takes less than a minute, two jobs at a time
next      reimport upload again --tenant HOST --to CONNECTION
done (exit status 0)
";
const SAMPLE_FULL: &str = "\
read      10 records from users-full-profile.ndjson (6.2 kB), read whole
written   4 users in 1 part to full
skipped   4 users: they cannot be imported
          linked-database-login google-oauth2 1, not-a-database-user github 1,
          not-a-database-user samlp 1, not-a-database-user sms 1
rejected  2 records, by rule:
          duplicate 1, first on line 9: email: already used by
          users-full-profile.ndjson line 1
          reserved-app-metadata-key 1, first on line 8:
          app_metadata.globalClientID: expected another name, but found one that
          is reserved
dropped   created_at 4, identities 4, logins_count 4, updated_at 4,
          last_login 3, last_ip 2, multifactor 2, and 2 more, which --json lists
lost      1 linked login (google-oauth2 1), second factors of 2 users
note      4 users have no password: they must set a new one (see --passwords)
          value-length username 1, first on line 10: a string is empty, or
          longer than its property usually may be
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload full --tenant HOST --to CONNECTION
          fix the users in full/rejected.ndjson, then:
          reimport convert full/rejected.ndjson --like full -o full-fixed
done, with rejected records (exit status 1)
";
const SAMPLE_DEFAULT: &str = "\
read      8 records from users-default.ndjson (2.6 kB), read whole
written   4 users in 1 part to default
skipped   4 users: not database users, which cannot be imported
          github 1, google-oauth2 1, samlp 1, sms 1
fixed     title-renamed Created At 4, title-renamed Email 4,
          title-renamed Email Verified 4, and 7 more, which --json lists
dropped   created_at 4, updated_at 4, Connection 4
note      4 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload default --tenant HOST --to CONNECTION
done (exit status 0)
";

#[test]
fn format_of_the_input_and_of_its_ids_is_chosen() {
    let user = r#"{"user_id":"auth0|1","email":"a@example.com"}"#;
    let place = WorkFolder::new()
        .with("users", format!("[{user}]"))
        .with("lines", user)
        .with("table", "user_id,email\nauth0|1,a@example.com\n");
    for (options, status, ids) in [
        ("users", 0, "1"),
        ("users --input-format array --user-ids bare", 0, "auth0|1"),
        ("users --input-format array --user-ids exported", 0, "1"),
        ("lines --input-format ndjson --user-ids bare", 0, "auth0|1"),
        ("table --input-format csv --user-ids bare", 0, "auth0|1"),
        ("lines --input-format array", 2, ""),
        ("users --input-format csv", 2, ""),
    ] {
        let ran = place.run(&format!("convert {options} -o - -q"));
        let id = serde_json::from_str::<Value>(&ran.out)
            .map(|users| users[0]["user_id"].as_str().unwrap_or_default().to_owned());
        assert_eq!((ran.status, id.unwrap_or_default().as_str()), (status, ids), "{options}: {}", ran.err);
    }
}

#[test]
fn sizes_have_units() {
    let place =
        WorkFolder::new().with("users.json", "{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\"}\n");
    for (size, bytes) in [
        ("500000", 500_000_u64),
        ("500000b", 500_000),
        ("400k", 400_000),
        ("400kB", 400_000),
        ("2m", 2_000_000),
        ("2MB", 2_000_000),
        ("1g", 1_000_000_000),
        ("1GB", 1_000_000_000),
        ("400KiB", 400 << 10),
        ("3MiB", 3 << 20),
        ("1GiB", 1 << 30),
    ] {
        place.run(&format!("convert users.json -o parts --force -q --max-part-bytes {size}"));
        let manifest: Value = serde_json::from_str(&place.read("parts/manifest.json")).unwrap();
        assert_eq!(manifest["options"]["max_part_bytes"], bytes, "{size}");
    }
    for size in ["x", "5x", "5kb5", "-1", "", "1.5MB", "99999999999GB"] {
        let ran = place.run(&["convert", "users.json", "-o", "other", &format!("--max-part-bytes={size}")]);
        let message = "expected a size, for example 500000, 500kB or 488KiB";
        assert!(ran.status == 2 && ran.err.contains(message), "{size}: {}", ran.err);
    }
}

#[test]
fn damaged_download_fails_with_one_message_and_leaves_nothing() {
    let whole = gzipped(users(500).as_bytes());
    let cut = format!(
        "the gzip data is cut off at byte {} of the compressed file: download it again",
        whole.len() - 100
    );
    let longer = format!(
        "the gzip data is followed by something else at byte {} of the compressed file: remove what was added there, or download it again",
        whole.len()
    );
    let empty = "the input is empty: did a download fail, or the command before a pipe?";
    let cases = [
        (&whole[..whole.len() - 100], &*cut),
        (&[&whole[..], b"garbage"].concat(), &longer),
        (
            b"<!DOCTYPE html>\n<html><body>Request has expired</body></html>",
            "this looks like an HTML page: the download link has probably expired (it lives 60 seconds); ask for a new one",
        ),
        (b"", empty),
        (b"\n \n", empty),
        (&gzipped(b"")[..], empty),
        (
            b"PK\x03\x04 and so on",
            "this is a zip archive: unzip it first (an Excel workbook is one, too: save it as CSV)",
        ),
    ];
    for (bytes, sentence) in cases {
        let place = WorkFolder::new().with("tenant.json.gz", bytes);
        for threads in [1, 2] {
            let ran = place.run(&format!("convert tenant.json.gz -o parts --threads {threads}"));
            ran.assert_output(2, "", &format!("error: tenant.json.gz: {sentence}\n"));
            assert_eq!(place.names("."), ["tenant.json.gz"]);
        }
    }
}

#[test]
fn rejected_lines_are_kept_with_reasons_and_convert_once_fixed() {
    let place = WorkFolder::new().with("tenant.json", BAD);
    place.run("convert tenant.json -o parts").assert_output(1, "", BAD_SUMMARY);
    assert_eq!(
        place.names("parts"),
        ["lines.ndjson", "manifest.json", "rejected.ndjson", "users-00001.json"]
    );
    assert_eq!(
        place.read("parts/rejected.ndjson"),
        r#"{"source":"tenant.json","line":2,"byte":47,"bytes":43,"problems":[{"rule":"invalid-email","path":"email","message":"expected an e-mail address, but found no top-level domain"}],"user":{"user_id":"auth0|2","email":"ada@example"}}
{"source":"tenant.json","line":3,"byte":91,"bytes":9,"problems":[{"rule":"invalid-json","path":"","message":"expected a value, but found the end of the text at column 10"}],"raw":"{\"email\":"}
{"source":"tenant.json","line":4,"byte":101,"bytes":59,"problems":[{"rule":"wrong-type","path":"nickname","message":"expected a string, but found a number"}],"user":{"user_id":"auth0|3","email":"u3@example.com","nickname":7}}
"#
    );
    // Edits as in an editor: an address is completed, a line is removed, a number is put in quotes.
    let fixed: String = place
        .read("parts/rejected.ndjson")
        .lines()
        .filter(|line| !line.contains("\"raw\""))
        .map(|line| line.replace("ada@example\"", "ada@example.com\"").replace(":7}", ":\"7\"}") + "\n")
        .collect();
    let place = place.with("fixed.ndjson", fixed);
    assert_eq!(place.run("convert fixed.ndjson -o more -q").assert_output(0, "", ""), ());
    assert_eq!(
        place.read("more/users-00001.json"),
        "[\n{\"user_id\":\"2\",\"email\":\"ada@example.com\"},\n{\"user_id\":\"3\",\"email\":\"u3@example.com\",\"nickname\":\"7\"}\n]"
    );
}

const BAD_SUMMARY: &str = "\
read      5 records from tenant.json (208 bytes), read whole
written   2 users in 1 part to parts
rejected  3 records, by rule:
          invalid-email 1, first on line 2: email: expected an e-mail address,
          but found no top-level domain
          invalid-json 1, first on line 3: expected a value, but found the end
          of the text at column 10
          wrong-type 1, first on line 4: nickname: expected a string, but found
          a number
note      2 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
          fix the users in parts/rejected.ndjson, then:
          reimport convert parts/rejected.ndjson -o parts-fixed
done, with rejected records (exit status 1)
";

#[test]
fn too_many_rejects_publish_nothing() {
    let place = WorkFolder::new().with("tenant.json", BAD);
    for (limit, allowed) in [("0", false), ("2", false), ("3", true), ("59%", false), ("60%", true)] {
        let ran = place.run(&format!("convert tenant.json -o parts --force -q --max-rejected {limit}"));
        if allowed {
            ran.assert_output(1, "", "");
            fs::remove_dir_all(place.path().join("parts")).unwrap();
        } else {
            ran.assert_output(
                2,
                "",
                &format!(
                    "error: tenant.json: line 2 (record 2, byte 47): email: expected an e-mail address, but found no top-level \
                     domain; 3 of 5 records rejected, more than the limit of {limit}: nothing was published \
                     (--max-rejected)\n"
                ),
            );
        }
        assert_eq!(place.names("."), ["tenant.json"]);
    }
}

#[test]
fn users_of_several_connections_are_not_merged_by_default() {
    let place = WorkFolder::new().with("tenant.json", TWO_CONNECTIONS);
    place.run("convert tenant.json -o parts").assert_output(
        2,
        "",
        "error: an import job fills one connection, but the users belong to 2: Users (2), Customers (1); choose with \
         --connection NAME, or --by-connection for a folder each, or --merge-connections\n",
    );
    assert_eq!(place.names("."), ["tenant.json"]);

    place.run("convert tenant.json -o users --connection Users -q").assert_output(0, "", "");
    assert_eq!(
        place.read("users/users-00001.json"),
        "[\n{\"user_id\":\"1\",\"email\":\"a@example.com\"},\n{\"user_id\":\"3\",\"email\":\"c@example.com\"}\n]"
    );
    place
        .run("convert tenant.json -o both --connection Users --connection Customers")
        .assert_output(0, "", BOTH);

    place.run("convert tenant.json -o apart --by-connection").assert_output(0, "", APART);
    assert_eq!(place.names("apart"), ["Customers", "Users", "manifest.json"]);
    assert_eq!(place.names("apart/Customers"), ["lines.ndjson", "manifest.json", "users-00001.json"]);
    let [users, customers] =
        ["Users", "Customers"].map(|name| place.read(&format!("apart/{name}/users-00001.json")));
    assert_eq!((users.lines().count(), customers.lines().count()), (4, 3));

    place.run("convert tenant.json -o merged --merge-connections -q").assert_output(0, "", "");
    assert_eq!(place.read("merged/users-00001.json").lines().count(), 5);
    place.run("convert tenant.json -o x.json --by-connection").assert_output(
        2,
        "",
        "error: --by-connection needs a folder; use -o OUT without .json\n",
    );
}

const BOTH: &str = "\
read      3 records from tenant.json (313 bytes), read whole
written   3 users in 1 part to both
dropped   identities 3
note      3 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload both --tenant HOST --to CONNECTION
done (exit status 0)
";
const APART: &str = "\
read      3 records from tenant.json (313 bytes), read whole
written   3 users in 2 parts to apart
dropped   identities 3
note      3 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload apart/Users --tenant HOST --to Users
          reimport upload apart/Customers --tenant HOST --to Customers
done (exit status 0)
";

#[test]
fn edits_apply_before_the_rules() {
    let place = WorkFolder::new().with(
        "tenant.json",
        "{\"user_id\":\"auth0|1\",\"mail\":\"a@example.com\",\"created_at\":\"2020-01-01\",\"locale\":\"en\",\"app_metadata\":{\"email\":\"x\"}}\n",
    );
    let edits = "--move mail=email --move created_at=app_metadata.signed_up_at --drop app_metadata.email --set email_verified=true";
    place.run(&format!("convert tenant.json -o parts {edits}")).assert_output(0, "", EDITED);
    assert_eq!(
        place.read("parts/users-00001.json"),
        "[\n{\"user_id\":\"1\",\"app_metadata\":{\"signed_up_at\":\"2020-01-01\"},\"email\":\"a@example.com\",\"email_verified\":true}\n]"
    );
    place.run("convert tenant.json -o x --set email_verified=yes").assert_output(
        2,
        "",
        "error: invalid value 'email_verified=yes' for '--set <PATH=JSON>': expected PATH=JSON, for example email_verified=true or app_metadata.plan='\"free\"'\n\nFor more information, try '--help'.\n",
    );
}

const EDITED: &str = "\
read      1 record from tenant.json (114 bytes), read whole
written   1 user in 1 part to parts
fixed     dropped app_metadata.email 1, moved created_at 1, moved mail 1,
          set email_verified 1
dropped   locale 1
note      1 user has no password: they must set a new one (see --passwords)
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
done (exit status 0)
";

#[test]
fn unknown_properties_can_be_refused() {
    let place =
        WorkFolder::new().with("tenant.json", "{\"email\":\"a@example.com\",\"locale\":\"en\",\"upn\":1}\n");
    place.run("convert tenant.json -o parts --unknown reject -q").assert_output(1, "", "");
    assert_eq!(place.names("parts"), ["manifest.json", "rejected.ndjson"]);
    assert_eq!(
        place.read("parts/rejected.ndjson"),
        "{\"source\":\"tenant.json\",\"line\":1,\"byte\":0,\"bytes\":47,\"problems\":[{\"rule\":\"unknown-property\",\"path\":\"*\",\"message\":\"expected only importable properties, but found 2 others\"}],\"user\":{\"email\":\"a@example.com\",\"locale\":\"en\",\"upn\":1}}\n"
    );
}

#[test]
fn objects_are_unchanged_without_rules() {
    let place = WorkFolder::new().with("any.json", "{ \"email\" : null, \"n\":1.0 }\n{\"n\":1e400}\n");
    place.run("convert any.json -o parts --rules none --input-format ndjson").assert_output(
        0,
        "",
        "\
read      2 records from any.json (40 bytes), read whole
written   2 users in 1 part to parts
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
done (exit status 0)
",
    );
    assert_eq!(place.read("parts/users-00001.json"), "[\n{\"email\":null,\"n\":1.0},\n{\"n\":1e400}\n]");
}

#[test]
fn leftover_files_are_next_to_single_output() {
    let skipped = "{\"user_id\":\"sms|1\",\"phone_number\":\"+1\"}\n";
    let place = WorkFolder::new().with("tenant.json", format!("{BAD}{skipped}"));
    place.run("convert tenant.json -o users.json").assert_output(1, "", ONE_FILE);
    assert_eq!(
        place.names("."),
        ["tenant.json", "users.json", "users.json.rejected.ndjson", "users.json.skipped.ndjson"]
    );
    assert_eq!(place.read("users.json.skipped.ndjson"), skipped);
    assert_eq!(place.read("users.json.rejected.ndjson").lines().count(), 3);
}

const ONE_FILE: &str = "\
read      6 records from tenant.json (248 bytes), read whole
written   2 users to users.json
skipped   1 user to users.json.skipped.ndjson: not database users, which cannot
          be imported
          sms 1
rejected  3 records, by rule:
          invalid-email 1, first on line 2: email: expected an e-mail address,
          but found no top-level domain
          invalid-json 1, first on line 3: expected a value, but found the end
          of the text at column 10
          wrong-type 1, first on line 4: nickname: expected a string, but found
          a number
note      2 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions, password hashes
next      fix the users in users.json.rejected.ndjson, then:
          reimport convert users.json.rejected.ndjson -o users-fixed.json
done, with rejected records (exit status 1)
";

#[test]
fn stdout_contains_only_users() {
    let place = WorkFolder::new().with("tenant.json", BAD);
    let array = "[\n{\"user_id\":\"1\",\"email\":\"u1@example.com\"},\n{\"user_id\":\"4\",\"email\":\"u4@example.com\"}\n]";
    place.run("convert tenant.json -o -").assert_output(1, array, TO_STDOUT);
    place.run("convert tenant.json -o - -q --rejected bad.ndjson").assert_output(1, array, "");
    assert_eq!(place.read("bad.ndjson").lines().count(), 3);
    place.run("convert tenant.json -o - --json").assert_output(
        2,
        "",
        "error: --json prints to standard output, which is used for the users; name a folder or file with -o\n",
    );
    place.run("convert tenant.json -o x --rejected y").assert_output(
        2,
        "",
        "error: --rejected and --skipped need -o -; other outputs have files for these records\n",
    );
    // A failed run does not close the array, so that it cannot be mistaken for a complete one.
    let ran = place.run("convert tenant.json -o - --max-rejected 0");
    assert_eq!((ran.status, ran.out.ends_with(']')), (2, false));
}

const TO_STDOUT: &str = "\
read      5 records from tenant.json (208 bytes), read whole
written   2 users to standard output
rejected  3 records, by rule:
          invalid-email 1, first on line 2: email: expected an e-mail address,
          but found no top-level domain
          invalid-json 1, first on line 3: expected a value, but found the end
          of the text at column 10
          wrong-type 1, first on line 4: nickname: expected a string, but found
          a number
note      2 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions, password hashes
next      the rejected records were not kept; use --rejected FILE to keep them
done, with rejected records (exit status 1)
";

#[test]
fn json_summary_is_printed_on_request() {
    let place = WorkFolder::new().with("tenant.json", BAD);
    let ran = place.run("convert tenant.json -o parts --json");
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let summary: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(summary["version"], 1);
    assert_eq!(summary["exit_status"], 1);
    assert_eq!(
        ["read", "written", "skipped", "rejected", "left_out"].map(|name| summary[name].as_u64().unwrap()),
        [5, 2, 0, 3, 0]
    );
    let place = serde_json::json!({"source": "tenant.json", "line": 3, "record": 3, "byte": 91});
    let mut found = summary["rejected_by"]["invalid-json"].clone();
    assert_eq!((&found["records"], &found["first"]), (&serde_json::json!(1), &place));
    let message = found["places"][0]["message"].take();
    assert_eq!(message, "expected a value, but found the end of the text at column 10");
    let upload = serde_json::json!({"parts": 1, "seconds": {"fastest": 1, "slowest": 1}});
    assert_eq!(summary["upload"], upload);
}

#[test]
fn replaces_own_output_only_with_force() {
    let place = WorkFolder::new().with("tenant.json", users(1));
    place.run("convert tenant.json -o parts -q").assert_output(0, "", "");
    let before = place.read("parts/manifest.json");
    let refused =
        "error: the folder parts is not empty; name another, or replace an earlier output with --force\n";
    place.run("convert tenant.json -o parts").assert_output(2, "", refused);
    assert_eq!(place.read("parts/manifest.json"), before);
    place.run("convert tenant.json -o parts -q --force").assert_output(0, "", "");
    fs::write(place.path().join("parts/notes.txt"), "mine").unwrap();
    let ran = place.run("convert tenant.json -o parts -q --force");
    assert_eq!((ran.status, place.read("parts/notes.txt").as_str()), (2, "mine"));
    assert!(ran.err.contains("notes.txt"), "{}", ran.err);
    // A run does not read a file that it will replace.
    place.run("convert parts/users-00001.json -o parts -q --force").status.checked_sub(2).unwrap();
    assert_eq!(place.names("."), ["parts", "tenant.json"]);
}

#[test]
fn reads_stdin_and_several_files_in_one_run() {
    let place = WorkFolder::new()
        .with("one.json", users(2))
        .with("two.json", "{\"user_id\":\"auth0|9\",\"email\":\"U1@example.com\"}\n");
    place.run_with_input("convert - -o parts", users(2).as_bytes()).assert_output(0, "", FROM_STDIN);
    place.run("convert one.json two.json -o both").assert_output(1, "", TWO_FILES);
    assert!(place.read("both/rejected.ndjson").contains(
        r#""problems":[{"rule":"duplicate","path":"email","message":"already used by one.json line 2"}]"#
    ));
    place.run("convert - - -o x").assert_output(2, "", "error: standard input (-) can be read only once\n");
    place.run("convert one.json none.json -o x").assert_output(
        2,
        "",
        "error: none.json: No such file or directory (os error 2)\n",
    );
    assert_eq!(place.names("."), ["both", "one.json", "parts", "two.json"]);
}

const FROM_STDIN: &str = "\
read      2 records from standard input (290 bytes), read whole
written   2 users in 1 part to parts
dropped   identities 2
note      2 users have no password: they must set a new one (see --passwords)
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
done (exit status 0)
";
const TWO_FILES: &str = "\
read      3 records from 2 files (337 bytes), read whole
written   2 users in 1 part to both
rejected  1 record, by rule:
          duplicate 1, first on two.json line 1: email: already used by one.json
          line 2
dropped   identities 2
note      2 users have no password: they must set a new one (see --passwords)
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload both --tenant HOST --to CONNECTION
          fix the users in both/rejected.ndjson, then:
          reimport convert both/rejected.ndjson -o both-fixed
done, with rejected records (exit status 1)
";

#[test]
fn summary_has_every_rule_and_short_lists_of_other_facts() {
    let social = |n: u64| {
        format!("{{\"user_id\":\"{}|{n}\"}}\n", ["google-oauth2", "samlp", "waad", "apple"][n as usize % 4])
    };
    let odd = |n: u64| {
        let unknown: String = (0..40).flat_map(|at| [format!(",\"some_property_{n}_{at}\":1")]).collect();
        format!(
            "{{\"Email\":\"o{n}@example.com\",\"username\":null,\"name\":\"\",\"last_ip\":\"\",\"blocked\":\"true\"{unknown}}}\n"
        )
    };
    let bad = "{\"email\":1}\n{}\n[]\n{\n{\"email\":\"a\"}\n{\"email\":\"b@example.com\",\"phone_number\":\"1\"}\n{\"email\":\"c@example.com\",\"password_hash\":\"x\"}\n";
    let text: String = (0..8).map(social).chain((0..8).map(odd)).collect();
    let place = WorkFolder::new().with("tenant.json", format!("{text}{bad}"));
    let ran = place.run("convert tenant.json -o parts-of-the-tenant");
    ran.assert_output(1, "", CROWDED);
}

const CROWDED: &str = "\
read      23 records from tenant.json (8.3 kB), read whole
written   8 users in 1 part to parts-of-the-tenant
skipped   8 users: not database users, which cannot be imported
          apple 2, google-oauth2 2, samlp 2, waad 2
rejected  7 records, by rule:
          invalid-bcrypt 1, first on line 23: password_hash: expected a bcrypt
          hash of prefix $2a$, $2b$ or $2y$, but found another prefix
          invalid-email 1, first on line 21: email: expected an e-mail address,
          but found no @ in it
          invalid-json 1, first on line 20: expected a name in quotes or `}`,
          but found the end of the text at column 2
          invalid-phone 1, first on line 22: phone_number: expected a phone
          number as + and 1 to 15 digits, but found no + at the beginning
          missing-identifier 1, first on line 18: email: expected an e-mail
          address, but found none
          not-an-object 1, first on line 19: expected an object, but found an
          array at column 1
          wrong-type 1, first on line 17: email: expected a string, but found a
          number
fixed     boolean-text blocked 8, null-dropped username 8, title-renamed Email 8
dropped   last_ip 8, some_property_0_0 1, some_property_0_1 1,
          some_property_0_10 1, and 317 more, which --json lists
note      8 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no user_id: the new tenant will create new ids
          no email_verified: all e-mail addresses will count as not verified
          no identities: strategies are taken from ids, linked logins unknown
          value-length name 8, first on line 9: a string is empty, or longer
          than its property usually may be
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload parts-of-the-tenant --tenant HOST --to CONNECTION
          fix the users in parts-of-the-tenant/rejected.ndjson, then:
          reimport convert parts-of-the-tenant/rejected.ndjson -o parts-of-the-tenant-fixed
done, with rejected records (exit status 1)
";

#[cfg(unix)]
mod unix {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::process::Stdio;
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn closed_pipe_ends_convert_silently() {
        let place = WorkFolder::new().with("tenant.json", users(20_000));
        let mut command = place.command("convert tenant.json -o -");
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        assert_eq!(first, "[\n");
        let mut err = String::new();
        child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        assert_eq!((child.wait().unwrap().code(), err.as_str()), (Some(141), ""));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn full_disk_is_reported() {
        let place = WorkFolder::new().with("tenant.json", users(3));
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = place.command("convert tenant.json -o -").stdout(full).output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()),
            (Some(2), "error: cannot write the output: No space left on device (os error 28)\n")
        );
    }

    #[test]
    fn signal_ends_a_waiting_run_and_leaves_nothing() {
        for (signal, status) in [("TERM", 143), ("INT", 130), ("HUP", 129)] {
            for out in ["parts", "users.json"] {
                let place = WorkFolder::new();
                let mut command = place.command(&format!("convert - -o {out}"));
                let mut child = command.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
                let mut input = child.stdin.take().unwrap();
                input.write_all(users(20_000).as_bytes()).unwrap();
                // The run has started: there is a hidden file.
                let begun = Instant::now();
                while place.names(".").is_empty() {
                    assert!(begun.elapsed() < Duration::from_secs(10), "nothing was begun");
                    std::thread::sleep(Duration::from_millis(5));
                }
                let sent = std::process::Command::new("kill")
                    .args([format!("-{signal}"), child.id().to_string()])
                    .status()
                    .unwrap();
                assert!(sent.success());
                let sent = Instant::now();
                assert_eq!(child.wait().unwrap().code(), Some(status));
                assert!(sent.elapsed() < Duration::from_secs(2), "it left within a second or so");
                drop(input);
                assert_eq!(place.names("."), [""; 0], "{signal}");
            }
        }
    }
}
