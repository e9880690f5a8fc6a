//! Edits that are made before the rules check a user (moves, drops, sets), and the nesting of flat keys.
//!
//! Only edited records cost time: they are opened level by level along the paths, and everything else in them is
//! copied as written.

mod edits;
mod flat;
mod node;

pub use edits::{Edits, UnmadeEdit};
pub(crate) use flat::nest_flat;
