//! Tests of the output folders of a comparison, with real files.

use std::path::Path;

use super::Inputs;
use crate::compare::{Comparison, DeltaFolder, VerifyFolder};
use crate::error::ErrorKind;
use crate::parts_folder::Manifest;
use crate::record::ReadOptions;
use crate::sink::{OutputError, PartsOptions};

/// Returns every file below a folder with its text, except manifests.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, text)| (format!("{name}/{inner}"), text)));
        } else if name != "manifest.json" {
            found.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    found.sort();
    found
}

fn named(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|&(name, text)| (name.to_owned(), text.to_owned())).collect()
}

fn verify_into(inputs: &Inputs, force: bool) -> crate::error::Result<super::super::PublishedVerify> {
    let options = PartsOptions::default().force(force);
    let mut folder = VerifyFolder::create(inputs.path("out"), options)?;
    let report =
        Comparison::new().verify([inputs.path("old.json")], [inputs.path("new.json")], &mut folder)?;
    assert!(!inputs.path("out/missing").exists() || force, "published before the end of the run");
    folder.finish(&report)
}

#[test]
fn verify_writes_missing_changed_and_extra_users() {
    let inputs = Inputs::of(
        &[
            r#"{"user_id":"1","email":"a@x.example","app_metadata":{"n":9007199254740993,"a \"b\"":1}}"#,
            r#"{"user_id":"2","email":"b@x.example","password_hash":"$2b$10$secret"}"#,
            r#"{"user_id":"3","email":"c@x.example"}"#,
            r#"{"user_id":"4","email":"d@x.example"}"#,
        ],
        &[
            r#"{"email":"d@x.example"}"#,
            r#"{"user_id":"auth0|3","email":"c@x.example"}"#,
            r#"{"user_id":"auth0|9","email":"z@x.example","n": 1.0}"#,
            r#"{"user_id":"auth0|1","email":"a@x.example","app_metadata":{"n":9007199254740992}}"#,
        ],
    );
    let published = verify_into(&inputs, false).unwrap();
    assert_eq!(
        files(&inputs.path("out")),
        named(&[
            (
                "changed.ndjson",
                "{\"email\":\"d@x.example\",\"changes\":[{\"path\":\"user_id\",\"kind\":\"gone\"}]}\n\
                 {\"user_id\":\"auth0|1\",\"changes\":[\
                 {\"path\":\"app_metadata.a \\\"b\\\"\",\"kind\":\"gone\"},\
                 {\"path\":\"app_metadata.n\",\"kind\":\"lost-digits\"}]}\n"
            ),
            ("extra.ndjson", "{\"user_id\":\"auth0|9\",\"email\":\"z@x.example\",\"n\":1.0}\n"),
            (
                "missing/lines.ndjson",
                "{\"part\":\"users-00001.json\",\"source\":\"old.json\",\"lines\":[[3,1]]}\n"
            ),
            (
                "missing/users-00001.json",
                "[\n{\"user_id\":\"2\",\"email\":\"b@x.example\",\"password_hash\":\"$2b$10$secret\"}\n]"
            ),
        ])
    );
    let missing = published.missing.unwrap();
    assert_eq!(missing.folder, inputs.path("out/missing"));
    let text = std::fs::read(inputs.path("out/missing/manifest.json")).unwrap();
    let manifest: Manifest = serde_json::from_slice(&text).unwrap();
    assert_eq!(manifest, missing.manifest);
    assert_eq!((manifest.totals.read, manifest.totals.written, manifest.totals.with_password), (4, 1, 1));
    #[cfg(unix)]
    for (path, mode) in [("out", 0o700), ("out/missing", 0o700), ("out/changed.ndjson", 0o600)] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(
            std::fs::metadata(inputs.path(path)).unwrap().permissions().mode() & 0o777,
            mode,
            "{path}"
        );
    }
}

