//! Benchmarks of the import rules, of the duplicate check, and of a whole conversion from gzip data to a folder.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use reimport::projection::Unchanged;
use reimport::sink::{Array, Nothing, Parts, PartsOptions};
use reimport::{Pipeline, Rules, Transform};

use crate::export::{Export, corpus, one_thread};

/// Returns the numbers of written and of skipped users.
fn through(export: &Export, pipeline: &Pipeline, transform: &impl Transform) -> (u64, u64) {
    let ran = pipeline.run([export.plain_source()], transform, Nothing::new());
    let (summary, ()) = ran.expect("the export is good");
    (summary.written, summary.skipped)
}

pub(crate) fn converting(criterion: &mut Criterion) {
    let export = Export::of(&corpus());
    let (pipeline, stats) = (one_thread(), export.stats);
    let expected = (stats.importable, stats.users - stats.importable);
    let rules = Rules::new().unique([]);
    let array = || {
        let ran = pipeline.run([export.plain_source()], &rules, Array::new(Vec::new()));
        ran.expect("the export is good").1
    };
    let users: Vec<serde_json::Value> = serde_json::from_slice(&array()).expect("an array");
    assert_eq!(users.len() as u64, stats.importable);
    let bytes = array().len();

    let mut group = criterion.benchmark_group("converting");
    group.throughput(Throughput::Bytes(export.text.len() as u64));
    group.bench_function("no rules", |bencher| {
        bencher.iter(|| assert_eq!(through(black_box(&export), &pipeline, &Unchanged), (stats.users, 0)));
    });
    group.bench_function("all rules", |bencher| {
        bencher.iter(|| assert_eq!(through(black_box(&export), &pipeline, &rules), expected));
    });
    group.bench_function("all rules, to one array", |bencher| {
        bencher.iter(|| assert_eq!(black_box(array()).len(), bytes));
    });
    group.finish();
}

/// All rules with the duplicate check, on an export that has duplicates. The difference to `converting` is the cost
/// of the check.
pub(crate) fn duplicates(criterion: &mut Criterion) {
    let export = Export::of(&corpus().duplicates(20));
    let (pipeline, rules) = (one_thread(), Rules::new());
    let expected = (export.stats.importable, export.stats.not_database);
    assert!(export.stats.duplicates > 0);

    let mut group = criterion.benchmark_group("duplicates");
    group.throughput(Throughput::Bytes(export.text.len() as u64));
    group.bench_function("all rules, each key once", |bencher| {
        bencher.iter(|| assert_eq!(through(black_box(&export), &pipeline, &rules), expected));
    });
    group.finish();
}

/// From gzip data in memory to a folder of parts, with the default number of threads.
pub(crate) fn end_to_end(criterion: &mut Criterion) {
    let export = Export::of(&corpus());
    let folder = tempfile::tempdir().expect("a folder for what is made");
    let out = folder.path().join("parts");
    let (pipeline, rules) = (Pipeline::new(), Rules::new());
    let mut group = criterion.benchmark_group("end to end");
    group.throughput(Throughput::Bytes(export.text.len() as u64));
    group.bench_function("convert to parts", |bencher| {
        bencher.iter(|| {
            let parts = Parts::create(&out, PartsOptions::default().force(true)).expect("a folder of ours");
            let ran = pipeline.run([export.gzipped_source()], &rules, parts);
            let (summary, published) = ran.expect("the export is good");
            let in_parts: u64 = published.manifest.parts.iter().map(|part| part.users).sum();
            assert_eq!((summary.written, in_parts), (export.stats.importable, export.stats.importable));
        });
    });
    group.finish();
}
