//! Sends answers of a tenant, or of something in between, to each call of `reimport-jobs`: any status, headers and
//! body. Each call must end. It must wait no longer by the virtual clock, and send no more requests, than
//! documented. It must show no secret, and write nothing outside of its folder.
//!
//! Input: the first byte chooses the call. Answers follow, separated by the byte 0xFF. The first byte of an answer
//! chooses its status, the second its framing. The lines up to an empty one are headers, the rest is the body. The
//! last answer is repeated.
#![no_main]

#[path = "../../crates/reimport-jobs/tests/support/mod.rs"]
mod support;

use std::collections::BTreeMap;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use reimport_jobs::upload::{Facts, MaxFailed, PartFolder, Plan, Upload};
use reimport_jobs::{
    Client, Clock as _, Error, Job, JobErrors, Secret, SignIn, UsersExport, VerificationEmail, Wait,
};
use support::{Framing, Reply, ScriptedServer};

/// The token. It is also in the dictionary, so that answers contain it.
const TOKEN: &str = "s3cr3t-t0k3n";
const STATUSES: [u16; 16] = [200, 200, 200, 202, 201, 204, 206, 302, 400, 401, 403, 404, 409, 416, 429, 503];
/// More requests than any call needs with the limits below.
const MOST_REQUESTS: usize = 5_000;

fn reply(bytes: &[u8]) -> Reply {
    let (status, rest) = bytes.split_first().map_or((0, bytes), |(first, rest)| (usize::from(*first), rest));
    let (framing, mut rest) = rest.split_first().map_or((0, rest), |(first, rest)| (*first, rest));
    let mut reply = Reply { status: STATUSES[status % STATUSES.len()], ..Reply::default() };
    while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
        let (line, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { break };
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(['\r', '\n'], "");
        // The script determines the framing of an answer.
        let name = text(&line[..colon]);
        if !["content-length", "transfer-encoding", "connection"]
            .contains(&name.trim().to_ascii_lowercase().as_str())
        {
            reply = reply.with(&name, text(&line[colon + 1..]));
        }
    }
    reply.body = rest.to_vec();
    match framing % 8 {
        0..=3 => {}
        4 => reply.framing = Framing::Chunks,
        5 => reply.framing = Framing::Nothing,
        6 => reply.cut = Some(rest.len() / 2),
        _ => reply.dropped = true,
    }
    reply
}

/// Adds every file in a folder and its subfolders, with its bytes.
fn files(folder: &Path, into: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else {
            into.insert(path.to_string_lossy().into_owned(), fs::read(&path).unwrap());
        }
    }
}

fn wait() -> Wait {
    let mut wait = Wait::default();
    wait.limit = Duration::from_mins(30);
    wait
}

/// Sends two parts of two users. All users must be counted exactly once.
fn upload(client: &Client, home: &Path) -> Result<String, Error> {
    let folder = home.join("parts");
    let parts = PartFolder::scan(&folder).unwrap();
    let upload = Upload::new(client, &parts, &folder, "con_A1b2C3d4E5f6G7h8")
        .max_failed(MaxFailed::Users(u64::MAX))
        .wait(wait());
    let ended = upload.run(&mut ());
    let so_far = upload.so_far().unwrap().unwrap();
    for part in &so_far.results {
        assert_eq!(part.result.users(), 2);
        assert!(part.errors.as_ref().is_none_or(|file| file.is_file() && file.starts_with(&folder)));
    }
    let outcome = ended?;
    assert_eq!((outcome.done.parts, outcome.done.users), (2, 4));
    Ok(format!("{:?}", outcome.error_kinds))
}

