//! The import rules: what an import file may hold, and what becomes of each user on the way into one.

mod check;
mod edit;
mod error;
pub(crate) mod forms;
pub(crate) mod identities;
mod rule;
mod rules;
pub(crate) mod schema;
pub(crate) mod strategy;
mod unique;
mod user;

pub use check::Scratch;
pub use edit::Edits;
pub(crate) use edit::nest_flat;
pub use error::RulesError;
pub(crate) use rule::names;
pub use rule::{RULES, Rule, RuleSource, Severity, rule};
pub use rules::{Connections, Identifier, Purpose, Rules, Unknown, importable_properties};
pub(crate) use user::{Predicted, is_flat};
