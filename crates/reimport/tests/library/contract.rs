//! A transform of another crate that does not keep the contract: the run fails and publishes nothing.

use std::num::NonZero;
use std::path::Path;

use reimport::projection::Unchanged;
use reimport::record::ReadOptions;
use reimport::run::{Rendering, Transform, Wrapped, Written, apply};
use reimport::sink::{
    Array, Csv, Estimate, FileOptions, Framing, Ndjson, Nothing, OneFile, Parts, PartsOptions,
};
use reimport::source::Source;
use reimport::{Category, Error, Output, Pipeline, Record, Result, SideFile, Sink, Verdict};

/// Copies each record, except the fourth, for which it calls a function.
struct FourthIs<F>(F);

impl<F: Fn(&mut Output<'_>) -> Verdict + Sync> Transform for FourthIs<F> {
    type Scratch = ();

    fn scratch(&self, _: Rendering) -> Result<()> {
        Ok(())
    }

    fn transform(&self, record: Record<'_>, (): &mut (), output: &mut Output<'_>) -> Verdict {
        if record.json() == "{\"n\":4}" {
            return (self.0)(output);
        }
        output.bytes.extend_from_slice(record.json().as_bytes());
        Verdict::Written
    }
}

/// Runs ten records, on the third to twelfth line, through a transform that writes these bytes for the fourth record.
fn run<S: Sink>(bytes: &'static [u8], sink: S) -> Result<S::Finished> {
    let transform = FourthIs(move |output: &mut Output<'_>| {
        output.bytes.extend_from_slice(bytes);
        Verdict::Written
    });
    run_with(&transform, sink)
}

fn run_with<S: Sink>(transform: &impl Transform, sink: S) -> Result<S::Finished> {
    run_in_blocks(16, transform, sink)
}

fn run_in_one_block<S: Sink>(transform: &impl Transform, sink: S) -> Result<S::Finished> {
    run_in_blocks(1 << 16, transform, sink)
}

fn run_in_blocks<S: Sink>(block_bytes: usize, transform: &impl Transform, sink: S) -> Result<S::Finished> {
    let lines = (1..=10).fold(String::new(), |lines, number| lines + &format!("{{\"n\":{number}}}\n"));
    let mut options = ReadOptions::default();
    options.block_bytes = block_bytes;
    options.any_records = true;
    let pipeline = Pipeline::new().read_options(options).threads(NonZero::new(3).unwrap());
    let source = Source::from_reader("tenant.json", std::io::Cursor::new(format!("\n\n{lines}")));
    pipeline.run([source], transform, sink).map(|(_, finished)| finished)
}

const AT_FOURTH: &str = "tenant.json: line 6 (record 4, byte 26): the transform must";
const ONE_OBJECT: &str = "write one JSON object on one line for each record, but it wrote";

fn assert_refused<T>(ran: Result<T>, rest: &str) {
    let error = ran.err().expect("the run fails");
    assert_eq!(error.to_string(), format!("{AT_FOURTH} {rest}"));
    assert_eq!(error.category(), Category::Run);
}

fn is_empty(folder: &Path) -> bool {
    std::fs::read_dir(folder).unwrap().next().is_none()
}

