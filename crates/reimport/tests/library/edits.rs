//! Edits before the rules: values that are moved, dropped and set, values that cannot be, and the counts of both.

use std::io::Cursor;

use reimport::import::{Connections, Edits, UnmadeEdit};
use reimport::sink::Array;
use reimport::source::Source;
use reimport::{Pipeline, Rules, Topic};

fn path(text: &str) -> reimport::path::FieldPath {
    text.parse().unwrap()
}

/// Returns the user written for `record`, and the counted facts.
fn edited(edits: Edits, record: &str) -> (String, Vec<String>) {
    let rules = Rules::new().edits(edits);
    let source = Source::from_reader("x", Cursor::new(record.to_owned()));
    let (summary, users) = Pipeline::new().run([source], &rules, Array::new(Vec::new())).unwrap();
    let counted = [Topic::Fixed, Topic::Warned].into_iter().flat_map(|topic| {
        summary.of(topic).map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>()
    });
    let text = String::from_utf8(users).unwrap();
    (text.trim_start_matches("[\n").trim_end_matches("\n]").to_owned(), counted.collect())
}

#[test]
fn successful_and_failed_edits_are_counted() {
    let edits = Edits::new()
        .move_to(path("created_at"), path("app_metadata.signed_up_at"))
        .move_to(path("app_metadata.email"), path("user_metadata.taken"))
        .move_to(path("user_metadata.list"), path("user_metadata.list.inside"))
        .move_to(path("updated_at"), path("email.x"))
        .move_to(path("nobody"), path("app_metadata.nobody"))
        .move_to(path("last_ip"), path("app_metadata.ip"))
        .drop_at(path("app_metadata.email"))
        .drop_at(path("user_metadata.not_there"))
        .set(path("app_metadata.from"), r#"{ "system": "old" }"#)
        .unwrap();
    let record = r#"{"email":"a@example.com","created_at":"2021-03-04","updated_at":"x","last_ip":null,"app_metadata":{"email":1.0},"user_metadata":{"taken":1,"list":[2]}}"#;
    let (user, counted) = edited(edits, record);
    assert_eq!(
        user,
        r#"{"email":"a@example.com","app_metadata":{"signed_up_at":"2021-03-04","from":{"system":"old"}},"user_metadata":{"taken":1,"list":[2]}}"#
    );
    assert_eq!(
        counted,
        [
            "dropped app_metadata.email 1",
            "moved created_at 1",
            "set app_metadata.from 1",
            "not-moved-no-way updated_at 1",
            "not-moved-no-way user_metadata.list 1",
            "not-moved-taken app_metadata.email 1",
        ]
    );
}

#[test]
fn edits_reach_array_items_and_create_missing_parents() {
    let set = |edits: Edits, to: &str, json: &str| edits.set(path(to), json).unwrap();
    let mut edits = Edits::new().drop_at(path("user_metadata.list[1]")).drop_at(path("user_metadata.text.x"));
    for (to, json) in [
        ("user_metadata.list[2]", "4"),
        ("user_metadata.made[0].x", "1"),
        ("user_metadata.n.0", "5"),
        ("user_metadata.list[9]", "6"),
        ("user_metadata.text[0]", "7"),
    ] {
        edits = set(edits, to, json);
    }
    let record = r#"{"email":"a@example.com","user_metadata":{"list":[1,2,3],"text":"x"}}"#;
    let (user, counted) = edited(edits, record);
    assert_eq!(
        user,
        r#"{"email":"a@example.com","user_metadata":{"list":[1,3,4],"text":"x","made":[{"x":1}],"n":{"0":5}}}"#
    );
    assert_eq!(
        counted,
        [
            "dropped user_metadata.list[1] 1",
            "set user_metadata.list[2] 1",
            "set user_metadata.made[0].x 1",
            "set user_metadata.n.0 1",
            "not-set-no-way user_metadata.list[9] 1",
            "not-set-no-way user_metadata.text[0] 1",
        ]
    );
}

#[test]
fn invalid_json_cannot_be_set() {
    for json in ["", "old", "{\"a\":1", "1 2"] {
        assert!(Edits::new().set(path("app_metadata.from"), json).is_err(), "{json}");
    }
    assert!(Edits::new().is_empty());
    assert!(!Edits::new().drop_at(path("name")).is_empty());
}

#[test]
fn run_over_many_connections_lists_the_ten_largest() {
    let line = |number: usize| {
        format!(
            r#"{{"email":"u{number}@example.com","identities":[{{"provider":"auth0","connection":"c{:02}"}}]}}"#,
            number % 12
        )
    };
    let text: Vec<String> = (0..30).map(line).collect();
    let run = |rules: Rules| {
        let source = Source::from_reader("x", Cursor::new(text.join("\n")));
        Pipeline::new().run([source], &rules, Array::new(Vec::new())).map(|(summary, _)| summary.written)
    };
    let words = run(Rules::new()).unwrap_err().to_string();
    assert!(words.contains("c05 (3), c04 (3)") && words.contains(" and 2 more"), "{words}");
    assert_eq!(run(Rules::new().connections(Connections::Any)).unwrap(), 30);
}

#[test]
fn edit_path_matches_every_spelling_of_a_property() {
    let edits = || {
        Edits::new()
            .move_to(path("created_at"), path("app_metadata.signed_up_at"))
            .move_to(path("user_metadata.a.b"), path("user_metadata.c"))
            .drop_at(path("app_metadata.plan"))
            .set(path("email_verified"), "true")
            .unwrap()
            .set(path("user_metadata.source"), "1")
            .unwrap()
    };
    let record = r#"{"EMAIL":"a@example.com","Email Verified":false,"Created At":"2021","App_Metadata":{"n":1},"app_metadata.plan":"x","User_metadata.a.b":2}"#;
    let (user, counted) = edited(edits(), record);
    assert_eq!(
        user,
        r#"{"email":"a@example.com","email_verified":true,"app_metadata":{"n":1,"signed_up_at":"2021"},"user_metadata":{"a":{},"c":2,"source":1}}"#
    );
    assert_eq!(
        counted,
        [
            "case-changed app_metadata 1",
            "case-changed email 1",
            "dropped app_metadata.plan 1",
            "flat-key-nested app_metadata 1",
            "flat-key-nested user_metadata 1",
            "moved created_at 1",
            "moved user_metadata.a.b 1",
            "set email_verified 1",
            "set user_metadata.source 1",
            "title-renamed Email Verified 1",
        ]
    );
    // A flat key can also be addressed by its own name.
    let by_key = Edits::new().move_to(path(r#"["app_metadata.plan"]"#), path("user_metadata.plan"));
    let (user, _) = edited(by_key, r#"{"email":"a@example.com","app_metadata.plan":"x","app_metadata.n":1}"#);
    assert_eq!(user, r#"{"email":"a@example.com","app_metadata":{"n":1},"user_metadata":{"plan":"x"}}"#);
}

#[test]
fn reports_edits_without_effect() {
    let edits = Edits::new()
        .move_to(path("created_at"), path("app_metadata.a"))
        .move_to(path("created_att"), path("app_metadata.b"))
        .move_to(path("updated_at"), path("email"))
        .drop_at(path("last_ip"))
        .drop_at(path("last_pi"))
        .set(path("name"), "1")
        .unwrap()
        .set(path("email.x"), "1")
        .unwrap();
    let rules = Rules::new().edits(edits);
    assert_eq!(rules.unmade_edits(), [], "nothing was read yet");
    let source = |text: &str| Source::from_reader("x", Cursor::new(text.to_owned()));
    let (first, second) =
        (r#"{"email":"a@example.com","last_ip":null}"#, r#"{"created_at":1,"updated_at":1}"#);
    Pipeline::new().run([source(first), source(second)], &rules, Array::new(Vec::new())).unwrap();
    let (move_from, drop, set) = (path("created_att"), path("last_pi"), path("email.x"));
    let unmade = [UnmadeEdit::Move(&move_from), UnmadeEdit::Drop(&drop), UnmadeEdit::Set(&set)];
    assert_eq!(rules.unmade_edits(), unmade);
    // A value that could be set in one record is enough.
    Pipeline::new().run([source("{}")], &rules, Array::new(Vec::new())).unwrap();
    assert_eq!(rules.unmade_edits(), unmade[..2]);
}
