//! The server: one thread accepts connections, and one thread per connection handles one request.

use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::faults::Fault;
use super::request::Request;
use super::response::Response;
use super::routes;
use super::state::State;
use crate::clock::http_date_text;

/// Listens until it is dropped.
#[derive(Debug)]
pub(super) struct Server {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(state: Arc<Mutex<State>>) -> io::Result<Self> {
        Self::start_at(0, state)
    }

    pub(super) fn start_at(port: u16, state: Arc<Mutex<State>>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        let address = listener.local_addr()?;
        state.lock().unwrap_or_else(PoisonError::into_inner).base = format!("http://{address}");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::Relaxed) {
                    return;
                }
                if let Ok(stream) = stream {
                    let state = Arc::clone(&state);
                    // I/O errors, such as a client that disconnects, are ignored here. The client sees them.
                    std::thread::spawn(move || drop(serve(&stream, &state)));
                }
            }
        });
        Ok(Self { address, stop, thread: Some(thread) })
    }

    pub(super) fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // Wakes the thread that is blocked in `accept`.
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let request = Request::read(stream)?;
    let (response, fault) = {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        handle(&mut state, &request)
    };
    if let Some(response) = response {
        response.write(stream, fault)?;
    }
    stream.shutdown(Shutdown::Write)
}

/// Returns the response, or `None` if the connection must be closed without one.
fn handle(state: &mut State, request: &Request) -> (Option<Response>, Option<Fault>) {
    let call = routes::name(request);
    let fault = state.faults.next(&call);
    let early = match fault {
        Some(Fault::DropBefore) => Some(None),
        Some(Fault::Status(status)) => Some(Some(Response::refusal(status, "", "A fault on demand"))),
        Some(Fault::RateLimited(seconds)) => Some(Some(
            Response::refusal(429, "too_many_requests", "Global limit has been reached")
                .limited(0, state.now_seconds() + seconds),
        )),
        Some(Fault::RetryAfter(seconds)) => Some(Some(
            Response::refusal(429, "too_many_requests", "Global limit has been reached")
                .limited(0, state.now_seconds() + 1)
                .with("retry-after", seconds.to_string()),
        )),
        _ => None,
    };
    state.tick();
    let response = if let Some(response) = early {
        response
    } else {
        let response = routes::route(state, &call, request);
        match fault {
            Some(Fault::DropAfter) => None,
            Some(Fault::StatusAfter(status)) => Some(Response::refusal(status, "", "A fault on demand")),
            Some(Fault::Html) => {
                Some(Response { body: b"<html><body>Welcome</body></html>".to_vec(), ..response })
            }
            _ => Some(response),
        }
    };
    let response = response.map(|response| {
        let response = response.with("date", http_date_text(state.clock.now()));
        // A link points to a file server, which does not have this rate limit.
        if call == "download" { response } else { response.limited(49, state.now_seconds() + 1) }
    });
    state.log(call, request, response.as_ref().map(|response| response.status));
    (response, fault)
}