/// Makes one call, and returns what it shows of the answers.
fn call(number: u8, client: &Client, home: &Path) -> Result<String, Error> {
    let shown = |job: Job| job.status.to_string();
    match number % 8 {
        0 => upload(client, home),
        1 => client.wait("job_1", &wait(), |_| ControlFlow::Continue(())).map(shown),
        2 => client.job_errors("job_1").map(|errors| {
            let users = errors.users().iter().flat_map(|user| &user.errors);
            users
                .map(|error| format!("{:?} {:?} {}", error.plain_message(), error.plain_path(), error.kind()))
                .collect()
        }),
        3 => {
            let download = client.download().max_time(Duration::from_hours(1));
            let record = download.fetch("job_1", &home.join("export.gz"))?;
            assert_eq!(record.bytes, fs::metadata(home.join("export.gz")).unwrap().len());
            Ok(String::new())
        }
        4 => Plan::inspect(client, "Users", Facts::default())
            .map(|plan| format!("{:?}{:?}", plan.warnings(), plan.objections())),
        5 => client.users_exports(&UsersExport::everything()).map(shown),
        6 => client.verification_email(&VerificationEmail::new("auth0|1")).map(shown),
        _ => client.connection("con_A1b2C3d4E5f6G7h8").map(|seen| format!("{}", seen.as_ref().is_some())),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((&number, answers)) = bytes.split_first() else { return };
    // Any text may be parsed as an error list.
    let errors = JobErrors::from_text(String::from_utf8_lossy(answers));
    let _ = (errors.kinds(), errors.is_empty(), errors.job().is_some());

    let answers: Vec<Reply> = answers.split(|byte| *byte == 0xFF).take(16).map(reply).collect();
    let memory = Path::new("/dev/shm");
    let home = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
    let parts = home.path().join("parts");
    fs::create_dir(&parts).unwrap();
    fs::write(home.path().join("other.json"), "other").unwrap();
    for part in 1..=2 {
        let users = format!(r#"[{{"email":"a{part}@example.com"}},{{"email":"b{part}@example.com"}}]"#);
        fs::write(parts.join(format!("users-{part:05}.json")), users).unwrap();
    }
    let mut before = BTreeMap::new();
    files(home.path(), &mut before);
    let mut requests = 0;
    let server = ScriptedServer::start(move |got| {
        let mut reply = answers.get(requests).or(answers.last()).cloned().unwrap_or_default();
        // Replaces a link to this server, because the input does not know its port.
        let host = got.headers.iter().find(|(name, _)| name == "host").map_or("", |(_, host)| host);
        if let Ok(body) = std::str::from_utf8(&reply.body) {
            reply.body = body.replace("127.0.0.1:1/", &format!("{host}/")).into_bytes();
        }
        requests += 1;
        assert!(requests < MOST_REQUESTS, "the client does not stop");
        reply
    });
    let sign_in = if number < 128 {
        SignIn::token(Secret::new(TOKEN))
    } else {
        SignIn::client_credentials("id", Secret::new(TOKEN))
    };
    let client = server.builder(sign_in).build().unwrap();
    let started = server.clock.elapsed();
    let shown = match call(number, &client, home.path()) {
        Ok(shown) => shown,
        // The reason that the tenant gives for a failed job is shown, but without addresses.
        Err(Error::JobFailed { .. }) => String::new(),
        Err(error) => {
            let causes = std::iter::successors(std::error::Error::source(&error), |cause| cause.source());
            causes.fold(error.to_string(), |text, cause| text + &cause.to_string())
        }
    };
    assert!(!shown.contains(TOKEN), "a secret is shown");
    let took = server.clock.elapsed().saturating_sub(started);
    assert!(took < Duration::from_hours(12), "it took {took:?}");
    let mut after = BTreeMap::new();
    files(home.path(), &mut after);
    let is_own = |path: &str| {
        let name = path.strip_prefix(&*home.path().to_string_lossy()).unwrap_or(path);
        name.starts_with("/parts/upload-") || name.starts_with("/export.gz")
    };
    after.retain(|path, _| !is_own(path));
    assert_eq!(before, after, "nothing else is written");
});
