//! The import rules: what an import file may hold, and what becomes of each user on the way into one.

mod check;
mod edit;
mod error;
mod identities;
mod rules;
mod schema;
mod strategy;
mod user;

pub use check::Scratch;
pub use edit::Edits;
pub use error::RulesError;
pub use rules::{Connections, Rules, Unknown, importable_properties};
