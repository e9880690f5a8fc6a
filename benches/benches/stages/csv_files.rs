//! Benchmarks of reading CSV in the dialect of the export job, and of writing CSV, compared with the `csv` crate.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use reimport::projection::Unchanged;
use reimport::sink::{Csv, Nothing};
use reimport::{Pipeline, Projection};
use reimport_benches::Format;
use serde_json::Value;

use crate::export::{Export, corpus, one_thread};

/// Reads rows as users: splits, unquotes, nests and validates them.
pub(crate) fn reading(criterion: &mut Criterion) {
    let export = Export::of(&corpus().format(Format::Csv));
    let mut group = criterion.benchmark_group("csv reading");
    group.throughput(Throughput::Bytes(export.text.len() as u64));
    let pipeline: Pipeline = one_thread();
    group.bench_function("reimport, to users", |bencher| {
        bencher.iter(|| {
            let ran = pipeline.run([export.plain_source()], &Unchanged, Nothing::new());
            assert_eq!(ran.expect("the export is good").0.written, export.stats.users);
        });
    });
    group.bench_function("csv::Reader, to cells", |bencher| {
        bencher.iter(|| {
            let mut reader = csv::Reader::from_reader(black_box(export.text));
            let (mut row, mut rows) = (csv::ByteRecord::new(), 0);
            while reader.read_byte_record(&mut row).expect("the export is good") {
                rows += 1;
            }
            assert_eq!(rows, export.stats.users);
        });
    });
    group.finish();
}

const COLUMNS: [&str; 6] = ["user_id", "email", "name", "nickname", "picture", "created_at"];

/// Writes columns that contain only strings, so that both implementations write the same bytes.
pub(crate) fn writing(criterion: &mut Criterion) {
    let export = Export::of(&corpus());
    let fields = COLUMNS.iter().try_fold(Projection::builder(), |builder, path| builder.field(path));
    let projection =
        fields.and_then(reimport::projection::ProjectionBuilder::build).expect("the columns are right");
    let pipeline = one_thread();
    let ours = || {
        let ran = pipeline.run([export.plain_source()], &projection, Csv::new(Vec::new()));
        ran.expect("the export is good").1
    };
    let rival = || {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(COLUMNS).expect("writing to memory does not fail");
        for line in export.text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let user: Value = serde_json::from_slice(line).expect("the export is good");
            csv.write_record(COLUMNS.map(|name| user[name].as_str().unwrap_or("")))
                .expect("writing to memory does not fail");
        }
        csv.into_inner().expect("writing to memory does not fail")
    };
    let expected = rival();
    assert!(ours() == expected, "both give the same bytes");

    let mut group = criterion.benchmark_group("csv writing");
    group.throughput(Throughput::Bytes(export.text.len() as u64));
    group.bench_function("reimport", |bencher| {
        bencher.iter(|| assert_eq!(black_box(ours()).len(), expected.len()));
    });
    group.bench_function("serde_json::Value and csv::Writer", |bencher| {
        bencher.iter(|| assert_eq!(black_box(rival()).len(), expected.len()));
    });
    group.finish();
}
