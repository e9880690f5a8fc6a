//! The messages for a tenant that cannot be reached, and for a token or an argument that cannot be right. Nothing here
//! connects to another machine.

use std::net::TcpListener;
use std::time::Duration;

use serde_json::{Value, json};

use super::tenant::tenant;
use crate::harness::{Ran, WorkFolder};
use crate::scripted::{Reply, ScriptedServer};

const PROXIES: [&str; 6] =
    ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];

/// Returns the status and standard error of the command with these variables.
fn run(place: &WorkFolder, arguments: &[&str], variables: &[(&str, &str)]) -> (i32, String) {
    let mut command = place.command(arguments);
    for name in PROXIES {
        command.env_remove(name);
    }
    let ran = Ran::of(command.envs(variables.iter().copied()).output().unwrap());
    assert_eq!(ran.out, "");
    (ran.status, ran.err)
}

const JOB: [&str; 4] = ["job", "job_1", "--tenant", "acme.eu.auth0.com"];

#[test]
fn unknown_tenant_is_named_with_the_option() {
    let (status, err) = run(&WorkFolder::new(), &["job", "job_1", "--tenant", "acme.invalid"], &[]);
    assert_eq!(status, 2);
    // Without a name server, it is not known that there is no such host.
    if !err.contains("cannot be looked up") {
        assert_eq!(
            err,
            "error: GET /api/v2/jobs/job_1: cannot reach acme.invalid: no such host (check --tenant)\n"
        );
    }
}

#[test]
fn proxy_that_refuses_is_named_without_its_password() {
    for (status, why) in [(407, ": it needs a user and password"), (403, " with status 403")] {
        let server = ScriptedServer::start(move |_| Reply::text(status, ""));
        let host = server.url().trim_start_matches("http://").to_owned();
        let proxy = format!("http://user:hush@{host}");
        let (status, err) = run(&WorkFolder::new(), &JOB, &[("HTTPS_PROXY", &proxy)]);
        let expected = format!(
            "error: GET /api/v2/jobs/job_1: the proxy {host} refused the connection to acme.eu.auth0.com{why} (the proxy is \
             from ALL_PROXY, HTTPS_PROXY or HTTP_PROXY)\n"
        );
        assert_eq!((status, err), (2, expected));
        assert_eq!(server.requests().len(), 1, "it is not asked again");
        assert_eq!(server.requests()[0].call, "CONNECT acme.eu.auth0.com:443");
    }
}

/// A connection that is closed while the request is sent is an error, unlike a closed pipe of standard output, which
/// ends the command silently.
#[test]
fn connection_that_is_closed_during_the_request_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // The system reports a closed pipe to the client, because it has received the end of the answer before.
            let stream = stream.unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            std::thread::sleep(Duration::from_millis(300));
        }
    });
    let place = WorkFolder::new();
    let fields: Vec<Value> = (0..25_000).map(|n| json!({"name": format!("user_metadata.a{n}")})).collect();
    std::fs::write(
        place.path().join("request.json"),
        json!({"format": "json", "fields": fields}).to_string(),
    )
    .unwrap();
    let url = format!("http://{host}");
    let (status, err) = run(
        &place,
        &["download", "--request", "request.json", "--base-url", &url, "-o", "a.json", "-q"],
        &[],
    );
    let expected = format!(
        "error: POST /api/v2/jobs/users-exports: {host} closed the connection before the answer was complete\n"
    );
    assert_eq!((status, err), (2, expected));
}

/// Returns a token with these claims, in base64. It is built here without a library: only letters are needed.
fn jwt(claims: &Value) -> String {
    format!("{}.{}.c2ln", base64(r#"{"alg":"RS256"}"#), base64(&claims.to_string()))
}

fn base64(text: &str) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let digits = text.as_bytes().chunks(3).flat_map(|chunk| {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        (0..=chunk.len()).map(move |n| char::from(DIGITS[(bits >> (18 - 6 * n) & 63) as usize]))
    });
    digits.collect()
}

#[test]
fn expired_token_is_refused_before_any_call() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    let url = tenant.base_url();
    let (status, err) =
        run(&place, &["job", "job_1", "--base-url", &url], &[("REIMPORT_TOKEN", &jwt(&json!({"exp": 0})))]);
    let start = "error: cannot sign in: the token expired at 1970-01-01 00:00 UTC, and the clock of this machine is at 20";
    assert!(err.starts_with(start) && err.ends_with(" UTC; get a new token\n"), "{err}");
    assert_eq!((status, tenant.requests().len()), (2, 0));
}

