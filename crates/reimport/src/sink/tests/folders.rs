//! Tests of [`Parts`]: the content of the folder, with and without connection folders, and which folders are
//! replaced.

use std::collections::BTreeMap;

use super::*;
use crate::parts_folder::Manifest;
use crate::run::Summary;
use crate::sink::{Parts, PartsOptions, RejectedRecord};

fn create(out: &Path, force: bool) -> crate::error::Result<Parts> {
    Parts::create(out, PartsOptions::default().force(force))
}

/// Publishes a run with one user, which identifies the run.
fn publish(out: &Path, force: bool, user: &str) -> crate::error::Result<()> {
    let mut parts = create(out, force)?;
    write(&mut parts, user, None)?;
    parts.finish(&Summary::default())?;
    Ok(())
}

#[test]
fn folder_contains_parts_lines_manifest_and_leftovers() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    let options = BTreeMap::from([("rules".to_owned(), serde_json::json!("import"))]);
    let mut parts = create(&out, false).unwrap().describe(options.clone()).detail("note", 7.into());
    write(&mut parts, "{\"n\":1}", None).unwrap();
    skip(&mut parts, "{ \"s\" :\t[ 1.0 ]\n}").unwrap();
    reject(&mut parts, "{\"a\"").unwrap();
    let summary =
        Summary { read: 3, written: 1, present: [("email", 0), ("name", 1)].into(), ..Summary::default() };
    let published = parts.finish(&summary).unwrap();

    assert_eq!(names(home.path()), ["parts"]);
    assert_eq!(
        names(&out),
        ["lines.ndjson", "manifest.json", "rejected.ndjson", "skipped.ndjson", "users-00001.json"]
    );
    assert_eq!(text(out.join("users-00001.json")), "[\n{\"n\":1}\n]");
    assert_eq!(text(out.join("skipped.ndjson")), "{\"s\":[1.0]}\n");
    assert_eq!(
        text(out.join("lines.ndjson")),
        "{\"part\":\"users-00001.json\",\"source\":\"tenant.json.gz\",\"lines\":[[1,1]]}\n\
         {\"part\":\"skipped.ndjson\",\"source\":\"tenant.json.gz\",\"lines\":[[2,1]]}\n"
    );
    let rejected: RejectedRecord = serde_json::from_str(&text(out.join("rejected.ndjson"))).unwrap();
    assert_eq!((rejected.line, rejected.raw.as_deref()), (3, Some("{\"a\"")));
    let manifest: Manifest = serde_json::from_str(&text(out.join("manifest.json"))).unwrap();
    assert_eq!(manifest, published.manifest);
    assert_eq!(
        (manifest.totals.read, &manifest.options, &manifest.details["note"]),
        (3, &options, &7.into())
    );
    assert_eq!(manifest.present, [("email".to_owned(), 0), ("name".to_owned(), 1)].into());
    assert!(published.old_removed && published.folder == out);
}

#[test]
fn empty_export_gives_only_a_manifest() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    create(&out, false).unwrap().finish(&Summary::default()).unwrap();
    assert_eq!(names(&out), ["manifest.json"]);
}

#[test]
fn dropped_run_keeps_the_old_output() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    publish(&out, false, "{\"run\":1}").unwrap();
    for force in [false, true] {
        let target = if force { out.clone() } else { home.path().join("other") };
        let options = PartsOptions::default().force(force).max_part_bytes(20);
        let mut parts = Parts::create(&target, options).unwrap();
        for _ in 0..100 {
            write(&mut parts, "{\"run\":2}", None).unwrap();
        }
        skip(&mut parts, "{}").unwrap();
        drop(parts);
        assert_eq!(names(home.path()), ["parts"]);
    }
    assert_eq!(text(out.join("users-00001.json")), "[\n{\"run\":1}\n]");
}

