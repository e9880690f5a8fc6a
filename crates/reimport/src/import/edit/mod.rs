//! What a user asks to be changed before the rules look: `--move`, `--drop`, `--set`; and flat keys made nested.
//!
//! Only records that are edited pay for it: they are opened level by level along the paths, and everything else in
//! them is copied as it is written.

mod edits;
mod flat;
mod node;

pub use edits::{Edits, UnmadeEdit};
pub(crate) use flat::nest_flat;
