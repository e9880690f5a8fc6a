//! `reimport download`.

use reimport_jobs::fake::{FakeTenant, Fault};
use serde_json::{Value, json};

use super::tenant::{host, tenant};
use crate::harness::WorkFolder;
use crate::scripted::{Reply, ScriptedServer};

fn tenant_of_two() -> FakeTenant {
    let tenant = tenant();
    tenant.add_user(json!({"email": "ada@example.com", "user_id": "a"}));
    tenant.add_user(json!({"email": "bo@example.com", "user_id": "b"}));
    tenant
}

#[test]
fn export_is_started_downloaded_verified_and_described() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    let run = place.run(&["download", "--base-url", &url, "-o", "a.json.gz", "--poll", "0.02"]);
    let bytes = std::fs::metadata(place.path().join("a.json.gz")).unwrap().len();
    run.without(&tenant).assert_output(
        0,
        "",
        &format!(
            "\
request   23 fields, all connections, no limit; format of the file: JSON, one
          user per line
started job job_0000000000000001 of HOST; if the download is interrupted, continue with --job job_0000000000000001 -o a.json.gz
exported  HOST by job_0000000000000001
content   23 fields, all connections, no limit
written   a.json.gz ({bytes} bytes), complete and valid
next      reimport check a.json.gz
done (exit status 0)
"
        ),
    );
    let record: Value = serde_json::from_str(&place.read("a.json.gz.job.json")).unwrap();
    assert_eq!(record["tenant"], host(&tenant));
    assert_eq!(record["fields"].as_array().unwrap().len(), 23);
    assert!(record.get("limit").is_none());
    let run = place.run(&["check", "a.json.gz", "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&run.out).unwrap()["read"], 2);
    let left: Vec<_> = std::fs::read_dir(place.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing temporary is left: {left:?}");
}

#[test]
fn every_source_of_a_token_signs_in() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    place.write("token", FakeTenant::TOKEN);
    place.write("secret", FakeTenant::CLIENT_SECRET);
    let command = format!("echo {}", FakeTenant::TOKEN);
    let credentials = ["--client-id", FakeTenant::CLIENT_ID, "--client-secret-file", "secret"];
    let (audience, other) = (format!("{url}/api/v2/"), "https://other.example.com/".to_owned());
    let with = |more: &[&str]| [&credentials[..], more].concat().into_iter().map(str::to_owned).collect();
    let sources: [(Vec<String>, i32); 6] = [
        (vec!["--token-file".to_owned(), "token".to_owned()], 0),
        (vec!["--token-command".to_owned(), command], 0),
        (vec!["--token-command".to_owned(), "echo other".to_owned()], 2),
        (with(&[]), 0),
        (with(&["--audience", &audience]), 0),
        (with(&["--audience", &other]), 2),
    ];
    for (options, status) in sources {
        let usual = ["download", "--base-url", &url, "-o", "a.json.gz", "--poll", "0.02", "--force", "-q"];
        let arguments: Vec<&str> = usual.into_iter().chain(options.iter().map(String::as_str)).collect();
        let run = place.command(&arguments).env_remove("REIMPORT_TOKEN").output().unwrap();
        assert_eq!(run.status.code(), Some(status), "{options:?}: {}", String::from_utf8_lossy(&run.stderr));
    }
}

#[test]
fn download_that_takes_too_long_names_the_option() {
    let server = ScriptedServer::start(|got| {
        if got.call.starts_with("GET /file") {
            // Longer than the limit, and shorter than the limit of a silent server.
            std::thread::sleep(std::time::Duration::from_millis(1500));
            return Reply::text(503, "later");
        }
        let host = &got.headers.iter().find(|(name, _)| name == "host").unwrap().1;
        let location = format!("http://{host}/file?Signature=hush");
        Reply::json(
            200,
            &json!({"id": "job_1", "type": "users_export", "status": "completed", "location": location}),
        )
    });
    let place = WorkFolder::new();
    let run = place.run(&[
        "download",
        "--base-url",
        &server.url(),
        "--job",
        "job_1",
        "-o",
        "a.gz",
        "-q",
        "--max-time",
        "1",
    ]);
    assert!(run.status == 2 && run.err.ends_with(" (--max-time)\n"), "{}", run.err);
}

#[test]
fn prints_request_without_tenant_or_token() {
    let place = WorkFolder::new();
    let run = place.command(&["download", "--print-request"]).env_remove("REIMPORT_TOKEN").output().unwrap();
    let body: Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!((&body["format"], &body["fields"][0]), (&json!("json"), &json!({"name": "user_id"})));
    assert!(run.stderr.is_empty() && run.status.success());

    // From a job object, only the members of a request are sent.
    let job = r#"{"id":"job_1","type":"users_export","status":"pending","format":"csv","limit":5,
        "connection_id":null,"fields":[{"name":"identities[0].connection","export_as":"provider"}]}"#;
    std::fs::write(place.path().join("job.json"), job).unwrap();
    place.run(&["download", "--print-request", "--request", "job.json"]).assert_output(
        0,
        "{\"format\":\"csv\",\"limit\":5,\"fields\":[{\"name\":\"identities[0].connection\",\"export_as\":\"provider\"}]}\n",
        "",
    );
    std::fs::write(place.path().join("job.json"), r#"{"limit":"5"}"#).unwrap();
    place.run(&["download", "--print-request", "--request", "job.json"]).assert_output(
        2,
        "",
        "error: job.json: limit: expected a whole number from 1, but found a string\n",
    );
}

#[test]
fn accepts_a_request_file_or_an_existing_job() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    std::fs::write(place.path().join("request.json"), r#"{"limit":1,"fields":[{"name":"email"}]}"#).unwrap();
    let run = place.run(&[
        "download",
        "--base-url",
        &url,
        "--request",
        "request.json",
        "-o",
        "a.gz",
        "--poll",
        "0.02",
        "--json",
        "-q",
    ]);
    let record: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((record["limit"].as_u64(), run.err.as_str()), (Some(1), ""));
    let sent = &tenant.requests()[0];
    assert_eq!(sent.json, Some(json!({"limit": 1, "fields": [{"name": "email"}]})));

    let run =
        place.run(&["download", "--base-url", &url, "--job", "job_0000000000000001", "-o", "b.gz", "-q"]);
    run.assert_output(0, "", "");
    assert_eq!(
        std::fs::read(place.path().join("a.gz")).unwrap(),
        std::fs::read(place.path().join("b.gz")).unwrap()
    );
    let made = tenant.requests().iter().filter(|call| call.call == "POST jobs/users-exports").count();
    assert_eq!(made, 1, "--job makes no other job");
}

/// Downloads to a file with this name, with a request without a format. Returns the printed line and the format that
/// was sent.
fn asked(request: &str, file: &str) -> (String, Value) {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    std::fs::write(place.path().join("request.json"), request).unwrap();
    let url = tenant.base_url();
    let arguments =
        ["download", "--base-url", &url, "--request", "request.json", "-o", file, "--poll", "0.02"];
    let run = place.run(&arguments);
    assert_eq!(run.status, 0, "{}", run.err);
    let (line, _) = run.err.split_once("\nstarted job ").unwrap();
    (line.to_owned(), tenant.requests()[0].json.clone().unwrap()["format"].clone())
}

#[test]
fn file_extension_sets_the_format_reported_before_start() {
    let request = r#"{"limit":1,"fields":[{"name":"email"}]}"#;
    let line = |format: &str| {
        format!("request   1 field, all connections, at most 1 user; format of the file: {format}")
    };
    for file in ["a.json.gz", "a.NDJSON", "a.jsonl"] {
        assert_eq!(
            asked(request, file),
            (line("JSON,\n          one user per line"), json!("json")),
            "{file}"
        );
    }
    assert_eq!(asked(request, "a.csv.gz"), (line("CSV"), json!("csv")));
    let as_default = line("CSV, the\n          default of the service");
    assert_eq!(asked(request, "a.gz"), (as_default, Value::Null));
    let named = r#"{"format":"json","limit":1,"fields":[{"name":"email"}]}"#;
    assert_eq!(asked(named, "a.gz").1, json!("json"));
}

#[test]
fn conflicting_format_and_invalid_request_are_refused() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    let run = |request: &str, file: &str| {
        std::fs::write(place.path().join("request.json"), request).unwrap();
        place.run(&[
            "download",
            "--base-url",
            &url,
            "--request",
            "request.json",
            "-o",
            file,
            "--poll",
            "0.02",
        ])
    };
    run(r#"{"format":"csv","fields":[{"name":"email"}]}"#, "a.json.gz").assert_output(
        2,
        "",
        "error: the file name a.json.gz means json, but request.json requests csv; change one of them\n",
    );
    let fields: Vec<Value> = (0..31).map(|n| json!({"name": format!("app_metadata.f{n}")})).collect();
    run(&json!({"fields": fields}).to_string(), "a.gz").assert_output(
        2,
        "",
        "error: request.json: a CSV export has at most 30 fields, but 31 are requested; request fewer, or json\n",
    );
    run(r#"{"fields":[{"name":"identities"}]}"#, "a.csv").assert_output(
        2,
        "",
        "error: request.json: field 1: CSV cannot contain `identities` as a whole; request its members, for example \
         identities[0].connection, or json\n",
    );
    let long = json!({"fields": [{"name": format!("app_metadata.{}", "x".repeat(88))}]});
    run(&long.to_string(), "a.json").assert_output(
        2,
        "",
        "error: request.json: field 1: name has 101 characters; at most 100 are accepted\n",
    );
    place.run(&["download", "--base-url", &url, "-o", "a.csv"]).assert_output(
        2,
        "",
        "error: the file name a.csv means CSV, but an export of every field can only be JSON; choose another \
         name, or request up to 30 fields with --request\n",
    );
    assert!(tenant.requests().is_empty(), "no job is started");

    assert_eq!(run(r#"{"fields":[{"name":"email"}]}"#, "a.csv").status, 0);
    let job = "job_0000000000000001";
    place.run(&["download", "--base-url", &url, "--job", job, "-o", "b.json", "-q"]).assert_output(
        2,
        "",
        "error: the file name b.json means json, but job job_0000000000000001 writes csv; choose another name\n",
    );
    assert!(!place.path().join("b.json").exists());
}

#[test]
fn existing_file_is_kept_and_no_job_starts() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    std::fs::write(place.path().join("a.gz"), "mine").unwrap();
    let arguments = ["download", "--base-url", &url, "-o", "a.gz", "--poll", "0.02", "-q"];
    place.run(&arguments).assert_output(
        2,
        "",
        "error: a.gz exists; choose another name, or replace it with --force\n",
    );
    assert_eq!((place.read("a.gz").as_str(), tenant.requests().len()), ("mine", 0));
    place.run(&[&arguments[..], &["--force"]].concat()).assert_output(0, "", "");
    assert_ne!(std::fs::read(place.path().join("a.gz")).unwrap(), b"mine");
    place.run(&["download", "--base-url", &url, "-o", "no/a.gz"]).assert_output(
        2,
        "",
        "error: cannot write no/a.gz: the folder no does not exist\n",
    );
}

#[test]
fn export_record_is_replaced_only_by_a_forced_successful_export() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    std::fs::write(place.path().join("a.gz.job.json"), "mine").unwrap();
    let arguments = ["download", "--base-url", &url, "-o", "a.gz", "--poll", "0.02", "-q"];
    place.run(&arguments).assert_output(
        2,
        "",
        "error: a.gz.job.json exists; choose another name, or replace it with --force\n",
    );
    assert!(tenant.requests().is_empty(), "no job is started");

    let forced = [&arguments[..], &["--force"]].concat();
    let (server, other) = (with_file("not found, sorry"), "a.gz.unverified");
    let url = server.url();
    let run = place.run(&["download", "--base-url", &url, "--job", "job_1", "-o", "a.gz", "-q", "--force"]);
    assert_eq!((run.status, place.read(other).as_str()), (2, "not found, sorry"));
    assert_eq!(place.read("a.gz.job.json"), "mine");
    std::fs::remove_file(place.path().join(other)).unwrap();

    place.run(&forced).assert_output(0, "", "");
    assert!(
        place.path().join("a.gz").exists() && place.read("a.gz.job.json").contains("job_0000000000000001")
    );
    let left: Vec<_> = std::fs::read_dir(place.path()).unwrap().collect();
    assert_eq!(left.len(), 2, "nothing temporary is left: {left:?}");
}

