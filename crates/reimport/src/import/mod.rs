//! The import rules: what an import file may hold, and what becomes of each user on the way into one.

mod check;
mod edit;
mod error;
pub(crate) mod forms;
mod identities;
mod rule;
mod rules;
mod schema;
mod strategy;
mod unique;
mod user;

pub use check::Scratch;
pub use edit::Edits;
pub use error::RulesError;
pub(crate) use rule::names;
pub use rule::{RULES, Rule, RuleSource, Severity, rule};
pub use rules::{Connections, Identifier, Purpose, Rules, Unknown, importable_properties};
