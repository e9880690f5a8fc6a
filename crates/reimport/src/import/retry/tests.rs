//! Tests error lists of all shapes, and which users they retry.

use proptest::prelude::*;

use super::Remedy::{Fix, Impossible, TryAgain};
use super::{CodeFilter, Fate, JobErrors, Refused, Retry, RetryPlan};
use crate::Rules;
use crate::error::Category;
use crate::import::testing::{Seen, run, source};
use crate::import::{Connections, Edits, Linked};
use crate::pipeline::Pipeline;
use crate::record::{ReadOptions, UserIds};
use crate::run::Topic;
use crate::user::Identifier;

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

/// The part whose jobs returned the sample list: its users, and others.
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
    assert_eq!(numbers(retry.plan().of(Fate::AlreadyExists)), [1]);
    // One address that is not in the part, and one user that shows no identifier at all.
    assert_eq!(numbers(retry.plan().not_found()), [2, 4]);
    let without_identifiers = retry.plan().not_found().last().unwrap();
    assert!(Identifier::ALL.iter().all(|identifier| without_identifiers.identifier(*identifier).is_none()));
    assert_eq!(format!("{without_identifiers:?}"), "Refused(errors.json, user 4: OBJECT_REQUIRED)");
}

#[test]
fn causes_keep_the_spelling_of_the_tenant() {
    let retry = all(LIST);
    let causes = retry.plan().causes();
    let listed: Vec<_> = causes
        .iter()
        .map(|cause| {
            let known = cause.known.expect("all codes of the sample are known");
            let paths: Vec<_> = cause.paths.iter().map(|(path, count)| (path.as_str(), *count)).collect();
            (cause.code.as_deref().unwrap(), known.remedy, cause.users, paths)
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("MFA_FACTORS_FAILED", TryAgain, 1, vec![]),
            ("INVALID_FORMAT", Fix, 1, vec![("email", 1)]),
            ("INVALID_TYPE", Fix, 1, vec![("email_verified", 1), ("nickname", 1)]),
            ("MAX_LENGTH", Fix, 1, vec![("username", 1)]),
            ("NOT_PASSED", Fix, 1, vec![]),
            ("OBJECT_REQUIRED", Fix, 1, vec![("email", 1)]),
            ("DUPLICATED_USER", Impossible, 1, vec![]),
        ]
    );
    assert_eq!(
        causes[6].known.unwrap().meaning,
        "An earlier user of the same file has this identifier: decide which of the two is correct."
    );
    assert_eq!(
        retry.plan().codes(),
        [
            "DUPLICATED_USER",
            "INVALID_FORMAT",
            "INVALID_TYPE",
            "MAX_LENGTH",
            "MFA_FACTORS_FAILED",
            "NOT_PASSED",
            "OBJECT_REQUIRED"
        ]
    );
}

#[test]
fn unknown_causes_are_listed_last() {
    let list = r#"[
        {"user":{"email":"a@example.com"},"errors":[{"code":"NEW_ONE","path":"username"},{"code":"NEW_ONE","path":"username"}]},
        {"user":{"email":"b@example.com"},"errors":[{"code":"NEW_ONE","path":"user_metadata.ada"},{"code":"FORMAT"}]},
        {"user":{"email":"c@example.com"},"errors":[{"code":"ada@example.com is taken"},{}]},
        {"user":{"email":"d@example.com"},"errors":[]},
        {"user":{"email":"e@example.com"}},
        {"errors":[{"code":"DUPLICATED_USER","message":"The user already exist and upsert parameter is false"}]},
        {"errors":[7]}
    ]"#;
    let retry = all(list);
    let plan = retry.plan();
    let listed: Vec<_> = plan
        .causes()
        .into_iter()
        .map(|cause| (cause.code, cause.known.is_some(), cause.users, cause.paths))
        .collect();
    let paths = [("username".to_owned(), 2), ("user_metadata.*".to_owned(), 1)];
    assert_eq!(
        listed,
        [
            (Some("FORMAT".to_owned()), true, 1, vec![]),
            // Three causes: no code, no error list, and a code that is not one word.
            (None, false, 4, vec![]),
            (Some("NEW_ONE".to_owned()), false, 2, paths.to_vec()),
        ]
    );
    assert_eq!(
        (numbers(plan.of(Fate::Retried)), numbers(plan.of(Fate::AlreadyExists))),
        (vec![1, 2, 3, 4, 5, 7], vec![6])
    );
    assert_eq!(plan.codes(), ["DUPLICATED_USER", "FORMAT", "NEW_ONE"]);
}

