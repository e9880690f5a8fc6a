//! `select` for other services: files of fields, nested output, passwords and secrets as fields, and parts.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::harness::{Ran, WorkFolder};

/// Returns a bcrypt hash that is different for each number.
fn hash(number: u64) -> String {
    format!("$2b$10$nQ5QvLGFfBnFIVYkMFVyDu{number:031}").replace('9', "z")
}

/// Returns a user of a connection.
fn user(id: &str, connection: &str, more: &str) -> String {
    format!(
        r#"{{"user_id":"auth0|{id}","email":"{id}@example.com"{more},"identities":[{{"provider":"auth0","connection":"{connection}","user_id":"{id}"}}]}}"#
    ) + "\n"
}

/// Returns a record of a hash export.
fn of_hash(id: &str, connection: &str, number: u64) -> String {
    format!(
        r#"{{"_id":{{"$oid":"{id}"}},"connection":"{connection}","tenant":"acme","passwordHash":"{}","password_set_date":{{"$date":"2025-01-02T03:04:05.678Z"}}}}"#,
        hash(number)
    ) + "\n"
}

fn assert_error(ran: &Ran, message: &str) {
    assert_eq!((ran.status, ran.err.as_str()), (2, format!("error: {message}\n").as_str()));
}

const FIELDS: &str = "\
# What the service takes
user_id=externalId

