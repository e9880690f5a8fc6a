//! Error lists in every shape, and who is retried by them.

use proptest::prelude::*;

use super::Remedy::{Again, Hopeless, Mend};
use super::{CodeFilter, Fate, JobErrors, Refused, Retry, RetryPlan};
use crate::import::testing::{Seen, run, source};
use crate::import::{Connections, Edits, Identifier, Linked};
use crate::{Category, Rules, Topic};

const LIST: &str = include_str!("../../../../../testdata/import-errors.json");

fn errors(text: &str) -> JobErrors {
    JobErrors::new().read(source("errors.json", text)).expect("it is an error list")
}

fn retry(list: &str, filter: &CodeFilter, rules: Rules) -> Retry {
    Retry::new(RetryPlan::new(errors(list), filter), rules)
}

fn all(list: &str) -> Retry {
    retry(list, &CodeFilter::new(), Rules::default().require([]))
}

fn numbers<'p>(refused: impl Iterator<Item = &'p Refused>) -> Vec<u64> {
    refused.map(Refused::number).collect()
}

/// The parts whose jobs gave the sample list: its users, and others.
const PART: &str = r#"[
{"user_id":"73e46a7ffe78ea20e41b66d4","email":"bo@example.com"},
{"user_id":"fine","email":"fine@example.com"},
{"email":"both@example.com","password_hash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"},
{"email":"Antoine@example.com","mfa_factors":[{"phone":{"value":"+5551112233"}}]},
{"user_id":"1","email":"types@example.com"},
{"user_id":"dup-1","email":"dup@example.com"},
{"user_id":"dup-2","email":"dup@example.com"},
{"user_id":"ivo","email":"ivo@example.org","username":"ivo.the.very.long.username"}
]"#;

#[test]
fn exactly_the_refused_users_are_retried() {
    let retry = all(LIST);
    let seen = run(&retry, PART).unwrap();
    let written: Vec<_> = seen.users.iter().map(|user| user.split('"').nth(3).unwrap()).collect();
    assert_eq!(written, ["both@example.com", "Antoine@example.com", "1", "dup-2", "ivo"]);
    assert_eq!((seen.summary.left_out, seen.summary.written), (3, 5));
    assert!(seen.users[0].contains("$2b$10$"), "hashes come from the part, since the list masks them");
    assert_eq!(numbers(retry.plan().of(Fate::AlreadyThere)), [1]);
    // No such address in the part, and a user who shows no identifier at all.
    assert_eq!(numbers(retry.plan().not_found()), [2, 4]);
    let nobody = retry.plan().not_found().last().unwrap();
    assert!(Identifier::ALL.iter().all(|identifier| nobody.identifier(*identifier).is_none()));
    assert_eq!(format!("{nobody:?}"), "Refused(errors.json, user 4: OBJECT_REQUIRED)");
}

#[test]
fn what_the_errors_mean_is_told() {
    let retry = all(LIST);
    let told: Vec<_> =
        retry.plan().explained().into_iter().map(|(code, users)| (code.name, code.remedy, users)).collect();
    assert_eq!(
        told,
        [
            ("MFA_FACTORS_FAILED", Again, 1),
            ("FORMAT", Mend, 1),
            ("INVALID_TYPE", Mend, 1),
            ("MAX_LENGTH", Mend, 1),
            ("NOT_PASSED", Mend, 1),
            ("OBJECT_REQUIRED", Mend, 1),
            ("DUPLICATED_USER", Hopeless, 1),
        ]
    );
    assert_eq!(
        retry.plan().explained()[6].0.meaning,
        "Another user of the same file has this identifier, and came first: decide which of the two is right."
    );
    let errors = errors(LIST);
    let paths: Vec<_> = errors.refused()[5].errors().iter().map(super::JobError::path).collect();
    assert_eq!(paths, [Some("email_verified"), Some("nickname")]);
}

