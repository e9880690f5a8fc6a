//! Waits for rate limits, for quotas, and for the two import jobs that a tenant runs at a time. Uses a scripted
//! server and a virtual clock.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use reimport_jobs::upload::*;
use reimport_jobs::*;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Reply, Request, ScriptedServer, refusals, seconds};

const CONNECTION: &str = "con_A1b2C3d4E5f6G7h8";
const POST: &str = "POST /api/v2/jobs/users-imports";

fn job(id: &str, status: &str) -> Value {
    json!({"id": id, "type": "users_import", "status": status, "connection_id": CONNECTION})
}

fn token() -> Reply {
    Reply::json(200, &json!({"access_token": "t", "expires_in": 86_400}))
}

/// Returns each reply once, in order.
fn in_order(replies: Vec<Reply>) -> impl FnMut(&Request) -> Reply + Send {
    let mut replies = replies.into_iter();
    move |_| replies.next().expect("more requests than replies")
}

/// Returns the times between requests.
fn gaps(times: &[Duration]) -> Vec<Duration> {
    times.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).collect()
}

/// Builds a client, and returns it with a list that records its pauses in order.
fn client_with_pauses(builder: ClientBuilder) -> (Client, Arc<Mutex<Vec<Pause>>>) {
    let pauses = Arc::new(Mutex::new(Vec::new()));
    let recorded = Arc::clone(&pauses);
    let client = builder.pausing(move |pause| recorded.lock().unwrap().push(pause.clone())).build().unwrap();
    (client, pauses)
}

#[test]
fn retry_after_is_used_instead_of_earlier_reset() {
    let sample = refusals("POST oauth/token", 429).remove(0);
    let clock = ManualClock::default();
    let time = clock.clone();
    let mut tries = 0;
    let server = ScriptedServer::start_with(clock, move |request| {
        tries += 1;
        match request.call.as_str() {
            "POST /oauth/token" if tries == 1 => Reply::sample(&sample, time.now()),
            "POST /oauth/token" => token(),
            _ => Reply::json(200, &job("job_1", "pending")),
        }
    });
    let credentials = SignIn::client_credentials("id", Secret::new("hush"));
    let (client, pauses) = client_with_pauses(server.builder(credentials));
    client.job("job_1").unwrap();
    let tries = server.times("POST /oauth/token");
    assert_eq!(tries.len(), 2, "one more try");
    let waited = tries[1].as_secs_f64();
    assert!((60.0..=75.0).contains(&waited), "{waited}");
    let pauses = pauses.lock().unwrap();
    assert_eq!((pauses.len(), pauses[0].call, pauses[0].time), (1, "POST oauth/token", tries[1]));
    assert_eq!(
        pauses[0].reason,
        "POST /oauth/token: the tenant answered 429 too_many_requests: Rate limit exceeded"
    );
}

#[test]
fn reset_is_compared_with_date_of_response() {
    for local in [60_i64, -3600, 0] {
        let clock = ManualClock::default();
        let time = clock.clone();
        let mut tries = 0;
        let server = ScriptedServer::start_with(clock, move |_| {
            tries += 1;
            let reset = seconds(time.now()) + 5;
            match tries {
                1 => Reply::text(429, "{}").with("x-ratelimit-reset", reset),
                2 => Reply::text(429, "{}").with("x-ratelimit-reset", reset).with("date", "sometime"),
                _ => Reply::json(200, &job("job_1", "pending")),
            }
        });
        let local_clock = ManualClock::default();
        let offset = Duration::from_secs(local.unsigned_abs());
        local_clock.set(if local < 0 { local_clock.now() - offset } else { local_clock.now() + offset });
        let sign_in = SignIn::token(Secret::new("t"));
        let (client, pauses) =
            client_with_pauses(Client::builder(server.url(), sign_in).clock(local_clock.clone()));
        client.job("job_1").unwrap();
        let pauses: Vec<f64> = pauses.lock().unwrap().iter().map(|pause| pause.time.as_secs_f64()).collect();
        assert!((5.0..=6.25).contains(&pauses[0]), "{local}: {pauses:?}");
        assert!(
            (1.0..=1.25).contains(&pauses[1]),
            "{local}: without a date, the backoff of the client is used: {pauses:?}"
        );
        assert_eq!(pauses.len(), 2);
        assert!((local_clock.elapsed().as_secs_f64() - pauses[0] - pauses[1]).abs() < 1e-6);
    }
}

