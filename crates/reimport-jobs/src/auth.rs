//! Signing in: where the token comes from, and when it is renewed.
//!
//! Secrets are never passed as program arguments here, and no error contains one.

use std::env::VarError;
use std::io::Read;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::error::SignInError;
use crate::secret::{MAX_SECRET_BYTES, Secret};

/// The source of the Management API token.
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

/// The client credentials that are exchanged for a token.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) audience: Option<String>,
}

impl SignIn {
    /// Uses a token that the caller has.
    pub fn token(token: Secret) -> Self {
        Self(Origin::Token(token))
    }

    /// Reads the token from a file with one line. Reads the file again if the tenant rejects the token.
    pub fn token_file(path: impl Into<PathBuf>) -> Self {
        Self(Origin::File(path.into()))
    }

    /// Runs a shell command that prints the token. Runs it again if the tenant rejects the token.
    pub fn token_command(command: impl Into<String>) -> Self {
        Self(Origin::Command(command.into()))
    }

    /// Reads the token from an environment variable.
    pub fn token_variable(name: impl Into<String>) -> Self {
        Self(Origin::Variable(name.into()))
    }

    /// Gets a token with `POST oauth/token`. Keeps it until it expires, and gets a new one if the tenant rejects
    /// it.
    pub fn client_credentials(client_id: impl Into<String>, client_secret: Secret) -> Self {
        let client_id = client_id.into();
        Self(Origin::Credentials(Credentials { client_id, client_secret, audience: None }))
    }

    /// Sets the audience of client credentials. Needed if it is not `https://HOST/api/v2/`, as with a custom
    /// domain.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        if let Origin::Credentials(credentials) = &mut self.0 {
            credentials.audience = Some(audience.into());
        }
        self
    }

    /// Returns true if reading the source again can give a different token.
    pub(crate) fn is_renewable(&self) -> bool {
        !matches!(self.0, Origin::Token(_) | Origin::Variable(_))
    }
}

/// A token, and the time at which it expires, if known. The time is measured by
/// [`Clock::elapsed`](crate::Clock::elapsed).
#[derive(Debug, Clone)]
pub(crate) struct Token {
    pub(crate) secret: Secret,
    pub(crate) until: Option<Duration>,
}

/// The request body of `POST oauth/token`.
#[derive(Serialize)]
pub(crate) struct TokenRequest<'a> {
    pub(crate) grant_type: &'static str,
    pub(crate) client_id: &'a str,
    pub(crate) client_secret: &'a str,
    pub(crate) audience: &'a str,
}

/// The response body of `POST oauth/token`.
#[derive(Deserialize)]
pub(crate) struct TokenResponse {
    pub(crate) access_token: Secret,
    /// The lifetime in seconds. Anything except a whole number is ignored.
    #[serde(default)]
    pub(crate) expires_in: serde_json::Value,
}

impl Origin {
    /// Reads the token from any source that does not need HTTP. Returns `None` for client credentials.
    pub(crate) fn read(&self) -> Result<Option<Secret>, SignInError> {
        let (text, from) = match self {
            Self::Credentials(_) => return Ok(None),
            Self::Token(token) => (token.expose().to_owned(), "what was given".to_owned()),
            Self::File(path) => {
                let token = Secret::from_file(path);
                let token = token.map_err(|error| SignInError::File { path: path.clone(), error })?;
                (token.expose().to_owned(), format!("the token file {}", path.display()))
            }
            Self::Command(command) => {
                (run(command, COMMAND_LIMIT)?, "the output of the token command".to_owned())
            }
            Self::Variable(name) => {
                let variable = format!("the environment variable {name}");
                let text = match std::env::var(name) {
                    Ok(text) if text.trim().is_empty() => {
                        return Err(SignInError::EmptyVariable(name.clone()));
                    }
                    Ok(text) => text,
                    Err(VarError::NotPresent) => return Err(SignInError::Variable(name.clone())),
                    Err(VarError::NotUnicode(_)) => {
                        return Err(SignInError::NoToken(variable));
                    }
                };
                (text, variable)
            }
        };
        let token = text.trim();
        if !is_token(token) {
            return Err(SignInError::NoToken(from));
        }
        Ok(Some(Secret::new(token)))
    }
}

