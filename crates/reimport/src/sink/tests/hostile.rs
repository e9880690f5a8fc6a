//! Tests with paths to which nothing may be written, and folders that cannot be replaced.
#![cfg(unix)]

use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::process::Command;

use super::*;
use crate::parts_folder::Manifest;
use crate::pipeline::Pipeline;
use crate::projection::Unchanged;
use crate::run::Summary;
use crate::sink::{FileOptions, Framing, LeftoverOptions, Ndjson, OneFile, Parts, PartsOptions};

fn create(out: impl AsRef<Path>, force: bool) -> crate::error::Result<Parts> {
    Parts::create(out, PartsOptions::default().force(force))
}

fn folder_error(out: impl AsRef<Path>) -> String {
    let found: Vec<String> = [false, true]
        .into_iter()
        .map(|force| create(out.as_ref(), force).err().expect("an error").to_string())
        .collect();
    assert_eq!(found[0], found[1]);
    found[0].clone()
}

fn file_error(path: impl AsRef<Path>) -> String {
    let options = FileOptions::default().force(true);
    OneFile::create(path, Framing::Array, options).err().expect("an error").to_string()
}

#[test]
fn links_fifos_devices_and_files_are_not_written_through() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::create_dir(at("real")).unwrap();
    symlink(at("real"), at("link")).unwrap();
    symlink(at("nowhere"), at("dangling")).unwrap();
    fs::write(at("file"), "mine").unwrap();
    symlink(at("file"), at("link.json")).unwrap();
    assert!(Command::new("mkfifo").arg(at("fifo")).status().unwrap().success());
    let before = names(home.path());

    for link in ["link", "link/", "link/.", "dangling"] {
        assert!(folder_error(at(link)).contains("is a symbolic link"), "{link}");
    }
    assert!(folder_error(at("file")).contains("is a file; expected a folder"));
    assert!(folder_error(at("fifo")).contains("is a FIFO; expected a folder"));
    assert!(folder_error("/dev/null").contains("/dev/null is a device; expected a folder"));
    assert!(file_error(at("link.json")).contains("is a symbolic link"));
    assert!(file_error(at("real")).contains("is a folder; expected a regular file"));
    assert!(file_error(at("fifo")).contains("is a FIFO; expected a regular file"));
    assert!(file_error("/dev/null").contains("is a device; expected a regular file"));
    assert!(file_error(at("real/..")).contains("does not end in a file name"));
    assert!(folder_error(at("no/where")).contains("does not exist"));
    assert!(file_error(at("no/where.json")).contains("does not exist"));
    // A wrong type of a file next to the output is also detected before the first record.
    symlink(at("file"), at("users.json.skipped.ndjson")).unwrap();
    assert!(file_error(at("users.json")).contains("users.json.skipped.ndjson is a symbolic link"));
    fs::remove_file(at("users.json.skipped.ndjson")).unwrap();

    assert_eq!(names(home.path()), before);
    assert_eq!((text(at("file")).as_str(), names(&at("real")).len()), ("mine", 0));
}

#[test]
fn home_and_root_folders_are_never_replaced() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join(".profile"), "").unwrap();
    fs::create_dir(home.path().join("Documents")).unwrap();
    for out in [home.path(), Path::new("/"), Path::new("/usr")] {
        let error = create(out, true).err().unwrap();
        assert!(matches!(output_error(&error), OutputError::Foreign { .. }), "{error}");
    }
}

#[test]
fn input_in_the_replaced_folder_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let out = at("parts");
    let mut first = create(&out, false).unwrap();
    reject(&mut first, "x").unwrap();
    first.finish(&Summary::default()).unwrap();
    symlink(&out, at("link")).unwrap();
    fs::hard_link(out.join("rejected.ndjson"), at("hard.ndjson")).unwrap();
    fs::write(at("other.ndjson"), "{}").unwrap();

    let again = create(&out, true).unwrap();
    for input in [
        out.join("rejected.ndjson"),
        at("link/rejected.ndjson"),
        at("hard.ndjson"),
        at("parts/../parts/manifest.json"),
    ] {
        let error = again.refuse_inputs(&[at("other.ndjson"), input.clone()]).unwrap_err();
        assert!(
            matches!(output_error(&error), OutputError::InputInside { input: found, .. } if *found == input)
        );
    }
    again.refuse_inputs(&[at("other.ndjson"), at("missing")]).unwrap();
    create(at("new"), false).unwrap().refuse_inputs(&[at("other.ndjson")]).unwrap();

    // A run asks by itself, before it reads.
    let input = at("link/rejected.ndjson");
    let before = fs::read(&input).unwrap();
    let error = Pipeline::new().run([&input], &Unchanged, create(&out, true).unwrap()).unwrap_err();
    assert!(matches!(output_error(&error), OutputError::InputInside { .. }), "{error}");
    assert_eq!(fs::read(&input).unwrap(), before);
    let rejected = at("users.ndjson.rejected.ndjson");
    fs::write(&rejected, "{}").unwrap();
    let lines = Ndjson::new(Vec::new()).rejected(&rejected, LeftoverOptions::default().force(true)).unwrap();
    let error = Pipeline::new().run([&rejected], &Unchanged, lines).unwrap_err();
    assert!(matches!(output_error(&error), OutputError::InputIsOutput { .. }), "{error}");
}

