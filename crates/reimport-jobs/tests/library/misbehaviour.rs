//! Runs the upload engine with a server that misbehaves at random: recorded responses, responses of unexpected
//! form, truncated and delayed responses, and every kind of error. Checks that each upload ends, that a part with a
//! response is not sent again, that no part is forgotten, and that the journal is correct.
//!
//! Seeds are independent: `MISBEHAVIOUR_SEEDS=7..8 cargo test -p reimport-jobs --test library misbehaviour` runs one of
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reimport_jobs::upload::*;
use reimport_jobs::*;
use serde_json::{Value, json};

use crate::support::{Reply, Request, ScriptedServer};

const CONNECTION: &str = "con_A1b2C3d4E5f6G7h8";
const PARTS: usize = 3;
const USERS: u64 = 2;

/// Limits for one seed, for all its runs together. No seed needs as many, only an endless loop would reach them.
const MAX_REQUESTS: usize = 4_000;
const MAX_RUNS: usize = 300;

/// A random number generator. Equal seeds give equal numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn choose<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// The state of the server, and the mistakes of the client that it has seen.
struct ServerState {
    random: Random,
    clock: ManualClock,
    jobs: usize,
    /// The part of each job.
    part_of: BTreeMap<String, String>,
    /// Parts for which the client has received a job that is not gone.
    answered: BTreeSet<String>,
    requests: usize,
    violations: Vec<String>,
}

fn samples(text: &str) -> Vec<Value> {
    serde_json::from_str(text).unwrap()
}

/// Returns the recorded import jobs, and an import job of each documented status.
fn recorded_jobs() -> Vec<Value> {
    let mut all = samples(include_str!("../../../../testdata/recorded/jobs-as-recorded.json"));
    all.extend(samples(include_str!("../../../../testdata/job-import.json")));
    all.retain(|job| job["type"] == "users_import");
    for job in &mut all {
        job.as_object_mut().unwrap().remove("_");
    }
    all
}

impl ServerState {
    fn reply_to(&mut self, request: &Request) -> Reply {
        self.requests += 1;
        if self.requests > MAX_REQUESTS {
            self.violations.push("the upload does not end".to_owned());
            return Reply::text(403, "{}");
        }
        self.clock.sleep(Duration::from_millis(self.random.below(3_000) as u64));
        let reply = if request.call.starts_with("POST") {
            self.import(&request.body)
        } else if let Some(id) = request.call.strip_suffix("/errors").and_then(|call| call.rsplit('/').next())
        {
            self.errors(id)
        } else {
            self.job(request.call.rsplit('/').next().unwrap())
        };
        self.clock.sleep(Duration::from_millis(self.random.below(3_000) as u64));
        reply
    }

    /// Returns an error that any call can have. The call was not carried out.
    fn error_reply(&mut self) -> Reply {
        let refusals = samples(include_str!("../../../../testdata/recorded/refusals.json"));
        let now = self.clock.now();
        match self.random.below(9) {
            0 => Reply::dropped(),
            1 => Reply::text(self.random.choose(&[500, 502, 503, 408]), "<html>"),
            2 => Reply::text(429, "not json"),
            3 => Reply::text(429, "{}").with("retry-after", self.random.choose(&[0, 2, 61, 3_600, u64::MAX])),
            4 => Reply::text(429, "{}")
                .with("x-ratelimit-reset", self.random.choose(&[0, 1_787_220_500, u64::MAX])),
            5 => Reply::text(429, "{}").with("retry-after", "soon").with("date", "never"),
            6 => Reply::text(200, "<html>"),
            _ => Reply::sample(&self.random.choose(&refusals), now),
        }
    }

    /// Truncates the response.
    fn truncate(&mut self, mut reply: Reply) -> Reply {
        reply.cut = Some(self.random.below(reply.body.len().max(1)));
        reply
    }

