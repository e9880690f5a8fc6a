//! Benchmarks of writing three fields to CSV, from records with 20 and with 100 fields. The projection is compared
//! with `serde_json::Value` and the `csv` crate. Both must write the same bytes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use reimport::Projection;
use reimport::sink::Csv;
use serde_json::Value;

use crate::export::{Export, corpus, one_thread};

/// The fields, as paths and as JSON Pointers.
const FIELDS: [(&str, &str); 3] = [
    ("user_id", "/user_id"),
    ("identities[0].connection", "/identities/0/connection"),
    ("user_metadata.address.city", "/user_metadata/address/city"),
];

/// An export whose records have about 20 fields, and one with about 100.
const EXPORTS: [(&str, usize); 2] = [("3 of 20", 0), ("3 of 100", 80)];

fn projection() -> Projection {
    let fields = FIELDS.iter().try_fold(Projection::builder(), |builder, (path, _)| builder.field(path));
    fields.and_then(reimport::projection::ProjectionBuilder::build).expect("the fields are right")
}

fn ours(export: &Export, projection: &Projection) -> Vec<u8> {
    let ran = one_thread().run([export.plain_source()], projection, Csv::new(Vec::new()));
    let (summary, csv) = ran.expect("the export is good");
    assert_eq!(summary.written, export.stats.users);
    csv
}

fn rival(export: &Export) -> Vec<u8> {
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(FIELDS.map(|(path, _)| path)).expect("writing to memory does not fail");
    for line in export.text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let user: Value = serde_json::from_slice(line).expect("the export is good");
        let cells = FIELDS.map(|(_, pointer)| user.pointer(pointer).and_then(Value::as_str).unwrap_or(""));
        csv.write_record(cells).expect("writing to memory does not fail");
    }
    csv.into_inner().expect("writing to memory does not fail")
}

pub(crate) fn selecting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("selecting");
    for (name, columns) in EXPORTS {
        let (export, projection) = (Export::of(&corpus().columns(columns)), projection());
        assert!(ours(&export, &projection) == rival(&export), "both give the same bytes");
        group.throughput(Throughput::Bytes(export.text.len() as u64));
        group.bench_function(BenchmarkId::new("reimport", name), |bencher| {
            bencher.iter(|| black_box(ours(black_box(&export), &projection)));
        });
        group.bench_function(BenchmarkId::new("serde_json::Value", name), |bencher| {
            bencher.iter(|| black_box(rival(black_box(&export))));
        });
    }
    group.finish();
}