#[test]
fn list_matching_published_schema_is_read_completely() {
    let text = include_str!("../../../../../testdata/errors/as-the-schema-allows.json");
    let list = errors(text);
    assert_eq!((list.refused().len(), list.odd(), list.unnamed().len()), (4, 0, 0));
    let codes: Vec<Vec<&str>> =
        list.refused().iter().map(|user| user.errors().iter().map(super::JobError::code).collect()).collect();
    assert_eq!(codes, [vec!["DUPLICATED_USER"], vec![], vec![""], vec!["INVALID_FORMAT", ""]]);
    let recorded = errors(include_str!("../../../../../testdata/errors/as-recorded.json"));
    let plan = RetryPlan::new(recorded, &CodeFilter::new());
    assert_eq!(numbers(plan.of(Fate::AlreadyExists)), [1]);
}

#[test]
fn reports_codes_that_no_error_has() {
    let unseen = |filter: CodeFilter| RetryPlan::new(errors(LIST), &filter).codes_unseen().to_vec();
    assert_eq!(unseen(CodeFilter::new()), [""; 0]);
    assert_eq!(unseen(CodeFilter::new().only("FORMAT").not("invalid_type")), [""; 0]);
    assert_eq!(
        unseen(CodeFilter::new().only("MAXLENGTH").only("FORMAT").not("CONFLICT")),
        ["MAXLENGTH", "CONFLICT"]
    );
}

