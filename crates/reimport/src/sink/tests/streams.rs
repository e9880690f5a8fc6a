//! Tests of the sinks that write to any `Write`, with and without separate files for skipped and rejected records.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;

use super::*;
use crate::run::{CsvDelimiter, CsvFormat, Rendering, Summary};
use crate::sink::{Array, Csv, LeftoverOptions, Ndjson};

fn fill<S: Sink>(mut sink: S) -> S::Finished {
    sink.begin(b"a,b").unwrap();
    write(&mut sink, "1,2", None).unwrap();
    skip(&mut sink, "{}").unwrap();
    reject(&mut sink, "{").unwrap();
    write(&mut sink, "3,4", None).unwrap();
    sink.finish(&Summary::default()).unwrap()
}

#[test]
fn each_framing_has_documented_layout() {
    assert_eq!(fill(Array::new(Vec::new())), b"[\n1,2,\n3,4\n]");
    assert_eq!(fill(Ndjson::new(Vec::new())), b"1,2\n3,4\n");
    assert_eq!(fill(Csv::new(Vec::new())), b"a,b\n1,2\n3,4\n");
    assert_eq!(Array::new(Vec::new()).finish(&Summary::default()).unwrap(), b"[\n]");
    let tabs = CsvFormat::default().delimiter(CsvDelimiter::Tab);
    assert_eq!(Csv::with_format(Vec::new(), tabs).rendering(), Rendering::Csv(tabs));
    assert_eq!(Ndjson::new(Vec::new()).rendering(), Rendering::Json);
}

#[test]
fn side_files_appear_when_the_stream_is_complete() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let make = || {
        let array = Array::new(Vec::new()).rejected(at("r"), LeftoverOptions::default()).unwrap();
        array.skipped(at("s"), LeftoverOptions::default()).unwrap()
    };
    drop(make());
    make().finish(&Summary::default()).unwrap();
    assert_eq!(names(home.path()), Vec::<String>::new());
    fill(make());
    assert_eq!(names(home.path()), ["r", "s"]);
    let error = Csv::new(Vec::new()).rejected(at("r"), LeftoverOptions::default()).err().unwrap();
    assert!(matches!(output_error(&error), OutputError::FileExists { .. }));
    let csv = Csv::new(Vec::new()).rejected(at("r"), LeftoverOptions::default().force(true)).unwrap();
    assert!(csv.refuse_inputs(&[at("r")]).is_err() && csv.refuse_inputs(&[at("s")]).is_ok());
}

#[test]
fn limit_of_rejected_bytes_fails_the_run() {
    let home = tempfile::tempdir().unwrap();
    let sink = |limit: u64| {
        let options = LeftoverOptions::default().max_bytes(limit);
        Ndjson::new(Vec::new()).rejected(home.path().join("r"), options).unwrap()
    };
    let error = reject(&mut sink(10), "{").unwrap_err();
    assert!(matches!(output_error(&error), OutputError::RejectsTooLarge { limit: 10 }), "{error}");
    reject(&mut sink(10_000), "{").unwrap();
}

#[test]
fn same_name_for_both_side_files_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let options = LeftoverOptions::default().force(true);
    let array = Array::new(Vec::new()).rejected(home.path().join("a"), options).unwrap();
    let error = array.skipped(home.path().join("./A"), options).err().unwrap();
    assert!(matches!(output_error(&error), OutputError::NamedTwice { .. }), "{error}");
    assert_eq!(names(home.path()), Vec::<String>::new());
}

/// A writer that shares its bytes, so that they can be read after the sink is dropped.
#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn failed_run_leaves_an_unclosed_array() {
    let seen = Shared::default();
    let mut array = Array::new(seen.clone());
    let user = format!("{{\"a\":\"{}\"}}", "x".repeat(1_000));
    for _ in 0..1_000 {
        write(&mut array, &user, None).unwrap();
    }
    drop(array);
    let seen = seen.0.borrow();
    assert!(seen.len() > 500_000 && seen.starts_with(b"[\n{") && !seen.contains(&b']'));
}

/// A writer that accepts this many bytes and is then closed.
struct Closing(usize);

impl io::Write for Closing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        if taken == 0 { Err(io::ErrorKind::BrokenPipe.into()) } else { Ok(taken) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn closed_pipe_is_an_error() {
    let mut lines = Ndjson::new(Closing(300_000));
    let failed = (0..100_000).find_map(|_| write(&mut lines, "{\"n\":1}", None).err()).unwrap();
    assert_eq!(failed.category(), crate::error::Category::Io);
    let source = std::error::Error::source(&failed).unwrap().downcast_ref::<io::Error>().unwrap();
    assert_eq!(source.kind(), io::ErrorKind::BrokenPipe);
}