#[test]
fn earlier_output_is_replaced_only_with_force() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    let options = PartsOptions::default().max_part_bytes(20);
    let mut parts = Parts::create(&out, options).unwrap();
    (0..9).for_each(|_| write(&mut parts, "{\"run\":1}", None).unwrap());
    parts.finish(&Summary::default()).unwrap();
    assert!(out.join("users-00009.json").exists());

    let error = publish(&out, false, "{\"run\":2}").unwrap_err();
    assert!(matches!(output_error(&error), OutputError::FolderExists { .. }));
    assert_eq!(error.category(), crate::error::Category::Output);
    publish(&out, true, "{\"run\":2}").unwrap();
    assert_eq!(names(&out), ["lines.ndjson", "manifest.json", "users-00001.json"]);
    assert_eq!(names(home.path()), ["parts"]);
    // With `force`, a free name and an empty folder are handled as without it.
    publish(&home.path().join("free"), true, "{}").unwrap();
    fs::create_dir(home.path().join("empty")).unwrap();
    publish(&home.path().join("empty"), true, "{}").unwrap();
}

#[test]
fn force_does_not_replace_foreign_files() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    for foreign in ["notes.txt", "users-1.json", ".bashrc", "sub/manifest.json.old"] {
        publish(&out, true, "{\"run\":1}").unwrap();
        fs::create_dir_all(out.join(foreign).parent().unwrap()).unwrap();
        fs::write(out.join(foreign), "mine").unwrap();
        let error = publish(&out, true, "{\"run\":2}").unwrap_err();
        let first = foreign.split('/').next().unwrap();
        assert!(
            matches!(output_error(&error), OutputError::Foreign { name, .. } if name == first),
            "{error}"
        );
        assert_eq!(text(out.join(foreign)), "mine");
        fs::remove_dir_all(&out).unwrap();
    }
    publish(&out, true, "{\"run\":1}").unwrap();
    fs::write(out.join("upload-tenant.ndjson"), "sent").unwrap();
    let error = publish(&out, true, "{\"run\":2}").unwrap_err();
    assert!(matches!(output_error(&error), OutputError::Journal { .. }));
    assert_eq!(text(out.join("users-00001.json")), "[\n{\"run\":1}\n]");
}

#[test]
fn output_created_during_a_run_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    let appeared = |error: crate::error::Error| {
        assert!(matches!(output_error(&error), OutputError::Appeared { .. }), "{error}");
        assert_eq!(names(home.path()), ["parts"]);
    };
    // Another run was faster.
    let slow = create(&out, false).unwrap();
    publish(&out, false, "{\"run\":1}").unwrap();
    appeared(slow.finish(&Summary::default()).unwrap_err());
    assert_eq!(text(out.join("users-00001.json")), "[\n{\"run\":1}\n]");
    // The empty folder was filled.
    fs::remove_dir_all(&out).unwrap();
    fs::create_dir(&out).unwrap();
    let slow = create(&out, false).unwrap();
    fs::write(out.join("mine"), "mine").unwrap();
    appeared(slow.finish(&Summary::default()).unwrap_err());
    assert_eq!(names(&out), ["mine"]);
    // A foreign file was added to the folder to replace.
    fs::remove_dir_all(&out).unwrap();
    publish(&out, false, "{\"run\":1}").unwrap();
    let slow = create(&out, true).unwrap();
    fs::write(out.join("mine"), "mine").unwrap();
    let error = slow.finish(&Summary::default()).unwrap_err();
    assert!(matches!(output_error(&error), OutputError::Foreign { .. }), "{error}");
    assert_eq!(text(out.join("users-00001.json")), "[\n{\"run\":1}\n]");
    assert_eq!(names(home.path()), ["parts"]);
}

