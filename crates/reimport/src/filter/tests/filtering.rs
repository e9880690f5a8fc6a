//! A filter before each of the transforms.

use crate::filter::{Filter, Filtered, Ids};
use crate::pipeline::{Pipeline, Summary};
use crate::projection::{Projection, Verbatim};
use crate::sink::{Csv, Ndjson};
use crate::source::Source;
use crate::transform::Transform;
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
fn each_record_is_written_left_out_or_unreadable() {
    for (filter, expected) in [
        (Filter::new(), vec![1, 2, 3, 4, 6]),
        (Filter::new().and("n > 1".parse().unwrap()).and("n <= 4".parse().unwrap()), vec![2, 3, 4]),
        (Filter::new().ids(Ids::from_ids(["1", "auth0|6", "3"])), vec![1, 6]),
        (Filter::new().not_ids(Ids::from_ids(["1", "sms|3"])), vec![2, 4, 6]),
        (Filter::new().ids(Ids::from_ids(["1", "2"])).not_ids(Ids::from_ids(["2"])), vec![1]),
        (Filter::new().ids(Ids::new()), vec![]),
        (Filter::new().connection("Users"), vec![1, 6]),
        (Filter::new().connection("Users").connection("Old"), vec![1, 2, 6]),
        (Filter::new().connection("users"), vec![]),
        (Filter::new().connection("Users").and("n = 6".parse().unwrap()), vec![6]),
    ] {
        let (summary, found) = kept(filter);
        assert_eq!(found, expected);
        assert_eq!((summary.read, summary.rejected), (6, 1));
        assert_eq!(summary.left_out, 5 - expected.len() as u64);
    }
}

#[test]
fn the_rules_see_only_what_is_taken() {
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
fn what_no_record_had_is_known() {
    let filter = Filter::new()
        .and("emial = x".parse().unwrap())
        .and("user_id exists".parse().unwrap())
        .and("gone missing".parse().unwrap())
        .connection("Users");
    let transform = Filtered::new(filter, Verbatim);
    Pipeline::new().run(source(), &transform, Ndjson::new(Vec::new())).unwrap();
    let unseen: Vec<String> = transform.unseen().iter().map(ToString::to_string).collect();
    assert_eq!(unseen, ["emial = x", "gone missing"]);
    assert!(!transform.no_connection_seen());

    let transform = Filtered::new(Filter::new().connection("x"), Verbatim);
    let flat = Source::from_reader("users", &b"{\"n\":1}"[..]);
    Pipeline::new().run([flat], &transform, Ndjson::new(Vec::new())).unwrap();
    assert!(transform.no_connection_seen());
}

#[test]
fn a_filter_that_asks_nothing_changes_nothing() {
    let transform = Filtered::new(Filter::new(), Verbatim);
    assert!(transform.validates());
    let (_, filtered) = Pipeline::new().run(source(), &transform, Ndjson::new(Vec::new())).unwrap();
    let (_, plain) = Pipeline::new().run(source(), &Verbatim, Ndjson::new(Vec::new())).unwrap();
    assert_eq!(filtered, plain);
}
