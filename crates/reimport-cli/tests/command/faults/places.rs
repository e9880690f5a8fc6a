//! Places where a folder cannot be published in one step, and places that must not be replaced.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use super::mounts::with_mounts;
use super::traced::visible;
use crate::harness::{REIMPORT, Ran, WorkFolder, users};
use crate::skips::skip;

#[test]
fn empty_current_folder_is_filled() {
    let export = WorkFolder::new().with("tenant.json", users(3));
    let path = export.path().join("tenant.json");
    let path = path.to_str().unwrap();
    let place = WorkFolder::new();
    let before = fs::metadata(place.path()).unwrap().ino();
    assert_eq!(place.run(&format!("convert {path} -o .")).status, 0);
    assert_eq!(place.names("."), ["lines.ndjson", "manifest.json", "users-00001.json"]);
    assert_eq!(fs::metadata(place.path()).unwrap().ino(), before);
    let ran = place.run(&format!("convert {path} -o . --force"));
    assert_eq!((ran.status, ran.err.contains("cannot be replaced in one step")), (2, true), "{}", ran.err);
}

#[test]
fn mount_point_is_filled_but_never_replaced() {
    let place = WorkFolder::new().with("tenant.json", users(3));
    for folder in ["source", "bound"] {
        fs::create_dir(place.path().join(folder)).unwrap();
    }
    let script = "mount --bind source bound || exit 77
        \"$0\" convert tenant.json -o bound -q || exit 1
        \"$0\" convert tenant.json -o bound --force && exit 1
        mountpoint -q bound || exit 1
        exit 0";
    let Some(Ran { status, err, .. }) = with_mounts(&place, script) else { return };
    assert_eq!(status, 0, "{err}");
    assert!(err.contains("it is a mount point") && err.lines().count() == 1, "{err}");
    assert_eq!(place.names("source"), ["lines.ndjson", "manifest.json", "users-00001.json"]);
    assert_eq!(place.names("bound"), Vec::<String>::new());
}

/// Runs the command as a user without write permission everywhere. Does nothing if that is not possible.
fn run_unprivileged(place: &WorkFolder, arguments: &str) -> Option<(i32, String)> {
    // Another user may not reach the folder of the build. Removed when the command has ended.
    let folder = tempfile::tempdir().unwrap();
    let mut command = if fs::metadata("/proc/self").unwrap().uid() == 0 {
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let copy = folder.path().join("reimport");
        fs::copy(REIMPORT, &copy).unwrap();
        let mut command = place.program("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(copy);
        command
    } else {
        place.program(REIMPORT)
    };
    match command.args(arguments.split_whitespace()).output().map(Ran::of) {
        Ok(ran) if !matches!(ran.status, 126 | 127) => Some((ran.status, ran.err)),
        _ => {
            skip("no other user can run the command here");
            None
        }
    }
}

#[test]
fn empty_folder_in_read_only_parent_is_filled() {
    let place = WorkFolder::new().with("tenant.json", users(3));
    let home = place.path();
    fs::create_dir(home.join("parts")).unwrap();
    for (path, mode) in [("parts", 0o777), ("tenant.json", 0o644), (".", 0o555)] {
        fs::set_permissions(home.join(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    let Some((status, stderr)) = run_unprivileged(&place, "convert tenant.json -o other") else { return };
    assert_eq!(status, 2, "{stderr}");
    assert!(
        stderr.contains("cannot create a file in .: ") && stderr.contains("ermission denied"),
        "{stderr}"
    );
    let (status, stderr) = run_unprivileged(&place, "convert tenant.json -o parts").unwrap();
    assert_eq!(status, 0, "{stderr}");
    assert_eq!(place.names("parts"), ["lines.ndjson", "manifest.json", "users-00001.json"]);
    let (status, stderr) = run_unprivileged(&place, "convert tenant.json -o parts --force").unwrap();
    assert_eq!(status, 2, "{stderr}");
    assert!(stderr.contains("its parent is not writable"), "{stderr}");
    // An unreadable input is reported before anything is created.
    fs::set_permissions(home, fs::Permissions::from_mode(0o777)).unwrap();
    fs::set_permissions(home.join("tenant.json"), fs::Permissions::from_mode(0o000)).unwrap();
    let (status, stderr) = run_unprivileged(&place, "convert tenant.json -o other").unwrap();
    assert_eq!((status, stderr.contains("tenant.json")), (2, true), "{stderr}");
    assert_eq!(place.names("."), ["parts", "tenant.json"]);
}

#[test]
fn foreign_files_are_never_replaced() {
    let place = WorkFolder::new().with("tenant.json", users(3));
    assert_eq!(place.run("convert tenant.json -o parts").status, 0);
    // An input inside the output: by its path, by a symbolic link, and by a hard link.
    fs::copy(place.path().join("tenant.json"), place.path().join("parts/rejected.ndjson")).unwrap();
    symlink("parts", place.path().join("link")).unwrap();
    fs::hard_link(place.path().join("parts/rejected.ndjson"), place.path().join("hard.ndjson")).unwrap();
    let before = visible(place.path());
    for input in
        ["parts/rejected.ndjson", "link/rejected.ndjson", "hard.ndjson", "./parts/../parts/rejected.ndjson"]
    {
        let ran = place.run(&format!("convert {input} -o parts --force"));
        assert_eq!(ran.status, 2, "{input}: {}", ran.err);
        assert!(ran.err.contains("is inside the output parts"), "{input}: {}", ran.err);
        assert_eq!(visible(place.path()), before, "{input}");
    }
    // A foreign file, and a folder that looks like a home folder.
    fs::write(place.path().join("parts/notes.txt"), "mine").unwrap();
    fs::create_dir(place.path().join("home")).unwrap();
    fs::write(place.path().join("home/.profile"), "mine").unwrap();
    fs::create_dir(place.path().join("home/Documents")).unwrap();
    let before = visible(place.path());
    for (out, name) in [("parts", "notes.txt"), ("home", ".profile"), ("home/", ".profile")] {
        let ran = place.run(&format!("convert tenant.json -o {out} --force"));
        assert_eq!(ran.status, 2);
        assert!(ran.err.contains(&format!("{name:?}, which reimport did not write")), "{}", ran.err);
        assert_eq!(visible(place.path()), before);
    }
    // The same for a file that would be its own input.
    let ran = place.run("select tenant.json -f email -o tenant.json --force");
    assert_eq!((ran.status, ran.err.contains("is the same file as the output")), (2, true), "{}", ran.err);
}
