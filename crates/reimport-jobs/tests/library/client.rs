//! Every call of the client with the fake tenant, and every fault.

use std::ops::ControlFlow;
use std::time::Duration;

use reimport_jobs::fake::{FakeConnection, FakeTenant, Fault};
use reimport_jobs::*;
use serde_json::{Value, json};

const CONTINUE: fn(&Job) -> ControlFlow<()> = |_| ControlFlow::Continue(());

fn import(users: &Value) -> Vec<u8> {
    users.to_string().into_bytes()
}

fn calls(tenant: &FakeTenant, name: &str) -> usize {
    tenant.requests().iter().filter(|request| request.call == name).count()
}

fn missing_scope(scope: &str) -> Unchecked {
    Unchecked::Scopes(vec![scope.to_owned()])
}

/// Returns the counts in the order failed, updated, inserted, total.
fn counts(job: &Job) -> [Option<u64>; 4] {
    let summary = job.summary.as_ref().unwrap();
    [summary.failed, summary.updated, summary.inserted, summary.total]
}

/// Starts a tenant with this number of users.
fn tenant_with_users(users: usize) -> FakeTenant {
    let tenant = FakeTenant::start().unwrap();
    for n in 0..users {
        let user = json!({"email": format!("u{n}@example.com"), "user_id": format!("id{n}"), "name": format!("Name {n}")});
        assert!(tenant.add_user(user));
    }
    tenant
}

#[test]
fn export_sends_documented_body_and_is_polled_to_its_end() {
    let tenant = tenant_with_users(3);
    tenant.set_job_steps(4);
    let client = tenant.client();
    let mut export = UsersExport::default().field("email").field_as("identities[0].connection", "provider");
    export.connection_id = Some(FakeTenant::CONNECTION_ID.to_owned());
    export.format = Some(Format::Json);
    export.limit = Some(2);
    let job = client.users_exports(&export).unwrap();
    assert_eq!((job.status, job.job_type), (Status::Pending, JobType::UsersExport));
    let mut seen = Vec::new();
    let job = client.wait(&job.id, &Wait::default(), |job| {
        if !job.status.is_final() {
            seen.push((job.percentage_done, job.time_left_seconds));
        }
        ControlFlow::Continue(())
    });
    let job = job.unwrap();
    assert_eq!(job.status, Status::Completed);
    assert!(job.location.is_some());
    assert_eq!(job.fields, export.fields);
    assert_eq!(seen, [(25, 15), (50, 10), (75, 5)].map(|(done, left)| (Some(done), Some(left))));
    assert_eq!(
        (job.percentage_done, job.time_left_seconds),
        (None, None),
        "as recorded, an ended job has neither"
    );
    assert_eq!(
        tenant.requests()[0].json,
        Some(json!({"connection_id": "con_0000000000000001", "format": "json", "limit": 2,
            "fields": [{"name": "email"}, {"name": "identities[0].connection", "export_as": "provider"}]}))
    );
}

#[test]
fn wait_has_time_limit_and_can_be_interrupted() {
    let tenant = tenant_with_users(1);
    tenant.set_job_steps(10_000);
    let client = tenant.client();
    let job = client.users_exports(&UsersExport::everything()).unwrap();
    let mut wait = Wait::default();
    wait.limit = Duration::from_secs(100);
    let started = client.clock().now();
    let error = client.wait(&job.id, &wait, CONTINUE).unwrap_err();
    assert_eq!(
        error.to_string(),
        "job job_0000000000000001 is still processing after 100 seconds; it continues without this program: check it again later"
    );
    assert_eq!(client.clock().now().duration_since(started).unwrap().as_secs(), 100);
    assert!(calls(&tenant, "GET jobs/{id}") < 15, "the pauses grow");
    let error = client.wait(&job.id, &wait, |_| ControlFlow::Break(())).unwrap_err();
    assert!(matches!(error, Error::Interrupted));
}

