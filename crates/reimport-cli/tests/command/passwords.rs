//! Joining of password hashes and MFA secrets: which users get one, which do not and why, with the exact messages.

use crate::harness::{Ran, WorkFolder};

const HASH: &str = "$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u";

/// Returns a user of connection C with metadata and a verified address, so that there are no other remarks.
fn user(id: &str, email: &str, more: &str) -> String {
    format!(
        r#"{{"user_id":"auth0|{id}","email":"{email}","email_verified":true,"user_metadata":{{}}{more},"identities":[{{"provider":"auth0","connection":"C","user_id":"{id}"}}]}}"#
    ) + "\n"
}

/// Returns a record of a hash export. Its hash has `mark` before the last character, and was set on this day of January
/// 2025.
fn hash(keys: &str, mark: char, day: u32) -> String {
    // The last character of a bcrypt hash is one of 16.
    let hash = format!("{}{mark}u", &HASH[..58]);
    format!(
        r#"{{{keys},"tenant":"acme","passwordHash":"{hash}","password_set_date":{{"$date":"2025-01-{day:02}T00:00:00.000Z"}}}}"#
    ) + "\n"
}

fn place(users: &[String], hashes: &[String]) -> WorkFolder {
    WorkFolder::new().with("tenant.json", users.concat()).with("hashes.json", hashes.concat())
}

/// Returns the hash of each user in the first part: the character before its last, or `-` for no hash.
fn given(place: &WorkFolder, folder: &str) -> String {
    let part: Vec<serde_json::Value> =
        serde_json::from_str(&place.read(&format!("{folder}/users-00001.json"))).unwrap();
    let mark = |user: &serde_json::Value| user["password_hash"].as_str()?.chars().rev().nth(1);
    part.iter().map(|user| mark(user).unwrap_or('-')).collect()
}

/// Returns the lines `passwords`, `secrets` and `warning` of a summary, with their continuation lines.
fn password_lines(ran: &Ran) -> String {
    let mut shown = false;
    let mut lines = Vec::new();
    for line in ran.err.lines() {
        if !line.starts_with("          ") {
            shown = ["passwords ", "secrets ", "warning "].iter().any(|label| line.starts_with(label));
        }
        if shown {
            lines.push(line);
        }
    }
    lines.join("\n")
}

