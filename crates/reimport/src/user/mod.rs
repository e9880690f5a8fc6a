//! The content of a user record: known properties, their other spellings, strategies, and the tables of rules and
//! of kinds of fixes and warnings.

mod identifier;
mod kind;
pub(crate) mod property;
mod rule;
pub(crate) mod spelling;
pub(crate) mod strategy;

pub use identifier::Identifier;
pub(crate) use kind::kinds;
pub use kind::{FACT_KINDS, FactKind};
pub(crate) use rule::names;
pub use rule::{RULES, Rule, RuleSource, RunChange, Severity, rule};
