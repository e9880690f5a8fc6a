//! `reimport select`: exact output.

use std::fmt::Write as _;
use std::io::Read;
use std::process::Stdio;

use crate::harness::{Ran, WorkFolder, testdata};

const FULL: &str = "users-full-profile.ndjson";
const DATABASE: &str = "Username-Password-Authentication";

/// Runs the command quietly, and returns its data.
fn data(arguments: &[&str]) -> String {
    let ran = WorkFolder::of_testdata().run(&[&["select", "-q", "--csv-escape", "none"], arguments].concat());
    assert_eq!((ran.status, ran.err.as_str()), (0, ""), "{arguments:?}");
    ran.out
}

#[test]
fn named_fields_are_written_as_csv_with_a_short_summary() {
    let ran = WorkFolder::of_testdata().run(&[
        "select",
        FULL,
        "-f",
        "user_id,app_metadata.plan=plan",
        "--limit",
        "2",
    ]);
    assert_eq!(
        ran,
        Ran {
            status: 0,
            out: "user_id,plan\nauth0|13c6bbdce996431cfcb2185a,pro\nauth0|73e46a7ffe78ea20e41b66d4,\n".into(),
            err: "\
read      2 records from users-full-profile.ndjson (1.9 kB), stopped at --limit
          2: the rest was neither read nor checked
written   2 users, 2 fields each, as CSV to standard output
done (exit status 0)
"
            .into(),
        }
    );
}

#[test]
fn writes_default_fields_from_any_export() {
    let header = "user_id,email,email_verified,name,given_name,family_name,nickname,picture,connection,created_at,updated_at";
    for (export, first) in [
        (FULL, "auth0|13c6bbdce996431cfcb2185a,ada.quill@example.com,true,"),
        ("users-default.ndjson", "auth0|"),
    ] {
        let csv = data(&[export]);
        let lines: Vec<&str> = csv.lines().collect();
        assert_eq!(lines[0], header);
        assert!(lines[1].starts_with(first), "{}", lines[1]);
        assert!(lines[1].contains(",Username-Password-Authentication,"), "{}", lines[1]);
    }
}

#[test]
fn format_is_an_option_or_detected_from_file_name() {
    let folder = tempfile::tempdir().unwrap();
    let fields = ["-f", "email", "-f", "given_name"];
    let chosen = ["--where", "email = hana@example.com"];
    let csv = "email,given_name\nhana@example.com,\n";
    let tsv = "email\tgiven_name\nhana@example.com\t\n";
    let ndjson = "{\"email\":\"hana@example.com\",\"given_name\":null}\n";
    let json = "[\n{\"email\":\"hana@example.com\",\"given_name\":null}\n]";
    for (format, expected) in [("csv", csv), ("tsv", tsv), ("ndjson", ndjson), ("json", json)] {
        assert_eq!(data(&[&[FULL, "--format", format][..], &fields, &chosen].concat()), expected);
        for end in [format.to_owned(), format!("{format}.gz")] {
            let file = folder.path().join(format!("users.{end}"));
            let name = file.to_str().unwrap();
            assert_eq!(data(&[&[FULL, "-o", name][..], &fields, &chosen].concat()), "");
            let bytes = std::fs::read(&file).unwrap();
            let text = if end.ends_with("gz") {
                let mut text = String::new();
                flate2::read::GzDecoder::new(&bytes[..]).read_to_string(&mut text).unwrap();
                text
            } else {
                String::from_utf8(bytes).unwrap()
            };
            assert_eq!(text, expected, "{end}");
        }
    }
    let file = folder.path().join("users.csv");
    let ran = WorkFolder::of_testdata().run(&["select", FULL, "-o", file.to_str().unwrap()]);
    assert_eq!(ran.status, 2);
    assert_eq!(
        ran.err,
        format!("error: {} already exists; name another file, or replace it with --force\n", file.display())
    );
}

