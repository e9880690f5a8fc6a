//! `reimport job`.

use serde_json::{Value, json};

use super::tenant::tenant;
use crate::harness::WorkFolder;

#[test]
fn waits_for_job_and_counts_errors_without_user_values() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    let url = tenant.base_url();
    tenant.add_user(json!({"email": "u1@example.com", "user_id": "other"}));
    place.parts(3, 3);
    place.run(&[
        "upload",
        "parts",
        "--base-url",
        &url,
        "--to",
        "con_0000000000000001",
        "--yes",
        "--poll",
        "0.02",
        "-q",
    ]);
    let job = "job_0000000000000001";
    let run = place.run(&["job", job, "--base-url", &url, "--wait", "--errors", "--poll", "0.02"]);
    let created = run.out.lines().find(|line| line.starts_with("created")).unwrap().to_owned();
    let external = run.out.lines().find(|line| line.starts_with("external  id ")).unwrap().to_owned();
    run.assert_output(
        1,
        &format!(
            "\
job       job_0000000000000001, users_import
status    completed
{created}
of        Username-Password-Authentication (con_0000000000000001)
{external}
result    3 users: 2 inserted, 0 updated, 1 failed
errors    1 DUPLICATED_USER
"
        ),
        "",
    );
    let run = place.run(&["job", job, "--base-url", &url, "--json"]);
    assert_eq!(serde_json::from_str::<Value>(&run.out).unwrap()["summary"]["failed"], 1);
    let run = place.run(&["job", job, "--base-url", &url, "--json", "--errors"]);
    let errors: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(errors[0]["user"]["password_hash"], "*****", "the tenant's own document");
    place.run(&["job", "job_2", "--base-url", &url]).assert_output(
        2,
        "",
        "error: GET /api/v2/jobs/job_2: the tenant answered 404 inexistent_job: The job does not exist\n",
    );
}

#[test]
fn verification_email_request_uses_api_names() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    let url = tenant.base_url();
    tenant.add_user(json!({"email": "ada@example.com", "user_id": "ada"}));
    let run = place.run(&[
        "job",
        "verify-email",
        "auth0|ada",
        "--base-url",
        &url,
        "--from-client",
        "app",
        "--identity",
        "auth0|ada",
        "--identity-connection",
        "con_0000000000000001",
        "--organization",
        "org_1",
        "--custom-domain",
        "login.example.com",
    ]);
    assert!(
        run.out.starts_with("job       job_0000000000000001, verification_email\nstatus    pending\n"),
        "{}",
        run.out
    );
    assert_eq!(run.status, 0);
    assert_eq!(
        tenant.requests()[0].json,
        Some(json!({"user_id": "auth0|ada", "client_id": "app", "organization_id": "org_1",
            "identity": {"user_id": "ada", "provider": "auth0", "connection_id": "con_0000000000000001"}}))
    );
    assert_eq!(tenant.requests()[0].custom_domain.as_deref(), Some("login.example.com"));
    let run = place.run(&[
        "job",
        "verify-email",
        "auth0|ada",
        "--base-url",
        &url,
        "--custom-domain",
        "a b\r\nX: y",
    ]);
    assert!(
        run.status == 2 && run.err.contains("expected a domain, for example login.example.com"),
        "{}",
        run.err
    );
    for identity in ["auth0", "|ada", "auth0|"] {
        let run =
            place.run(&["job", "verify-email", "auth0|ada", "--base-url", &url, "--identity", identity]);
        let expected = "expected PROVIDER|ID, for example 'auth0|1234'";
        assert!(run.status == 2 && run.err.contains(expected), "{identity}: {}", run.err);
    }
    assert_eq!(tenant.requests().len(), 1);
    let usual = ["job", "verify-email", "auth0|ada", "--base-url", &url];
    let run = place.run(&[&usual[..], &["--json"]].concat());
    let job: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!((&job["id"], &job["type"]), (&json!("job_0000000000000002"), &json!("verification_email")));
    place.run(&[&usual[..], &["-q"]].concat()).assert_output(0, "", "");
}

#[test]
fn errors_of_a_job_without_any_are_an_empty_list() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    let url = tenant.base_url();
    place.parts(1, 1);
    let upload = ["upload", "parts", "--base-url", &url, "--to", "con_0000000000000001"];
    let run = place.run(&[&upload[..], &["--yes", "--poll", "0.02", "-q"]].concat());
    assert_eq!(run.status, 0, "{}", run.err);
    let job = ["job", "job_0000000000000001", "--base-url", &url, "--errors"];
    place.run(&[&job[..], &["--json"]].concat()).assert_output(0, "[]\n", "");
    place.run(&[&job[..], &["-q"]].concat()).assert_output(0, "", "");
}
