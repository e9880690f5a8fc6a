//! What counts as a difference after an import, how users are matched, and the text of every error.

use super::{Comparison, Inputs, counts};
use crate::error::Category;
use crate::source::Source;

/// Returns the differences reported for one user of a part and one record of the new export.
fn paths(part: &str, new: &str) -> Vec<String> {
    let (report, recorded) = Inputs::of(&[part], &[new]).verify();
    assert_eq!(report.missing + report.extra, 0, "{part} {new}");
    recorded.changed.into_iter().flat_map(|(_, paths)| paths).collect()
}

#[test]
fn values_changed_by_the_service_are_not_differences() {
    let same = [
        (
            r#"{"email":"Ada@Example.com","username":"AdaQ"}"#,
            r#"{"user_id":"auth0|7","email":"ada@example.com","username":"adaq"}"#,
        ),
        (
            r#"{"email":"a@x.example"}"#,
            r#"{"email":"a@x.example","name":"a@x.example","nickname":"a","picture":"https://x.example/a"}"#,
        ),
        (
            r#"{"email":"a@x.example"}"#,
            r#"{"email":"a@x.example","email_verified":false,"blocked":false,"phone_verified":false}"#,
        ),
        (r#"{"email":"a@x.example","blocked":false}"#, r#"{"email":"a@x.example"}"#),
        (
            r#"{"email":"a@x.example","email_verified":true}"#,
            r#"{"email":"a@x.example","email_verified":"true"}"#,
        ),
        (r#"{"email":"a@x.example","app_metadata":{}}"#, r#"{"email":"a@x.example","username":null}"#),
        (
            r#"{"email":"a@x.example","password_hash":"$2b$10$x","mfa_factors":[{"totp":{"secret":"A"}}]}"#,
            r#"{"email":"a@x.example","logins_count":3,"created_at":"2026-01-01T00:00:00.000Z"}"#,
        ),
        (
            r#"{"user_id":"Site|1","user_metadata":{"n":1.0,"k":"é","o":{"a":1,"b":2}}}"#,
            r#"{"user_metadata":{"o":{"b":2,"a":1},"k":"\u00e9","n":1},"user_id":"auth0|Site|1"}"#,
        ),
        (r#"{"user_id":"1","name":"A"}"#, r#"{"Id":"auth0|1","Name":"A"}"#),
        (
            r#"{"user_id":"1","app_metadata":{"plan":"pro"}}"#,
            r#"{"user_id":"auth0|1","app_metadata.plan":"pro"}"#,
        ),
    ];
    for (part, new) in same {
        assert_eq!(paths(part, new), [""; 0], "{part}");
    }
}

#[test]
fn changed_import_values_are_differences() {
    let differ: [(&str, &str, &[&str]); 9] = [
        (
            r#"{"user_id":"1","name":"A","nickname":"a"}"#,
            r#"{"user_id":"auth0|1","name":"B"}"#,
            &["name value", "nickname gone"],
        ),
        (r#"{"user_id":"1"}"#, r#"{"user_id":"auth0|1","email_verified":true}"#, &["email_verified added"]),
        (
            r#"{"user_id":"1","email_verified":false,"blocked":true}"#,
            r#"{"user_id":"auth0|1","email_verified":true,"blocked":"false"}"#,
            &["email_verified value", "blocked value"],
        ),
        (r#"{"user_id":"1","blocked":true}"#, r#"{"user_id":"auth0|1"}"#, &["blocked gone"]),
        (
            r#"{"user_id":"1","given_name":"A"}"#,
            r#"{"user_id":"auth0|1","given_name":"a","family_name":"B"}"#,
            &["given_name value", "family_name added"],
        ),
        (
            r#"{"user_id":"1","email":"a@x.example"}"#,
            r#"{"user_id":"auth0|1","email":"b@x.example"}"#,
            &["email value"],
        ),
        (
            r#"{"user_id":"1","email":"a@x.example"}"#,
            r#"{"user_id":"auth0|2","email":"A@x.example"}"#,
            &["user_id other-id"],
        ),
        (r#"{"user_id":"1","email":"a@x.example"}"#, r#"{"email":"A@x.example"}"#, &["user_id gone"]),
        (
            r#"{"user_id":"1","app_metadata":{"id":9007199254740993,"n":null}}"#,
            r#"{"user_id":"auth0|1","app_metadata":{"id":9007199254740992}}"#,
            &["app_metadata.id lost-digits", "app_metadata.n gone"],
        ),
    ];
    for (part, new, expected) in differ {
        assert_eq!(paths(part, new), expected, "{part}");
    }
}

#[test]
fn missing_users_are_reported_as_in_their_part() {
    let inputs = Inputs::of(
        &[
            r#"{"email":"a@x.example", "password_hash":"$2b$10$x"}"#,
            r#"{"email":"b@x.example","user_metadata":{"n":1.0,"e":"\u00e9"}}"#,
            r#"{"email":"c@x.example"}"#,
        ],
        &[r#"{"email":"c@x.example"}"#],
    );
    let (report, recorded) = inputs.verify();
    assert_eq!(counts(&report), [1, 0, 2, 0]);
    assert_eq!(
        recorded.missing,
        [
            r#"{"email":"a@x.example","password_hash":"$2b$10$x"}"#,
            r#"{"email":"b@x.example","user_metadata":{"n":1.0,"e":"\u00e9"}}"#
        ]
    );
    assert_eq!(recorded.passwords, 1);
    let run = report.missing_run;
    assert_eq!((run.read, run.written, run.left_out, run.rejected, run.with_password), (3, 2, 1, 0, 1));
}

#[test]
fn user_of_another_strategy_never_matches() {
    let part = r#"{"user_id":"1","email":"a@x.example"}"#;
    for new in [
        r#"{"user_id":"google-oauth2|1","email":"a@x.example"}"#,
        r#"{"email":"a@x.example","identities":[{"provider":"google-oauth2"}]}"#,
    ] {
        let (report, recorded) = Inputs::of(&[part], &[new]).verify();
        assert_eq!(counts(&report), [0, 0, 1, 1], "{new}");
        assert_eq!(recorded.extra, [new]);
        assert_eq!(report.new.without_key.as_ref().map_or(0, |count| count.records), 0);
    }
}

#[test]
fn user_without_id_is_of_the_strategy_of_its_first_identity() {
    let part = r#"{"email":"a@x.example"}"#;
    for identities in [
        r#"[{"provider":"auth0","connection":"db"},{"provider":"google-oauth2"}]"#,
        r#"[{"connection":"db"},{"provider":"google-oauth2"}]"#,
    ] {
        let new = format!(r#"{{"email":"a@x.example","identities":{identities}}}"#);
        let (report, _) = Inputs::of(&[part], &[&new]).verify();
        assert_eq!(counts(&report), [1, 0, 0, 0], "{new}");
    }
}

#[test]
fn id_match_takes_precedence_over_email_match() {
    // The first record has the address of the part user and an unknown ID. The second record has the ID of the part
    // user.
    let (report, recorded) = Inputs::of(
        &[r#"{"user_id":"1","email":"a@x.example"}"#],
        &[r#"{"user_id":"auth0|9","email":"a@x.example"}"#, r#"{"user_id":"auth0|1","email":"a@x.example"}"#],
    )
    .verify();
    assert_eq!(counts(&report), [1, 0, 0, 1]);
    assert_eq!(recorded.extra, [r#"{"user_id":"auth0|9","email":"a@x.example"}"#]);
}

#[test]
fn first_record_of_a_repeated_key_is_compared() {
    let (report, recorded) = Inputs::of(
        &[
            r#"{"user_id":"1","name":"A"}"#,
            r#"{"user_id":"1","name":"B"}"#,
            r#"{"user_id":"2"}"#,
            r#"{"user_id":"2"}"#,
            r#"{"name":"nobody"}"#,
        ],
        &[r#"{"user_id":"auth0|1","name":"C"}"#, r#"{"user_id":"auth0|1","name":"A"}"#],
    )
    .verify();
    assert_eq!(counts(&report), [0, 1, 1, 0]);
    assert_eq!((report.old.repeated, report.new.repeated), (2, 1));
    assert_eq!(report.old.without_key.map(|count| (count.records, count.first.1.record)), Some((1, 5)));
    assert_eq!(recorded.missing, [r#"{"user_id":"2"}"#]);
    assert_eq!(recorded.changed, [("auth0|1".to_owned(), vec!["name value".to_owned()])]);
}

#[test]
fn ambiguous_email_matches_no_user() {
    let (report, _) = Inputs::of(
        &[r#"{"user_id":"1","email":"a@x.example"}"#, r#"{"user_id":"2","email":"A@x.example"}"#],
        &[r#"{"user_id":"auth0|3","email":"a@x.example"}"#],
    )
    .verify();
    assert_eq!(counts(&report), [0, 0, 2, 1]);
}

#[test]
fn unreadable_records_are_counted_with_position() {
    let inputs = Inputs::of(&[r#"{"user_id":"1"}"#], &["{\"user_id\"}", r#"{"user_id":"auth0|1"}"#, "[1]"]);
    let (report, _) = inputs.verify();
    assert_eq!(counts(&report), [1, 0, 0, 0]);
    assert_eq!((report.new.read, report.new.unreadable), (3, 2));
    assert_eq!(report.new.unreadable_by["invalid-json"].first.1.line, 1);
    assert_eq!(report.new.unreadable_by["not-an-object"].first.1.line, 3);
}

#[test]
fn properties_missing_in_new_export_are_listed() {
    let part = r#"{"user_id":"1","app_metadata":{"a":1},"email":"a@x.example"}"#;
    let (report, _) = Inputs::of(&[part], &[r#"{"user_id":"auth0|1","email":"a@x.example"}"#]).verify();
    assert_eq!(report.not_exported, ["app_metadata"]);
    assert_eq!(
        report
            .changed_by
            .into_iter()
            .map(|((path, kind), users)| format!("{path} {kind} {users}"))
            .collect::<Vec<_>>(),
        ["app_metadata gone 1"]
    );
}

#[test]
fn changed_paths_do_not_depend_on_memory_limit() {
    let part = |id: usize| format!(r#"{{"user_id":"{id}","given_name":"A","user_metadata":{{"n":{id}}}}}"#);
    let new =
        |id: usize| format!(r#"{{"user_id":"auth0|{id}","given_name":"B","user_metadata":{{"n":{id}}}}}"#);
    let parts: Vec<_> = (0..20).map(part).collect();
    let news: Vec<_> = (5..25).rev().map(new).collect();
    let inputs = Inputs::new(&parts, &news);
    let all = inputs.verify();
    assert_eq!(counts(&all.0), [0, 15, 5, 5]);
    for held in [0, 1, 100, 200] {
        let (report, mut recorded) = inputs.verify_with(&Comparison::new().held_bytes(held));
        assert_eq!(counts(&report), [0, 15, 5, 5]);
        assert_eq!(report.changed_by, all.0.changed_by);
        assert_eq!(report.missing_run.written, 5);
        assert_eq!((&recorded.missing, &recorded.extra), (&all.1.missing, &all.1.extra));
        recorded.changed.sort();
        let mut changed = all.1.changed.clone();
        changed.sort();
        assert_eq!(recorded.changed, changed);
    }
}

#[test]
fn paths_above_the_limit_are_counted_by_property() {
    let part = |id: usize| format!(r#"{{"user_id":"{id}","user_metadata":{{"k{id}":1,"l{id}":1}}}}"#);
    let new = |id: usize| format!(r#"{{"user_id":"auth0|{id}","user_metadata":{{"k{id}":2,"l{id}":2}}}}"#);
    let (report, _) =
        Inputs::new(&(0..600).map(part).collect::<Vec<_>>(), &(0..600).map(new).collect::<Vec<_>>()).verify();
    assert_eq!(report.changed_by.len(), 1_001);
    assert_eq!(
        report.changed_by[&("user_metadata.*".to_owned(), crate::compare::FieldChangeKind::Value)],
        100
    );
}

#[test]
fn errors_state_the_remedy() {
    let inputs = Inputs::of(&[r#"{"user_id":"1"}"#], &[r#"{"user_id":"auth0|1"}"#]);
    let (old, new) = (inputs.path("old.json"), inputs.path("new.json"));
    let stdin = Source::from_reader("standard input", &b"{}"[..]);
    let error = Comparison::new().verify([&*old], [stdin], &mut ()).unwrap_err();
    assert_eq!(error.category(), Category::Usage);
    assert_eq!(
        error.to_string(),
        "standard input: a comparison reads each file twice: expected a regular file, but found a stream; save it to a file first"
    );
    let error = Comparison::new().delta([""; 0], [&*new], &mut ()).unwrap_err();
    assert_eq!(error.category(), Category::Usage);
    assert_eq!(error.to_string(), "expected at least one file of the old export");

    let error = |old: &[&str], new: &[&str]| {
        let inputs = Inputs::of(old, new);
        let (old, new) = (inputs.path("old.json"), inputs.path("new.json"));
        [
            Comparison::new().verify([&*old], [&*new], &mut ()),
            Comparison::new().delta([&*old], [&*new], &mut ()),
        ]
        .map(|result| result.err().map(|error| error.to_string()))
    };
    assert_eq!(
        error(&[r#"{"name":"A"}"#], &[r#"{"email":"a@x.example"}"#]),
        [
            Some("none of the 1 records of the parts has a user_id or an email, by which users are compared: give the parts that were uploaded".to_owned()),
            Some("none of the 1 records of the old export has a user_id, by which users are compared: export the users with their user_id".to_owned()),
        ]
    );
    assert_eq!(
        error(&[r#"{"user_id":"1"}"#], &[r#"{"name":"A"}"#, "{"]),
        [
            Some("none of the 1 records of the new export has a user_id or an email, by which users are compared: export the users with both fields".to_owned()),
            Some("none of the 1 records of the new export has a user_id, by which users are compared: export the users with their user_id".to_owned()),
        ]
    );
}

#[test]
fn empty_side_is_not_an_error() {
    let (report, _) = Inputs::of(&[r#"{"user_id":"1"}"#], &[]).verify();
    assert_eq!(counts(&report), [0, 0, 1, 0]);
    let (report, recorded) = Inputs::of(&[], &[r#"{"user_id":"auth0|1"}"#]).verify();
    assert_eq!(counts(&report), [0, 0, 0, 1]);
    assert!(!report.has_missing_or_changed());
    assert_eq!(recorded.extra.len(), 1);
}

#[cfg(unix)]
#[test]
fn special_file_is_refused_before_reading() {
    use std::os::unix::fs::FileTypeExt;
    let device = std::path::Path::new("/dev/null");
    assert!(device.metadata().is_ok_and(|found| found.file_type().is_char_device()));
    let error = Comparison::new().delta([device], [device], &mut ()).unwrap_err();
    assert_eq!(error.source_name(), Some("/dev/null"));
    assert_eq!(error.category(), Category::Usage);
}

/// Writes a file as soon as a missing user is reported.
struct Changes(std::path::PathBuf, &'static str);

impl crate::compare::Differences for Changes {
    fn missing(&mut self, _: crate::compare::Differing<'_>) -> crate::error::Result<()> {
        std::fs::write(&self.0, self.1).expect("a file");
        Ok(())
    }
}

#[test]
fn file_changed_during_comparison_is_an_error() {
    let inputs = Inputs::of(
        &[r#"{"user_id":"1","given_name":"A"}"#, r#"{"user_id":"2"}"#],
        &[r#"{"user_id":"auth0|1","given_name":"B"}"#],
    );
    let new = inputs.path("new.json");
    // The new side is read again only if its records are not held.
    let comparison = Comparison::new().held_bytes(0);
    let changes = &mut Changes(new.clone(), "{\"user_id\":\"auth0|1\",\"given_name\":\"A\"}");
    let error = comparison.verify([inputs.path("old.json")], [&*new], changes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the files changed while they were compared: run it again when nothing writes to them"
    );
    assert_eq!(error.category(), Category::Run);
}

#[test]
fn part_changed_during_comparison_is_an_error() {
    let new = r#"{"user_id":"auth0|1","given_name":"B"}"#;
    for part in [
        // Another value, the same length.
        "[{\"user_id\":\"1\",\"given_name\":\"C\"}]",
        "[{\"user_id\":\"1\"}]",
        "[{\"user_id\":\"7\",\"given_name\":\"A\"}]",
        "{[\"user_id\":\"1\",\"given_name\":\"A\"}]",
    ] {
        let inputs = Inputs::of(&[r#"{"user_id":"2"}"#], &[new]);
        let second = inputs.path("second.json");
        inputs.write("second.json", "[{\"user_id\":\"1\",\"given_name\":\"A\"}]");
        let parts = [inputs.path("old.json"), second.clone()];
        let changes = &mut Changes(second, part);
        let error = Comparison::new().verify(parts, [inputs.path("new.json")], changes).unwrap_err();
        assert_eq!(error.category(), Category::Run, "{part}");
        assert!(error.to_string().contains("the files changed while they were compared"), "{part}");
    }
}

#[test]
fn repeated_user_needs_no_memory_in_the_second_pass() {
    let inputs = Inputs::of(
        &[
            r#"{"user_id":"1","email":"a@x.example"}"#,
            r#"{"user_id":"1","email":"a@x.example","app_metadata":{"long":"----------------------------------------"}}"#,
            r#"{"email":"b@x.example"}"#,
        ],
        &[r#"{"email":"b@x.example","email_verified":true}"#, r#"{"email":"a@x.example"}"#],
    );
    // With each of these limits, the order of the reports is the same if the old side is read again as a whole.
    for held in (0..600).step_by(10) {
        let pieces = Comparison::new().held_bytes(held);
        let in_pieces = inputs.verify_with(&pieces).1;
        assert_eq!(inputs.verify_with(&pieces.without_pieces()).1, in_pieces, "{held}");
        assert_eq!(in_pieces.records.len(), 2, "{held}");
    }
}
