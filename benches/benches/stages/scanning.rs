//! Benchmarks of splitting the export into records and of scanning them, compared with `serde_json`,
//! `sonic-rs` and `simd-json`.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use reimport::RecordReader;
use reimport::json::Scanner;
use reimport::record::ReadOptions;
use reimport::source::Source;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::export::{Export, corpus};
use crate::rivals::{self, SimdJson};

/// Returns the number of records of a source.
fn records(source: Source) -> u64 {
    let mut reader = RecordReader::open(source, &ReadOptions::default()).expect("the export is good");
    let mut records = 0;
    while let Some(record) = reader.next_record().expect("the export is good") {
        black_box(record);
        records += 1;
    }
    records
}

pub(crate) fn cutting(criterion: &mut Criterion) {
    let export = Export::of(&corpus());
    let mut group = criterion.benchmark_group("cutting");
    group.throughput(Throughput::Bytes(export.text.len() as u64));
    group.bench_function("plain", |bencher| {
        bencher.iter(|| assert_eq!(records(export.plain_source()), export.stats.users));
    });
    group.bench_function("gzipped", |bencher| {
        bencher.iter(|| assert_eq!(records(export.gzipped_source()), export.stats.users));
    });
    group.finish();
}

/// Returns the number of top-level names of a record. Validates every value to its end.
fn names(record: &str) -> usize {
    let mut scanner = Scanner::new(record);
    let mut names = 0;
    scanner.enter_object().expect("the export is good");
    while let Some(name) = scanner.name().expect("the export is good") {
        black_box((name, scanner.value().expect("the export is good")));
        names += 1;
    }
    scanner.end().expect("the export is good");
    names
}

pub(crate) fn scanning(criterion: &mut Criterion) {
    let export = Export::of(&corpus());
    let text = std::str::from_utf8(export.text).expect("an export is UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    let value = |line: &str| serde_json::from_str::<Value>(line).expect("the export is good");
    let expected: usize =
        lines.iter().map(|line| value(line).as_object().map_or(0, serde_json::Map::len)).sum();

    let mut group = criterion.benchmark_group("scanning");
    group.throughput(Throughput::Bytes(export.text.len() as u64));
    group.bench_function("reimport", |bencher| {
        bencher.iter(|| assert_eq!(lines.iter().map(|line| names(black_box(line))).sum::<usize>(), expected));
    });
    // The other rows read a `str`, except for that of `simd-json`, which always checks this.
    group.bench_function("reimport, with the check of UTF-8", |bencher| {
        bencher.iter(|| {
            let checked = |line: &&str| {
                names(simdutf8::basic::from_utf8(black_box(line.as_bytes())).expect("an export is UTF-8"))
            };
            assert_eq!(lines.iter().map(checked).sum::<usize>(), expected);
        });
    });
    let mut simd_json = SimdJson::new();
    group.bench_function("simd_json::Tape, with the check of UTF-8", |bencher| {
        bencher.iter(|| {
            let names = |line: &&str| simd_json.names(black_box(line));
            assert_eq!(lines.iter().map(names).sum::<usize>(), expected);
        });
    });
    group.bench_function("sonic_rs::to_object_iter", |bencher| {
        bencher.iter(|| {
            let names = |line: &&str| rivals::sonic_names(black_box(line));
            assert_eq!(lines.iter().map(names).sum::<usize>(), expected);
        });
    });
    group.bench_function("sonic_rs, IgnoredAny", |bencher| {
        bencher.iter(|| {
            let valid = |line: &&&str| rivals::is_valid_for_sonic(black_box(line));
            assert_eq!(lines.iter().filter(valid).count() as u64, export.stats.users);
        });
    });
    group.bench_function("serde_json::IgnoredAny", |bencher| {
        bencher.iter(|| {
            let valid = |line: &&&str| serde_json::from_str::<IgnoredAny>(black_box(line)).is_ok();
            assert_eq!(lines.iter().filter(valid).count() as u64, export.stats.users);
        });
    });
    group.bench_function("serde_json::Value", |bencher| {
        bencher.iter(|| {
            let names = |line: &&str| value(black_box(line)).as_object().map_or(0, serde_json::Map::len);
            assert_eq!(lines.iter().map(names).sum::<usize>(), expected);
        });
    });
    group.finish();
}