#[test]
fn wait_above_the_limit_fails_immediately_with_reason() {
    let sample = refusals("POST oauth/token", 429).remove(1);
    let clock = ManualClock::default();
    let time = clock.clone();
    let server = ScriptedServer::start_with(clock, move |_| Reply::sample(&sample, time.now()));
    assert_eq!(
        server.client_with_credentials().job("job_1").unwrap_err().to_string(),
        "POST /oauth/token: the tenant answered 429 too_many_requests: Client quota exceeded; the client's quota of 10 per \
         hour is used up; the tenant asks to wait 59 min, but this run waits 10 min at most: try again after that time"
    );
    assert_eq!((server.requests().len(), server.clock.elapsed()), (1, Duration::ZERO));
}

#[test]
fn nothing_is_repeated_and_nothing_waited_for_without_retries() {
    for reply in [Reply::text(503, ""), refused_for(5)] {
        let server = ScriptedServer::start(in_order(vec![reply]));
        let client = server.builder(SignIn::token(Secret::new("t"))).retry(Retry::none()).build().unwrap();
        client.job("job_1").unwrap_err();
        assert_eq!((server.requests().len(), server.clock.elapsed()), (1, Duration::ZERO));
    }
}

/// Returns a refusal because of the rate limit, which ends after this number of seconds.
fn refused_for(seconds: u64) -> Reply {
    Reply::text(429, "{}").with("retry-after", seconds)
}

#[test]
fn backoff_grows_even_if_tenant_asks_for_one_second() {
    for (header, value) in [("retry-after", 0_u64), ("retry-after", 1), ("x-ratelimit-reset", 1)] {
        for credentials in [false, true] {
            let server = ScriptedServer::start(move |_| Reply::text(429, "{}").with(header, value));
            let client = if credentials { server.client_with_credentials() } else { server.client() };
            let error = client.job("job_1").unwrap_err();
            assert_eq!(error.refused().map(|refused| refused.status), Some(429));
            let requests = server.requests().len();
            assert!((15..30).contains(&requests), "{header}: {requests} requests in ten minutes");
        }
    }
}

#[test]
fn upload_does_not_repeat_the_wait_of_sign_in() {
    let server = ScriptedServer::start(|_| Reply::text(429, "{}").with("retry-after", 1));
    let client = server.client_with_credentials();
    let (folder, parts) = parts(1);
    let error = Upload::new(&client, &parts, folder.path(), CONNECTION).run(&mut ()).unwrap_err();
    assert!(error.to_string().starts_with("POST /oauth/token: "), "{error}");
    assert!((15..30).contains(&server.requests().len()), "{} requests", server.requests().len());
    assert!(server.clock.elapsed() < Duration::from_mins(11));
}

#[test]
fn waits_are_summed_without_overflow() {
    let server = ScriptedServer::start(|_| Reply::text(429, "{}").with("retry-after", 240));
    assert_eq!(
        server.client().job("job_1").unwrap_err().to_string(),
        "GET /api/v2/jobs/job_1: the tenant answered 429; this lasted for 8 min, and the tenant asks to wait 4 min more, but this \
         run waits 10 min at most"
    );
    assert_eq!(server.requests().len(), 3);
    for huge in ["18446744073709551615", "999999999999999999999999"] {
        let server = ScriptedServer::start(move |_| {
            Reply::text(429, "{}").with("x-ratelimit-reset", huge).with("retry-after", huge)
        });
        let error = server.client().job("job_1").unwrap_err().to_string();
        assert!(
            error.contains("the tenant asks to wait 876600 h 0 min, but this run waits 10 min"),
            "{error}"
        );
    }
    let server = ScriptedServer::start(in_order(vec![
        Reply::json(200, &json!({"access_token": "t", "expires_in": u64::MAX})),
        Reply::json(200, &job("job_1", "pending")),
    ]));
    server.client_with_credentials().job("job_1").unwrap();
}

