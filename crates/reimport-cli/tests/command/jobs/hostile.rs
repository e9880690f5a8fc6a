//! Uploads of a folder that an attacker has made.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use super::tenant::{ending, host, tenant};
use crate::harness::{Ran, WorkFolder};

/// Returns the journal and the list of a finished upload whose user of line 1 was refused.
fn finished() -> (reimport_jobs::fake::FakeTenant, WorkFolder) {
    let (tenant, place) = (tenant(), WorkFolder::new());
    tenant.add_user(serde_json::json!({"email": "u0@example.com", "user_id": "other"}));
    place.parts(2, 2);
    assert_eq!(upload(&place, &tenant).status, 1);
    (tenant, place)
}

fn upload(place: &WorkFolder, tenant: &reimport_jobs::fake::FakeTenant) -> Ran {
    let url = tenant.base_url();
    let to = reimport_jobs::fake::FakeTenant::CONNECTION;
    place
        .run(&["upload", "parts", "--base-url", &url, "--poll", "0.02", "--to", to, "--yes", "-q"])
        .without(tenant)
}

#[test]
fn does_not_write_through_symlinks() {
    let (tenant, place) = finished();
    for kept in ["con_0000000000000001.ndjson", ".errors.ndjson", ".errors"] {
        let path = ending(&place.path().join("parts"), kept);
        let aside = place.path().join("aside");
        fs::rename(&path, &aside).unwrap();
        symlink(&aside, &path).unwrap();
        let before = aside.is_file().then(|| fs::read(&aside).unwrap());
        let name =
            path.file_name().unwrap().to_str().unwrap().replace(&host(&tenant).replace(':', "-"), "HOST");
        upload(&place, &tenant).assert_output(
            2,
            "",
            &format!(
                "error: parts/{name} is a symbolic link; expected a regular file, since nothing else is read in a folder \
                 of parts\n"
            ),
        );
        assert_eq!(before, aside.is_file().then(|| fs::read(&aside).unwrap()));
        fs::remove_file(&path).unwrap();
        fs::rename(&aside, &path).unwrap();
    }
    // A temporary file of an earlier version of the list.
    let draft = ending(&place.path().join("parts"), ".errors.ndjson").with_extension("ndjson.reimport-draft");
    fs::write(place.path().join("aside"), "mine").unwrap();
    symlink(place.path().join("aside"), &draft).unwrap();
    assert_eq!(upload(&place, &tenant).status, 2);
    assert_eq!(place.read("aside"), "mine");
}

#[test]
fn upload_without_the_lock_writes_nothing() {
    let (tenant, place) = finished();
    let [journal, list] =
        ["con_0000000000000001.ndjson", ".errors.ndjson"].map(|end| ending(&place.path().join("parts"), end));
    fs::write(&list, "as the first upload left it").unwrap();
    let before = fs::read(&journal).unwrap();
    let first = fs::File::open(&journal).unwrap();
    first.lock().unwrap();
    let run = upload(&place, &tenant);
    let expected = "error: parts/upload-HOST-con_0000000000000001.ndjson is in use: another upload to this target is \
                    running\n";
    run.assert_output(2, "", expected);
    assert_eq!(fs::read_to_string(&list).unwrap(), "as the first upload left it");
    assert_eq!(fs::read(&journal).unwrap(), before);
    drop(first);
    assert_eq!(upload(&place, &tenant).status, 1);
    assert_ne!(fs::read_to_string(&list).unwrap(), "as the first upload left it");
}

#[test]
fn journal_cannot_name_lists_outside_its_folder() {
    let (tenant, place) = finished();
    let journal = ending(&place.path().join("parts"), "con_0000000000000001.ndjson");
    let text = fs::read_to_string(&journal).unwrap();
    let list = text.split("\"errors\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    fs::write(place.path().join("secret.json"), "[]").unwrap();
    fs::write(&journal, text.replace(&list, "../secret.json")).unwrap();
    let run = upload(&place, &tenant);
    assert_eq!(run.status, 2);
    assert!(
        run.err
            .contains(", line 4: the error list is not in the folder of the error lists; nothing was sent"),
        "{}",
        run.err
    );
}

#[test]
fn huge_line_range_of_a_part_does_not_panic() {
    let (tenant, place) = finished();
    let lines = place.path().join("parts/lines.ndjson");
    let list = ending(&place.path().join("parts"), ".errors.ndjson");
    let before = fs::read_to_string(&list).unwrap();
    let text = fs::read_to_string(&lines).unwrap();
    fs::write(&lines, text.replace("[[1,2]]", "[[1,9223372036854775808]]")).unwrap();
    assert_eq!(upload(&place, &tenant).status, 1);
    assert_eq!(fs::read_to_string(&list).unwrap(), before);
}

#[test]
fn suggested_commands_are_quoted_and_not_wrapped() {
    let (tenant, place) = (tenant(), WorkFolder::new());
    place.parts(2, 2);
    let name = format!("parts\u{1b}[31m{}", " of a long name".repeat(5));
    fs::rename(place.path().join("parts"), place.path().join(&name)).unwrap();
    let url = tenant.base_url();
    let to = reimport_jobs::fake::FakeTenant::CONNECTION;
    let arguments = ["upload", &name, "--base-url", &url, "--poll", "0.02", "--to", to, "--yes"];
    let run = place.run(&arguments).without(&tenant);
    let quoted = format!("$'parts\\033[31m{}'", " of a long name".repeat(5));
    let end = format!(
        "next      reimport download --tenant HOST -o new.json.gz\n          reimport verify {quoted} new.json.gz\n          \
         words in $'…' need bash, zsh or ksh\ndone (exit status 0)\n"
    );
    assert!(run.err.ends_with(&end), "{}", run.err);
    assert!(!run.err.contains('\u{1b}'));
}
