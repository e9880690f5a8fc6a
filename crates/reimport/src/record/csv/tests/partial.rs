//! Records that have only the properties that a transform reads.

use std::cell::RefCell;
use std::rc::Rc;

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::csv;
use super::oracle::{COLUMNS, file};
use crate::error::Result;
use crate::filter::{Filter, Filtered};
use crate::pipeline::Pipeline;
use crate::projection::Projection;
use crate::record::{CellWarning, CsvDialect, Record};
use crate::run::{
    Body, Output, Problem, Rejected, Rendering, Sink, SkipReason, Skipped, Summary, Transform, Verdict,
    Wrapped, Written,
};
use crate::sink::{Ndjson, Nothing};
use crate::source::Source;

fn source(text: &str) -> Source {
    Source::from_reader("users.csv", std::io::Cursor::new(text.as_bytes().to_vec()))
}

/// Returns the lines that the transform renders, and the counts.
fn run(text: &str, transform: &impl Transform) -> std::result::Result<(String, [u64; 4]), String> {
    let ran = Pipeline::new().threads(std::num::NonZero::<usize>::MIN).read_options(csv()).run(
        [source(text)],
        transform,
        Ndjson::new(Vec::new()),
    );
    let (summary, lines) = ran.map_err(|error| error.to_string())?;
    let counts = [summary.read, summary.written, summary.rejected, summary.left_out];
    Ok((String::from_utf8(lines).unwrap(), counts))
}

/// The same transform, but it says that it reads all properties.
fn reading_all(transform: impl Transform) -> impl Transform {
    Wrapped::new(transform, |record, inner, output| inner.transform(record, output))
}

fn projection(fields: &[&str]) -> Projection {
    let fields = fields.iter().try_fold(Projection::builder(), |builder, field| builder.field(field));
    fields.unwrap().build().unwrap()
}

proptest! {
    #[test]
    fn a_projection_of_partial_records_equals_that_of_complete_ones(
        text in file(),
        fields in subsequence([&COLUMNS[..], &["user_metadata", "Email", "identities", "tags[1]", "x.y"]].concat(), 1..4),
        condition in proptest::option::of(proptest::sample::select(&COLUMNS[..])),
    ) {
        let filter = || condition.map_or_else(Filter::new, |path| {
            Filter::new().and(format!("{path} exists").parse().unwrap())
        });
        let of = || Filtered::new(filter(), projection(&fields));
        prop_assert_eq!(run(&text, &of()), run(&text, &reading_all(of())));
    }
}

#[test]
fn a_condition_may_read_another_property_than_the_fields() {
    let text = "email,name,Last Login\na@example.com,A,2021\nb@example.com,B,2022\n";
    for (condition, expected) in [("last_login = \"2022\"", "b"), ("name = \"A\"", "a")] {
        let filtered = Filtered::new(Filter::new().and(condition.parse().unwrap()), projection(&["email"]));
        assert_eq!(run(text, &filtered).unwrap().0, format!("{{\"email\":\"{expected}@example.com\"}}\n"));
    }
    let closure = Filter::new().by(|record: Record<'_>| record.json().contains("\"B\""));
    assert_eq!(run(text, &Filtered::new(closure, projection(&["email"]))).unwrap().1, [2, 1, 0, 1]);
}

#[test]
fn warnings_are_those_of_the_properties_that_are_read() {
    let text = "email,name,nickname\n'a,'b,'c\n'd,e,f\n";
    let options = csv().csv_dialect(CsvDialect::Auth0);
    let pipeline = Pipeline::new().read_options(options);
    let (summary, ()) = pipeline.run([source(text)], &projection(&["name"]), Nothing::new()).unwrap();
    let warnings: Vec<_> = summary.sources[0].warnings().map(|(kind, column, _)| (kind, column)).collect();
    assert_eq!(warnings, [(CellWarning::BareText, "name".to_owned())]);
}

#[test]
fn a_record_that_is_too_deep_is_unreadable_whatever_is_read() {
    for (levels, counts) in [(127, [2, 2, 0, 0]), (128, [2, 1, 1, 0])] {
        let deep = format!("{}1{}", "{\"\"a\"\":".repeat(levels), "}".repeat(levels));
        let text = format!("email,user_metadata\n'a,\"{deep}\"\n'b,\"{{}}\"\n");
        for field in ["email", "user_metadata.b"] {
            assert_eq!(run(&text, &projection(&[field])).unwrap().1, counts, "{field}");
        }
    }
}

/// Reads `email` only. Rejects or skips every record.
struct Refuse {
    skip: bool,
}

impl Transform for Refuse {
    type Scratch = ();

    fn scratch(&self, _: Rendering) -> Result<()> {
        Ok(())
    }

    fn reads(&self, name: &str) -> bool {
        name == "email"
    }

    fn transform(&self, record: Record<'_>, (): &mut (), _: &mut Output<'_>) -> Verdict {
        assert_eq!(record.json(), r#"{"email":"a"}"#);
        if self.skip {
            Verdict::Skipped(SkipReason::NotADatabaseUser)
        } else {
            Verdict::Rejected(vec![Problem::new("own-rule", "", "never")])
        }
    }
}

/// Keeps what it gets.
struct Kept(Rc<RefCell<Vec<String>>>);

impl Sink for Kept {
    type Finished = ();

    fn write(&mut self, _: Written<'_>) -> Result<()> {
        unreachable!("no record is written")
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        self.0.borrow_mut().push(String::from_utf8(skipped.json.to_vec()).unwrap());
        Ok(())
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        if let Body::User(json) = rejected.body {
            self.0.borrow_mut().push(json.to_owned());
        }
        Ok(())
    }

    fn finish(self, _: &Summary) -> Result<()> {
        Ok(())
    }
}

#[test]
fn rejected_and_skipped_records_are_complete() {
    for skip in [false, true] {
        let kept = Rc::default();
        let text = "name,email,user_metadata\r\n'b,'a,\"{\"\"c\"\": 1}\"\r\n";
        let pipeline = Pipeline::new().read_options(csv());
        pipeline.run([source(text)], &Refuse { skip }, Kept(Rc::clone(&kept))).unwrap();
        assert_eq!(*kept.borrow(), [r#"{"name":"b","email":"a","user_metadata":{"c":1}}"#]);
    }
}
