//! Edits that are made before the rules check a user: moves, drops, sets; and flat keys made nested.
//!
//! Only records that are edited pay for it: they are opened level by level along the paths, and everything else in
//! them is copied as it is written.

mod edits;
mod flat;
mod node;

pub use edits::{Edits, UnmadeEdit};
pub(crate) use flat::nest_flat;
