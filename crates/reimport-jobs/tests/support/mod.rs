//! A server with scripted responses. It records the requests and their times.
#![allow(dead_code, reason = "each test file uses only some items")]

use std::fmt::Display;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

use reimport_jobs::{Client, ClientBuilder, Clock, ManualClock, Secret, SignIn};
use serde_json::Value;

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// The method and the path with its query, for example `GET /api/v2/jobs/job_1`.
    pub(crate) call: String,
    /// The time of the request, measured by the virtual clock.
    pub(crate) at: Duration,
    /// The headers. Names are in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// One response. A `date` header of the virtual clock is added, unless `headers` contains one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// The length at which the body is truncated.
    pub(crate) cut: Option<usize>,
    /// True if the connection is closed without a response.
    pub(crate) dropped: bool,
    pub(crate) framing: Framing,
    /// This number of bytes `a` follow the body.
    pub(crate) filler: usize,
}

/// How the end of the body is marked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Framing {
    #[default]
    Length,
    Chunks,
    /// Only by the end of the connection.
    Nothing,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::text(status, &body.to_string())
    }

    pub(crate) fn text(status: u16, body: &str) -> Self {
        Self { status, body: body.as_bytes().to_vec(), ..Self::default() }
    }

    pub(crate) fn dropped() -> Self {
        Self { dropped: true, ..Self::default() }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        self.headers.push((name.to_owned(), format!("{value}")));
        self
    }

    /// Returns a recorded error response. `<Date + N s>` is replaced by the seconds of `now` plus N.
    pub(crate) fn sample(sample: &Value, now: SystemTime) -> Self {
        let mut reply = Self::json(sample["status"].as_u64().unwrap() as u16, &sample["body"]);
        for (name, value) in sample["headers"].as_object().unwrap() {
            let value = value.as_str().unwrap();
            let ahead = value.strip_prefix("<Date + ").and_then(|rest| rest.strip_suffix(" s>"));
            let value = match ahead {
                Some(ahead) => (seconds(now) + ahead.parse::<u64>().unwrap()).to_string(),
                None => value.to_owned(),
            };
            reply = reply.with(name, value);
        }
        reply
    }
}

/// Returns the samples in `testdata/recorded/refusals.json` for a call and a status.
pub(crate) fn refusals(call: &str, status: u16) -> Vec<Value> {
    let all: Vec<Value> =
        serde_json::from_str(include_str!("../../../../testdata/recorded/refusals.json")).unwrap();
    let found: Vec<Value> =
        all.into_iter().filter(|sample| sample["call"] == call && sample["status"] == status).collect();
    assert!(!found.is_empty(), "no sample of {call} {status}");
    found
}

pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

/// The server. It stops when it is dropped.
pub(crate) struct ScriptedServer {
    address: SocketAddr,
    pub(crate) clock: ManualClock,
    requests: Arc<Mutex<Vec<Request>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl ScriptedServer {
    pub(crate) fn start(script: impl FnMut(&Request) -> Reply + Send + 'static) -> Self {
        Self::start_with(ManualClock::default(), script)
    }

    pub(crate) fn start_with(
        clock: ManualClock,
        mut script: impl FnMut(&Request) -> Reply + Send + 'static,
    ) -> Self {
        // Some tests call a port of 127.0.0.1 that they have closed, which another server may have opened by then. Not
        // every system has a second loopback address.
        let apart = TcpListener::bind((Ipv4Addr::new(127, 0, 0, 2), 0));
        let listener = apart.or_else(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0))).unwrap();
        let address = listener.local_addr().unwrap();
        let (requests, stop) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicBool::new(false)));
        let (seen, stopped, time) = (Arc::clone(&requests), Arc::clone(&stop), clock.clone());
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let Some(request) = read(&stream, time.elapsed()) else { continue };
                seen.lock().unwrap().push(request.clone());
                // Write errors, such as a client that disconnects, are ignored here. The client sees them.
                drop(write(&stream, &script(&request), time.now()));
            }
        });
        Self { address, clock, requests, stop, thread: Some(thread) }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn builder(&self, sign_in: SignIn) -> ClientBuilder {
        Client::builder(self.url(), sign_in).clock(self.clock.clone())
    }

    /// Creates a client with a token.
    pub(crate) fn client(&self) -> Client {
        self.builder(SignIn::token(Secret::new("token"))).build().unwrap()
    }

    /// Creates a client that signs in with client credentials.
    pub(crate) fn client_with_credentials(&self) -> Client {
        self.builder(SignIn::client_credentials("id", Secret::new("hush"))).build().unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    /// Returns the times of the requests whose call begins with `call`.
    pub(crate) fn times(&self, call: &str) -> Vec<Duration> {
        self.requests()
            .iter()
            .filter(|request| request.call.starts_with(call))
            .map(|request| request.at)
            .collect()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            // If the script panicked, its message is already printed. A second panic while the test is unwinding
            // would hide the first one.
            let failed = thread.join().is_err();
            assert!(!failed || std::thread::panicking(), "the script failed");
        }
    }
}

fn read(stream: &TcpStream, at: Duration) -> Option<Request> {
    let mut input = BufReader::new(stream);
    let mut line = String::new();
    input.read_line(&mut line).ok()?;
    let call = line.trim_end().strip_suffix(" HTTP/1.1")?.to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        input.read_line(&mut line).ok()?;
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.map_or(0, |(_, length)| length.parse().unwrap())];
    input.read_exact(&mut body).ok()?;
    Some(Request { call, at, headers, body })
}

fn write(mut to: &TcpStream, reply: &Reply, now: SystemTime) -> std::io::Result<()> {
    if reply.dropped {
        return Ok(());
    }
    let mut head = format!("HTTP/1.1 {} X\r\nconnection: close\r\n", reply.status);
    if !reply.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("date")) {
        head.extend(["date: ", &http_date(now), "\r\n"]);
    }
    for (name, value) in &reply.headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let body = &reply.body[..reply.cut.unwrap_or(reply.body.len()).min(reply.body.len())];
    if reply.framing == Framing::Chunks {
        let last = if reply.cut.is_none() { "\r\n0\r\n\r\n" } else { "" };
        let size = format!("{:x}", reply.body.len());
        head.extend(["transfer-encoding: chunked\r\n\r\n", &size, "\r\n"]);
        return to.write_all(&[head.as_bytes(), body, last.as_bytes()].concat());
    }
    if reply.status != 204 && reply.framing == Framing::Length {
        head.extend(["content-length: ", &(reply.body.len() + reply.filler).to_string(), "\r\n"]);
    }
    to.write_all((head + "\r\n").as_bytes())?;
    to.write_all(body)?;
    let filler = vec![b'a'; reply.filler.min(1 << 20)];
    let mut left = reply.filler;
    while left > 0 {
        to.write_all(&filler[..left.min(filler.len())])?;
        left -= left.min(filler.len());
    }
    to.flush()
}

/// Formats a date as in the `Date` header. The virtual clock starts on 20 August 2026, and tests do not go beyond
/// September.
pub(crate) fn http_date(time: SystemTime) -> String {
    let seconds = seconds(time);
    let (day, second) = (seconds / 86_400, seconds % 86_400);
    let weekday = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"][(day % 7) as usize];
    // Days since 1 August 2026.
    let day = day - 20_666;
    let (month, day) = if day < 31 { ("Aug", day + 1) } else { ("Sep", day - 30) };
    format!(
        "{weekday}, {day:02} {month} 2026 {:02}:{:02}:{:02} GMT",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}
