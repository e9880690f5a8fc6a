//! The only module that uses HTTP: one request, one response, and the meaning of a missing response.
//!
//! Connections are never reused. If the server closed a reused connection during a request, it would be unknown
//! whether the request was carried out. Redirects of API calls are not followed, because they would send the token
//! to another host.

use std::io::{self, Read as _, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use ureq::http::{HeaderMap, Response, Uri, request};
use ureq::{Agent, Body};

use crate::api_call::ApiCall;
use crate::api_error::{ApiError, RateLimitInfo, quota};
use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::network::{Host, NetworkError};
use crate::retry::requested_wait;
use crate::secret::Secret;

/// Timeouts for the steps of a request.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Timeouts {
    /// Resolving the host and connecting.
    pub connect: Duration,
    /// A complete API call.
    pub call: Duration,
    /// The start of the response to a download.
    pub download_response: Duration,
    /// The longest pause within a download.
    pub download_pause: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(15),
            call: Duration::from_mins(2),
            download_response: Duration::from_mins(1),
            download_pause: Duration::from_mins(1),
        }
    }
}

/// Sends requests.
#[derive(Debug)]
pub(crate) struct Http {
    api: Agent,
    files: Agent,
    timeouts: Timeouts,
    /// True if the tenant has answered.
    reached: AtomicBool,
    pub(crate) clock: Arc<dyn Clock>,
}

/// The request of one API call.
pub(crate) struct Request<'a> {
    pub(crate) call: &'a ApiCall,
    pub(crate) url: String,
    /// The content type and the body.
    pub(crate) body: Option<(&'a str, &'a [u8])>,
    /// An additional header.
    pub(crate) header: Option<(&'static str, &'a str)>,
}

/// The maximum number of bytes to read of a job, a token or an error response. Documented ones have a few hundred.
pub(crate) const SHORT: u64 = 1 << 20;

/// The maximum number of bytes to read of a connection, which can contain scripts.
pub(crate) const WITH_SCRIPTS: u64 = 2 << 20;

impl Http {
    /// Creates the HTTP agents. With `loopback`, plain http is allowed and no proxy is used.
    pub(crate) fn new(timeouts: &Timeouts, loopback: bool, clock: Arc<dyn Clock>) -> Self {
        let common = || {
            let config = Agent::config_builder()
                .http_status_as_error(false)
                .https_only(!loopback)
                .max_idle_connections(0)
                .timeout_resolve(Some(timeouts.connect))
                .timeout_connect(Some(timeouts.connect))
                .user_agent(concat!("reimport/", env!("CARGO_PKG_VERSION")))
                .accept_encoding("identity");
            if loopback { config.proxy(None) } else { config }
        };
        let api =
            common().max_redirects(0).max_redirects_will_error(false).timeout_global(Some(timeouts.call));
        let files = common()
            .max_redirects(3)
            .timeout_recv_response(Some(timeouts.download_response))
            .timeout_per_read(Some(timeouts.download_pause));
        let (api, files) = (api.build().into(), files.build().into());
        Self { api, files, timeouts: timeouts.clone(), reached: AtomicBool::new(false), clock }
    }

