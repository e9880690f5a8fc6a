//! Tests of the comparison of two exports.

use proptest::prelude::*;

use super::oracle::{canonical, members};
use super::{Inputs, Recorded, counts};
use crate::compare::Comparison;
use crate::compare::digest::VOLATILE;

#[test]
fn delta_reports_changes_and_ignores_logins() {
    let inputs = Inputs::of(
        &[
            r#"{"user_id":"auth0|1","last_login":"2026-01-01","logins_count":1,"name":"A"}"#,
            r#"{"user_id":"auth0|2","email":"b@x.example"}"#,
            r#"{"user_id":"sms|3","app_metadata":{"n":1}}"#,
        ],
        &[
            r#"{"user_id":"sms|3","app_metadata":{"n": 2}}"#,
            r#"{"user_id":"auth0|4"}"#,
            r#"{"name":"A","last_ip":"192.0.2.1","updated_at":"2026-02-02","logins_count":2,"user_id":"auth0|1"}"#,
        ],
    );
    let (report, recorded) = inputs.delta();
    assert_eq!(counts(&report), [1, 1, 1, 1]);
    assert_eq!(recorded.records, [r#"{"user_id":"sms|3","app_metadata":{"n":2}}"#]);
    assert_eq!(recorded.extra, [r#"{"user_id":"auth0|4"}"#]);
    assert_eq!(recorded.gone, [(Some("auth0|2".to_owned()), Some("b@x.example".to_owned()))]);
    let by: Vec<_> =
        report.changed_by.iter().map(|((path, kind), users)| (&**path, kind.name(), *users)).collect();
    assert_eq!(by, [("app_metadata.n", "value", 1)]);
    assert!(report.only_old.is_empty() && report.only_new.is_empty());
    assert!(report.missing_run.written == 1 && report.missing_run.left_out == 2);
}

#[test]
fn other_properties_are_compared_exactly() {
    for (old, new) in [
        (r#"{"user_id":"1","email":"a@x.example"}"#, r#"{"user_id":"1","email":"A@x.example"}"#),
        (r#"{"user_id":"1","blocked":false}"#, r#"{"user_id":"1"}"#),
        (r#"{"user_id":"1"}"#, r#"{"user_id":"1","locale":null}"#),
        (r#"{"user_id":"1","identities":[]}"#, r#"{"user_id":"1","identities":[{}]}"#),
        (
            r#"{"user_id":"1","app_metadata":{"last_login":1}}"#,
            r#"{"user_id":"1","app_metadata":{"last_login":2}}"#,
        ),
        (r#"{"user_id":"1","n":9007199254740993}"#, r#"{"user_id":"1","n":9007199254740992}"#),
    ] {
        assert_eq!(counts(&Inputs::of(&[old], &[new]).delta().0), [0, 1, 0, 0], "{new}");
    }
}

#[test]
fn titles_are_read_as_property_names() {
    let inputs =
        Inputs::of(&[r#"{"Id":"auth0|1","Updated At":"x"}"#], &[r#"{"Id":"auth0|1","Updated At":"y"}"#]);
    assert_eq!(counts(&inputs.delta().0), [1, 0, 0, 0]);
}

#[test]
fn changes_are_counted_by_path_in_every_spelling() {
    let inputs = Inputs::of(
        &[
            r#"{"user_id":"1","Updated At":"x","email":"a@x.example","identities":[{"a":1}]}"#,
            r#"{"user_id":"2","blocked":true,"n":1,"n":2}"#,
            r#"{"user_id":"3","app_metadata":{"a":{"b":1}},"l\u0061st_ip":1}"#,
        ],
        &[
            r#"{"user_id":"1","Updated At":"y","email":"b@x.example","identities":[{"a":2}]}"#,
            r#"{"user_id":"2","n":2,"locale":null}"#,
            r#"{"user_id":"3","app_metadata":{"a":{"c":1}}}"#,
        ],
    );
    let (report, _) = inputs.delta();
    assert_eq!(counts(&report), [0, 3, 0, 0]);
    let by: Vec<_> =
        report.changed_by.iter().map(|((path, kind), users)| (&**path, kind.name(), *users)).collect();
    assert_eq!(
        by,
        [
            ("app_metadata.a.b", "gone", 1),
            ("app_metadata.a.c", "added", 1),
            ("blocked", "gone", 1),
            ("email", "value", 1),
            ("identities[0].a", "value", 1),
            ("locale", "added", 1),
        ]
    );
}

#[test]
fn exports_of_different_fields_are_reported() {
    let full = r#"{"user_id":"1","email":"a@x.example","identities":[],"app_metadata":{},"last_login":"x"}"#;
    let (bare, other) = (r#"{"user_id":"1","email":"a@x.example"}"#, r#"{"user_id":"2","blocked":true}"#);
    let fields = |old: &[&str], new: &[&str]| {
        let report = Inputs::of(old, new).delta().0;
        (report.only_old, report.only_new)
    };
    assert_eq!(fields(&[full], &[bare]), (vec!["app_metadata", "identities"], vec![]));
    assert_eq!(fields(&[bare], &[full]), (vec![], vec!["app_metadata", "identities"]));
    // One user of three may have got a property in the meantime.
    assert_eq!(fields(&[bare, r#"{"user_id":"3"}"#, r#"{"user_id":"4"}"#], &[bare, other, full]).1.len(), 0);
    assert_eq!(fields(&[bare], &[bare]), (vec![], vec![]));
}

#[test]
fn each_record_counts_once_in_the_progress() {
    let home = tempfile::tempdir().unwrap();
    let [old, new] = [("old", 1), ("new", 2)].map(|(name, n)| {
        let path = home.path().join(name);
        std::fs::write(&path, format!("{{\"user_id\":\"1\",\"n\":{n}}}\n")).unwrap();
        path
    });
    // With few differences, the second pass reads only single records, which are not counted.
    let twice = Comparison::new().without_pieces().held_bytes(0);
    for (comparison, reads) in [(Comparison::new(), 1), (twice, 2)] {
        let progress = crate::pipeline::Progress::default();
        let report = comparison.progress(progress.clone()).delta([&old], [&new], &mut ()).unwrap();
        assert_eq!((report.changed, progress.records()), (1, 2));
        assert_eq!(progress.reread_bytes(), (reads - 1) * (report.old.bytes + report.new.bytes));
        assert_eq!(progress.compressed_bytes(), reads * (report.old.bytes + report.new.bytes));
    }
}

fn users() -> impl Strategy<Value = Vec<String>> {
    let member = prop::sample::select(vec![
        r#""user_id":"auth0|1""#,
        r#""user_id":"auth0|2""#,
        r#""user_id":"sms|\u0033""#,
        r#""user_id":"sms|3""#,
        r#""user_id":null"#,
        r#""last_login":1"#,
        r#""last_login":2"#,
        r#""l\u0061st_ip":3"#,
        r#""logins_count":[4]"#,
        r#""updated_at":{}"#,
        r#""n":1"#,
        r#""n":1.0"#,
        r#""n":2"#,
        r#""m":{"a":1,"b":2}"#,
        r#""m":{"b":2,"a":1}"#,
    ]);
    let user = prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(",")));
    let anchor = Just("{\"user_id\":\"auth0|0\"}".to_owned());
    (prop::collection::vec(user, 0..6), anchor).prop_map(|(mut users, anchor)| {
        users.push(anchor);
        users
    })
}

/// A naive comparison of two lists of users.
fn naive(old: &[String], new: &[String]) -> ([u64; 4], Recorded) {
    let id = |text: &str| -> Option<String> {
        serde_json::from_str::<Option<String>>(members(text).get("user_id")?).expect("a string or null")
    };
    let content = |text: &str| {
        let mut members = members(text);
        members.retain(|name, _| !VOLATILE.contains(&&**name));
        members.into_iter().map(|(name, value)| (name, canonical(&value))).collect::<Vec<_>>()
    };
    let mut recorded = Recorded::default();
    let mut same = 0;
    let mut met = Vec::new();
    for record in new {
        let found = id(record).and_then(|key| old.iter().find(|old| id(old).as_ref() == Some(&key)));
        match found {
            Some(_) if met.contains(&id(record)) => {}
            Some(other) if content(other) == content(record) => same += 1,
            Some(_) => recorded.records.push(record.clone()),
            None => recorded.extra.push(record.clone()),
        }
        met.push(id(record));
    }
    let mut seen = Vec::new();
    for record in old.iter().filter(|record| id(record).is_some()) {
        if !seen.contains(&id(record)) && !met.contains(&id(record)) {
            recorded.missing.push(record.clone());
        }
        seen.push(id(record));
    }
    let counts =
        [same, recorded.records.len() as u64, recorded.missing.len() as u64, recorded.extra.len() as u64];
    (counts, recorded)
}

proptest! {
    #[test]
    fn delta_agrees_with_naive_comparison(old in users(), new in users(), held in 0..3_u8) {
        let inputs = Inputs::new(&old, &new);
        let (report, recorded) = inputs.delta();
        // The same if both sides are read again as a whole.
        let whole = Comparison::new().without_pieces();
        let reread = inputs.delta_with(&whole.clone().held_bytes(usize::from(held) * 100));
        prop_assert_eq!(counts(&reread.0), counts(&report));
        prop_assert_eq!(&reread.0.changed_by, &report.changed_by);
        prop_assert_eq!(&inputs.delta_with(&whole).1, &recorded);
        let (expected, naive) = naive(&old, &new);
        prop_assert_eq!(counts(&report), expected);
        prop_assert_eq!(recorded.missing, naive.missing);
        prop_assert_eq!(recorded.records, naive.records);
        prop_assert_eq!(recorded.extra, naive.extra);
        let (old, new) = (report.old, report.new);
        let without = old.without_key.map_or(0, |count| count.records);
        prop_assert_eq!(old.read, report.same + report.changed + report.missing + old.repeated + without);
        prop_assert_eq!(new.read, report.same + report.changed + report.extra + new.repeated);
    }
}
