//! `reimport retry`: exact output and written files, and ids that begin with a strategy.

use serde_json::{Value, json};

use crate::harness::WorkFolder;

/// Users whose ids in a part look like ids of an export.
const EXPORT: &str = r#"{"user_id":"auth0|auth0|5f7c","email":"a@example.com"}
{"user_id":"auth0|google-oauth2|123","email":"b@example.com","username":"a.long.username"}
{"user_id":"auth0|5f7c","email":"c@example.com"}
"#;

/// The first two users, as in their part.
const PART: &str = r#"[
{"user_id":"auth0|5f7c","email":"a@example.com"},
{"user_id":"google-oauth2|123","email":"b@example.com","username":"a.long.username"}
]"#;

/// An error list with these two users, for a reason that may not occur again.
const REFUSED: &str = r#"[{"user":{"user_id":"auth0|5f7c","email":"a@example.com"},"errors":[{"code":"MFA_FACTORS_FAILED"}]},
{"user":{"user_id":"google-oauth2|123"},"errors":[{"code":"MFA_FACTORS_FAILED"}]}]"#;

fn converted() -> WorkFolder {
    let place = WorkFolder::new().with("tenant.json", EXPORT).with("errors.json", REFUSED);
    let ran = place.run("convert tenant.json -o parts -q");
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    place
}

