//! Writes a response, or a broken one for a fault.

use std::io::{self, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use super::faults::Fault;

/// One response.
#[derive(Debug)]
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Vec<u8>,
}

impl Response {
    pub(super) fn json(status: u16, value: &Value) -> Self {
        let headers = vec![("content-type", "application/json; charset=utf-8".to_owned())];
        Self { status, headers, body: value.to_string().into_bytes() }
    }

    pub(super) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// Creates an error response in the form of the API.
    pub(super) fn refusal(status: u16, code: &str, message: &str) -> Self {
        let (error, code) = (phrase(status), Some(code).filter(|code| !code.is_empty()));
        let mut body = json!({"statusCode": status, "error": error, "message": message});
        if let Some(code) = code {
            body["errorCode"] = code.into();
        }
        Self::json(status, &body)
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Adds the rate limit headers, unless they are already present.
    pub(super) fn limited(self, remaining: u64, reset: u64) -> Self {
        if self.headers.iter().any(|(name, _)| *name == "x-ratelimit-reset") {
            return self;
        }
        self.with("x-ratelimit-limit", "50")
            .with("x-ratelimit-remaining", remaining.to_string())
            .with("x-ratelimit-reset", reset.to_string())
    }

    /// Writes the response. `fault` can cut off or delay the body.
    pub(super) fn write(&self, mut to: &TcpStream, fault: Option<Fault>) -> io::Result<()> {
        let mut head = format!("HTTP/1.1 {} {}\r\nconnection: close\r\n", self.status, phrase(self.status));
        for (name, value) in &self.headers {
            head.extend([name, ": ", value, "\r\n"]);
        }
        if self.status != 204 {
            head.extend(["content-length: ", &self.body.len().to_string(), "\r\n"]);
        }
        head.push_str("\r\n");
        to.write_all(head.as_bytes())?;
        match fault {
            Some(Fault::Truncate(bytes)) => {
                // At least one byte is left out, otherwise the response would not be broken.
                let end = bytes.min(self.body.len().saturating_sub(1));
                to.write_all(&self.body[..end])?;
            }
            Some(Fault::Slow(pause)) => {
                let (first, second) = self.body.split_at(self.body.len() / 2);
                to.write_all(first)?;
                to.flush()?;
                std::thread::sleep(pause);
                to.write_all(second)?;
            }
            _ => to.write_all(&self.body)?,
        }
        to.flush()
    }
}

fn phrase(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        202 => "Accepted",
        204 => "No Content",
        206 => "Partial Content",
        400 => "Bad Request",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        413 => "Payload Too Large",
        416 => "Range Not Satisfiable",
        429 => "Too Many Requests",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Status",
    }
}
