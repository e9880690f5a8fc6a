//! `reimport verify` and `reimport delta`: exact output, and written files.

use crate::harness::{Ran, WorkFolder};

/// Seven users of the source tenant.
const SOURCE: &str = r#"{"user_id":"auth0|1","email":"One@x.example","name":"One","identities":[{"provider":"auth0","connection":"Users","user_id":"1"}]}
{"user_id":"auth0|2","email":"two@x.example","user_metadata":{"consent":{"given":true},"crm":9007199254740993}}
{"user_id":"auth0|3","email":"three@x.example","user_metadata":{"consent":{"given":true}}}
{"user_id":"auth0|4","email":"four@x.example"}
{"user_id":"auth0|5","email":"five@x.example","app_metadata":{"plan":"free"}}
"#;

/// The passwords of those users that have one.
const PASSWORDS: &str = r#"{"_id":{"$oid":"4"},"email":"four@x.example","passwordHash":"$2b$10$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZ01234"}
"#;

/// The same users in the target tenant, in another order, all as sent.
const ARRIVED: &str = r#"{"user_id":"auth0|5","email":"five@x.example","nickname":"five","app_metadata":{"plan":"free"},"user_metadata":{}}
{"user_id":"auth0|4","email":"four@x.example","name":"four@x.example"}
{"email":"one@x.example","user_id":"auth0|1","name":"One"}
{"user_id":"auth0|3","email":"three@x.example","user_metadata":{"consent":{"given":true}}}
{"user_id":"auth0|2","email":"two@x.example","user_metadata":{"crm":9007199254740993,"consent":{"given":true}}}
"#;

/// One user is missing, one is extra, one lost digits and consent, one has another plan.
const DIFFERENT: &str = r#"{"user_id":"auth0|5","email":"five@x.example","app_metadata":{"plan":"gold"}}
{"user_id":"auth0|9","email":"nine@x.example","n": 1.0}
{"email":"one@x.example","user_id":"auth0|1","name":"One"}
{"user_id":"auth0|3","email":"three@x.example","user_metadata":{"consent":{"given":true}}}
{"user_id":"auth0|2","email":"two@x.example","user_metadata":{"crm":9007199254740992,"consent":{}}}
"#;

fn uploaded() -> WorkFolder {
    let home = WorkFolder::new();
    home.write("source.json", SOURCE);
    home.write("passwords.json", PASSWORDS);
    let ran = home.run("convert source.json --passwords passwords.json -o parts");
    // Four users have no hash, which is a warning.
    assert_eq!(ran.status, 1, "{}", ran.err);
    home
}

#[test]
fn complete_import_prints_five_lines_and_exits_0() {
    let home = uploaded();
    home.write("target.json", ARRIVED);
    let Ran { status, out, err } = home.run("verify parts target.json");
    assert_eq!(
        out,
        "\
expected  5 users of parts
found     5 records in target.json (448 bytes)
arrived   5 users as sent
unseen    not in any export: passwords, MFA factors, roles, organizations
all users arrived as sent (exit status 0)
"
    );
    assert_eq!((status, err.as_str()), (0, ""));
    // An empty result is also published, and replaces an earlier result.
    home.run("verify parts target.json -o check -q").assert_output(0, "", "");
    assert_eq!(home.names("check"), Vec::<String>::new());
}

#[test]
fn reports_differences_and_missing_users_upload_with_hashes() {
    let home = uploaded();
    home.write("target.json", DIFFERENT);
    let Ran { status, out, .. } = home.run("verify parts target.json");
    let told = "\
expected  5 users of parts
found     5 records in target.json (384 bytes)
arrived   2 users as sent
changed   2 users, at:
          app_metadata.plan value 1, user_metadata.consent.given gone 1
digits    1 user of these with a number that lost digits, at:
          user_metadata.crm 1
missing   1 user, 1 with a password hash
extra     1 user of the export in no part
unseen    not in any export: passwords, MFA factors, roles, organizations
";
    let next = "next      run it again with -o OUT to list these users and to write parts of the
          missing ones\n";
    let last = "not all users arrived as sent (exit status 1)\n";
    assert_eq!((status, out), (1, format!("{told}{next}{last}")));

    let Ran { status, out, .. } = home.run("verify parts target.json -o check");
    let next = "next      reimport upload check/missing --tenant HOST --to CONNECTION\n";
    assert_eq!((status, out), (1, format!("{told}{next}{last}")));
    assert_eq!(home.names("check"), ["changed.ndjson", "extra.ndjson", "missing"]);
    assert_eq!(home.names("check/missing"), ["lines.ndjson", "manifest.json", "users-00001.json"]);
    let user =
        home.read("parts/users-00001.json").lines().find(|line| line.contains("four")).unwrap().to_owned();
    assert!(user.contains("custom_password_hash") || user.contains("password_hash"), "{user}");
    assert_eq!(home.read("check/missing/users-00001.json"), format!("[\n{}\n]", user.trim_end_matches(',')));
    assert_eq!(
        home.read("check/changed.ndjson"),
        r#"{"user_id":"auth0|5","changes":[{"path":"app_metadata.plan","kind":"value"}]}
{"user_id":"auth0|2","changes":[{"path":"user_metadata.consent.given","kind":"gone"},{"path":"user_metadata.crm","kind":"lost-digits"}]}
"#
    );
    assert_eq!(
        home.read("check/extra.ndjson"),
        "{\"user_id\":\"auth0|9\",\"email\":\"nine@x.example\",\"n\":1.0}\n"
    );
    let manifest: serde_json::Value =
        serde_json::from_str(&home.read("check/missing/manifest.json")).unwrap();
    assert_eq!(manifest["options"]["for"], "insert");
    assert_eq!(manifest["totals"]["with_password"], 1);

    // If the missing users are uploaded, the next verification finds them.
    home.write(
        "target.json",
        format!("{DIFFERENT}{{\"user_id\":\"auth0|4\",\"email\":\"four@x.example\"}}\n"),
    );
    assert_eq!(home.run("verify check/missing target.json -q").status, 0);
    assert_eq!(home.json("verify parts target.json --json")["missing"], 0);
}

