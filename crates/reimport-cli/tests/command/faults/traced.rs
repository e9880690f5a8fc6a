//! Runs the command under strace, which makes a system call fail or kills the process at a call.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use crate::harness::{REIMPORT, WorkFolder};
use crate::skips::skip;

/// Whether the long form of the tests is enabled.
pub(crate) fn is_long() -> bool {
    std::env::var_os("REIMPORT_LONG").is_some()
}

/// Whether strace is installed and allowed to trace.
pub(crate) fn can_trace() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    let can = *CAN.get_or_init(|| {
        let tried = Command::new("strace")
            .args(["-f", "-o", "/dev/null", "-e", "inject=chdir:error=EIO", "true"])
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .status();
        tried.is_ok_and(|status| status.success())
    });
    if !can {
        skip("no strace here that may trace");
    }
    can
}

/// The result of a traced run.
#[derive(Debug)]
#[expect(dead_code, reason = "read only by the Debug output of failing tests")]
pub(crate) struct Traced {
    /// The exit status; `None` if a signal ended the run.
    pub(crate) status: Option<i32>,
    pub(crate) killed: bool,
    pub(crate) err: String,
    /// The calls with injected faults, as strace writes them, with the paths of descriptors.
    pub(crate) injected: Vec<String>,
}

impl Traced {
    /// Whether an injected call was about a file in `home`, and not about files of the system.
    pub(crate) fn touched(&self, home: &str) -> bool {
        self.injected.iter().any(|line| {
            // The current folder is in every call that could be relative to it.
            let line = line.replace(&format!("AT_FDCWD<{home}>"), "");
            // The record of an export job does not matter: without it, the manifest has no section about the job.
            if line.contains(".job.json") {
                return false;
            }
            line.contains(home) || line.contains("tenant.json") || line.contains(".reimport-")
        })
    }
}

/// Runs the command with `inject` (for example `write:error=ENOSPC:when=3+`) on the calls in `trace`.
pub(crate) fn run(place: &WorkFolder, inject: &str, arguments: &str) -> Traced {
    let log = tempfile::NamedTempFile::new().unwrap();
    let calls = inject.split_once(':').unwrap().0;
    let output = place
        .program("strace")
        .args(["-f", "-y", "-qq", "-e", "signal=none", "-o"])
        .arg(log.path())
        .args(["-e", &format!("trace={calls}"), "-e", &format!("inject={inject}")])
        .arg(REIMPORT)
        .args(arguments.split_whitespace())
        // The dynamic loader would search these folders first, with a call for each.
        .env_remove("LD_LIBRARY_PATH")
        .output()
        .unwrap();
    let text = fs::read_to_string(log.path()).unwrap_or_default();
    Traced {
        status: output.status.code(),
        // strace exits like the traced process.
        killed: output.status.signal() == Some(9),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
        injected: text.lines().filter(|line| line.contains("(INJECTED)")).map(str::to_owned).collect(),
    }
}

/// Returns the files under final names with their contents. Folders end in a slash.
pub(crate) fn visible(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    fn add(at: &Path, under: &str, state: &mut BTreeMap<String, Vec<u8>>) {
        for entry in fs::read_dir(at).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if name.contains(".reimport-") {
                continue;
            }
            let own = format!("{under}{name}");
            if entry.path().is_dir() {
                state.insert(format!("{own}/"), Vec::new());
                add(&entry.path(), &format!("{own}/"), state);
            } else {
                state.insert(own, fs::read(entry.path()).unwrap());
            }
        }
    }
    let mut state = BTreeMap::new();
    add(folder, "", &mut state);
    state
}

/// Returns the number of temporary files in a folder.
pub(crate) fn drafts(folder: &Path) -> usize {
    let entries = fs::read_dir(folder).unwrap();
    entries
        .filter(|entry| entry.as_ref().unwrap().file_name().to_string_lossy().contains(".reimport-"))
        .count()
}
