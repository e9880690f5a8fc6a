//! Downloads from servers that misbehave, with a scripted server and a virtual clock.

use std::io::{Read, Write};
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use reimport_jobs::*;
use serde_json::json;
use tempfile::TempDir;

use crate::support::{Framing, Reply, Request, ScriptedServer};

const TAG: &str = "\"one\"";

/// Starts a server with a completed export. `file` returns the responses for its file. Its first argument is the
/// number of the request for the file, from 1.
fn server(mut file: impl FnMut(usize, &Request) -> Reply + Send + 'static) -> ScriptedServer {
    let mut files = 0;
    ScriptedServer::start(move |request| {
        if request.call.starts_with("GET /file") {
            files += 1;
            return file(files, request);
        }
        let host = &request.headers.iter().find(|(name, _)| name == "host").unwrap().1;
        let location = format!("http://{host}/file?Signature=hush");
        Reply::json(
            200,
            &json!({"id": "job_1", "type": "users_export", "status": "completed", "location": location}),
        )
    })
}

fn gzip(text: &str) -> Vec<u8> {
    let mut file = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    file.write_all(text.as_bytes()).unwrap();
    file.finish().unwrap()
}

fn bytes(status: u16, body: &[u8]) -> Reply {
    Reply { status, body: body.to_vec(), ..Reply::default() }
}

/// A check that reads gzip data to its end.
fn check_gzip(fetched: &Fetched<'_>) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    if fetched.is_gzip {
        MultiGzDecoder::new(std::fs::File::open(fetched.path)?).read_to_end(&mut Vec::new())?;
    }
    Ok(())
}

/// Downloads from the server. Returns the files in the folder afterwards, and the error message.
fn fetch(server: &ScriptedServer) -> (Vec<String>, Option<String>) {
    fetch_with(server, |download| download)
}

fn fetch_with<'c>(
    server: &ScriptedServer,
    change: impl FnOnce(Download<'c>) -> Download<'c>,
) -> (Vec<String>, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let client: &'static Client = Box::leak(Box::new(server.client()));
    let target = folder.path().join("a.gz");
    let ended = change(client.download().check(check_gzip)).fetch("job_1", &target);
    let error =
        ended.err().map(|error| error.to_string().replace(&folder.path().display().to_string(), "FOLDER"));
    (names(&folder), error)
}

