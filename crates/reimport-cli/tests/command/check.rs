//! `reimport check`: exact output. Also the command without a subcommand.

use crate::harness::{WorkFolder, users};

#[test]
fn reports_result_of_convert_and_writes_nothing() {
    let bad = "{\"user_id\":\"sms|1\"}\n{\"email\":\"ada@example\"}\n";
    let place = WorkFolder::new().with("tenant.json", format!("{}{bad}", users(2)));
    place.run("check tenant.json").assert_output(1, CHECKED, WITH_REJECTS);
    assert_eq!(place.names("."), ["tenant.json"]);
    place.run("check tenant.json -q").assert_output(1, "", "");
    place.run("check tenant.json -q --max-rejected 1").assert_output(1, "", "");
    let ran = place.run("check tenant.json --json");
    let summary: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.status, summary["written"].as_u64(), summary["skipped"].as_u64()), (1, Some(2), Some(1)));
}

const WITH_REJECTS: &str = "done, with rejected records (exit status 1)\n";

const CHECKED: &str = "\
read      4 records from tenant.json (334 bytes), read whole

ready to import                                         2  50.0 %
  Users                                                 2
skipped: they cannot be imported                        1  25.0 %
  sms                                                   1
rejected                                                1  25.0 %
  invalid-email                                         1  line 4
          email: expected an e-mail address, but found no top-level domain

of the users ready to import
  without a password hash                               2

properties that are not imported
  identities                                            2

upload    1 part (168 bytes), less than a minute, two jobs at a time
note      2 users have no password: they must set a new one (see --passwords)
next      reimport convert tenant.json -o parts
";

#[test]
fn reports_every_kind_of_finding() {
    let place =
        WorkFolder::new().with_testdata("users-full-profile.ndjson").with_testdata("password-hashes.ndjson");
    let hashes = "--passwords password-hashes.ndjson";
    place.run(&format!("check users-full-profile.ndjson {hashes}")).assert_output(
        1,
        EVERYTHING,
        "done, with rejected records and warnings (exit status 1)\n",
    );
    // A command is never wrapped.
    let fits = |line: &str| line.starts_with("next ") || line.chars().count() <= 80;
    assert!(EVERYTHING.lines().all(fits));
}

const EVERYTHING: &str = "\
read      10 records from users-full-profile.ndjson (6.2 kB), read whole

ready to import                                         4  40.0 %
  Username-Password-Authentication                      3
  customers-v2                                          1
skipped: they cannot be imported                        4  40.0 %
  google-oauth2, with a linked database login           1
  github                                                1
  samlp                                                 1
  sms                                                   1
rejected                                                2  20.0 %
  duplicate                                             1  line 9
          email: already used by users-full-profile.ndjson line 1
  reserved-app-metadata-key                             1  line 8
          app_metadata.globalClientID: expected another name, but found one that
          is reserved

of the users ready to import
  with a password hash                                  4
    joined by id                                        4
  hashes without a user                                 2
  second factors lost                                   2
  linked logins lost: google-oauth2                     1

properties that are not imported
  created_at                                            4
  identities                                            4
  logins_count                                          4
  updated_at                                            4
  last_login                                            3
  last_ip                                               2
  multifactor                                           2
  last_password_reset                                   1
  multifactor_last_modified                             1

notes
  value-length username                                 1
          first on line 10: a string is empty, or longer than its property
          usually may be

upload    2 parts (1.8 kB), less than a minute, two jobs at a time
warning   an import job fills one connection: convert needs --by-connection,
          --connection NAME or --merge-connections
next      reimport convert users-full-profile.ndjson --passwords password-hashes.ndjson --by-connection -o parts
";

#[test]
fn html_page_is_private_and_complete_and_replaces_only_a_page() {
    use std::os::unix::fs::PermissionsExt;
    let place = WorkFolder::new().with_testdata("tenant.json.gz");
    place.run("check tenant.json.gz -q --html report.html").assert_output(1, "", "");
    let path = place.path().join("report.html");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let page = place.read("report.html");
    assert!(page.starts_with("<!doctype html>") && page.trim_end().ends_with("</html>"));
    assert!(!page.contains("<script") && !page.contains("http:") && !page.contains("https:"));
    place.run("check tenant.json.gz -q --html report.html").assert_output(1, "", "");
    assert_eq!(place.read("report.html"), page, "the same export makes the same page");
    let place = place.with("notes.html", page.replace("content=\"reimport ", "content=\"another "));
    let refused = "error: notes.html already exists; name another file, or replace it with --force\n";
    place.run("check tenant.json.gz -q --html notes.html").assert_output(2, "", refused);
    place.run("check tenant.json.gz -q --html notes.html --force").assert_output(1, "", "");
    assert_eq!(place.read("notes.html"), page);
    std::os::unix::fs::symlink(&path, place.path().join("link.html")).unwrap();
    let ran = place.run("check tenant.json.gz --html link.html --force");
    assert!(ran.status == 2 && ran.err.contains("symbolic link"), "{}", ran.err);
    let ran = place.run("check tenant.json.gz --html tenant.json.gz --force");
    assert_eq!(ran.status, 2, "{}", ran.err);
    let ran = place.run("check tenant.json.gz --html - ");
    assert!(ran.status == 2 && ran.err.contains("--html report.html"), "{}", ran.err);
}

