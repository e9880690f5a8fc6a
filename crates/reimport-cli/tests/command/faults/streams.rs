//! Standard streams that are closed, full, idle or incomplete.

use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::traced::visible;
use crate::harness::{Ran, WorkFolder, users};

/// Runs a shell script with the command as `$0`. Returns its exit status and standard error.
fn shell(place: &WorkFolder, script: &str) -> (i32, String) {
    let ran = Ran::of(place.bash(script).output().unwrap());
    (ran.status, ran.err)
}

#[test]
fn closed_or_full_stderr_does_not_change_the_result() {
    for redirected in ["2>&-", "2>/dev/full"] {
        let place = WorkFolder::new().with("tenant.json", users(9));
        let (status, _) = shell(&place, &format!("\"$0\" convert tenant.json -o parts {redirected}"));
        assert_eq!(status, 0, "{redirected}");
        let (status, _) = shell(&place, &format!("\"$0\" convert nowhere.json -o other {redirected}"));
        assert_eq!(status, 2, "{redirected}");
        assert_eq!(place.names("."), ["parts", "tenant.json"]);
    }
}

#[test]
fn closed_stdin_is_an_empty_input() {
    let place = WorkFolder::new();
    let (status, stderr) = shell(&place, "\"$0\" convert - -o parts <&-");
    assert_eq!(
        (status, &*stderr),
        (
            2,
            "error: standard input: the input is empty: did a download fail, or the command before a pipe?\n"
        )
    );
    let place = WorkFolder::new().with("tenant.json", users(9));
    assert_eq!(shell(&place, "\"$0\" convert tenant.json -o parts <&- >&-").0, 0);
}

#[test]
fn full_stdout_fails_every_command_that_writes_to_it() {
    let place = WorkFolder::new().with("tenant.json", users(9));
    for command in [
        "select tenant.json -f email",
        "select tenant.json -f email --format json --rejected rejected",
        "convert tenant.json -o -",
        "check tenant.json",
        "fields tenant.json",
        "convert tenant.json -o parts --json",
    ] {
        let (status, stderr) = shell(&place, &format!("\"$0\" {command} > /dev/full"));
        assert_eq!(status, 2, "{command}: {stderr}");
        assert!(stderr.contains("No space left on device"), "{command}: {stderr}");
    }
}

#[test]
fn closed_pipe_ends_the_run_silently() {
    let place = WorkFolder::new().with("tenant.json", users(9));
    for command in ["select tenant.json -f email", "convert tenant.json -o -", "fields tenant.json"] {
        let script = format!("{{ sleep 0.2; \"$0\" {command}; echo $? >&2; }} | true");
        assert_eq!(shell(&place, &script), (0, "141\n".to_owned()), "{command}");
    }
}

/// A pipe that stays open after the given number of users.
fn quiet(
    place: &WorkFolder,
    arguments: &str,
    input: &[u8],
    close_output: bool,
) -> (Option<i32>, String, Duration) {
    let mut child = place
        .command(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let bytes = input.to_vec();
    let feeder = std::thread::spawn(move || {
        // The command may exit before it has read everything.
        let _ = stdin.write_all(&bytes);
        stdin
    });
    let begun = Instant::now();
    if close_output {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    }
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(20) {
            child.kill().unwrap();
            panic!("{arguments}: it waits for an input that says no more");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    let took = begun.elapsed();
    drop(feeder.join().unwrap());
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap(), took)
}

#[test]
fn limit_ends_the_run_while_input_stays_open() {
    // Less than needed to detect the format, less than a block, and more than all blocks.
    for count in [3, 2_000, 60_000] {
        for threads in [1, 4] {
            let place = WorkFolder::new();
            let arguments = format!("select - -f user_id --limit 1 --threads {threads}");
            let (status, out, took) = quiet(&place, &arguments, users(count).as_bytes(), false);
            assert_eq!((status, &*out), (Some(0), "user_id\nauth0|0\n"), "{arguments}, {count}");
            println!("{arguments}, {count}: {took:?}");
        }
    }
    let place = WorkFolder::new();
    let csv = b"user_id,email\nauth0|1,a@example.com\nauth0|2,b@example.com\n";
    let (status, out, _) = quiet(&place, "select - -f user_id --limit 1", csv, false);
    assert_eq!((status, &*out), (Some(0), "user_id\nauth0|1\n"));
    // The reading thread has no more input when the last user is written.
    let (status, ..) =
        quiet(&place, "convert - -o parts --limit 59999 --threads 2", users(60_000).as_bytes(), false);
    assert_eq!((status, place.names(".")), (Some(0), vec!["parts".to_owned()]));
}

#[test]
fn closed_output_ends_the_run_while_input_stays_open() {
    let place = WorkFolder::new();
    // Enough that all threads work and the reading thread waits before the output is full.
    let (status, ..) = quiet(&place, "select - -f email --threads 2", users(60_000).as_bytes(), true);
    assert_eq!(status, Some(141));
}

#[test]
fn nonblocking_input_is_read_completely() {
    let expected = WorkFolder::new().with("tenant.json", users(5_000));
    assert_eq!(expected.run("convert tenant.json -o parts").status, 0);
    let place = WorkFolder::new();
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    theirs.set_nonblocking(true).unwrap();
    let mut child = place
        .command("convert - -o parts")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    for piece in users(5_000).as_bytes().chunks(200_000) {
        // Longer than the interval after which the reader checks whether the input is still needed.
        std::thread::sleep(Duration::from_millis(150));
        ours.write_all(piece).unwrap();
    }
    drop(ours);
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{stderr}");
    let parts = |place: &WorkFolder| {
        let mut parts = visible(&place.path().join("parts"));
        // The messages name their source.
        parts.retain(|name, _| name.starts_with("users-"));
        parts
    };
    assert_eq!(parts(&place), parts(&expected));
    assert!(!parts(&place).is_empty());
}
