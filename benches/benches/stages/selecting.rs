//! Benchmarks of writing three fields to CSV, from records with 20 and with 100 fields. The projection is compared
//! with `serde_json::Value`, `sonic-rs` and `simd-json`, each with the `csv` crate. All must write the same bytes.

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput};
use reimport::Projection;
use reimport::sink::Csv;
use serde_json::Value;

use crate::export::{Export, corpus, one_thread};
use crate::rivals::{self, SimdJson};

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

/// Writes the cells that `read` finds in each record. Checks first that the export is UTF-8, as the pipeline does.
fn written(export: &Export, mut read: impl FnMut(&str, &mut dyn FnMut([&str; 3]))) -> Vec<u8> {
    let text = simdutf8::basic::from_utf8(export.text).expect("an export is UTF-8");
    let mut csv = csv::Writer::from_writer(Vec::new());
    csv.write_record(FIELDS.map(|(path, _)| path)).expect("writing to memory does not fail");
    for line in text.lines() {
        read(line, &mut |cells| csv.write_record(cells).expect("writing to memory does not fail"));
    }
    csv.into_inner().expect("writing to memory does not fail")
}

fn serde_json_value(export: &Export) -> Vec<u8> {
    written(export, |line, write| {
        let user: Value = serde_json::from_str(line).expect("the export is good");
        write(FIELDS.map(|(_, pointer)| user.pointer(pointer).and_then(Value::as_str).unwrap_or("")));
    })
}

fn sonic_members(export: &Export) -> Vec<u8> {
    written(export, |line, write| rivals::with_sonic_members(line, write))
}

fn sonic_many(export: &Export) -> Vec<u8> {
    let tree = rivals::sonic_tree();
    written(export, |line, write| rivals::with_sonic_many(line, &tree, write))
}

fn simd_json(export: &Export) -> Vec<u8> {
    let mut simd_json = SimdJson::new();
    written(export, |line, write| simd_json.with_fields(line, write))
}

/// Writes the three fields of all records.
type Select = fn(&Export) -> Vec<u8>;

const RIVALS: [(&str, Select); 4] = [
    ("sonic_rs::to_object_iter", sonic_members),
    ("sonic_rs::get_many", sonic_many),
    ("simd_json::Tape", simd_json),
    ("serde_json::Value", serde_json_value),
];

pub(crate) fn selecting(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("selecting");
    for (name, columns) in EXPORTS {
        let (export, projection) = (Export::of(&corpus().columns(columns)), projection());
        let expected = ours(&export, &projection);
        group.throughput(Throughput::Bytes(export.text.len() as u64));
        group.bench_function(BenchmarkId::new("reimport", name), |bencher| {
            bencher.iter(|| black_box(ours(black_box(&export), &projection)));
        });
        for (rival, written) in RIVALS {
            assert!(written(&export) == expected, "{rival}: all write the same bytes");
            group.bench_function(BenchmarkId::new(rival, name), |bencher| {
                bencher.iter(|| black_box(written(black_box(&export))));
            });
        }
    }
    group.finish();
}