    fn import(&mut self, body: &[u8]) -> Reply {
        let text = String::from_utf8_lossy(body);
        let part = text.split_once("filename=\"").unwrap().1.split_once('"').unwrap().0.to_owned();
        if self.answered.contains(&part) {
            self.violations.push(format!("{part} was sent again after a response"));
        }
        if self.random.below(3) == 0 {
            return self.error_reply();
        }
        self.jobs += 1;
        let id = format!("job_{:016}", self.jobs);
        self.part_of.insert(id.clone(), part.clone());
        let mut job = self.random.choose(&recorded_jobs());
        job["id"] = id.into();
        let reply = Reply::json(self.random.choose(&[200, 202]), &job);
        match self.random.below(8) {
            0 => self.truncate(reply),
            1 => Reply::dropped(),
            2 => Reply::text(self.random.choose(&[500, 503]), ""),
            3 => Reply::text(
                202,
                self.random.choose(&["<html>", "", "{}", "[1]", r#"{"id":7,"status":"pending"}"#]),
            ),
            _ => {
                self.answered.insert(part);
                reply
            }
        }
    }

    fn job(&mut self, id: &str) -> Reply {
        let part = self.part_of[id].clone();
        if self.random.below(5) == 0 {
            let reply = self.error_reply();
            if reply.status == 404 {
                self.answered.remove(&part);
            }
            return reply;
        }
        let mut job = self.random.choose(&recorded_jobs());
        job["id"] = id.into();
        let counts = |inserted: u64, updated: u64, failed: u64| json!({"inserted": inserted, "updated": updated, "failed": failed, "total": inserted + updated + failed});
        match self.random.below(12) {
            0 => job["summary"] = counts(2, 0, 0),
            1 => job["summary"] = counts(1, 0, 1),
            2 => job["summary"] = counts(0, 0, 2),
            3 => job["summary"] = counts(1_000_000, 7, 0),
            4 => job["summary"] = json!({"inserted": u64::MAX, "failed": "many", "odd": [1]}),
            5 => job["summary"] = Value::Null,
            6 => job["status"] = self.random.choose(&["waltzing", "waiting", "expired", "cancelled"]).into(),
            7 => job["id"] = "job_of_another".into(),
            8 => job["percentage_done"] = self.random.choose(&[json!(1e300), json!("half"), json!(-1)]),
            9 => {
                return Reply::text(404, "{}").with("x", {
                    self.answered.remove(&part);
                    1
                });
            }
            _ => {}
        }
        if self.random.below(12) == 0 {
            return self.truncate(Reply::json(200, &job));
        }
        let is_lost = matches!(job["status"].as_str(), Some("expired" | "cancelled"));
        if is_lost && !job["summary"].is_object() {
            self.answered.remove(&part);
        }
        Reply::json(200, &job)
    }

    fn errors(&mut self, _: &str) -> Reply {
        if self.random.below(6) == 0 {
            return self.error_reply();
        }
        let lists = [
            include_str!("../../../../testdata/recorded/errors-as-recorded.json"),
            include_str!("../../../../testdata/recorded/errors-as-the-schema-allows.json"),
            include_str!("../../../../testdata/recorded/errors-as-a-job.json"),
            r#"[{"errors":[{"code":"DUPLICATED_USER"}]}]"#,
            r#"[1, null, {"user": 3, "errors": {}}, {"errors": [7, {"code": {}}]}]"#,
            "[]",
            "[{\"a\":",
            "\"no\"",
            "{}",
            "<html>",
        ];
        let list = Reply::text(200, self.random.choose(&lists));
        match self.random.below(6) {
            0 => Reply::text(204, ""),
            1 => self.truncate(list),
            2 => Reply::text(404, "{}"),
            _ => list,
        }
    }
}

/// Creates a folder in memory instead of on disk, if possible. The journal syncs each line, which is slow on disk.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

fn run_seed(seed: u64) {
    let folder = folder();
    for part in 1..=PARTS {
        let users: Vec<Value> =
            (0..USERS).map(|n| json!({"email": format!("u{part}-{n}@example.com")})).collect();
        std::fs::write(folder.path().join(format!("users-{part:05}.json")), Value::from(users).to_string())
            .unwrap();
    }
    let parts = PartFolder::scan(folder.path()).unwrap();
    let clock = ManualClock::default();
    let state = ServerState {
        random: Random(seed),
        clock: clock.clone(),
        jobs: 0,
        part_of: BTreeMap::new(),
        answered: BTreeSet::new(),
        requests: 0,
        violations: Vec::new(),
    };
    let state = Arc::new(Mutex::new(state));
    let server_state = Arc::clone(&state);
    let server =
        ScriptedServer::start_with(clock, move |request| server_state.lock().unwrap().reply_to(request));
    let client = server.client();
    let mut wait = Wait::default();
    wait.limit = Duration::from_mins(30);
    let upload = Upload::new(&client, &parts, folder.path(), CONNECTION)
        .upsert(seed.is_multiple_of(3))
        .max_failed(MaxFailed::Users(u64::MAX))
        .wait(wait);
    for run in 0.. {
        assert!(run < MAX_RUNS, "seed {seed}: the upload does not end");
        let before = server.clock.elapsed();
        let ended = upload.run(&mut ());
        let took = server.clock.elapsed().saturating_sub(before);
        assert!(took < Duration::from_hours(12), "seed {seed}: a run took {took:?}");
        assert_eq!(state.lock().unwrap().violations, [""; 0], "seed {seed}");
        let results = journal(folder.path(), seed);
        let so_far = upload.so_far().unwrap().unwrap();
        assert_eq!(so_far.done.parts, results.len() as u64, "seed {seed}");
        if let Ok(outcome) = ended {
            assert_eq!(
                (outcome.parts, outcome.done.parts),
                (PARTS as u64, PARTS as u64),
                "seed {seed}: a part is missing"
            );
            assert_eq!(outcome.done.users, USERS * PARTS as u64, "seed {seed}");
            assert_eq!(outcome.stopped, None);
            for part in &outcome.results {
                assert_eq!(results[&part.part], part.result, "seed {seed}: the journal has another result");
                assert!(part.errors.as_ref().is_none_or(|errors| errors.is_file()), "seed {seed}");
            }
            return;
        }
    }
}

/// Returns the results in the journal, by part. Panics if the journal is inconsistent.
fn journal(folder: &Path, seed: u64) -> BTreeMap<String, PartResult> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let journals: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|end| end == "ndjson")).collect();
    let [journal] = journals.as_slice() else { panic!("seed {seed}: {journals:?}") };
    let text = std::fs::read_to_string(journal).unwrap();
    assert!(text.ends_with('\n'), "seed {seed}");
    let mut names: BTreeMap<String, String> = BTreeMap::new();
    // The current job of each part, if it has one.
    let mut jobs: BTreeMap<String, Option<String>> = BTreeMap::new();
    let mut results = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let event: Value = serde_json::from_str(line).unwrap();
        let kind = event["event"].as_str().unwrap();
        assert_eq!(kind == "begin", number == 0, "seed {seed}: {line}");
        let Some(checksum) = event["checksum"].as_str().map(str::to_owned) else { continue };
        if kind == "sending" {
            names.insert(checksum.clone(), event["part"].as_str().unwrap().to_owned());
        }
        let part = names[&checksum].clone();
        assert!(!results.contains_key(&part), "seed {seed}: an event follows the result of {part}");
        let job = jobs.entry(part.clone()).or_default();
        let event_job = event["job"].as_str().map(str::to_owned);
        match kind {
            "sending" | "not_taken" => assert_eq!(*job, None, "seed {seed}: {part} has a job"),
            "accepted" => *job = event_job,
            "gone" => {
                assert_eq!(*job, event_job, "seed {seed}");
                *job = None;
            }
            "finished" => {
                assert_eq!(*job, event_job, "seed {seed}");
                let result: PartResult = serde_json::from_value(event["result"].clone()).unwrap();
                assert_eq!(result.users(), USERS, "seed {seed}: {line}");
                results.insert(part, result);
            }
            other => panic!("seed {seed}: {other}"),
        }
    }
    results
}

#[test]
fn uploads_complete_for_a_thousand_seeds() {
    let range = std::env::var("MISBEHAVIOUR_SEEDS").unwrap_or_else(|_| "0..1000".to_owned());
    let (first, end) = range.split_once("..").unwrap();
    let (next, end) = (AtomicU64::new(first.parse().unwrap()), end.parse::<u64>().unwrap());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= end {
                        return;
                    }
                    run_seed(number);
                }
            });
        }
    });
}
