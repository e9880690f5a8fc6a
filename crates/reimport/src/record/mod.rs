//! One record.

/// placeholder
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecordError {
    /// Not JSON.
    #[error(transparent)]
    Syntax(#[from] crate::json::SyntaxError),
}
/// x
pub struct Record;
/// x
pub struct RecordReader;
