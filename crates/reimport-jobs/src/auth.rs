//! Signing in: where a token comes from, and when it is fetched again.
//!
//! No secret is an argument of a program here, and none appears in an error.

use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::SignInError;
use crate::secret::Secret;

/// Where the token of the Management API comes from.
#[derive(Debug, Clone)]
pub struct SignIn(pub(crate) Origin);

#[derive(Debug, Clone)]
pub(crate) enum Origin {
    Token(Secret),
    File(PathBuf),
    Command(String),
    Variable(String),
    Credentials(Credentials),
}

/// The client whose credentials are exchanged for a token.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) audience: Option<String>,
}

impl SignIn {
    /// A token the caller holds.
    pub fn token(token: Secret) -> Self {
        Self(Origin::Token(token))
    }

    /// The token is the one line of a file; it is read again when the tenant calls it stale.
    pub fn token_file(path: impl Into<PathBuf>) -> Self {
        Self(Origin::File(path.into()))
    }

    /// The token is what a command of the shell prints; it is run again when the tenant calls the token stale.
    pub fn token_command(command: impl Into<String>) -> Self {
        Self(Origin::Command(command.into()))
    }

    /// The token is the value of an environment variable.
    pub fn token_variable(name: impl Into<String>) -> Self {
        Self(Origin::Variable(name.into()))
    }

    /// A token is fetched with `POST oauth/token`, kept until it expires, and fetched anew when it is called stale.
    pub fn client_credentials(client_id: impl Into<String>, client_secret: Secret) -> Self {
        let client_id = client_id.into();
        Self(Origin::Credentials(Credentials { client_id, client_secret, audience: None }))
    }

    /// The audience to ask for, where it is not `https://HOST/api/v2/` (a custom domain); for client credentials.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        if let Origin::Credentials(credentials) = &mut self.0 {
            credentials.audience = Some(audience.into());
        }
        self
    }

    /// Whether asking again can give another token.
    pub(crate) fn is_renewable(&self) -> bool {
        !matches!(self.0, Origin::Token(_) | Origin::Variable(_))
    }
}

/// A token, and until when it is good where that is known, by [`Clock::elapsed`](crate::Clock::elapsed).
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    pub(crate) until: Option<Duration>,
}

/// The body of `POST oauth/token`.
#[derive(Serialize)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) grant_type: &'static str,
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    pub(crate) audience: &'a str,
}

/// The answer of `POST oauth/token`.
#[derive(Deserialize)]
pub(crate) struct TokenAnswer {
    pub(crate) access_token: Secret,
    /// Seconds; anything but a whole number counts as not there.
    #[serde(default)]
    pub(crate) expires_in: serde_json::Value,
}

impl Origin {
    /// The token, from wherever it can be had without HTTP; none for client credentials.
    pub(crate) fn read(&self) -> Result<Option<Secret>, SignInError> {
        let (text, from) = match self {
            Self::Credentials(_) => return Ok(None),
            Self::Token(token) => (token.expose().to_owned(), "what was given"),
            Self::File(path) => {
                let text = std::fs::read_to_string(path);
                (text.map_err(|error| SignInError::File { path: path.clone(), error })?, "the token file")
            }
            Self::Command(command) => (run(command, COMMAND_LIMIT)?, "the output of the token command"),
            Self::Variable(name) => {
                let text = std::env::var(name).map_err(|_| SignInError::Variable(name.clone()))?;
                (text, "the environment variable")
            }
        };
        let token = text.trim();
        // Anything else would end up as a broken header.
        if token.is_empty() || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(SignInError::NoToken(from));
        }
        Ok(Some(Secret::new(token)))
    }
}

/// Long enough for a password manager that asks its owner.
const COMMAND_LIMIT: Duration = Duration::from_mins(2);

/// What a command of the shell prints. It may ask at the terminal; its words on stderr are its own.
fn run(command: &str, limit: Duration) -> Result<String, SignInError> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut child = Command::new(shell)
        .args([option, command])
        .stdout(Stdio::piped())
        .spawn()
        .map_err(SignInError::Command)?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(SignInError::Command)? {
            break status;
        }
        if started.elapsed() > limit {
            // It may have ended in the meantime: then there is nothing to end.
            let _ = child.kill();
            let _ = child.wait();
            return Err(SignInError::CommandTimeout(limit.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    if !status.success() {
        return Err(SignInError::CommandFailed(status.to_string()));
    }
    let mut text = String::new();
    if let Some(output) = child.stdout.take() {
        // A token is small; a pipe that a child of the command keeps open is not waited for beyond that.
        output.take(64 << 10).read_to_string(&mut text).map_err(SignInError::Command)?;
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_from_a_file_or_a_command_without_its_line_end() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc.def\n").unwrap();
        let read = |sign_in: SignIn| sign_in.0.read().unwrap().unwrap().expose().to_owned();
        assert_eq!(read(SignIn::token_file(file.path())), "abc.def");
        assert_eq!(read(SignIn::token_command("printf 'x.y\\n'")), "x.y");
        assert_eq!(read(SignIn::token_variable("CARGO_PKG_NAME")), "reimport-jobs");
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        let error = |sign_in: SignIn| sign_in.0.read().unwrap_err().to_string();
        assert_eq!(
            error(SignIn::token_command("printf 'hush hush'")),
            "the output of the token command does not hold a token; expected one line of visible ASCII characters"
        );
        assert_eq!(
            error(SignIn::token_command("echo hush; exit 3")),
            "the token command failed (exit status: 3); expected the token on its standard output"
        );
        assert_eq!(error(SignIn::token_variable("NO_SUCH_TOKEN")), "the environment has no NO_SUCH_TOKEN");
        assert!(!format!("{:?}", SignIn::token(Secret::new("hush"))).contains("hush"));
    }

    #[test]
    fn a_command_that_does_not_end_is_ended() {
        let error = run("sleep 30", Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, SignInError::CommandTimeout(_)));
    }
}