#[test]
fn second_import_refuses_existing_users_and_masks_secrets() {
    let tenant = FakeTenant::start().unwrap();
    let client = tenant.client();
    let hash = "$2b$10$abcdefghijklmnopqrstuuJGvLBS8lXKHrqBYVrXUqhrAVhnrVxyz";
    let users = import(&json!([
        {"email": "ada@example.com", "user_id": "1", "password_hash": hash},
        {"email": "bo@example", "user_id": "2"},
    ]));
    let import = UsersImport::new(FakeTenant::CONNECTION_ID, "p.json", &users).external_id("first");
    let job = client.users_imports(&import).unwrap();
    assert_eq!(job.external_id.as_deref(), Some("first"));
    assert_eq!((job.send_completion_email, job.upsert), (None, None), "as recorded, the job has neither");
    assert_eq!(tenant.requests()[0].fields.as_ref().unwrap()["send_completion_email"], "false");
    let job = client.wait(&job.id, &Wait::default(), CONTINUE).unwrap();
    assert_eq!(counts(&job), [1, 0, 1, 2].map(Some));
    let errors = client.job_errors(&job.id).unwrap();
    assert_eq!(errors.users()[0].errors[0].kind(), "INVALID_FORMAT at email");

    let job = client.users_imports(&import).unwrap();
    client.wait(&job.id, &Wait::default(), CONTINUE).unwrap();
    let errors = client.job_errors(&job.id).unwrap();
    let ada = errors.users().iter().find(|user| ada_text(user).contains("ada")).unwrap();
    assert!(ada.errors[0].is_existing());
    assert!(ada_text(ada).contains("\"password_hash\":\"*****\"") && !errors.text().contains("$2b$"));
    assert_eq!(tenant.users_with_password(), ["auth0|1"]);
}

fn ada_text(entry: &UserErrors) -> &str {
    entry.user.as_ref().unwrap().get()
}

#[test]
fn upsert_matches_by_email_and_resets_email_verified() {
    let tenant = FakeTenant::start().unwrap();
    let client = tenant.client();
    assert!(tenant.add_user(
        json!({"email": "ada@example.com", "user_id": "1", "email_verified": true, "username": "ada"})
    ));
    let users = import(&json!([
        {"email": "Ada@example.com", "name": "Ada"},
        {"email": "other@example.com", "username": "ada"},
    ]));
    let job =
        client.users_imports(&UsersImport::new(FakeTenant::CONNECTION_ID, "p.json", &users).upsert(true));
    let job = client.wait(&job.unwrap().id, &Wait::default(), CONTINUE).unwrap();
    assert_eq!(counts(&job), [1, 1, 0, 2].map(Some));
    assert_eq!(tenant.users()[0]["name"], "Ada");
    assert_eq!(tenant.users()[0]["email_verified"], false);
}

#[test]
fn job_with_invalid_file_has_details_but_no_error_list() {
    let tenant = FakeTenant::start().unwrap();
    let client = tenant.client();
    let job = client.users_imports(&UsersImport::new(FakeTenant::CONNECTION_ID, "p.json", b"[{]")).unwrap();
    let job = client.wait(&job.id, &Wait::default(), CONTINUE).unwrap();
    assert_eq!(job.status, Status::Failed);
    assert!(job.status_details.unwrap().starts_with("Failed to parse users file"));
    assert!(client.job_errors(&job.id).unwrap().is_empty());
}

#[test]
fn third_import_waits_for_a_free_job() {
    let tenant = FakeTenant::start().unwrap();
    tenant.set_job_steps(6);
    let client = tenant.client();
    for n in 0..3 {
        let users = import(&json!([{"email": format!("{n}@example.com")}]));
        client.users_imports(&UsersImport::new(FakeTenant::CONNECTION_ID, "p.json", &users)).unwrap();
    }
    let refused = tenant.requests().iter().filter(|request| request.status == Some(429)).count();
    assert!(refused > 0);
    assert_eq!(tenant.accepted_imports().len(), 3);
}

#[test]
fn body_above_the_limit_is_not_sent() {
    let tenant = FakeTenant::start().unwrap();
    let users = vec![b' '; 512_000];
    let error = tenant.client().users_imports(&UsersImport::new(FakeTenant::CONNECTION_ID, "p.json", &users));
    assert!(matches!(error, Err(Error::TooLarge { .. })));
    assert!(tenant.requests().is_empty());
}

#[test]
fn tenant_accepts_body_at_the_limit() {
    let tenant = FakeTenant::start().unwrap();
    let empty = UsersImport::new(FakeTenant::CONNECTION_ID, "p.json", b"").body_bytes();
    let mut users = vec![b' '; usize::try_from(MAX_BODY_BYTES - empty).unwrap()];
    users[..2].copy_from_slice(b"[]");
    tenant.client().users_imports(&UsersImport::new(FakeTenant::CONNECTION_ID, "p.json", &users)).unwrap();
    assert_eq!(tenant.requests()[0].body_bytes, 512_000);
}

