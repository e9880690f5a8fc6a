//! `POST jobs/users-imports`: starts a job that imports users from a file.
//!
//! The body is built here, because its exact length decides whether the tenant accepts it. The limit applies to the
//! whole request body, including boundaries and fields, not to the file alone.

use crate::api_call::ApiCall;
use crate::client::{Client, read};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::retry::Retry;

/// The maximum length in bytes of an import request body. With one byte more, a tenant returns 413.
pub const MAX_BODY_BYTES: u64 = 512_000;

/// One import: a file of users and the import options.
#[derive(Debug, Clone, Copy)]
pub struct UsersImport<'a> {
    connection_id: &'a str,
    file_name: &'a str,
    users: &'a [u8],
    upsert: bool,
    external_id: Option<&'a str>,
    send_completion_email: bool,
}

impl<'a> UsersImport<'a> {
    /// Creates an import of a JSON array of users into a connection. It only inserts new users, and sends no email
    /// to the owners of the tenant.
    pub fn new(connection_id: &'a str, file_name: &'a str, users: &'a [u8]) -> Self {
        Self {
            connection_id,
            file_name,
            users,
            upsert: false,
            external_id: None,
            send_completion_email: false,
        }
    }

    /// Sets whether existing users are updated. Their metadata is then replaced, not merged.
    pub fn upsert(mut self, upsert: bool) -> Self {
        self.upsert = upsert;
        self
    }

    /// Sets an ID chosen by the caller. The job object contains it.
    pub fn external_id(mut self, id: &'a str) -> Self {
        self.external_id = Some(id);
        self
    }

    /// Sets whether all owners of the tenant get an email when the job ends.
    pub fn send_completion_email(mut self, send: bool) -> Self {
        self.send_completion_email = send;
        self
    }

    /// Returns the exact length of the request body in bytes.
    pub fn body_bytes(&self) -> u64 {
        (self.head(&"-".repeat(BOUNDARY_BYTES)).len() + self.users.len() + tail_bytes()) as u64
    }

    /// Returns the exact length in bytes of the request body without the users.
    pub(crate) fn overhead_bytes(&self) -> u64 {
        self.body_bytes() - self.users.len() as u64
    }

    /// Returns the content type and the body.
    ///
    /// # Errors
    /// Returns an error if the body is longer than [`MAX_BODY_BYTES`].
    pub(crate) fn body(&self) -> Result<(String, Vec<u8>)> {
        let bytes = self.body_bytes();
        if bytes > MAX_BODY_BYTES {
            return Err(Error::TooLarge { part: self.file_name.to_owned(), bytes, limit: MAX_BODY_BYTES });
        }
        let boundary = self.boundary();
        let mut body = self.head(&boundary).into_bytes();
        body.extend_from_slice(self.users);
        body.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
        Ok((format!("multipart/form-data; boundary={boundary}"), body))
    }

    fn head(&self, boundary: &str) -> String {
        let mut head = String::new();
        let mut field = |name: &str, value: &str| {
            let start = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
            head.extend([&start, plain(value).as_str(), "\r\n"]);
        };
        field("connection_id", self.connection_id);
        field("upsert", if self.upsert { "true" } else { "false" });
        if let Some(id) = self.external_id {
            field("external_id", id);
        }
        // Always sent, because without this field the tenant sends the email.
        field("send_completion_email", if self.send_completion_email { "true" } else { "false" });
        let file_name = plain(self.file_name);
        head + &format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"users\"; filename=\"{file_name}\"\r\n\
             Content-Type: application/json\r\n\r\n"
        )
    }

    /// Returns a boundary that does not occur in the users.
    fn boundary(&self) -> String {
        loop {
            let boundary = format!("reimport-{:016x}{:07x}", fastrand::u64(..), fastrand::u32(..1 << 28));
            let mut windows = self.users.windows(BOUNDARY_BYTES);
            if !windows.any(|window| window == boundary.as_bytes()) {
                return boundary;
            }
        }
    }
}

const BOUNDARY_BYTES: usize = 32;

fn tail_bytes() -> usize {
    "\r\n----\r\n".len() + BOUNDARY_BYTES
}

/// Replaces the characters that would end a header or a quoted name.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() || c == '"' || c == '\\' { '_' } else { c }).collect()
}

impl Client {
    /// `POST jobs/users-imports`: starts an import. Needs the scope `create:users`.
    ///
    /// A tenant runs two imports at a time and returns 429 for a third. The call then waits and sends the body
    /// again once a minute, for at most [`Retry::job_limit_wait`].
    ///
    /// # Errors
    /// Returns an error if the body is longer than [`MAX_BODY_BYTES`] (nothing is sent), if the tenant refuses it,
    /// or if there is no response. [`may_have_acted`](Error::may_have_acted) then says whether the job may have
    /// been started.
    pub fn users_imports(&self, import: &UsersImport<'_>) -> Result<Job> {
        self.users_imports_with(import, self.retry())
    }

    pub(crate) fn users_imports_with(&self, import: &UsersImport<'_>, retry: &Retry) -> Result<Job> {
        let (kind, body) = import.body()?;
        let call = ApiCall::new(POST_IMPORT, "jobs/users-imports");
        read(&call, "a job", &self.post(&call, (&kind, &body), None, retry)?)
    }
}

/// The name of the call that starts an import.
pub(crate) const POST_IMPORT: &str = "POST jobs/users-imports";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_has_documented_fields_and_computed_length() {
        let import =
            UsersImport::new("con_0000000000000001", "users-00001.json", b"[\n{}\n]").external_id("run-1");
        let (kind, body) = import.body().unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let expected = [
            "--B\r\nContent-Disposition: form-data; name=\"connection_id\"\r\n\r\ncon_0000000000000001\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"upsert\"\r\n\r\nfalse\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"external_id\"\r\n\r\nrun-1\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"send_completion_email\"\r\n\r\nfalse\r\n",
            "--B\r\nContent-Disposition: form-data; name=\"users\"; filename=\"users-00001.json\"\r\n",
            "Content-Type: application/json\r\n\r\n[\n{}\n]\r\n--B--\r\n",
        ];
        assert_eq!(String::from_utf8(body.clone()).unwrap().replace(boundary, "B"), expected.concat());
        assert_eq!(import.body_bytes(), body.len() as u64);
        assert_eq!(import.overhead_bytes(), body.len() as u64 - 6);
    }

    #[test]
    fn body_limit_is_exact() {
        let overhead = UsersImport::new("con_0000000000000001", "p.json", b"").body_bytes() as usize;
        let users = vec![b' '; 512_000 - overhead];
        assert_eq!(
            UsersImport::new("con_0000000000000001", "p.json", &users).body().unwrap().1.len(),
            512_000
        );
        let users = vec![b' '; 512_001 - overhead];
        assert_eq!(
            UsersImport::new("con_0000000000000001", "p.json", &users).body().unwrap_err().to_string(),
            "p.json: the request would have 512001 bytes, more than the 512000 a tenant accepts; \
             convert again into smaller parts"
        );
    }

    #[test]
    fn file_name_cannot_add_a_header() {
        let import = UsersImport::new("con_1", "a\"\r\nX: y.json", b"[]");
        let text = String::from_utf8(import.body().unwrap().1).unwrap();
        assert!(text.contains("filename=\"a___X: y.json\"\r\n"), "{text}");
    }
}
