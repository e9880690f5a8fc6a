//! The name, the level and the words of remarks.

use super::{Level, Listed, Remark};
use crate::report::input_remark::InputRemark;

/// Remarks with a count, each for one and for several, with level, name and words.
fn counted(count: u64) -> Vec<Remark> {
    let listed = || Listed::In("parts/list.csv".to_owned());
    let reasons = vec![("not in the file".to_owned(), count)];
    vec![
        Remark::BrokenCells(count),
        Remark::NoPassword(count),
        Remark::NotJoined { users: count, reasons: reasons.clone(), listed: listed() },
        Remark::StalePassword { users: count, listed: Listed::Nowhere },
        Remark::JoinedByEmail { users: count, listed: Listed::NotSelected },
        Remark::PasswordsLeft(count),
        Remark::SecretsNotJoined(reasons),
        Remark::PasswordLike { property: "old.hash".to_owned(), users: count },
        Remark::RecoveryCodes(count),
        Remark::OtherFactors(count),
        Remark::LargeParts { parts: count, limit: 500_000 },
        Remark::TooManyUsers { file: "-".to_owned(), users: count, limit: 1000 },
        Remark::UnusableRecords {
            file: "hashes.json".to_owned(),
            unusable: count,
            without_id: count - 1,
            records: count,
            first: (3, "expected an object".to_owned()),
            refused: count,
        },
        Remark::MixedUserIds {
            source: "a.json".to_owned(),
            with: count,
            without: 2,
            more: count as usize - 1,
        },
        Remark::Input(InputRemark::OnlyRejected { hashes: count - 1 }),
    ]
}

fn shown(remarks: &[Remark]) -> Vec<String> {
    let label = |remark: &Remark| match remark.level() {
        Level::Warning => "warning",
        Level::Note => "note",
    };
    remarks.iter().map(|remark| format!("{} {}: {}", label(remark), remark.name(), remark.words())).collect()
}

#[test]
fn remarks_about_one() {
    assert_eq!(
        shown(&counted(1)),
        [
            "warning lone-surrogate: 1 cell with a lone surrogate, written as U+FFFD",
            "note no-password: 1 user has no password: they must set a new one (see --passwords)",
            "warning no-password: 1 user gets no password (not in the file 1): see parts/list.csv",
            "warning stale-password: 1 user gets a password that was changed later: convert to a folder to list them",
            "warning password-by-email: 1 user gets a password joined by e-mail address: write parts to a folder to list them (--max-part-users)",
            "warning password-left: 1 user had a password hash when an earlier run rejected it, and gets none now: give --passwords again",
            "warning no-mfa-secret: 1 user whose record of MFA secrets was not joined: not in the file 1",
            "warning password-like-property: old.hash was dropped from 1 user and looks like a password hash: --move '[\"old.hash\"]=password_hash' keeps it",
            "note recovery-codes: 1 recovery code in the files of MFA secrets: they cannot be imported",
            "warning other-factors: 1 factor other than TOTP in the files of MFA secrets: they are not joined",
            "warning large-parts: 1 part has more than the 500,000 bytes that an import job accepts: lower --max-part-bytes",
            "warning too-many-users: standard output has 1 user, more than 1,000 (--max-part-users); name a folder with -o to divide it into parts",
            "warning unusable-records: hashes.json: 1 of 1 record cannot be used; the first is on line 3: expected an object; not counted here: 1 hash that the rules refuse",
            "warning mixed-user-ids: a.json has user ids with a strategy prefix (1) and without (2); if it is an import file, use --user-ids bare: otherwise the prefix is removed, or the users are skipped",
            "note only-rejected: only users that an earlier run rejected were read. They are not compared with its other users: an import job refuses a user with the identifier of another",
        ]
    );
}

