//! Counts what an export contains: every path with the number of records and the types, or every value of one
//! field.

mod tally;
mod transform;
mod values;

#[cfg(test)]
mod tests;

pub use tally::{FieldCount, MAX_PATHS, Tally};
pub use transform::Survey;
pub use values::{MAX_VALUES, ValueAt, ValueCount, ValueCounts, Values};
