//! Three fields of records with 20 and with 100, to CSV: the library's projection beside `serde_json::Value` and the
//! `csv` crate. Both must give the same bytes; the throughput is in bytes of the export.
//!
//! Both read from memory, on one thread.

use std::hint::black_box;
use std::io::Cursor;
use std::num::NonZero;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use reimport::sink::Csv;
use reimport::source::Source;
use reimport::{Pipeline, Projection};
use reimport_benches::Corpus;
use serde_json::Value;

/// What is asked for, as paths and as JSON Pointers.
const FIELDS: [(&str, &str); 3] = [
    ("user_id", "/user_id"),
    ("identities[0].connection", "/identities/0/connection"),
    ("user_metadata.address.city", "/user_metadata/address/city"),
];

/// An export whose records have about 20 fields, and one with about 100.
const EXPORTS: [(&str, usize); 2] = [("3 of 20", 0), ("3 of 100", 80)];

const USERS: u64 = 5_000;

fn export(columns: usize) -> &'static [u8] {
    let mut export = Vec::new();
    Corpus::new(1).users(USERS).columns(columns).write(&mut export).expect("memory takes everything");
    // The rival refuses numbers that no double holds; and a source outlives whoever opens it, but there are only two.
    let export = String::from_utf8(export).expect("an export is UTF-8").replace("1e400", "1e300");
    export.leak().as_bytes()
}

fn projection() -> Projection {
    let fields = FIELDS.iter().try_fold(Projection::builder(), |builder, (path, _)| builder.field(path));
    fields.and_then(reimport::projection::ProjectionBuilder::build).expect("the fields are right")
}

fn ours(export: &'static [u8], projection: &Projection) -> Vec<u8> {
    let source = Source::from_reader("export", Cursor::new(export));
    let pipeline = Pipeline::new().threads(NonZero::<usize>::MIN);
    let (summary, csv) =
        pipeline.run([source], projection, Csv::new(Vec::new())).expect("the export is good");
    assert_eq!(summary.written, USERS);
    csv
}

fn rival(export: &[u8]) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(FIELDS.map(|(path, _)| path)).expect("memory takes everything");
    for line in export.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let user: Value = serde_json::from_slice(line).expect("the export is good");
        let cells = FIELDS.map(|(_, pointer)| user.pointer(pointer).and_then(Value::as_str).unwrap_or(""));
        csv.write_record(cells).expect("memory takes everything");
    }
    csv.into_inner().expect("memory takes everything")
}

fn projecting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("projecting");
    for (name, columns) in EXPORTS {
        let (export, projection) = (export(columns), projection());
        assert_eq!(ours(export, &projection), rival(export), "both give the same bytes");
        group.throughput(Throughput::Bytes(export.len() as u64));
        group.bench_function(BenchmarkId::new("reimport", name), |bencher| {
            bencher.iter(|| black_box(ours(black_box(export), &projection)));
        });
        group.bench_function(BenchmarkId::new("serde_json::Value", name), |bencher| {
            bencher.iter(|| black_box(rival(black_box(export))));
        });
    }
    group.finish();
}

criterion_group!(benches, projecting);
criterion_main!(benches);