    /// Makes a call once and reads the head of the response. A status other than 2xx is an error.
    pub(crate) fn call(&self, parts: &Request<'_>, token: Option<&Secret>) -> Result<Response<Body>> {
        let call = parts.call;
        let mut request = request::Builder::new()
            .method(call.method())
            .uri(&parts.url)
            .header("accept", "application/json");
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {}", token.expose()));
        }
        if let Some((name, value)) = parts.header {
            request = request.header(name, value);
        }
        if let Some((kind, _)) = parts.body {
            request = request.header("content-type", kind);
        }
        let response = match parts.body {
            Some((_, body)) => request.body(body).map_err(ureq::Error::from).and_then(|r| self.api.run(r)),
            None => request.body(()).map_err(ureq::Error::from).and_then(|r| self.api.run(r)),
        };
        let mut response = response.map_err(|error| {
            let reason = NetworkError::new(error, &self.host(&parts.url));
            let is_permanent = reason.is_permanent(self.reached.load(Ordering::Relaxed));
            let may_have_acted = !reason.is_before_sending();
            Error::NoResponse { call: call.clone(), reason, may_have_acted, is_permanent }
        })?;
        self.reached.store(true, Ordering::Relaxed);
        let status = response.status().as_u16();
        if (200..300).contains(&status) {
            return Ok(response);
        }
        // The body may be incomplete or longer than is read. This is not an error, because the status is
        // sufficient.
        let body = response.body_mut().with_config().limit(SHORT).read_to_vec().unwrap_or_default();
        let header = |name| header(response.headers(), name);
        let quota_of = |of, name| header(name).and_then(|text| quota(of, text));
        let rate_limit = RateLimitInfo {
            wait: requested_wait(header("date"), header("x-ratelimit-reset"), header("retry-after")),
            quota: quota_of("client", "auth0-client-quota-limit")
                .or_else(|| quota_of("organization", "auth0-organization-quota-limit")),
        };
        let body = String::from_utf8_lossy(&body);
        Err(Error::Refused(Box::new(ApiError::read(call, status, &body, rate_limit))))
    }

    /// Requests a file from the byte `from` on. Never sends a token.
    pub(crate) fn file(
        &self,
        link: &Secret,
        from: u64,
        tag: Option<&str>,
    ) -> Result<Response<Body>, NetworkError> {
        let mut request = request::Builder::new().uri(link.expose());
        if from > 0 {
            request = request.header("range", format!("bytes={from}-"));
            if let Some(tag) = tag {
                request = request.header("if-range", tag);
            }
        }
        let response =
            request.body(()).map_err(ureq::Error::from).and_then(|request| self.files.run(request));
        response.map_err(|error| NetworkError::new(error, &self.host(link.expose())))
    }

    /// Returns the host of a URL, for errors.
    pub(crate) fn host(&self, url: &str) -> Host<'_> {
        let uri = url.parse().unwrap_or_default();
        Host::new(&uri, self.api.config().proxy(), &self.timeouts)
    }
}

/// Reads a response to its end. Fails if it has more than `limit` bytes.
pub(crate) fn read_text(
    call: &ApiCall,
    host: &Host<'_>,
    response: &mut Response<Body>,
    limit: u64,
) -> Result<String> {
    let body = response.body_mut().with_config().limit(limit).read_to_vec();
    let body = body.map_err(|error| broken(call, host, limit, error))?;
    // JSON must be UTF-8. Replacing invalid bytes does not make other text valid JSON.
    Ok(String::from_utf8_lossy(&body).into_owned())
}

/// Returns the error for a 2xx response that cannot be read to its end. The call may have been carried out.
fn broken(call: &ApiCall, host: &Host<'_>, limit: u64, error: ureq::Error) -> Error {
    let call = call.clone();
    match error {
        ureq::Error::BodyExceedsLimit(_) => Error::TooLong { call, limit },
        error => {
            let reason = NetworkError::new(error, host);
            Error::NoResponse { call, reason, may_have_acted: true, is_permanent: false }
        }
    }
}

/// Copies the body of a response, of any length, to its end. The inner result is the error of writing.
pub(crate) fn copy_body(
    call: &ApiCall,
    host: &Host<'_>,
    response: &mut Response<Body>,
    to: &mut dyn Write,
) -> Result<io::Result<u64>> {
    let mut body = response.body_mut().with_config().limit(u64::MAX).reader();
    let mut buffer = vec![0; 64 << 10];
    let mut copied = 0;
    loop {
        let read = match body.read(&mut buffer) {
            Ok(0) => return Ok(Ok(copied)),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(broken(call, host, u64::MAX, ureq::Error::from(error))),
        };
        if let Err(error) = to.write_all(buffer.get(..read).unwrap_or_default()) {
            return Ok(Err(error));
        }
        copied += read as u64;
    }
}

/// Returns the value of a header, if it is text.
pub(crate) fn header<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Returns true if the host of a URL is this machine.
pub(crate) fn is_loopback(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default();
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Escapes one path segment. All bytes except letters, digits and `-._~` are escaped.
pub(crate) fn segment(text: &str) -> String {
    const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ESCAPED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_only_this_machine() {
        for (url, loopback) in [
            ("http://localhost:1", true),
            ("http://127.0.0.1", true),
            ("http://127.9.9.9:80/x", true),
            ("http://[::1]:8080/", true),
            ("http://127.0.0.1.example.com", false),
            ("http://localhost.example.com", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&url.parse().unwrap()), loopback, "{url}");
        }
    }

    #[test]
    fn segment_escapes_reserved_characters() {
        assert_eq!(segment("job_1/../x?y#z %"), "job_1%2F..%2Fx%3Fy%23z%20%25");
        assert_eq!(segment("auth0|é"), "auth0%7C%C3%A9");
    }
}
