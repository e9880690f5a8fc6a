//! Folders of parts that an attacker has made, and lists that a spreadsheet opens.

#![cfg(unix)]

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use crate::harness::{WorkFolder, users};

const LIST: &str = r#"[{"user":{"user_id":"0"},"errors":[{"code":"INVALID_FORMAT"}]}]"#;

/// Parts of three users, an error list about the first, and an export.
fn place() -> WorkFolder {
    let place = WorkFolder::new().with("users.ndjson", users(3)).with("errors.json", LIST);
    assert_eq!(place.run("convert users.ndjson -o parts").status, 0);
    place
}

fn change(place: &WorkFolder, change: impl FnOnce(&mut Value)) {
    let mut manifest: Value = serde_json::from_str(&place.read("parts/manifest.json")).unwrap();
    change(&mut manifest);
    fs::write(place.path().join("parts/manifest.json"), manifest.to_string()).unwrap();
}

/// Checks that every command that reads parts prints this message, exits with 2, and writes nothing.
#[track_caller]
fn refused(place: &WorkFolder, message: &str) {
    let before = place.names("");
    let mut commands = vec!["retry parts --errors errors.json -o again", "verify parts users.ndjson -o left"];
    if cfg!(feature = "jobs") {
        // The folder is read before the token.
        commands.push("upload parts --tenant acme.eu.auth0.com --to Users --yes");
    }
    for command in commands {
        place.run(command).assert_output(2, "", &format!("error: {message}\n"));
    }
    assert_eq!(place.names(""), before);
}

#[test]
fn connection_folders_cannot_leave_the_output() {
    for folder in ["", ".", "..", "/", "../parts", "a/b"] {
        let place = place();
        change(&place, |manifest| {
            manifest["connections"] = json!([{"connection": "a", "folder": folder, "parts": 1, "users": 1}]);
        });
        refused(
            &place,
            "parts/manifest.json: connection 1 of the list does not have the plain name of a folder next to the manifest",
        );
    }
    // Nested folders are limited.
    let place = place();
    let nested = json!([{"connection": "a", "folder": "a", "parts": 1, "users": 1}]);
    change(&place, |manifest| manifest["connections"] = nested);
    fs::create_dir(place.path().join("parts/a")).unwrap();
    fs::copy(place.path().join("parts/manifest.json"), place.path().join("parts/a/manifest.json")).unwrap();
    fs::copy(place.path().join("parts/users-00001.json"), place.path().join("parts/a/users-00001.json"))
        .unwrap();
    refused(
        &place,
        "parts/a/manifest.json lists folders of connections, but the folder is itself one of a connection",
    );
}

#[test]
fn part_names_cannot_leave_the_folder() {
    let place = place();
    fs::write(place.path().join("secret.json"), "[]").unwrap();
    let outside = place.path().join("secret.json").to_str().unwrap().to_owned();
    for name in [outside.as_str(), "../secret.json", "\u{1b}[31m"] {
        change(&place, |manifest| manifest["parts"][0]["file"] = name.into());
        refused(
            &place,
            "parts/manifest.json: part 1 of the list does not have the name of a part, for example users-00001.json",
        );
    }
}

#[test]
fn links_pipes_and_devices_are_not_read() {
    let message = |name: &str, found: &str| {
        format!(
            "parts/{name} is {found}; expected a regular file, since nothing else is read in a folder of parts"
        )
    };
    for name in
        ["manifest.json", "users-00001.json", "upload-acme-con_1.ndjson", "upload-acme-con_1.errors.ndjson"]
    {
        let place = place();
        let path = place.path().join("parts").join(name);
        let _ = fs::rename(&path, place.path().join("parts/kept"));
        symlink("kept", &path).unwrap();
        refused(&place, &message(name, "a symbolic link"));
        fs::remove_file(&path).unwrap();
        symlink("/dev/zero", &path).unwrap();
        refused(&place, &message(name, "a symbolic link"));
        fs::remove_file(&path).unwrap();
        place.mkfifo(&path);
        refused(&place, &message(name, "a FIFO"));
    }
}

