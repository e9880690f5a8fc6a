//! Kills before every system call that touches files, and at random moments: the old or the new state remains.

use std::collections::BTreeMap;
use std::fs;
use std::process::Stdio;
use std::time::{Duration, Instant};

use super::traced::{self, can_trace, is_long, visible};
use crate::harness::{WorkFolder, users};

/// All calls that can change the disk, and related calls.
const CALLS: &str =
    "openat,write,renameat2,rename,fsync,mkdir,unlink,unlinkat,rmdir,fchmod,chmod,close,getdents64";

/// A skipped and a rejected record, so that every file is written.
fn export(run: u64) -> String {
    let others = "{\"user_id\":\"github|1\",\"email\":\"g@example.com\"}\n{\"user_id\"\n";
    users(4 + run) + others
}

/// A run that writes: its arguments, and whether there was an earlier output.
struct Scenario {
    arguments: &'static str,
    over: bool,
    /// Interval of killed calls, if not every call is killed.
    stride: usize,
}

const SCENARIOS: [Scenario; 4] = [
    Scenario { arguments: "convert new.json -o parts --max-part-bytes 200 --force", over: true, stride: 2 },
    Scenario { arguments: "convert new.json -o parts --max-part-bytes 200", over: false, stride: 6 },
    Scenario { arguments: "convert new.json -o users.json --force", over: true, stride: 2 },
    Scenario { arguments: "convert new.json -o . --max-part-bytes 200", over: false, stride: 4 },
];

impl Scenario {
    fn place(&self) -> WorkFolder {
        let place = WorkFolder::new();
        let old = place.path().join("old.json");
        fs::write(&old, export(1)).unwrap();
        if self.over {
            let arguments = self.arguments.replace("new.json", "old.json");
            assert_eq!(place.run(&arguments).status, 1);
        }
        fs::remove_file(old).unwrap();
        // The current folder is filled only if it is empty, so the export is elsewhere.
        place
    }

    fn arguments(&self, export: &tempfile::NamedTempFile) -> String {
        self.arguments.replace("new.json", export.path().to_str().unwrap())
    }
}

#[test]
fn kill_at_any_system_call_keeps_old_or_new_state() {
    if !can_trace() {
        return;
    }
    let export_file = tempfile::Builder::new().suffix(".json").tempfile().unwrap();
    fs::write(export_file.path(), export(3)).unwrap();
    let mut kills = 0;
    for scenario in &SCENARIOS {
        let whole = scenario.place();
        let before = visible(whole.path());
        assert_eq!(whole.run(&scenario.arguments(&export_file)).status, 1);
        let after = visible(whole.path());
        assert_ne!(before, after);
        let stride = if is_long() { 1 } else { scenario.stride };
        for call in CALLS.split(',') {
            // strace counts each kind of call and each thread separately.
            for at in (1..).step_by(stride) {
                let place = scenario.place();
                let inject = format!("{call}:signal=KILL:when={at}");
                let traced = traced::run(&place, &inject, &scenario.arguments(&export_file));
                let found = visible(place.path());
                let context = format!("{}, {inject}: {traced:?}", scenario.arguments);
                judge(&found, &before, &after, &context);
                if !traced.killed {
                    assert_eq!((traced.status, &found), (Some(1), &after), "{context}");
                    break;
                }
                kills += 1;
                // Files of a killed run do not disturb the next run. A few such runs are enough.
                if kills % 8 != 0 {
                    continue;
                }
                let again = place.run(&scenario.arguments(&export_file));
                let unfinished = found != before && found != after && !scenario.over;
                let expected = if unfinished || found == after && !scenario.over { 2 } else { 1 };
                assert_eq!(again.status, expected, "{context}: {again:?}");
                assert!(expected == 2 || visible(place.path()) == after, "{context}");
            }
        }
    }
    println!("{kills} kills survived");
    assert!(kills >= 120, "too few kills");
}

type State = BTreeMap<String, Vec<u8>>;

/// Checks that there is the old or the new state. If files are moved in or there are several, each is old or new, and
/// the most important one is replaced last.
fn judge(found: &State, before: &State, after: &State, context: &str) {
    if found == before || found == after {
        return;
    }
    for (name, bytes) in found {
        let whole = before.get(name) == Some(bytes) || after.get(name) == Some(bytes);
        assert!(whole, "{name} is half: {context}");
    }
    // The manifest of a folder is published last. An output file is published after its side files.
    for last in ["manifest.json", "users.json"] {
        assert!(
            found.get(last).is_none_or(|bytes| before.get(last) == Some(bytes)),
            "{last} came early: {context}"
        );
    }
    let folder = before.contains_key("parts/") || after.contains_key("parts/");
    assert!(!folder, "a folder appears at once, and is never missing: {context}");
    for name in before.keys().filter(|name| after.contains_key(*name)) {
        assert!(found.contains_key(name), "{name} is missing: {context}");
    }
}

#[test]
fn kill_at_random_moment_keeps_old_or_new_state() {
    let place = WorkFolder::new().with("old.json", export(1)).with("new.json", users(3_000));
    assert_eq!(place.run("convert old.json -o parts --force").status, 1);
    let before = visible(&place.path().join("parts"));
    let started = Instant::now();
    assert_eq!(place.run("convert new.json -o parts --force --max-part-bytes 2000").status, 0);
    let whole = started.elapsed();
    let after = visible(&place.path().join("parts"));
    let (kills, mut seen) = (if is_long() { 500 } else { 25 }, [0, 0]);
    // A pseudo-random sequence that is the same every time.
    let mut random: u64 = 7;
    for _ in 0..kills {
        assert_eq!(place.run("convert old.json -o parts --force").status, 1);
        let mut child = place
            .command("convert new.json -o parts --force --max-part-bytes 2000")
            .stdin(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let share = (random >> 33) as f64 / (1_u64 << 31) as f64;
        std::thread::sleep(whole.mul_f64(share * 1.5));
        child.kill().unwrap();
        child.wait().unwrap();
        let found = visible(&place.path().join("parts"));
        assert!(found == before || found == after, "neither the old parts nor the new ones");
        seen[usize::from(found == after)] += 1;
    }
    println!("{kills} kills survived: {seen:?} (old, new)");
    assert!(kills >= 25 && seen[0] > 0, "too few kills");
}

#[test]
fn signal_ends_the_run_within_a_second_and_leaves_nothing() {
    for (signal, status) in [("INT", 130), ("TERM", 143), ("HUP", 129)] {
        for output in ["parts", "users.json", "-"] {
            let place = WorkFolder::new();
            let mut child = place
                .command(&format!("convert - -o {output}"))
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            // The command waits for an input without data.
            let mut input = child.stdin.take().unwrap();
            std::io::Write::write_all(&mut input, users(10).as_bytes()).unwrap();
            if output == "-" {
                std::thread::sleep(Duration::from_millis(300));
            }
            let begun = Instant::now();
            while output != "-" && traced::drafts(place.path()) == 0 {
                assert!(begun.elapsed() < Duration::from_secs(20), "it never began");
                std::thread::sleep(Duration::from_millis(5));
            }
            let sent = Instant::now();
            let kill =
                std::process::Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
            assert!(kill.unwrap().success());
            let ended = child.wait_with_output().unwrap();
            assert!(sent.elapsed() < Duration::from_secs(1), "{signal}: {:?}", sent.elapsed());
            assert_eq!(ended.status.code(), Some(status), "{signal}");
            assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "{signal}");
            assert_eq!(place.names("."), Vec::<String>::new(), "{signal} left something");
            drop(input);
        }
    }
}