#[test]
fn documented_requests_are_accepted() {
    for (request, expected) in [
        (
            "csv-provider",
            "email,provider\nada.quill@example.com,Username-Password-Authentication\nbo@example.com,Username-Password-Authentication\nhana@example.com,Username-Password-Authentication\nivo@example.org,Username-Password-Authentication\n",
        ),
        (
            "json-names",
            "{\"user_id\":\"auth0|13c6bbdce996431cfcb2185a\",\"email\":\"ada.quill@example.com\",\"name\":\"Ada Quill\"}\n{\"user_id\":\"auth0|73e46a7ffe78ea20e41b66d4\",\"email\":\"bo@example.com\",\"name\":\"bo@example.com\"}\n{\"user_id\":\"auth0|7d1fd0cac4faa3601b063952\",\"email\":\"hana@example.com\",\"name\":\"Hana\"}\n{\"user_id\":\"auth0|6c66641c59e62b32fe4d718c\",\"email\":\"ivo@example.org\",\"name\":\"Ivo\"}\n",
        ),
    ] {
        let file = format!("requests/{request}.json");
        assert_eq!(data(&[FULL, "--request", &file, "--connection", DATABASE]), expected);
    }
    // No user has the fields of these requests: the output is written, with exit status 1.
    for (request, header) in [
        (
            "csv-consent",
            "email,user_metadata.consent.given,user_metadata.consent.date,user_metadata.consent.text_details\n",
        ),
        ("csv-country", "user_id,email,user_metadata.country\n"),
        ("json-consent", "{\"email\":\"ada.quill@example.com\"}\n"),
    ] {
        let file = format!("requests/{request}.json");
        let ran = WorkFolder::of_testdata().run(&[
            "select",
            "-q",
            FULL,
            "--request",
            &file,
            "--connection",
            DATABASE,
        ]);
        assert_eq!((ran.status, ran.err.as_str()), (1, ""), "{request}");
        assert!(ran.out.starts_with(header), "{request}: {}", ran.out);
        assert_eq!(ran.out.lines().count(), if header.starts_with('{') { 4 } else { 5 });
    }
}

