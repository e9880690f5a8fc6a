//! Code shared by the benchmarks and the large tests: [`Corpus`], which writes seeded exports of any number of
//! users.
//!
//! This crate is not published. The same seed and options give the same bytes on every machine, and a user depends only
//! on the seed, the index and the options. The generator does not use the `reimport` library. So its output is an
//! independent input, and its counts are independent expected results.

pub mod corpus;

pub use corpus::{Corpus, Format, Stats};
