//! The messages for a tenant that cannot be reached, or whose response is not complete. The errors are real ones.

use std::error::Error as _;
use std::io::Read as _;
use std::net::TcpListener;
use std::time::Duration;

use reimport_jobs::*;

use crate::support::{Framing, Reply, ScriptedServer};

fn client(address: &str, clock: ManualClock) -> Client {
    let mut timeouts = Timeouts::default();
    timeouts.connect = Duration::from_secs(5);
    // A timeout takes real time, once for each try.
    timeouts.call = Duration::from_millis(1_100);
    let mut retry = Retry::default();
    retry.attempts = 2;
    let sign_in = SignIn::token(Secret::new("t"));
    Client::builder(address, sign_in).clock(clock).timeouts(timeouts).retry(retry).build().unwrap()
}

/// Returns the message of `GET jobs/job_1` without the port, and the kind.
fn failure(address: &str) -> (String, NetworkErrorKind) {
    let error = client(address, ManualClock::default()).job("job_1").unwrap_err();
    let Error::NoResponse { reason, .. } = &error else { panic!("{error}") };
    assert!(reason.source().is_some(), "{error}");
    let port = address.rsplit(':').next().unwrap();
    (error.to_string().replace(port, "PORT"), reason.kind())
}

#[test]
fn closed_port_refuses_the_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        failure(&address),
        (
            "GET /api/v2/jobs/job_1: 127.0.0.1:PORT refused the connection".to_owned(),
            NetworkErrorKind::Refused
        )
    );
}

#[test]
fn unknown_name_is_not_retried() {
    let clock = ManualClock::default();
    let error = client("acme.invalid", clock.clone()).job("job_1").unwrap_err();
    let Error::NoResponse { reason, may_have_acted, .. } = &error else { panic!("{error}") };
    let message = error.to_string();
    let cause = reason.source().unwrap().to_string();
    assert!(!may_have_acted, "{cause}");
    // Without a name server, it is not known that there is no such host.
    if reason.kind() == NetworkErrorKind::LookupFailed {
        assert_eq!(
            message,
            "GET /api/v2/jobs/job_1: cannot reach acme.invalid: its name cannot be looked up; is this machine online?"
        );
        return;
    }
    assert_eq!(message, "GET /api/v2/jobs/job_1: cannot reach acme.invalid: no such host");
    assert_eq!(clock.elapsed(), Duration::ZERO);
}

#[test]
fn silent_server_is_a_timeout() {
    // The system accepts the connections, and nothing reads the requests.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let expected = "GET /api/v2/jobs/job_1: 127.0.0.1:PORT did not answer completely within 1 second";
    let found = failure(&format!("http://{}", listener.local_addr().unwrap()));
    assert_eq!(found, (expected.to_owned(), NetworkErrorKind::Timeout));
}

#[test]
fn server_that_closes_is_named() {
    let body = Reply::text(200, &"x".repeat(1_000));
    let cut = Reply { cut: Some(100), ..body };
    let chunks = Reply { framing: Framing::Chunks, ..cut.clone() };
    for reply in [Reply::dropped(), cut, chunks] {
        let shown = format!("{reply:?}");
        let server = ScriptedServer::start(move |_| reply.clone());
        let url = server.url();
        let host = url["http://".len()..].split(':').next().unwrap();
        let expected = format!(
            "GET /api/v2/jobs/job_1: {host}:PORT closed the connection before the answer was complete"
        );
        assert_eq!(failure(&url), (expected, NetworkErrorKind::Closed), "{shown}");
    }
}

#[test]
fn other_protocol_is_not_http() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            assert!(stream.read(&mut [0; 1024]).unwrap() > 0);
            drop(std::io::Write::write_all(&mut stream, b"220 mail.example ESMTP\r\n\r\n"));
        }
    });
    assert_eq!(
        failure(&format!("http://{address}")),
        (
            "GET /api/v2/jobs/job_1: the answer of 127.0.0.1:PORT is not HTTP, or is incomplete".to_owned(),
            NetworkErrorKind::NotHttp
        )
    );
}

#[test]
fn refused_download_names_the_host_but_not_the_link() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = closed.local_addr().unwrap();
    drop(closed);
    let link = format!("http://{host}/export.json.gz?signature=hush");
    let server = ScriptedServer::start(move |_| {
        let job = serde_json::json!({"id": "job_1", "type": "users_export", "status": "completed", "location": link});
        Reply::json(200, &job)
    });
    let folder = tempfile::tempdir().unwrap();
    let error = server.client().download().fetch("job_1", &folder.path().join("a.json.gz")).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "the file of job job_1 stopped 6 times without a further byte ({host} refused the connection); 0 bytes were received"
        )
    );
    let (mut cause, mut is_kept): (Option<&dyn std::error::Error>, bool) = (Some(&error), false);
    while let Some(this) = cause {
        is_kept |= this.is::<std::io::Error>();
        assert!(!format!("{this} {this:?}").contains("hush"));
        cause = this.source();
    }
    assert!(is_kept);
}
