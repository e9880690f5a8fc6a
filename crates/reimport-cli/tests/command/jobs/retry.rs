//! `reimport retry` with the files that an upload kept.

use reimport_jobs::fake::{FakeConnection, FakeTenant};
use serde_json::{Value, json};

use super::tenant::{HASH, ending, tenant};
use crate::harness::{Ran, WorkFolder};

/// Uploads parts of eight users of two connections. Every second user has a long username, which the tenant refuses.
fn refused() -> (FakeTenant, WorkFolder) {
    let (tenant, place) = (tenant(), WorkFolder::new());
    for name in ["One", "Two"] {
        tenant.add_connection(FakeConnection {
            id: format!("con_0000000000000{name}"),
            name: name.to_owned(),
            strategy: "auth0".to_owned(),
            enabled_clients: vec!["an-application".to_owned()],
            ..FakeConnection::default()
        });
    }
    let users: Vec<String> = (0..8)
        .map(|n| {
            let (id, connection) = (format!("u{n}"), if n < 4 { "One" } else { "Two" });
            let username = if n % 2 == 0 { format!("u{n}") } else { format!("a-long-username-{n}") };
            json!({"user_id": format!("auth0|{id}"), "email": format!("{id}@example.com"), "username": username,
                "password_hash": HASH,
                "identities": [{"provider": "auth0", "user_id": id, "connection": connection}]})
            .to_string()
        })
        .collect();
    std::fs::write(place.path().join("users.ndjson"), users.join("\n")).unwrap();
    let run = place.run(&["convert", "users.ndjson", "-o", "parts", "--by-connection"]);
    assert!(
        run.err.contains(
            "next      reimport upload parts/One --tenant HOST --to One\n          reimport upload parts/Two --tenant HOST --to Two\n"
        ),
        "{}",
        run.err
    );
    tenant.set_max_username_length(15);
    for name in ["One", "Two"] {
        let run = upload(&place, &tenant, &format!("parts/{name}"), name);
        assert!(run.err.contains("users     2 inserted, 2 failed\n"), "{}", run.err);
    }
    (tenant, place)
}

fn upload(place: &WorkFolder, tenant: &FakeTenant, parts: &str, to: &str) -> Ran {
    let url = tenant.base_url();
    let limit = ["--max-failed", "50%"];
    place.run(
        &[&["upload", parts, "--base-url", &url, "--to", to, "--poll", "0.01", "--yes"], &limit[..]].concat(),
    )
}

