//! Reads from a reader whose Nth call fails, for every N. The records before the failure must be right, the error
//! must be reported once, and nothing may be published. Interruptions and reads that would block are not failures,
//! and must not change anything.

use std::io::{self, ErrorKind, Read, Write};
use std::num::NonZero;

use flate2::Compression;
use flate2::write::GzEncoder;
use reimport::record::ReadOptions;
use reimport::sink::{FileOptions, Framing, OneFile, Parts, PartsOptions};
use reimport::source::Source;
use reimport::{Category, Pipeline, RecordReader, import::Rules};

/// A reader that returns a few bytes per call. One call fails.
struct Failing {
    bytes: Vec<u8>,
    given: usize,
    calls: usize,
    at: usize,
    sticky: bool,
    kind: ErrorKind,
}

impl Failing {
    fn new(bytes: &[u8], at: usize, sticky: bool, kind: ErrorKind) -> Self {
        Self { bytes: bytes.to_vec(), given: 0, calls: 0, at, sticky, kind }
    }
}

impl Read for Failing {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.calls += 1;
        if self.calls == self.at || self.sticky && self.calls > self.at {
            return Err(self.kind.into());
        }
        // Reads 7 bytes per call, so that faults hit every part of headers, records and trailers.
        let count = 7.min(out.len()).min(self.bytes.len() - self.given);
        out[..count].copy_from_slice(&self.bytes[self.given..self.given + count]);
        self.given += count;
        Ok(count)
    }
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Returns the same users in files of every kind.
fn exports() -> Vec<(&'static str, Vec<u8>)> {
    let user = |n: usize| format!("{{\"user_id\":\"auth0|{n}\",\"email\":\"u{n}@example.com\"}}");
    let users: Vec<String> = (0..12).map(user).collect();
    let lines = users.join("\n").into_bytes();
    let array = format!("[{}]", users.join(",\n")).into_bytes();
    let csv =
        (0..12).fold("user_id,email\n".to_owned(), |csv, n| format!("{csv}auth0|{n},u{n}@example.com\n"));
    let members = [gzipped(&lines[..200]), gzipped(&lines[200..])].concat();
    vec![
        ("twice gzipped", gzipped(&gzipped(&lines))),
        ("two members", members),
        ("lines", lines),
        ("array", array),
        ("csv", csv.into_bytes()),
    ]
}

fn options() -> ReadOptions {
    let mut options = ReadOptions::default();
    // Small blocks, so that there are several.
    options.block_bytes = 100;
    options
}

/// Returns the JSON of all records up to the end or the first error, and the error.
fn read(reader: Failing) -> (Vec<String>, Option<reimport::Error>) {
    let mut records = Vec::new();
    let mut reader = match RecordReader::open(Source::from_reader("export", reader), &options()) {
        Ok(reader) => reader,
        Err(error) => return (records, Some(error)),
    };
    loop {
        match reader.next_record() {
            Ok(Some(record)) => records.push(record.json().to_owned()),
            Ok(None) => return (records, None),
            Err(error) => {
                assert!(reader.next_record().unwrap().is_none(), "an error is reported once");
                assert!(reader.next_record().unwrap().is_none(), "an error is reported once");
                return (records, Some(error));
            }
        }
    }
}

fn calls(bytes: &[u8]) -> usize {
    bytes.len().div_ceil(7) + 1
}

#[test]
fn read_error_is_reported_once_after_the_data() {
    let mut faults = 0;
    for (name, bytes) in exports() {
        let (whole, end) = read(Failing::new(&bytes, usize::MAX, false, ErrorKind::Other));
        assert!(whole.len() == 12 && end.is_none(), "{name}: {end:?}");
        for kind in [
            ErrorKind::Other,
            ErrorKind::UnexpectedEof,
            ErrorKind::ConnectionReset,
            ErrorKind::TimedOut,
            ErrorKind::BrokenPipe,
        ] {
            for (sticky, at) in (1..=calls(&bytes)).flat_map(|at| [(false, at), (true, at)]) {
                let (records, error) = read(Failing::new(&bytes, at, sticky, kind));
                let context = format!("{name}, {kind:?} at {at}: {error:?}");
                let error = error.unwrap_or_else(|| panic!("no error: {context}"));
                assert_eq!(error.category(), Category::Io, "{context}");
                assert!(error.to_string().contains("export: cannot read: "), "{context}: {error}");
                assert!(whole.starts_with(&records), "{context}");
                faults += 1;
            }
        }
    }
    println!("{faults} faults");
    assert!(faults >= 2_600, "too few reads failed");
}

#[test]
fn interrupted_and_short_reads_change_nothing() {
    let mut faults = 0;
    for (name, bytes) in exports() {
        let (whole, _) = read(Failing::new(&bytes, usize::MAX, false, ErrorKind::Other));
        for at in 1..=calls(&bytes) {
            let (records, error) = read(Failing::new(&bytes, at, false, ErrorKind::Interrupted));
            assert!(records == whole && error.is_none(), "{name}, at {at}: {error:?}");
            faults += 1;
        }
        // Each of these makes the reader pause.
        for at in (1..=calls(&bytes)).step_by(5) {
            let (records, error) = read(Failing::new(&bytes, at, false, ErrorKind::WouldBlock));
            assert!(records == whole && error.is_none(), "{name}, at {at}: {error:?}");
            faults += 1;
        }
    }
    println!("{faults} interruptions");
    assert!(faults >= 300, "too few reads were interrupted");
}

#[test]
fn run_with_failed_input_publishes_nothing() {
    let mut faults = 0;
    for (name, bytes) in exports() {
        for at in 1..=calls(&bytes) {
            for threads in [1, 3] {
                let home = tempfile::tempdir().unwrap();
                let source =
                    || Source::from_reader("export", Failing::new(&bytes, at, at % 2 == 0, ErrorKind::Other));
                let pipeline =
                    Pipeline::new().read_options(options()).threads(NonZero::new(threads).unwrap());
                let parts = Parts::create(home.path().join("parts"), PartsOptions::default()).unwrap();
                let error = pipeline.run([source()], &Rules::new(), parts).unwrap_err();
                assert_eq!(error.category(), Category::Io, "{name} at {at}: {error}");
                let file = home.path().join("users.json");
                let file = OneFile::create(file, Framing::Array, FileOptions::default()).unwrap();
                let error = pipeline.run([source()], &Rules::new(), file).unwrap_err();
                assert_eq!(error.category(), Category::Io, "{name} at {at}: {error}");
                assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 0, "{name} at {at}");
                faults += 2;
            }
        }
    }
    println!("{faults} faults");
    assert!(faults >= 1_000, "too few reads failed");
}
