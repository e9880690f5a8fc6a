//! Runs the command in a temporary folder, and checks its output.

// Not every test uses all functions.
#![allow(dead_code)]

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A temporary folder in which the command runs.
pub(crate) struct Place(tempfile::TempDir);

/// The result of a run.
#[derive(Debug, PartialEq)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    /// Adds a file.
    pub(crate) fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        fs::write(self.path().join(name), bytes).unwrap();
        self
    }

    /// Adds a file of `testdata/`.
    pub(crate) fn with_testdata(self, name: &str) -> Self {
        let bytes = fs::read(testdata(name)).unwrap();
        self.with(name, bytes)
    }

    /// Returns the command, ready to run in the folder.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_reimport"));
        command.current_dir(self.path()).args(arguments.split_whitespace());
        // The output of a test does not depend on the wishes of the person that runs it.
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
            command.env_remove(name);
        }
        command
    }

    pub(crate) fn run(&self, arguments: &str) -> Ran {
        Ran::of(self.command(arguments).stdin(Stdio::null()).output().unwrap())
    }

    pub(crate) fn run_with_input(&self, arguments: &str, input: &[u8]) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Returns the names in the folder or in a folder in it, including hidden ones.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path().join(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Ran {
    pub(crate) fn of(output: std::process::Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Checks the exact output, and that it is readable.
    #[track_caller]
    pub(crate) fn assert_output(&self, status: i32, out: &str, err: &str) {
        assert_eq!(self.err, err);
        assert_eq!(self.out, out);
        assert_eq!(self.status, status);
        let is_summary = err.starts_with("read ");
        let is_command = |line: &str| line.trim_start_matches("next").trim_start().starts_with("reimport ");
        let fits = |line: &str| is_command(line) || line.chars().count() <= 80;
        assert!(!is_summary || err.lines().all(fits), "at most 80 columns, except for a command");
    }
}

pub(crate) fn testdata(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata").join(name)
}

pub(crate) fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Returns database users of one connection, one per line.
pub(crate) fn users(count: u64) -> String {
    (0..count).fold(String::new(), |mut text, n| {
        let rest = r#""email_verified":true,"user_metadata":{},"identities":[{"provider":"auth0","connection":"Users"}]"#;
        writeln!(text, "{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@example.com\",{rest}}}").unwrap();
        text
    })
}