#[test]
fn remarks_about_several() {
    assert_eq!(
        shown(&counted(1234)),
        [
            "warning lone-surrogate: 1,234 cells with a lone surrogate, written as U+FFFD",
            "note no-password: 1,234 users have no password: they must set a new one (see --passwords)",
            "warning no-password: 1,234 users get no password (not in the file 1,234): see parts/list.csv",
            "warning stale-password: 1,234 users get a password that was changed later: convert to a folder to list them",
            "warning password-by-email: 1,234 users get passwords joined by e-mail address: write parts to a folder to list them (--max-part-users)",
            "warning password-left: 1,234 users had a password hash when an earlier run rejected them, and get none now: give --passwords again",
            "warning no-mfa-secret: 1,234 users whose record of MFA secrets was not joined: not in the file 1,234",
            "warning password-like-property: old.hash was dropped from 1,234 users and looks like a password hash: --move '[\"old.hash\"]=password_hash' keeps it",
            "note recovery-codes: 1,234 recovery codes in the files of MFA secrets: they cannot be imported",
            "warning other-factors: 1,234 factors other than TOTP in the files of MFA secrets: they are not joined",
            "warning large-parts: 1,234 parts have more than the 500,000 bytes that an import job accepts: lower --max-part-bytes",
            "warning too-many-users: standard output has 1,234 users, more than 1,000 (--max-part-users); name a folder with -o to divide it into parts",
            "warning unusable-records: hashes.json: 1,234 of 1,234 records cannot be used, 1,233 of them without an id; the first is on line 3: expected an object; not counted here: 1,234 hashes that the rules refuse",
            "warning mixed-user-ids: a.json has user ids with a strategy prefix (1,234) and without (2), and so do 1,233 other files; if it is an import file, use --user-ids bare: otherwise the prefix is removed, or the users are skipped",
            "note only-rejected: only users that an earlier run rejected were read. They are not compared with its other users: an import job refuses a user with the identifier of another; `hashes without a user` (1,233) counts the hashes of all other users",
        ]
    );
}

#[test]
fn remarks_without_a_count() {
    let cells =
        |columns: usize| (0..columns).map(|column| (format!("c{column}"), 7 - column as u64)).collect();
    let tenants = vec!["a".to_owned(), "b".to_owned()];
    assert_eq!(
        shown(&[
            Remark::Unset("app_metadata.plan".to_owned()),
            Remark::Mistyped("logins_count = 7 compares a number with strings".to_owned()),
            Remark::TooLargeFile { file: "users.json".to_owned(), bytes: 600_000, limit: 500_000 },
            Remark::TooLargeFile { file: "-".to_owned(), bytes: 600_000, limit: 500_000 },
            Remark::SeveralConnections,
            Remark::FormulaCells(cells(1)),
            Remark::FormulaCells(cells(7)),
            Remark::SeveralTenants { what: "hashes", tenants },
            Remark::HashesLeftOut,
            Remark::Lacking("no user has a name"),
            Remark::Input(InputRemark::NothingFixed { file: "rejected.ndjson".to_owned() }),
        ]),
        [
            "warning unset-path: app_metadata.plan could not be set in any record: a value above it is not an object",
            "warning mistyped-condition: logins_count = 7 compares a number with strings",
            "warning too-large-file: users.json has 600,000 bytes, but an import job accepts at most 500,000 (--max-part-bytes); name a folder with -o to divide it into parts",
            "warning too-large-file: standard output has 600,000 bytes, but an import job accepts at most 500,000 (--max-part-bytes); name a folder with -o to divide it into parts",
            "warning several-connections: an import job fills one connection: convert needs --by-connection, --connection NAME or --merge-connections",
            "warning spreadsheet-formula: 7 cells that a spreadsheet would run as a formula: c0 7; --csv-escape formulas escapes them, --csv-escape none keeps them without this warning",
            "warning spreadsheet-formula: 28 cells that a spreadsheet would run as a formula: c0 7, c1 6, c2 5, c3 4, c4 3 and 2 more columns; --csv-escape formulas escapes them, --csv-escape none keeps them without this warning",
            "warning several-tenants: the hashes belong to 2 tenants: a, b",
            "warning hashes-left-out: --for update does not import passwords: the files of --passwords are not used",
            "note lacking: no user has a name",
            "warning nothing-fixed: no record of rejected.ndjson can be imported yet: correct the `user` of each line as its `problems` say, in this file",
        ]
    );
}

#[test]
fn json_names_what_the_options_named() {
    let unseen = |nearest: Option<&str>| Remark::UnseenPath {
        path: "emial".to_owned(),
        nearest: nearest.map(str::to_owned),
        limited: false,
    };
    assert_eq!(
        unseen(Some("email")).unseen_json(),
        Some(serde_json::json!({"path": "emial", "nearest": "email"}))
    );
    assert_eq!(unseen(None).unseen_json(), Some(serde_json::json!({"path": "emial", "nearest": null})));
    let unset = Remark::Unset("a.b".to_owned());
    assert_eq!(unset.unseen_json(), Some(serde_json::json!({"path": "a.b", "nearest": null})));
    assert_eq!(Remark::HashesLeftOut.unseen_json(), None);
    assert_eq!(
        Remark::HashesLeftOut.json(),
        serde_json::json!({
            "name": "hashes-left-out",
            "message": "--for update does not import passwords: the files of --passwords are not used",
        })
    );
}