#[test]
fn users_are_chosen_by_the_codes_of_their_errors() {
    let fates = |filter: CodeFilter| {
        let plan = RetryPlan::new(errors(LIST), &filter);
        (numbers(plan.of(Fate::Retried)), numbers(plan.of(Fate::AlreadyThere)))
    };
    assert_eq!(fates(CodeFilter::new().only("FORMAT")), (vec![2], vec![]));
    assert_eq!(fates(CodeFilter::new().only("invalid_format").only("MAX_LENGTH")), (vec![2, 7], vec![]));
    assert_eq!(
        fates(CodeFilter::new().not("DUPLICATED_USER").not("OBJECT_MISSING_REQUIRED_PROPERTY")),
        (vec![2, 3, 5, 6, 7], vec![])
    );
    let plan = RetryPlan::new(errors(LIST), &CodeFilter::new().only("FORMAT"));
    assert_eq!(plan.of(Fate::Filtered).count(), 7);
    assert_eq!(numbers(plan.not_found()), [2]);
}

#[test]
fn edits_mend_what_was_refused_after_it_was_recognised() {
    let edits = Edits::new()
        .drop_at("username".parse().unwrap())
        .set("email".parse().unwrap(), "\"new@example.com\"")
        .unwrap();
    let rules = Rules::default().edits(edits);
    let seen = run(&retry(LIST, &CodeFilter::new().only("MAX_LENGTH"), rules), PART).unwrap();
    assert_eq!(seen.users, [r#"{"user_id":"ivo","email":"new@example.com"}"#]);
    assert_eq!(seen.facts(Topic::Fixed), [("dropped username", 1), ("set email", 1)]);
}

#[test]
fn users_come_from_exports_too() {
    let export = [
        r#"{"Id":"auth0|a","Email":"A@example.com"}"#,
        r#"{"user_id":"github|1","email":"a@example.com"}"#,
        r#"{"user_id":"github|2","identities":[{"provider":"github"},{"provider":"auth0","user_id":"b","profileData":{"email":"b@example.com"}}]}"#,
        "{oops}",
    ];
    let list = r#"[{"user":{"user_id":"a"},"errors":[]},{"user":{"user_id":"auth0|b"},"errors":[]},{"user":{"email":"a@example.com"},"errors":[]}]"#;
    let rules = Rules::default().connections(Connections::Any);
    let skipping = retry(list, &CodeFilter::new(), rules.clone());
    let seen = run(&skipping, export.join("\n")).unwrap();
    assert_eq!(seen.users, [r#"{"user_id":"a","email":"A@example.com"}"#]);
    assert_eq!((seen.summary.left_out, seen.rejected.as_slice()), (2, &["invalid-json".to_owned()][..]));
    assert_eq!(numbers(skipping.plan().not_found()), [2]);
    let promoting = retry(list, &CodeFilter::new(), rules.linked(Linked::Promote));
    let seen = run(&promoting, export.join("\n")).unwrap();
    assert_eq!(seen.users[1], r#"{"user_id":"b","email":"b@example.com"}"#);
    assert_eq!(promoting.plan().not_found().count(), 0);
}

#[test]
fn every_shape_of_a_list_is_read() {
    let one = r#"{"user":{"email":"a@example.com"},"errors":[{"code":"FORMAT"}]}"#;
    let job = r#"{"status":"failed","type":"users_import","id":"job_1","status_details":"x"}"#;
    for (text, refused, whole_jobs) in [
        (String::new(), 0, 0),
        (" \n".to_owned(), 0, 0),
        ("[]".to_owned(), 0, 0),
        (format!("[{one}]"), 1, 0),
        (one.to_owned(), 1, 0),
        (format!("{one}\n{one}\n"), 2, 0),
        (format!("[{one}]\n[{one},{one}][]\n{job}"), 3, 1),
        (format!("\u{feff}[[{one}],{job}]"), 1, 1),
        (job.to_owned(), 0, 1),
    ] {
        let errors = errors(&text);
        assert_eq!(
            (errors.refused().len(), errors.whole_jobs(), errors.odd()),
            (refused, whole_jobs, 0),
            "{text}"
        );
    }
    let odd = errors(&format!(r#"[7,{one},{{"user":"a@example.com","errors":[]}},{{"errors":[]}}]"#));
    assert_eq!((odd.refused().len(), odd.odd()), (1, 3));
    assert_eq!(odd.refused()[0].number(), 1);
}

#[test]
fn what_is_no_error_list_is_refused_by_name() {
    for (text, said) in [
        (
            r#"[{"email":"a@example.com"},7]"#,
            "file: expected the error list of an import job (objects with `user` and `errors`), but found 2 other values \
             and nothing else",
        ),
        (
            r#"[{"user":{},"errors":[]}"#,
            "file: expected the error list of an import job, but its JSON is damaged or cut off: expected `,` or `]`, \
             but found the end of the text at column 25",
        ),
        (
            "<!DOCTYPE html><title>Expired</title>",
            "file: this looks like an HTML page: the download link has probably expired (it lives 60 seconds); ask for \
             a new one",
        ),
    ] {
        let error = JobErrors::new().read(source("file", text)).unwrap_err();
        assert_eq!((error.category(), error.to_string().as_str()), (Category::Input, said));
    }
}

#[test]
fn masked_values_tell_nobody_apart() {
    let list = r#"[{"user":{"user_id":"*****","email":"a@example.com"},"errors":[]},{"user":{"email":"*****"},"errors":[]}]"#;
    let retry = all(list);
    let seen =
        run(&retry, r#"[{"user_id":"a","email":"a@example.com"},{"user_id":"b","email":"*****"}]"#).unwrap();
    assert_eq!(seen.users.len(), 1);
    assert_eq!(numbers(retry.plan().not_found()), [2]);
}

/// Identifiers as small numbers, so that many coincide: id, address, username, phone number.
type Ids = [Option<u8>; 4];

fn json(ids: Ids, upper: bool) -> String {
    let (email, username) = if upper { ("E", "U") } else { ("e", "u") };
    let members: Vec<String> =
        [("user_id", ""), ("email", email), ("username", username), ("phone_number", "+")]
            .iter()
            .zip(ids)
            .filter_map(|((name, before), id)| {
                let after = if *name == "email" { "@example.com" } else { "" };
                id.map(|id| format!("\"{name}\":\"{before}{id}{after}\""))
            })
            .collect();
    format!("{{{}}}", members.join(","))
}

/// The same user: the first identifier that both have is equal.
fn same(left: Ids, right: Ids) -> bool {
    left.iter().zip(right).find_map(|(left, right)| Some((*left)? == right?)).unwrap_or(false)
}

proptest! {
    #[test]
    fn those_retried_and_those_not_found_are_what_a_search_through_all_pairs_finds(
        users in prop::collection::vec(prop::array::uniform4(prop::option::of(0..4_u8)), 1..10),
        refused in prop::collection::vec(prop::array::uniform4(prop::option::of(0..4_u8)), 0..10),
    ) {
        let list: Vec<String> =
            refused.iter().map(|ids| format!(r#"{{"user":{},"errors":[]}}"#, json(*ids, true))).collect();
        let rules = Rules::default().require([]).unique([]);
        let retry = retry(&list.join("\n"), &CodeFilter::new(), rules);
        let part: Vec<String> = users.iter().map(|ids| json(*ids, false)).collect();
        let seen: Seen = run(&retry, format!("[{}]", part.join(","))).unwrap();
        let expected: Vec<String> = users
            .iter()
            .zip(part)
            .filter(|(user, _)| refused.iter().any(|refused| same(**user, *refused)))
            .map(|(_, json)| canonical(&json))
            .collect();
        prop_assert_eq!(seen.users.iter().map(|user| canonical(user)).collect::<Vec<_>>(), expected);
        let missing: Vec<u64> = refused
            .iter()
            .enumerate()
            .filter(|(_, refused)| !users.iter().any(|user| same(*user, **refused)))
            .map(|(at, _)| at as u64 + 1)
            .collect();
        prop_assert_eq!(numbers(retry.plan().not_found()), missing);
    }
}

fn canonical(json: &str) -> String {
    serde_json::from_str::<serde_json::Value>(json).expect("users are JSON").to_string()
}
