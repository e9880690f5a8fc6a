//! Benchmarks of decompression of gzip data, with checksums, compared with the reader of `flate2`.

use std::hint::black_box;
use std::io::Read;

use criterion::{Criterion, Throughput};
use flate2::read::MultiGzDecoder;

use crate::export::{Export, corpus};

const BLOCK: usize = 512 * 1024;

/// Reads to the end, and passes each block to `visit`.
fn ours(export: &Export, mut visit: impl FnMut(&[u8])) -> usize {
    let (mut source, mut block, mut bytes) = (export.gzipped_source(), vec![0; BLOCK], 0);
    loop {
        match source.read(&mut block).expect("the export is good") {
            0 => return bytes,
            read => {
                visit(&block[..read]);
                bytes += read;
            }
        }
    }
}

fn rival(export: &Export) -> usize {
    let (mut decoder, mut block, mut bytes) = (MultiGzDecoder::new(export.gzipped), vec![0; BLOCK], 0);
    loop {
        match decoder.read(&mut block).expect("the export is good") {
            0 => return bytes,
            read => bytes += read,
        }
    }
}

pub(crate) fn inflating(criterion: &mut Criterion) {
    let export = Export::of(&corpus());
    let mut text = Vec::new();
    ours(&export, |block| text.extend_from_slice(block));
    assert!(text == export.text, "the decompressed bytes equal the input");

    let mut group = criterion.benchmark_group("inflating");
    group.throughput(Throughput::Bytes(export.text.len() as u64));
    group.bench_function("reimport", |bencher| {
        bencher
            .iter(|| assert_eq!(ours(black_box(&export), |block| _ = black_box(block)), export.text.len()));
    });
    group.bench_function("flate2::MultiGzDecoder", |bencher| {
        bencher.iter(|| assert_eq!(rival(black_box(&export)), export.text.len()));
    });
    group.finish();
}
