//! The programs in `examples/` work as documented. The code blocks of the README and the guide are in them.

use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Returns the time of the last change in a folder. Ignores tests, because they are not part of an example.
fn newest_source(folder: &Path) -> Option<std::time::SystemTime> {
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| !path.ends_with("tests") && !path.ends_with("tests.rs"));
    let newest = files.map(|path| {
        if path.is_dir() {
            newest_source(&path)
        } else {
            std::fs::metadata(path).and_then(|found| found.modified()).ok()
        }
    });
    newest.max().flatten()
}

/// Returns the standard output of an example. The standard error must be empty.
fn printed(example: &str, arguments: &[&Path]) -> String {
    let (out, err) = ran(example, arguments);
    assert_eq!(err, "");
    out
}

/// Returns the standard output and standard error of an example with these arguments.
fn ran(example: &str, arguments: &[&Path]) -> (String, String) {
    // The binary is next to the folder of this test. Cargo builds the examples before it runs all tests of the
    // package, but not if a single test is requested. Then an older binary must not be used.
    let test = std::env::current_exe().unwrap();
    let binary = test.parent().and_then(Path::parent).unwrap().join("examples").join(example);
    let binary = binary.with_extension(std::env::consts::EXE_EXTENSION);
    let changed = |path: &Path| std::fs::metadata(path).and_then(|found| found.modified()).ok();
    let newest = newest_source(&root().join("crates/reimport/src"))
        .max(newest_source(&root().join("crates/reimport/examples")));
    assert!(
        changed(&binary) >= newest,
        "{} is older than its source: cargo build -p reimport --examples",
        binary.display()
    );
    let ran = Command::new(binary).args(arguments).output().unwrap();
    assert!(ran.status.success(), "{example}: {}", String::from_utf8_lossy(&ran.stderr));
    (String::from_utf8(ran.stdout).unwrap(), String::from_utf8(ran.stderr).unwrap())
}

#[test]
fn own_transform_example_pseudonymizes_users() {
    let export = root().join("testdata/tenant.json.gz");
    let (users, output) = ran("own_transform", &[&export]);
    assert_eq!(output, "6 written, 1 rejected\n");
    let users: Vec<serde_json::Value> =
        users.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(users.len(), 6);
    assert!(users.iter().all(|user| user["user"].as_str().is_some_and(|hash| hash.len() == 16)));
    let (others, _) = ran("own_transform", &[&export, Path::new("2")]);
    assert!(!others.contains(users[0]["user"].as_str().unwrap()), "another key gives other pseudonyms");
}

#[test]
fn own_sink_example_publishes_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("users.tsv");
    let output = printed("own_sink", &[&root().join("testdata/tenant.json.gz"), &out]);
    assert_eq!(output, format!("7 users in {}, 0 rejected\n", out.display()));
    let users = std::fs::read_to_string(&out).unwrap();
    assert!(
        users.starts_with(
            "user_id\temail\tlogins_count\nauth0|13c6bbdce996431cfcb2185a\tada.quill@example.com\t412\n"
        ),
        "{users}"
    );
    assert!(users.lines().count() == 8 && users.lines().all(|line| line.split('\t').count() == 3), "{users}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1, "no temporary file is left");
}

#[test]
fn async_service_example_counts_users() {
    let output = printed("async_service", &[&root().join("testdata/tenant.json.gz")]);
    assert_eq!(output, "7 users, 0 records that cannot be read\n");
}

#[test]
fn read_export_example_counts_users_by_connection() {
    let counts = printed("read_export", &[&root().join("testdata/tenant.json.gz")]);
    assert_eq!(
        counts,
        "        5 Username-Password-Authentication\n        1 github\n        1 google-oauth2\n"
    );
}

#[test]
fn make_import_files_example_keeps_signup_dates() {
    let folder = tempfile::tempdir().unwrap();
    let parts = folder.path().join("parts");
    let output = printed("make_import_files", &[&root().join("testdata/tenant.json.gz"), &parts]);
    let expected = format!("3 users in 1 parts; 2 skipped, 2 rejected, see {}/\n", parts.display());
    assert_eq!(output, expected);
    let users =
        std::fs::read_to_string(parts.join("Username-Password-Authentication/users-00001.json")).unwrap();
    assert_eq!(users.matches("\"signed_up_at\":\"").count(), 3);
}

#[test]
fn take_fields_example_writes_csv() {
    let folder = tempfile::tempdir().unwrap();
    let csv = folder.path().join("users.csv");
    let output = printed("take_fields", &[&root().join("testdata/tenant.json.gz"), &csv]);
    assert_eq!(output, "7 users, 0 records that cannot be read\nno record has user_metadata.consent.given\n");
    let text = std::fs::read_to_string(csv).unwrap();
    assert_eq!(text.lines().next(), Some("email,provider,user_metadata.consent.given"));
    assert_eq!(text.lines().count(), 8);
}

/// Returns the lines of a text without indentation and without empty lines.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect()
}

#[test]
fn code_quoted_in_docs_is_in_an_example() {
    let examples = ["read_export", "make_import_files", "take_fields"].map(|name| {
        std::fs::read_to_string(root().join(format!("crates/reimport/examples/{name}.rs"))).unwrap()
    });
    let mut quoted = 0;
    for page in ["README.md", "docs/guide.md"] {
        let text = std::fs::read_to_string(root().join(page)).unwrap();
        for block in text.split("```rust\n").skip(1) {
            let block = lines(block.split("```").next().unwrap());
            let imports = block.iter().take_while(|line| line.starts_with("use ")).count();
            let (imports, code) = block.split_at(imports);
            assert!(!imports.is_empty(), "{page} quotes code without its `use` lines:\n{}", block.join("\n"));
            let found = examples.iter().map(|example| lines(example)).any(|example| {
                imports.iter().all(|line| example.contains(line))
                    && example.iter().filter(|line| line.starts_with("use ")).count() == imports.len()
                    && example.windows(code.len()).any(|quoted| quoted == code)
            });
            assert!(found, "{page} quotes text that is not in any example:\n{}", block.join("\n"));
            quoted += 1;
        }
    }
    assert!(quoted >= 4, "{quoted} blocks were found");
}