#[test]
fn import_retries_every_minute_at_the_job_limit() {
    let sample = refusals("POST jobs/users-imports", 429).remove(0);
    let clock = ManualClock::default();
    let time = clock.clone();
    let server = ScriptedServer::start_with(clock, move |_| {
        if time.elapsed() < Duration::from_hours(2) {
            return Reply::sample(&sample, time.now());
        }
        Reply::json(202, &job("job_1", "pending"))
    });
    let (client, pauses) = client_with_pauses(server.builder(SignIn::token(Secret::new("t"))));
    let import = UsersImport::new(CONNECTION, "p.json", b"[]");
    assert_eq!(client.users_imports(&import).unwrap().id, "job_1");
    let times = server.times(POST);
    assert_eq!(times.len(), 121);
    assert!(gaps(&times).iter().all(|gap| *gap == Duration::from_mins(1)));
    let pause = pauses.lock().unwrap()[0].clone();
    assert_eq!((pause.call, pause.time), ("POST jobs/users-imports", Duration::from_mins(1)));
    assert_eq!(pause.reason, JOB_LIMIT);

    let sample = refusals("POST jobs/users-imports", 429).remove(0);
    let server = ScriptedServer::start(move |_| Reply::sample(&sample, ManualClock::default().now()));
    let mut retry = Retry::default();
    retry.job_limit_wait = Duration::from_mins(5);
    let client = server.builder(SignIn::token(Secret::new("t"))).retry(retry).build().unwrap();
    assert_eq!(
        client.users_imports(&import).unwrap_err().to_string(),
        format!("{JOB_LIMIT}; this lasted for 5 min, and this run waits 5 min at most")
    );
}

/// The message for this error response.
const JOB_LIMIT: &str = "POST /api/v2/jobs/users-imports: the tenant answered 429 too_many_requests: There are 2 active import \
                         users jobs, please wait until some of them are finished and try again";

/// Creates parts of two users each.
fn parts(count: usize) -> (TempDir, PartFolder) {
    let folder = tempfile::tempdir().unwrap();
    for part in 1..=count {
        let users =
            json!([{"email": format!("a{part}@example.com")}, {"email": format!("b{part}@example.com")}]);
        std::fs::write(folder.path().join(format!("users-{part:05}.json")), users.to_string()).unwrap();
    }
    let parts = PartFolder::scan(folder.path()).unwrap();
    (folder, parts)
}

fn journal_of(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let journal = files.into_iter().find(|path| path.extension().is_some_and(|end| end == "ndjson")).unwrap();
    std::fs::read(journal).unwrap()
}

fn summary(inserted: u64) -> Value {
    json!({"failed": 0, "updated": 0, "inserted": inserted, "total": inserted})
}

/// Records the pauses.
#[derive(Default)]
struct Pauses(Vec<Pause>);

impl Observer for Pauses {
    fn pausing(&mut self, pause: &Pause) {
        self.0.push(pause.clone());
    }
}

/// Starts a tenant that accepts the first two parts. The job of the second part runs until `ends`. Until `free`,
/// all further imports are refused because of other jobs.
fn busy_tenant(clock: ManualClock, ends: Duration, free: Duration) -> ScriptedServer {
    let sample = refusals("POST jobs/users-imports", 429).remove(0);
    let time = clock.clone();
    let mut accepted = 0;
    ScriptedServer::start_with(clock, move |request| {
        let now = time.elapsed();
        if request.call.starts_with("POST") {
            if accepted >= 2 && now < free {
                return Reply::sample(&sample, time.now());
            }
            accepted += 1;
            return Reply::json(202, &job(&format!("job_{accepted}"), "pending"));
        }
        if request.call.ends_with("/errors") {
            return Reply::text(204, "");
        }
        let id = request.call.rsplit('/').next().unwrap();
        if id == "job_2" && now < ends {
            return Reply::json(200, &job(id, "processing"));
        }
        let mut ended = job(id, "completed");
        ended["summary"] = summary(2);
        Reply::json(200, &ended)
    })
}

#[test]
fn job_limit_wait_needs_few_requests_and_small_journal() {
    let hours = Duration::from_hours(2);
    let server = busy_tenant(ManualClock::default(), hours * 2, hours);
    let (folder, parts) = parts(3);
    let client = server.client();
    let mut pauses = Pauses::default();
    let outcome = Upload::new(&client, &parts, folder.path(), CONNECTION).run(&mut pauses).unwrap();
    assert!(outcome.is_complete());
    let bodies: Vec<Duration> = server.times(POST).split_off(2);
    assert!(bodies.last().unwrap() >= &hours, "it was refused for two hours");
    assert!(gaps(&bodies).iter().all(|gap| *gap >= Duration::from_mins(1)), "{bodies:?}");
    let polls = server.times("GET /api/v2/jobs/").len();
    let other = server.requests().len() - polls;
    assert!(other <= 150, "{other} requests");
    assert!(journal_of(folder.path()).len() < 100_000);
    assert!(
        pauses.0.iter().all(|pause| (10..=60).contains(&pause.time.as_secs()) && pause.reason == JOB_LIMIT)
    );
    assert_eq!(pauses.0.len(), bodies.len() - 1);
}