/// Returns true if the text can be a token. Anything else would make an invalid header.
pub(crate) fn is_token(text: &str) -> bool {
    (1..=MAX_SECRET_BYTES).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// The environment variable from which the command reads a token. A token command does not inherit it.
pub const TOKEN_VARIABLE: &str = "REIMPORT_TOKEN";

/// The time limit of a token command. Long enough for a password manager that asks the user.
const COMMAND_LIMIT: Duration = Duration::from_mins(2);

/// Runs a shell command and returns what it prints. The command may use the terminal. Its stderr is not captured.
fn run(command: &str, limit: Duration) -> Result<String, SignInError> {
    let (shell, option) = if cfg!(windows) { ("cmd", "/C") } else { ("sh", "-c") };
    let mut child = Command::new(shell)
        .args([option, command])
        .env_remove(TOKEN_VARIABLE)
        .stdout(Stdio::piped())
        .spawn()
        .map_err(SignInError::Command)?;
    let output = Arc::new(Mutex::new(Vec::new()));
    let reader = child.stdout.take().map(|stdout| {
        let output = Arc::clone(&output);
        std::thread::spawn(move || drain(stdout, &output))
    });
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(SignInError::Command)? {
            break status;
        }
        if started.elapsed() > limit {
            // Killing fails if the command has just ended. This is not an error.
            let _ = child.kill();
            let _ = child.wait();
            return Err(SignInError::CommandTimeout(limit.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(10));
    };
    if !status.success() {
        return Err(SignInError::CommandFailed(status.to_string()));
    }
    // Everything that the shell has written is in the pipe by now. A background process that the shell started may
    // keep the pipe open longer.
    let ended = Instant::now();
    while reader.as_ref().is_some_and(|reader| !reader.is_finished()) && ended.elapsed() < OUTPUT_TIMEOUT {
        std::thread::sleep(Duration::from_millis(5));
    }
    let output = output.lock().unwrap_or_else(PoisonError::into_inner);
    // The caller rejects output that is too long or is not UTF-8, because it is not a token.
    Ok(String::from_utf8_lossy(&output).into_owned())
}

/// How long to read on after the shell has ended.
const OUTPUT_TIMEOUT: Duration = Duration::from_millis(500);

/// Reads to the end, so that the writer never blocks. Keeps just enough to detect output that is too long for a
/// token.
fn drain(mut from: impl Read, to: &Mutex<Vec<u8>>) {
    let mut buffer = [0; 4096];
    while let Ok(read) = from.read(&mut buffer)
        && read > 0
    {
        let mut kept = to.lock().unwrap_or_else(PoisonError::into_inner);
        let room = (MAX_SECRET_BYTES + 2).saturating_sub(kept.len());
        kept.extend(buffer.iter().take(read.min(room)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_token_without_line_end_from_file_command_or_variable() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc.def\n").unwrap();
        let read = |sign_in: SignIn| sign_in.0.read().unwrap().unwrap().expose().to_owned();
        assert_eq!(read(SignIn::token_file(file.path())), "abc.def");
        assert_eq!(read(SignIn::token_command("printf 'x.y\\n'")), "x.y");
        // Uses any variable whose value can be a token. Usually `PATH` is one.
        let (name, value) = std::env::vars().find(|(_, value)| is_token(value)).unwrap();
        assert_eq!(read(SignIn::token_variable(name)), value);
    }

    #[test]
    fn invalid_token_is_rejected_and_not_shown() {
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
    fn token_command_is_killed_at_time_limit() {
        let error = run("sleep 30", Duration::from_millis(50)).unwrap_err();
        assert!(matches!(error, SignInError::CommandTimeout(_)));
    }

    #[cfg(unix)]
    #[test]
    fn background_process_and_long_output_do_not_block_token_command() {
        let token = |command: &str| SignIn::token_command(command).0.read();
        let started = Instant::now();
        assert_eq!(token("printf 'x.y'; sleep 30 &").unwrap().unwrap().expose(), "x.y");
        assert!(started.elapsed() < Duration::from_secs(10));
        let error = token("head -c 300000 /dev/zero | tr '\\0' a").unwrap_err().to_string();
        assert!(error.starts_with("the output of the token command does not hold a token"), "{error}");
        let error = SignIn::token_file("/dev/zero").0.read().unwrap_err().to_string();
        let expected =
            "cannot read the token file /dev/zero: it has more than 65536 bytes; expected one line";
        assert_eq!(error, expected);
        let shown = token("echo \"token-${REIMPORT_TOKEN:-none}\"").unwrap().unwrap();
        assert_eq!(shown.expose(), "token-none", "the command does not inherit the token");
    }
}