#[test]
fn verification_email_starts_a_job() {
    let tenant = tenant_with_users(1);
    let job = tenant.client().verification_email(&VerificationEmail::new("auth0|id0")).unwrap();
    assert_eq!(job.job_type, JobType::VerificationEmail);
    let error = tenant.client().verification_email(&VerificationEmail::new("auth0|nobody")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "POST /api/v2/jobs/verification-email: the tenant answered 404 inexistent_user: The user does not exist"
    );
}

#[test]
fn finds_connections_by_name_and_id_and_counts_users() {
    let tenant = tenant_with_users(3);
    tenant.add_connection(FakeConnection {
        id: "con_0000000000000002".into(),
        name: "corp".into(),
        strategy: "samlp".into(),
        ..FakeConnection::default()
    });
    let client = tenant.client();
    let Checked::Yes(found) = client.connection(FakeTenant::CONNECTION).unwrap() else { panic!() };
    assert_eq!((found.is_database(), found.id.as_deref()), (Some(true), Some(FakeTenant::CONNECTION_ID)));
    assert_eq!(found.enabled_clients, None, "newer responses do not contain this member");
    assert_eq!(client.connection_is_used(FakeTenant::CONNECTION_ID).unwrap(), Checked::Yes(true));
    let Checked::Yes(found) = client.connection("con_0000000000000002").unwrap() else { panic!() };
    assert_eq!((found.is_database(), found.name.as_deref()), (Some(false), Some("corp")));
    assert_eq!(client.connection_is_used("con_0000000000000002").unwrap(), Checked::Yes(false));
    assert_eq!(client.connection("nope").unwrap_err().to_string(), "the tenant has no connection `nope`");
    assert_eq!(client.users_of_connection(FakeTenant::CONNECTION).unwrap(), Checked::Yes(3));
    tenant.set_scopes(&["create:users"]);
    assert_eq!(client.connection("corp").unwrap(), Checked::No(missing_scope("read:connections")));
    assert_eq!(
        client.connection_is_used("con_0000000000000002").unwrap(),
        Checked::No(missing_scope("read:connections"))
    );
    assert_eq!(client.users_of_connection("corp").unwrap(), Checked::No(missing_scope("read:users")));
}

#[test]
fn import_into_non_database_connection_is_refused() {
    let tenant = FakeTenant::start().unwrap();
    tenant.add_connection(FakeConnection {
        id: "con_0000000000000002".into(),
        name: "corp".into(),
        strategy: "samlp".into(),
        ..FakeConnection::default()
    });
    let error = tenant
        .client()
        .users_imports(&UsersImport::new("con_0000000000000002", "p.json", b"[]"))
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "POST /api/v2/jobs/users-imports: the tenant answered 400 operation_not_supported: Connection must be a database connection"
    );
    assert!(!error.may_have_acted());
}

#[test]
fn client_credentials_are_exchanged_again_after_token_expires() {
    let tenant = tenant_with_users(1);
    let secret = Secret::new(FakeTenant::CLIENT_SECRET);
    let client = tenant.client_as(SignIn::client_credentials(FakeTenant::CLIENT_ID, secret));
    let job = client.users_exports(&UsersExport::everything()).unwrap();
    client.job(&job.id).unwrap();
    assert_eq!(calls(&tenant, "POST oauth/token"), 1);
    tenant.expire_tokens();
    client.job(&job.id).unwrap();
    assert_eq!(calls(&tenant, "POST oauth/token"), 2);
    tenant.advance_clock(Duration::from_hours(24));
    assert_eq!(
        client.job(&job.id).unwrap_err().refused().unwrap().status,
        404,
        "a job is deleted after 24 hours"
    );
    assert_eq!(calls(&tenant, "POST oauth/token"), 3);
    let token = tenant.requests().into_iter().find(|request| request.call == "POST oauth/token").unwrap();
    let audience = format!("{}/api/v2/", tenant.base_url());
    assert_eq!(
        token.json.unwrap(),
        json!({"grant_type": "client_credentials", "client_id": "fake-client", "client_secret": "fake-secret", "audience": audience})
    );
}