email=traits.email, app_metadata.plan=traits[\"plan, now\"]
\"bcrypt\"=credentials[0].algorithm
password_hash=credentials[0].value
  \"[]\":json=requiredActions
";

#[test]
fn fields_are_read_from_files_before_those_of_options() {
    let place = WorkFolder::new()
        .with("tenant.json", user("a", "C", r#","app_metadata":{"plan":"pro"},"blocked":true"#))
        .with("fields.txt", format!("\u{feff}{}", FIELDS.replace('\n', "\r\n")))
        .with("more.txt", "blocked");
    let ran = place.run(
        "select tenant.json -q --nested -f user_id=id --fields fields.txt --fields more.txt --where blocked=true",
    );
    ran.assert_output(
        1,
        "{\"externalId\":\"auth0|a\",\"traits\":{\"email\":\"a@example.com\",\"plan, now\":\"pro\"},\
         \"requiredActions\":[],\"blocked\":true,\"id\":\"auth0|a\"}\n",
        "",
    );
    let ran = place.run_with_input("select tenant.json -q --fields -", b"email\n#x\n\"a,b\"=text\n");
    ran.assert_output(0, "email,text\na@example.com,\"a,b\"\n", "");
    place.write("wrong.txt", "email\n\n\"x=y\n");
    assert_error(
        &place.run("select tenant.json --fields wrong.txt"),
        "wrong.txt line 3: field `\"x=y`: expected a string in double quotes, escaped as in JSON; write \"TEXT\"=NAME or \
         \"JSON\":json=NAME",
    );
    place.write("none.txt", "# nothing\n\n");
    assert_error(
        &place.run("select tenant.json --fields none.txt"),
        "none.txt: expected one field on each line, as in email or app_metadata.plan=plan, but found none",
    );
    place.write("bytes.txt", b"email\n\xff");
    assert_error(
        &place.run("select tenant.json --fields bytes.txt"),
        "bytes.txt: expected text in UTF-8, but found other bytes",
    );
    assert_error(&place.run("select - --fields -"), "standard input (-) can be read only once");
    let ran = place.run("select tenant.json --fields more.txt --request more.txt");
    assert!(ran.status == 2 && ran.err.contains("cannot be used with"), "{}", ran.err);
    #[cfg(feature = "columns")]
    {
        place.write("typed.txt", "\"1\":int=version\nemail\n");
        assert_error(
            &place.run("select tenant.json --fields typed.txt"),
            "typed.txt line 1: field `\"1\":int=version`: expected `=NAME` or `:json=NAME` after the constant; write \
             \"TEXT\"=NAME or \"JSON\":json=NAME",
        );
        assert_eq!(place.run("select tenant.json -q --fields typed.txt -o users.parquet").status, 0);
        place.write("base64.txt", "email:base64\n");
        assert_error(
            &place.run("select tenant.json --fields base64.txt -o b.parquet"),
            "base64.txt line 1: field `email:base64`: base64 is for CSV, TSV, NDJSON and JSON; a typed column has the value \
             itself",
        );
    }
}

#[test]
fn nested_output_and_wrap_are_for_json() {
    let place = WorkFolder::new().with("tenant.json", user("a", "C", ""));
    assert_error(
        &place.run("select tenant.json -f email=a.b --nested -o users.csv"),
        "--nested writes JSON: use --format ndjson or --format json",
    );
    assert_error(
        &place.run("select tenant.json -f email=a.b --format ndjson --wrap users"),
        "--wrap writes JSON: use --format json",
    );
    assert_error(
        &place.run("select tenant.json -f email=a,user_id=a.b --nested"),
        "the names `a` and `a.b` cannot both be in nested output: the second is inside the first, which is a value; give \
         one of them another name",
    );
    let ran = place.run("select tenant.json -q -f email=a.b --nested --wrap users");
    ran.assert_output(0, "{\"users\":[\n{\"a\":{\"b\":\"a@example.com\"}}\n]}", "");
    assert_eq!(place.run("select tenant.json -q -f email --wrap users -o users.json").status, 0);
    assert_eq!(place.read("users.json"), "{\"users\":[\n{\"email\":\"a@example.com\"}\n]}");
    let ran = place.run("select tenant.json -q -f email --wrap users --where user_id=x -o none.json");
    assert_eq!((ran.status, place.read("none.json").as_str()), (0, "{\"users\":[\n]}"));
}

#[test]
fn hashes_and_secrets_are_fields_of_their_own_users() {
    let social = r#"{"user_id":"github|9","email":"s@example.com","identities":[{"provider":"github","user_id":9,"connection":"github"},{"provider":"auth0","user_id":"d","connection":"C"}]}"#;
    let own = user("o", "C", &format!(r#","password_hash":"{}""#, hash(7)));
    let users =
        [user("a", "C", ""), user("b", "C", ""), own, user("a", "D", ""), social.to_owned() + "\n"].concat();
    let hashes = [
        of_hash("a", "C", 1),
        of_hash("o", "C", 2),
        of_hash("a", "D", 3),
        of_hash("d", "C", 4),
        of_hash("x", "C", 5),
    ];
    let secrets = "{\"user_id\":\"auth0|b\",\"otp_secret\":\"jbsw y3dp\"}\n";
    let place = WorkFolder::new()
        .with("tenant.json", users)
        .with("hashes.json", hashes.concat())
        .with("secrets.json", secrets);
    let fields = "password_hash,password_set_date,password_hash_cost,password_hash_salt,password_hash_checksum,totp_secret";
    let ran = place.run(&format!(
        "select tenant.json --passwords hashes.json --mfa-secrets secrets.json -f user_id,{fields} --csv-escape none"
    ));
    let [one, three, seven] = [1, 3, 7].map(hash);
    let parts = |hash: &str| format!("10,{},{}", &hash[7..29], &hash[29..]);
    let date = "2025-01-02T03:04:05.678Z";
    ran.assert_output(
        1,
        &format!(
            "user_id,{fields}\nauth0|a,{one},{date},{},\nauth0|b,,,,,,JBSWY3DP\nauth0|o,{seven},,{},\n\
             auth0|a,{three},{date},{},\ngithub|9,,,,,,\n",
            parts(&one),
            parts(&seven),
            parts(&three)
        ),
        "\
read      5 records from tenant.json (701 bytes), read whole
written   5 users, 7 fields each, as CSV to standard output, 3 with a password
          hash
passwords by id 2, hashes without a user 1, its own 1
secrets   joined 1, secrets without a user 0
warning   1 user gets no password (not in the file 1): write parts to a folder
          to list them (--max-part-users)
done, with warnings (exit status 1)
",
    );
    // A condition can use a field that is not written.
    let ran = place.run(&[
        "select",
        "tenant.json",
        "-q",
        "--passwords",
        "hashes.json",
        "-f",
        "email",
        "--where",
        "password_hash exists",
    ]);
    ran.assert_output(0, "email\na@example.com\no@example.com\na@example.com\n", "");
    let document = place.json("select tenant.json --passwords hashes.json -f password_hash -o h.csv --json");
    assert_eq!((&document["with_password"], &document["passwords"]["by id"]), (&3.into(), &2.into()));
    assert_eq!(document["passwords"]["none: not in the file"], 1);
}

#[test]
fn files_without_a_field_that_uses_them_are_refused() {
    let place = WorkFolder::new()
        .with("tenant.json", user("a", "C", ""))
        .with("hashes.json", of_hash("a", "C", 1))
        .with("other.json", of_hash("x", "C", 1));
    let no_field = "no field uses --passwords: add -f password_hash, or -f custom_password_hash, or -f password_set_date, \
                    or -f password_hash_cost, or -f password_hash_salt, or -f password_hash_checksum, or leave the option out";
    assert_error(&place.run("select tenant.json --passwords hashes.json"), no_field);
    #[cfg(feature = "columns")]
    assert_error(&place.run("select tenant.json --passwords hashes.json -o users.parquet"), no_field);
    assert_error(
        &place.run("select tenant.json --mfa-secrets hashes.json -f password_hash"),
        "no field uses --mfa-secrets: add -f totp_secret, or leave the option out",
    );
    let ran = place.run("select tenant.json --passwords other.json -f password_hash -o users.csv");
    assert!(
        ran.status == 2 && ran.err.contains("no password hash of other.json belongs to any user"),
        "{}",
        ran.err
    );
    assert!(!place.path().join("users.csv").exists());
    // Without the option, the field is a member of the record.
    let ran = place.run("select tenant.json -q -f password_hash -f email --format ndjson");
    assert_eq!(ran.out, "{\"email\":\"a@example.com\"}\n");
}

#[test]
fn hash_is_written_only_where_it_was_asked_for() {
    let users = user("a", "C", r#","n":1"#) + &user("b", "C", r#","n":"x""#) + "{\"user_id\":\"auth0|c\"\n";
    let hashes = of_hash("a", "C", 1) + &of_hash("b", "C", 2) + &of_hash("c", "C", 3);
    let place = WorkFolder::new().with("tenant.json", users).with("hashes.json", hashes);
    let ran = place.run(
        "select tenant.json -q --passwords hashes.json -f email,password_hash_cost=cost --format ndjson -o users.ndjson",
    );
    assert_eq!((ran.status, ran.err.as_str()), (1, ""));
    assert_eq!(
        place.read("users.ndjson"),
        "{\"email\":\"a@example.com\",\"cost\":10}\n{\"email\":\"b@example.com\",\"cost\":10}\n"
    );
    #[cfg(feature = "columns")]
    {
        let ran = place.run(
            "select tenant.json -q --passwords hashes.json -f n:int,password_hash --strict-types -o users.parquet",
        );
        assert_eq!(ran.status, 1, "{}", ran.err);
        let rejected = place.read("users.parquet.rejected.ndjson");
        assert!(rejected.contains("\"password\":true,\"user\":{\"user_id\":\"auth0|b\""), "{rejected}");
        assert!(!rejected.contains("$2b$"), "the reject has the record as it was read: {rejected}");
    }
    let rejected = place.read("users.ndjson.rejected.ndjson");
    assert!(rejected.contains("auth0|c") && !rejected.contains("$2b$"), "{rejected}");
    // From CSV, the joined fields need no column, and the joining reads columns that no field names.
    place.write("users.csv", "user_id,email,connection\nauth0|a,a@example.com,C\nauth0|b,b@example.com,D\n");
    let ran =
        place.run("select users.csv -q --passwords hashes.json -f email,password_hash --csv-escape none");
    assert_eq!(ran.out, format!("email,password_hash\na@example.com,{}\nb@example.com,\n", hash(1)));
    let ran = place.run("select users.csv -q --passwords hashes.json -f emial,password_hash");
    assert!(ran.status == 2 && ran.err.contains("no column has `emial`"), "{}", ran.err);
}

#[test]
fn selected_hashes_are_those_that_convert_joins() {
    let place =
        WorkFolder::new().with_testdata("users-full-profile.ndjson").with_testdata("password-hashes.ndjson");
    let read = "users-full-profile.ndjson --passwords password-hashes.ndjson -q";
    assert_eq!(place.run(&format!("convert {read} --merge-connections -o parts")).status, 1);
    place.run(&format!("select {read} -f user_id,password_hash --format ndjson -o users.ndjson"));
    let converted: Vec<Value> = serde_json::from_str(&place.read("parts/users-00001.json")).unwrap();
    let selected: HashMap<String, Value> = place
        .read("users.ndjson")
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .map(|user| (user["user_id"].as_str().unwrap().trim_start_matches("auth0|").to_owned(), user))
        .collect();
    let mut hashes = 0;
    for user in &converted {
        let id = user["user_id"].as_str().unwrap();
        assert_eq!(selected[id]["password_hash"], user["password_hash"], "{id}");
        hashes += u32::from(!user["password_hash"].is_null());
    }
    assert_eq!(hashes, 4);
}

#[test]
fn parts_are_complete_files_within_their_limits() {
    let users: String = (0..50).map(|n| user(&format!("u{n}"), "C", "")).collect();
    let hashes: String = (0..40).map(|n| of_hash(&format!("u{n}"), "C", n)).collect();
    let place = WorkFolder::new().with("tenant.json", users).with("hashes.json", hashes);
    let ran = place.run("select tenant.json --passwords hashes.json -f email,password_hash --max-part-users 20 --format csv -o csv --csv-escape none");
    ran.assert_output(
        1,
        "",
        "\
read      50 records from tenant.json (5.9 kB), read whole
written   50 users, 2 fields each, as CSV in 3 parts to csv, 40 with a password
          hash
passwords by id 40, hashes without a user 0
warning   10 users get no password (not in the file 10): see csv/no-password.csv
done, with warnings (exit status 1)
",
    );
    assert_eq!(
        place.names("csv"),
        [
            "lines.ndjson",
            "manifest.json",
            "no-password.csv",
            "part-00000.csv",
            "part-00001.csv",
            "part-00002.csv"
        ]
    );
    let parts: Vec<String> = (0..3).map(|n| place.read(&format!("csv/part-0000{n}.csv"))).collect();
    assert!(parts.iter().all(|part| part.starts_with("email,password_hash\nu")));
    assert_eq!(parts.iter().map(|part| part.lines().count()).collect::<Vec<_>>(), [21, 21, 11]);
    assert!(parts[1].ends_with(&format!("u39@example.com,{}\n", hash(39))), "{}", parts[1]);
    assert!(
        place
            .read("csv/lines.ndjson")
            .contains(r#"{"part":"part-00001.csv","source":"tenant.json","lines":[[21,20]]}"#)
    );
    let manifest: Value = serde_json::from_str(&place.read("csv/manifest.json")).unwrap();
    assert_eq!(manifest["parts"][2]["bytes"], parts[2].len());
    assert_eq!(
        (&manifest["parts"][1]["users"], &manifest["parts"][1]["password_hashes"]),
        (&20.into(), &20.into())
    );
    assert_eq!(manifest["options"]["fields"], serde_json::json!(["email", "password_hash"]));
    // The folder is replaced only with --force, and no command takes it for import files.
    assert_error(
        &place.run("select tenant.json -f email --max-part-users 9 -o csv"),
        "the folder csv is not empty; name another, or replace an earlier output with --force",
    );
    #[cfg(feature = "jobs")]
    {
        let ran = place.run("upload csv --tenant acme.eu.auth0.com --to C --dry-run");
        assert!(ran.status == 2 && ran.err.contains("does not have the name of a part"), "{}", ran.err);
    }
    let document = place.json("select tenant.json -f email --max-part-users 9 -o csv --force --json");
    assert_eq!((&document["parts"], &document["format"]), (&6.into(), &"ndjson".into()));
    assert_eq!(place.read("csv/part-00005.ndjson").lines().count(), 5);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = |name: &str| place.path().join(name).metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!((mode("csv"), mode("csv/part-00000.ndjson")), (0o700, 0o600));
    }
}

#[test]
fn size_of_a_part_includes_header_and_wrapper() {
    let long = "x".repeat(100);
    let users = (0..9).fold(String::new(), |mut users, n| {
        writeln!(users, "{{\"email\":\"{n}\"}}").unwrap();
        users
    }) + &format!("{{\"email\":\"{long}\"}}\n");
    let place = WorkFolder::new().with("tenant.json", users);
    for (arguments, name, limit) in [
        ("--wrap users", "json", 40_u64),
        ("--format json", "json", 40),
        ("--format ndjson", "ndjson", 33),
        ("--format csv", "csv", 12),
        ("--format tsv", "tsv", 11),
    ] {
        let out = arguments.replace([' ', '-'], "");
        let ran =
            place.run(&format!("select tenant.json -f email {arguments} --max-part-bytes {limit} -o {out}"));
        assert_eq!(ran.status, 1, "{}", ran.err);
        assert!(
            ran.err.contains("1 record that cannot be read or does not fit")
                && ran.err.contains("line 10: expected at most"),
            "{}",
            ran.err
        );
        let mut seen = String::new();
        for (number, part) in place.names(&out).iter().filter(|name| name.starts_with("part-")).enumerate() {
            assert_eq!(*part, format!("part-{number:05}.{name}"));
            let text = place.read(&format!("{out}/{part}"));
            assert!(text.len() as u64 <= limit, "{part} has {} bytes: {text}", text.len());
            let emails: Vec<Value> = match name {
                "json" => {
                    let part: Value = serde_json::from_str(&text).unwrap();
                    if arguments == "--wrap users" { part["users"].clone() } else { part }
                        .as_array()
                        .unwrap()
                        .clone()
                }
                "ndjson" => text.lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
                _ => text
                    .strip_prefix("email\n")
                    .unwrap()
                    .lines()
                    .map(|line| serde_json::json!({"email": line}))
                    .collect(),
            };
            seen.extend(emails.iter().map(|user| user["email"].as_str().unwrap()));
        }
        assert_eq!(seen, "012345678", "{arguments}");
        assert!(place.read(&format!("{out}/rejected.ndjson")).contains("too-large-user"));
    }
    assert_error(
        &place.run("select tenant.json -f email --format csv --max-part-bytes 8 -o small"),
        "parts of 8 bytes are too small for any user; expected at least 9 (--max-part-bytes)",
    );
    assert_error(
        &place.run("select tenant.json -f email --max-part-users 3 -o users.csv"),
        "-o users.csv: --max-part-bytes and --max-part-users write a folder of parts; name a folder",
    );
    assert_error(
        &place.run("select tenant.json -f email --max-part-users 3"),
        "--max-part-bytes and --max-part-users write a folder of parts; name a folder with -o",
    );
    #[cfg(feature = "columns")]
    for (option, message) in [
        (
            "--max-part-bytes 1MB",
            "--max-part-bytes needs a folder: write Parquet, or a format without types, with -o",
        ),
        ("--max-part-users 3", "--max-part-users is for formats without types; choose one with --format"),
    ] {
        assert_error(&place.run(&format!("select tenant.json --format arrow {option}")), message);
    }
    assert_eq!(
        place.names(""),
        ["formatcsv", "formatjson", "formatndjson", "formattsv", "tenant.json", "wrapusers"]
    );
}

/// Every hash is with its own user, in every form and for any number of threads.
#[test]
fn each_of_many_hashes_is_with_its_own_user() {
    const USERS: u64 = 3_000;
    let mut users = String::new();
    let mut hashes = String::new();
    // The same ids in two connections; every seventh has no hash, every eleventh hash has no user.
    for number in 0..USERS {
        let (id, connection) = (format!("u{}", number / 2), if number % 2 == 0 { "C" } else { "D" });
        users += &user(&id, connection, &format!(r#","user_metadata":{{"n":{number}}}"#));
        if number % 7 != 0 {
            let id = if number % 11 == 0 { format!("gone{number}") } else { id };
            hashes += &of_hash(&id, connection, number);
        }
    }
    let place = WorkFolder::new().with("tenant.json", users).with("hashes.json", hashes);
    let has_hash = |number: u64| !number.is_multiple_of(7) && !number.is_multiple_of(11);
    let expected = (0..USERS).filter(|number| has_hash(*number)).count();
    for threads in ["1", "4"] {
        let out = format!("parts{threads}");
        let ran = place.run(&[
            "select",
            "tenant.json",
            "-q",
            "--passwords",
            "hashes.json",
            "--threads",
            threads,
            "--nested",
            "-f",
            "user_metadata.n=n",
            "-f",
            "\"bcrypt\"=login.form",
            "-f",
            "password_hash=login.hash",
            "--max-part-bytes",
            "20kB",
            "-o",
            &out,
        ]);
        assert_eq!((ran.status, ran.err.as_str()), (1, ""));
        let (mut next, mut found) = (0, 0);
        for part in place.names(&out).iter().filter(|name| name.starts_with("part-")) {
            let text = place.read(&format!("{out}/{part}"));
            assert!(text.len() <= 20_000, "{part}");
            for line in text.lines() {
                let user: Value = serde_json::from_str(line).unwrap();
                let number = user["n"].as_u64().unwrap();
                assert_eq!(number, next);
                next += 1;
                let login =
                    has_hash(number).then(|| serde_json::json!({"form": "bcrypt", "hash": hash(number)}));
                assert_eq!(user.get("login"), login.as_ref(), "{number}");
                found += usize::from(login.is_some());
            }
        }
        assert_eq!((next, found), (USERS, expected));
    }
    assert_eq!(place.read("parts1/manifest.json"), place.read("parts4/manifest.json"));
}
