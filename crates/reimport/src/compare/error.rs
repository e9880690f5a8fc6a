//! Everything a comparison as a whole can be told, on one page.

/// Two sides that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// Something that can be read only once.
    #[error(
        "a comparison reads each file twice: expected a regular file, but found a stream; save it to a file first"
    )]
    ReadOnce,
    /// No file at all on one side.
    #[error("expected at least one file {side}")]
    NoFile {
        /// Which side, as in "of the export made afterwards".
        side: &'static str,
    },
    /// Records that nothing tells apart.
    #[error("none of the {records} records {side} has {key}, by which users are compared: {remedy}")]
    NoKey {
        /// How many records there are.
        records: u64,
        /// Which side.
        side: &'static str,
        /// What they lack.
        key: &'static str,
        /// What to do about it.
        remedy: &'static str,
    },
    /// The second reading found something else than the first.
    #[error("the files changed while they were compared: run it again when nothing writes to them")]
    Changed,
}