/// Returns the ids of the users of a part.
fn ids(place: &WorkFolder, part: &str) -> Vec<String> {
    let users: Vec<Value> = serde_json::from_str(&place.read(part)).unwrap();
    users.iter().map(|user| user["user_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn retry_keeps_users_of_connections_apart() {
    let (tenant, place) = refused();
    place.run(&["retry", "parts", "-o", "again"]).assert_output(
        1,
        "",
        "\
refused   4 users in the error lists
written   4 users in 2 parts to again
cause     MAX_LENGTH (4 users, at username): A string is longer than the
          connection allows: shorten it, or raise the limit of the connection.
note      value-length username 4, first on parts/One/users-00001.json line 3: a
          string is empty, or longer than its property usually may be
warning   4 users are written with the refused value unchanged and will be
          refused again unless the target has changed; changes that help: --drop
          username (MAX_LENGTH)
next      correct the users in again/One/users-00001.json, then:
          reimport convert again/One/users-00001.json -o again-fixed-One
          correct the users in again/Two/users-00001.json, then:
          reimport convert again/Two/users-00001.json -o again-fixed-Two
or        reimport upload again/One --tenant HOST --to One
          reimport upload again/Two --tenant HOST --to Two
done, with warnings (exit status 1)
",
    );
    assert_eq!(ids(&place, "again/One/users-00001.json"), ["u1", "u3"]);
    assert_eq!(ids(&place, "again/Two/users-00001.json"), ["u5", "u7"]);
    let manifest: Value = serde_json::from_str(&place.read("again/Two/manifest.json")).unwrap();
    assert_eq!((&manifest["connection"], &manifest["options"]["for"]), (&json!("Two"), &json!("insert")));

    tenant.set_max_username_length(20);
    for name in ["One", "Two"] {
        let run = upload(&place, &tenant, &format!("again/{name}"), name);
        assert!(run.err.contains("users     2 inserted\n"), "{}", run.err);
    }
    let mut found: Vec<(String, String)> = tenant
        .users()
        .iter()
        .map(|user| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            (text(&user["user_id"]), text(&user["identities"][0]["connection"]))
        })
        .collect();
    found.sort();
    let expected = (0..8).map(|n| (format!("auth0|u{n}"), if n < 4 { "One" } else { "Two" }.to_owned()));
    assert_eq!(found, expected.collect::<Vec<_>>());
    assert_eq!(tenant.passwords().len(), 8);
}

#[test]
fn one_file_cannot_hold_users_of_several_connections() {
    let (_, place) = refused();
    for output in ["again.json", "-"] {
        place.run(&["retry", "parts", "-o", output]).assert_output(
            2,
            "",
            "error: the users belong to several connections, and an import job fills one; name a folder with -o, which then has a folder for each connection\n",
        );
    }
    // Users of one connection can.
    let run = place.run(&["retry", "parts/Two", "-o", "again.json"]);
    assert_eq!((run.status, ids(&place, "again.json")), (1, vec!["u5".to_owned(), "u7".to_owned()]));
}

#[test]
fn retry_reports_part_of_failed_job() {
    let (_, place) = refused();
    // The same upload, if its job had failed as a whole and left no list.
    let folder = place.path().join("parts/Two");
    let errors = ending(&folder, ".errors");
    let journal = errors.with_extension("ndjson");
    let text = std::fs::read_to_string(&journal).unwrap();
    let end = text.lines().last().unwrap();
    let mut event: Value = serde_json::from_str(end).unwrap();
    assert_eq!(event["event"], "finished");
    let job = event["job"].as_str().unwrap().to_owned();
    let result = event["result"].as_object_mut().unwrap();
    result.remove("errors");
    result.insert("status".to_owned(), "failed".into());
    result.insert("details".to_owned(), "The import has timed out.".into());
    std::fs::write(&journal, text.replace(end, &event.to_string())).unwrap();
    std::fs::remove_dir_all(&errors).unwrap();
    place.run(&["retry", "parts/Two", "-o", "again"]).assert_output(
        1,
        "",
        &format!(
            "\
refused   0 users in the error lists
written   0 users in 0 parts to again
warning   users-00001.json: job {job} failed as a whole (The
          import has timed out.); 2 users did not arrive, and no list names them
          all; run the same `reimport upload parts/Two` with --again to send the
          part again
done, with warnings (exit status 1)
"
        ),
    );
    // The others are still retried. After the part is sent again, there is no remark about it.
    let run = place.run(&["retry", "parts", "-o", "again2", "--drop", "username"]);
    assert_eq!(ids(&place, "again2/One/users-00001.json"), ["u1", "u3"]);
    assert!(run.status == 1 && run.err.contains("\nwarning   users-00001.json: job "), "{}", run.err);
    let again = serde_json::json!({"event": "again", "checksum": event["checksum"]});
    let sent_again = format!("{}{again}\n", std::fs::read_to_string(&journal).unwrap());
    std::fs::write(&journal, &sent_again).unwrap();
    let run = place.run(&["retry", "parts", "-o", "again3", "--drop", "username"]);
    let warning = "
warning   users-00001.json: the upload has no result for it; run the same
          `reimport upload parts/Two` to continue
";
    assert!(run.status == 1 && run.err.contains(warning), "{}", run.err);
    // The end of its new job.
    let mut all: Value = serde_json::from_str(end).unwrap();
    all["result"]["inserted"] = 4.into();
    all["result"]["failed"] = 0.into();
    std::fs::write(&journal, format!("{sent_again}{all}\n")).unwrap();
    let run = place.run(&["retry", "parts", "-o", "again4", "--drop", "username"]);
    assert!(run.status == 0 && !run.err.contains("warning"), "{}", run.err);
    // A job that the tenant no longer knows.
    event["result"]["status"] = "gone".into();
    event["result"]["failed"] = 0.into();
    event["result"]["unknown"] = 2.into();
    std::fs::write(&journal, text.replace(end, &event.to_string())).unwrap();
    let run = place.run(&["retry", "parts/Two", "-o", "again5"]);
    let warning = format!(
        "
warning   users-00001.json: the tenant no longer knows job {job},
          so it is not known which users arrived; compare the parts with a new
          export (`reimport verify parts/Two NEW`)
"
    );
    assert!(run.status == 1 && run.err.contains(&warning), "{}", run.err);
}

#[test]
fn refused_users_missing_from_the_list_are_a_warning() {
    let (_, place) = refused();
    let folder = place.path().join("parts/Two");
    let errors = ending(&folder, ".errors");
    let journal = errors.with_extension("ndjson");
    let text = std::fs::read_to_string(&journal).unwrap();
    let end = text.lines().last().unwrap();
    let mut event: Value = serde_json::from_str(end).unwrap();
    let job = event["job"].as_str().unwrap().to_owned();
    let warning = |list: &str| {
        format!(
            "\nwarning   users-00001.json: job {job} completed and refused 2 users, but its error list {list}; which users \
             were refused is not known; compare the parts with a new export (`reimport verify parts/Two NEW`)\n"
        )
    };
    // Without the line breaks within the warning.
    let flat = |text: &str| text.replace("\n          ", " ");
    // Its list has one of the two users.
    let list = ending(&errors, ".json");
    let mut users: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(&list).unwrap()).unwrap();
    users.pop();
    std::fs::write(&list, serde_json::to_string(&users).unwrap()).unwrap();
    let run = place.run(&["retry", "parts/Two", "-o", "again", "--drop", "username"]);
    assert!(run.status == 1 && flat(&run.err).contains(&warning("names only 1")), "{}", run.err);
    // The list was removed.
    std::fs::remove_dir_all(&errors).unwrap();
    std::fs::create_dir(&errors).unwrap();
    let run = place.run(&["retry", "parts/Two", "-o", "gone"]);
    assert!(run.status == 1 && flat(&run.err).contains(&warning("is missing")), "{}", run.err);
    // The list was empty, and so was not kept.
    event["result"].as_object_mut().unwrap().remove("errors");
    std::fs::write(&journal, text.replace(end, &event.to_string())).unwrap();
    std::fs::remove_dir_all(&errors).unwrap();
    let expected = format!(
        "refused   0 users in the error lists\nwritten   0 users in 0 parts to again2{}\
         done, with warnings (exit status 1)\n",
        warning("is empty")
    );
    let run = place.run(&["retry", "parts/Two", "-o", "again2"]);
    assert_eq!((run.status, run.out.as_str(), flat(&run.err)), (1, "", expected));
}

#[test]
fn parts_never_uploaded_have_no_error_lists() {
    let place = WorkFolder::new();
    place.parts(2, 1);
    place.run(&["retry", "parts", "-o", "again"]).assert_output(
        2,
        "",
        "error: parts: expected error lists that `reimport upload` kept, but found none; give them with --errors FILE\n",
    );
}

#[test]
fn list_of_resent_part_is_ignored() {
    let (_, place) = refused();
    let folder = place.path().join("parts/Two");
    let journal = ending(&folder, ".errors").with_extension("ndjson");
    let text = std::fs::read_to_string(&journal).unwrap();
    let mut event: Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
    let again = json!({"event": "again", "checksum": event["checksum"]});
    let result = event["result"].as_object_mut().unwrap();
    result.remove("errors");
    result.insert("inserted".to_owned(), 4.into());
    result.insert("failed".to_owned(), 0.into());
    std::fs::write(&journal, format!("{text}{again}\n{event}\n")).unwrap();
    place.run(&["retry", "parts/Two", "-o", "again"]).assert_output(
        0,
        "",
        "refused   0 users in the error lists\nwritten   0 users in 0 parts to again\ndone (exit status 0)\n",
    );
}
