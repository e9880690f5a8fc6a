//! The join of a second file with users, case by case; against a search through all pairs in `agreement`.

mod agreement;

use std::sync::Arc;

use super::{MfaSecrets, PasswordTable};
use crate::import::testing::{Seen, run, source};
use crate::import::{Connections, Linked, Purpose};
use crate::{Category, Pipeline, Rules, SideList, Topic};

const USERS: &str = include_str!("../../../../../../testdata/users-full-profile.ndjson");
const HASHES: &str = include_str!("../../../../../../testdata/password-hashes.ndjson");
const FINE: &str = "$2b$10$nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4v";

fn table(text: &str) -> Arc<PasswordTable> {
    Arc::new(PasswordTable::new().read(source("hashes", text)).expect("it has hashes"))
}

/// Everybody comes, also who shares an address with somebody before.
fn everyone() -> Rules {
    Rules::default().connections(Connections::Any).unique([])
}

/// The password properties of each user written.
fn passwords(seen: &Seen) -> Vec<String> {
    seen.users
        .iter()
        .map(|user| {
            let user: serde_json::Value = serde_json::from_str(user).expect("users are JSON");
            let hash = user.get("password_hash").or(user.get("custom_password_hash"));
            hash.map_or_else(|| "none".to_owned(), ToString::to_string)
        })
        .collect()
}

#[test]
fn the_samples_join_as_they_were_made_to() {
    let table = table(HASHES);
    let seen = run(&everyone().passwords(Arc::clone(&table)), USERS).unwrap();
    // Hana's metadata has two reserved keys.
    assert_eq!(seen.rejected, ["reserved-app-metadata-key"; 2]);
    assert_eq!(
        seen.facts(Topic::Password),
        [("by user_id", 4), ("none: not in the file", 1)],
        "ada, bo, fay by its alternative id and ivo by _ID; the second ada has none"
    );
    assert_eq!(seen.summary.with_password, 4);
    assert_eq!(
        passwords(&seen),
        [
            "\"$2b$10$nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4v\"",
            "\"$2b$10$nLDLl6SV/WdjuWKGF/PQV/OsMTuFOv4B0P8XAeowSxCEiVqosQ3G/\"",
            "\"$2b$10$/P1BSxdhLJKyv48APnpgpIJv0OjvSESrIbBPXQu4d.1GR.0.WQpt2\"",
            "none",
            "\"$2b$10$JzN23GJFoaUpZY82MhtjH1SNM6EwA.O1q8BM4LXWFfxMWa5LxWOC7\"",
        ]
    );
    assert_eq!(
        seen.side(SideList::NoPassword),
        ["users,9,auth0|42|acme,Ada.Quill@example.com,not in the file"]
    );
    // Chen and gone.since; dara's hash has a user, though a skipped one, and hana's a rejected one.
    assert_eq!(table.orphans().map(|orphan| orphan.line).collect::<Vec<_>>(), [3, 8]);
    assert_eq!((table.hashes(), table.duplicates()), (8, 0));
    assert_eq!(table.files()[0].connections, ["Username-Password-Authentication", "customers-v2"]);
    assert_eq!(table.files()[0].tenants, ["acme-prod"]);
}

#[test]
fn a_promoted_login_gets_the_hash_of_its_identity() {
    let rules = everyone().passwords(table(HASHES)).linked(Linked::Promote);
    let seen = run(&rules, USERS).unwrap();
    assert_eq!(
        seen.facts(Topic::Password),
        [("by identity", 1), ("by user_id", 4), ("none: not in the file", 1)]
    );
    assert!(seen.users[2].contains("\"password_hash\":\"$2b$10$g3VPClC6iY5SMMNAfHR66b"), "{}", seen.users[2]);
}