#[test]
fn request_with_only_a_connection_id_needs_its_name() {
    let ran = WorkFolder::of_testdata().run(&["select", FULL, "--request", "requests/csv-provider.json"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        "error: requests/csv-provider.json: the request asks for connection con_0000000000000001, but an export has only the names of connections; give the name with --connection NAME\n"
    );
    // The job object has the name of the connection.
    let job = data(&[FULL, "--request", "requests/job-of-csv-provider.json"]);
    assert_eq!(job.lines().count(), 5);
    assert!(job.starts_with("user_id,name,email,provider\n"));
    let other =
        data(&[FULL, "--request", "requests/job-of-csv-provider.json", "--connection", "customers-v2"]);
    assert_eq!(other.lines().count(), 2);
}

#[test]
fn smaller_limit_applies_and_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let request = folder.path().join("request.json");
    std::fs::write(&request, r#"{"limit": 5, "fields": [{"name": "user_id"}]}"#).unwrap();
    let request = request.to_str().unwrap();
    for (limit, users, words) in
        [("7", 5, format!("stopped at limit 5 of {request}:")), ("4", 4, "stopped at --limit 4:".to_owned())]
    {
        let ran = WorkFolder::of_testdata().run(&["select", FULL, "--request", request, "--limit", limit]);
        assert_eq!((ran.status, ran.out.lines().count()), (0, users + 1));
        let stderr = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(stderr.contains(&words), "{stderr}");
    }
}

#[test]
fn invalid_request_and_conflicting_file_name_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let request = folder.path().join("request.json");
    let name = request.to_str().unwrap();
    std::fs::write(&request, r#"{"fields": [{"name": "email", "export_as": ""}]}"#).unwrap();
    let ran = WorkFolder::of_testdata().run(&["select", FULL, "--request", name]);
    assert_eq!(ran.status, 2);
    assert_eq!(
        ran.err,
        format!("error: {name}: fields[0].export_as: expected a name, but found an empty string\n")
    );
    std::fs::write(&request, r#"{"format": "csv"}"#).unwrap();
    let output = folder.path().join("users.json");
    let ran =
        WorkFolder::of_testdata().run(&["select", FULL, "--request", name, "-o", output.to_str().unwrap()]);
    assert_eq!(
        (ran.status, ran.err.as_str()),
        (
            2,
            "error: the request and the name of the output mean different formats; choose one with --format\n"
        )
    );
    let ran = WorkFolder::of_testdata().run(&["select", FULL, "--request", name, "-f", "email"]);
    assert_eq!(ran.status, 2);
}

#[test]
fn field_in_no_record_is_reported_with_a_suggestion() {
    let ran = WorkFolder::of_testdata().run(&[
        "select",
        FULL,
        "-f",
        "emial",
        "-f",
        "app_metadata.paln",
        "-f",
        "shoe_size",
        "--format",
        "ndjson",
    ]);
    assert_eq!(ran.status, 1);
    assert_eq!(
        ran.err,
        "\
read      10 records from users-full-profile.ndjson (6.2 kB), read whole
written   10 users, 3 fields each, as NDJSON to standard output
warning   no record has emial; did you mean email?
warning   no record has app_metadata.paln; did you mean app_metadata.plan?
warning   no record has shoe_size; `reimport fields` lists all paths
done, with warnings (exit status 1)
"
    );
    // A field that only left out users have is not reported.
    data(&[FULL, "-f", "app_metadata.plan", "--where", "email = bo@example.com"]);
    // Standard input cannot be read twice, so the usual names are suggested.
    let ran = WorkFolder::of_testdata()
        .run_with_input(&["select", "-", "-f", "emial"], b"{\"email\":\"a@example.com\"}\n");
    assert_eq!(ran.status, 1);
    assert!(ran.err.contains("no record has emial; did you mean email?"), "{}", ran.err);
    let ran = WorkFolder::of_testdata().run(&["select", FULL, "-f", "email", "--where", "logins_cuont > 3"]);
    assert_eq!((ran.status, ran.out.as_str()), (1, "email\n"));
    assert!(
        ran.err.contains("warning   no record has logins_cuont; did you mean logins_count?\n"),
        "{}",
        ran.err
    );
    let ran = WorkFolder::of_testdata().run(&[
        "select",
        FULL,
        "-f",
        "provider",
        "--where",
        "lastlogin missing",
        "--limit",
        "2",
    ]);
    assert_eq!((ran.status, ran.out.as_str()), (1, "provider\n\"\"\n\"\"\n"));
    assert_eq!(
        ran.err,
        "\
read      2 records from users-full-profile.ndjson (1.9 kB), stopped at --limit
          2: the rest was neither read nor checked
written   2 users, 1 field each, as CSV to standard output
warning   no record read before the limit has lastlogin; did you mean
          last_login?
warning   no record read before the limit has provider; did you mean
          identities[0].provider?
done, with warnings (exit status 1)
"
    );
    let ran = WorkFolder::of_testdata().run_with_input(
        &["select", "-", "-f", "emial", "--limit", "1"],
        b"{\"email\":\"a@example.com\"}\n{}\n",
    );
    assert_eq!(ran.status, 0, "{}", ran.err);
}

#[test]
fn mistyped_conditions_are_explained() {
    let select = ["select", "-", "-f", "a"];
    for (condition, words) in [
        ("a = USERS", "warning no a is USERS, but some are in other upper and lower case done,"),
        (
            "d = last week",
            "warning d is compared with text, but its values are dates; a date is written as in 2024-05-01, a string in \
             quotes done,",
        ),
        (
            "a exists or d missing",
            "error: invalid value 'a exists or d missing' for '--where <PATH OP VALUE>': expected one condition, but found \
             a second one after `or` at column 10; a string that contains both needs quotes; repeat the option for \
             conditions that must all match (there is no `or`)",
        ),
    ] {
        let user = br#"{"a":"Users","d":"2024-05-01T10:00:00Z"}"#;
        let ran =
            WorkFolder::of_testdata().run_with_input(&[&select[..], &["--where", condition]].concat(), user);
        let found = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(found.contains(words), "{found}");
        assert_eq!(ran.status, if words.starts_with("error") { 2 } else { 1 });
    }
}

#[test]
fn limit_of_zero_writes_only_the_header() {
    for export in ["users.csv", FULL] {
        let ran = WorkFolder::of_testdata().run(&["select", export, "-f", "email", "--limit", "0", "-q"]);
        assert_eq!((ran.status, ran.out.as_str(), ran.err.as_str()), (0, "email\n", ""));
    }
}

#[test]
fn formula_cells_are_counted_and_escaped_on_request() {
    let fields = [
        "select",
        FULL,
        "-f",
        "family_name",
        "-f",
        "name",
        "-f",
        "phone_number",
        "--where",
        "family_name > \"\"",
    ];
    let ran = WorkFolder::of_testdata().run(&fields);
    assert_eq!(ran.status, 1);
    assert_eq!(
        ran.err,
        "\
read      10 records from users-full-profile.ndjson (6.2 kB), read whole
written   4 users, 3 fields each, as CSV to standard output
left out  6 users by your own filter
warning   1 cell that a spreadsheet would run as a formula: family_name 1;
          --csv-escape formulas escapes them, --csv-escape none keeps them
          without this warning
done, with warnings (exit status 1)
"
    );
    assert!(ran.out.contains("\n=SUM(A1),\"Fay \"\"Fee\"\"\u{2028}=SUM(A1)\",\n"), "{}", ran.out);
    let allowed = WorkFolder::of_testdata().run(&[&fields[..], &["--csv-escape", "none"]].concat());
    assert_eq!((allowed.status, allowed.out.as_str()), (0, ran.out.as_str()));
    assert!(!allowed.err.contains("spreadsheet"), "{}", allowed.err);
    let escaped = WorkFolder::of_testdata().run(&[&fields[..], &["--csv-escape", "formulas"]].concat());
    assert!(!escaped.err.contains("spreadsheet"), "{}", escaped.err);
    assert!(escaped.out.contains("\n'=SUM(A1),\"Fay \"\"Fee\"\"\u{2028}=SUM(A1)\",\n"), "{}", escaped.out);
    let dialect = WorkFolder::of_testdata().run(&[&fields[..], &["--csv-escape", "auth0"]].concat());
    assert!(
        dialect.out.contains("\n\"'=SUM(A1)\",\"'Fay \"\"Fee\"\"\u{2028}=SUM(A1)\",\n"),
        "{}",
        dialect.out
    );
}

#[test]
fn tab_separated_values_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let (input, output) = (folder.path().join("users.ndjson"), folder.path().join("users.tsv"));
    let (input, output) = (input.to_str().unwrap(), output.to_str().unwrap());
    let users = [
        r#"{"email":"a,b@example.com","name":"tab\there","nickname":"\"quoted\"","given_name":"line\r\nend"}"#,
        r#"{"email":"b@example.com","name":"=1+1","nickname":"semi;colon"}"#,
    ];
    std::fs::write(input, users.join("\n")).unwrap();
    let fields = ["-f", "email,name,nickname,given_name"];
    let ran = WorkFolder::of_testdata().run(&[&["select", input, "-o", output][..], &fields].concat());
    let words = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(ran.status, 1);
    assert!(
        words.contains(&format!(" 2 users, 4 fields each, as TSV to {output} warning 1 cell ")),
        "{words}"
    );
    assert_eq!(
        std::fs::read_to_string(output).unwrap(),
        "email\tname\tnickname\tgiven_name\n\
         a,b@example.com\t\"tab\there\"\t\"\"\"quoted\"\"\"\t\"line\r\nend\"\n\
         b@example.com\t=1+1\tsemi;colon\t\n"
    );
    assert_eq!(data(&[&[output, "--format", "ndjson"][..], &fields].concat()), users.join("\n") + "\n");
    for (escape, cell) in [("formulas", "'=1+1"), ("auth0", "\"'=1+1\"")] {
        let ran = WorkFolder::of_testdata().run(
            &[&["select", input, "-q", "--format", "tsv", "--csv-escape", escape][..], &fields].concat(),
        );
        assert!(ran.out.contains(&format!("\t{cell}\t")), "{}", ran.out);
    }
    // With one column, the header does not show the delimiter.
    assert_eq!(
        WorkFolder::of_testdata()
            .run(&["select", input, "-q", "-f", "email", "-o", output, "--force"])
            .status,
        0
    );
    let one = [output, "-f", "email", "--delimiter", "tab"];
    assert_eq!(data(&one), "email\n\"a,b@example.com\"\nb@example.com\n");
}

#[test]
fn id_lists_include_and_exclude_users() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("ids.csv");
    std::fs::write(&list, "email,user_id\nx,7d1fd0cac4faa3601b063952\ny,auth0|42|acme\nz,github|9000042\n")
        .unwrap();
    let list = list.to_str().unwrap();
    assert_eq!(data(&[FULL, "--ids", list, "-f", "name"]), "name\ngus-dev\nHana\nAda Q.\n");
    assert_eq!(data(&[FULL, "--not-ids", list, "-f", "name"]).lines().count(), 8);
    let ran = WorkFolder::of_testdata().run_with_input(
        &["select", "-q", FULL, "--ids", list, "--not-ids", "-", "-f", "name"],
        b"github|9000042\n",
    );
    assert_eq!((ran.status, ran.out.as_str()), (0, "name\nHana\nAda Q.\n"));
    let ran = WorkFolder::of_testdata().run_with_input(&["select", FULL, "--ids", "-"], b"\n");
    assert_eq!((ran.status, ran.err.as_str()), (2, "error: --ids -: expected user ids, but found none\n"));
    let ran = WorkFolder::of_testdata().run(&["select", "-", "--ids", "-"]);
    assert_eq!((ran.status, ran.err.as_str()), (2, "error: standard input (-) can be read only once\n"));
}