#[test]
fn force_replaces_earlier_comparison() {
    let inputs = Inputs::of(&[r#"{"user_id":"1","email":"a@x.example"}"#], &[r#"{"user_id":"auth0|2"}"#]);
    verify_into(&inputs, false).unwrap();
    assert!(inputs.path("out/missing/users-00001.json").exists() && inputs.path("out/extra.ndjson").exists());
    let error = verify_into(&inputs, false).err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::Output(OutputError::FolderExists { .. })), "{error}");
    inputs.write("new.json", r#"{"user_id":"auth0|1","email":"a@x.example"}"#);
    assert!(verify_into(&inputs, true).unwrap().missing.is_none());
    assert_eq!(files(&inputs.path("out")), []);
}

#[test]
fn upload_journal_prevents_replacement() {
    let inputs = Inputs::of(&[r#"{"user_id":"1","email":"a@x.example"}"#], &[r#"{"user_id":"auth0|2"}"#]);
    verify_into(&inputs, false).unwrap();
    inputs.write("out/missing/upload-t.ndjson", "{}");
    let error = verify_into(&inputs, true).err().unwrap();
    assert!(matches!(error.kind(), ErrorKind::Output(OutputError::Journal { .. })), "{error}");
    assert!(inputs.path("out/missing/users-00001.json").exists());
}

#[test]
fn missing_users_have_one_folder_per_connection() {
    let inputs = Inputs::of(&[], &[r#"{"user_id":"auth0|3"}"#]);
    inputs.write("one.json", r#"[{"user_id":"1","email":"a@x.example"},{"user_id":"3"}]"#);
    inputs.write("two.json", r#"[{"user_id":"2","email":"b@x.example"}]"#);
    let parts = [inputs.path("one.json"), inputs.path("two.json")];
    for force in [false, true] {
        let options = PartsOptions::default().by_connection(true).force(force);
        let mut folder =
            VerifyFolder::create(inputs.path("out"), options).unwrap().connection(&parts[0], "Users");
        let report = Comparison::new().verify(parts.clone(), [inputs.path("new.json")], &mut folder).unwrap();
        folder.finish(&report).unwrap();
        let names: Vec<_> = files(&inputs.path("out")).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "missing/Users/lines.ndjson",
                "missing/Users/users-00001.json",
                "missing/no-connection/lines.ndjson",
                "missing/no-connection/users-00001.json"
            ]
        );
    }
}

#[test]
fn failed_comparison_leaves_no_files() {
    let inputs = Inputs::of(
        &[r#"{"user_id":"1","email":"a@x.example"}"#, r#"{"user_id":"2"}"#],
        &[r#"{"user_id":"auth0|2"}"#],
    );
    let mut folder = VerifyFolder::create(inputs.path("out"), PartsOptions::default()).unwrap();
    let report =
        Comparison::new().verify([inputs.path("old.json")], [inputs.path("new.json")], &mut folder).unwrap();
    assert_eq!(report.missing, 1);
    drop(folder);
    let mut names: Vec<_> =
        std::fs::read_dir(inputs.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["new.json", "old.json"]);
    // Errors that can be found before anything is read are reported by `create`.
    let error = VerifyFolder::create(inputs.path("out"), PartsOptions::default().max_part_bytes(3));
    assert!(matches!(error.err().unwrap().kind(), ErrorKind::Output(OutputError::PartTooSmall { .. })));
}

#[test]
fn delta_writes_new_records_and_removed_users() {
    let inputs = Inputs::of(
        &[
            r#"{"user_id":"auth0|1","email":"a@x.example","logins_count":1}"#,
            r#"{"user_id":"auth0|2","email":"b\"1\",@x.example"}"#,
            r#"{"user_id":"auth0|3","name":"C"}"#,
            r#"{"user_id":"auth0|4"}"#,
        ],
        &[
            r#"{"user_id":"auth0|3","name":"D", "n":1.0}"#,
            r#"{"user_id":"auth0|1","email":"a@x.example","logins_count":2}"#,
            r#"{"user_id":"auth0|5","email":"e@x.example"}"#,
        ],
    );
    let mut folder = DeltaFolder::create(inputs.path("out"), false).unwrap();
    Comparison::new().delta([inputs.path("old.json")], [inputs.path("new.json")], &mut folder).unwrap();
    assert!(!inputs.path("out").exists());
    assert!(folder.finish().unwrap());
    assert_eq!(
        files(&inputs.path("out")),
        named(&[
            ("changed.ndjson", "{\"user_id\":\"auth0|3\",\"name\":\"D\",\"n\":1.0}\n"),
            ("gone.csv", "user_id,email\nauth0|2,\"b\"\"1\"\",@x.example\"\nauth0|4,\n"),
            ("new.ndjson", "{\"user_id\":\"auth0|5\",\"email\":\"e@x.example\"}\n"),
        ])
    );
}

#[test]
fn manifest_of_missing_users_has_the_options_of_the_parts() {
    let inputs = Inputs::of(
        &[r#"{"user_id":"1","email":"a@x.example"}"#, r#"{"user_id":"2","email":"b@x.example"}"#],
        &[r#"{"user_id":"auth0|1","email":"a@x.example"}"#],
    );
    let options = [("for".to_owned(), "insert".into())].into();
    let folder = VerifyFolder::create(inputs.path("out"), PartsOptions::default()).unwrap();
    let mut folder = folder.describe(options).detail("edits", serde_json::json!(["a"]));
    let files = [inputs.path("old.json"), inputs.path("new.json")];
    folder.refuse_inputs(&files).unwrap();
    let report = Comparison::new().verify([&*files[0]], [&*files[1]], &mut folder).unwrap();
    let manifest = folder.finish(&report).unwrap().missing.unwrap().manifest;
    assert_eq!(manifest.options["for"], "insert");
    assert_eq!(manifest.details["edits"], serde_json::json!(["a"]));
    // What would be replaced is not read.
    let inside = [inputs.path("out/missing/users-00001.json")];
    let force = PartsOptions::default().force(true);
    assert!(VerifyFolder::create(inputs.path("out"), force).unwrap().refuse_inputs(&inside).is_err());
    let delta = DeltaFolder::create(inputs.path("other"), false).unwrap();
    delta.refuse_inputs(&inside).unwrap();
    delta.finish().unwrap();
    std::fs::write(inputs.path("other/new.ndjson"), "{}").unwrap();
    let delta = DeltaFolder::create(inputs.path("other"), true).unwrap();
    assert!(delta.refuse_inputs(&[inputs.path("other/new.ndjson")]).is_err());
}

#[test]
fn options_of_reading_apply_to_both_sides() {
    let long = format!(r#"{{"user_id":"1","email":"{}@x.example"}}"#, "a".repeat(200));
    let inputs = Inputs::of(
        &[r#"{"user_id":"2","email":"b@x.example"}"#, &long],
        &[r#"{"user_id":"auth0|2","email":"b@x.example"}"#, &long],
    );
    let options = ReadOptions::default().max_record_bytes(100);
    let report = Comparison::new()
        .read_options(options)
        .verify([inputs.path("old.json")], [inputs.path("new.json")], &mut ())
        .unwrap();
    assert_eq!((report.same, report.old.unreadable, report.new.unreadable), (1, 1, 1));
}
