//! Conditions against a naive evaluator, lists against a naive set, and the exact words that people read.

mod conditions;
mod dates;
mod filtering;
mod lists;
mod numbers;
mod random;

use crate::filter::Where;
use crate::position::Position;
use crate::record::Record;

fn record(json: &str) -> Record<'_> {
    Record::new(json, Position::START)
}

fn holds(condition: &str, json: &str) -> bool {
    condition.parse::<Where>().unwrap().matches(record(json))
}

/// The words of a condition that is none.
fn words(condition: &str) -> String {
    condition.parse::<Where>().unwrap_err().to_string()
}