#[cfg(unix)]
#[test]
fn endless_secret_file_is_refused() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    let credentials = ["--client-id", FakeTenant::CLIENT_ID, "--client-secret-file", "/dev/zero"];
    let run = place.run(&[&["download", "--base-url", &url, "-o", "a.gz"][..], &credentials].concat());
    run.assert_output(
        2,
        "",
        "error: cannot read the client secret file /dev/zero: it has more than 65536 bytes; expected one \
         line\n",
    );
    let run = place.run(&["download", "--base-url", &url, "-o", "a.gz", "--request", "/dev/zero"]);
    assert!(run.err.contains("expected at most 1048576 bytes, but the file has more"), "{}", run.err);
}

#[test]
fn resumes_broken_transfer_and_discards_non_exports() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    tenant.fault("download", Fault::Truncate(20));
    place
        .run(&["download", "--base-url", &url, "-o", "a.gz", "--poll", "0.02", "-q"])
        .assert_output(0, "", "");
    let ranges: Vec<_> = tenant.requests().into_iter().filter(|call| call.call == "download").collect();
    assert_eq!((ranges.len(), ranges[1].range.as_deref()), (2, Some("bytes=20-")));
    assert!(ranges.iter().all(|call| !call.authorized));

    tenant.fault("download", Fault::Html);
    let run = place.run(&["download", "--base-url", &url, "-o", "b.gz", "--poll", "0.02", "-q"]);
    run.assert_output(
        2,
        "",
        "error: the file of job job_0000000000000004 could not be verified as a complete export: this looks like an HTML page: \
         the download link has probably expired (it lives 60 seconds); ask for a new one; it is kept as b.gz.unverified \
         so that you can check it\n",
    );
    assert!(!place.path().join("b.gz").exists() && !place.path().join("b.gz.job.json").exists());
    assert_eq!(place.read("b.gz.unverified"), "<html><body>Welcome</body></html>");
}

