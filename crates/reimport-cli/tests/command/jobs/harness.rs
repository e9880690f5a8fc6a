//! Runs the command in its own folder, with a token in the environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use reimport_jobs::fake::FakeTenant;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A valid bcrypt hash that matches no password.
pub(crate) const HASH: &str = "$2b$10$abcdefghijklmnopqrstuuKcG1YyVQ6qzqRmtH2xWcC5u8vHd7tDe";

/// A working folder.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
}

/// The result of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Returns the command with these arguments, a token with all scopes, and no terminal.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reimport"));
        command.args(arguments).current_dir(self.folder.path()).stdin(Stdio::null());
        command.env("REIMPORT_TOKEN", FakeTenant::TOKEN);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let output = self.command(arguments).output().unwrap();
        Run {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Writes parts of users with a password, as a conversion does; user `n` is `uN@example.com`.
    pub(crate) fn parts(&self, users: usize, in_a_part: usize) {
        let users: Vec<Value> = (0..users)
            .map(|n| json!({"user_id": format!("u{n}"), "email": format!("u{n}@example.com"), "email_verified": true,
                "app_metadata": {"n": n}, "password_hash": HASH}))
            .collect();
        self.convert(&users, in_a_part);
    }

    pub(crate) fn convert(&self, users: &[Value], in_a_part: usize) {
        let lines = users.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        std::fs::write(self.path("users.ndjson"), lines).unwrap();
        let most = in_a_part.to_string();
        let run = self.run(&["convert", "users.ndjson", "-o", "parts", "--max-part-users", &most]);
        assert_eq!(run.status, Some(0), "{}", run.err);
    }
}

impl Run {
    /// Returns both streams and the status. Values that differ between runs are replaced.
    #[track_caller]
    pub(crate) fn is(&self, status: i32, out: &str, err: &str) {
        assert_eq!(self.err, err, "standard error\n{}", self.err);
        assert_eq!(self.out, out, "standard output\n{}", self.out);
        assert_eq!(self.status, Some(status));
    }

    /// Returns standard error, with `HOST` for the address of the tenant.
    pub(crate) fn without(mut self, tenant: &FakeTenant) -> Self {
        let host = host(tenant);
        let file_name = host.replace(':', "-");
        for text in [&mut self.err, &mut self.out] {
            *text = text.replace(&host, "HOST").replace(&file_name, "HOST");
        }
        self
    }
}

/// Returns a tenant that uses the real clock, like the command.
pub(crate) fn tenant() -> FakeTenant {
    FakeTenant::serve(0).unwrap()
}

pub(crate) fn host(tenant: &FakeTenant) -> String {
    tenant.base_url().trim_start_matches("http://").to_owned()
}

/// Returns the first file in a folder with this extension.
pub(crate) fn ending(folder: &Path, ending: &str) -> PathBuf {
    let mut names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    names.find(|path| path.to_string_lossy().ends_with(ending)).unwrap()
}