#[test]
fn json_report_contains_all_of_the_text_report() {
    let home = uploaded();
    home.write("target.json", DIFFERENT);
    let found = home.json("verify parts target.json --json -o check");
    let expected = serde_json::json!({
        "version": 1,
        "exit_status": 1,
        "parts": {"read": 5, "bytes": std::fs::metadata(home.path().join("parts/users-00001.json")).unwrap().len(),
            "unreadable": 0, "unreadable_by": {}, "repeated": 0, "without_key": null},
        "new": {"read": 5, "bytes": 384, "unreadable": 0, "unreadable_by": {}, "repeated": 0, "without_key": null},
        "expected": 5,
        "arrived": 2,
        "changed": 2,
        "other_id": 0,
        "missing": 1,
        "extra": 1,
        "lost_digits": 1,
        "missing_with_password": 1,
        "changed_by": [
            {"path": "app_metadata.plan", "kind": "value", "users": 1},
            {"path": "user_metadata.consent.given", "kind": "gone", "users": 1},
            {"path": "user_metadata.crm", "kind": "lost-digits", "users": 1},
        ],
        "not_exported": [],
        "warnings": [],
            "unseen": ["passwords", "mfa_factors", "roles", "organizations"],
        "output": {"folder": "check", "missing_parts": 1},
    });
    assert_eq!(found, expected);
}

#[test]
fn ignored_records_are_reported_with_exit_status_1() {
    let home = WorkFolder::new();
    home.write(
        "part.json",
        r#"[{"user_id":"1","email":"a@x.example"},{"user_id":"1","email":"b@x.example"},{"username":"c"}]"#,
    );
    home.write(
        "target.json",
        "{\"user_id\":\"auth0|1\",\"email\":\"a@x.example\"}\n{\"user_id\":\"auth0|1\"}\n{oops\n",
    );
    let Ran { status, out, .. } = home.run("verify part.json target.json");
    assert_eq!(
        out,
        "\
expected  1 user of part.json
found     3 records in target.json (72 bytes)
arrived   1 user as sent
unread    records that are not valid: 1 of the export, first target.json line 3;
          their users may count as missing
repeated  records that repeat an earlier one: 1 of the parts; 1 of the export
no key    records with neither a user_id nor an email: 1 of the parts
fields    not in the export, request them: username
unseen    not in any export: passwords, MFA factors, roles, organizations
not all records could be compared (exit status 1)
"
    );
    assert_eq!(status, 1);
    // The document has the first place of each, and the page a row.
    let ran = home.run("verify part.json target.json --json --html arrival.html");
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    let count = |source: &str, line: u64, record: u64, byte: u64| {
        let first = serde_json::json!({"source": source, "line": line, "record": record, "byte": byte});
        serde_json::json!({"records": 1, "first": first})
    };
    assert_eq!(
        (&document["new"]["unreadable_by"], &document["parts"]["without_key"]),
        (&serde_json::json!({"invalid-json": count("target.json", 3, 3, 66)}), &count("part.json", 1, 3, 77)),
        "{document:#}"
    );
    let words = page_words(&home.read("arrival.html"));
    let table = words.split_once("Records that were not compared").unwrap().1;
    assert_eq!(
        [table.split_once("What is not in any export").unwrap().0],
        [
            " | record | count | in the parts, repeated | the first record of each was compared | 1 | in the parts, neither user_id nor email | first: part.json line 1 | 1 | in the new export, not a user: invalid-json | first: target.json line 3 | 1 | in the new export, repeated | the first record of each was compared | 1 | ",
        ]
    );
}

