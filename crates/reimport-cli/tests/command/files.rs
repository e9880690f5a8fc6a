//! Files of the wrong kind: one sentence for each, with what to do.

use serde_json::{Value, json};

use crate::harness::WorkFolder;

/// Runs `convert` with a file that it refuses. Returns the message, and checks that nothing else is printed or written.
#[track_caller]
fn refused(name: &str, bytes: impl AsRef<[u8]>, sentence: &str) {
    for command in ["convert", "check", "select -f email"] {
        let place = WorkFolder::new().with(name, &bytes);
        let output = if command == "convert" { " -o parts" } else { "" };
        place.run(&format!("{command} {name}{output}")).assert_output(
            2,
            "",
            &format!("error: {name}: {sentence}\n"),
        );
        assert_eq!(place.names("."), [name]);
    }
}

const USER: &str = r#"{"user_id":"auth0|1","email":"a@example.com"}"#;

#[test]
fn json_that_is_not_an_export_is_reported_with_the_fix() {
    refused(
        "page.json",
        format!(r#"{{"start":0,"limit":50,"length":1,"total":1,"users":[{USER}]}}"#),
        "this object contains an array of users in its member \"users\", but one object for each user is expected: take the \
         users out, for example with `jq -c '.users[]' FILE`, and pipe it into `reimport ... -`",
    );
    refused(
        "pages.json",
        format!(r#"[{{"users":[{USER}]}},{{"users":[]}}]"#),
        "this object contains an array of users in its member \"users\", but one object for each user is expected: take the \
         users out, for example with `jq -c '.[].users[]' FILE`, and pipe it into `reimport ... -`",
    );
    refused(
        "answer.json",
        r#"{"statusCode":401,"error":"Unauthorized","message":"Expired token received for JSON Web Token validation"}"#,
        "this is an error answer of the API, not users: its \"message\" says why; correct that, and request the users \
         again",
    );
    refused(
        "wrapped.json",
        format!(r#"[{{"user":{USER}}}]"#),
        "each object has its user in its member \"user\", but the user itself is expected: take the users out, for example with \
         `jq -c '.[].user' FILE`, and pipe it into `reimport ... -`",
    );
    refused(
        "slurped.json",
        format!("[\n[{USER}],\n[{USER}]\n]"),
        "each element of this array is an array, but one object for each user is expected: take the users out, for example with \
         `jq -c '.[][]' FILE`, and pipe it into `reimport ... -`",
    );
    refused(
        "repr.json",
        "{'user_id': 'auth0|1', 'email_verified': True}\n",
        "this is the notation of Python, not JSON: write the file again, with `json.dumps`",
    );
    refused(
        "console.json",
        "[\n  {\n    user_id: 'auth0|1'\n  }\n]\n",
        "this is the notation of JavaScript, not JSON: write the file again, with `JSON.stringify`",
    );
    refused(
        "commas.json",
        format!("{USER},\n{USER},\n"),
        "a comma follows the first object, but NDJSON has no commas between lines: remove them, for example with \
         `sed 's/,[[:space:]]*$//' FILE`, and pipe it into `reimport ... -`",
    );
}

#[test]
fn error_between_array_elements_is_reported_with_position() {
    let place = "line 2 (record 2, byte 48)";
    refused(
        "arrays.json",
        format!("[{USER}]\n[{USER}]\n"),
        &format!(
            "{place}: expected one array, but a second one begins here: write all of their elements as NDJSON, for example with \
             `jq -c '.[]' FILE`, and pipe it into `reimport ... -`"
        ),
    );
    refused(
        "brackets.json",
        format!("[{USER} \n{USER}]"),
        &format!(
            "{place}: expected `,` or `]` after an element of the array; if each element is on its own line, remove \
             the brackets: without commas this is NDJSON"
        ),
    );
    refused(
        "last.json",
        format!("[{USER},\n]"),
        &format!(
            "{place}: expected an element of the array, but found `]` after a comma: remove the last comma"
        ),
    );
}

#[test]
fn suggested_json_fixes_work() {
    let one = format!("{USER}\n");
    for (name, bytes, cure) in [
        ("page.json", format!(r#"{{"start":0,"users":[{USER}]}}"#), "jq -c '.users[]' FILE"),
        ("pages.json", format!(r#"[{{"users":[{USER}]}}]"#), "jq -c '.[].users[]' FILE"),
        ("wrapped.json", format!(r#"[{{"user":{USER}}}]"#), "jq -c '.[].user' FILE"),
        ("arrays.json", format!("[{USER}]\n[]\n"), "jq -c '.[]' FILE"),
        ("slurped.json", format!("[[{USER}],[]]"), "jq -c '.[][]' FILE"),
        ("commas.json", format!("{USER} , \n"), "sed 's/,[[:space:]]*$//' FILE"),
    ] {
        let place = WorkFolder::new().with(name, bytes);
        let stderr = place.run(&format!("check {name}")).err;
        assert!(stderr.contains(&format!("with `{cure}`, and pipe it into `reimport ... -`")), "{stderr}");
        let command = cure.replace("FILE", name);
        let ran = std::process::Command::new("sh").args(["-c", &command]).current_dir(place.path()).output();
        match ran {
            Ok(ran) if ran.status.code() == Some(127) => crate::skips::skip("no jq here"),
            ran => assert_eq!(
                String::from_utf8(ran.unwrap().stdout).unwrap().replace("} ", "}"),
                one,
                "{command}"
            ),
        }
    }
}

#[test]
fn invalid_json_value_is_named_and_rejects_its_record() {
    let place =
        WorkFolder::new().with("tenant.json", format!("{USER}\n{{\"email\":\"b@example.com\",\"n\":NaN}}\n"));
    let ran = place.run("convert tenant.json -o parts -q");
    ran.assert_output(1, "", "");
    let rejected: Value = serde_json::from_str(&place.read("parts/rejected.ndjson")).unwrap();
    assert_eq!(
        rejected["problems"],
        json!([{
            "rule": "invalid-json",
            "path": "",
            "message": "expected a value, but found `NaN` at column 30, which is not JSON: write null",
        }])
    );
}

#[test]
fn file_in_wrong_encoding_fails_with_one_message() {
    let sentence = |line| {
        format!(
            "line {line} is not UTF-8, and neither is any other line with characters beyond ASCII: the file is in another \
             encoding, probably Windows-1252 (Latin-1); save it as UTF-8, or convert it, for example with `iconv -f WINDOWS-1252 -t \
             UTF-8 FILE`, and pipe it into `reimport ... -`"
        )
    };
    let mut csv = b"user_id,email,name\n'auth0|0,'u0@example.com,'Ada\n".to_vec();
    for user in 1..2_000 {
        csv.extend_from_slice(format!("'auth0|{user},'u{user}@example.com,'M").as_bytes());
        csv.extend_from_slice(b"\xfcller\n");
    }
    refused("users.csv", &csv, &sentence(3));
    let mut ndjson = Vec::new();
    for user in 0..3 {
        ndjson.extend_from_slice(format!("{{\"user_id\":\"auth0|{user}\",\"name\":\"Ren").as_bytes());
        ndjson.extend_from_slice(b"\xe9\"}\n");
    }
    refused("users.json", &ndjson, &sentence(1));
}

/// An export as saved by a German spreadsheet: with German dates and booleans, and a number without its last digits.
const RESAVED: &str = "sep=;\r
user_id;email;email_verified;created_at;user_metadata.crm\r
'auth0|1;'a@example.com;true;04.03.2021 09:15;9,00719925474099E+15\r
'auth0|2;'b@example.com;;04.03.2021 09:16;17\r
";

#[test]
fn csv_saved_by_a_spreadsheet_is_read_with_warnings() {
    let place = WorkFolder::new().with("users.csv", RESAVED);
    place.run("convert users.csv -o parts").assert_output(
        1,
        "",
        "read      2 records from users.csv (180 bytes of CSV, auth0 dialect), read whole
written   2 users in 1 part to parts
dropped   created_at 2
note      2 users have no password: they must set a new one (see --passwords)
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions, password hashes
warning   2 cells are text without the apostrophe of the export job, read
          unchanged: created_at 2, first on line 3; was the file saved by a
          spreadsheet?
warning   1 number is shortened by a spreadsheet and lost digits:
          user_metadata.crm on line 3; export again, and do not save the file in
          a spreadsheet
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
done, with warnings (exit status 1)
",
    );
    assert_eq!(
        place.read("parts/users-00001.json"),
        "[\n{\"user_id\":\"1\",\"email\":\"a@example.com\",\"email_verified\":true,\"user_metadata\":{\"crm\":\
         \"9,00719925474099E+15\"}},\n{\"user_id\":\"2\",\"email\":\"b@example.com\",\"user_metadata\":{\"crm\":17}}\n]"
    );
    let text = "2 cells are text without the apostrophe of the export job, read unchanged: created_at 2, first on line 3; was \
                the file saved by a spreadsheet?";
    let number = "1 number is shortened by a spreadsheet and lost digits: user_metadata.crm on line 3; export again, and \
                  do not save the file in a spreadsheet";
    let select = "select -f created_at,user_metadata.crm -o out.csv";
    for command in ["check", select, "fields", "convert -o again"] {
        let ran = place.run(&format!("{command} users.csv --json"));
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        assert_eq!((ran.status, &document["exit_status"]), (1, &json!(1)), "{command}");
        assert_eq!(
            document["warnings"],
            json!([{"name": "bare-text", "message": text}, {"name": "shortened-number", "message": number}]),
            "{command}"
        );
    }
    // Columns that are not read have no warning.
    let ran = place.run("select -f email -o emails.csv users.csv --json");
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.status, &document["warnings"]), (0, &json!([])));
    let document: Value = serde_json::from_str(&place.run("check users.csv --json").out).unwrap();
    assert_eq!(
        document["sources"][0]["csv_warnings"],
        json!([
            {"name": "bare-text", "column": "created_at", "first_line": 3, "cells": 2},
            {"name": "shortened-number", "column": "user_metadata.crm", "first_line": 3, "cells": 1},
        ])
    );
    // With several files, each message names its file.
    let place = place.with("more.csv", "user_id,email\n'auth0|3,'c@example.com\n");
    let document: Value = serde_json::from_str(&place.run("check users.csv more.csv --json").out).unwrap();
    assert_eq!(document["warnings"][0]["message"], format!("users.csv: {text}"));
}

#[test]
fn string_without_apostrophe_determines_the_csv_dialect() {
    let plain = "name,user_id,email\n't Hooft,auth0|1,g@example.com\n";
    let place = WorkFolder::new().with("plain.csv", plain);
    let ran = place.run("select -f name plain.csv");
    ran.assert_output(
        0,
        "name\n't Hooft\n",
        "read      1 record from plain.csv (50 bytes of CSV, plain dialect), read whole
written   1 user, 1 field each, as CSV to standard output
done (exit status 0)
",
    );
    let later = format!(
        "email,name\n{}'b@example.com,\"b\"\n'c@example.com,'c\n",
        "'a@example.com,'a\n".repeat(5_000)
    );
    let place = place.with("later.csv", later);
    let ran = place.run("select -f name --where name!=a later.csv");
    ran.assert_output(
        1,
        "name\nb\nc\n",
        "read      5,002 records from later.csv (90.0 kB of CSV, auth0 dialect), read
          whole
written   2 users, 1 field each, as CSV to standard output
left out  5,000 users by your own filter
warning   1 cell is text without the apostrophe of the export job, read
          unchanged: name on line 5002; was the file saved by a spreadsheet?
done, with warnings (exit status 1)
",
    );
    // Most cells have an apostrophe: the user decides.
    let place = place.with("mixed.csv", "email,name\n'a@example.com,'a\n'b@example.com,b\n");
    place.run("select -f name mixed.csv").assert_output(
        1,
        "name\n'a\nb\n",
        "read      2 records from mixed.csv (46 bytes of CSV, plain dialect), read whole
written   2 users, 1 field each, as CSV to standard output
warning   the apostrophes before 3 cells are kept, because some strings have
          none: name on line 3; if the export job wrote the file, --csv-dialect
          auth0 removes them
done, with warnings (exit status 1)
",
    );
    let ran = place.run("select -f name --csv-dialect auth0 mixed.csv");
    assert_eq!((ran.status, &*ran.out), (1, "name\na\nb\n"), "{}", ran.err);
}

#[test]
fn csv_of_select_with_metadata_converts_back() {
    let user = r#"{"user_id":"auth0|1","email":"a@example.com","email_verified":true,"user_metadata":{"a":[1.0,"x, \"y\""]},"app_metadata":{},"identities":[{"provider":"auth0","connection":"Users"}]}"#;
    let social = r#"{"user_id":"github|2","email":"b@example.com","identities":[{"provider":"github","connection":"github"}]}"#;
    let place = WorkFolder::new().with("tenant.json", format!("{user}\n{social}\n"));
    let fields = "-f user_id -f email -f email_verified -f user_metadata -f app_metadata -f identities";
    for escape in ["none", "auth0"] {
        let csv = format!("{escape}.csv");
        let ran = place.run(&format!("select tenant.json {fields} --csv-escape {escape} -o {csv} -q"));
        assert_eq!(ran.status, 0, "{}", ran.err);
        let read = match escape {
            "none" => "none.csv (264 bytes of CSV, plain dialect), read whole",
            _ => "auth0.csv (282 bytes of CSV, auth0 dialect), read whole",
        };
        place.run(&format!("convert {csv} -o {escape}")).assert_output(
            0,
            "",
            &format!(
                "read      2 records from {read}
written   1 user in 1 part to {escape}
skipped   1 user: not database users, which cannot be imported
          github 1
fixed     json-text app_metadata 1, json-text identities 1,
          json-text user_metadata 1
dropped   identities 1
note      1 user has no password: they must set a new one (see --passwords)
not in any export: roles, organizations, sessions, password hashes
upload    takes less than a minute, two jobs at a time
next      reimport upload {escape} --tenant HOST --to CONNECTION
done (exit status 0)
"
            ),
        );
        assert_eq!(
            place.read(&format!("{escape}/users-00001.json")),
            "[\n{\"user_id\":\"1\",\"email\":\"a@example.com\",\"email_verified\":true,\"user_metadata\":{\"a\":[1.0,\"x, \
             \\\"y\\\"\"]},\"app_metadata\":{}}\n]"
        );
    }
}

#[test]
fn selects_fields_inside_json_cells_of_csv() {
    let csv = "email,user_metadata,identities,name\na@example.com,\"{\"\"plan\"\":\"\"pro\"\"}\",\"[{\"\"provider\"\":\"\"auth0\"\"}]\",A\n";
    let place = WorkFolder::new().with("users.csv", csv);
    place.run("select users.csv -f user_metadata.plan -f identities[0].provider=provider --where user_metadata.plan=pro").assert_output(
        0,
        "user_metadata.plan,provider\npro,auth0\n",
        "read      1 record from users.csv (102 bytes of CSV, plain dialect), read whole
written   1 user, 2 fields each, as CSV to standard output
done (exit status 0)
",
    );
    place.run("select users.csv -f user_metadata.plan -f user_metadata.pln -o out.csv").assert_output(
        1,
        "",
        "read      1 record from users.csv (102 bytes of CSV, plain dialect), read whole
written   1 user, 2 fields each, as CSV to out.csv
warning   no record has user_metadata.pln; did you mean user_metadata.plan?
done, with warnings (exit status 1)
",
    );
    place.run("select users.csv -f name.first -o first.csv").assert_output(
        2,
        "",
        "error: no column has `name.first`; the columns are email, user_metadata, identities, name\n",
    );
}

#[test]
fn export_given_as_parts_is_reported() {
    let place = WorkFolder::new()
        .with_testdata("tenant.json.gz")
        .with_testdata("users.csv")
        .with("old file.json", format!("[{USER},{{\"Id\":\"auth0|2\"}}]"))
        .with("new.json", USER)
        .with("errors.json", "[]");
    let other = "name the folder that reimport convert wrote, or compare two exports with `reimport delta`";
    for export in ["tenant.json.gz", "users.csv"] {
        place.run(&format!("verify {export} new.json")).assert_output(
            2,
            "",
            &format!("error: {export}: expected parts of an import, but this is an export (it has properties that only exports have); {other}\n"),
        );
    }
    let mut command = place.command("verify");
    let ran = command.args(["old file.json", "new.json"]).output().unwrap();
    assert_eq!(
        (ran.status.code(), String::from_utf8(ran.stderr).unwrap()),
        (
            Some(2),
            format!(
                "error: old file.json: expected parts of an import, but this is an export (it has properties that only exports have); {other}\n"
            )
        )
    );
    place.run("retry tenant.json.gz --errors errors.json -o again").assert_output(
        2,
        "",
        "error: tenant.json.gz: expected the folder of parts, but this is a file; use --from to take the users from an export\n",
    );
    let place = place.with("part.json", r#"[{"user_id":"1","email":"a@x.example"}]"#);
    assert_eq!(
        place.run("verify part.json new.json -q").status,
        1,
        "an array of users without a property of exports may be a part"
    );
}

#[cfg(feature = "jobs")]
#[test]
fn export_given_as_upload_folder_is_reported() {
    let place = WorkFolder::new().with_testdata("tenant.json.gz");
    place.run("upload tenant.json.gz --tenant x.auth0.com --to Users").assert_output(
        2,
        "",
        "error: tenant.json.gz: expected the folder of parts, but this is a file; convert an export first: reimport \
         convert tenant.json.gz -o parts\n",
    );
}
