//! Messages about a target, and about unexpected answers.

use reimport_jobs::fake::{FakeConnection, FakeTenant, Fault};
use serde_json::{Value, json};

use super::tenant::{HASH, ending, tenant};
use crate::harness::{Ran, WorkFolder};
use crate::scripted::{Reply, Request, ScriptedServer, refusals};

const ID: &str = "con_0000000000000001";

/// Uploads to the connection with this name.
fn upload(place: &WorkFolder, tenant: &FakeTenant, to: &str, more: &[&str]) -> Ran {
    let url = tenant.base_url();
    let arguments = ["upload", "parts", "--base-url", &url, "--to", to, "--poll", "0.02"];
    place.run(&[&arguments[..], more].concat()).without(tenant)
}

fn with_connection(options: Value) -> FakeTenant {
    let tenant = tenant();
    tenant.add_connection(FakeConnection {
        id: "con_0000000000000002".into(),
        name: "lonely".into(),
        strategy: "auth0".into(),
        options,
        ..FakeConnection::default()
    });
    tenant
}

#[test]
fn unused_connection_is_only_a_warning() {
    let (tenant, place) = (with_connection(Value::Null), WorkFolder::new());
    place.parts(2, 2);
    let plan = "\
tenant    HOST
to        lonely (con_0000000000000002): a database, used by no application, has
          0 users
from      not known: there was no job record next to the export
send      2 users in 1 part; all have a password hash
mode      insert: existing users are refused and not changed
lacking   no identities: strategies are taken from ids, linked logins unknown
warning   no application uses the connection, so its users cannot sign in yet
";
    upload(&place, &tenant, "lonely", &["--dry-run"]).assert_output(
        1,
        "",
        &format!("{plan}dry run: nothing was sent; there are warnings (exit status 1)\n"),
    );
    let run = upload(&place, &tenant, "lonely", &["--dry-run", "--json", "-q"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&document["exit_status"], &document["is_used"]), (&json!(1), &json!(false)));
    let warnings = json!(["no application uses the connection, so its users cannot sign in yet"]);
    assert_eq!(document["warnings"], warnings);
    let end = "\
sent      1 of 1 part, 2 of 2 users
users     2 inserted
warning   no application uses the connection, so its users cannot sign in yet
next      reimport download --tenant HOST -o new.json.gz
          reimport verify parts new.json.gz
done, with warnings (exit status 1)
";
    upload(&place, &tenant, "lonely", &["--yes"]).assert_output(1, "", &format!("{plan}{end}"));
    let run = upload(&place, &tenant, "lonely", &["--yes", "--json", "-q"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((run.status, &document["warnings"]), (1, &warnings));
}

#[test]
fn custom_database_without_import_mode_is_refused() {
    let options = json!({"enabledDatabaseCustomization": true, "import_mode": false});
    let (tenant, place) = (with_connection(options), WorkFolder::new());
    place.parts(2, 2);
    let run = upload(&place, &tenant, "lonely", &["--yes", "-q"]);
    run.assert_output(
        2,
        "",
        "error: nothing was sent: the connection is a custom database without import mode, which does not accept imports; \
         turn on \"Import Users to Auth0\" in its settings first\n",
    );
    assert!(tenant.accepted_imports().is_empty());
}

#[test]
fn upload_continues_after_a_failed_search() {
    for (status, why) in [(503, "503"), (400, "400")] {
        let (tenant, place) = (tenant(), WorkFolder::new());
        place.parts(2, 2);
        tenant.fault("GET users", Fault::Status(status));
        let run = upload(&place, &tenant, FakeTenant::CONNECTION, &["--yes"]);
        let unchecked = format!("unchecked how many users the connection has: the tenant answered {why}\n");
        assert!(run.err.contains(&unchecked), "{}", run.err);
        assert_eq!((run.status, tenant.users().len()), (0, 2), "{}", run.err);
    }
}

/// Returns a tenant whose first import job ends with this summary and this list of errors.
fn with_errors(summary: Value, errors: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |got: &Request| match got.call.split('?').next().unwrap() {
        "POST /api/v2/jobs/users-imports" => {
            Reply::json(202, &json!({"id": "job_1", "type": "users_import", "status": "pending"}))
        }
        "GET /api/v2/jobs/job_1/errors" if errors.is_empty() => Reply::text(204, ""),
        "GET /api/v2/jobs/job_1/errors" => Reply::text(200, errors),
        "GET /api/v2/jobs/job_1" => {
            let mut job =
                json!({"id": "job_1", "type": "users_import", "status": "completed", "mood": [1.5, null]});
            if summary.is_null() {
                job["status"] = "failed".into();
            } else {
                job["summary"] = summary.clone();
            }
            Reply::json(200, &job)
        }
        _ => Reply::text(403, "{}"),
    })
}

fn upload_to(place: &WorkFolder, server: &ScriptedServer, more: &[&str]) -> Ran {
    let url = server.url();
    let arguments = [
        "upload",
        "parts",
        "--base-url",
        &url,
        "--to",
        ID,
        "--poll",
        "0.02",
        "--yes",
        "--max-failed",
        "100%",
    ];
    let mut run = place.run(&[&arguments[..], more].concat());
    for text in [&mut run.err, &mut run.out] {
        let host = url.trim_start_matches("http://");
        *text = text.replace(host, "HOST").replace(&host.replace(':', "-"), "HOST");
    }
    run
}

/// Returns the end of the messages of an upload.
fn end(run: &Ran) -> &str {
    run.err.find("sent  ").map_or(run.err.as_str(), |at| &run.err[at..])
}

#[test]
fn error_entry_without_user_completes_its_part() {
    let summary = json!({"inserted": 1, "updated": 0, "failed": 1, "total": 2});
    let server = with_errors(summary, r#"[{"errors":[{"code":"DUPLICATED_USER"}]}]"#);
    let place = WorkFolder::new();
    place.parts(2, 2);
    let run = upload_to(&place, &server, &[]);
    let expected = "\
sent      1 of 1 part, 2 of 2 users
users     1 inserted, 1 failed
errors    1 DUPLICATED_USER
          by source and line in
          parts/upload-HOST-con_0000000000000001.errors.ndjson
next      reimport retry parts -o OTHER
done, with refused users (exit status 1)
";
    assert_eq!((run.status, end(&run)), (1, expected));
    let list = std::fs::read_to_string(ending(&place.path().join("parts"), ".errors.ndjson")).unwrap();
    assert_eq!(list, "{\"part\":\"users-00001.json\",\"job\":\"job_1\",\"code\":\"DUPLICATED_USER\"}\n");
    let sent = server.times("POST").len();
    let run = upload_to(&place, &server, &[]);
    assert_eq!((run.status, end(&run), server.times("POST").len()), (1, expected, sent));
}

#[test]
fn users_are_listed_by_line_whichever_identifiers_the_tenant_names() {
    // The tenant names an address in lower case and without the username, a username alone, a phone number, and a user of
    // another part.
    let errors = r#"[
        {"user":{"user_id":"u2","email":"*****"},"errors":[{"code":"A"}]},
        {"user":{"email":"U1@example.com"},"errors":[{"code":"B"}]},
        {"user":{"username":"Name3"},"errors":[{"code":"C"}]},
        {"user":{"phone_number":"+4912345678"},"errors":[{"code":"D"}]},
        {"user":{"email":"other@example.com"},"errors":[{"code":"E"}]}]"#;
    let server = with_errors(json!({"inserted": 0, "updated": 0, "failed": 5, "total": 5}), errors);
    let place = WorkFolder::new();
    let user = |n: u32| {
        json!({"user_id": format!("u{n}"), "email": format!("u{n}@example.com"), "password_hash": HASH,
        "username": format!("name{n}"), "app_metadata": {}})
    };
    let mut users: Vec<Value> = (0..5).map(user).collect();
    users[4]["phone_number"] = "+4912345678".into();
    place.convert(&users, 5);
    upload_to(&place, &server, &[]);
    let list = std::fs::read_to_string(ending(&place.path().join("parts"), ".errors.ndjson")).unwrap();
    let lines: Vec<Value> = list.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found: Vec<(&str, Option<u64>)> =
        lines.iter().map(|line| (line["code"].as_str().unwrap(), line["line"].as_u64())).collect();
    assert_eq!(found, [("A", Some(3)), ("B", Some(2)), ("C", Some(4)), ("D", Some(5)), ("E", None)]);
    let run = place.run(&["retry", "parts", "-o", "again", "--json"]);
    let retried: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(retried["written"], 4, "retry finds the same users: {}", run.err);
}

#[test]
fn error_list_of_any_form_is_kept_and_counted() {
    let summary = json!({"inserted": 1, "updated": 0, "failed": 1, "total": 2});
    for (errors, words) in [
        ("<html>", "errors    1 undocumented answer\n"),
        ("[{\"user\":{\"email\":\"u1@example.com\"}}]", "errors    1 undocumented entry\n"),
        ("[7,null]", "errors    2 undocumented entry\n"),
    ] {
        let server = with_errors(summary.clone(), errors);
        let place = WorkFolder::new();
        place.parts(2, 2);
        let run = upload_to(&place, &server, &[]);
        assert!(run.status == 1 && run.err.contains(words), "{errors}: {}", run.err);
        let kept = ending(&place.path().join("parts"), ".errors").join("users-00001.job_1.json");
        assert_eq!(std::fs::read_to_string(kept).unwrap(), errors);
        assert!(ending(&place.path().join("parts"), ".errors.ndjson").is_file());
    }
    // Without a summary the result of the part is unknown.
    let server = with_errors(json!({}), "<html>");
    let place = WorkFolder::new();
    place.parts(2, 2);
    let run = upload_to(&place, &server, &[]);
    let expected = "\
sent      1 of 1 part, 2 of 2 users
users     2 unknown
errors    1 undocumented answer
          by source and line in
          parts/upload-HOST-con_0000000000000001.errors.ndjson
job       job_1 of users-00001.json is completed: the job has no numbers, and
          its list of errors is undocumented
next      reimport download --tenant HOST -o new.json.gz
          reimport verify parts new.json.gz
done, with refused users (exit status 1)
";
    assert_eq!((run.status, end(&run)), (1, expected));
}

#[test]
fn impossible_job_counts_are_ignored() {
    let server =
        with_errors(json!({"inserted": 1_000_000, "updated": 0, "failed": 0, "total": 1_000_000}), "");
    let place = WorkFolder::new();
    place.parts(2, 2);
    let run = upload_to(&place, &server, &[]);
    let expected = "\
sent      1 of 1 part, 2 of 2 users
users     2 unknown
          by source and line in
          parts/upload-HOST-con_0000000000000001.errors.ndjson
job       job_1 of users-00001.json is completed: the numbers of the job do not
          add up to the users of the part
";
    assert!(run.status == 1 && end(&run).starts_with(expected), "{}", run.err);
}

#[test]
fn job_failure_reason_without_list_is_shown_everywhere() {
    let errors = include_str!("../../../../../testdata/recorded/errors-as-a-job.json");
    let server = with_errors(Value::Null, errors);
    let place = WorkFolder::new();
    place.parts(2, 2);
    let run = upload_to(&place, &server, &[]);
    let job = "\
job       job_1 of users-00001.json is failed: Failed to parse users file when
          importing users. Make sure it is valid JSON.
";
    assert!(run.status == 1 && run.err.contains(job), "{}", run.err);
    let url = server.url();
    place.run(&["job", "job_1", "--base-url", &url, "--errors"]).assert_output(
        1,
        "\
job       job_1, users_import
status    failed
errors    the job failed as a whole: Failed to parse users file when importing
          users. Make sure it is valid JSON.
",
        "",
    );
}

#[test]
fn job_with_errors_exits_1_and_prints_tenant_json() {
    let server = with_errors(json!({"inserted": 2, "skipped": "none"}), "[{\"errors\":[{}]}]");
    let (place, url) = (WorkFolder::new(), server.url());
    let run = place.run(&["job", "job_1", "--base-url", &url, "--errors"]);
    run.assert_output(
        1,
        "\
job       job_1, users_import
status    completed
result    2 inserted
errors    1 an undocumented code
",
        "",
    );
    let run = place.run(&["job", "job_1", "--base-url", &url, "--json"]);
    let document: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(run.status, 0);
    assert_eq!(
        document,
        json!({"id": "job_1", "type": "users_import", "status": "completed", "mood": [1.5, null],
            "summary": {"inserted": 2, "skipped": "none"}})
    );
    let server = with_errors(json!({"inserted": 2}), "");
    let run = place.run(&["job", "job_1", "--base-url", &server.url(), "--errors"]);
    assert!(run.status == 0 && run.out.ends_with("errors    the tenant lists none\n"), "{}", run.out);
}

#[test]
fn possibly_existing_user_exits_1() {
    for before in [true, false] {
        let (tenant, place) = (tenant(), WorkFolder::new());
        place.parts(2, 2);
        if before {
            tenant.add_user(json!({"email": "u1@example.com", "user_id": "other"}));
        }
        tenant.fault("POST jobs/users-imports", Fault::DropAfter);
        let run = upload(&place, &tenant, FakeTenant::CONNECTION, &["--yes"]);
        let next = "\
next      reimport download --tenant HOST -o new.json.gz
          reimport verify parts new.json.gz
";
        let expected = if before {
            format!(
                "\
sent      1 of 1 part, 2 of 2 users
users     2 already there
          already there: refused as existing when a part was sent again because
          there was no answer; the connection may have had other users before:
          verify shows which
errors    2 DUPLICATED_USER
          by source and line in
          parts/upload-HOST-con_0000000000000001.errors.ndjson
{next}done, with refused users (exit status 1)
"
            )
        } else {
            format!(
                "\
sent      1 of 1 part, 2 of 2 users
users     2 already there
          already there: a part was sent again because there was no answer, and
          its first request had imported them
errors    2 DUPLICATED_USER
{next}done (exit status 0)
"
            )
        };
        assert_eq!((run.status, end(&run)), (i32::from(before), expected.as_str()));
    }
}

/// Shows a job of a tenant that asks for a wait first. Returns what the command prints on standard error.
fn wait_of(seconds: u64, options: &[&str]) -> String {
    let mut calls = 0;
    let server = ScriptedServer::start(move |_| {
        calls += 1;
        if calls == 1 {
            return Reply::json(429, &json!({"message": "Global limit has been reached"}))
                .with("retry-after", seconds);
        }
        Reply::json(200, &json!({"id": "job_1", "type": "users_import", "status": "pending"}))
    });
    let url = server.url();
    let arguments = [&["job", "job_1", "--base-url", &url], options].concat();
    let run = WorkFolder::new().run(&arguments);
    assert_eq!(run.status, 0, "{}", run.err);
    run.err
}

#[test]
fn reports_waits_and_fails_beyond_the_limit() {
    assert_eq!(
        wait_of(2, &[]),
        "waiting 2 s: GET /api/v2/jobs/job_1: the tenant answered 429: Global limit has been reached\n"
    );
    assert_eq!(wait_of(2, &["-q"]), "");
    let place = WorkFolder::new();
    let events = wait_of(2, &["--progress", "json", "-q"]);
    let waiting = events.lines().find(|line| line.contains("waiting")).unwrap_or_default();
    let event: Value = serde_json::from_str(waiting).unwrap_or_default();
    assert_eq!((&event["seconds"], &event["call"]), (&json!(2), &json!("GET jobs/{id}")), "{events}");
    std::fs::write(place.path().join("secret"), "hush\n").unwrap();
    let quota = refusals("POST oauth/token", 429).remove(1);
    let server = ScriptedServer::start(move |_| Reply::sample(&quota, std::time::SystemTime::UNIX_EPOCH));
    let url = server.url();
    let credentials = ["--client-id", "id", "--client-secret-file", "secret"];
    place.run(&[&["job", "job_1", "--base-url", &url], &credentials[..]].concat()).assert_output(
        2,
        "",
        "error: POST /oauth/token: the tenant answered 429 too_many_requests: Client quota exceeded; the client's quota \
         of 10 per hour is used up; the tenant asks to wait 59 min, but this run waits 10 min at most: try again after \
         that time\n",
    );
}
