//! Tests a filter before each of the transforms.

use crate::filter::{Filter, Filtered, Ids};
use crate::pipeline::Pipeline;
use crate::projection::{Projection, Unchanged};
use crate::run::{Summary, Transform};
use crate::sink::{Csv, Ndjson};
use crate::source::Source;
use crate::{Input, Rules};

const USERS: &str = r#"{"user_id":"auth0|1","email":"a@example.com","n":1,"identities":[{"provider":"auth0","connection":"Users"}]}
{"user_id":"auth0|2","email":"b@example.com","n":2,"identities":[{"provider":"auth0","connection":"Old"}]}
{"user_id":"sms|3","n":3}
{"n":4,"identities":[]}
{"n":5
{"Id":"auth0|6","Email":"f@example.com","n":6,"Connection":"Users"}
"#;

fn source() -> [Input; 1] {
    [Source::from_reader("users", USERS.as_bytes()).into()]
}

fn kept(filter: Filter) -> (Summary, Vec<u32>) {
    let transform = Filtered::new(filter, Projection::builder().field("n").unwrap().build().unwrap());
    let (summary, csv) = Pipeline::new().run(source(), &transform, Csv::new(Vec::new())).unwrap();
    let lines = String::from_utf8(csv).unwrap();
    (summary, lines.lines().skip(1).map(|line| line.parse().unwrap()).collect())
}

#[test]
fn record_is_written_left_out_or_unreadable() {
    for (filter, expected) in [
        (Filter::new(), vec![1, 2, 3, 4, 6]),
        (Filter::new().and("n > 1".parse().unwrap()).and("n <= 4".parse().unwrap()), vec![2, 3, 4]),
        (Filter::new().ids(Ids::from_ids(["1", "auth0|6", "3"])), vec![1, 6]),
        (Filter::new().not_ids(Ids::from_ids(["1", "sms|3"])), vec![2, 4, 6]),
        (Filter::new().ids(Ids::from_ids(["1", "2"])).not_ids(Ids::from_ids(["2"])), vec![1]),
        (Filter::new().ids(Ids::new()), vec![]),
        (Filter::new().connection("Users"), vec![1, 6]),
        (Filter::new().connection("Users").connection("Old"), vec![1, 2, 6]),
        (Filter::new().connection("Users").and("n = 6".parse().unwrap()), vec![6]),
    ] {
        let (summary, found) = kept(filter);
        assert_eq!(found, expected);
        assert_eq!((summary.read, summary.rejected), (6, 1));
        assert_eq!(summary.left_out, 5 - expected.len() as u64);
    }
}

#[test]
fn rules_see_only_selected_records() {
    let filter = Filter::new().and("n != 2".parse().unwrap()).and("email exists".parse().unwrap());
    let transform = Filtered::new(filter, Rules::default());
    let (summary, lines) = Pipeline::new().run(source(), &transform, Ndjson::new(Vec::new())).unwrap();
    assert_eq!(
        String::from_utf8(lines).unwrap(),
        "{\"user_id\":\"1\",\"email\":\"a@example.com\"}\n{\"user_id\":\"6\",\"email\":\"f@example.com\"}\n"
    );
    assert_eq!((summary.written, summary.left_out, summary.rejected, summary.skipped), (2, 3, 1, 0));
    assert_eq!(summary.present["email"], 2);
}

#[test]
fn reports_conditions_that_no_record_has() {
    let filter = Filter::new()
        .and("emial = x".parse().unwrap())
        .and("user_id exists".parse().unwrap())
        .and("gone missing".parse().unwrap())
        .connection("Users");
    let transform = Filtered::new(filter, Unchanged);
    Pipeline::new().run(source(), &transform, Ndjson::new(Vec::new())).unwrap();
    let unseen: Vec<String> = transform.unseen().iter().map(ToString::to_string).collect();
    assert_eq!(unseen, ["emial = x", "gone missing"]);
    assert_eq!(transform.unknown_connections(), []);
}

#[test]
fn run_without_any_requested_connection_is_refused() {
    let filter = || Filter::new().connection("users").connection("nobody");
    let refused = |source: Source| {
        let transform = Filtered::new(filter(), Unchanged);
        Pipeline::new().run([source], &transform, Ndjson::new(Vec::new())).unwrap_err().to_string()
    };
    assert_eq!(
        refused(Source::from_reader("users", USERS.as_bytes())),
        "no user belongs to connection users (did you mean Users?) or nobody; the users belong to Old, Users"
    );
    assert_eq!(
        refused(Source::from_reader("users", &b"{\"n\":1}"[..])),
        "no user belongs to connection users or nobody; no record has a connection (identities[0].connection)"
    );
    let unread = Source::from_reader("users", &b"{\"n\":\n"[..]);
    let transform = Filtered::new(filter(), Unchanged);
    assert!(Pipeline::new().run([unread], &transform, Ndjson::new(Vec::new())).is_ok(), "no record was read");
    let one_known = Filtered::new(filter().connection("Users"), Unchanged);
    Pipeline::new().run(source(), &one_known, Ndjson::new(Vec::new())).unwrap();
    let unknown = one_known.unknown_connections();
    let unknown: Vec<_> = unknown.iter().map(|one| (one.name.as_str(), one.nearest.as_deref())).collect();
    assert_eq!(unknown, [("users", Some("Users")), ("nobody", None)]);
}

#[test]
fn type_mismatch_suggests_correct_value() {
    let users = r#"{"n":5,"t":"x5","d":"2024-05-01T10:00:00Z","b":true,"s":"true","o":{},"l":[],"z":null,"m":1}
{"n":6,"t":"6","d":"2023-01-01","b":false,"s":"false","o":[],"z":null,"m":"x"}
{"n":null}
"#;
    let words = |condition: &str| {
        let transform = Filtered::new(Filter::new().and(condition.parse().unwrap()), Unchanged);
        let source = Source::from_reader("users", users.as_bytes());
        let ran = Pipeline::new().run([source], &transform, Ndjson::new(Vec::new()));
        let words = transform.mismatches().first().map(ToString::to_string);
        // A condition that orders values of another type fails the run.
        let orders = condition.contains(['<', '>']) && words.is_some() && !condition.starts_with('z');
        assert_eq!(ran.err().map(|error| error.to_string()), words.clone().filter(|_| orders), "{condition}");
        words
    };
    for (condition, expected) in [
        ("n = \"5\"", "n is compared with text, but its values are numbers and null: write n = 5"),
        (
            "n > 2024-01-31",
            "n is compared with a date, but its values are numbers and null; a date is compared with dates only",
        ),
        ("n != abc", "n is compared with text, but its values are numbers and null"),
        ("d > 2024", "d is compared with a number, but its values are dates: write d > 2024-01-01"),
        ("d > 2023", "d is compared with a number, but its values are dates: write d > 2023-01-01"),
        (
            "d > last week",
            "d is compared with text, but its values are dates; a date is written as in 2024-05-01, a string in quotes",
        ),
        ("t = X5", "no t is X5, but some are in other upper and lower case"),
        ("t != 'X5'", "no t is X5, but some are in other upper and lower case"),
        (
            "d < 5",
            "d is compared with a number, but its values are dates; a date is written as in 2024-05-01, a string in quotes",
        ),
        ("d < 20240131", "d is compared with a number, but its values are dates: write d < 2024-01-31"),
        ("z < 5", "z is compared with a number, but its values are null"),
        (
            "l = x",
            "l is compared with text, but its values are arrays; an item of an array is named by its index, as in l[0]",
        ),
        ("t = 6", "t is compared with a number, but its values are text: write t = \"6\""),
        (
            "t > 2024-01-31",
            "t is compared with a date, but its values are text; a date is compared with dates only",
        ),
        (
            "t = 2024-01-31",
            "t is compared with a date, but its values are text; a date is compared with dates only",
        ),
        (
            "t > 3",
            "t is compared with a number, but its values are text; t > \"3\" would compare them as text, in which \"10\" comes before \"9\"",
        ),
        (
            "t = null",
            "t is compared with null, but its values are text; t missing matches the records without it",
        ),
        ("s = true", "s is compared with true or false, but its values are text: write s = \"true\""),
        ("b = \"True\"", "b is compared with text, but its values are booleans: write b = true"),
        ("b = 1", "b is compared with a number, but its values are booleans"),
        ("o = x", "o is compared with text, but its values are objects and arrays"),
        ("z = 1", "z is compared with a number, but its values are null"),
    ] {
        assert_eq!(words(condition).as_deref(), Some(expected), "{condition}");
    }
    for fits in [
        "n = 7",
        "t = zzz",
        "d > 2030-01-01",
        "b = true",
        "z = null",
        "n = null",
        "m = x",
        "m = 2",
        "n exists",
        "gone missing",
        "gone = 1",
    ] {
        assert_eq!(words(fits), None, "{fits}");
    }
}

#[test]
fn unmatched_ids_are_reported_by_list_and_line() {
    let list = |name: &str, text: &str| Source::from_reader(name, std::io::Cursor::new(text.to_owned()));
    let mut ids =
        Ids::read(list("first", "user_id,n\n1,x\n7,x\n\nauth0|8,x\n7,x\n6,x\n9,x\n10,x\n")).unwrap();
    ids.add(list("second", "7\nauth0|2,x\nad|CN=A,OU=B\nnone,a@example.com\n")).unwrap();
    ids.insert("by hand");
    let not = Ids::read(list("not", "a@example.com\n\nb@example.com\n")).unwrap();
    // Ids count as found whatever the condition says about a record.
    let transform =
        Filtered::new(Filter::new().and("n > 100".parse().unwrap()).ids(ids).not_ids(not), Unchanged);
    Pipeline::new().run(source(), &transform, Ndjson::new(Vec::new())).unwrap();
    let found: Vec<_> = transform
        .unmatched_ids()
        .into_iter()
        .map(|list| (list.list, list.unmatched, list.ids, list.lines, list.addresses))
        .collect();
    assert_eq!(
        found,
        [
            ("first".to_owned(), 4, 6, vec![3, 5, 8], false),
            // The id 7 is in the list before.
            ("second".to_owned(), 2, 3, vec![3, 4], false),
            ("not".to_owned(), 2, 2, vec![1, 3], true),
        ]
    );
}

#[test]
fn empty_filter_changes_nothing() {
    let transform = Filtered::new(Filter::new(), Unchanged);
    assert!(transform.validates());
    let (_, filtered) = Pipeline::new().run(source(), &transform, Ndjson::new(Vec::new())).unwrap();
    let (_, plain) = Pipeline::new().run(source(), &Unchanged, Ndjson::new(Vec::new())).unwrap();
    assert_eq!(filtered, plain);
}