#[test]
fn page_without_expected_users_says_so() {
    let home = WorkFolder::new().with("part.json", "[]").with("target.json", "{\"user_id\":\"auth0|1\"}\n");
    home.run("verify part.json target.json -q --html arrival.html");
    let words = page_words(&home.read("arrival.html"));
    assert!(words.starts_with("Arrival report | No users were expected. | "), "{words}");
}

#[test]
fn property_missing_from_the_export_is_reported() {
    let home = WorkFolder::new();
    home.write(
        "part.json",
        r#"[{"user_id":"1","email":"a@x.example","blocked":true,"user_metadata":{"a":1}}]"#,
    );
    home.write("target.json", r#"{"user_id":"auth0|1","email":"a@x.example"}"#);
    let out = home.run("verify part.json target.json -o check").out;
    assert_eq!(
        out,
        "\
expected  1 user of part.json
found     1 record in target.json (43 bytes)
arrived   0 users as sent
changed   1 user, at:
          blocked gone 1, user_metadata gone 1
fields    not in the export, request them: blocked, user_metadata
unseen    not in any export: passwords, MFA factors, roles, organizations
next      see check/changed.ndjson for the users that differ
not all users arrived as sent (exit status 1)
"
    );
}

#[test]
fn email_of_another_id_is_reported() {
    let home = uploaded();
    let target = |two: &str| {
        let target = ARRIVED.replace("auth0|1\"", "auth0|77\"").replace("auth0|4\"", two);
        home.write("target.json", target);
    };
    // One of them is a different user.
    target("auth0|78\",\"blocked\":true");
    let Ran { status, out, .. } = home.run("verify parts target.json -o check");
    assert_eq!(
        out,
        "\
expected  5 users of parts
found     5 records in target.json (465 bytes)
arrived   3 users as sent
other id  2 users, whose e-mail addresses belong to other user_ids of the export
unseen    not in any export: passwords, MFA factors, roles, organizations
next      see check/changed.ndjson for the users that differ
not all users arrived as sent (exit status 1)
"
    );
    assert_eq!((status, home.names("check")), (1, vec!["changed.ndjson".to_owned()]));
    assert_eq!(
        home.read("check/changed.ndjson"),
        r#"{"user_id":"auth0|78","changes":[{"path":"user_id","kind":"other-id"},{"path":"blocked","kind":"added"}]}
{"user_id":"auth0|77","changes":[{"path":"user_id","kind":"other-id"}]}
"#
    );
    let document = home.json("verify parts target.json --json --html page.html");
    let counts = ["expected", "arrived", "changed", "other_id", "missing"]
        .map(|name| document[name].as_u64().unwrap());
    assert_eq!(counts, [5, 3, 0, 2, 0]);
    assert_eq!(document["changed_by"], serde_json::json!([]));
    let words = page_words(&home.read("page.html"));
    let bar = "arrived as sent | 3 | 60.0 % | changed | 0 | 0 % | address belongs to another id | 2 | 40.0 % | missing";
    assert!(words.contains(bar), "{words}");
    let step = "Some users did not arrive, because another account has their e-mail address. That account existed before \
                the import, or was created since. Decide for each user which account is correct. The user cannot be \
                imported as long as the address is in use.";
    assert!(words.contains(step) && !words.contains("Nothing to do for users"), "{words}");

    target("auth0|4\"");
    let out = home.run("verify parts target.json").out;
    let line = "\nother id  1 user, whose e-mail address belongs to another user_id of the export\n";
    assert!(out.contains(line) && !out.contains("\nchanged"), "{out}");
}

#[test]
fn matches_part_ids_with_strategy_prefix() {
    let home = WorkFolder::new();
    let users = ["auth0|auth0|5f7c", "auth0|google-oauth2|123", "auth0|5f7c"];
    let users: Vec<String> = users
        .iter()
        .enumerate()
        .map(|(n, id)| format!("{{\"user_id\":\"{id}\",\"email\":\"u{n}@x.example\"}}\n"))
        .collect();
    home.write("tenant.json", users.concat());
    assert_eq!(home.run("convert tenant.json -o parts -q").status, 0);
    assert_eq!(home.run("verify parts tenant.json -q").status, 0);
    assert_eq!(home.run("verify parts/users-00001.json tenant.json -q").status, 0);
    // The parts of the missing users also have bare ids, and their manifest says so.
    home.write("tenant.json", &users[2]);
    let status = home.run("verify parts tenant.json -q -o check").status;
    let part = home.read("check/missing/users-00001.json");
    assert!(
        status == 1 && part.contains("\"auth0|5f7c\"") && part.contains("\"google-oauth2|123\""),
        "{part}"
    );
    assert_eq!(home.run("convert check/missing/users-00001.json -o again -q").status, 0);
    assert_eq!(home.read("again/users-00001.json"), part);
}

#[test]
fn missing_users_are_split_by_connection() {
    let home = WorkFolder::new();
    let user = |id: &str, connection: &str| {
        format!(
            r#"{{"user_id":"auth0|{id}","email":"{id}@x.example","identities":[{{"provider":"auth0","connection":"{connection}","user_id":"{id}"}}]}}"#
        )
    };
    let source = [user("1", "Users"), user("2", "Staff"), user("3", "Users"), user("4", "Staff")].join("\n");
    home.write("source.json", source);
    assert_eq!(home.run("convert source.json --by-connection -o parts -q").status, 0);
    home.write("target.json", user("1", "Users"));
    let Ran { status, out, .. } = home.run("verify parts target.json -o check");
    assert_eq!(status, 1);
    assert!(out.contains("expected  4 users of parts\n"), "{out}");
    for connection in ["Users", "Staff"] {
        let upload = format!(" reimport upload check/missing/{connection} --tenant HOST --to {connection}\n");
        assert!(out.contains(&upload), "{out}");
    }
    assert_eq!(home.names("check/missing"), ["Staff", "Users", "manifest.json"]);
    assert!(home.read("check/missing/Users/users-00001.json").contains("3@x.example"));
    let staff = home.read("check/missing/Staff/users-00001.json");
    assert!(staff.contains("2@x.example") && staff.contains("4@x.example"), "{staff}");
    // The folder of one connection gives one upload. The folder is replaced with --force.
    let out = home.run("verify parts/Users target.json -o check --force").out;
    assert!(out.contains("next      reimport upload check/missing --tenant HOST --to CONNECTION\n"), "{out}");
    assert_eq!(home.names("check/missing"), ["lines.ndjson", "manifest.json", "users-00001.json"]);
}

#[test]
fn report_fits_eighty_columns_and_has_short_lists_of_paths() {
    let home = WorkFolder::new();
    let keys = |value: &str| -> String {
        let keys: Vec<_> = (0..40)
            .map(|n| format!("\"a_rather_long_name_of_a_key_{n}_{}\":{value}", "x".repeat(n)))
            .collect();
        keys.join(",")
    };
    let part = format!(
        r#"[{{"user_id":"1","app_metadata":{{{}}},"user_metadata":{{{}}},"blocked":true,"name":"n","given_name":"g","family_name":"f"}},
{{"user_id":"1"}},{{"username":"u"}},{{"user_id":"3","password_hash":"h"}},{{"user_id":"4","email":"four@x.example"}}]"#,
        keys("9007199254740993"),
        keys("1"),
    );
    home.write("part.json", part);
    home.write(
        "target.json",
        format!(
            "{{\"user_id\":\"auth0|1\",\"app_metadata\":{{{}}},\"user_metadata\":{{{}}}}}\n{{oops\n{{\"user_id\":\"auth0|1\"}}\n{{\"a\":1}}\n",
            keys("9007199254740992"),
            keys("2"),
        ),
    );
    let deep = format!("a/{}/target.json", "deep".repeat(40));
    std::fs::create_dir_all(home.path().join(&deep).parent().unwrap()).unwrap();
    std::fs::copy(home.path().join("target.json"), home.path().join(&deep)).unwrap();
    for arguments in [&*format!("verify part.json {deep}"), "verify part.json target.json -o check"] {
        let out = home.run(arguments).out;
        for label in
            ["changed", "digits", "missing", "extra", "unread", "repeated", "no key", "fields", "next"]
        {
            assert!(out.lines().any(|line| line.starts_with(label)), "{label}: {out}");
        }
        assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
        assert_eq!(out.matches(" more, which --json lists\n").count(), 2, "{out}");
        assert!(out.lines().count() <= 25, "{}: {out}", out.lines().count());
    }
}