#[test]
fn token_of_another_tenant_is_refused_before_any_call() {
    let token =
        jwt(&json!({"iss": "https://other.eu.auth0.com/", "aud": "https://other.eu.auth0.com/api/v2/"}));
    let (status, err) = run(&WorkFolder::new(), &JOB, &[("REIMPORT_TOKEN", &token)]);
    let expected = "error: cannot sign in: the token is from the tenant other.eu.auth0.com, not from \
                    acme.eu.auth0.com; get a token from acme.eu.auth0.com, or check --tenant\n";
    assert_eq!((status, err.as_str()), (2, expected));
    // A token has the domain at which it was requested, and this tenant may have a custom domain.
    let (tenant, place) = (tenant(), WorkFolder::new());
    let url = tenant.base_url();
    let (_, err) = run(&place, &["job", "job_1", "--base-url", &url], &[("REIMPORT_TOKEN", &token)]);
    assert!(err.contains("the tenant answered 401"), "{err}");
}

#[test]
fn empty_variable_or_argument_is_named() {
    for empty in ["", " \n"] {
        let (status, err) = run(&WorkFolder::new(), &JOB, &[("REIMPORT_TOKEN", empty)]);
        let expected = "error: cannot sign in: REIMPORT_TOKEN is set, but empty\n";
        assert_eq!((status, err.as_str()), (2, expected));
    }
    let place = WorkFolder::new();
    for (option, shown) in [
        ("--tenant", "--tenant <HOST>"),
        ("--base-url", "--base-url <URL>"),
        ("--token-command", "--token-command <COMMAND>"),
        ("--client-id", "--client-id <ID>"),
        ("--audience", "--audience <URL>"),
    ] {
        let (status, err) = run(&place, &["job", "job_1", option, ""], &[]);
        let expected = format!(
            "error: invalid value '' for '{shown}': it is empty; is the variable set that it comes from?\n\n\
             For more information, try '--help'.\n"
        );
        assert_eq!((status, err), (2, expected));
    }
    std::fs::write(place.path().join("secret"), "\n").unwrap();
    let credentials = ["--client-id", "id", "--client-secret-file", "secret"];
    let (status, err) = run(&place, &[&JOB[..], &credentials].concat(), &[]);
    assert_eq!(
        (status, err.as_str()),
        (2, "error: the client secret file secret is empty; expected one line\n")
    );
}

#[test]
fn part_in_place_of_the_folder_is_explained() {
    let place = WorkFolder::new();
    place.parts(4, 2);
    let arguments = |part| ["upload", part, "--tenant", "acme.eu.auth0.com", "--to", "Users"];
    let (status, err) = run(&place, &arguments("parts/users-00001.json"), &[]);
    let expected =
        "error: parts/users-00001.json is one part; give the folder that contains all parts: parts\n";
    assert_eq!((status, err.as_str()), (2, expected));
    // A file that the manifest does not list is not a part.
    for other in ["users.ndjson", "parts/lines.ndjson"] {
        let (status, err) = run(&place, &arguments(other), &[]);
        assert!(
            err.contains(": expected the folder of parts, but this is a file; convert an export first"),
            "{err}"
        );
        assert_eq!(status, 2);
    }
    let mut command = place.command(&arguments("users-00002.json"));
    let output = command.current_dir(place.path().join("parts")).output().unwrap();
    let expected = "error: users-00002.json is one part; give the folder that contains all parts: .\n";
    assert_eq!(String::from_utf8(output.stderr).unwrap(), expected);
}
