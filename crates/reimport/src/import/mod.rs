//! x
/// x
pub struct Rules;
