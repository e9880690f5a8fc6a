//! Benchmarks of each stage, in bytes of the plain export per second: `cargo bench -p reimport-benches -- STAGE`.
//!
//! Every benchmark checks its result against another implementation, or against the statistics of the generator.
//! All but the last read from memory, on one thread. `cargo test -p reimport-benches` runs each benchmark once with
//! few users, and measures nothing.

mod converting;
mod csv_files;
mod export;
mod inflating;
mod rivals;
mod scanning;
mod selecting;

use criterion::{criterion_group, criterion_main};

criterion_group!(
    stages,
    inflating::inflating,
    scanning::cutting,
    scanning::scanning,
    selecting::selecting,
    csv_files::reading,
    csv_files::writing,
    converting::converting,
    converting::duplicates,
    converting::end_to_end
);
criterion_main!(stages);