fn list(codes: &[&str]) -> String {
    let users = codes.iter().map(|error| format!(r#"{{"user":{{"user_id":"5f7c"}},"errors":[{error}]}}"#));
    format!("[{}]", users.collect::<Vec<_>>().join(","))
}

#[test]
fn retry_keeps_users_of_parts_unchanged() {
    let place = converted();
    let expected = "\
refused   2 users in the error lists
written   2 users in 1 part to again
cause     MFA_FACTORS_FAILED (2 users): The MFA factors were not imported. If
          the job was an upsert, the rest of the user was imported. It is safe
          to retry.
next      reimport upload again --tenant HOST --to CONNECTION
done (exit status 0)
";
    place.run("retry parts --errors errors.json -o again").assert_output(0, "", expected);
    assert_eq!(place.read("again/users-00001.json"), PART);
    place.run("retry again --errors errors.json -o again2").assert_output(
        0,
        "",
        &expected.replace("again ", "again2 ").replace("again\n", "again2\n"),
    );
    assert_eq!(place.read("again2/users-00001.json"), PART);
    // From the export, where each id has another `auth0|` prefix.
    place.run("retry --from tenant.json --errors errors.json -o again3 -q").assert_output(0, "", "");
    assert_eq!(place.read("again3/users-00001.json"), PART);
}

#[test]
fn converting_parts_changes_nothing() {
    let place = converted();
    let part = place.read("parts/users-00001.json");
    for (arguments, file) in [
        ("convert parts/users-00001.json -o two -q", "two/users-00001.json"),
        ("convert parts/users-00001.json -o two.json -q", "two.json"),
        ("convert two/users-00001.json -o three -q", "three/users-00001.json"),
    ] {
        assert_eq!(place.run(arguments).status, 0, "{arguments}");
        assert_eq!(place.read(file), part, "{arguments}");
    }
    let manifest: Value = serde_json::from_str(&place.read("three/manifest.json")).unwrap();
    assert_eq!((&manifest["version"], &manifest["user_ids"]), (&1.into(), &"bare".into()));
    place.run("check parts/users-00001.json").assert_output(
        0,
        "\
read      3 records from parts/users-00001.json (182 bytes), read whole

ready to import                                         3  100 %

of the users ready to import
  without a password hash                               3

upload    1 part (182 bytes), less than a minute, two jobs at a time
note      3 users have no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
          no identities: strategies are taken from ids, linked logins unknown
next      reimport convert parts/users-00001.json -o parts-2
",
        "done (exit status 0)\n",
    );
}

#[test]
fn mixed_ids_without_a_manifest_are_a_warning() {
    let place = converted();
    assert_eq!(place.run("convert tenant.json -o one.json -q").status, 0);
    let expected = "\
read      3 records from one.json (182 bytes), read whole
written   1 user to two.json
skipped   1 user to two.json.skipped.ndjson: not database users, which cannot be
          imported
          google-oauth2 1
rejected  1 record, by rule:
          duplicate 1, first on line 4: user_id: already used by one.json line 2
note      1 user has no password: they must set a new one (see --passwords)
          no metadata at all (a default-field export?): metadata will be missing
          no email_verified: all e-mail addresses will count as not verified
          no identities: strategies are taken from ids, linked logins unknown
not in any export: roles, organizations, sessions, password hashes
warning   one.json has user ids with a strategy prefix (2) and without (1); if
          it is an import file, use --user-ids bare: otherwise the prefix is
          removed, or the users are skipped
next      fix the users in two.json.rejected.ndjson, then:
          reimport convert two.json.rejected.ndjson -o two-fixed.json
done, with rejected records and warnings (exit status 1)
";
    place.run("convert one.json -o two.json").assert_output(1, "", expected);
    assert_eq!(place.run("convert one.json -o three.json -q --user-ids bare").status, 0);
    assert_eq!(place.read("three.json"), place.read("one.json"));
    // The same with a stream.
    let ran = place.run_with_input("convert - -o four.json --json", place.read("one.json").as_bytes());
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!((ran.status, &document["warnings"][0]["name"]), (1, &"mixed-user-ids".into()));
    // In an export all ids have a strategy. In an import file with plain ids no id has one.
    for users in [
        "{\"user_id\":\"auth0|1\",\"email\":\"a@example.com\"}\n{\"user_id\":\"sms|1\"}\n",
        "[{\"user_id\":\"1\",\"email\":\"a@example.com\"},{\"user_id\":\"2\",\"email\":\"b@example.com\"}]",
    ] {
        let place = WorkFolder::new().with("users.json", users);
        assert_eq!(place.run("convert users.json -o out -q").status, 0, "{users}");
    }
    // `retry --from` also reads such a file.
    let ran = place.run("retry --from one.json --errors errors.json -o again");
    assert!(ran.err.contains("\nwarning   one.json has user ids with a strategy prefix"), "{}", ran.err);
    place
        .run("retry --from one.json --user-ids bare --errors errors.json -o again2 -q")
        .assert_output(0, "", "");
    assert_eq!(place.read("again2/users-00001.json"), PART);
}

#[test]
fn failed_job_and_empty_list_are_not_success() {
    let job = |members: &str| format!(r#"{{"type":"users_import","id":"job_1",{members}}}"#);
    let failed = r#""status":"failed","status_details":"Failed to parse users file when importing users. Make sure it is valid JSON.""#;
    for (list, warning) in [
        (
            job(failed),
            "\
warning   job.json: job job_1 failed as a whole, and no user of its part arrived
          (Failed to parse users file when importing users. Make sure it is
          valid JSON.); send that part again (`reimport upload PARTS --again`,
          or a new job)
",
        ),
        (
            job(r#""status":"failed""#),
            "\
warning   job.json: job job_1 ended as failed, and it is not known which users
          arrived; compare the parts with a new export
          (`reimport verify PARTS NEW`)
",
        ),
        (
            job(r#""status":"failed","status_details":"Timed out after ada@example.com.""#),
            "\
warning   job.json: job job_1 ended as failed, and it is not known which users
          arrived (Timed out after …); compare the parts with a new export
          (`reimport verify PARTS NEW`)
",
        ),
        (
            job(r#""status":"completed","summary":{"failed":3,"updated":0,"inserted":7,"total":10}"#),
            "\
warning   job.json is job job_1, which refused 3 users, but not its error list;
          `reimport job job_1 --errors --json` prints the list
",
        ),
        (
            job(r#""status":"processing""#),
            "\
warning   job.json: job job_1 has not ended; when it has,
          `reimport job job_1 --errors --json` prints its error list
",
        ),
        (
            String::new(),
            "\
warning   job.json names no user: its job refused no user, or failed as a whole;
          `reimport job JOB --tenant HOST` shows how it ended
",
        ),
        (
            "[]\n".to_owned(),
            "\
warning   job.json names no user: its job refused no user, or failed as a whole;
          `reimport job JOB --tenant HOST` shows how it ended
",
        ),
    ] {
        let place = converted().with("job.json", list);
        let expected = format!(
            "refused   0 users in the error lists\nwritten   0 users in 0 parts to again\n{warning}\
             done, with warnings (exit status 1)\n"
        );
        place.run("retry parts --errors job.json -o again").assert_output(1, "", &expected);
    }
    // If all users of a job arrived, its list needs no retry.
    let all = job(r#""status":"completed","summary":{"failed":0,"updated":0,"inserted":7,"total":7}"#);
    let place = converted().with("job.json", all);
    let expected =
        "refused   0 users in the error lists\nwritten   0 users in 0 parts to again\ndone (exit status 0)\n";
    place.run("retry parts --errors job.json -o again").assert_output(0, "", expected);
}

#[test]
fn json_says_which_users_of_a_list_without_users_arrived() {
    let all = r#""status":"completed","summary":{"failed":0,"updated":0,"inserted":7,"total":7}"#;
    let some = r#""status":"completed","summary":{"failed":3,"updated":0,"inserted":7,"total":10}"#;
    let unreadable = r#""status":"failed","status_details":"Failed to parse users file when importing users. Make sure it is valid JSON.""#;
    for (members, status, details, arrived) in [
        (all, "completed", None, "everybody"),
        (some, "completed", None, "some"),
        (r#""status":"processing""#, "processing", None, "not-ended"),
        (
            r#""status":"failed","status_details":"ada@example.com failed""#,
            "failed",
            Some("… failed"),
            "unknown",
        ),
        (
            unreadable,
            "failed",
            Some("Failed to parse users file when importing users. Make sure it is valid JSON."),
            "nobody",
        ),
    ] {
        let list = format!(r#"{{"type":"users_import","id":"job_1",{members}}}"#);
        let ran = converted().with("job.json", list).run("retry parts --errors job.json -o again --json");
        let document: Value = serde_json::from_str(&ran.out).unwrap();
        let job = json!({"id": "job_1", "status": status, "status_details": details});
        let expected = json!([{"file": "job.json", "job": job, "arrived": arrived}]);
        assert_eq!(document["without_users"], expected, "{}", ran.out);
    }
    let ran = converted().with("job.json", "[]").run("retry parts --errors job.json -o again --json");
    let document: Value = serde_json::from_str(&ran.out).unwrap();
    let expected = json!([{"file": "job.json", "job": null, "arrived": "unknown"}]);
    assert_eq!(document["without_users"], expected, "{}", ran.out);
}

#[test]
fn retry_writes_one_array_to_standard_output() {
    let place = converted();
    let ran = place.run("retry parts --errors errors.json -o -");
    let users: Vec<Value> = serde_json::from_str(&ran.out).unwrap();
    let folder = place.run("retry parts --errors errors.json -o again -q");
    let part = std::fs::read_dir(place.path().join("again")).unwrap().map(|entry| entry.unwrap().file_name());
    let part = part.map(|name| name.into_string().unwrap()).find(|name| name.starts_with("users-")).unwrap();
    let of_folder: Vec<Value> = serde_json::from_str(&place.read(&format!("again/{part}"))).unwrap();
    assert!(!users.is_empty() && users == of_folder && ran.status == folder.status, "{}", ran.err);
    assert!(ran.err.contains("to standard output\n"), "{}", ran.err);
    place.run("retry parts --errors errors.json -o - --json").assert_output(
        2,
        "",
        "error: --json prints to standard output, which is used for the users; name a folder or file with -o\n",
    );
}

#[test]
fn unknown_error_codes_are_listed_with_their_paths() {
    let codes = [
        r#"{"code":"INVALID_FORMAT","path":"email","message":"bad a@example.com"}"#,
        r#"{"code":"Brand_New","path":"username"},{"code":"Brand_New","path":"user_metadata.ada"}"#,
        r#"{"code":"c@example.com is taken"}"#,
        r#"{"message":"no code at all"}"#,
        "",
    ];
    let place = converted().with("list.json", list(&codes));
    place.run("retry parts --errors list.json -o again --set email=\"b@example.com\"").assert_output(
        1,
        "",
        "\
refused   5 users in the error lists
written   1 user in 1 part to again
cause     INVALID_FORMAT (1 user, at email): A value does not have the required
          form, for example that of an e-mail address.
warning   no code, or a code that cannot be shown (3 users); for the message of
          the tenant see entry 3 of list.json
warning   Brand_New (1 user, at user_metadata.*, username): unknown code; the
          error list has the message of the tenant
next      reimport upload again --tenant HOST --to CONNECTION
done, with warnings (exit status 1)
",
    );
    let document: Value =
        serde_json::from_str(&place.run("retry parts --errors list.json -o again2 --json").out).unwrap();
    let brand_new = serde_json::json!({"code": "Brand_New", "users": 1, "meaning": null,
        "paths": [{"path": "user_metadata.*", "errors": 1}, {"path": "username", "errors": 1}]});
    assert_eq!(document["explained"][2], brand_new);
    let names: Vec<_> =
        document["warnings"].as_array().unwrap().iter().map(|warning| &warning["name"]).collect();
    assert_eq!(names, ["unknown-code", "unknown-code", "refused-again"]);
}

#[test]
fn users_retried_unchanged_are_a_warning_with_suggestions() {
    let codes = [
        r#"{"code":"MAX_LENGTH","path":"username"}"#,
        r#"{"code":"MAX_LENGTH","path":"username"},{"code":"CONFLICT_EMAIL"}"#,
        r#"{"code":"INVALID_FORMAT","path":"identities[0].profileData.email"}"#,
        r#"{"code":"NOT_PASSED"}"#,
    ];
    let place = converted().with("list.json", list(&codes).replace("5f7c", "google-oauth2|123"));
    let ran = place.run("retry parts --errors list.json -o again");
    let warning = "
warning   4 users are written with the refused value unchanged and will be
          refused again unless the target has changed; changes that help: --drop
          username (MAX_LENGTH), --drop PATH (NOT_PASSED), --not-code
          CONFLICT_EMAIL (CONFLICT_EMAIL) and 1 more
";
    assert!(ran.status == 1 && ran.err.contains(warning), "{}", ran.err);
    place.run("retry parts --errors list.json -o again2 --code CONFLICT_EMAIL").assert_output(
        1,
        "",
        "\
refused   4 users in the error lists
written   1 user in 1 part to again2
left out  3 users by --code or --not-code
cause     MAX_LENGTH (1 user, at username): A string is longer than the
          connection allows: shorten it, or raise the limit of the connection.
cause     CONFLICT_EMAIL (1 user): Another user of the tenant has the e-mail
          address: delete that user, or leave this one out.
warning   1 user is written with the refused value unchanged and will be refused
          again unless the target has changed; changes that help: --drop
          username (MAX_LENGTH), --not-code CONFLICT_EMAIL (CONFLICT_EMAIL)
next      correct the users in again2/users-00001.json, then:
          reimport convert again2/users-00001.json -o again2-fixed
or        reimport upload again2 --tenant HOST --to CONNECTION
done, with warnings (exit status 1)
",
    );
}

/// Returns the warning about users that will be refused again as one line, if there is one.
fn refused_again(place: &WorkFolder, errors: &str, options: &str) -> Option<String> {
    let ran = place.run(&format!("retry parts --errors {errors} -o again --force --json {options}"));
    let document: Value = serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}", ran.err));
    let warnings = document["warnings"].as_array().unwrap();
    let warning = warnings.iter().find(|warning| warning["name"] == "refused-again")?;
    let unchanged = document["unchanged"].as_array().unwrap().len();
    assert_eq!((document["exit_status"].as_i64(), unchanged), (Some(1), 1), "{options}");
    Some(warning["message"].as_str().unwrap().to_owned())
}

#[test]
fn only_a_changed_refused_value_ends_the_warning() {
    let user = r#"{"user_id":"auth0|5f7c","email":"a@example.com","email_verified":false,"username":"a.long.username",
        "user_metadata":{"a":1,"b":2}}"#;
    let place = WorkFolder::new().with("tenant.json", user.replace('\n', ""));
    assert_eq!(place.run("convert tenant.json -o parts -q").status, 0);
    let place = place
        .with("at.json", list(&[r#"{"code":"MAX_LENGTH","path":"username"}"#]))
        .with("inside.json", list(&[r#"{"code":"MAXIMUM","path":"user_metadata.a"}"#]))
        .with("nowhere.json", list(&[r#"{"code":"CONFLICT"}"#]));
    for (errors, options, warned) in [
        ("at.json", "", true),
        ("at.json", "--drop user_metadata", true),
        ("at.json", "--set email_verified=false", true),
        ("at.json", "--set email_verified=true", true),
        ("at.json", "--set username=\"a.long.username\"", true),
        ("at.json", "--set username=\"a\"", false),
        ("at.json", "--drop username", false),
        ("inside.json", "--drop user_metadata.b", true),
        ("inside.json", "--set user_metadata.a=1", true),
        ("inside.json", "--set user_metadata.a=0", false),
        ("inside.json", "--drop user_metadata", false),
        ("nowhere.json", "--set email_verified=false", true),
        ("nowhere.json", "--set email_verified=true", false),
    ] {
        assert_eq!(refused_again(&place, errors, options).is_some(), warned, "{errors} {options}");
        let export = place
            .run(&format!("retry --from tenant.json --errors {errors} -o again --force --json {options}"));
        assert_eq!(export.out.contains("\"refused-again\""), warned, "--from, {errors} {options}");
    }
}

#[test]
fn recommends_only_options_that_can_help() {
    let user = |more: &str| format!(r#"{{"user_id":"auth0|5f7c"{more}}}"#);
    let hash = r#","password_hash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u""#;
    let email = r#","email":"a@example.com""#;
    for (more, error, help) in [
        (
            email,
            r#""FORMAT","path":"email""#,
            "changes that help: correcting email in the input file (FORMAT)",
        ),
        (
            email,
            r#""OBJECT_REQUIRED","path":"username""#,
            "changes that help: --move FROM=username (OBJECT_REQUIRED)",
        ),
        (email, r#""PATTERN","path":"username""#, "no option changes that"),
        (email, r#""PATTERN","path":"user_metadata.a""#, "no option changes that"),
        (
            r#","email":"a@example.com","user_metadata":{"a":1}"#,
            r#""PATTERN","path":"user_metadata.a""#,
            "changes that help: --drop user_metadata.NAME (PATTERN)",
        ),
        (email, r#""X","message":"the user already has password hash defined""#, "no option changes that"),
        (
            &format!("{email}{hash}"),
            r#""X","message":"the user already has password hash defined""#,
            "changes that help: --drop password_hash (X)",
        ),
        (
            &format!("{email}{hash}"),
            r#""NOT_PASSED""#,
            "changes that help: --drop password_hash (NOT_PASSED)",
        ),
        (email, r#""OBJECT_ADDITIONAL_PROPERTIES","path":"picture.size""#, "no option changes that"),
        (
            r#","email":"a@example.com","mfa_factors":[{"phone":{"value":"+5551112233"}}]"#,
            r#""OBJECT_ADDITIONAL_PROPERTIES","path":"mfa_factors[0].phone""#,
            "changes that help: --drop mfa_factors[0].phone (OBJECT_ADDITIONAL_PROPERTIES)",
        ),
        (email, r#""ADDITIONAL_PROPERTIES","path":"shoe_size""#, "no option changes that"),
    ] {
        let place = WorkFolder::new().with("tenant.json", user(more));
        assert_eq!(place.run("convert tenant.json -o parts -q").status, 0, "{more}");
        let place = place.with("list.json", list(&[&format!("{{\"code\":{error}}}")]));
        let warning = format!(
            "1 user is written with the refused value unchanged and will be refused again unless the target has changed; \
             {help}"
        );
        assert_eq!(refused_again(&place, "list.json", ""), Some(warning), "{more} {error}");
    }
}

#[test]
fn unprintable_code_is_reported_by_paths_and_first_entry() {
    let codes = [
        r#"{"code":"MFA_FACTORS_FAILED"}"#,
        r#"{"code":"brand new code","path":"email"}"#,
        r#"{"code":17,"path":"username"},{"code":"","path":"email"}"#,
    ];
    let place = converted().with("list.json", list(&codes));
    place.run("retry parts --errors list.json -o again").assert_output(
        1,
        "",
        "\
refused   3 users in the error lists
written   1 user in 1 part to again
cause     MFA_FACTORS_FAILED (1 user): The MFA factors were not imported. If the
          job was an upsert, the rest of the user was imported. It is safe to
          retry.
warning   no code, or a code that cannot be shown (2 users, at email, username);
          for the message of the tenant see entry 2 of list.json
next      reimport upload again --tenant HOST --to CONNECTION
done, with warnings (exit status 1)
",
    );
}

#[test]
fn file_that_is_not_an_error_list_is_reported() {
    for (text, what) in [
        (
            r#"{"statusCode":404,"error":"Not Found","message":"x","errorCode":"y"}"#,
            "an error answer of the API",
        ),
        ("{}", "an empty object"),
        ("[{}]", "an empty object"),
        ("null\n", "null"),
        (r#"{"start":0,"users":[{"user_id":"auth0|1"}]}"#, "a page of users"),
        (r#"{"type":"users_export","status":"completed","id":"job_1"}"#, "a job that is not a users import"),
        (r#"{"user_id":"auth0|1"}"#, "users"),
    ] {
        let place = converted().with("list.json", text);
        let expected = format!(
            "error: list.json: expected the error list of an import job (objects with `user` and `errors`), but found \
             {what}; `reimport job JOB --errors --json` prints the list\n"
        );
        place.run("retry parts --errors list.json -o again").assert_output(2, "", &expected);
    }
}

#[test]
fn unmatched_error_code_is_a_warning() {
    let place = converted().with("list.json", list(&[r#"{"code":"MFA_FACTORS_FAILED"}"#]));
    let expected = |warning: &str| {
        format!(
            "refused   1 user in the error lists\nwritten   0 users in 0 parts to again\nleft out  1 user by --code or \
             --not-code\n{warning}\ndone, with warnings (exit status 1)\n"
        )
    };
    for (code, warning) in [
        (
            "MFA_FACTOR_FAILED",
            "warning   no error has the code MFA_FACTOR_FAILED; did you mean\n          MFA_FACTORS_FAILED?",
        ),
        ("FORMAT", "warning   no error has the code FORMAT; the lists have MFA_FACTORS_FAILED"),
    ] {
        let ran = place.run(&format!("retry parts --errors list.json -o again --force --code {code}"));
        ran.assert_output(1, "", &expected(warning));
    }
    let ran = place.run("retry parts --errors list.json -o again --force --not-code CONFLICT");
    assert!(ran.status == 1, "{}", ran.err);
    assert!(
        ran.err.contains("\nwarning   no error has the code CONFLICT; the lists have MFA_FACTORS_FAILED\n"),
        "{}",
        ran.err
    );
    // Both spellings of a code are equal.
    let place = place.with("list.json", list(&[r#"{"code":"INVALID_FORMAT","path":"email"}"#]));
    let ran = place
        .run("retry parts --errors list.json -o again --force --code format --set email=\"b@example.com\"");
    assert_eq!(ran.status, 0, "{}", ran.err);
}

#[test]
fn other_list_entries_are_counted() {
    let odd = REFUSED.replacen('[', "[7,{\"user\":8,\"errors\":[]},", 1);
    let place = converted().with("errors.json", odd);
    let ran = place.run("retry parts --errors errors.json -o again");
    assert!(
        ran.err.contains("\nwarning   2 values in the error lists are not refused users\n"),
        "{}",
        ran.err
    );
    assert_eq!(ran.status, 1);
}
