//! Extensions of other crates that use only the public API: a transform, a sink, a filter, and their errors.

use std::error::Error as _;
use std::io;
use std::num::NonZero;

use reimport::filter::{Filter, Filtered};
use reimport::import::Linked;
use reimport::projection::Unchanged;
use reimport::run::{Applied, Origin, Rejected, Rendering, Sink, Summary, Transform, Written, apply};
use reimport::source::Source;
use reimport::{
    Category, Error, ErrorKind, Output, Pipeline, Position, Problem, Record, Result, Rules, SideFile,
    SkipReason, Topic, Verdict,
};

/// A transform that returns the verdict named in the member `verdict` of each record, and counts the record.
struct VerdictOfRecord;

impl Transform for VerdictOfRecord {
    type Scratch = u64;

    fn scratch(&self, _: Rendering) -> Result<u64> {
        Ok(0)
    }

    fn properties(&self) -> &'static [&'static str] {
        &["verdict", "other"]
    }

    fn transform(&self, record: Record<'_>, seen: &mut u64, output: &mut Output<'_>) -> Verdict {
        *seen += 1;
        output.set_present(1);
        output.set_connection("Users");
        output.note(Topic::Unknown, "other");
        output.note_fixed("doubled", "verdict");
        output.side(SideFile::Links, b"{}");
        output.bytes.extend_from_slice(record.json().as_bytes());
        match record.json() {
            r#"{"verdict":"skip"}"# => Verdict::Skipped(SkipReason::NotADatabaseUser),
            r#"{"verdict":"reject"}"# => {
                Verdict::Rejected(vec![Problem::new("own-rule", "verdict", "expected another")])
            }
            _ => Verdict::Written,
        }
    }
}

fn applied(json: &str) -> Applied {
    apply(&VerdictOfRecord, Rendering::Json, Record::parse(json).unwrap()).unwrap()
}

