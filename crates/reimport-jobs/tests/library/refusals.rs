//! The exact message for each recorded error response.

use std::io::{Read, Write};

use reimport_jobs::*;
use serde_json::{Value, json};

use crate::support::{Reply, ScriptedServer, refusals};

/// Returns the error message of the client for this response.
fn error_message(reply: Reply, call: impl FnOnce(&Client) -> Error) -> String {
    let server = ScriptedServer::start(move |_| reply.clone());
    call(&server.client()).to_string()
}

fn recorded_reply(call: &str, status: u16) -> Reply {
    Reply::sample(&refusals(call, status)[0], ManualClock::default().now())
}

fn reply_with_message(status: u16, text: &str) -> Reply {
    Reply::json(
        status,
        &json!({"statusCode": status, "error": "Bad Request", "message": text, "errorCode": "a_code"}),
    )
}

#[test]
fn sign_in_error_shows_known_message_of_tenant() {
    let error_message = |reply: Reply| {
        let server = ScriptedServer::start(move |_| reply.clone());
        server.client_with_credentials().job("job_1").unwrap_err().to_string()
    };
    assert_eq!(
        error_message(recorded_reply("POST oauth/token", 403)),
        "POST /oauth/token: the tenant answered 403 access_denied: Client is not authorized to access \
         \"https://acme.example.com/api/v2/\""
    );
    assert_eq!(
        error_message(recorded_reply("POST oauth/token", 401)),
        "POST /oauth/token: the tenant answered 401 access_denied: Unauthorized; check the client id and the client secret"
    );
    let secret =
        json!({"error": "hush hush", "error_description": "the secret hush of ada@example.com is wrong"});
    assert_eq!(
        error_message(Reply::json(403, &secret)),
        "POST /oauth/token: the tenant answered 403; its message is not shown, because it may contain data of a user"
    );
}

#[test]
fn validation_error_names_the_property() {
    assert_eq!(
        error_message(recorded_reply("POST jobs/verification-email", 400), |client| {
            client.verification_email(&VerificationEmail::new("auth0|1")).unwrap_err()
        }),
        "POST /api/v2/jobs/verification-email: the tenant answered 400 invalid_body: Payload validation error: property client_id"
    );
}

#[test]
fn every_documented_message_is_shown() {
    let import =
        |client: &Client| client.users_imports(&UsersImport::new("con_1", "p.json", b"[]")).unwrap_err();
    for text in [
        "Must provide 'users' file as multipart part.",
        "Payload validation error: 'Invalid multipart payload format'.",
        "Users file must not be empty.",
        "Must provide 'connection_id' as multipart part.",
        "Connection must be a database connection.",
        "Connection must be enabled.",
        "Payload validation error: 'String does not match pattern ^con_[A-Za-z0-9]{16}$' on property connection_id.",
        "The connection does not exist.",
        "Custom Database Connections without import mode are not allowed.",
    ] {
        let plain = text.trim_end_matches('.');
        let expected = format!("POST /api/v2/jobs/users-imports: the tenant answered 400 a_code: {plain}");
        assert_eq!(error_message(reply_with_message(400, text), import), expected);
    }
    for text in [
        "Connection must be a database connection.",
        "User does not have an email address.",
        "connection does not exist.",
        "Connection must be enabled.",
        "Identity connection does not exist.",
        "The user exists, but does not contain the given identity.",
        "The organization does not exist",
    ] {
        let email =
            |client: &Client| client.verification_email(&VerificationEmail::new("auth0|1")).unwrap_err();
        let plain = text.trim_end_matches('.');
        let expected =
            format!("POST /api/v2/jobs/verification-email: the tenant answered 400 a_code: {plain}");
        assert_eq!(error_message(reply_with_message(400, text), email), expected);
    }
    assert_eq!(
        error_message(reply_with_message(400, "ada@example.com is unwelcome"), import),
        "POST /api/v2/jobs/users-imports: the tenant answered 400 a_code; its message is not shown, because it may contain data of a user"
    );
}

#[test]
fn reports_redirect_missing_connection_and_missing_scope() {
    let redirect = Reply::text(302, "").with("location", "https://acme.example.com/login?token=hush");
    assert_eq!(
        error_message(redirect, |client| client.job("job_1").unwrap_err()),
        "GET /api/v2/jobs/job_1: the tenant answered 302, a redirect, which is not followed; is the base URL that of the tenant, \
         https and without a path?"
    );
    assert_eq!(
        error_message(recorded_reply("GET connections/{id}", 404), |client| client
            .connection("con_A1b2C3d4E5f6G7h8")
            .unwrap_err()),
        "the tenant has no connection `con_A1b2C3d4E5f6G7h8`"
    );
    assert_eq!(
        error_message(
            reply_with_message(403, "Insufficient scope; expected any of: create:users."),
            |client| { client.users_imports(&UsersImport::new("con_1", "p.json", b"[]")).unwrap_err() }
        ),
        "POST /api/v2/jobs/users-imports: the tenant answered 403 a_code: Insufficient scope, expected any of: create:users; give \
         the token the scope create:users"
    );
}

#[test]
fn error_names_each_sufficient_scope() {
    let error_message = |text| {
        error_message(reply_with_message(403, text), |client| {
            client.users_imports(&UsersImport::new("con_1", "p.json", b"[]")).unwrap_err()
        })
    };
    let start = "POST /api/v2/jobs/users-imports: the tenant answered 403 a_code";
    assert_eq!(
        error_message("Insufficient scope, expected any of: "),
        format!("{start}; its message is not shown, because it may contain data of a user")
    );
    assert_eq!(
        error_message("Insufficient scope, expected any of: create:users"),
        format!(
            "{start}: Insufficient scope, expected any of: create:users; give the token the scope create:users"
        )
    );
    assert_eq!(
        error_message("Insufficient scope, expected any of: create:users,create:jobs"),
        format!(
            "{start}: Insufficient scope, expected any of: create:users, create:jobs; give the token the scope create:users \
             or create:jobs"
        )
    );
}

