//! Errors of an output, and their messages.
//!
//! Paths given by the user appear as given. Names found on disk are escaped, so that control characters in them do
//! not reach a terminal.

use std::io;
use std::path::PathBuf;

/// The output cannot be made as requested. Nothing was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// An operation on a file or folder failed.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// The operation, for example "cannot create".
        doing: &'static str,
        /// The error of the operating system.
        #[source]
        error: io::Error,
    },
    /// The path ends in no file name, for example in `..`.
    #[error("the output {} does not end in a file name; expected the name of a file", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The parent folder of the output does not exist.
    #[error("the folder {} does not exist, so {} cannot be created in it; create the folder first", parent.display(), path.display())]
    NoParent {
        /// The output.
        path: PathBuf,
        /// The folder that does not exist.
        parent: PathBuf,
    },
    /// The file already exists.
    #[error("{} already exists", path.display())]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// The folder already exists and is not empty.
    #[error("the folder {} is not empty", path.display())]
    FolderExists {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder appeared under the name during the run.
    #[error("{} was created by something else during this run, and was not changed; run again with another name", path.display())]
    Appeared {
        /// The file or folder.
        path: PathBuf,
    },
    /// The path is a symbolic link.
    #[error("{} is a symbolic link, which is not followed; name its target", path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// The path of a folder is something else, for example a file.
    #[error("{} is {found}; expected a folder, or a name that does not exist", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
        /// What was found, for example "a FIFO".
        found: &'static str,
    },
    /// The path of a file is something else, for example a folder.
    #[error("{} is {found}; expected a regular file, or a name that does not exist", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What was found, for example "a device".
        found: &'static str,
    },
    /// The folder to replace contains a file or folder that no run wrote.
    #[error("{} contains {name:?}, which reimport did not write; only an earlier output is replaced", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// The name of that file or folder.
        name: String,
    },
    /// The folder to replace contains an upload journal.
    #[error("{} contains the upload journal {name:?}, the only record of which parts were sent; name another folder, or move the journal away first", path.display())]
    Journal {
        /// The folder.
        path: PathBuf,
        /// The name of the journal.
        name: String,
    },
    /// The folder cannot be replaced in one step.
    #[error("the folder {} cannot be replaced in one step ({reason}), and an earlier output in it is kept until then; empty it first, or name another", path.display())]
    CannotReplace {
        /// The folder.
        path: PathBuf,
        /// The reason, for example "it is a mount point".
        reason: &'static str,
    },
    /// An input is in the folder that would be replaced.
    #[error("the input {} is inside the output {}, which would replace it; name another output", input.display(), path.display())]
    InputInside {
        /// The input.
        input: PathBuf,
        /// The output folder.
        path: PathBuf,
    },
    /// An input is the file that would be replaced.
    #[error("the input {} is the same file as the output {}; name another output", input.display(), path.display())]
    InputIsOutput {
        /// The input.
        input: PathBuf,
        /// The output file.
        path: PathBuf,
    },
    /// Two outputs of one run have the same name.
    #[error("{} is named for two outputs of one run; name a different file for each", path.display())]
    NamedTwice {
        /// The file.
        path: PathBuf,
    },
    /// The part size is too small for any user.
    #[error("parts of {limit} bytes are too small for any user; expected at least {least}")]
    PartTooSmall {
        /// The requested size, in bytes.
        limit: u64,
        /// The smallest size that can hold a user.
        least: u64,
    },
    /// The maximum number of users per part is 0.
    #[error("a part of 0 users is not possible; expected at least 1")]
    PartWithoutUsers,
    /// A rendered record is too large for a part.
    #[error("a record of {bytes} bytes does not fit in a part, which can have {limit}")]
    RecordTooLong {
        /// The size of the rendered record.
        bytes: u64,
        /// The maximum size.
        limit: u64,
    },
    /// The file of rejected records is larger than its limit.
    #[error("the rejected records take more than {limit} bytes, the limit for them")]
    RejectsTooLarge {
        /// The limit.
        limit: u64,
    },
    /// One folder per connection was requested, and there are too many connections.
    #[error("the users belong to more than {limit} connections, the maximum number of folders")]
    TooManyConnections {
        /// The limit.
        limit: usize,
    },
    /// Publication failed, and a completed step could not be undone. The old and the new content are both kept.
    #[error(
        "{0}; the output that was already published could not be removed: check it, and the files next to it whose names start with a dot and contain .reimport-, which have what it replaced"
    )]
    NotReverted(#[source] Box<Self>),
    /// The process exits on a signal. Drafts are removed, and nothing more is published.
    #[error("interrupted: nothing was published")]
    Interrupted,
}