/// Returns a tenant with a finished export of two fields and this file.
fn with_file(body: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |got| {
        if got.call.starts_with("GET /file") {
            return Reply::text(200, body);
        }
        let host = &got.headers.iter().find(|(name, _)| name == "host").unwrap().1;
        Reply::json(
            200,
            &json!({"id": "job_1", "type": "users_export", "status": "completed",
                "fields": [{"name": "email"}, {"name": "identities[0].connection", "export_as": "provider"}],
                "location": format!("http://{host}/file?Signature=hush")}),
        )
    })
}

#[test]
fn uncompressed_download_must_start_like_an_export() {
    for body in [
        "{\"email\":\"ada@example.com\"}\n",
        "{\"provider\":\"Users\"}\r\n{\"email\":1}\r\n",
        "{\"identities\":[]}",
        "\u{feff}email,provider\n\"'ada@example.com\",\"'Users\"\n",
        "\"provider\"\n",
    ] {
        let (server, place) = (with_file(body), WorkFolder::new());
        place
            .run(&["download", "--base-url", &server.url(), "--job", "job_1", "-o", "a.txt", "-q"])
            .assert_output(0, "", "");
        assert_eq!(place.read("a.txt"), body);
    }
    for body in ["{\"error\":\"expired\"}", "[{\"email\":1}]", "not found, sorry", "7", "{\"email\""] {
        let (server, place) = (with_file(body), WorkFolder::new());
        place.run(&["download", "--base-url", &server.url(), "--job", "job_1", "-o", "a.txt", "-q"]).assert_output(
            2,
            "",
            "error: the file of job job_1 could not be verified as a complete export: it is not gzip data, and its first line has \
             none of the requested fields; it is kept as a.txt.unverified so that you can check it\n",
        );
        assert!(!place.path().join("a.txt").exists());
        assert_eq!(place.read("a.txt.unverified"), body);
    }
}

