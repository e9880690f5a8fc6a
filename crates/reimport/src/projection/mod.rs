//! x
/// x
pub struct Projection;
