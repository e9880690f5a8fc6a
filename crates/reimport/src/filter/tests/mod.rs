//! Compares conditions with a naive evaluator and lists with a naive set, and tests the exact messages.

mod conditions;
mod dates;
mod filtering;
mod lists;
mod numbers;
mod random;

use crate::filter::Where;
use crate::record::Record;

fn record(json: &str) -> Record<'_> {
    Record::new(json)
}

fn holds(condition: &str, json: &str) -> bool {
    condition.parse::<Where>().unwrap().matches(record(json))
}

/// Returns the message about an invalid condition.
fn words(condition: &str) -> String {
    condition.parse::<Where>().unwrap_err().to_string()
}
