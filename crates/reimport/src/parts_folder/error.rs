//! A folder of parts that cannot be read, and the messages.

use std::path::PathBuf;

/// A folder of parts that is not one, or that must not be read as it is. No message repeats what is in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// There is no manifest.
    #[error("{} has no manifest.json; expected a folder that reimport convert has written", path.display())]
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// A name leads somewhere else, or to something else than a file or folder.
    #[error("{} is {found}; expected a regular {expected}, since nothing else is read in a folder of parts", path.display())]
    NotRegular {
        /// The path.
        path: PathBuf,
        /// What is there, as in "a symbolic link".
        found: &'static str,
        /// What was expected: "file" or "folder".
        expected: &'static str,
    },
    /// A file is longer than any that a run writes.
    #[error("{} has more than {limit} bytes, the most that is read of such a file", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most that is read.
        limit: u64,
    },
    /// The file is not a manifest.
    #[error("{} is not a manifest of reimport convert: {what} at line {line}, column {column}", path.display())]
    NotAManifest {
        /// The file.
        path: PathBuf,
        /// What is wrong, in words.
        what: &'static str,
        /// The line, from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// A part in the manifest cannot be one.
    #[error("{}: part {number} of the list {what}", path.display())]
    Part {
        /// The manifest.
        path: PathBuf,
        /// Which part of the list, from 1.
        number: usize,
        /// What is wrong, in words.
        what: &'static str,
    },
    /// A part in the manifest is not in the folder.
    #[error("{}: the manifest lists it with {bytes} bytes, but it is not there; convert again, into a new folder", path.display())]
    MissingPart {
        /// The part.
        path: PathBuf,
        /// Its size as the manifest gives it.
        bytes: u64,
    },
    /// The folder of a connection in the manifest cannot be one.
    #[error("{}: connection {number} of the list {what}", path.display())]
    Connection {
        /// The manifest.
        path: PathBuf,
        /// Which connection of the list, from 1.
        number: usize,
        /// What is wrong, in words.
        what: &'static str,
    },
    /// The manifest of a connection lists connections.
    #[error("{} lists folders of connections, but the folder is itself one of a connection", path.display())]
    Nested {
        /// The manifest.
        path: PathBuf,
    },
    /// A line of `lines.ndjson` is something else.
    #[error("{}: line {line} does not say from which lines of a source the users of a part are", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: u64,
    },
}