#[test]
fn reports_users_written_unchanged() {
    let unchanged = |filter: &CodeFilter, edits: Edits| {
        let rules = Rules::default().require([]).unique([]).edits(edits);
        let retry = retry(LIST, filter, rules);
        run(&retry, PART).unwrap();
        numbers(retry.plan().unchanged())
    };
    // 5 has an error that may not occur the next time. 1 exists. 2 and 4 are in no part.
    let all = CodeFilter::new();
    assert_eq!(unchanged(&all, Edits::new()), [3, 6, 7, 8]);
    let drop = |path: &str| Edits::new().drop_at(path.parse().unwrap());
    assert_eq!(unchanged(&all, drop("username")), [3, 6, 8]);
    assert_eq!(unchanged(&all, drop("password_hash")), [6, 7, 8]);
    assert_eq!(unchanged(&CodeFilter::new().only("MAX_LENGTH"), drop("picture")), [7]);
    // An error with a path needs another value at the path. Any other edit leaves it unfixed.
    let set = |path: &str, json: &str| Edits::new().set(path.parse().unwrap(), json).unwrap();
    assert_eq!(unchanged(&all, set("blocked", "false")), [6, 7]);
    // For user 7, this sets the value that it already has.
    assert_eq!(unchanged(&all, set("username", r#""ivo.the.very.long.username""#)), [6, 7]);
    assert_eq!(unchanged(&all, set("username", r#""ivo""#)), [6]);
    // A user that the rules reject is not written.
    let bad = Edits::new().set("email".parse().unwrap(), "7").unwrap();
    assert_eq!(unchanged(&all, bad), [0; 0]);
}

#[test]
fn users_are_selected_by_error_code() {
    let fates = |filter: CodeFilter| {
        let plan = RetryPlan::new(errors(LIST), &filter);
        (numbers(plan.of(Fate::Retried)), numbers(plan.of(Fate::AlreadyExists)))
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
fn edits_apply_after_the_user_is_recognized() {
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
fn users_are_also_read_from_exports() {
    let export = [
        r#"{"Id":"auth0|a","Email":"A@example.com"}"#,
        r#"{"user_id":"github|1","email":"a@example.com"}"#,
        r#"{"user_id":"github|2","identities":[{"provider":"github"},{"provider":"auth0","user_id":"b","profileData":{"email":"b@example.com"}}]}"#,
        "{oops}",
    ];
    let list = r#"[{"user":{"user_id":"a"},"errors":[]},{"user":{"user_id":"b"},"errors":[]},{"user":{"email":"a@example.com"},"errors":[]}]"#;
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
fn every_form_of_a_list_is_read() {
    let one = r#"{"user":{"email":"a@example.com"},"errors":[{"code":"FORMAT"}]}"#;
    let job = r#"{"status":"failed","type":"users_import","id":"job_1","status_details":"x"}"#;
    for (text, refused, unnamed) in [
        (String::new(), 0, 1),
        (" \n".to_owned(), 0, 1),
        ("[]".to_owned(), 0, 1),
        ("[][]".to_owned(), 0, 1),
        (format!("[{one}]"), 1, 0),
        (one.to_owned(), 1, 0),
        (format!("{one}\n{one}\n"), 2, 0),
        (format!("[{one}]\n[{one},{one}][]\n{job}"), 3, 1),
        (format!("\u{feff}[[{one}],{job}]"), 1, 1),
        (job.to_owned(), 0, 1),
        (format!("{job}{job}"), 0, 2),
    ] {
        let errors = errors(&text);
        assert_eq!(
            (errors.refused().len(), errors.unnamed().len(), errors.odd()),
            (refused, unnamed, 0),
            "{text}"
        );
    }
    let odd = errors(&format!(
        r#"[7,{one},{{"user":"a@example.com","errors":[]}},{{"user":{{}},"errors":{{}}}},{{"email":"a@example.com"}}]"#
    ));
    assert_eq!((odd.refused().len(), odd.odd()), (1, 4));
    assert_eq!(odd.refused()[0].number(), 1);
}

#[test]
fn job_instead_of_list_gives_arrival() {
    use super::Arrival::{AllBut, AllUsers, NoUsers, NotEnded, Unknown};
    let recorded = errors(include_str!("../../../../../testdata/errors/as-a-job.json"));
    let job = recorded.unnamed()[0].job.as_ref().unwrap();
    assert_eq!((job.id.as_deref(), job.status.as_deref()), (Some("job_Ff1Gg2Hh3Ii4Jj5K"), Some("failed")));
    assert_eq!(
        job.details.as_deref(),
        Some("Failed to parse users file when importing users. Make sure it is valid JSON.")
    );
    assert_eq!(job.arrival, NoUsers);
    for (members, arrival) in [
        (r#""status":"failed""#, Unknown),
        (r#""status":"failed","status_details":"The job timed out.""#, Unknown),
        (r#""status":"failed","status_details":7"#, Unknown),
        (r#""status":"failed","summary":{"failed":600,"updated":0,"inserted":380,"total":980}"#, Unknown),
        (r#""status":"failed","summary":{"failed":600,"updated":0,"inserted":0,"total":600}"#, NoUsers),
        (r#""status":"completed","summary":{"failed":0,"updated":0,"inserted":9,"total":9}"#, AllUsers),
        (r#""status":"completed","summary":{"failed":3,"updated":0,"inserted":9,"total":12}"#, AllBut(3)),
        (r#""status":"completed","summary":{"failed":-3}"#, Unknown),
        (r#""status":"completed""#, Unknown),
        (r#""status":"expired""#, Unknown),
        (r#""status":"pending""#, NotEnded),
        (r#""status":"processing","summary":null"#, NotEnded),
        (r#""status":null"#, Unknown),
    ] {
        let errors = errors(&format!(r#"{{"type":"users_import",{members}}}"#));
        assert_eq!(errors.unnamed()[0].job.as_ref().unwrap().arrival, arrival, "{members}");
    }
}

#[test]
fn other_files_are_refused_as_error_list() {
    for (text, message) in [
        (
            r#"["a@example.com",7]"#,
            "file: expected the error list of an import job (objects with `user` and `errors`), but found only 2 other \
             values",
        ),
        (
            r#"[{"email":"a@example.com"},7]"#,
            "file: expected the error list of an import job (objects with `user` and `errors`), but found users",
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
        assert_eq!((error.category(), error.to_string().as_str()), (Category::Input, message));
    }
}

#[test]
fn masked_values_identify_no_user() {
    let list = r#"[{"user":{"user_id":"*****","email":"a@example.com"},"errors":[]},{"user":{"email":"*****"},"errors":[]}]"#;
    let retry = all(list);
    let seen =
        run(&retry, r#"[{"user_id":"a","email":"a@example.com"},{"user_id":"b","email":"*****"}]"#).unwrap();
    assert_eq!(seen.users.len(), 1);
    assert_eq!(numbers(retry.plan().not_found()), [2]);
}

/// Identifiers as small numbers, so that many are equal: id, address, username, phone number.
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

/// Returns whether two users are the same: the first identifier that both have is equal.
fn same(left: Ids, right: Ids) -> bool {
    left.iter().zip(right).find_map(|(left, right)| Some((*left)? == right?)).unwrap_or(false)
}

#[test]
fn ids_of_parts_and_lists_are_compared_exactly() {
    let ids = ["5f7c", "auth0|5f7c", "auth0|auth0|5f7c", "google-oauth2|1", "sms|+1", "42|acme"];
    let list: Vec<String> =
        ids.iter().map(|id| format!(r#"{{"user":{{"user_id":"{id}"}},"errors":[]}}"#)).collect();
    for (before, form) in [("", UserIds::Bare), ("auth0|", UserIds::Exported)] {
        let users: Vec<String> =
            ids.iter().map(|id| format!(r#"{{"user_id":"{before}{id}","email":"a@example.com"}}"#)).collect();
        let options = ReadOptions { user_ids: Some(form), ..ReadOptions::default() };
        for (entry, id) in list.iter().zip(ids) {
            let retry = all(entry);
            let source = source("users", users.join("\n"));
            let (_, seen) =
                Pipeline::new().read_options(options.clone()).run([source], &retry, Seen::default()).unwrap();
            assert_eq!(seen.users, [format!(r#"{{"user_id":"{id}","email":"a@example.com"}}"#)], "{form:?}");
            assert_eq!(seen.summary.user_ids, UserIds::Bare);
            assert_eq!(retry.plan().not_found().count(), 0);
        }
    }
}

proptest! {
    #[test]
    fn retry_agrees_with_search_through_all_pairs(
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

#[test]
fn hash_file_without_a_refused_user_fails_the_retry() {
    let hashes = r#"{"_id":{"$oid":"nobody"},"connection":"C","passwordHash":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"}"#;
    let table = crate::import::PasswordTable::new().read(source("hashes.json", hashes)).unwrap();
    let rules = Rules::default().require([]).passwords(std::sync::Arc::new(table));
    let error = run(&retry(LIST, &CodeFilter::new(), rules), PART).unwrap_err();
    assert!(error.to_string().starts_with("no password hash of hashes.json belongs to any user"), "{error}");
}

#[test]
fn most_helpful_change_is_listed_first() {
    let entry = |id: &str, code: &str, path: &str| {
        format!(r#"{{"user":{{"user_id":"{id}"}},"errors":[{{"code":"{code}","path":"{path}"}}]}}"#)
    };
    let list = format!(
        "[{},{},{}]",
        entry("73e46a7ffe78ea20e41b66d4", "MAX_LENGTH", "email"),
        entry("dup-1", "MAX_LENGTH", "email"),
        entry("ivo", "MAX_LENGTH", "username"),
    );
    let retry = all(&list);
    run(&retry, PART).unwrap();
    let help: Vec<_> = retry.plan().help().into_iter().map(|help| (help.change, help.users)).collect();
    let drop = super::RetryChange::Drop(Some("username".to_owned()));
    assert_eq!(help, [(super::RetryChange::Correct("email"), 2), (drop, 1)]);
}

#[test]
fn error_at_metadata_covers_the_whole_object() {
    let change = |path| super::code("MAX_LENGTH").unwrap().change(Some(path), |_| true);
    assert_eq!(change("user_metadata"), Some(super::RetryChange::Drop(Some("user_metadata".to_owned()))));
    assert_eq!(change("user_metadata.a"), Some(super::RetryChange::DropIn("user_metadata")));
}