#[test]
fn error_for_wrong_secret_does_not_show_it() {
    let tenant = FakeTenant::start().unwrap();
    let client = tenant.client_as(SignIn::client_credentials(FakeTenant::CLIENT_ID, Secret::new("hush")));
    let error = client.job("job_1").unwrap_err();
    assert_eq!(
        error.to_string(),
        "POST /oauth/token: the tenant answered 401 access_denied: Unauthorized; check the client id and the client secret"
    );
    assert!(!format!("{error:?} {client:?}").contains("hush"));
}

#[test]
fn token_file_is_read_again_after_401() {
    let tenant = tenant_with_users(1);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "stale\n").unwrap();
    let client = tenant.client_as(SignIn::token_file(file.path()));
    let error = client.users_exports(&UsersExport::everything()).unwrap_err();
    assert_eq!(error.refused().unwrap().status, 401);
    std::fs::write(file.path(), format!("{}\n", FakeTenant::TOKEN)).unwrap();
    client.users_exports(&UsersExport::everything()).unwrap();
}

#[test]
fn get_is_retried_after_each_transient_fault() {
    let tenant = tenant_with_users(1);
    let client = tenant.client();
    let job = client.users_exports(&UsersExport::everything()).unwrap();
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Status(500),
        Fault::StatusAfter(503),
        Fault::Truncate(10),
        Fault::RateLimited(3),
        Fault::RetryAfter(2),
    ] {
        tenant.fault("GET jobs/{id}", fault);
        let before = calls(&tenant, "GET jobs/{id}");
        client.job(&job.id).unwrap_or_else(|error| panic!("{fault:?}: {error}"));
        assert_eq!(calls(&tenant, "GET jobs/{id}"), before + 2, "{fault:?}");
    }
}

#[test]
fn get_fails_after_maximum_attempts() {
    let tenant = FakeTenant::start().unwrap();
    for _ in 0..100 {
        tenant.fault("GET jobs/{id}", Fault::Status(503));
    }
    let error = tenant.client().job("job_1").unwrap_err();
    assert_eq!(error.to_string(), "GET /api/v2/jobs/job_1: the tenant answered 503 Service Unavailable");
    assert_eq!(calls(&tenant, "GET jobs/{id}"), 6);
}

#[test]
fn post_is_retried_only_after_429() {
    let tenant = tenant_with_users(1);
    let client = tenant.client();
    let name = "POST jobs/users-exports";
    for fault in [
        Fault::DropBefore,
        Fault::DropAfter,
        Fault::Status(500),
        Fault::StatusAfter(500),
        Fault::Truncate(10),
        Fault::Html,
    ] {
        tenant.fault(name, fault);
        let before = calls(&tenant, name);
        let error = client.users_exports(&UsersExport::everything()).unwrap_err();
        assert!(error.may_have_acted(), "{fault:?}");
        assert_eq!(calls(&tenant, name), before + 1, "{fault:?}");
    }
    let started = client.clock().now();
    tenant.fault(name, Fault::RateLimited(30));
    client.users_exports(&UsersExport::everything()).unwrap();
    let waited = client.clock().now().duration_since(started).unwrap();
    assert!((30..45).contains(&waited.as_secs()), "{waited:?}");
    tenant.fault(name, Fault::RateLimited(3600));
    let error = client.users_exports(&UsersExport::everything()).unwrap_err();
    assert_eq!(error.refused().unwrap().wait, Some(Duration::from_hours(1)));
}

#[test]
fn refused_connection_is_retried_even_for_post() {
    let address = {
        let tenant = FakeTenant::start().unwrap();
        tenant.base_url()
    };
    let clock = ManualClock::default();
    let sign_in = SignIn::token(Secret::new("t"));
    let client = Client::builder(address, sign_in).clock(clock.clone()).build().unwrap();
    let started = clock.now();
    let error = client.users_exports(&UsersExport::everything()).unwrap_err();
    assert!(!error.may_have_acted(), "{error}");
    assert!(clock.now() > started, "it waited between tries");
}

#[test]
fn html_response_is_reported_as_unexpected() {
    let tenant = FakeTenant::start().unwrap();
    let client = tenant.client();
    tenant.fault("GET connections", Fault::Html);
    assert_eq!(
        client.connection("x").unwrap_err().to_string(),
        "GET /api/v2/connections: expected a list of connections, but the answer is something else; is the base URL that of a tenant?"
    );
}