#[test]
fn unreadable_records_are_reported_with_position_and_kept() {
    let export = b"{\"user_id\":\"a\"}\n{\"user_id\n\n{}\nnull\n{\"user_id\":\"b\"}\n";
    let ran = WorkFolder::of_testdata().run_with_input(&["select", "-", "-f", "user_id"], export);
    assert_eq!((ran.status, ran.out.as_str()), (1, "user_id\na\n\"\"\nb\n"));
    assert_eq!(
        ran.err,
        "\
read      5 records from standard input (51 bytes), read whole
written   3 users, 1 field each, as CSV to standard output
rejected  2 records that cannot be read (invalid-json 1, not-an-object 1), not
          kept (see --rejected):
          line 2: expected a closing quote, but found the end of the text at
          column 10
          line 5: expected an object, but found a letter at column 1
done, with rejected records (exit status 1)
"
    );
    let folder = tempfile::tempdir().unwrap();
    let rejected = folder.path().join("bad.ndjson");
    let ran = WorkFolder::of_testdata().run_with_input(
        &["select", "-", "-q", "-f", "user_id", "--rejected", rejected.to_str().unwrap()],
        export,
    );
    assert_eq!(ran.status, 1);
    assert_eq!(std::fs::read_to_string(rejected).unwrap().lines().count(), 2);
    let output = folder.path().join("users.csv");
    let ran = WorkFolder::of_testdata()
        .run_with_input(&["select", "-", "-f", "user_id", "-o", output.to_str().unwrap()], export);
    assert_eq!(ran.status, 1);
    let words = ran.err.split_whitespace().collect::<Vec<_>>().join(" ");
    let kept = format!(
        "rejected 2 records that cannot be read (invalid-json 1, not-an-object 1), kept in {}.rejected.ndjson: line 2: ",
        output.display()
    );
    assert!(words.contains(&kept), "{words}");
    assert!(folder.path().join("users.csv.rejected.ndjson").exists());
    let ran = WorkFolder::of_testdata()
        .run_with_input(&["select", "-", "--max-rejected", "1", "-f", "user_id"], export);
    assert_eq!(ran.status, 2);
}

