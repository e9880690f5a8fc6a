//! Answers of 100 MB, and answers with very many entries: memory stays bounded, and printed text is cut.
#![cfg(target_os = "linux")]

use reimport_jobs::MAX_ERRORS_BYTES;
use serde_json::json;

use crate::harness::{Measured, WorkFolder};
use crate::scripted::{Reply, Request, ScriptedServer};

const HUGE: usize = 100_000_000;

/// Maximum memory of a run, in MiB.
const MOST: u64 = 56;

fn huge(status: u16, start: &str) -> Reply {
    Reply { filler: HUGE, ..Reply::text(status, start) }
}

#[test]
fn huge_job_refusal_or_list_is_not_read() {
    for (status, start, arguments, expected) in [
        (
            200,
            "{\"id\":\"job_1\",\"type\":\"users_import\",\"status\":\"",
            &[][..],
            "error: GET /api/v2/jobs/job_1: the answer has more than 1048576 bytes, and is not read; is the base URL that of a \
             tenant?\n",
        ),
        (400, "{\"message\":\"", &[], "error: GET /api/v2/jobs/job_1: the tenant answered 400\n"),
        (
            200,
            "[{\"user\":\"",
            &["--errors"],
            "error: GET /api/v2/jobs/job_1/errors: the answer has more than 16777216 bytes, and is not read; is the base URL that \
             of a tenant?\n",
        ),
    ] {
        let server = ScriptedServer::start(move |got: &Request| {
            if got.call.ends_with("/errors") || start.starts_with('{') {
                return huge(status, start);
            }
            Reply::json(200, &json!({"id": "job_1", "type": "users_import", "status": "completed"}))
        });
        let (url, place) = (server.url(), WorkFolder::new());
        let Measured { status: code, err, peak } =
            place.measure(&[&["job", "job_1", "--base-url", &url], arguments].concat());
        assert_eq!((code, err.as_str()), (2, expected));
        assert!((1..MOST).contains(&peak), "{peak} MiB");
    }
}

/// Uploads two users to a tenant that answers with this list of errors.
fn upload(list: Reply) -> (WorkFolder, Measured) {
    let server = ScriptedServer::start(move |got: &Request| match got.call.as_str() {
        call if call.ends_with("/errors") => list.clone(),
        call if call.contains("/jobs/") => Reply::json(
            200,
            &json!({"id": "job_1", "type": "users_import", "status": "completed",
                "summary": {"inserted": 1, "updated": 0, "failed": 1, "total": 2}}),
        ),
        _ => Reply::text(403, "{}"),
    });
    let (url, place) = (server.url(), WorkFolder::new());
    place.parts(2, 2);
    let to = "con_0000000000000001";
    let arguments = [
        "upload",
        "parts",
        "--base-url",
        &url,
        "--to",
        to,
        "--yes",
        "--poll",
        "0.02",
        "--max-failed",
        "100%",
    ];
    let ended = place.measure(&arguments);
    (place, ended)
}

#[test]
fn large_error_list_is_kept_and_completes_its_part() {
    let (place, Measured { status, err, peak }) = upload(huge(200, "["));
    assert!(
        err.contains("users     2 unknown\n")
            && err.contains("the list of errors is too long\n          to be read\n"),
        "{err}"
    );
    assert_eq!(status, 1);
    assert!((1..MOST).contains(&peak), "{peak} MiB");
    let kept = super::tenant::ending(&place.path().join("parts"), ".errors").join("users-00001.job_1.json");
    assert_eq!(std::fs::metadata(kept).unwrap().len(), HUGE as u64 + 1);

    // The longest list that is read, with as many entries as possible.
    let dense = |item: &str, start: &str, end: &str| {
        let count = (MAX_ERRORS_BYTES as usize - 100) / (item.len() + 1);
        Reply::text(200, &format!("{start}{}{end}", vec![item; count].join(",")))
    };
    for list in [
        dense("{}", "[", "]"),
        dense("1", "[{\"errors\":[", "]}]"),
        dense("1", "[{\"errors\":[{\"a\":[", "]}]}]"),
        dense("1", "{\"a\":[", "]}"),
    ] {
        let (_, Measured { status, err, peak }) = upload(list);
        assert!(status == 1 && err.contains("1 inserted, 1 failed") && err.contains("undocumented"), "{err}");
        assert!((1..MOST).contains(&peak), "{peak} MiB");
    }
}

#[test]
fn download_streams_and_truncates_printed_tenant_text() {
    let server = ScriptedServer::start(|got: &Request| {
        if got.call.starts_with("GET /file") {
            return huge(200, "{\"email\":\"");
        }
        let host = &got.headers.iter().find(|(name, _)| name == "host").unwrap().1;
        Reply::json(
            200,
            &json!({"id": "job_1", "type": "users_export", "status": "completed", "location": format!("http://{host}/file")}),
        )
    });
    let (url, place) = (server.url(), WorkFolder::new());
    let Measured { status, err, peak } =
        place.measure(&["download", "--job", "job_1", "--base-url", &url, "-o", "a.gz"]);
    assert!(status == 2 && err.contains("a.gz.unverified"), "{err}");
    assert!((1..MOST).contains(&peak), "{peak} MiB");

    let long = "x".repeat(900_000);
    let server = ScriptedServer::start(move |_| {
        Reply::json(200, &json!({"id": "job_1", "type": &long[..9], "status": long, "status_details": long}))
    });
    let run = place.run(&["job", "job_1", "--base-url", &server.url()]);
    assert!(run.out.len() < 1_000, "{} bytes", run.out.len());
}