#[test]
fn rejects_invalid_links_and_jobs_without_export() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("users.json.gz");
    let fetch = |job: Value| {
        error_message(Reply::json(200, &job), |client| client.download().fetch("job_1", &target).unwrap_err())
    };
    let export = |location: Value| json!({"id": "job_1", "type": "users_export", "status": "completed", "location": location});
    assert_eq!(
        fetch(export(json!("no url at all"))),
        "the link of job job_1 is not a URL; nothing was fetched"
    );
    assert_eq!(
        fetch(export(json!("ftp://example.com/x"))),
        "the link of job job_1 is not https; nothing was fetched"
    );
    assert_eq!(
        fetch(export(json!("http://192.0.2.1/x"))),
        "the link of job job_1 is not https; nothing was fetched"
    );
    let failed = json!({"id": "job_1", "type": "users_export", "status": "failed", "status_details": "no\nroom for ada@example.com"});
    assert_eq!(fetch(failed), "job job_1 is failed (no room for …); expected a completed export");
    assert_eq!(
        fetch(json!({"id": "job_1", "type": "users_import", "status": "completed"})),
        "job job_1 is not an export, but users_import; nothing was fetched"
    );
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn failed_search_is_not_retried() {
    for reply in [
        recorded_reply("GET users?q=", 503),
        reply_with_message(400, "ada"),
        Reply::text(200, "<html>"),
        Reply::dropped(),
    ] {
        let server = ScriptedServer::start(move |_| reply.clone());
        let Checked::No(reason) = server.client().users_of_connection("Users").unwrap() else {
            panic!("the search succeeded")
        };
        assert!(matches!(reason, Unchecked::Status(503 | 400) | Unchecked::NoResponse), "{reason}");
        assert_eq!(server.requests().len(), 1);
    }
}

#[test]
fn parses_connections_in_each_recorded_form() {
    let lists: Value =
        serde_json::from_str(include_str!("../../../../testdata/recorded/lists-as-recorded.json")).unwrap();
    for (name, list) in lists.as_object().unwrap().iter().filter(|(name, _)| name.contains("connections?")) {
        let reply = Reply::json(200, list);
        let server = ScriptedServer::start(move |_| reply.clone());
        let found = server.client().connection("Username-Password-Authentication").unwrap();
        let found = found.as_ref().unwrap();
        assert_eq!(
            (found.id.as_deref(), found.is_database()),
            (Some("con_A1b2C3d4E5f6G7h8"), Some(true)),
            "{name}"
        );
        assert_eq!(
            server.client().connection("other").unwrap_err().to_string(),
            "the tenant has no connection `other`"
        );
    }
    for (name, used) in
        [("GET connections/{id}/clients", true), ("GET connections/{id}/clients, none", false)]
    {
        let reply = Reply::json(200, &lists[name]);
        let server = ScriptedServer::start(move |_| reply.clone());
        assert_eq!(server.client().connection_is_used("con_A1b2C3d4E5f6G7h8").unwrap(), Checked::Yes(used));
    }
    let reply = Reply::json(200, &lists["GET users?q=&include_totals=true"]);
    let server = ScriptedServer::start(move |_| reply.clone());
    assert_eq!(server.client().users_of_connection("Users").unwrap(), Checked::Yes(1));
}

#[test]
fn recorded_connections_round_trip_and_import_mode_is_detected() {
    let recorded: Value =
        serde_json::from_str(include_str!("../../../../testdata/recorded/connections-as-recorded.json"))
            .unwrap();
    for (name, value) in recorded.as_object().unwrap() {
        let connection: Connection = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(&serde_json::to_value(&connection).unwrap(), value, "{name}");
        assert_eq!(connection.is_custom_without_import(), name.starts_with("custom database"), "{name}");
    }
    let none: Connection = serde_json::from_str("{}").unwrap();
    assert_eq!((none.is_database(), none.is_custom_without_import()), (None, false));
}

#[test]
fn permanent_error_is_reported_and_not_retried() {
    // A server without TLS is the simplest way to make a secure connection fail.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    let address = format!("https://{host}");
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").unwrap();
        listener.set_nonblocking(true).unwrap();
        listener
    });
    let clock = ManualClock::default();
    let mut timeouts = Timeouts::default();
    timeouts.call = std::time::Duration::from_secs(2);
    let builder = Client::builder(address, SignIn::token(Secret::new("t"))).timeouts(timeouts);
    let client = builder.clock(clock.clone()).build().unwrap();
    let error = client.job("job_1").unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "GET /api/v2/jobs/job_1: {host} does not use TLS on this port; is the host right, or is there a proxy in between?"
        )
    );
    assert!(!error.may_have_acted());
    assert_eq!(clock.elapsed(), std::time::Duration::ZERO, "there is no pause for a retry");
    assert!(server.join().unwrap().accept().is_err(), "there is no retry");

    for token in ["", "a\r\nX: y", "hush\n"] {
        let server = ScriptedServer::start(move |_| Reply::json(200, &json!({"access_token": token})));
        assert_eq!(
            server.client_with_credentials().job("job_1").unwrap_err().to_string(),
            "POST /oauth/token: expected an access token, but the answer is something else; is the base URL that of a tenant?"
        );
        assert_eq!(server.requests().len(), 1);
    }
}