#[test]
fn json_summary_is_printed_when_data_go_to_a_file() {
    let ran = WorkFolder::of_testdata().run(&["select", FULL, "--json"]);
    assert_eq!((ran.status, ran.out.as_str()), (2, ""));
    assert_eq!(
        ran.err,
        "error: --json prints to standard output, which is used for the data; name a file with -o\n"
    );
    let folder = tempfile::tempdir().unwrap();
    let output = folder.path().join("users.csv");
    let ran = WorkFolder::of_testdata().run(&[
        "select",
        FULL,
        "--json",
        "-o",
        output.to_str().unwrap(),
        "-f",
        "name",
        "-f",
        "emial",
        "--limit",
        "9",
    ]);
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["written"], 9);
    assert_eq!(document["unseen"], serde_json::json!([{"path": "emial", "nearest": "email"}]));
    assert!(document.get("with_password").is_none(), "members about the import are left out");
    assert_eq!(document["limited"], true);
    assert_eq!(document["limit"], 9);
    assert_eq!(document["format"], "csv");
    assert_eq!(document["fields"], serde_json::json!(["name", "emial"]));
    assert_eq!(document["formula_cells"], serde_json::json!({}));
    assert_eq!(document["exit_status"], 1);
    let whole = folder.path().join("whole.csv");
    let ran = WorkFolder::of_testdata().run(&[
        "select",
        FULL,
        "--json",
        "-o",
        whole.to_str().unwrap(),
        "-f",
        "emial",
    ]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["unseen"], serde_json::json!([{"path": "emial", "nearest": "email"}]));
}

