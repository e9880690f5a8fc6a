//! Error kinds of a comparison as a whole, and their messages.

/// The two sides cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CompareError {
    /// An input can be read only once, such as a pipe.
    #[error(
        "a comparison reads each file twice: expected a regular file, but found a stream; save it to a file first"
    )]
    ReadOnce,
    /// A side has no files.
    #[error("expected at least one file {side}")]
    NoFile {
        /// The side, for example "of the new export".
        side: &'static str,
    },
    /// No record of a side has a key.
    #[error("none of the {records} records {side} has {key}, by which users are compared: {remedy}")]
    NoKey {
        /// The number of records.
        records: u64,
        /// The side.
        side: &'static str,
        /// The key that the records lack.
        key: &'static str,
        /// What the user can do about it.
        remedy: &'static str,
    },
    /// The second pass found something different from the first pass.
    #[error("the files changed while they were compared: run it again when nothing writes to them")]
    Changed,
}
