//! Corpus generator and benchmarks.