#[test]
fn each_connection_has_its_folder_and_manifest() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    let options = PartsOptions::default().by_connection(true).max_part_bytes(19);
    let mut parts = Parts::create(&out, options).unwrap();
    for (connection, user) in [
        (Some("Users"), "{\"n\":1}"),
        (Some("a/b"), "{\"n\":2}"),
        (None, "{\"n\":3}"),
        (Some("Users"), "{\"n\":4}"),
    ] {
        write(&mut parts, user, connection).unwrap();
    }
    skip(&mut parts, "{}").unwrap();
    let published = parts.finish(&Summary { read: 5, written: 4, skipped: 1, ..Summary::default() }).unwrap();

    assert_eq!(
        names(&out),
        ["Users", "a%2Fb", "lines.ndjson", "manifest.json", "no-connection", "skipped.ndjson"]
    );
    // The lines of the parts are in the folders of the connections.
    assert_eq!(
        text(out.join("lines.ndjson")),
        "{\"part\":\"skipped.ndjson\",\"source\":\"tenant.json.gz\",\"lines\":[[2,1]]}\n"
    );
    let inside = ["lines.ndjson", "manifest.json", "users-00001.json", "users-00002.json"];
    assert_eq!(names(&out.join("Users")), inside);
    assert_eq!(text(out.join("Users/users-00002.json")), "[\n{\"n\":4}\n]");
    assert_eq!(text(out.join("a%2Fb/users-00001.json")), "[\n{\"n\":2}\n]");
    let top: Manifest = serde_json::from_str(&text(out.join("manifest.json"))).unwrap();
    let listed: Vec<_> = top
        .connections
        .iter()
        .map(|it| (it.connection.as_deref(), it.folder.as_str(), it.parts, it.users))
        .collect();
    let expected =
        [(Some("Users"), "Users", 2, 2), (Some("a/b"), "a%2Fb", 1, 1), (None, "no-connection", 1, 1)];
    assert_eq!((listed.as_slice(), top.parts.len(), top.totals.read), (&expected[..], 0, 5));
    let users: Manifest = serde_json::from_str(&text(out.join("Users/manifest.json"))).unwrap();
    assert_eq!((users.connection.as_deref(), users.totals.read, users.totals.written), (Some("Users"), 2, 2));
    assert_eq!(users, published.connections[0]);
    // The output is recognized, so it can be replaced.
    Parts::create(&out, options.force(true)).unwrap().finish(&Summary::default()).unwrap();
    assert_eq!(names(&out), ["manifest.json"]);
}

#[test]
fn too_many_connections_fail_the_run() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("parts");
    let mut parts = Parts::create(&out, PartsOptions::default().by_connection(true)).unwrap();
    let user = format!("{{\"a\":\"{}\"}}", "x".repeat(30_000));
    for round in 0..3 {
        for connection in 0..if round == 0 { 1_000 } else { 300 } {
            write(&mut parts, &user, Some(&format!("c{connection}"))).unwrap();
        }
    }
    let error = write(&mut parts, &user, Some("one more")).unwrap_err();
    assert!(matches!(output_error(&error), OutputError::TooManyConnections { limit: 1_000 }));
    parts.finish(&Summary::default()).unwrap();
    let bytes = fs::read(out.join("c7/users-00001.json")).unwrap();
    assert_eq!(serde_json::from_slice::<Vec<serde_json::Value>>(&bytes).unwrap().len(), 3);
}

#[test]
fn rejects_above_their_limit_fail_the_run() {
    let home = tempfile::tempdir().unwrap();
    let options = PartsOptions::default().max_reject_bytes(400);
    let mut parts = Parts::create(home.path().join("p"), options).unwrap();
    let error = (0..100).find_map(|_| reject(&mut parts, "x").err()).unwrap();
    assert!(matches!(output_error(&error), OutputError::RejectsTooLarge { limit: 400 }));
}

#[test]
fn connection_manifest_records_the_run_limit() {
    for limited in [false, true] {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("parts");
        let mut parts = Parts::create(&out, PartsOptions::default().by_connection(true)).unwrap();
        write(&mut parts, "{}", Some("Users")).unwrap();
        parts.finish(&Summary { limited, ..Summary::default() }).unwrap();
        for manifest in ["manifest.json", "Users/manifest.json"] {
            let manifest: Manifest = serde_json::from_str(&text(out.join(manifest))).unwrap();
            assert_eq!(manifest.limited, limited);
        }
    }
}
