//! A disk that is full, slow or broken: the failure is reported, and nothing is published.

use std::fs;

use super::mounts::with_mounts;
use super::traced::{self, can_trace, is_long, visible};
use crate::harness::{Ran, WorkFolder, users};

/// Faults of one kind at each of the first calls. The expected result depends on the file of the call: the export, an
/// output, or neither.
fn sweep(calls: &str, error: &str, sticky: bool, arguments: &str, step: usize) -> (usize, usize) {
    let whole = WorkFolder::new().with("tenant.json", users(9)).with("new.json", users(9));
    assert_eq!(whole.run(arguments).status, 0);
    let after = visible(whole.path());
    let (mut runs, mut faults) = (0, 0);
    for at in (1..).step_by(if is_long() { 1 } else { step }) {
        let place = WorkFolder::new().with("tenant.json", users(9)).with("new.json", users(9));
        let before = visible(place.path());
        let when = if sticky { format!("{at}+") } else { at.to_string() };
        let traced = traced::run(&place, &format!("{calls}:error={error}:when={when}"), arguments);
        let context = format!("{arguments}, {calls} {error} when={when}: {traced:#?}");
        if traced.injected.is_empty() {
            assert_eq!((traced.status, &visible(place.path())), (Some(0), &after), "{context}");
            break;
        }
        runs += 1;
        faults += traced.injected.len();
        let found = visible(place.path());
        let (home, drafts) = (place.path().to_str().unwrap(), traced::drafts(place.path()));
        // strace shows paths of descriptors in angle brackets.
        let ours = traced.touched(home);
        match traced.status {
            Some(0) => {
                assert_eq!(found, after, "{context}");
                // An error of closing adds nothing to one of syncing.
                assert!(!ours || calls == "close", "an error was swallowed: {context}");
            }
            // The dynamic loader failed before the program started.
            Some(127) => assert!(!ours && found == before, "{context}"),
            Some(2) => {
                assert_eq!(found, before, "{context}");
                assert!(drafts == 0 || sticky && calls.contains("unlink"), "{drafts} drafts stay: {context}");
            }
            // A panic is not an acceptable result.
            other => panic!("{other:?}: {context}"),
        }
    }
    (runs, faults)
}

#[test]
fn full_or_broken_disk_fails_the_run_and_leaves_nothing() {
    if !can_trace() {
        return;
    }
    let (mut runs, mut faults) = (0, 0);
    let mut add = |(more, hit): (usize, usize)| {
        runs += more;
        faults += hit;
    };
    let parts = "convert tenant.json -o parts --max-part-bytes 200";
    let file = "convert tenant.json -o users.json.json --force";
    add(sweep("write", "ENOSPC", false, parts, 1));
    add(sweep("write", "ENOSPC", true, parts, 2));
    add(sweep("write", "EIO", true, file, 1));
    add(sweep("write", "EDQUOT", false, file, 1));
    add(sweep("fsync", "EIO", false, parts, 1));
    add(sweep("fsync", "ENOSPC", true, file, 1));
    add(sweep("read", "EIO", false, parts, 1));
    add(sweep("read", "EIO", true, file, 3));
    add(sweep("close", "EIO", false, parts, 4));
    add(sweep("openat", "EMFILE", false, parts, 3));
    add(sweep("openat", "ENOSPC", false, file, 3));
    add(sweep("mkdir", "ENOSPC", false, parts, 1));
    add(sweep("renameat2", "EIO", false, parts, 1));
    add(sweep("renameat2", "EXDEV", false, file, 1));
    add(sweep("fchmod,chmod,fchmodat", "EPERM", false, parts, 1));
    println!("{runs} runs with {faults} faults");
    assert!(runs >= 70 && faults >= 80, "too few faults were injected");
}

#[test]
fn interrupted_system_call_is_retried() {
    if !can_trace() {
        return;
    }
    let mut faults = 0;
    for (calls, step) in [("read", 2), ("write", 2), ("fsync", 1), ("openat", 4)] {
        let mut at = 1;
        loop {
            let place = WorkFolder::new().with("tenant.json", users(9));
            let inject = format!("{calls}:error=EINTR:when={at}");
            let traced = traced::run(&place, &inject, "convert tenant.json -o parts --max-part-bytes 200");
            if traced.injected.is_empty() {
                break;
            }
            at += if is_long() { 1 } else { step };
            let home = place.path().to_str().unwrap();
            if !traced.touched(home) {
                // Calls of the dynamic loader, which the program cannot repeat.
                continue;
            }
            faults += traced.injected.len();
            assert_eq!(traced.status, Some(0), "{inject}: {traced:?}");
            assert_eq!(visible(place.path()).keys().filter(|name| name.contains("users-")).count(), 5);
        }
    }
    println!("{faults} interruptions");
    assert!(faults >= 15, "too few calls were interrupted");
}

#[test]
fn file_size_limit_fails_the_run_with_a_message() {
    for (output, blocks) in [("parts", 1), ("users.json", 1), ("users.json.gz", 1)] {
        let place = WorkFolder::new().with("tenant.json", users(2_000));
        // SIGXFSZ is ignored, as with `trap ''` in a shell, so that the write fails instead.
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let command = if output.ends_with("gz") { "select" } else { "convert" };
        let mut bash = place.bash(&script);
        bash.args([command, "tenant.json", "-o", output]);
        bash.args(["--rules", "none"].iter().filter(|_| command == "convert"));
        let ran = Ran::of(bash.output().unwrap());
        let stderr = ran.err;
        assert!(stderr.starts_with("error: cannot write ") && stderr.contains("File too large"), "{stderr}");
        assert!(!stderr.contains(".reimport-"), "a temporary name is shown: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
        assert_eq!(ran.status, 2, "{stderr}");
        assert_eq!(place.names("."), ["tenant.json"]);
    }
}

#[test]
fn full_small_disk_fails_the_run_and_is_left_empty() {
    let place = WorkFolder::new().with("tenant.json", users(30_000));
    fs::create_dir(place.path().join("disk")).unwrap();
    let script = "mount -t tmpfs -o size=1m none disk || exit 77
        mkdir disk/old; echo kept > disk/old/kept
        for out in disk/parts disk/users.json; do
            \"$0\" convert tenant.json -o $out; echo \"status $?\" >&2
        done
        ls -A disk >&2";
    let Some(Ran { err: stderr, .. }) = with_mounts(&place, script) else { return };
    let lines: Vec<&str> = stderr.lines().collect();
    assert_eq!(lines.len(), 5, "{stderr}");
    for line in [lines[0], lines[2]] {
        assert!(line.starts_with("error: cannot write ") && line.contains("No space left"), "{stderr}");
    }
    assert_eq!([lines[1], lines[3], lines[4]], ["status 2", "status 2", "old"], "{stderr}");
}
