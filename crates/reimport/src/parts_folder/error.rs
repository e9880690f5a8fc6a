//! Errors of reading a folder of parts, and their messages.

use std::path::PathBuf;

/// The folder is not a folder of parts, or must not be read as it is. No message contains the content of a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FolderError {
    /// The folder does not exist.
    #[error("{} does not exist; expected a folder that reimport convert has written", path.display())]
    NoFolder {
        /// The path of the folder.
        path: PathBuf,
    },
    /// The folder has no manifest.
    #[error("{} has no manifest.json; expected a folder that reimport convert has written", path.display())]
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// A path is not a regular file or folder, but for example a symbolic link.
    #[error("{} is {found}; expected a regular {expected}, since nothing else is read in a folder of parts", path.display())]
    NotRegular {
        /// The path.
        path: PathBuf,
        /// What was found, for example "a symbolic link".
        found: &'static str,
        /// What was expected: "file" or "folder".
        expected: &'static str,
    },
    /// A file is larger than any that a run writes.
    #[error("{} has more than {limit} bytes, the maximum for such a file", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Maximum number of bytes that is read.
        limit: u64,
    },
    /// The file is not a manifest.
    #[error("{} is not a manifest of reimport convert: {what} at line {line}, column {column}", path.display())]
    NotAManifest {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: &'static str,
        /// The line, counted from 1.
        line: usize,
        /// The column.
        column: usize,
    },
    /// An invalid entry in the list of parts of a manifest.
    #[error("{}: part {number} of the list {what}", path.display())]
    Part {
        /// The manifest.
        path: PathBuf,
        /// Number of the part in the list, counted from 1.
        number: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// A part that the manifest lists is not in the folder.
    #[error("{}: the manifest lists it with {bytes} bytes, but it does not exist; convert again, into a new folder", path.display())]
    MissingPart {
        /// The part.
        path: PathBuf,
        /// The size of the part according to the manifest.
        bytes: u64,
    },
    /// An invalid entry in the list of connections of a manifest.
    #[error("{}: connection {number} of the list {what}", path.display())]
    Connection {
        /// The manifest.
        path: PathBuf,
        /// Number of the connection in the list, counted from 1.
        number: usize,
        /// What is wrong.
        what: &'static str,
    },
    /// The manifest in the folder of a connection lists connections itself.
    #[error("{} lists folders of connections, but the folder is itself one of a connection", path.display())]
    Nested {
        /// The manifest.
        path: PathBuf,
    },
    /// A line of `lines.ndjson` is not valid.
    #[error("{}: line {line} does not have the source lines of the users of a part", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, counted from 1.
        line: u64,
    },
}
