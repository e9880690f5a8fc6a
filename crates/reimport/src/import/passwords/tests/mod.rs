//! Tests the join of a joined file with users, case by case. `agreement` compares it with a search through all pairs.

mod agreement;
mod warnings;

use std::sync::Arc;

use super::{MfaSecrets, PasswordTable};
use crate::Rules;
use crate::error::Category;
use crate::filter::{Filter, Filtered};
use crate::import::testing::{Seen, run, source};
use crate::import::{Connections, Edits, Linked, Purpose, StalePasswords};
use crate::pipeline::Pipeline;
use crate::run::{SideFile, Topic};
use crate::sink::Nothing;

const USERS: &str = include_str!("../../../../../../testdata/users-full-profile.ndjson");
const HASHES: &str = include_str!("../../../../../../testdata/password-hashes.ndjson");
const FINE: &str = "$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u";

fn table(text: &str) -> Arc<PasswordTable> {
    Arc::new(PasswordTable::new().read(source("hashes", text)).expect("it has hashes"))
}

/// Returns rules that accept every user, even users that share an address.
fn everyone() -> Rules {
    Rules::default().connections(Connections::Any).unique([])
}

/// Returns the password properties of each user written.
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
fn samples_join_as_expected() {
    let table = table(HASHES);
    let seen = run(&everyone().passwords(Arc::clone(&table)), USERS).unwrap();
    // Hana's metadata has two reserved keys.
    assert_eq!(seen.rejected, ["reserved-app-metadata-key"; 2]);
    assert_eq!(
        seen.facts(Topic::Password),
        [("by id", 4), ("none: not in the file", 1)],
        "ada, bo, fay by its alternative id and ivo by _ID; the second ada has none"
    );
    assert_eq!(seen.summary.with_password, 4);
    assert_eq!(
        passwords(&seen),
        [
            "\"$2b$10$nQ5QvLGFfBnFIVYkMFVyDujVBPWEdAQ.G9ASvnSIwb81Hs2ng0G4u\"",
            "\"$2b$10$nLDLl6SV/WdjuWKGF/PQV.y9XWy/QY/Gl/jVT4BaXcdNEWcDDzc8q\"",
            "\"$2b$10$/P1BSxdhLJKyv48APnpgp.AvbRGlbChGSDg73Zdx2/sTzmbfQ/qRu\"",
            "none",
            "\"$2b$10$JzN23GJFoaUpZY82MhtjHuWHgviV6jyNMbySZU/.iCj.ISj4s5cb.\"",
        ]
    );
    assert_eq!(
        seen.side(SideFile::NoPassword),
        ["users,9,auth0|42|acme,Ada.Quill@example.com,not in the file"]
    );
    // The hashes of chen and gone.since have no user. Dara and hana were read, although they were skipped and
    // rejected.
    assert_eq!(table.orphans().map(|orphan| orphan.line).collect::<Vec<_>>(), [3, 8]);
    assert_eq!((table.hashes(), table.duplicates()), (8, 0));
    assert_eq!(table.files()[0].connections, ["Username-Password-Authentication", "customers-v2"]);
    assert_eq!(table.files()[0].tenants, ["acme-prod"]);
}

#[test]
fn promoted_login_gets_hash_of_its_identity() {
    let rules = everyone().passwords(table(HASHES)).linked(Linked::Promote);
    let seen = run(&rules, USERS).unwrap();
    assert_eq!(seen.facts(Topic::Password), [("by id", 5), ("none: not in the file", 1)]);
    assert!(seen.users[2].contains("\"password_hash\":\"$2b$10$g3VPClC6iY5SMMNAfHR66O"), "{}", seen.users[2]);
}

