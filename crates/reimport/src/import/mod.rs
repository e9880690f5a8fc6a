//! From an exported record to a user that the importer accepts.

pub(crate) mod forms;
mod rule;

pub(crate) use rule::names;
pub use rule::{RULES, Rule, RuleSource, Severity, rule};

/// x
pub struct Rules;
