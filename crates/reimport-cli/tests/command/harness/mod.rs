//! Runs the command in a folder, and checks its output.

#[cfg(target_os = "linux")]
mod measured;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

#[cfg(target_os = "linux")]
pub(crate) use measured::Measured;
use reimport_jobs::fake::FakeTenant;

/// The command.
pub(crate) const REIMPORT: &str = env!("CARGO_BIN_EXE_reimport");

/// The folder in which the command runs.
pub(crate) struct WorkFolder {
    path: PathBuf,
    /// Removes the folder at the end of the test.
    _temporary: Option<tempfile::TempDir>,
}

/// The result of a run.
#[derive(Debug, PartialEq)]
pub(crate) struct Ran {
    /// The exit status, or -1 if a signal ended the run.
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// Arguments of the command: a string that is split at white space, or a list.
pub(crate) trait Arguments {
    fn list(&self) -> Vec<&str>;
}

impl Arguments for str {
    fn list(&self) -> Vec<&str> {
        self.split_whitespace().collect()
    }
}

impl Arguments for String {
    fn list(&self) -> Vec<&str> {
        self.as_str().list()
    }
}

impl Arguments for [&str] {
    fn list(&self) -> Vec<&str> {
        self.to_vec()
    }
}

impl<const N: usize> Arguments for [&str; N] {
    fn list(&self) -> Vec<&str> {
        self.to_vec()
    }
}

impl Arguments for Vec<&str> {
    fn list(&self) -> Vec<&str> {
        self.clone()
    }
}

impl WorkFolder {
    /// Creates a temporary folder.
    pub(crate) fn new() -> Self {
        let temporary = tempfile::tempdir().unwrap();
        Self { path: temporary.path().to_owned(), _temporary: Some(temporary) }
    }

    /// Returns `testdata/`, in which no file may be written.
    pub(crate) fn of_testdata() -> Self {
        Self { path: testdata(""), _temporary: None }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Adds a file.
    pub(crate) fn with(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.write(name, bytes);
        self
    }

    /// Adds a file of `testdata/`.
    pub(crate) fn with_testdata(self, name: &str) -> Self {
        let bytes = fs::read(testdata(name)).unwrap();
        self.with(name, bytes)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path.join(name), bytes).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path.join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[cfg(unix)]
    pub(crate) fn mkfifo(&self, path: impl AsRef<Path>) {
        assert!(self.program("mkfifo").arg(path.as_ref()).status().unwrap().success());
    }

    /// Returns the names in the folder or in a folder in it, including hidden ones.
    pub(crate) fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path.join(folder)).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Returns a program, ready to run in the folder, with empty standard input. It finds the command in its `PATH`.
    pub(crate) fn program(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.path).stdin(Stdio::null());
        // The output of a test does not depend on the environment in which it runs.
        for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
            command.env_remove(name);
        }
        let mut path = vec![Path::new(REIMPORT).parent().unwrap().to_owned()];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        command.env("PATH", std::env::join_paths(path).unwrap());
        command.env("REIMPORT_TOKEN", FakeTenant::TOKEN);
        command
    }

    /// Returns the command, ready to run in the folder.
    pub(crate) fn command(&self, arguments: &(impl Arguments + ?Sized)) -> Command {
        let mut command = self.program(REIMPORT);
        command.args(arguments.list());
        command
    }

    /// Returns a script, ready to run in the folder, with the command as `$0`.
    pub(crate) fn bash(&self, script: &str) -> Command {
        let mut command = self.program("bash");
        command.args(["-c", script, REIMPORT]);
        command
    }

    pub(crate) fn run(&self, arguments: &(impl Arguments + ?Sized)) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with_input(&self, arguments: &(impl Arguments + ?Sized), input: &[u8]) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        std::thread::scope(|scope| {
            // A command that fails before it has read all input closes the pipe.
            scope.spawn(move || drop(stdin.write_all(input)));
            Ran::of(child.wait_with_output().unwrap())
        })
    }

    /// Returns the document that the command prints.
    #[track_caller]
    pub(crate) fn json(&self, arguments: &(impl Arguments + ?Sized)) -> serde_json::Value {
        let ran = self.run(arguments);
        serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"))
    }
}

impl Ran {
    pub(crate) fn of(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Checks the exact output, and that it is readable.
    #[track_caller]
    pub(crate) fn assert_output(&self, status: i32, out: &str, err: &str) {
        assert_eq!(self.err, err, "standard error\n{}", self.err);
        assert_eq!(self.out, out, "standard output\n{}", self.out);
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