/// Joins some hashes to one user. Returns what the user got, and the facts that were noted.
fn joined(user: &str, hashes: &str) -> (String, Vec<String>) {
    // The additional user matches the additional hash, since a file that matches no user fails the run.
    let hashes = format!("{hashes}\n{}", r#"{"_id":{"$oid":"z"},"passwordHash":"x"}"#);
    let user = format!("{user}\n{}", r#"{"user_id":"auth0|z","email":"z@example.com","password_hash":""}"#);
    let seen = run(&everyone().passwords(table(&hashes)), user).unwrap();
    let facts = seen.facts(Topic::Password).into_iter().map(|(name, _)| name.to_owned()).collect();
    (passwords(&seen).remove(0), facts)
}

fn hash(key: &str, hash: &str) -> String {
    format!(r#"{{{key},"passwordHash":"{hash}"}}"#)
}

/// Returns a bcrypt hash that ends with this character.
fn ending(last: char) -> String {
    format!("{}{last}", &FINE[..59])
}

/// Returns what a user with `auth0|a` in connection C gets of the hashes.
fn login_a(hashes: &[String]) -> (String, Vec<String>) {
    joined(
        r#"{"user_id":"auth0|a","email":"Ada@Example.com","created_at":"2025-01-01T00:00:00Z","identities":[{"provider":"auth0","connection":"C","user_id":"a"},{"provider":"auth0","connection":"C","user_id":"b"}]}"#,
        &hashes.join("\n"),
    )
}

#[test]
fn login_gets_only_its_own_hash() {
    let none = |reason: &str| ("none".to_owned(), vec![format!("none: {reason}")]);
    let own = hash(r#""_id":{"$oid":"a"},"connection":"C""#, &ending('a'));
    let own_hash = (format!("{:?}", ending('a')), vec!["by id".to_owned()]);
    assert_eq!(login_a(std::slice::from_ref(&own)), own_hash);
    // These hashes belong to other logins: a linked one, one of another connection, and one with the same address.
    let linked = hash(r#""_id":{"$oid":"b"},"connection":"C""#, &ending('b'));
    let elsewhere = hash(r#""_id":{"$oid":"a"},"connection":"D""#, &ending('d'));
    let unnamed = hash(r#""_id":{"$oid":"a"}"#, &ending('u'));
    let address = hash(r#""_id":{"$oid":"z9"},"connection":"C","email":"ADA@example.com""#, &ending('e'));
    assert_eq!(login_a(&[linked.clone(), address.clone()]), none("not in the file"));
    assert_eq!(login_a(std::slice::from_ref(&elsewhere)), none("other connection"));
    assert_eq!(login_a(&[linked, elsewhere.clone(), own.clone(), address]), own_hash);
    // A record without a connection is joined only if the id is in the files once.
    assert_eq!(login_a(std::slice::from_ref(&unnamed)).0, format!("{:?}", ending('u')));
    assert_eq!(login_a(&[unnamed.clone(), elsewhere]), none("several hashes"));
    assert_eq!(login_a(&[unnamed, own]), own_hash);
    let without_hash = r#"{"_id":{"$oid":"a"},"connection":"C","passwordHash":null}"#.to_owned();
    assert_eq!(login_a(&[without_hash]), none("no hash in its record"));
}

#[test]
fn contradicting_ids_do_not_join() {
    let user = |root: &str, first: &str| {
        format!(
            r#"{{"user_id":"{root}","email":"a@example.com","identities":[{{"provider":"auth0","user_id":{first}}}]}}"#
        )
    };
    let hashes = format!("{}\n{}", hash(r#""_id":{"$oid":"p"}"#, FINE), hash(r#""_id":{"$oid":"1"}"#, FINE));
    let facts = |user: String| joined(&user, &hashes).1;
    assert_eq!(facts(user("auth0|p", r#""q""#)), ["none: ids disagree"]);
    assert_eq!(facts(user("auth0|q", r#""p""#)), ["none: ids disagree"]);
    assert_eq!(facts(user("auth0|p", r#""p""#)), ["by id"]);
    assert_eq!(facts(user("auth0|1", "1")), ["by id"]);
    assert_eq!(facts(user("auth0|auth0|1", "1")), ["none: ids disagree"]);
    assert_eq!(facts(user("", r#""p""#)), ["by id"]);
}

#[test]
fn users_without_id_join_by_email_only_on_request() {
    let user = r#"{"email":"ada@example.com","identities":[{"provider":"auth0","connection":"C"}]}"#;
    let hashes = hash(r#""_id":{"$oid":"q"},"email":"ada@example.com","connection":"C""#, FINE);
    assert_eq!(joined(user, &hashes), ("none".to_owned(), vec!["none: no id".to_owned()]));
}

/// Returns what users get if they are joined by address, with what was counted and listed.
fn by_email(users: &[&str], hashes: &[&str], rules: Rules) -> Seen {
    let table = PasswordTable::by_email().read(source("hashes", hashes.join("\n"))).unwrap();
    let rules = rules.require([]).passwords(Arc::new(table));
    let export = users.join("\n");
    Pipeline::new().run([source("users", export.clone())], &rules.email_pass(), Nothing::default()).unwrap();
    run(&rules, export).unwrap()
}

/// Returns a hash of the address a@x.example in connection C, set at this second.
fn of_address(id: &str, second: u32) -> String {
    let id = if id.is_empty() { String::new() } else { format!(r#""_id":"{id}","#) };
    format!(
        r#"{{{id}"email":"A@x.example","connection":"C","passwordHash":"{FINE}","password_set_date":"2025-01-01T00:{:02}:{:02}Z"}}"#,
        second / 60,
        second % 60
    )
}

/// A user with this address and connection, without an id, created at 00:02:00.
const NEW: &str = r#"{"email":"a@X.example","Connection":"C","created_at":"2025-01-01T00:02:00Z"}"#;

#[test]
fn email_join_uses_hash_set_at_signup() {
    // This user makes the file match the export.
    let known = r#"{"user_id":"auth0|known","email":"k@x.example","Connection":"C"}"#;
    let of_known = r#"{"_id":"known","connection":"C","email":"k@x.example","passwordHash":"*"}"#;
    let reason = |users: &[&str], hashes: &[&str], rules: Rules| {
        let users: Vec<&str> = users.iter().copied().chain([known]).collect();
        let hashes: Vec<&str> = hashes.iter().copied().chain([of_known]).collect();
        let seen = by_email(&users, &hashes, rules);
        let facts = seen.facts(Topic::Password).into_iter().filter(|(name, _)| *name != "none: hash refused");
        facts.map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    for second in [60, 120, 3000] {
        assert_eq!(reason(&[NEW], &[&of_address("", second)], everyone()), "by email 1");
        assert_eq!(reason(&[NEW], &[&of_address("q", second)], everyone()), "by email 1");
    }
    let is = |users: &[&str], hashes: &[&str], expected: &str| {
        assert_eq!(reason(users, hashes, everyone()), format!("none: {expected}"), "{users:?} {hashes:?}");
    };
    let set = of_address("q", 120);
    is(&[NEW], &[&of_address("q", 59)], "signed up after the password was set 1");
    is(&[NEW], &[&set.replace("password_set_date", "x")], "date unknown 1");
    is(&[&NEW.replace("created_at", "x")], &[&set], "date unknown 1");
    is(&[NEW], &[&set.replace(r#""connection":"C""#, r#""connection":"D""#)], "not in the file 1");
    is(&[NEW, NEW], &[&set], "e-mail address not unique 2");
    is(&[NEW], &[&set, &of_address("", 0)], "e-mail address not unique 1");
    let unusable = r#"{"email":"a@x.example","connection":"C"}"#;
    is(&[NEW], &[&set, unusable], "e-mail address not unique 1");
    // The newer hash of the login has another address, so this address no longer belongs to the login.
    is(&[NEW], &[&set, &of_address("q", 180).replace("A@x", "b@x").replace("4c", "4d")], "several hashes 1");
}

#[test]
fn reused_email_does_not_get_hash_of_previous_owner() {
    let hashes = [&*of_address("x", 120)];
    // X has changed its address. Whatever happens to X, its id is in a record.
    let former = r#"{"user_id":"auth0|x","email":"x2@x.example","Connection":"C"}"#;
    let rejected = r#"{"user_id":"auth0|x","email":"not one","Connection":"C"}"#;
    let linked =
        r#"{"user_id":"github|1","identities":[{"provider":"github"},{"provider":"auth0","user_id":"x"}]}"#;
    let disagrees =
        r#"{"user_id":"auth0|y","email":"y@x.example","identities":[{"provider":"auth0","user_id":"x"}]}"#;
    // The strategy before an id is not part of the id, whichever strategy it is.
    let social = r#"{"user_id":"github|x"}"#;
    for other in [former, rejected, linked, disagrees, social] {
        for users in [[other, NEW], [NEW, other]] {
            let seen = by_email(&users, &hashes, everyone());
            let of_new = seen.users.iter().find(|user| user.contains("a@X.example")).unwrap();
            assert_eq!(of_new, r#"{"email":"a@X.example"}"#, "{other}");
            assert!(
                seen.facts(Topic::Password).contains(&("none: e-mail address of another id", 1)),
                "{other}: {:?}",
                seen.facts(Topic::Password)
            );
        }
    }
}

#[test]
fn users_joined_by_email_are_listed_with_hash_line() {
    let seen = by_email(&[NEW], &["{}", &of_address("", 120)], everyone());
    assert_eq!(seen.side(SideFile::PasswordByEmail), ["users,1,a@X.example,C,hashes,2"]);
    assert_eq!(seen.side(SideFile::NoPassword).len(), 0);
}

#[test]
fn email_join_requires_the_first_pass() {
    let hashes = format!("{}\n{}", of_address("", 120), hash(r#""_id":"a""#, FINE));
    let table = PasswordTable::by_email().read(source("hashes", hashes)).unwrap();
    let users = format!("{NEW}\n{}", r#"{"user_id":"auth0|a","email":"b@x.example"}"#);
    let seen = run(&everyone().passwords(Arc::new(table)), users).unwrap();
    assert_eq!(seen.facts(Topic::Password), [("by id", 1), ("none: e-mail address not unique", 1)]);
}

#[test]
fn first_pass_counts_ids_before_and_after_edits() {
    let edits = Edits::new().drop_at("user_id".parse().unwrap()).drop_at("identities".parse().unwrap());
    // After its edits, X has no id. As read, X has the id of the hash, which is still its own.
    let former = r#"{"user_id":"auth0|x","email":"b@x.example","Connection":"C"}"#;
    let seen = by_email(&[former, NEW], &[&of_address("x", 120)], everyone().edits(edits));
    assert_eq!(seen.facts(Topic::Password), [("by id", 1), ("none: e-mail address of another id", 1)]);
}

#[test]
fn logins_of_other_providers_do_not_join() {
    let user = r#"{"email":"a@example.com","identities":[{"provider":"auth0","user_id":"y"},{"provider":"github","user_id":"q"}]}"#;
    assert_eq!(joined(user, &hash(r#""_id":{"$oid":"q"}"#, FINE)).0, "none");
}

#[test]
fn hash_is_written_in_the_importable_property() {
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
    assert_eq!(facts, ["by id"]);
    for refused in [hash(id, "*****"), format!(r#"{{{id},"custom_password_hash":{{"algorithm":"md5"}}}}"#)] {
        assert_eq!(joined(user, &refused), ("none".to_owned(), vec!["none: hash refused".to_owned()]));
    }
}

#[test]
fn users_without_password_are_listed_with_reason() {
    let hashes = [
        r#"{"_id":{"$oid":"a"},"passwordHash":"*****","password_set_date":{"$date":"2024-01-01T00:00:00.000Z"}}"#,
        r#"{"_id":{"$oid":"b"},"passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u","password_set_date":{"$date":{"$numberLong":"1748764800000"}}}"#,
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
    // The first address is refused, and a rejected user is not in any list.
    assert_eq!(seen.rejected, ["invalid-email"]);
    assert_eq!(
        seen.side(SideFile::NoPassword),
        [
            "users,3,auth0|c,c@example.com,not in the file",
            "users,4,auth0|d,d@example.com,signed up after the file was made"
        ]
    );
    assert_eq!(
        seen.side(SideFile::StalePassword),
        ["users,2,auth0|b,b@example.com,2025-06-01T08:00:00.001Z,2025-06-01T08:00:00.000Z"]
    );
    assert_eq!(
        seen.facts(Topic::Password),
        [
            ("by id", 2),
            ("none: not in the file", 1),
            ("none: signed up after the file was made", 1),
            ("stale", 1)
        ]
    );
}

#[test]
fn latest_hash_of_a_login_is_used() {
    let dated = |day: u32, last: char| {
        format!(
            r#"{{"_id":{{"$oid":"a"}},"connection":"C","passwordHash":"{}","password_set_date":"2025-01-0{day}T00:00:00Z"}}"#,
            ending(last)
        )
    };
    let user = r#"{"user_id":"auth0|a","email":"a@example.com","Connection":"C"}"#;
    let first = PasswordTable::new().read(source("old", dated(1, 'o'))).unwrap();
    let both = first.read(source("new", format!("{}\n{}", dated(2, 'n'), dated(1, 'x')))).unwrap();
    let both = Arc::new(both);
    let seen = run(&everyone().passwords(Arc::clone(&both)), user);
    assert_eq!(passwords(&seen.unwrap()), [format!("{:?}", ending('n'))]);
    assert_eq!((both.hashes(), both.duplicates(), both.orphans().count()), (3, 2, 0));

    let facts = |hashes: &[String], user: &str| joined(user, &hashes.join("\n")).1;
    let undated = hash(r#""_id":"a","connection":"C""#, &ending('u'));
    let several = ["none: several hashes"];
    assert_eq!(facts(&[dated(2, 'n'), dated(2, 'm')], user), several);
    assert_eq!(facts(&[dated(2, 'n'), undated.clone()], user), several);
    assert_eq!(facts(&[undated.clone(), undated.clone()], user), ["by id"]);
    assert_eq!(facts(&[dated(2, 'n'), dated(2, 'm'), dated(3, 'k')], user), ["by id"]);
    let of_tenant = |hash: String, tenant: &str| hash.replacen('{', &format!(r#"{{"tenant":"{tenant}","#), 1);
    assert_eq!(facts(&[of_tenant(dated(1, 'o'), "s"), of_tenant(dated(2, 'n'), "t")], user), several);
    assert_eq!(facts(&[of_tenant(dated(1, 'o'), "s"), of_tenant(dated(2, 'o'), "t")], user), ["by id"]);
    // A user that names no connection may belong to another one, so the id must be in the files once.
    let nowhere = r#"{"user_id":"auth0|a","email":"a@example.com"}"#;
    assert_eq!(facts(&[dated(1, 'o'), dated(2, 'n')], nowhere), several);
    assert_eq!(facts(&[dated(1, 'o'), dated(2, 'o')], nowhere), ["by id"]);
}

#[test]
fn stale_hashes_are_kept_or_skipped_and_listed() {
    let hash = format!(r#"{{"_id":"a","passwordHash":"{FINE}","password_set_date":"2025-01-01T00:00:00Z"}}"#);
    let user =
        r#"{"user_id":"auth0|a","email":"a@example.com","last_password_reset":"2025-02-01T00:00:00.000Z"}"#;
    let stale = ["users,1,auth0|a,a@example.com,2025-02-01T00:00:00.000Z,2025-01-01T00:00:00.000Z"];
    let kept = run(&everyone().passwords(table(&hash)), user).unwrap();
    assert_eq!(kept.facts(Topic::Password), [("by id", 1), ("stale", 1)]);
    assert_eq!(kept.side(SideFile::StalePassword), stale);
    assert_eq!(kept.side(SideFile::NoPassword).len(), 0);

    let rules = everyone().stale_passwords(StalePasswords::Skip).passwords(table(&hash));
    let skipped = run(&rules, user).unwrap();
    assert_eq!(passwords(&skipped), ["none"]);
    assert_eq!(skipped.facts(Topic::Password), [("none: stale", 1)]);
    assert_eq!(skipped.side(SideFile::StalePassword), stale);
    assert_eq!(skipped.side(SideFile::NoPassword), ["users,1,auth0|a,a@example.com,stale"]);
}

#[test]
fn orphan_hashes_are_counted_before_filters() {
    let filter = Filter::new().and("email = 'nobody@example.com'".parse().unwrap());
    let table = table(HASHES);
    let filtered = Filtered::new(filter, everyone().passwords(Arc::clone(&table)));
    let seen = run(&filtered, USERS).unwrap();
    assert_eq!(seen.summary.left_out, 10);
    assert_eq!(
        table.orphans().map(|orphan| orphan.line).collect::<Vec<_>>(),
        [3, 8],
        "the same as without a filter"
    );
}

#[test]
fn rejected_user_is_marked_as_having_a_hash() {
    #[derive(Default)]
    struct Flags(Vec<bool>);
    impl crate::run::Sink for Flags {
        type Finished = Vec<bool>;
        fn write(&mut self, _: crate::run::Written<'_>) -> crate::error::Result<()> {
            Ok(())
        }
        fn reject(&mut self, rejected: crate::run::Rejected<'_>) -> crate::error::Result<()> {
            self.0.push(rejected.password);
            Ok(())
        }
        fn finish(self, _: &crate::run::Summary) -> crate::error::Result<Vec<bool>> {
            Ok(self.0)
        }
    }
    let users = r#"{"user_id":"auth0|a","email":"bad"}
{"user_id":"auth0|b","email":"bad"}
{"problems":[],"source":"x","line":1,"byte":0,"user":{}}"#;
    let hashes = format!("{}\n{}", hash(r#""_id":"a""#, FINE), hash(r#""_id":"b""#, "*****"));
    let inputs = [source("users", users)];
    let (_, flags) =
        Pipeline::new().run(inputs, &everyone().passwords(table(&hashes)), Flags::default()).unwrap();
    assert_eq!(flags, [true, false, false], "a refused hash does not count");

    // An earlier run had a hash to join; this run has none.
    let line = r#"{"source":"x","line":1,"byte":0,"problems":[],"password":true,"user":{"email":"E"}}"#;
    let good = line.replace("\"E\"", "\"e@example.com\"");
    let lines = format!("{}\n{good}", line.replace("\"E\"", "\"bad\""));
    let (summary, flags) =
        Pipeline::new().run([source("rejected.ndjson", lines)], &everyone(), Flags::default()).unwrap();
    assert_eq!((flags, summary.written, summary.passwords_left), (vec![true], 1, 1));
}

#[test]
fn duplicate_of_earlier_run_is_rejected_until_resolved() {
    let line = r#"{"source":"x","line":1,"byte":0,"problems":[{"rule":"duplicate","path":"email","message":"m"}],"user":{"email":"e@example.com"}}"#;
    let seen = run(&everyone(), line).unwrap();
    assert_eq!(seen.rejected, ["duplicate"]);
    let message = |line: &str| {
        let seen = run(&everyone(), line).unwrap();
        seen.summary.rejected_places["duplicate"][0].message.clone()
    };
    let rest = "; an earlier run found this: expected a decision; delete the line, or delete the entry `duplicate` from \
                its `problems` to import this user";
    assert_eq!(
        message(line),
        format!("already used by another user{rest}"),
        "what is not a place may be a value"
    );
    let placed = line.replace("\"m\"", "\"already used by a.json line 7\"");
    let again = message(&placed);
    assert_eq!(again, format!("already used by a.json line 7{rest}"));
    assert_eq!(
        message(&line.replace("\"m\"", &serde_json::to_string(&again).unwrap())),
        again,
        "a third run"
    );
    let decided = line.replace(r#"{"rule":"duplicate","path":"email","message":"m"}"#, "");
    assert_eq!(run(&everyone(), decided).unwrap().users, [r#"{"email":"e@example.com"}"#]);
}

#[test]
fn hash_in_a_user_record_belongs_to_that_user() {
    let user =
        |hash: &str| format!(r#"{{"passwordHash":{hash},"user_id":"auth0|a","email":"a@example.com"}}"#);
    let fine = user(&format!("{FINE:?}"));
    let seen = run(&everyone(), fine.clone()).unwrap();
    assert_eq!(
        seen.users,
        [format!(r#"{{"password_hash":"{FINE}","user_id":"a","email":"a@example.com"}}"#)]
    );
    assert_eq!(seen.facts(Topic::Fixed), [("title-renamed passwordHash", 1)]);
    let later = format!("{}\n{}", r#"{"user_id":"auth0|z","email":"z@example.com"}"#, fine);
    assert_eq!(run(&everyone(), later).unwrap().summary.with_password, 1);
    assert_eq!(run(&everyone(), user("null")).unwrap().users, [r#"{"user_id":"a","email":"a@example.com"}"#]);
    assert_eq!(run(&everyone(), user("\"md5\"")).unwrap().rejected, ["invalid-bcrypt"]);
    // A hash of a joined file does not replace it.
    let table = table(&hash(r#""_id":"a""#, &ending('x')));
    let seen = run(&everyone().passwords(table), fine).unwrap();
    assert_eq!(
        (seen.facts(Topic::Password), &passwords(&seen)[0]),
        (vec![("its own", 1)], &format!("{FINE:?}"))
    );
}

#[test]
fn dropped_password_like_properties_are_counted() {
    let user = r#"{"email":"a@example.com","hashed_password":"5f4dcc3b","legacy":"$2y$10$abc","shoe":"$5","password":null}"#;
    let seen = run(&everyone(), user).unwrap();
    assert_eq!(seen.facts(Topic::PasswordLike), [("hashed_password", 1), ("legacy", 1)]);
    let both = format!(r#"{{"email":"a@example.com","password_hash":"{FINE}","passwordHash":"{FINE}"}}"#);
    assert_eq!(run(&everyone(), both).unwrap().facts(Topic::PasswordLike), [("passwordHash", 1)]);
}

#[test]
fn hash_file_without_any_match_fails_the_run() {
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
fn empty_or_limited_run_needs_no_matching_hash() {
    assert!(run(&everyone().passwords(table(HASHES)), "[]").is_ok());
    assert!(run(&everyone().passwords(table(HASHES)), r#"{"user_id":"github|1"}"#).is_ok());
    let two = format!("{}\n{}", r#"{"user_id":"auth0|q","email":"q@example.com"}"#, USERS);
    let inputs = [source("users", two)];
    let limited = Pipeline::new().limit(1).run(inputs, &everyone().passwords(table(HASHES)), Seen::default());
    assert!(limited.is_ok());
}

#[test]
fn hash_of_a_linked_login_is_not_an_orphan() {
    let user = r#"{"user_id":"auth0|a","email":"a@example.com","identities":[{"provider":"auth0","user_id":"a"},{"provider":"auth0","user_id":"b"}]}"#;
    let id = |id: &str| hash(&format!(r#""_id":{{"$oid":"{id}"}}"#), FINE);
    let table = table(&[id("a"), id("b"), id("c")].join("\n"));
    let seen = run(&everyone().passwords(Arc::clone(&table)), user).unwrap();
    assert_eq!(seen.facts(Topic::Password), [("by id", 1)]);
    assert_eq!(table.orphans().map(|orphan| orphan.line).collect::<Vec<_>>(), [3]);
}

#[test]
fn promoted_login_gets_only_its_own_secret() {
    let user = r#"{"user_id":"github|1","multifactor":["guardian"],"identities":[{"provider":"github","user_id":1},{"provider":"auth0","user_id":"b","profileData":{"email":"b@example.com"}}]}"#;
    let users = |id: &str| {
        let secrets = secrets_of(id);
        let rules = everyone().linked(Linked::Promote).mfa_secrets(Arc::clone(&secrets));
        let seen = run(&rules, user).unwrap();
        assert_eq!(secrets.orphans(), 0, "{id} was read");
        (seen.users.concat(), seen.facts(Topic::Warned).len())
    };
    assert_eq!(
        users("auth0|b"),
        (r#"{"user_id":"b","email":"b@example.com","mfa_factors":[{"totp":{"secret":"AB"}}]}"#.to_owned(), 0)
    );
    assert_eq!(users("github|1"), (r#"{"user_id":"b","email":"b@example.com"}"#.to_owned(), 1));
    let primary = r#"{"user_id":"auth0|p","email":"p@example.com","identities":[{"provider":"auth0","user_id":"p"},{"provider":"auth0","user_id":"b"}]}"#;
    let seen = run(&everyone().mfa_secrets(secrets_of("auth0|b")), primary).unwrap();
    assert_eq!(seen.users, [r#"{"user_id":"p","email":"p@example.com"}"#]);
}

#[test]
fn lists_contain_no_user_after_the_limit() {
    let limited = |limit| {
        let rules = everyone().passwords(table(HASHES));
        let users: Vec<String> =
            (0..3).map(|id| format!("{{\"user_id\":\"auth0|{id}\",\"email\":\"{id}@a.example\"}}")).collect();
        let users = [source("a,b", users.join("\n"))];
        Pipeline::new().limit(limit).run(users, &rules, Seen::default()).unwrap().1
    };
    assert_eq!(
        limited(2).side(SideFile::NoPassword),
        ["\"a,b\",1,auth0|0,0@a.example,not in the file", "\"a,b\",2,auth0|1,1@a.example,not in the file"]
    );
}

#[test]
fn update_writes_no_passwords() {
    let rules = everyone().purpose(Purpose::Update).passwords(table(HASHES));
    let seen = run(&rules, USERS).unwrap();
    assert_eq!(seen.facts(Topic::Password), []);
    assert!(passwords(&seen).iter().all(|hash| hash == "none"));
}

#[test]
fn bad_lines_are_counted_and_the_first_is_reported() {
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
fn file_without_hashes_is_an_error() {
    let error_of = |text: &str| {
        let error = PasswordTable::new().read(source("file", text)).unwrap_err();
        (error.category(), error.to_string())
    };
    assert_eq!(
        error_of(USERS),
        (
            Category::Input,
            "file: expected an export of password hashes, but found none in 10 records; line 1: expected \
             passwordHash or custom_password_hash, but found neither"
                .to_owned()
        )
    );
    assert_eq!(error_of("[]").1, "file: expected an export of password hashes, but found none in 0 records");
    assert_eq!(
        error_of("-----BEGIN PGP MESSAGE-----\n\nabc").1,
        "file: this is encrypted with PGP: decrypt it, for example with `gpg -d FILE`"
    );
}

#[test]
fn multiline_array_of_hashes_is_read() {
    let rows: Vec<&str> = HASHES.lines().collect();
    let table = table(&format!("[\n  {}\n]", rows.join(",\n  ")));
    assert_eq!(table.hashes(), 8);
}

#[test]
fn secrets_become_factors_of_users_without_factors() {
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
    assert_eq!(seen.facts(Topic::MfaSecret), [("joined", 2), ("none: has factors of its own", 1)]);
    assert_eq!(seen.facts(Topic::Warned), [("mfa-lost", 1)]);
    let read = &secrets.files()[0];
    assert_eq!((read.usable, read.bad, read.recovery_codes), (4, 2, 2));
    let bad = read.first_bad.as_ref().unwrap();
    assert_eq!(
        (bad.line, &*bad.message),
        (4, "expected a secret in Base32 (A to Z and 2 to 7), but found other characters")
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
fn recovery_codes_are_not_secrets() {
    let error = MfaSecrets::new().read(source("file", r#"{"user_id":"a","recovery_code":"x"}"#)).unwrap_err();
    assert_eq!(error.to_string(), "file: expected an export of MFA secrets, but found none in 1 records");
}

#[test]
fn debug_shows_no_hash() {
    let table = table(HASHES);
    assert_eq!(format!("{table:?}"), "PasswordTable(8 hashes of 1 files)");
    assert!(!format!("{:?}", everyone().passwords(table)).contains("$2b$"));
}

/// Returns a login of connection C with the id `a`, the address a@example.com, and `more` members.
fn of_c(more: &str) -> String {
    format!(
        r#"{{"user_id":"auth0|a","email":"a@example.com","created_at":"2025-01-01T00:00:00Z","identities":[{{"provider":"auth0","connection":"C","user_id":"a"}}]{more}}}"#
    )
}

/// Returns edits with these moves, drops and sets.
fn edits(moves: &[(&str, &str)], drops: &[&str], sets: &[(&str, &str)]) -> Edits {
    let path = |text: &str| text.parse::<crate::path::FieldPath>().unwrap();
    let edits = moves.iter().fold(Edits::new(), |edits, (from, to)| edits.move_to(path(from), path(to)));
    let edits = drops.iter().fold(edits, |edits, at| edits.drop_at(path(at)));
    sets.iter().fold(edits, |edits, (at, json)| edits.set(path(at), json).unwrap())
}

#[test]
fn edits_do_not_change_the_joined_hash() {
    let own = hash(r#""_id":"a","connection":"C""#, &ending('a'));
    let elsewhere = hash(r#""_id":"a","connection":"D""#, &ending('d'));
    let other = hash(r#""_id":"q","connection":"C""#, &ending('q'));
    let got = |user: &str, hashes: &[&String], edits: Edits, linked| {
        let known = hash(r#""_id":"known""#, FINE);
        let lines: Vec<&str> = hashes.iter().map(|line| line.as_str()).chain([&*known]).collect();
        let rules = everyone().require([]).linked(linked).edits(edits).passwords(table(&lines.join("\n")));
        let users = format!("{user}\n{}", r#"{"user_id":"auth0|known","email":"k@example.com"}"#);
        passwords(&run(&rules, users).unwrap()).remove(0).chars().rev().nth(1).unwrap()
    };
    let none = 'n';
    let drop = |paths: &[&str]| edits(&[], paths, &[]);
    let keep = Linked::Skip;
    for dropped in
        [&["identities"][..], &["identities[0].connection"], &["user_id"], &["user_id", "identities"]]
    {
        assert_eq!(got(&of_c(""), &[&own, &elsewhere], drop(dropped), keep), 'a', "{dropped:?}");
        assert_eq!(got(&of_c(""), &[&elsewhere], drop(dropped), keep), none, "{dropped:?}");
    }
    let to_d = edits(&[], &[], &[("identities[0].connection", "\"D\"")]);
    assert_eq!(got(&of_c(""), &[&own, &elsewhere], to_d, keep), none);
    let renamed = edits(&[("user_metadata.old", "Id")], &["user_id"], &[]);
    let claims = of_c(r#","user_metadata":{"old":"q"}"#);
    assert_eq!(got(&claims, &[&other], renamed, keep), none, "a value that users write");
    let disagrees = of_c("").replace(r#""user_id":"a"}"#, r#""user_id":"q"}"#);
    for dropped in [&["user_id"][..], &["identities"], &["identities[0].user_id"]] {
        assert_eq!(got(&disagrees, &[&own, &other], drop(dropped), keep), none, "{dropped:?}");
    }
    let linked = |primary: &str, provider: &str| {
        format!(
            r#"{{"user_id":"{primary}","email":"p@example.com","identities":[{{"provider":"{provider}","connection":"C","user_id":"p"}},{{"provider":"auth0","connection":"C","user_id":"q","profileData":{{"email":"q@example.com"}}}}]}}"#
        )
    };
    let first = drop(&["identities[0]", "user_id"]);
    assert_eq!(got(&linked("auth0|p", "auth0"), &[&other], first.clone(), keep), none);
    // Edits made the linked login the user, so that login counts.
    assert_eq!(got(&linked("github|p", "github"), &[&other], first, keep), 'q');
    let harmless = drop(&["app_metadata"]);
    assert_eq!(got(&linked("github|p", "github"), &[&other], harmless, Linked::Promote), 'q');
    let elsewhere = edits(&[], &[], &[("identities[1].connection", "\"D\"")]);
    assert_eq!(got(&linked("github|p", "github"), &[&other], elsewhere, Linked::Promote), none);
}

#[test]
fn invalid_connection_is_not_treated_as_absent() {
    let user = |connection: &str| {
        format!(
            r#"{{"user_id":"auth0|a","email":"a@example.com","identities":[{{"provider":"auth0","connection":{connection},"user_id":"a"}}]}}"#
        )
    };
    let of_d = hash(r#""_id":"a","connection":"D""#, FINE);
    let facts = |user: &str, hash: &str| joined(user, hash).1;
    assert_eq!(facts(&user(r#"["C"]"#), &of_d), ["none: other connection"]);
    assert_eq!(facts(&user("null"), &of_d), ["by id"]);
    // The title counts if the identity names no connection.
    for blank in ["null", "\"\""] {
        let titled = user(blank).replacen('{', r#"{"Connection":"C","#, 1);
        assert_eq!(facts(&titled, &of_d), ["none: other connection"], "{blank}");
    }
    let odd = hash(r#""_id":"a","connection":["C"]"#, FINE);
    assert_eq!(facts(&user("\"C\""), &odd), ["none: not in the file"]);
}

#[test]
fn hash_without_connection_matches_one_login_only() {
    let users = |connections: [&str; 2]| {
        connections.map(|name| {
            format!(r#"{{"user_id":"auth0|a","email":"{name}@example.com","identities":[{{"provider":"auth0","connection":"{name}","user_id":"a"}}]}}"#)
        }).join("\n")
    };
    let unnamed = || everyone().passwords(table(&hash(r#""_id":"a""#, FINE)));
    let error = run(&unnamed(), users(["C", "D"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "hashes: line 1: this password hash has no connection, but users of several connections have its id: add the connection of its user"
    );
    assert!(run(&unnamed(), users(["C", "C"])).is_ok());
    let named = everyone().passwords(table(&hash(r#""_id":"a","connection":"C""#, FINE)));
    assert_eq!(run(&named, users(["C", "D"])).unwrap().summary.with_password, 1);
}

#[test]
fn latest_record_is_used_even_without_hash() {
    let record = |day: u32, tenant: &str, hash: &str| {
        format!(
            r#"{{"_id":"a","connection":"C","tenant":"{tenant}","password_set_date":"2025-01-0{day}T00:00:00Z"{hash}}}"#
        )
    };
    let with = format!(r#","passwordHash":"{FINE}""#);
    let facts = |records: [String; 2]| joined(&of_c(""), &records.join("\n")).1;
    assert_eq!(facts([record(1, "s", &with), record(2, "s", "")]), ["none: no hash in its record"]);
    assert_eq!(facts([record(2, "s", &with), record(1, "s", "")]), ["by id"]);
    assert_eq!(facts([record(2, "s", &with), record(2, "s", "")]), ["none: several hashes"]);
    assert_eq!(
        facts([record(1, "s", ""), record(2, "t", &with)]),
        ["none: several hashes"],
        "of two tenants"
    );
}

#[test]
fn email_join_needs_user_without_id_and_unique_email() {
    let of_a = of_address("q", 120);
    let facts = |users: &[&str], hashes: &[&str]| {
        let known = r#"{"user_id":"auth0|known","email":"k@x.example","Connection":"C"}"#;
        let users: Vec<&str> = users.iter().copied().chain([known]).collect();
        let of_known = format!(r#"{{"_id":"known","connection":"C","passwordHash":"{FINE}"}}"#);
        let hashes: Vec<&str> = hashes.iter().copied().chain([&*of_known]).collect();
        let seen = by_email(&users, &hashes, everyone().linked(Linked::Promote));
        let facts = seen.facts(Topic::Password).into_iter().filter(|(name, _)| *name != "by id");
        facts.map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(facts(&[NEW], &[&of_a]), "by email 1");
    assert_eq!(facts(&[NEW], &[&of_a, &of_a]), "by email 1", "the same record twice");
    // An id under any name, and an id that is not a string.
    for id in [r#""user_id":null,"Id":"auth0|y""#, r#""USER_ID":"auth0|y""#, r#""user_id":{"x":1}"#] {
        let user = NEW.replacen('{', &format!("{{{id},"), 1);
        assert!(!facts(&[&user], &[&of_a]).contains("by email"), "{id}");
    }
    let social = r#"{"user_id":"github|p","created_at":"2025-01-01T00:02:00Z","identities":[{"provider":"github","user_id":"p"},{"provider":"auth0","connection":"C","profileData":{"email":"a@x.example"}}]}"#;
    assert_eq!(facts(&[social], &[&of_a]), "none: no id 1");
    // The id of the hash, wherever it is.
    for other in [
        r#"{"user_id":"x"}"#,
        r#"{"user_id":null,"Id":"auth0|q"}"#,
        r#"{"email":"q@x.example","USER_ID":"q"}"#,
    ] {
        let other = other.replace("\"x\"", "\"q\"");
        assert!(facts(&[NEW, &other], &[&of_a]).contains("none: e-mail address of another id 1"), "{other}");
    }
    let numeric = r#"{"user_id":77,"email":"n@x.example"}"#;
    assert!(facts(&[NEW, numeric], &[&of_address("77", 120)]).contains("e-mail address of another id 1"));
    assert_eq!(facts(&[NEW, r#"{"user_id":"auth0|q""#], &[&of_a]), "none: an unreadable record 1");
    // The address without a connection may belong to the same user.
    let unnamed = r#"{"user_id":"auth0|z","email":"A@x.example"}"#;
    assert!(facts(&[NEW, unnamed], &[&of_a]).contains("none: e-mail address not unique 1"));
    let unnamed = of_address("z", 0).replace(r#""connection":"C","#, "");
    assert!(facts(&[NEW], &[&of_a, &unnamed]).contains("none: e-mail address not unique 1"));
    let among = of_address("z", 0).replace("A@x", "b@x").replacen(
        '{',
        r#"{"identifiers":[{"type":"email","value":"a@x.example"}],"#,
        1,
    );
    assert!(facts(&[NEW], &[&of_a, &among]).contains("none: e-mail address not unique 1"));
}

#[test]
fn rejected_records_join_by_id_only() {
    let line = |user: &str| format!(r#"{{"source":"x","line":1,"byte":0,"problems":[],"user":{user}}}"#);
    let seen = by_email(&[&line(NEW)], &[&of_address("x", 120)], everyone());
    assert_eq!(seen.facts(Topic::Password), [("none: a rejected record alone", 1)]);
    let seen = run(&everyone().passwords(table(HASHES)), line(&of_c("")));
    assert_eq!(seen.unwrap().facts(Topic::Password), [("none: not in the file", 1)]);
}

#[test]
fn promoted_login_does_not_get_hash_of_its_user() {
    let user = format!(
        r#"{{"user_id":"github|1","passwordHash":"{FINE}","identities":[{{"provider":"github","user_id":1}},{{"provider":"auth0","connection":"C","profileData":{{"email":"b@example.com","Id":"zz","USER_ID":"zy"}}}}]}}"#
    );
    let of_zz = format!("{}\n{}", hash(r#""_id":"zz""#, FINE), hash(r#""_id":"zy""#, FINE));
    let rules = everyone().linked(Linked::Promote).passwords(table(&of_zz));
    let users = format!("{user}\n{}", r#"{"user_id":"auth0|zz","email":"z@example.com"}"#);
    let seen = run(&rules, users).unwrap();
    assert_eq!(seen.users[0], r#"{"email":"b@example.com"}"#);
    assert!(seen.facts(Topic::Warned).contains(&("password-not-promoted", 1)));
}

#[test]
fn edited_id_of_user_with_hash_is_a_warning() {
    let user = of_c(&format!(r#","password_hash":"{FINE}""#));
    let warned =
        |edits: Edits| run(&everyone().edits(edits), user.clone()).unwrap().facts(Topic::Warned).len();
    assert_eq!(warned(edits(&[], &[], &[("user_id", "\"auth0|victim\"")])), 1);
    assert_eq!(warned(edits(&[], &["created_at"], &[])), 0);
}

#[test]
fn null_hash_is_replaced_by_another_spelling() {
    let user = format!(r#"{{"password_hash":null,"passwordHash":"{FINE}","email":"a@example.com"}}"#);
    assert_eq!(
        run(&everyone(), user).unwrap().users,
        [format!(r#"{{"password_hash":"{FINE}","email":"a@example.com"}}"#)]
    );
}

#[test]
fn unjoined_factors_are_counted() {
    let factors = |count: usize| {
        let each = vec![r#"{"totp":{"secret":"JBSWY3DPEHPK3PXP"}}"#; count].join(",");
        format!(r#"{{"user_id":"a","mfa_factors":[{each},{{"phone":{{"value":"+1"}}}}]}}"#)
    };
    let read = |text: String| MfaSecrets::new().read(source("file", text));
    let ten = read(factors(10)).unwrap();
    assert_eq!((ten.users(), ten.files()[0].other_factors), (1, 1));
    assert_eq!(
        read(factors(11)).unwrap_err().to_string(),
        "file: expected an export of MFA secrets, but found none in 1 records; line 1: expected at most 10 factors, but \
         found more"
    );
}