#[test]
fn incomparable_inputs_fail_with_one_message_and_leave_nothing() {
    let home = uploaded();
    home.write("target.json", ARRIVED);
    std::fs::create_dir(home.path().join("empty")).unwrap();
    for (arguments, words) in [
        (
            "verify empty target.json -o check",
            "error: empty has no manifest.json; expected a folder that reimport convert has written\n",
        ),
        (
            "verify parts gone.json -o check",
            "error: gone.json: cannot open: No such file or directory (os error 2)\n",
        ),
        (
            "verify parts - -o check",
            "error: standard input: a comparison reads each file twice: expected a regular file, but found a stream; save it to a file first\n",
        ),
        (
            "verify parts target.json -o parts",
            "error: the folder parts is not empty; name another, or replace an earlier output with --force\n",
        ),
        (
            "verify parts target.json -o parts --force",
            "error: the input parts/users-00001.json is inside the output parts, which would replace it; name another output\n",
        ),
        (
            "delta gone.json target.json -o check",
            "error: gone.json: cannot open: No such file or directory (os error 2)\n",
        ),
    ] {
        home.run(arguments).assert_output(2, "", words);
        assert_eq!(home.names("."), ["empty", "parts", "passwords.json", "source.json", "target.json"]);
    }
    let Ran { status, err, .. } = home.run("verify parts target.json --force");
    assert!(status == 2 && err.contains("<--output <OUT>|--html <FILE>>"), "{err}");
}