#[test]
fn reused_email_does_not_get_previous_owners_hash() {
    let of_x = hash(r#""_id":{"$oid":"x"},"email":"old@example.com","connection":"C""#, 'x', 1);
    let x = user("x", "new@example.com", "");
    let y = user("y", "old@example.com", r#","created_at":"2025-01-01T00:00:00.000Z""#);
    let rejected = user("x", "new@example", "");
    let place = place(&[x.clone(), y.clone()], std::slice::from_ref(&of_x));
    let ran = place.run("convert tenant.json --passwords hashes.json -o parts");
    ran.assert_output(
        1,
        "",
        "\
read      2 records from tenant.json (352 bytes), read whole
written   2 users in 1 part to parts, 1 with a password hash
passwords by id 1, hashes without a user 0
dropped   identities 2, created_at 1
not in any export: roles, organizations, sessions
warning   1 user gets no password (not in the file 1): see parts/no-password.csv
upload    takes less than a minute, two jobs at a time
next      reimport upload parts --tenant HOST --to CONNECTION
done, with warnings (exit status 1)
",
    );
    assert_eq!(given(&place, "parts"), "x-");
    assert_eq!(
        place.read("parts/no-password.csv"),
        "source,line,user_id,email,reason\ntenant.json,2,auth0|y,old@example.com,not in the file\n"
    );
    // The result is the same if X is rejected, filtered out or has no usable hash, also with --passwords-by email.
    let without = r#"{"_id":{"$oid":"x"},"email":"old@example.com","connection":"C"}"#.to_owned() + "\n";
    let other = hash(r#""_id":{"$oid":"z"},"connection":"C""#, 'z', 1);
    let nameless = y.replace(r#""user_id":"auth0|y","#, "").replace(r#","user_id":"y""#, "");
    for (users, hashes, options, gets) in [
        ([&rejected, &y], vec![&of_x], "", "-"),
        ([&x, &y], vec![&of_x], "--where email=old@example.com", "-"),
        ([&x, &y], vec![&without, &other], "", "--"),
        ([&x, &nameless], vec![&of_x], "--passwords-by email", "x-"),
        ([&rejected, &nameless], vec![&of_x], "--passwords-by email", "-"),
        ([&x, &nameless], vec![&of_x], "--passwords-by email --where email=old@example.com", "-"),
        ([&x, &nameless], vec![&without, &other], "--passwords-by email", "--"),
    ] {
        let hashes: Vec<String> = hashes.into_iter().cloned().collect();
        let place = self::place(&users.map(Clone::clone), &hashes);
        let ran = place.run(&format!("convert tenant.json --passwords hashes.json -o parts {options}"));
        assert_eq!((ran.status, &*given(&place, "parts")), (1, gets), "{options}: {}", ran.err);
    }
}

#[test]
fn same_id_in_another_connection_or_tenant_does_not_match() {
    let of_a = hash(r#""alt_id":"42","connection":"C""#, 'a', 1);
    let of_b = hash(r#""alt_id":"42","connection":"D""#, 'b', 9).replace("acme", "other");
    let users = [user("42", "a@example.com", "")];
    let place = place(&users, &[of_a.clone(), of_b.clone()]);
    let ran = place.run("convert tenant.json --passwords hashes.json -o parts");
    assert_eq!(given(&place, "parts"), "a");
    assert_eq!(ran.status, 1);
    assert_eq!(
        password_lines(&ran),
        "passwords by id 1, hashes without a user 1\n\
         warning   the hash files belong to 2 tenants: acme, other"
    );
    let place = self::place(&users, &[of_b]);
    let ran = place.run("convert tenant.json --passwords hashes.json -o parts");
    assert_eq!((ran.status, &*given(&place, "parts")), (1, "-"));
    assert_eq!(
        password_lines(&ran),
        "passwords hashes without a user 1\n\
         warning   1 user gets no password (other connection 1): see\n          parts/no-password.csv"
    );
    assert_eq!(
        place.read("parts/no-password.csv"),
        "source,line,user_id,email,reason\ntenant.json,1,auth0|42,a@example.com,other connection\n"
    );
    // If two tenants have the login, the later date does not prove anything.
    let place = self::place(
        &users,
        &[of_a.clone(), of_a.replace("acme", "other").replace("cau\"", "cbu\"").replace("01T", "02T")],
    );
    let ran = place.run("convert tenant.json --passwords hashes.json -o parts");
    assert_eq!((ran.status, &*given(&place, "parts")), (1, "-"));
    assert_eq!(
        password_lines(&ran),
        "passwords hashes without a user 0\n\
         warning   1 user gets no password (several hashes 1): see parts/no-password.csv\n\
         warning   the hash files belong to 2 tenants: acme, other"
    );
}

#[test]
fn primary_user_gets_no_hash_of_linked_login() {
    let linked = user("p", "p@example.com", r#","multifactor":["guardian"]"#)
        .replace("}]}", r#"},{"provider":"auth0","connection":"C","user_id":"q"}]}"#);
    let disagrees = user("p", "p@example.com", "").replace(r#""user_id":"p""#, r#""user_id":"q""#);
    let of_q = hash(r#""_id":{"$oid":"q"},"connection":"C""#, 'q', 1);
    for (user, reason) in [(linked, "not in the file"), (disagrees, "ids disagree")] {
        let place = place(&[user], std::slice::from_ref(&of_q))
            .with("secrets.json", r#"{"user_id":"auth0|q","otp_secret":"JBSWY3DPEHPK3PXP"}"#);
        let ran =
            place.run("convert tenant.json --passwords hashes.json --mfa-secrets secrets.json -o parts");
        assert_eq!((ran.status, &*given(&place, "parts")), (1, "-"));
        assert!(!place.read("parts/users-00001.json").contains("JBSW"));
        let warning = format!("warning   1 user gets no password ({reason} 1): see parts/no-password.csv");
        assert!(ran.err.contains(&warning), "{}", ran.err);
        assert_eq!(
            place.read("parts/no-password.csv"),
            format!("source,line,user_id,email,reason\ntenant.json,1,auth0|p,p@example.com,{reason}\n")
        );
    }
}

#[test]
fn stale_hash_is_a_warning_and_can_be_omitted() {
    let changed = |id: &str| {
        user(id, &format!("{id}@example.com"), r#","last_password_reset":"2025-02-01T00:00:00.000Z""#)
    };
    let users: Vec<String> =
        ["a", "b"].map(changed).into_iter().chain([user("c", "c@example.com", "")]).collect();
    let of = |id: &str| hash(&format!(r#""_id":{{"$oid":"{id}"}},"connection":"C""#), 'h', 1);
    let hashes: Vec<String> = ["a", "b", "c"].map(of).to_vec();
    let place = place(&users, &hashes);
    let stale = "source,line,user_id,email,last_password_reset,password_set_date\n\
        tenant.json,1,auth0|a,a@example.com,2025-02-01T00:00:00.000Z,2025-01-01T00:00:00.000Z\n\
        tenant.json,2,auth0|b,b@example.com,2025-02-01T00:00:00.000Z,2025-01-01T00:00:00.000Z\n";
    let ran = place.run("convert tenant.json --passwords hashes.json -o parts");
    assert_eq!((ran.status, &*given(&place, "parts")), (1, "hhh"));
    assert_eq!(
        password_lines(&ran),
        "passwords by id 3, hashes without a user 0\n\
         warning   2 users get a password that was changed later: see\n          parts/stale-password.csv"
    );
    assert_eq!(place.read("parts/stale-password.csv"), stale);
    assert!(!place.names("parts").contains(&"no-password.csv".to_owned()));

    let ran = place.run("convert tenant.json --passwords hashes.json -o fresh --stale-passwords skip");
    assert_eq!((ran.status, &*given(&place, "fresh")), (1, "--h"));
    assert_eq!(
        password_lines(&ran),
        "passwords by id 1, hashes without a user 0\n\
         warning   2 users get no password (stale 2): see fresh/no-password.csv"
    );
    assert_eq!(place.read("fresh/stale-password.csv"), stale);
    assert_eq!(
        place.read("fresh/no-password.csv"),
        "source,line,user_id,email,reason\n\
         tenant.json,1,auth0|a,a@example.com,stale\ntenant.json,2,auth0|b,b@example.com,stale\n"
    );
}

#[test]
fn users_export_can_contain_hashes() {
    let with =
        |id: &str, hash: &str| user(id, &format!("{id}@example.com"), &format!(r#","passwordHash":{hash}"#));
    let fine = format!("\"{HASH}\"");
    for users in [
        [with("a", &fine), user("b", "b@example.com", "")],
        [user("b", "b@example.com", ""), with("a", &fine)],
        [with("b", "null"), with("a", &fine)],
    ] {
        let place = place(&users, &[]);
        let ran = place.run("convert tenant.json -o parts");
        assert_eq!(ran.status, 0, "{}", ran.err);
        assert!(
            ran.err.contains("written   2 users in 1 part to parts, 1 with a password hash\n"),
            "{}",
            ran.err
        );
        let ran = place.run("convert tenant.json -o moved --move passwordHash=password_hash");
        assert!(
            ran.err.contains("written   2 users in 1 part to moved, 1 with a password hash\n"),
            "{}",
            ran.err
        );
    }
    // A hash export given as MFA secrets is recognized, whatever its records lack.
    let hashes: Vec<String> = (0..3).map(|n| hash(&format!(r#""_id":{{"$oid":"{n}"}}"#), 'h', 1)).collect();
    let place = place(&[r#"{"_id":{"$oid":"9"}}"#.to_owned() + "\n", hashes.concat()], &[]);
    place.run("convert tenant.json -o parts").assert_output(
        2,
        "",
        "error: tenant.json: this is an export of password hashes, but an export of users is expected; use this file with --passwords, together with the export of the users\n",
    );
}

#[test]
fn dropped_property_like_a_hash_is_a_warning() {
    let users = [user("a", "a@example.com", &format!(r#","hashed_password":"{HASH}""#))];
    let place = place(&users, &[])
        .with("users.csv", format!("user_id,email,password\nauth0|a,a@example.com,{HASH}\n"));
    let ran = place.run("convert tenant.json -o parts");
    assert_eq!(ran.status, 1);
    assert_eq!(
        password_lines(&ran),
        "warning   hashed_password was dropped from 1 user and looks like a password\n          \
         hash: --move hashed_password=password_hash keeps it"
    );
    let ran = place.run("convert tenant.json -o kept --move hashed_password=password_hash");
    assert_eq!((ran.status, &*given(&place, "kept")), (0, "4"));
    let ran = place.run("convert users.csv -o csv");
    assert_eq!(ran.status, 1);
    assert_eq!(
        password_lines(&ran),
        "warning   password was dropped from 1 user and looks like a password hash:\n          \
         --move password=password_hash keeps it"
    );
}

#[test]
fn lists_each_reason_with_the_line_of_the_hash() {
    let users = ["a", "b", "c", "d"].map(|id| user(id, &format!("{id}@example.com"), ""));
    let late = user("e", "e@example.com", r#","created_at":"2025-03-01T00:00:00.000Z""#);
    let key = |id: &str| format!(r#""_id":{{"$oid":"{id}"}},"connection":"C""#);
    let hashes = [
        hash(&key("a"), 'h', 1),
        hash(&key("b"), 'h', 1).replace("$2b$10$", "$2x$10$"),
        format!("{{{}}}\n", key("c")),
        "not JSON\n".to_owned(),
        hash(&key("d"), 'h', 1),
        hash(&key("d"), 'i', 1),
        hash(r#""connection":"C""#, 'j', 1),
    ];
    let place = place(&[users.concat(), late], &hashes);
    let ran = place.run("convert tenant.json --passwords hashes.json -o parts");
    assert_eq!((ran.status, &*given(&place, "parts")), (1, "h----"));
    assert_eq!(
        password_lines(&ran),
        "passwords by id 1, hashes without a user 0\n\
         warning   4 users get no password (hash refused 1, no hash in its record 1,\n          \
         several hashes 1, signed up after the file was made 1): see\n          \
         parts/no-password.csv\n\
         warning   hashes.json: 3 of 7 records cannot be used, 1 of them without an id;\n          \
         the first is on line 3: expected passwordHash or custom_password_hash,\n          \
         but found neither; not counted here: 1 hash that the rules refuse"
    );
    assert_eq!(
        place.read("parts/no-password.csv"),
        "source,line,user_id,email,reason\n\
         tenant.json,2,auth0|b,b@example.com,\"hash refused: invalid-bcrypt, hashes.json line 2\"\n\
         tenant.json,3,auth0|c,c@example.com,\"no hash in its record, hashes.json line 3\"\n\
         tenant.json,4,auth0|d,d@example.com,several hashes\n\
         tenant.json,5,auth0|e,e@example.com,signed up after the file was made\n"
    );
    // An array in one file has no side files.
    let ran = place.run("convert tenant.json --passwords hashes.json -o users.json");
    assert!(
        ran.err.contains("file was made 1): convert to a\n          folder to list them\n"),
        "{}",
        ran.err
    );
}

#[test]
fn joining_by_email_warns_and_lists_matches() {
    let new = r#"{"email":"A@Example.com","email_verified":true,"user_metadata":{},"created_at":"2025-01-01T00:00:30.000Z","identities":[{"provider":"auth0","connection":"C"}]}"#;
    let of_a = hash(r#""_id":{"$oid":"x"},"email":"a@example.com","connection":"C""#, 'x', 1);
    let place = place(&[new.to_owned()], &[of_a]);
    let by_id = place.run("convert tenant.json --passwords hashes.json -o by-id");
    by_id.assert_output(
        2,
        "",
        "error: no password hash of hashes.json belongs to any user that was read; it is of tenant acme, connection \
         C: give the hash export of the tenant that the users come from\n",
    );
    let ran = place.run("convert tenant.json --passwords hashes.json --passwords-by email -o parts");
    assert_eq!((ran.status, &*given(&place, "parts")), (1, "x"));
    assert_eq!(
        password_lines(&ran),
        "passwords by email 1, hashes without a user 0\n\
         warning   1 user gets a password joined by e-mail address: see\n          parts/password-by-email.csv"
    );
    assert_eq!(
        place.read("parts/password-by-email.csv"),
        "source,line,email,connection,hash_file,hash_line\ntenant.json,1,A@Example.com,C,hashes.json,1\n"
    );
    place
        .run_with_input("convert - --passwords hashes.json --passwords-by email -o piped", new.as_bytes())
        .assert_output(
            2,
            "",
            "error: -: --passwords-by email reads each export twice, but this can be read only once; save it to a \
             file\n",
        );
    assert!(!place.names(".").contains(&"piped".to_owned()));
}

#[test]
fn unused_hashes_are_counted_before_filters_but_not_with_limit() {
    let users = ["a", "b"].map(|id| user(id, &format!("{id}@example.com"), ""));
    let key = |id: &str| format!(r#""_id":{{"$oid":"{id}"}},"connection":"C""#);
    let hashes = ["a", "b", "gone"].map(|id| hash(&key(id), 'h', 1));
    let place = place(&users, &hashes);
    let run = |options: &str| {
        place.run(&format!("convert tenant.json --passwords hashes.json -o parts --force {options}"))
    };
    assert_eq!(password_lines(&run("")), "passwords by id 2, hashes without a user 1");
    assert_eq!(
        password_lines(&run("--where email=b@example.com")),
        "passwords by id 1, hashes without a user 1"
    );
    assert_eq!(password_lines(&run("--limit 1")), "passwords by id 1");
    // A filter that leaves out all users of the file is not an error.
    let ran = run("--where email=nobody@example.com");
    assert_eq!((ran.status, password_lines(&ran).as_str()), (0, "passwords hashes without a user 1"));
}

#[test]
fn rejected_users_record_that_they_had_a_hash() {
    let place = place(
        &[user("a", "a@example", ""), user("b", "b@example.com", ""), user("c", "b@example.com", "")],
        &["a", "b"].map(|id| hash(&format!(r#""_id":{{"$oid":"{id}"}},"connection":"C""#), 'h', 1)),
    );
    let ran = place.run("convert tenant.json --passwords hashes.json -o parts");
    assert!(
        ran.err.ends_with(
            "          fix the users in parts/rejected.ndjson, then:\n          \
             reimport convert parts/rejected.ndjson --passwords hashes.json -o parts-fixed\n\
             done, with rejected records (exit status 1)\n"
        ),
        "{}",
        ran.err
    );
    let rejected = place.read("parts/rejected.ndjson");
    let flags: Vec<bool> = rejected.lines().map(|line| line.contains(r#","password":true,"#)).collect();
    assert_eq!(flags, [true, false], "c has no hash");
    let fixed = rejected.replace("a@example\"", "a@example.com\"");
    let place = place.with("parts/rejected.ndjson", fixed);

    let ran = place.run("convert parts/rejected.ndjson -o without");
    assert_eq!(ran.status, 1);
    assert_eq!(
        password_lines(&ran),
        "warning   1 user had a password hash when an earlier run rejected it, and gets\n          \
         none now: give --passwords again"
    );
    assert!(
        ran.err.contains("          duplicate 1, first on line 2: already used by tenant.json line 2; an\n"),
        "{}",
        ran.err
    );
    let again = place.read("without/rejected.ndjson");
    assert!(
        again.contains(
            r#""problems":[{"rule":"duplicate","path":"","message":"already used by tenant.json line 2; an earlier run found this: expected a decision; delete the line, or delete the entry `duplicate` from its `problems` to import this user"}],"user":{"user_id":"auth0|c""#
        ),
        "{again}"
    );
    let ran = place.run("convert parts/rejected.ndjson --passwords hashes.json -o parts-fixed");
    assert_eq!(given(&place, "parts-fixed"), "h", "{}", ran.err);
    // The entry is deleted, which decides the duplicate.
    let line = again.replace(&again[again.find(r#"{"rule""#).unwrap()..=again.find("}]").unwrap()], "");
    let place = place.with("decided.ndjson", line);
    let ran = place.run("convert decided.ndjson -o decided");
    assert_eq!((ran.status, &*given(&place, "decided")), (0, "-"), "{}", ran.err);
}

#[test]
fn mfa_secrets_are_counted_like_hashes() {
    let users = ["a", "b", "c", "d"].map(|id| user(id, &format!("{id}@example.com"), ""));
    let secrets = r#"{"user_id":"auth0|a","mfa_factors":[{"totp":{"secret":"JBSWY3DPEHPK3PXP"}}]}
{"user_id":"auth0|b","otp_secret":"JBSWY3DPEHPK3PXP","connection":"D"}
{"user_id":"auth0|c","otp_secret":"JBSWY3DPEHPK3PXP"}
{"user_id":"auth0|c","otp_secret":"KRSXG5CTMVRXEZLU"}
{"user_id":"auth0|gone","otp_secret":"JBSWY3DPEHPK3PXP"}
{"otp_secret":"JBSWY3DPEHPK3PXP"}
{"user_id":"auth0|d","otp_secret":"18901890"}
"#;
    let place = place(&users, &[]).with("secrets.json", secrets);
    let ran = place.run("convert tenant.json --mfa-secrets secrets.json -o parts");
    assert_eq!(ran.status, 1);
    assert_eq!(
        password_lines(&ran),
        "secrets   secrets without a user 2, joined 1\n\
         warning   2 users whose record of MFA secrets was not joined: other connection\n          \
         1, several secrets 1\n\
         warning   secrets.json: 2 of 7 records cannot be used, 1 of them without an id;\n          \
         the first is on line 6: expected user_id, but found none"
    );
    assert!(
        place
            .read("parts/users-00001.json")
            .contains(r#""mfa_factors":[{"totp":{"secret":"JBSWY3DPEHPK3PXP"}}]}"#)
    );
}

#[test]
fn passwords_need_the_import_rules() {
    let place = place(&[user("a", "a@example.com", "")], &[hash(r#""_id":"a""#, 'h', 1)]);
    place.run("convert tenant.json --rules none --passwords hashes.json -o parts").assert_output(
        2,
        "",
        "error: --passwords and --mfa-secrets need the import rules; remove --rules none\n",
    );
}

#[test]
fn warns_if_hash_options_match_no_hash() {
    let users = [user("a", "a@example.com", "")];
    let place = place(&users, &[hash(r#""_id":"a","connection":"C""#, 'h', 1)]);
    let ran = place.run("convert tenant.json --for update --passwords hashes.json -o parts");
    assert_eq!(ran.status, 1);
    assert_eq!(
        password_lines(&ran),
        "warning   --for update does not import passwords: the files of --passwords are\n          not used"
    );
    for option in ["--passwords-by email", "--stale-passwords skip"] {
        let ran = place.run(&format!("convert tenant.json -o none {option}"));
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains("--passwords <FILE>"), "{}", ran.err);
    }
}

#[test]
fn command_for_fixed_rejects_works_with_any_hashes() {
    let place = place(
        &[user("a", "a@example", ""), user("b", "b@example.com", "")],
        &[hash(r#""_id":"b","connection":"C""#, 'h', 1)],
    );
    assert_eq!(place.run("convert tenant.json --passwords hashes.json -o parts").status, 1);
    let rejected = place.read("parts/rejected.ndjson").replace("a@example\"", "a@example.com\"");
    let place = place.with("parts/rejected.ndjson", rejected);
    let ran = place.run("convert parts/rejected.ndjson --passwords hashes.json -o parts-fixed");
    assert_eq!((ran.status, &*given(&place, "parts-fixed")), (1, "-"), "{}", ran.err);
    assert_eq!(
        password_lines(&ran),
        "passwords hashes without a user 1\n\
         warning   1 user gets no password (not in the file 1): see\n          parts-fixed/no-password.csv"
    );
}

#[test]
fn dropping_the_connection_joins_no_foreign_hash() {
    let elsewhere = hash(r#""alt_id":"42","connection":"D""#, 'd', 1);
    let other = hash(r#""_id":"43","connection":"C""#, 'o', 1);
    let users = ["42", "43"].map(|id| user(id, &format!("u{id}@example.com"), ""));
    let place = place(&users, &[elsewhere, other]);
    for (folder, option) in
        [("a", "--drop identities"), ("b", "--move identities=app_metadata.old_identities"), ("c", "")]
    {
        let ran = place.run(&format!("convert tenant.json --passwords hashes.json -o {folder} {option}"));
        assert_eq!((ran.status, &*given(&place, folder)), (1, "-o"), "{option}: {}", ran.err);
        assert!(ran.err.contains("1 user gets no password (other connection 1)"), "{}", ran.err);
    }
}

#[test]
fn secrets_that_cannot_be_imported_are_counted() {
    let secrets = r#"{"user_id":"auth0|a","mfa_factors":[{"totp":{"secret":"JBSWY3DPEHPK3PXP"}},{"phone":{"value":"+1"}}],"recovery_code":"x"}
{"user_id":"auth0|b","otp_secret":"JBSWY3DPEHPK3PXP"}
"#;
    let phone = r#","mfa_factors":[{"phone":{"value":"+1555"}}]"#;
    let users = [user("a", "a@example.com", ""), user("b", "b@example.com", phone)];
    let place = place(&users, &[]).with("secrets.json", secrets);
    let ran = place.run("convert tenant.json --mfa-secrets secrets.json -o parts");
    assert_eq!(ran.status, 1);
    assert_eq!(
        password_lines(&ran),
        "secrets   joined 1, secrets without a user 0\n\
         warning   1 user whose record of MFA secrets was not joined: has factors of its\n          own 1\n\
         warning   1 factor other than TOTP in the files of MFA secrets: they are not\n          joined"
    );
    assert!(
        ran.err.contains("1 recovery code in the files of MFA secrets: they cannot be imported\n"),
        "{}",
        ran.err
    );
}

#[test]
fn suggested_move_works_for_any_property_name() {
    for name in ["pw.hash", "password=x", "password[0]", "--password", "pass word's"] {
        let place = place(&[user("a", "a@example.com", &format!(r#","{name}":"{HASH}""#))], &[]);
        let ran = place.run("convert tenant.json -o parts");
        assert_eq!(ran.status, 1, "{name}: {}", ran.err);
        let lines = password_lines(&ran).replace("\n          ", " ");
        let advice = lines.split_once("--move").unwrap().1.split_once(" keeps it").unwrap().0;
        let shell = format!("convert tenant.json -o kept --move{advice}");
        let output = place.bash(&format!("\"$0\" {shell}")).output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        assert_eq!(given(&place, "kept"), "4", "{name}");
    }
}