#[test]
fn error_lists_and_journals_are_not_read_through_symlinks() {
    let place = place();
    let errors = place.path().join("parts/upload-acme-con_1.errors");
    fs::create_dir(&errors).unwrap();
    symlink("/dev/zero", errors.join("users-00001.job_1.json")).unwrap();
    place.run("retry parts -o again").assert_output(
        2,
        "",
        "error: parts/upload-acme-con_1.errors/users-00001.job_1.json is a symbolic link; expected a regular file, \
         since nothing else is read in a folder of parts\n",
    );
}

#[test]
fn huge_manifest_numbers_do_not_panic() {
    let place = place();
    change(&place, |manifest| {
        let mut part = manifest["parts"][0].clone();
        part["users"] = json!(u64::MAX);
        manifest["parts"] = json!([part, part]);
    });
    refused(&place, "parts/manifest.json: part 1 of the list has invalid numbers");
}

#[test]
fn export_record_is_not_read_from_a_pipe() {
    let place = place();
    place.mkfifo("users.ndjson.job.json");
    assert_eq!(place.run("convert users.ndjson -o again -q").status, 0);
}

#[test]
fn csv_lists_escape_formulas_and_round_trip() {
    let user = |id: &str, email: &str| {
        let user =
            json!({"user_id": id, "email": email, "identities": [{"provider": "auth0", "connection": "C"}]});
        user.to_string() + "\n"
    };
    let old = user("auth0|1", "=1+1@example.com")
        + &user("=cmd|2", "b@example.com")
        + &user("auth0|3", "c@example.com");
    let hash = r#"{"_id":{"$oid":"3"},"email":"c@example.com","connection":"C","passwordHash":"$2b$10$abcdefghijklmnopqrstuuKcG1YyVQ6qzqRmtH2xWcC5u8vHd7tDe"}"#;
    let place = WorkFolder::new()
        .with("-old.ndjson", &old)
        .with("new.ndjson", user("auth0|3", "c@example.com"))
        .with("hashes.json", hash);
    assert_eq!(place.run("convert -o parts -q --passwords hashes.json -- -old.ndjson").status, 1);
    assert_eq!(
        place.read("parts/no-password.csv"),
        "source,line,user_id,email,reason\n\
         '-old.ndjson,1,auth0|1,'=1+1@example.com,not in the file\n\
         '-old.ndjson,2,'=cmd|2,b@example.com,not in the file\n"
    );
    assert_eq!(place.run("delta -o delta -q -- -old.ndjson new.ndjson").status, 1);
    assert_eq!(
        place.read("delta/gone.csv"),
        "user_id,email\nauth0|1,'=1+1@example.com\n'=cmd|2,b@example.com\n"
    );
    // The list as it is, without its header, and with the id in the form of the export.
    let lines = place.read("delta/gone.csv").split_once('\n').unwrap().1.to_owned();
    let place = place.with("lines.csv", lines).with("ids.txt", "1\n=cmd|2\n");
    for ids in ["delta/gone.csv", "lines.csv", "ids.txt"] {
        let ran = place.run(&format!("select -q -f user_id --ids {ids} -- -old.ndjson"));
        assert_eq!(ran.out, "user_id\nauth0|1\n=cmd|2\n", "{ids}: {}", ran.err);
    }
}

#[test]
fn connection_folder_names_are_portable() {
    let names = ["CON", "con.txt", "Users", "USERS", "é", "e\u{301}"];
    let lines: String = (0..)
        .zip(names)
        .map(|(n, name)| {
            json!({"user_id": format!("auth0|{n}"), "email": format!("u{n}@example.com"),
                "identities": [{"provider": "auth0", "connection": name}]})
            .to_string()
                + "\n"
        })
        .collect();
    let place = WorkFolder::new().with("users.ndjson", lines);
    assert_eq!(place.run("convert users.ndjson -o parts --by-connection -q").status, 0);
    assert_eq!(
        place.names("parts"),
        ["%43ON", "%63on.txt", "%C3%A9", "USERS~2", "Users", "e%CC%81", "manifest.json"]
    );
}

#[test]
fn endless_request_file_is_refused() {
    let place = place();
    place.run("select users.ndjson --request /dev/zero").assert_output(
        2,
        "",
        "error: /dev/zero: expected at most 1048576 bytes, but the file has more\n",
    );
}
