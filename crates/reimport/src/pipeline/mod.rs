//! The run: sources in, one transform, one sink, and the ordering step between them.

mod summary;

pub use summary::{RuleCount, SourceSummary, Summary};
