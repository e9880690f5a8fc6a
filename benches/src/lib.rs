//! What the benchmarks and the large tests share: [`Corpus`], seeded exports of any number of users.
//!
//! Not published. Promises the same bytes for the same seed and options on every machine, and a user
//! that depends on nothing but seed, index and options. Refuses to know the `reimport` library: what it
//! writes is an independent input, and its counts are an independent expectation.

pub mod corpus;

pub use corpus::{Corpus, Format, Stats};