#[test]
fn users_are_named_only_with_examples_option() {
    let place = WorkFolder::new().with_testdata("tenant.json.gz");
    place.run("check tenant.json.gz -q --html plain.html").assert_output(1, "", "");
    place.run("check tenant.json.gz -q --html named.html --examples").assert_output(1, "", "");
    let named = place.read("named.html");
    assert!(named.contains("noor@example") && named.contains("This page names users"));
    let plain = place.read("plain.html");
    assert!(!plain.contains("noor") && !plain.contains("@example"), "no personal data");
}

#[test]
fn html_page_escapes_names_of_the_export() {
    let name = "<script>alert(1)</script>";
    let user = format!(
        r#"{{"user_id":"auth0|1","email":"a@example.com","{name}":1,"identities":[{{"provider":"auth0","connection":"{name}"}}]}}"#
    );
    let place = WorkFolder::new().with("tenant.json", user + "\n");
    place.run("check tenant.json -q --html report.html").assert_output(0, "", "");
    let page = place.read("report.html");
    assert!(!page.contains("<script"), "{page}");
    assert_eq!(page.matches("&#60;script&#62;alert(1)&#60;/script&#62;").count(), 2, "{page}");
}

#[test]
fn several_connections_are_reported_with_the_options() {
    let user = |id: u32, name: &str| {
        format!(
            r#"{{"user_id":"auth0|{id}","email":"u{id}@example.com","identities":[{{"provider":"auth0","connection":"{name}"}}]}}"#
        )
    };
    let place = WorkFolder::new().with("tenant.json", format!("{}\n{}\n", user(1, "A"), user(2, "B")));
    let ran = place.run("check tenant.json");
    assert_eq!(ran.status, 1);
    assert!(
        ran.out.contains("next      reimport convert tenant.json --by-connection -o parts\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("convert needs --by-connection") && ran.out.contains("2 parts"), "{}", ran.out);
    let ran = place.run("check tenant.json --merge-connections");
    assert!(ran.status == 0 && ran.out.contains("1 part ("), "{}", ran.out);
    let ran = place.run("check tenant.json --json");
    assert!(ran.out.contains("\"by_connection\": true") && ran.out.contains("\"parts\": 2"), "{}", ran.out);
}

#[test]
fn import_files_are_reported_as_ready() {
    let place = WorkFolder::new().with_testdata("import-array.json");
    let ran = place.run("check import-array.json");
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(
        ran.out.contains("ready to import                                        10  100 %\n"),
        "{}",
        ran.out
    );
    assert!(ran.out.contains("with a password hash                                  9\n"), "{}", ran.out);
}

#[test]
fn check_and_convert_agree_on_oversized_users() {
    let place = WorkFolder::new().with("tenant.json", users(3));
    for (size, status) in [("81", 1), ("85", 0)] {
        for command in ["check tenant.json", "convert tenant.json -o parts --force"] {
            let ran = place.run(&format!("{command} -q --max-part-bytes {size}"));
            assert_eq!((ran.status, ran.err.as_str()), (status, ""), "{command} {size}");
        }
    }
}

#[test]
fn file_without_command_and_command_without_file_get_a_tip() {
    let place = WorkFolder::new().with("my users.json", "{}");
    place.run(&["my users.json"]).assert_output(
        2,
        "",
        "\
error: unrecognized subcommand 'my users.json'

  tip: to report what convert would do: reimport check 'my users.json'

Usage: reimport [COMMAND]

For more information, try '--help'.
",
    );
    // A word that is not a file gets no such tip.
    assert!(!place.run("tenant.json").err.contains("tip: to"));
    place.run("check").assert_output(
        2,
        "",
        "\
error: the following required arguments were not provided:
  <EXPORT>...

  tip: to read standard input, give `-` as the file

Usage: reimport check <EXPORT>...

For more information, try '--help'.
",
    );
}

#[test]
fn command_without_arguments_shows_where_to_start() {
    let place = WorkFolder::new();
    place.run("").assert_output(
        2,
        "",
        "\
reimport turns bulk user exports of an Auth0 tenant into files that its bulk import accepts.

  reimport check tenant.json.gz               report what convert would do
  reimport convert tenant.json.gz -o parts    write parts that are ready to import

See `reimport --help` for all commands.
",
    );
    let ran = place.run("convert tenant.json");
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.starts_with("error: the following required arguments were not provided:\n  --output <OUT>\n")
    );
    let ran = place.run("--version");
    assert_eq!((ran.status, ran.out.starts_with("reimport "), ran.err.as_str()), (0, true, ""));
}