#[test]
fn closed_pipe_ends_select_silently_if_its_fields_exist() {
    let mut export = String::new();
    for number in 0..100_000 {
        writeln!(export, "{{\"user_id\":\"auth0|{number}\",\"name\":\"{}\"}}", "n".repeat(40)).unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.ndjson");
    std::fs::write(&file, export).unwrap();
    let mut child = WorkFolder::of_testdata()
        .command(&["select", file.to_str().unwrap(), "-f", "name"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut some = [0; 64];
    let mut stdout = child.stdout.take().unwrap();
    stdout.read_exact(&mut some).unwrap();
    drop(stdout);
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(141), &b""[..]));
}

#[test]
fn output_is_identical_for_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("export.ndjson");
    let users = std::fs::read_to_string(testdata(FULL)).unwrap();
    // Some megabytes, so that there are several blocks, with some bad lines.
    let broken = format!("{}{{\"broken\n", users.repeat(40));
    std::fs::write(&file, broken.repeat(12)).unwrap();
    let file = file.to_str().unwrap();
    for format in ["csv", "ndjson", "json"] {
        for extra in [&["--where", "logins_count >= 3"][..], &["--limit", "3456"], &[]] {
            let runs: Vec<Ran> = ["1", "2", "4"]
                .into_iter()
                .map(|threads| {
                    let arguments = ["select", file, "--format", format, "--threads", threads];
                    WorkFolder::of_testdata().run(&[&arguments, extra].concat())
                })
                .collect();
            assert!(runs[0].out.len() > 300_000);
            assert!(runs[0] == runs[1] && runs[0] == runs[2], "{format} {extra:?}");
        }
    }
}