#[test]
fn sign_in_errors_name_missing_settings_but_no_secret() {
    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    let run =
        place.command(&["download", "--base-url", &url, "-o", "a.gz"]).env_remove("REIMPORT_TOKEN").output();
    assert_eq!(
        String::from_utf8(run.unwrap().stderr).unwrap(),
        "error: no token; use --token-file FILE, --token-command COMMAND, or --client-id ID with \
         --client-secret-file FILE, or set REIMPORT_TOKEN\n"
    );
    place.run(&["download", "-o", "a.gz"]).assert_output(
        2,
        "",
        "error: no tenant; add --tenant HOST, for example --tenant acme.eu.auth0.com\n",
    );
    place.run(&["download", "--tenant", "http://acme.example", "-o", "a.gz"]).assert_output(
        2,
        "",
        "error: the base URL is not https; expected https and a host, as in https://acme.eu.auth0.com \
         (http only for loopback)\n",
    );
    std::fs::write(place.path().join("token.txt"), "wrong-token\n").unwrap();
    let arguments = ["download", "--base-url", &url, "-o", "a.gz", "--token-file", "token.txt"];
    let run = place.run(&arguments);
    assert!(run.err.contains("401") && !run.err.contains("wrong-token"), "{}", run.err);

    std::fs::write(place.path().join("secret.txt"), format!("{}\n", FakeTenant::CLIENT_SECRET)).unwrap();
    let credentials = ["--client-id", FakeTenant::CLIENT_ID, "--client-secret-file", "secret.txt"];
    let arguments = ["download", "--base-url", &url, "-o", "a.gz", "--poll", "0.02", "-q"];
    place.run(&[&arguments[..], &credentials].concat()).assert_output(0, "", "");
}

#[cfg(unix)]
#[test]
fn signal_leaves_no_files() {
    use std::time::Duration;

    let (tenant, place) = (tenant_of_two(), WorkFolder::new());
    let url = tenant.base_url();
    tenant.fault("download", Fault::Slow(Duration::from_secs(20)));
    let mut child = place
        .command(&["download", "--base-url", &url, "-o", "a.gz", "--poll", "0.02", "-q"])
        .spawn()
        .unwrap();
    let is_there = || std::fs::read_dir(place.path()).unwrap().count() > 0;
    while !(is_there() && tenant.requests().iter().any(|call| call.call == "download")) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before the signal");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(50));
    let signalled = std::process::Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(signalled.success());
    assert_eq!(child.wait().unwrap().code(), Some(143));
    assert!(!is_there(), "the temporary file is gone");
}