#[test]
fn input_that_is_the_replaced_file_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    fs::write(at("a.json"), "[]").unwrap();
    fs::write(at("a.json.rejected.ndjson"), "{}").unwrap();
    fs::hard_link(at("a.json"), at("hard.json")).unwrap();
    symlink(at("a.json"), at("link.json")).unwrap();
    let file = OneFile::create(at("a.json"), Framing::Array, FileOptions::default().force(true)).unwrap();
    for input in ["a.json", "hard.json", "link.json", "a.json.rejected.ndjson"] {
        let error = file.refuse_inputs(&[at(input)]).unwrap_err();
        assert!(matches!(output_error(&error), OutputError::InputIsOutput { .. }), "{input}");
    }
    file.refuse_inputs(&[at("missing")]).unwrap();
}

#[test]
fn empty_folder_is_replaced_by_a_private_one() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    fs::create_dir(&out).unwrap();
    let before = fs::metadata(&out).unwrap().ino();
    create(&out, false).unwrap().finish(&Summary::default()).unwrap();
    let after = fs::metadata(&out).unwrap();
    assert_ne!(after.ino(), before);
    assert_eq!(after.mode() & 0o7777, 0o700);
}

/// Run by [`current_folder_is_filled_with_manifest_last`] in its own folder.
#[test]
#[ignore = "needs a process of its own"]
fn fills_the_current_folder() {
    if !is_own_process() {
        return;
    }
    let here = std::env::current_dir().unwrap();
    let before = fs::metadata(".").unwrap().ino();
    fs::create_dir(".reimport-abc123").unwrap();
    for path in [".", here.to_str().unwrap()] {
        let mut parts = create(path, false).unwrap();
        write(&mut parts, "{\"n\":1}", None).unwrap();
        assert_eq!(names(&here).len(), 2, "the new draft and the stale draft");
        drop(parts);
        assert_eq!(names(&here), [".reimport-abc123"]);
    }
    let slow = create(".", false).unwrap();
    let mut parts = create(".", false).unwrap();
    write(&mut parts, "{\"n\":1}", None).unwrap();
    parts.finish(&Summary::default()).unwrap();
    let published = [".reimport-abc123", "lines.ndjson", "manifest.json", "users-00001.json"];
    let error = slow.finish(&Summary::default()).unwrap_err();
    assert!(matches!(output_error(&error), OutputError::Appeared { .. }), "{error}");
    assert_eq!(names(&here), published);
    assert_eq!(fs::metadata(".").unwrap().ino(), before);
    let error = create(".", true).err().unwrap();
    assert!(
        matches!(
            output_error(&error),
            OutputError::CannotReplace { reason: "its path does not end in a name", .. }
        ),
        "{error}"
    );
    let error = create(&here, true).err().unwrap();
    assert!(
        matches!(output_error(&error), OutputError::CannotReplace { reason: "it is the current folder", .. }),
        "{error}"
    );
}

#[test]
fn current_folder_is_filled_with_manifest_last() {
    let home = tempfile::tempdir().unwrap();
    in_separate_process("hostile::fills_the_current_folder", home.path(), "022");
}

/// Run by [`modes_do_not_follow_the_umask`] with different umasks.
#[test]
#[ignore = "needs a process of its own"]
fn writes_one_of_each() {
    if !is_own_process() {
        return;
    }
    let options = PartsOptions::default().by_connection(true).max_part_bytes(20);
    let mut parts = Parts::create("parts", options).unwrap();
    let mut file = OneFile::create("one.json", Framing::Array, FileOptions::default()).unwrap();
    for _ in 0..3 {
        write(&mut parts, "{\"n\":1}", Some("c")).unwrap();
        write(&mut file, "{\"n\":1}", Some("c")).unwrap();
    }
    skip(&mut parts, "{}").unwrap();
    reject(&mut parts, "{").unwrap();
    skip(&mut file, "{}").unwrap();
    reject(&mut file, "{").unwrap();
    parts.finish(&Summary::default()).unwrap();
    file.finish(&Summary::default()).unwrap();
}

