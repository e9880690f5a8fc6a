//! What each stage costs, in bytes of the plain export a second: `cargo bench -p reimport-benches -- STAGE`.
//!
//! Every bench asserts its answer, against a rival or against what the generator says it wrote. All but the last read
//! from memory, on one thread. `cargo test -p reimport-benches` runs each once, with few users, and measures nothing.

mod converting;
mod csv_files;
mod export;
mod inflating;
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
