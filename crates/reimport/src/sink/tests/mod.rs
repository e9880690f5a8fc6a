//! Tests of the sinks with real files.

mod connection_names;
mod cutting;
#[cfg(unix)]
mod faults;
mod files;
mod folders;
mod hostile;
mod streams;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use super::OutputError;
use crate::error::{Error, ErrorKind};
use crate::position::Position;
use crate::record::UserIds;
use crate::run::{Body, Origin, Problem, Rejected, Sink, SkipReason, Skipped, Written};

/// A source whose origins have any line.
struct From(Arc<str>);

impl From {
    fn new() -> Self {
        Self("in/tenant.json.gz".into())
    }

    fn at(&self, line: u64) -> Origin<'_> {
        Origin { source: &self.0, position: Position { byte: line * 10, line, record: line } }
    }
}

fn write(sink: &mut impl Sink, bytes: &str, connection: Option<&str>) -> crate::error::Result<()> {
    let from = From::new();
    sink.write(Written { bytes: bytes.as_bytes(), origin: from.at(1), connection, password: false })
}

fn skip(sink: &mut impl Sink, json: &str) -> crate::error::Result<()> {
    let from = From::new();
    sink.skip(Skipped {
        json: json.as_bytes(),
        spaced: true,
        origin: from.at(2),
        reason: SkipReason::NotADatabaseUser,
    })
}

fn reject(sink: &mut impl Sink, text: &str) -> crate::error::Result<()> {
    let from = From::new();
    let problems = [Problem::new("json", "", "expected an object")];
    sink.reject(Rejected {
        body: Body::Text(text),
        bytes: 1,
        user_ids: UserIds::Exported,
        origin: from.at(3),
        problems: &problems,
        password: false,
    })
}

/// Returns the names in a folder, sorted.
pub(super) fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn output_error(error: &Error) -> &OutputError {
    match error.kind() {
        ErrorKind::Output(error) => error,
        other => panic!("{other}"),
    }
}

fn text(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

/// The variable that is set for a test in its own process and folder.
#[cfg(unix)]
const OWN_PROCESS: &str = "REIMPORT_TEST_OWN_PROCESS";

/// Returns whether this is such a process. It is not one when all ignored tests are run.
#[cfg(unix)]
fn is_own_process() -> bool {
    std::env::var_os(OWN_PROCESS).is_some()
}

/// Runs one test of this binary in its own process, because it changes the current folder or the umask.
#[cfg(unix)]
fn in_separate_process(test: &str, folder: &Path, umask: &str) {
    let program = std::env::current_exe().unwrap();
    let output = std::process::Command::new("sh")
        .args(["-c", &format!("umask {umask}; exec \"$0\" --exact \"$1\" --ignored --nocapture")])
        .arg(program)
        .arg(format!("sink::tests::{test}"))
        .env(OWN_PROCESS, "1")
        .current_dir(folder)
        .output()
        .unwrap();
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && stdout.contains("1 passed"),
        "{stdout}{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