fn names(folder: &TempDir) -> Vec<String> {
    let names = std::fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<String> =
        names.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn files(server: &ScriptedServer) -> usize {
    server.times("GET /file").len()
}

#[test]
fn only_files_with_verified_or_known_end_are_published() {
    let whole = ["a.gz", "a.gz.job.json"];
    let users = "{\"email\":\"ada@example.com\"}\n".repeat(50);
    for framing in [Framing::Length, Framing::Chunks, Framing::Nothing] {
        let body = gzip(&users);
        let sound = server(move |_, _| Reply { framing, ..bytes(200, &body) });
        assert_eq!(fetch(&sound), (whole.map(str::to_owned).to_vec(), None), "{framing:?}");
    }
    for framing in [Framing::Length, Framing::Chunks] {
        let body = users.clone();
        let plain = server(move |_, _| Reply { framing, ..bytes(200, body.as_bytes()) });
        assert_eq!(fetch(&plain), (whole.map(str::to_owned).to_vec(), None), "{framing:?}");
    }
    let body = users.clone();
    let plain =
        server(move |_, _| Reply { framing: Framing::Nothing, ..bytes(200, &body.as_bytes()[..540]) });
    assert_eq!(
        fetch(&plain),
        (
            vec!["a.gz.unverified".to_owned()],
            Some(
                "the file of job job_1 could not be verified as a complete export: the server did not send its length, and it is not gzip data, whose end can be verified; it is kept as FOLDER/a.gz.unverified so that you can check it"
                    .to_owned()
            )
        )
    );
    let body = gzip(&users);
    let cut = server(move |_, _| Reply { framing: Framing::Nothing, ..bytes(200, &body[..body.len() - 9]) });
    let (left, error) = fetch(&cut);
    assert!(
        left.is_empty() && error.unwrap().starts_with("the file of job job_1 is damaged and was not kept: ")
    );
    for framing in [Framing::Length, Framing::Chunks, Framing::Nothing] {
        let empty = server(move |_, _| Reply { framing, ..bytes(200, b"") });
        let expected = "the file of job job_1 is damaged and was not kept: it is empty".to_owned();
        assert_eq!(fetch(&empty), (Vec::new(), Some(expected)), "{framing:?}");
    }
}

#[test]
fn transfer_is_resumed_only_with_same_strong_etag() {
    let body = gzip(&"{\"email\":\"ada@example.com\"}\n".repeat(50));
    for first in ["", "W/\"one\""] {
        let whole = body.clone();
        let weak = server(move |number, request| {
            assert!(
                !request.headers.iter().any(|(name, _)| name == "range"),
                "range request without a strong tag"
            );
            let reply = bytes(200, &whole).with("etag", first);
            if number == 1 { Reply { cut: Some(20), ..reply } } else { reply }
        });
        assert_eq!(fetch(&weak).1, None);
    }
    for second in ["\"two\"", "W/\"one\"", ""] {
        let whole = body.clone();
        let other = server(move |number, _| match number {
            1 => Reply { cut: Some(20), ..bytes(200, &whole).with("etag", TAG) },
            2 => bytes(206, &vec![0; whole.len() - 20])
                .with("etag", second)
                .with("content-range", format!("bytes 20-{}/{}", whole.len() - 1, whole.len())),
            _ => bytes(200, &whole).with("etag", TAG),
        });
        assert_eq!(fetch(&other).1, None, "{second}: the file contains bytes of another file");
        assert_eq!(files(&other), 3);
    }
}

/// Checks that a download ends, although the server makes it discard all progress.
fn assert_transfer_fails(server: &ScriptedServer, reason: &str) {
    let (left, error) = fetch(server);
    let error = error.unwrap();
    assert!(left.is_empty() && error.contains(reason), "{error}");
    assert!(files(server) < 30, "{} requests", files(server));
}

#[test]
fn transfer_without_progress_ends() {
    let part = |number: usize| Reply { cut: Some(50 + number), ..bytes(200, &[1; 2_000]).with("etag", TAG) };
    assert_transfer_fails(
        &server(move |number, _| {
            if number % 2 == 1 {
                return part(number);
            }
            bytes(206, &[1; 100]).with("etag", TAG).with("content-range", "bytes 7-106/2000")
        }),
        "the server sent another part of the file than requested",
    );
    assert_transfer_fails(
        &server(move |number, _| {
            if number % 2 == 1 { part(number) } else { bytes(416, b"").with("content-range", "bytes */3") }
        }),
        "the file is shorter than it was",
    );
    assert_transfer_fails(
        &server(move |number, request| {
            let from = request.headers.iter().find(|(name, _)| name == "range");
            let Some((_, from)) = from else { return part(number) };
            let from = from.trim_start_matches("bytes=").trim_end_matches('-');
            bytes(206, &[1; 5_000]).with("etag", TAG).with("content-range", format!("bytes {from}-1999/2000"))
        }),
        "the server sent more bytes than announced",
    );
    assert_transfer_fails(
        &server(|number, _| Reply {
            framing: Framing::Chunks,
            cut: Some(40 + number % 3),
            ..bytes(200, &[1; 99])
        }),
        "times without a further byte",
    );
}

#[test]
fn transfer_fails_below_minimum_rate_or_after_time_limit() {
    let slow_server = || {
        server(|_, request| {
            let from = request.headers.iter().find(|(name, _)| name == "range");
            let from = from.map_or(0, |(_, from)| {
                from.trim_start_matches("bytes=").trim_end_matches('-').parse().unwrap()
            });
            let reply = match from {
                0 => bytes(200, &vec![1; 100_000]),
                from => bytes(206, &vec![1; 100_000 - from])
                    .with("content-range", format!("bytes {from}-99999/100000")),
            };
            Reply { cut: Some(1), ..reply.with("etag", TAG) }
        })
    };
    let server = slow_server();
    let error = fetch(&server).1.unwrap();
    let slow = "the file of job job_1 is received too slowly: fewer than 1000 bytes a second for 6";
    assert!(error.starts_with(slow) && error.ends_with("bytes were received"), "{error}");
    assert!(server.clock.elapsed() < Duration::from_secs(70));

    let server = slow_server();
    let error =
        fetch_with(&server, |download| download.min_rate(0).max_time(Duration::from_mins(5))).1.unwrap();
    let late = "the file of job job_1 was not received within 300 seconds; ";
    assert!(error.starts_with(late) && error.ends_with("bytes were received"), "{error}");
    assert!(server.clock.elapsed() < Duration::from_secs(310));

    // The pauses before requests that fail count, too.
    let server = self::server(|_, _| Reply::text(503, "later"));
    let error = fetch_with(&server, |download| download.max_time(Duration::from_millis(1500))).1.unwrap();
    assert_eq!(error, "the file of job job_1 was not received within 1 second; 0 bytes were received");
}