impl OutputError {
    /// For `map_err`: returns a function that makes an error of the operation `doing` on `path`.
    pub(super) fn io<'p>(
        doing: &'static str,
        path: &'p std::path::Path,
    ) -> impl FnOnce(io::Error) -> Self + use<'p> {
        move |error| Self::Io { path: path.to_owned(), doing, error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All messages word for word.
    #[test]
    fn every_error_states_found_expected_and_remedy() {
        let out = || PathBuf::from("out/parts");
        let table = [
            (
                OutputError::Io {
                    path: out(),
                    doing: "cannot create",
                    error: io::Error::other("no space left"),
                },
                "cannot create out/parts: no space left",
            ),
            (
                OutputError::NoName { path: "a/..".into() },
                "the output a/.. does not end in a file name; expected the name of a file",
            ),
            (
                OutputError::NoParent { path: out(), parent: "out".into() },
                "the folder out does not exist, so out/parts cannot be created in it; create the folder first",
            ),
            (OutputError::FileExists { path: "users.json".into() }, "users.json already exists"),
            (OutputError::FolderExists { path: out() }, "the folder out/parts is not empty"),
            (
                OutputError::Appeared { path: out() },
                "out/parts was created by something else during this run, and was not changed; run again with another name",
            ),
            (
                OutputError::Symlink { path: out() },
                "out/parts is a symbolic link, which is not followed; name its target",
            ),
            (
                OutputError::NotAFolder { path: out(), found: "a FIFO" },
                "out/parts is a FIFO; expected a folder, or a name that does not exist",
            ),
            (
                OutputError::NotAFile { path: "/dev/null".into(), found: "a device" },
                "/dev/null is a device; expected a regular file, or a name that does not exist",
            ),
            (
                OutputError::Foreign { path: out(), name: "notes\u{1b}.txt".into() },
                "out/parts contains \"notes\\u{1b}.txt\", which reimport did not write; only an earlier output is replaced",
            ),
            (
                OutputError::Journal { path: out(), name: "upload-1.ndjson".into() },
                "out/parts contains the upload journal \"upload-1.ndjson\", the only record of which parts were sent; name another folder, or move the journal away first",
            ),
            (
                OutputError::CannotReplace { path: ".".into(), reason: "it is the current folder" },
                "the folder . cannot be replaced in one step (it is the current folder), and an earlier output in it is kept until then; empty it first, or name another",
            ),
            (
                OutputError::InputInside { input: "out/parts/rejected.ndjson".into(), path: out() },
                "the input out/parts/rejected.ndjson is inside the output out/parts, which would replace it; name another output",
            ),
            (
                OutputError::InputIsOutput { input: "a.json".into(), path: "./a.json".into() },
                "the input a.json is the same file as the output ./a.json; name another output",
            ),
            (
                OutputError::NamedTwice { path: "a.ndjson".into() },
                "a.ndjson is named for two outputs of one run; name a different file for each",
            ),
            (
                OutputError::PartTooSmall { limit: 5, least: 6 },
                "parts of 5 bytes are too small for any user; expected at least 6",
            ),
            (OutputError::PartWithoutUsers, "a part of 0 users is not possible; expected at least 1"),
            (
                OutputError::RecordTooLong { bytes: 500_001, limit: 499_996 },
                "a record of 500001 bytes does not fit in a part, which can have 499996",
            ),
            (
                OutputError::RejectsTooLarge { limit: 100 },
                "the rejected records take more than 100 bytes, the limit for them",
            ),
            (
                OutputError::TooManyConnections { limit: 1000 },
                "the users belong to more than 1000 connections, the maximum number of folders",
            ),
            (
                OutputError::NotReverted(Box::new(OutputError::Io {
                    path: out(),
                    doing: "cannot sync",
                    error: io::Error::other("the disk is gone"),
                })),
                "cannot sync out/parts: the disk is gone; the output that was already published could not be removed: check it, and the files next to it whose names start with a dot and contain .reimport-, which have what it replaced",
            ),
            (OutputError::Interrupted, "interrupted: nothing was published"),
        ];
        for (error, text) in table {
            assert_eq!(error.to_string(), text);
        }
    }
}
