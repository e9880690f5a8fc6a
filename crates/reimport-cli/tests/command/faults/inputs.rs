//! Inputs that change while they are read, and concurrent runs.

use std::fs;
use std::io::Write;
use std::process::Stdio;

use super::traced::{self, can_trace, visible};
use crate::harness::{Ran, WorkFolder, gzipped, users};

#[test]
fn input_truncated_while_read_publishes_nothing() {
    if !can_trace() {
        return;
    }
    for (name, bytes) in
        [("tenant.json", users(9_000).into_bytes()), ("tenant.json.gz", gzipped(users(90_000).as_bytes()))]
    {
        let mut cuts = 0;
        // The first reads are those of the dynamic loader. Then some of the export is read, but not all.
        for at in 1..40 {
            let place = WorkFolder::new().with(name, &bytes);
            // The read returns the end of the file, as it does for a truncated file.
            let inject = format!("read:retval=0:when={at}+");
            let traced = traced::run(&place, &inject, &format!("convert {name} -o parts --threads 1"));
            if !traced.injected.iter().any(|line| line.contains(name)) || traced.status == Some(127) {
                continue;
            }
            let context = format!("{inject}: {traced:?}");
            // If it is the last read, it is the end of the file.
            if traced.status == Some(0) {
                assert!(place.path().join("parts/manifest.json").exists(), "{context}");
                break;
            }
            assert_eq!(traced.status, Some(2), "{context}");
            assert_eq!(place.names("."), [name], "{context}");
            cuts += 1;
        }
        assert!(cuts > 1, "{name}: {cuts} cuts");
    }
}

#[test]
fn input_that_grows_while_read_publishes_nothing() {
    let place = WorkFolder::new().with("tenant.json", users(200));
    let path = place.path().join("tenant.json");
    let growing = std::thread::spawn(move || {
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        let more = users(2_000);
        for _ in 0..200 {
            if file.write_all(more.as_bytes()).is_err() {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    });
    std::thread::sleep(std::time::Duration::from_millis(20));
    let ran = place.run("select tenant.json -f email -o emails.csv");
    growing.join().unwrap();
    assert_eq!(
        (ran.status, &*ran.err),
        (
            2,
            "error: tenant.json: the file grew while it was read: is it still being downloaded? Wait until that has ended, then run again\n"
        )
    );
    assert_eq!(place.names("."), ["tenant.json"]);
}

#[test]
fn named_pipe_is_read_once() {
    // It is opened some time after the other file, which is read first.
    let place = WorkFolder::new().with("tenant.json", users(3_000));
    let script = "mkfifo pipe; cat tenant.json > pipe & timeout 20 \"$0\" convert tenant.json pipe -o parts --no-duplicate-check";
    let ran = Ran::of(place.bash(script).output().unwrap());
    assert_eq!(ran.status, 0, "{}", ran.err);
    assert!(place.path().join("parts/users-00001.json").exists());
}

#[test]
fn concurrent_runs_into_one_folder_have_one_winner() {
    let (mut wins, mut both) = ([0, 0], 0);
    for round in 0..16 {
        let force = if round % 2 == 0 { "" } else { "--force" };
        let place = WorkFolder::new()
            .with("one.json", users(500))
            .with("two.json", users(700))
            .with("old.json", users(1));
        if round % 4 == 1 {
            // Both runs exchange it for their output.
            assert_eq!(place.run("convert old.json -o parts").status, 0);
        }
        let start = |name: &str| {
            place
                .command(&format!("convert {name}.json -o parts --max-part-bytes 1000 {force}"))
                .stdin(Stdio::null())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let ended = [start("one"), start("two")].map(|child| child.wait_with_output().unwrap());
        let statuses = ended.each_ref().map(|output| output.status.code().unwrap());
        let stderr = ended.each_ref().map(|output| String::from_utf8_lossy(&output.stderr).into_owned());
        for (status, stderr) in statuses.iter().zip(&stderr) {
            let reasons =
                ["parts was created by something else during this run", "the folder parts is not empty"];
            let refused = *status == 2 && reasons.iter().any(|reason| stderr.contains(reason));
            assert!(*status == 0 || refused, "{stderr}");
        }
        let winners = statuses.iter().filter(|status| **status == 0).count();
        assert!(winners == 1 || winners == 2 && !force.is_empty(), "{statuses:?} {stderr:?}");
        both += usize::from(winners == 2);
        // The output is completely that of one run.
        let manifest: serde_json::Value = serde_json::from_str(&place.read("parts/manifest.json")).unwrap();
        let found = visible(&place.path().join("parts"));
        let parts: Vec<_> = found.keys().filter(|name| name.starts_with("users-")).collect();
        let listed: Vec<_> =
            manifest["parts"].as_array().unwrap().iter().map(|part| part["file"].as_str().unwrap()).collect();
        assert_eq!(parts, listed);
        let users: usize = parts
            .iter()
            .map(|name| serde_json::from_slice::<Vec<serde_json::Value>>(&found[*name]).unwrap().len())
            .sum();
        assert!(users == 500 || users == 700, "a mix of {users} users");
        wins[usize::from(users == 700)] += 1;
        assert_eq!(traced::drafts(place.path()), 0);
    }
    println!("{wins:?} wins, {both} times both ran");
    assert!(wins.iter().sum::<usize>() >= 16, "too few runs met");
}

#[test]
fn few_file_descriptors_are_enough() {
    let place = WorkFolder::new();
    // Enough parts for each connection that its list of lines is written in pieces.
    let user = |n: usize| {
        let (k, c) = (n / 60, n % 60);
        format!(
            "{{\"user_id\":\"auth0|{c}-{k}\",\"email\":\"u{n}@example.com\",\"identities\":[{{\"provider\":\"auth0\",\
             \"connection\":\"c{c}\"}}]}}\n"
        )
    };
    let export: String = (0..60 * 600).map(user).collect();
    for (name, export) in [("a.json", &*export), ("b.json", &export[..10_000]), ("c.json", "{}\n")] {
        fs::write(place.path().join(name), export).unwrap();
    }
    let convert = |limit: u32| {
        let script = format!(
            "ulimit -n {limit}; exec \"$0\" convert a.json b.json c.json -o parts{limit} --by-connection --max-part-bytes 10000 --threads 4"
        );
        let ran = Ran::of(place.bash(&script).env_remove("LD_LIBRARY_PATH").output().unwrap());
        (ran.status, ran.err)
    };
    let mut least = None;
    for limit in [4, 6, 8, 10, 11, 12, 13, 14, 15, 16, 20, 24] {
        let (status, stderr) = convert(limit);
        match status {
            // The second and third file repeat the users of the first.
            1 => {
                least.get_or_insert(limit);
                assert_eq!(place.names(&format!("parts{limit}")).len(), 62, "{limit}: {stderr}");
            }
            2 => {
                assert!(least.is_none(), "{limit} are not enough, but fewer are: {stderr}");
                assert!(stderr.contains("Too many open files"), "{limit}: {stderr}");
                assert_eq!(stderr.lines().count(), 1, "{limit}: {stderr}");
            }
            // The dynamic loader.
            127 => {}
            other => panic!("{limit}: {other}: {stderr}"),
        }
        // Folders are removed through descriptors.
        let left = place.names(".").iter().any(|name| name.starts_with(&format!(".parts{limit}.")));
        assert!(limit < 12 || !left, "{limit}");
    }
    println!("{least:?} descriptors are enough");
    assert!(least.is_some_and(|least| least <= 16), "{least:?}");
}