#[test]
fn invalid_rendering_is_refused_and_nothing_is_published() {
    for (bytes, found) in [
        (&b""[..], "nothing"),
        (b"{\"n\":4}\n", "a line end"),
        (b"{\n\"n\":4}", "a line end"),
        (b"\xff", "bytes that are not UTF-8"),
        (
            b"{\"n\":4} {\"n\":4}",
            "text that is not one JSON object: a second value begins at column 9; expected one object per line",
        ),
        (b"junk", "text that is not one JSON object: expected an object, but found a letter at column 1"),
    ] {
        let home = tempfile::tempdir().unwrap();
        let (folder, file) = (home.path().join("parts"), home.path().join("users.json"));
        let refused = format!("{ONE_OBJECT} {found}");
        assert_refused(run(bytes, Parts::create(&folder, PartsOptions::default()).unwrap()), &refused);
        for framing in [Framing::Array, Framing::Ndjson] {
            assert_refused(
                run(bytes, OneFile::create(&file, framing, FileOptions::default()).unwrap()),
                &refused,
            );
        }
        assert!(is_empty(home.path()));
        assert_refused(run(bytes, Ndjson::new(Vec::new())), &refused);
        assert_refused(run(bytes, Array::new(Vec::new())), &refused);
        assert_refused(run(bytes, Estimate::new(PartsOptions::default()).unwrap()), &refused);
        assert_refused(run(bytes, |_: Written<'_>| Ok(())), &refused);
    }
    let rows = "write one CSV line without its line end for each record, but it wrote";
    assert_refused(run(b"a\nb", Csv::new(Vec::new())), &format!("{rows} a line end"));
    assert_refused(run(b"\"a", Csv::new(Vec::new())), &format!("{rows} a quote that is not closed"));
}

#[test]
fn valid_rendering_is_written_and_a_sink_can_take_any_bytes() {
    let lines = run(b"{ \"own\": true }", Ndjson::new(Vec::new())).unwrap();
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(lines.lines().nth(3), Some("{ \"own\": true }"));
    run(b"", Nothing::new()).unwrap();
    run(b"junk", Nothing::new()).unwrap();
}

#[test]
fn line_of_a_side_file_is_checked() {
    let transform = FourthIs(|output: &mut Output<'_>| {
        output.bytes.extend_from_slice(b"{}");
        output.side(SideFile::Links, b"{\n}");
        Verdict::Written
    });
    let home = tempfile::tempdir().unwrap();
    let parts = Parts::create(home.path().join("parts"), PartsOptions::default()).unwrap();
    assert_refused(
        run_with(&transform, parts),
        "write one JSON object on one line as each line of links.ndjson, but it wrote a line end",
    );
    assert!(is_empty(home.path()));
}

#[test]
fn transform_cannot_change_earlier_records() {
    let transform = FourthIs(|output: &mut Output<'_>| {
        assert!(output.bytes.is_empty(), "the buffer holds this record only");
        output.bytes.clear();
        output.bytes.extend_from_slice(b"{\"n\":5}");
        Verdict::Written
    });
    let lines = run_in_one_block(&transform, Ndjson::new(Vec::new())).unwrap();
    let expected =
        (1..=10).map(|n| format!("{{\"n\":{}}}\n", if n == 4 { 5 } else { n })).collect::<Vec<_>>().concat();
    assert_eq!(String::from_utf8(lines).unwrap(), expected);
}

#[test]
fn rejected_record_needs_a_problem() {
    let transform = FourthIs(|_: &mut Output<'_>| Verdict::Rejected(Vec::new()));
    let expected = "give at least one problem for each rejected record, but it gave none";
    assert_refused(run_with(&transform, Nothing::new()), expected);
    let applied: Result<_> = apply(&transform, Rendering::Json, Record::parse("{\"n\":4}").unwrap());
    assert_eq!(
        applied.map_err(|error: Error| error.to_string()),
        Err(format!("the transform must {expected}"))
    );
}

#[test]
fn transform_around_one_of_this_library_is_checked() {
    let wrapped = Wrapped::new(Unchanged, |record, inner, output: &mut Output<'_>| {
        let verdict = inner.transform(record, output);
        if record.json() == "{\"n\":4}" {
            output.bytes.pop();
        }
        verdict
    });
    assert_refused(
        run_with(&wrapped, Ndjson::new(Vec::new())),
        &format!(
            "{ONE_OBJECT} text that is not one JSON object: expected `,` or `}}`, but found the end of the text at \
             column 7"
        ),
    );
}

#[test]
fn apply_checks_what_is_rendered() {
    let transform = FourthIs(|output: &mut Output<'_>| {
        output.bytes.extend_from_slice(b"{}\n");
        Verdict::Written
    });
    let error = apply(&transform, Rendering::Json, Record::parse("{\"n\":4}").unwrap()).unwrap_err();
    assert_eq!(error.to_string(), format!("the transform must {ONE_OBJECT} a line end"));
}