#[test]
fn part_is_sent_soon_after_own_job_ends() {
    let server = busy_tenant(ManualClock::default(), Duration::from_secs(20), Duration::from_secs(10));
    let (folder, parts) = parts(3);
    let client = server.client();
    Upload::new(&client, &parts, folder.path(), CONNECTION).run(&mut ()).unwrap();
    let times = server.times(POST);
    let again = gaps(&times)[2].as_secs();
    assert!((10..45).contains(&again), "{times:?}");
}

#[test]
fn permanent_job_limit_ends_upload_with_reason() {
    let server = busy_tenant(ManualClock::default(), Duration::ZERO, Duration::from_hours(24));
    let (folder, parts) = parts(3);
    let client = server.client();
    let mut wait = Wait::default();
    wait.limit = Duration::from_mins(30);
    let upload = Upload::new(&client, &parts, folder.path(), CONNECTION).wait(wait);
    let error = upload.run(&mut ()).unwrap_err().to_string();
    let expected = format!("{JOB_LIMIT}; this lasted for 29 min, and this run waits 30 min at most");
    assert_eq!(error, expected);
}

#[test]
fn rate_limit_above_wait_limit_ends_upload_immediately() {
    let server = ScriptedServer::start(|_| Reply::text(429, "{}").with("retry-after", 315_360_000));
    let (folder, parts) = parts(1);
    let client = server.client();
    let upload = Upload::new(&client, &parts, folder.path(), CONNECTION);
    assert_eq!(
        upload.run(&mut ()).unwrap_err().to_string(),
        "POST /api/v2/jobs/users-imports: the tenant answered 429; the tenant asks to wait 87600 h 0 min, but this run waits 10 \
         min at most: try again after that time"
    );
    assert_eq!((server.requests().len(), server.clock.elapsed()), (1, Duration::ZERO));
}

#[test]
fn clock_set_back_does_not_change_pauses() {
    let clock = ManualClock::default();
    let (time, start) = (clock.clone(), clock.now());
    let mut polls = 0;
    let server = ScriptedServer::start_with(clock, move |request| match request.call.as_str() {
        POST => Reply::json(202, &job("job_1", "pending")),
        call if call.ends_with("/errors") => Reply::text(204, ""),
        _ => {
            polls += 1;
            time.set(start - Duration::from_hours(10 * polls));
            let mut ended = job("job_1", if polls < 4 { "processing" } else { "completed" });
            if polls == 4 {
                ended["summary"] = summary(2);
            }
            Reply::json(200, &ended)
        }
    });
    let (folder, parts) = parts(1);
    let client = server.client();
    assert!(Upload::new(&client, &parts, folder.path(), CONNECTION).run(&mut ()).unwrap().is_complete());
    assert!(server.clock.elapsed() < Duration::from_secs(10), "{:?}", server.clock.elapsed());
}

#[test]
fn only_missing_error_list_means_no_errors() {
    for (status, is_accepted) in [(404, true), (204, true), (403, false), (500, false), (401, false)] {
        let lists = move |request: &Request| match request.call.as_str() {
            call if call.ends_with("/errors") => Reply::text(status, "{}"),
            POST => Reply::json(202, &job("job_1", "pending")),
            _ => {
                let mut job = job("job_1", "completed");
                job["summary"] = summary(2);
                Reply::json(200, &job)
            }
        };
        let server = ScriptedServer::start(lists);
        let client = server.client();
        let (folder, parts) = parts(1);
        let upload = Upload::new(&client, &parts, folder.path(), CONNECTION);
        let ended = upload.run(&mut ());
        if is_accepted {
            let outcome = ended.unwrap();
            assert_eq!((outcome.done.inserted, outcome.results[0].errors.is_none()), (2, true), "{status}");
            continue;
        }
        let error = ended.unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("GET /api/v2/jobs/job_1/errors: the tenant answered {status}")),
            "{error}"
        );
        // The result is not recorded, so the next run requests the list again.
        assert_eq!(upload.so_far().unwrap().unwrap().done.parts, 0, "{status}");
        assert!(!String::from_utf8(journal_of(folder.path())).unwrap().contains("finished"));
    }
}