#[test]
fn transform_can_be_called_on_one_record() {
    let written = applied(r#"{"verdict":"write"}"#);
    assert_eq!(
        (written.verdict, written.bytes.as_slice()),
        (Verdict::Written, &br#"{"verdict":"write"}"#[..])
    );
    assert_eq!(written.present, ["verdict"]);
    assert_eq!(written.connection.as_deref(), Some("Users"));
    assert_eq!(
        written.facts.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["other", "doubled verdict"]
    );
    assert_eq!(written.side_lines, [(SideFile::Links, b"{}".to_vec())]);

    let rejected = applied(r#"{"verdict":"reject"}"#);
    assert!(matches!(&rejected.verdict, Verdict::Rejected(problems) if problems[0].rule == "own-rule"));
    assert!(rejected.bytes.is_empty(), "only written records have bytes");
}

#[test]
fn run_counts_verdicts_of_an_external_transform() {
    let lines = "{\"verdict\":\"write\"}\n{\"verdict\":\"skip\"}\n{\"verdict\":\"reject\"}\n{\"verdict\":\"write\"}\n";
    let source = Source::from_reader("x", lines.as_bytes());
    let (summary, users) = Pipeline::new().run([source], &VerdictOfRecord, Users::default()).unwrap();
    assert_eq!((summary.written, summary.skipped, summary.rejected), (2, 1, 1));
    assert_eq!(summary.present, [("other", 0), ("verdict", 2)].into());
    assert_eq!(summary.section(Topic::Fixed), [("doubled verdict".to_owned(), 2)].into());
    assert_eq!(users, ["x line 1", "x line 4"]);
}

#[test]
fn summary_has_the_first_record_of_each_warning() {
    let user = |number, name| {
        format!("{{\"user_id\":\"auth0|{number}\",\"email\":\"{number}@example.com\",\"name\":\"{name}\"}}\n")
    };
    let export = [user(1, "a"), user(2, "\\ud800"), user(3, "\\ud800")].concat();
    let source = Source::from_reader("x", io::Cursor::new(export));
    let (summary, ()) =
        Pipeline::new().run([source], &Rules::default(), reimport::sink::Nothing::new()).unwrap();
    let first: Vec<_> =
        summary.first_warned.iter().map(|(fact, place)| (fact.to_string(), place.1.line)).collect();
    assert_eq!(first, [("lone-surrogate".to_owned(), 2)]);
    assert_eq!(summary.section(Topic::Warned), [("lone-surrogate".to_owned(), 2)].into());
}

#[test]
fn rules_can_be_called_on_one_record() {
    let json = r#"{"user_id":"github|1","identities":[{"provider":"github"}]}"#;
    let position = Position { byte: 7, line: 3, record: 2 };
    let record = Record::parse(json).unwrap().at(position);
    assert_eq!(record.position(), Some(position));
    let rules = Rules::default().linked(Linked::Skip);
    let skipped = apply(&rules, Rendering::Json, record).unwrap();
    assert_eq!(skipped.verdict, Verdict::Skipped(SkipReason::NotADatabaseUser));
    let error = apply(&rules, Rendering::Csv(reimport::CsvFormat::default()), record).unwrap_err();
    assert_eq!(error.category(), Category::Run);
}

/// A sink that keeps the origins of records.
#[derive(Default)]
struct Users(Vec<String>);

impl Sink for Users {
    type Finished = Vec<String>;

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        let Origin { position, .. } = written.origin;
        self.0.push(format!("{} line {}", written.origin.file_name(), position.line));
        Ok(())
    }

    fn finish(self, _: &Summary) -> Result<Vec<String>> {
        Ok(self.0)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the database refused the user")]
struct Refused(#[source] io::Error);

/// A sink that fails with the error that this function returns.
struct Failing(fn() -> Error);

impl Sink for Failing {
    type Finished = ();

    fn write(&mut self, written: Written<'_>) -> Result<()> {
        Err((self.0)().at(written.origin.position).in_source(written.origin.source))
    }

    fn reject(&mut self, _: Rejected<'_>) -> Result<()> {
        unreachable!("every record is written")
    }

    fn finish(self, _: &Summary) -> Result<()> {
        unreachable!("a failed run is not finished")
    }
}

fn failed(how: fn() -> Error) -> Error {
    let source = Source::from_reader("users.ndjson", &b"{\"a\":1}\n"[..]);
    Pipeline::new().run([source], &Unchanged, Failing(how)).unwrap_err()
}

#[test]
fn sink_error_is_returned_with_its_source() {
    let error = failed(|| Error::other(Refused(io::ErrorKind::TimedOut.into())));
    assert_eq!(error.to_string(), "users.ndjson: line 1 (record 1, byte 0): the database refused the user");
    assert_eq!(error.category(), Category::Other);
    assert!(matches!(error.kind(), ErrorKind::Other(other) if other.is::<Refused>()));
    assert!(error.source().is_some_and(<dyn std::error::Error>::is::<io::Error>), "its source is kept");

    let error = failed(|| io::Error::from(io::ErrorKind::StorageFull).into());
    assert_eq!(error.category(), Category::Io);
    assert!(error.source().is_some_and(<dyn std::error::Error>::is::<io::Error>));
    assert!(error.to_string().contains("reading or writing failed: "), "{error}");
}

#[test]
fn closure_filters_records_after_conditions() {
    let users: String =
        (0..10_000).fold(String::new(), |users, number| users + &format!("{{\"n\":{number}}}\n"));
    for threads in [1, 2, 4].map(|threads| NonZero::new(threads).unwrap()) {
        let filter: Filter = "n < 100".parse().unwrap();
        let filtered = Filtered::new(filter.by(|record| record.json().len() % 2 == 0), Unchanged);
        let source = Source::from_reader("x", io::Cursor::new(users.clone()));
        let pipeline = Pipeline::new().threads(threads);
        let (summary, lines) = pipeline.run([source], &filtered, Users::default()).unwrap();
        assert_eq!((summary.written, summary.left_out), (90, 9_910));
        assert_eq!(lines.len(), 90);
    }
}