#[test]
fn modes_do_not_follow_the_umask() {
    fn check(path: &Path) -> usize {
        let mode = fs::symlink_metadata(path).unwrap().mode();
        if fs::metadata(path).unwrap().is_dir() {
            assert_eq!(mode & 0o7777, 0o700, "{}", path.display());
            names(path).iter().map(|name| check(&path.join(name))).sum::<usize>() + 1
        } else {
            assert_eq!(mode & 0o7777, 0o600, "{}", path.display());
            1
        }
    }
    for umask in ["000", "022", "277", "777"] {
        let home = tempfile::tempdir().unwrap();
        in_separate_process("hostile::writes_one_of_each", home.path(), umask);
        assert_eq!(
            names(home.path()),
            ["one.json", "one.json.rejected.ndjson", "one.json.skipped.ndjson", "parts"]
        );
        let seen: usize = names(home.path()).iter().map(|name| check(&home.path().join(name))).sum();
        assert_eq!(seen, 3 + 1 + 4 + 1 + 4, "under {umask}");
    }
}

/// Run and killed by [`killed_run_leaves_old_or_new_state`].
#[test]
#[ignore = "needs a process of its own, and runs until it is killed"]
fn publishes_until_it_is_killed() {
    if !is_own_process() {
        return;
    }
    for run in 0.. {
        let mut parts =
            Parts::create("parts", PartsOptions::default().force(true).max_part_bytes(30)).unwrap();
        for _ in 0..7 {
            write(&mut parts, &format!("{{\"run\":{run}}}"), None).unwrap();
        }
        parts.finish(&Summary::default()).unwrap();
    }
}

#[test]
fn killed_run_leaves_old_or_new_state() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    create(&out, false).unwrap().finish(&Summary::default()).unwrap();
    let mut published = 0;
    for kill in 0..20 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([
                "--exact",
                "sink::tests::hostile::publishes_until_it_is_killed",
                "--ignored",
                "--nocapture",
            ])
            .current_dir(home.path())
            .env(OWN_PROCESS, "1")
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(20 + kill * 7));
        child.kill().unwrap();
        child.wait().unwrap();
        let manifest: Manifest = serde_json::from_str(&text(out.join("manifest.json"))).unwrap();
        let mut runs = std::collections::HashSet::new();
        for part in &manifest.parts {
            let bytes = fs::read(out.join(&part.file)).unwrap();
            assert_eq!(part.xxh3_128, format!("{:032x}", xxhash_rust::xxh3::xxh3_128(&bytes)));
            let users: Vec<serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
            runs.extend(users.iter().map(ToString::to_string));
        }
        assert!(runs.len() <= 1, "two runs in one folder: {runs:?}");
        let parts = names(&out).iter().filter(|name| name.starts_with("users-")).count();
        assert_eq!(parts, manifest.parts.len());
        published += parts;
    }
    assert!(published > 0, "every child was killed before it published");
    assert!(names(home.path()).iter().all(|name| name == "parts" || name.starts_with(".parts.reimport-")));
}

/// Runs one test of this binary as a user without privileges.
fn as_another_user(test: &str) {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    // The other user may not have access to the build folder.
    let program = folder.path().join("tests");
    fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let ran = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(program)
        .args(["--exact", test])
        .output();
    match ran {
        Ok(ran) => {
            let stdout = String::from_utf8_lossy(&ran.stdout);
            assert!(ran.status.success() && stdout.contains("1 passed"), "{stdout}");
        }
        Err(error) => crate::skips::skip(&format!("setpriv: {error}")),
    }
}

#[test]
fn empty_folder_in_read_only_parent_is_filled() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    fs::create_dir(&out).unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(home.path().join("probe"), "").is_ok() {
        // This user can write anywhere, for example as root. Another user runs the test.
        fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        return as_another_user("sink::tests::hostile::empty_folder_in_read_only_parent_is_filled");
    }
    let before = fs::metadata(&out).unwrap().ino();
    let error = create(home.path().join("other"), false).err().unwrap();
    assert_eq!(error.category(), crate::error::Category::Io);
    create(&out, false).unwrap().finish(&Summary::default()).unwrap();
    assert_eq!(fs::metadata(&out).unwrap().ino(), before);
    assert_eq!(names(&out), ["manifest.json"]);
    let error = create(&out, true).err().unwrap();
    assert!(matches!(output_error(&error), OutputError::CannotReplace { .. }), "{error}");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
}