#[test]
fn convert_and_check_accept_the_same_filters() {
    let ran = WorkFolder::of_testdata().run(&[
        "convert",
        "-q",
        FULL,
        "-o",
        "-",
        "--where",
        "email = \"hana@example.com\"",
        "--where",
        "username = null",
        "--drop",
        "app_metadata",
    ]);
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert_eq!(
        ran.out,
        "[\n{\"email\":\"hana@example.com\",\"email_verified\":true,\"name\":\"Hana\",\"nickname\":\"hana\",\"user_id\":\"7d1fd0cac4faa3601b063952\"}\n]"
    );
    let ran = WorkFolder::of_testdata().run_with_input(
        &["check", FULL, "--ids", "-", "--rules", "none", "--json"],
        b"7d1fd0cac4faa3601b063952\n",
    );
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&document["written"], &document["left_out"]), (&1.into(), &9.into()));
    let ran = WorkFolder::of_testdata().run(&[
        "check",
        FULL,
        "--rules",
        "none",
        "--connection",
        "customers-v2",
        "--json",
    ]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((&document["written"], &document["left_out"]), (&1.into(), &9.into()));
    let ran = WorkFolder::of_testdata().run(&[
        "check",
        FULL,
        "--where",
        "email = bo@example.com",
        "--where",
        "emial missing",
    ]);
    assert_eq!(ran.status, 1);
    assert!(ran.out.contains("no record has emial; did you mean email?"), "{}", ran.out);
    let ran = WorkFolder::of_testdata().run(&["check", FULL, "--where", "email is x"]);
    assert_eq!(ran.status, 2);
    assert!(
        ran.err.starts_with(
            "error: invalid value 'email is x' for '--where <PATH OP VALUE>': expected an operator \
             (= != < <= > >= exists missing), but found `is` at column 7\n"
        ),
        "{}",
        ran.err
    );
}

#[test]
fn missing_csv_column_is_an_error_that_lists_columns() {
    let ran = WorkFolder::of_testdata().run(&[
        "select",
        "users.csv",
        "-f",
        "email",
        "-f",
        "user_metadata.bo",
        "-q",
    ]);
    assert_eq!(ran.status, 2);
    assert_eq!(
        ran.err,
        "error: no column has `user_metadata.bo` (did you mean user_metadata.bio?); the columns are user_id, email, email_verified, name, blocked, \
         logins_count, created_at, last_login, provider, user_metadata.bio, user_metadata.first login, \
         app_metadata.org.region, app_metadata.crm_id, plan\n"
    );
    // A path above a column exists; a path below one does not.
    let above = WorkFolder::of_testdata().run(&["select", "users.csv", "-f", "app_metadata.org", "-q"]);
    assert_eq!(above.status, 0, "{}", above.err);
    let below = WorkFolder::of_testdata().run(&["select", "users.csv", "-f", "plan.name", "-q"]);
    assert_eq!(below.status, 2);
}

#[test]
fn counts_hashes_without_a_user() {
    let ran = WorkFolder::of_testdata().run(&[
        "check",
        FULL,
        "--merge-connections",
        "--passwords",
        "password-hashes.ndjson",
        "--json",
    ]);
    let document: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(document["passwords"]["hashes without a user"], 2);
}

#[test]
fn rejected_records_are_described_by_file_and_reason() {
    let place = WorkFolder::new()
        .with("a.json", "{\"n\":1}\n{\"n\":\"x\"}\n")
        .with("b.json", "{\"n\":true}\nno record\n");
    let select = |inputs: &str| {
        let ran = place
            .run(&format!("select {inputs} -f n:int --format parquet -o out.parquet --force --strict-types"));
        let lines = ran.err.lines().skip_while(|line| !line.starts_with("rejected"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(
        select("a.json"),
        [
            "rejected  1 record that cannot be read or does not fit, kept in",
            "          out.parquet.rejected.ndjson:",
            "          line 2: n: expected an integer of 64 bits without a fraction or an",
            "          exponent, but found a string that does not fit",
            "done, with rejected records (exit status 1)",
        ]
    );
    assert_eq!(
        select("a.json b.json"),
        [
            "rejected  3 records that cannot be read or do not fit (column-type 2,",
            "          not-an-object 1), kept in out.parquet.rejected.ndjson:",
            "          a.json line 2: n: expected an integer of 64 bits without a fraction or",
            "          an exponent, but found a string that does not fit",
            "          b.json line 1: n: expected an integer of 64 bits without a fraction or",
            "          an exponent, but found a boolean that does not fit",
            "          b.json line 2: expected an object, but found a letter at column 1",
            "done, with rejected records (exit status 1)",
        ]
    );
}