#[test]
fn export_given_as_parts_is_reported() {
    let home = uploaded();
    let users: Vec<String> = (1..4)
        .map(|n| format!("{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@x.example\",\"name\":\"U\"}}"))
        .collect();
    home.write("s.ndjson", users.join("\n"));
    home.write("s.json", format!("[{}]", users.join(",")));
    home.write("bare.ndjson", r#"{"user_id":"1","email":"a@x.example"}"#);
    home.write("s.csv", "user_id,email\nauth0|1,u1@x.example\n");
    for name in ["s.ndjson", "s.json"] {
        let packed =
            std::process::Command::new("gzip").arg("-k").arg(home.path().join(name)).status().unwrap();
        assert!(packed.success());
    }
    let ndjson = "it is NDJSON, and an import file is one JSON array";
    let ids = "its user_ids begin with auth0|";
    for (name, why) in [
        ("s.ndjson", ndjson),
        ("s.ndjson.gz", ndjson),
        ("bare.ndjson", ndjson),
        ("s.json", ids),
        ("s.json.gz", ids),
        ("s.csv", "it is CSV, and an import file is one JSON array"),
    ] {
        let words = format!(
            "error: {name}: expected parts of an import, but this is an export ({why}); name the folder that reimport \
             convert wrote, or compare two exports with `reimport delta`\n"
        );
        home.run(&format!("verify {name} s.ndjson")).assert_output(2, "", &words);
    }
    // An import file without a manifest can have ids that begin with a strategy by chance.
    home.write("one.json", r#"[{"user_id":"auth0|1","email":"a@x.example"},{"user_id":"2"}]"#);
    assert_eq!(home.run("verify one.json s.ndjson -q").status, 1);
}

#[test]
fn part_given_as_export_is_reported() {
    let home = uploaded();
    assert_eq!(home.run("convert source.json -o one.json -q").status, 0);
    for (new, what) in [
        ("parts/users-00001.json", "a part of an import"),
        ("one.json", "a part of an import"),
        ("parts", "a folder of parts"),
    ] {
        let words = format!(
            "error: {new}: expected an export of the new tenant, but this is {what}; make an export after the upload \
             (`reimport download`), and use that file\n"
        );
        home.run(&format!("verify parts {new}")).assert_output(2, "", &words);
        let words = format!(
            "error: {new}: expected an export, but this is {what}; the user_ids of a part have no strategy prefix; `reimport verify {new} source.json` checks whether its users are in the export\n"
        );
        for sides in [format!("{new} source.json"), format!("source.json {new}")] {
            home.run(&format!("delta {sides} -o delta")).assert_output(2, "", &words);
        }
    }
    // Two parts have ids of the same form.
    assert_eq!(home.run("delta parts/users-00001.json one.json -o delta -q").status, 1);
}

/// Returns the words of a page in order, with a mark between elements. Fails if the page has a script or a URL.
fn page_words(page: &str) -> String {
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"), "{page}");
    for foreign in ["<script", "http:", "https:", " src=", "@import", "url("] {
        assert!(!page.contains(foreign), "{foreign}: {page}");
    }
    let body =
        page.split_once("<body>").unwrap().1.replace("<span class=\"word\">", "").replace("</span>", "");
    let pieces = body.split('<').filter_map(|piece| piece.split_once('>').map(|(_, text)| text.trim()));
    pieces.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" | ")
}

#[test]
fn html_page_shows_results_and_next_steps() {
    let home = uploaded();
    home.write("target.json", DIFFERENT);
    let Ran { status, err, .. } = home.run("verify parts target.json -o check --html arrival.html");
    assert_eq!((status, err.as_str()), (1, "page written to arrival.html\n"));
    let page = home.read("arrival.html");
    assert!(page.contains("<title>Arrival report: 2 of 5 users</title>"), "{page}");
    let bar = "<svg class=\"fates\" role=\"img\" aria-labelledby=\"bar-title bar-desc\" viewBox=\"0 0 1000 36\" \
               preserveAspectRatio=\"none\">\n<title id=\"bar-title\">Result for 5 users</title>\n<desc \
               id=\"bar-desc\">arrived as sent: 2, 40.0 %. changed: 2, 40.0 %. missing: 1, 20.0 %. only in the new \
               export: 1. </desc>\n<rect class=\"ready\" x=\"0\" width=\"333\" height=\"36\"/>\n<rect \
               class=\"left-out\" x=\"333\" width=\"333\" height=\"36\"/>\n";
    assert!(page.contains(bar), "{page}");
    assert_eq!(
        page_words(&page),
        "Arrival report | 2 of 5 users arrived as sent (40.0 %). | parts | : 5 users, 443 bytes | target.json | : 5 \
         records, 384 bytes | Did all users arrive? | Result for 5 users | arrived as sent: 2, 40.0 %. changed: 2, \
         40.0 %. missing: 1, 20.0 %. only in the new export: 1. | arrived as sent | 2 | 40.0 % | changed | 2 | 40.0 % | \
         missing | 1 | 20.0 %, 1 with a password hash | only in the new export | 1 | in no part | What to do next | \
         Upload the missing users. Their parts are ready and contain their password hashes: | reimport \
         upload check/missing --tenant HOST --to CONNECTION | Check the changed users: check/changed.ndjson lists \
         them with the paths that differ. A change is expected if the user signed in or was edited since the import. To \
         import lost values, run convert with | --for update | , then upload. | Users that are only in the new export existed before the import, \
         or signed up since. There is nothing to do, unless no other users are expected; check/extra.ndjson has their \
         records. | What differs, by path | A user with differences at two paths is counted at both. These are not \
         differences: the order of keys, lower-cased addresses and usernames, and a name, nickname or picture that the \
         service filled in. | \
         2 users changed, at: | path, and how it differs | users | of changed | as a bar | app_metadata.plan | another \
         value | 1 | 50.0 % | user_metadata.consent.given | only in the parts | 1 | 50.0 % | 1 of them has a number \
         that lost digits: a program stored it as a float, which keeps about sixteen digits. \
         Store such numbers as strings if the applications allow it. Paths: | path | users | of changed | as a bar | \
         user_metadata.crm | 1 | 50.0 % | What is not in any export | This report does not \
         cover: | passwords | : sign in as a user whose password you know, one user for each hash algorithm that was \
         imported. | MFA factors | : sign in as a user who has a second factor. A user who is asked to enroll again has lost it. \
         | roles | : they are not imported: assign them with the Management API, and count them there. | organizations | \
         : their members are not imported: add them with the Management API, and count them there. | Made by reimport \
         0.1.0 from the files named above. It contains no values of users: only names of properties and files, and counts."
    );
    for value in ["x.example", "gold", "9007199254740992", "bcrypt", "$2b$"] {
        assert!(!page.contains(value), "{value} is of a user");
    }

    let status = home.run("verify parts target.json -q --html plain.html").status;
    let words = page_words(&home.read("plain.html"));
    // The folder `check` exists.
    let how = "List the changed users, and write parts that contain the missing users, with | --output | : | reimport \
               verify parts target.json -o check-2 | ";
    assert!(status == 1 && words.contains(how) && !words.contains("check/"), "{words}");
}

#[test]
fn html_page_of_complete_import_lists_remaining_checks() {
    let home = uploaded();
    home.write("target.json", ARRIVED);
    assert_eq!(home.run("verify parts target.json -q --html arrival.html").status, 0);
    let words = page_words(&home.read("arrival.html"));
    let begins = "Arrival report | All 5 users arrived as sent. | parts | : 5 users";
    assert!(words.starts_with(begins), "{words}");
    let middle = "missing | 0 | 0 % | only in the new export | 0 | in no part | What to do next | Nothing to do for users: \
                  all of them arrived. Check what is not in any export, below. | What is not in any export";
    assert!(words.contains(middle), "{words}");
    home.write("target.json", format!("{ARRIVED}{{oops\n"));
    assert_eq!(home.run("verify parts target.json -q --html arrival.html --force").status, 1);
    let words = page_words(&home.read("arrival.html"));
    assert!(words.contains("All 5 users that could be compared arrived as sent."), "{words}");
    let outside = "What was not compared | Records that were not compared | record | count | in the new export, not a user: \
                   invalid-json | first: target.json line 6 | 1 | What is not in any export";
    assert!(words.contains(outside), "{words}");
}

#[test]
fn html_page_is_private_and_complete_and_replaces_only_a_page() {
    use std::os::unix::fs::PermissionsExt;
    let home = uploaded();
    home.write("target.json", ARRIVED);
    home.run("verify parts target.json -q --html page.html").assert_output(0, "", "");
    let mode = std::fs::metadata(home.path().join("page.html")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let page = home.read("page.html");
    home.write("notes.html", "<!doctype html>");
    for (arguments, words) in [
        (
            "--html notes.html",
            "error: notes.html already exists; name another file, or replace it with --force\n",
        ),
        (
            "--html -",
            "error: --html cannot write to standard output; name a file, for example --html report.html\n",
        ),
        (
            "--html target.json --force",
            "error: the input target.json is the same file as the output target.json; name another output\n",
        ),
    ] {
        home.run(&format!("verify parts target.json {arguments}")).assert_output(2, "", words);
    }
    assert_eq!(home.run("verify parts target.json -q --html page.html").status, 0);
    assert_eq!(home.read("page.html"), page, "the same files make the same page");
    assert_eq!(home.run("verify parts target.json -q -o check --html page.html --force").status, 0);
    let inside = home.run("verify parts target.json -q -o check --html check/page.html --force");
    let words =
        "error: --html check/page.html: expected a file outside of OUT, because OUT is replaced as a whole\n";
    inside.assert_output(2, "", words);
    home.write("keyless.json", "{\"blocked\":true}\n");
    assert_eq!(home.run("verify parts keyless.json -q --html never.html").status, 2);
    let names = home.names(".");
    assert!(!names.iter().any(|name| name.contains("never")), "a run that fails leaves no page: {names:?}");
}

#[test]
fn html_page_escapes_names() {
    let home = WorkFolder::new();
    let name = "<script>alert(1)</script>";
    let user = |value: u32| format!(r#"{{"user_id":"1","app_metadata":{{"{name}":{value}}}}}"#);
    home.write("<b>part.json", format!("[{}]", user(1)));
    home.write("<i>target.json", user(2));
    let status = home.run("verify <b>part.json <i>target.json -q -o <u>out --html page.html").status;
    assert_eq!(status, 1);
    let page = home.read("page.html");
    assert!(
        !page.contains("<script") && !page.contains("<b>") && !page.contains("<i>") && !page.contains("<u>")
    );
    let escaped = "&#60;script&#62;alert(1)&#60;/script&#62;";
    assert_eq!(page.matches(escaped).count(), 1, "{page}");
    for name in ["&#60;b&#62;part.json", "&#60;i&#62;target.json", "&#60;u&#62;out/changed.ndjson"] {
        assert!(page.contains(name), "{name}: {page}");
    }
}

#[test]
fn delta_lists_new_changed_and_removed_users() {
    let home = WorkFolder::new();
    home.write("friday.json", SOURCE);
    let sunday = SOURCE.replace("\"free\"", "\"gold\"").replace("auth0|4", "auth0|44").replace(
        "\"user_id\":\"auth0|1\"",
        "\"logins_count\":9,\"last_login\":\"2026-01-02T03:04:05.678Z\",\"user_id\":\"auth0|1\"",
    );
    home.write("sunday.json", sunday);
    let Ran { status, out, err } = home.run("delta friday.json sunday.json -o delta");
    assert_eq!(
        err,
        "\
old       5 records in friday.json (458 bytes)
new       5 records in sunday.json (516 bytes)
same      3 users
new       1 user to delta/new.ndjson
changed   1 user to delta/changed.ndjson, at:
          app_metadata.plan value 1
gone      1 user to delta/gone.csv
next      reimport convert delta/new.ndjson --like PARTS -o NEW-PARTS
          reimport convert delta/changed.ndjson --like PARTS --for update -o CHANGED-PARTS
done, with differences (exit status 1)
"
    );
    assert_eq!((status, out.as_str()), (1, ""));
    assert_eq!(home.names("delta"), ["changed.ndjson", "gone.csv", "new.ndjson"]);
    assert_eq!(home.read("delta/gone.csv"), "user_id,email\nauth0|4,four@x.example\n");
    assert_eq!(home.read("delta/new.ndjson"), "{\"user_id\":\"auth0|44\",\"email\":\"four@x.example\"}\n");
    assert_eq!(home.run("convert delta/new.ndjson -o new-parts -q").status, 0);
    assert_eq!(home.run("convert delta/changed.ndjson --for update -o changed-parts -q").status, 0);

    let document = home.json("delta friday.json sunday.json -o delta --force --json");
    assert_eq!(document["exit_status"], 1);
    let counts = ["same", "new_users", "changed", "gone"].map(|name| document[name].as_u64().unwrap());
    assert_eq!(counts, [3, 1, 1, 1]);
    let changed = serde_json::json!([{"path": "app_metadata.plan", "kind": "value", "users": 1}]);
    assert_eq!((&document["changed_by"], &document["output"]["folder"]), (&changed, &"delta".into()));

    let Ran { status, err, .. } = home.run("delta friday.json friday.json -o none");
    assert_eq!(
        err,
        "\
old       5 records in friday.json (458 bytes)
new       5 records in friday.json (458 bytes)
same      5 users
done, no differences (exit status 0)
"
    );
    assert_eq!((status, home.names("none").len()), (0, 0));

    let Ran { status, out, err } = home.run("delta friday.json sunday.json");
    assert_eq!(
        out,
        "\
old       5 records in friday.json (458 bytes)
new       5 records in sunday.json (516 bytes)
same      3 users
new       1 user
changed   1 user, at:
          app_metadata.plan value 1
gone      1 user
next      reimport delta friday.json sunday.json -o DELTA
done, with differences (exit status 1)
"
    );
    assert_eq!((status, err.as_str()), (1, ""));
    assert!(home.json("delta friday.json sunday.json --json")["output"].is_null());

    home.write("monday.json", format!("{SOURCE}\n{{oops\n"));
    let Ran { status, out, .. } = home.run("delta friday.json monday.json");
    assert!(
        out.ends_with("done, no differences among the users that were compared (exit status 1)\n"),
        "{out}"
    );
    assert_eq!(status, 1);
}

#[test]
fn delta_warns_of_exports_of_different_fields() {
    let home = WorkFolder::new();
    home.write(
        "full.json",
        "{\"user_id\":\"auth0|1\",\"email\":\"a@x.example\",\"identities\":[],\"n\":1}\n",
    );
    home.write(
        "part.json",
        "{\"user_id\":\"auth0|1\",\"email\":\"a@x.example\",\"n\":1,\"blocked\":false}\n",
    );
    let Ran { status, out, .. } = home.run("delta full.json part.json");
    assert_eq!(
        out,
        "\
old       1 record in full.json (66 bytes)
new       1 record in part.json (66 bytes)
same      0 users
changed   1 user, at:
          blocked added 1, identities gone 1
warning   only OLD has identities: the exports were made with different fields,
          so users count as changed; export both with the same fields
warning   only NEW has blocked: the exports were made with different fields, so
          users count as changed; export both with the same fields
next      reimport delta full.json part.json -o DELTA
done, with differences (exit status 1)
"
    );
    assert_eq!(status, 1);
    let document = home.json("delta full.json part.json --json");
    assert_eq!(document["warnings"][0]["name"], "different-fields");
}

#[test]
fn closed_pipe_ends_verify_silently() {
    let home = uploaded();
    home.write("target.json", ARRIVED);
    // The reader closes the pipe before the first byte.
    let script = "{ sleep 0.3; \"$0\" verify parts target.json; echo $? >&2; } | true";
    let ran = Ran::of(home.bash(script).output().unwrap());
    assert_eq!(ran.err, "141\n");
}

#[test]
fn spreadsheet_changes_are_a_warning_for_either_input() {
    let home = WorkFolder::new();
    home.write("part.json", r#"[{"user_id":"1","email":"a@x.example"}]"#);
    home.write("new.csv", "user_id,email,updated_at\n'auth0|1,'a@x.example,04.03.2021\n");
    home.write("old.csv", "user_id,email\n'auth0|1,'a@x.example\n");
    let warning = "\
warning   new.csv: 1 cell is text without the apostrophe of the export job, read
          unchanged: updated_at on line 2; was the file saved by a spreadsheet?
";
    let Ran { status, out, .. } = home.run("verify part.json new.csv --html page.html");
    assert_eq!(
        out,
        format!(
            "\
expected  1 user of part.json
found     1 record in new.csv (58 bytes)
arrived   1 user as sent
{warning}unseen    not in any export: passwords, MFA factors, roles, organizations
all users arrived as sent, with warnings (exit status 1)
"
        )
    );
    assert_eq!(status, 1);
    let message = "new.csv: 1 cell is text without the apostrophe of the export job, read unchanged: updated_at on line 2; \
                   was the file saved by a spreadsheet?";
    assert!(home.read("page.html").contains(&format!("Warning: {message}")), "{}", home.read("page.html"));
    let document = home.json("verify part.json new.csv --json");
    let warnings = serde_json::json!([{"name": "bare-text", "message": message}]);
    assert_eq!((&document["exit_status"], &document["warnings"]), (&serde_json::json!(1), &warnings));
    let Ran { status, out, err } = home.run("delta old.csv new.csv -o delta");
    assert_eq!(
        out + &err,
        format!(
            "\
old       1 record in old.csv (36 bytes)
new       1 record in new.csv (58 bytes)
same      1 user
{warning}done, no differences, with warnings (exit status 1)
"
        )
    );
    assert_eq!(status, 1);
    let document = home.json("delta old.csv new.csv -o again --json");
    assert_eq!((&document["exit_status"], &document["warnings"]), (&serde_json::json!(1), &warnings));
}
