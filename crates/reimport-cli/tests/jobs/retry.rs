//! `reimport retry` on what an upload kept.

use reimport_jobs::fake::{FakeConnection, FakeTenant};
use serde_json::{Value, json};

use crate::harness::{HASH, Place, Run, tenant};

/// Parts of eight users of two connections, every second of which has a long username, sent to a tenant that allows none.
fn refused() -> (FakeTenant, Place) {
    let (tenant, place) = (tenant(), Place::new());
    for name in ["One", "Two"] {
        tenant.add_connection(FakeConnection {
            id: format!("con_{name}"),
            name: name.to_owned(),
            strategy: "auth0".to_owned(),
            enabled_clients: vec!["an-application".to_owned()],
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
    std::fs::write(place.path("users.ndjson"), users.join("\n")).unwrap();
    let run = place.run(&["convert", "users.ndjson", "-o", "parts", "--by-connection"]);
    assert!(
        run.err.contains(
            "next      reimport upload parts/One --tenant HOST --to One\n          reimport upload parts/Two --tenant HOST --to Two\n"
        ),
        "{}",
        run.err
    );
    tenant.set_longest_username(15);
    for name in ["One", "Two"] {
        let run = upload(&place, &tenant, &format!("parts/{name}"), name);
        assert!(run.err.contains("users     2 inserted, 2 failed\n"), "{}", run.err);
    }
    (tenant, place)
}

fn upload(place: &Place, tenant: &FakeTenant, parts: &str, to: &str) -> Run {
    let url = tenant.base_url();
    let limit = ["--max-failed", "50%"];
    place.run(
        &[&["upload", parts, "--base-url", &url, "--to", to, "--poll", "0.01", "--yes"], &limit[..]].concat(),
    )
}

/// The ids of the users of a part.
fn ids(place: &Place, part: &str) -> Vec<String> {
    let users: Vec<Value> = serde_json::from_str(&place.read(part)).unwrap();
    users.iter().map(|user| user["user_id"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn users_of_several_connections_stay_apart_and_arrive_at_their_own() {
    let (tenant, place) = refused();
    place.run(&["retry", "parts", "-o", "again"]).is(
        0,
        "",
        "\
refused   4 users in the error lists
written   4 users in 2 parts to again
cause     MAX_LENGTH (4 users): A text is longer than the connection allows:
          shorten it, or raise the limit of the connection.
next      reimport upload again/One --tenant HOST --to One
          reimport upload again/Two --tenant HOST --to Two
done (exit status 0)
",
    );
    assert_eq!(ids(&place, "again/One/users-00001.json"), ["u1", "u3"]);
    assert_eq!(ids(&place, "again/Two/users-00001.json"), ["u5", "u7"]);
    let manifest: Value = serde_json::from_str(&place.read("again/Two/manifest.json")).unwrap();
    assert_eq!((&manifest["connection"], &manifest["options"]["for"]), (&json!("Two"), &json!("insert")));

    tenant.set_longest_username(20);
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
        place.run(&["retry", "parts", "-o", output]).is(
            2,
            "",
            "reimport: the users are of several connections, and an import job fills one: name a folder with -o, in \
             which each has its own\n",
        );
    }
    // Those of one connection can.
    let run = place.run(&["retry", "parts/Two", "-o", "again.json"]);
    assert_eq!((run.status, ids(&place, "again.json")), (Some(0), vec!["u5".to_owned(), "u7".to_owned()]));
}