/// Joins one user with some hashes: what it got, and what was noted.
fn joined(user: &str, hashes: &str) -> (String, Vec<String>) {
    // A user of its own for every file, since one that matches nobody fails the run.
    let hashes = format!("{hashes}\n{}", r#"{"_id":{"$oid":"z"},"passwordHash":"x"}"#);
    let user = format!("{user}\n{}", r#"{"user_id":"auth0|z","email":"z@example.com","password_hash":""}"#);
    let seen = run(&everyone().passwords(table(&hashes)), user).unwrap();
    let facts = seen.facts(Topic::Password).into_iter().map(|(name, _)| name.to_owned()).collect();
    (passwords(&seen).remove(0), facts)
}

fn hash(key: &str, hash: &str) -> String {
    format!(r#"{{{key},"passwordHash":"{hash}"}}"#)
}

#[test]
fn ids_come_before_identities_and_both_before_addresses() {
    let of = |body: char| format!("$2b$10$nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4{body}");
    let by_id = hash(r#""_id":{"$oid":"a"}"#, &of('a'));
    let by_identity = hash(r#""_id":{"$oid":"b"}"#, &of('b'));
    let by_email = hash(r#""connection":"C","email":"ADA@example.com""#, &of('c'));
    let user = r#"{"user_id":"auth0|a","email":"Ada@Example.com","identities":[{"provider":"auth0","connection":"C","user_id":"x"},{"provider":"auth0","user_id":"b"}]}"#;
    for (hashes, expected, by) in [
        (vec![&by_email, &by_identity, &by_id], 'a', "by user_id"),
        (vec![&by_email, &by_identity], 'b', "by identity"),
        (vec![&by_email], 'c', "by connection and email"),
    ] {
        let hashes: Vec<&str> = hashes.into_iter().map(String::as_str).collect();
        let (hash, facts) = joined(user, &hashes.join("\n"));
        assert_eq!(hash, format!("{:?}", of(expected)));
        assert_eq!(facts, [by]);
    }
}

#[test]
fn an_address_alone_joins_nobody() {
    let none = ["none: not in the file".to_owned()];
    let user = r#"{"email":"ada@example.com","identities":[{"provider":"auth0","connection":"C"}]}"#;
    for hashes in [
        hash(r#""_id":{"$oid":"q"},"email":"ada@example.com""#, FINE),
        hash(r#""_id":{"$oid":"q"},"email":"ada@example.com","connection":"D""#, FINE),
    ] {
        assert_eq!(joined(user, &hashes), ("none".to_owned(), none.to_vec()));
    }
    let user = r#"{"email":"ada@example.com"}"#;
    let hashes = hash(r#""email":"ada@example.com","connection":"C""#, FINE);
    assert_eq!(joined(user, &hashes).0, "none");
}

#[test]
fn logins_of_other_providers_join_nobody() {
    let user = r#"{"email":"a@example.com","identities":[{"provider":"auth0","user_id":"y"},{"provider":"github","user_id":"q"}]}"#;
    assert_eq!(joined(user, &hash(r#""_id":{"$oid":"q"}"#, FINE)).0, "none");
}

#[test]
fn a_hash_goes_where_the_importer_takes_it() {
    let user = r#"{"user_id":"auth0|a","email":"a@example.com"}"#;
    let id = r#""_id":{"$oid":"a"}"#;
    let other = FINE.replace("$2b$10$", "$2y$12$");
    assert_eq!(joined(user, &hash(id, FINE)).0, format!("{FINE:?}"));
    assert_eq!(
        joined(user, &hash(id, &other)).0,
        format!(r#"{{"algorithm":"bcrypt","hash":{{"value":"{other}"}}}}"#)
    );
    let custom =
        r#"{ "algorithm": "md5", "hash": {"value":"688fec44dbf2a839ddcdc2f5c6853d4b","encoding":"hex"} }"#;
    let (rendered, facts) = joined(user, &format!(r#"{{{id},"custom_password_hash":{custom}}}"#));
    assert_eq!(
        rendered,
        r#"{"algorithm":"md5","hash":{"encoding":"hex","value":"688fec44dbf2a839ddcdc2f5c6853d4b"}}"#
    );
    assert_eq!(facts, ["by user_id"]);
    for refused in [hash(id, "*****"), format!(r#"{{{id},"custom_password_hash":{{"algorithm":"md5"}}}}"#)] {
        assert_eq!(joined(user, &refused), ("none".to_owned(), vec!["none: hash refused".to_owned()]));
    }
}

#[test]
fn users_without_a_password_are_listed_with_the_reason() {
    let hashes = [
        r#"{"_id":{"$oid":"a"},"passwordHash":"*****","password_set_date":{"$date":"2024-01-01T00:00:00.000Z"}}"#,
        r#"{"_id":{"$oid":"b"},"passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4v","password_set_date":{"$date":{"$numberLong":"1748764800000"}}}"#,
    ];
    let users = [
        r#"{"user_id":"auth0|a","email":"a,b@example.com","created_at":"2025-01-01T00:00:00.000Z"}"#,
        r#"{"user_id":"auth0|b","email":"b@example.com","last_password_reset":"2025-06-01T08:00:00.001Z"}"#,
        r#"{"user_id":"auth0|c","email":"c@example.com","created_at":"2025-06-01T08:00:00.000Z"}"#,
        r#"{"user_id":"auth0|d","email":"d@example.com","created_at":"2025-06-01T08:00:00.001Z"}"#,
        r#"{"user_id":"auth0|b","email":"e@example.com","password_hash":null,"last_password_reset":"2025-06-01T08:00:00.000Z"}"#,
    ];
    let rules = everyone().require([]).passwords(table(&hashes.join("\n")));
    let seen = run(&rules, users.join("\n")).unwrap();
    // The first address is refused, and a rejected user is in no list.
    assert_eq!(seen.rejected, ["invalid-email"]);
    assert_eq!(
        seen.side(SideList::NoPassword),
        [
            "users,3,auth0|c,c@example.com,not in the file",
            "users,4,auth0|d,d@example.com,signed up after it was made"
        ]
    );
    assert_eq!(
        seen.side(SideList::StalePassword),
        ["users,2,auth0|b,b@example.com,2025-06-01T08:00:00.001Z,2025-06-01T08:00:00.000Z"]
    );
    assert_eq!(
        seen.facts(Topic::Password),
        [("by user_id", 2), ("none: not in the file", 1), ("none: signed up after", 1), ("stale", 1)]
    );
}

#[test]
fn of_two_hashes_of_one_user_the_later_one_is_taken_and_both_have_a_user() {
    let dated = |day: u32, last: char| {
        format!(
            r#"{{"_id":{{"$oid":"a"}},"passwordHash":"{}{last}","password_set_date":"2025-01-0{day}T00:00:00Z"}}"#,
            &FINE[..59]
        )
    };
    let first = PasswordTable::new().read(source("old", dated(1, 'o'))).unwrap();
    let both = first.read(source("new", format!("{}\n{}", dated(2, 'n'), dated(1, 'x')))).unwrap();
    let both = Arc::new(both);
    let seen =
        run(&everyone().passwords(Arc::clone(&both)), r#"{"user_id":"auth0|a","email":"a@example.com"}"#);
    assert_eq!(passwords(&seen.unwrap()), [format!("\"{}n\"", &FINE[..59])]);
    assert_eq!((both.hashes(), both.duplicates(), both.orphans().count()), (3, 2, 0));
}

#[test]
fn a_file_of_which_no_hash_matches_fails_the_run_and_names_its_origin() {
    let user = r#"{"user_id":"auth0|q","email":"q@example.com"}"#;
    let rules = everyone().passwords(table(HASHES));
    let error = run(&rules, user).unwrap_err();
    assert_eq!(error.category(), Category::Run);
    assert_eq!(
        error.to_string(),
        "no password hash of hashes belongs to any user that was read; it is of tenant acme-prod, connection \
         Username-Password-Authentication, customers-v2: give the hash export of the tenant that the users come from"
    );
    let other = hash(r#""_id":{"$oid":"a"}"#, FINE);
    let both = PasswordTable::new().read(source("good", HASHES)).unwrap().read(source("bad", other)).unwrap();
    let error = run(&everyone().passwords(Arc::new(both)), USERS).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no password hash of bad belongs to any user that was read: give the hash export of the tenant that the \
         users come from"
    );
}

#[test]
fn a_run_that_asked_for_nobody_or_was_limited_is_not_failed() {
    assert!(run(&everyone().passwords(table(HASHES)), "[]").is_ok());
    assert!(run(&everyone().passwords(table(HASHES)), r#"{"user_id":"github|1"}"#).is_ok());
    let two = format!("{}\n{}", r#"{"user_id":"auth0|q","email":"q@example.com"}"#, USERS);
    let inputs = [source("users", two)];
    let limited = Pipeline::new().limit(1).run(inputs, &everyone().passwords(table(HASHES)), Seen::default());
    assert!(limited.is_ok());
}

#[test]
fn the_hash_of_a_login_linked_to_a_database_user_has_a_user() {
    let user = r#"{"user_id":"auth0|a","email":"a@example.com","identities":[{"provider":"auth0","user_id":"a"},{"provider":"auth0","user_id":"b"}]}"#;
    let id = |id: &str| hash(&format!(r#""_id":{{"$oid":"{id}"}}"#), FINE);
    let table = table(&[id("a"), id("b"), id("c")].join("\n"));
    let seen = run(&everyone().passwords(Arc::clone(&table)), user).unwrap();
    assert_eq!(seen.facts(Topic::Password), [("by user_id", 1)]);
    assert_eq!(table.orphans().map(|orphan| orphan.line).collect::<Vec<_>>(), [3]);
}

#[test]
fn a_promoted_login_keeps_the_factors_of_the_user_it_was_linked_to() {
    let user = r#"{"user_id":"github|1","multifactor":["guardian"],"identities":[{"provider":"github","user_id":1},{"provider":"auth0","user_id":"b","profileData":{"email":"b@example.com"}}]}"#;
    let rules = everyone().linked(Linked::Promote).mfa_secrets(secrets_of("github|1"));
    let seen = run(&rules, user).unwrap();
    assert_eq!(
        seen.users,
        [r#"{"user_id":"b","email":"b@example.com","mfa_factors":[{"totp":{"secret":"AB"}}]}"#]
    );
    assert_eq!(seen.facts(Topic::Warned), []);
}

#[test]
fn lists_hold_no_user_behind_a_limit() {
    let limited = |limit| {
        let rules = everyone().passwords(table(HASHES));
        let users: Vec<String> =
            (0..3).map(|id| format!("{{\"user_id\":\"auth0|{id}\",\"email\":\"{id}@a.example\"}}")).collect();
        let users = [source("a,b", users.join("\n"))];
        Pipeline::new().limit(limit).run(users, &rules, Seen::default()).unwrap().1
    };
    assert_eq!(
        limited(2).side(SideList::NoPassword),
        ["\"a,b\",1,auth0|0,0@a.example,not in the file", "\"a,b\",2,auth0|1,1@a.example,not in the file"]
    );
}

#[test]
fn an_update_brings_no_passwords() {
    let rules = everyone().purpose(Purpose::Update).passwords(table(HASHES));
    let seen = run(&rules, USERS).unwrap();
    assert_eq!(seen.facts(Topic::Password), []);
    assert!(passwords(&seen).iter().all(|hash| hash == "none"));
}

#[test]
fn bad_lines_are_counted_and_the_first_is_named() {
    let text = format!("{{\"_id\":7}}\n{}\n{{\"email\"\n[]\n", hash(r#""_id":"a""#, FINE));
    let table = table(&text);
    let file = &table.files()[0];
    assert_eq!((file.records, file.usable, file.bad), (4, 1, 3));
    let first = file.first_bad.as_ref().unwrap();
    assert_eq!(
        (first.line, &*first.message),
        (1, "expected passwordHash or custom_password_hash, but found neither")
    );
}

#[test]
fn a_file_without_any_hash_says_what_it_is() {
    let said = |text: &str| {
        let error = PasswordTable::new().read(source("file", text)).unwrap_err();
        (error.category(), error.to_string())
    };
    assert_eq!(
        said(USERS),
        (
            Category::Input,
            "file: expected an export of password hashes, but found none in 10 records; line 1: expected \
             passwordHash or custom_password_hash, but found neither"
                .to_owned()
        )
    );
    assert_eq!(said("[]").1, "file: expected an export of password hashes, but found none in 0 records");
    assert_eq!(
        said("-----BEGIN PGP MESSAGE-----\n\nabc").1,
        "file: this is encrypted with PGP: decrypt it on the way, as in `gpg -d FILE | reimport ... -`"
    );
}

#[test]
fn an_array_of_hashes_over_many_lines_is_read() {
    let rows: Vec<&str> = HASHES.lines().collect();
    let table = table(&format!("[\n  {}\n]", rows.join(",\n  ")));
    assert_eq!(table.hashes(), 8);
}

#[test]
fn secrets_become_factors_where_the_user_has_none() {
    let file = [
        r#"{"user_id":"auth0|a","otp_secret":"jbsw y3dp==","tenant":"acme"}"#,
        r#"{"user_id":"b","email":"b@example.com","mfa_factors":[{"type":"totp","secret":"AB"},{"type":"recovery-code"},{"type":"totp","secret":"CD"}]}"#,
        r#"{"user_id":"auth0|a","recovery_code":"XYZ"}"#,
        r#"{"user_id":"auth0|c","otp_secret":"189"}"#,
        r#"{"user_id":"auth0|d","otp_secret":"EF"}"#,
        r#"{"otp_secret":"GH"}"#,
        r#"{"user_id":"auth0|gone","otp_secret":"GH"}"#,
    ];
    let secrets = Arc::new(MfaSecrets::new().read(source("secrets", file.join("\n"))).unwrap());
    let users = [
        r#"{"user_id":"auth0|a","email":"a@example.com","multifactor":["guardian"]}"#,
        r#"{"user_id":"auth0|b","email":"b@example.com"}"#,
        r#"{"user_id":"auth0|c","email":"c@example.com","multifactor":[ "guardian" ]}"#,
        r#"{"user_id":"auth0|d","email":"d@example.com","mfa_factors":[{"phone":{"value":"+1"}}],"multifactor":["sms"]}"#,
        r#"{"user_id":"auth0|e","email":"e@example.com","multifactor":[ ]}"#,
    ];
    let seen = run(&everyone().mfa_secrets(Arc::clone(&secrets)), users.join("\n")).unwrap();
    let factors: Vec<_> = seen
        .users
        .iter()
        .map(|user| user.split_once("\"mfa_factors\":").map_or("none}", |(_, rest)| rest))
        .collect();
    assert_eq!(
        factors,
        [
            r#"[{"totp":{"secret":"JBSWY3DP"}}]}"#,
            r#"[{"totp":{"secret":"AB"}},{"totp":{"secret":"CD"}}]}"#,
            "none}",
            r#"[{"phone":{"value":"+1"}}]}"#,
            "none}",
        ]
    );
    assert_eq!(seen.facts(Topic::MfaSecret), [("its own", 1), ("joined", 2)]);
    assert_eq!(seen.facts(Topic::Warned), [("mfa-lost", 1)]);
    let read = &secrets.files()[0];
    assert_eq!((read.usable, read.bad, read.recovery_codes), (4, 2, 2));
    let bad = read.first_bad.as_ref().unwrap();
    assert_eq!(
        (bad.line, &*bad.message),
        (4, "expected a secret in Base32 (A to Z and 2 to 7), but found another text")
    );
    assert_eq!((secrets.users(), secrets.orphans()), (4, 1));
    let error = run(&everyone().mfa_secrets(secrets_of("q")), users[0]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "no MFA secret of secrets belongs to any user that was read: give the file of the tenant that the users \
         come from"
    );
}

fn secrets_of(id: &str) -> Arc<MfaSecrets> {
    let text = format!(r#"{{"user_id":"{id}","otp_secret":"AB"}}"#);
    Arc::new(MfaSecrets::new().read(source("secrets", text)).unwrap())
}

#[test]
fn recovery_codes_alone_are_no_secrets() {
    let error = MfaSecrets::new().read(source("file", r#"{"user_id":"a","recovery_code":"x"}"#)).unwrap_err();
    assert_eq!(error.to_string(), "file: expected an export of MFA secrets, but found none in 1 records");
}

#[test]
fn debug_shows_no_hash() {
    let table = table(HASHES);
    assert_eq!(format!("{table:?}"), "PasswordTable(8 hashes of 1 files)");
    assert!(!format!("{:?}", everyone().passwords(table)).contains("$2b$"));
}
