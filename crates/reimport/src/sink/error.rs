//! Everything an output can be told, on one page.
//!
//! Paths are the user's own words and appear as given; names found on disk are escaped, so that no control character
//! of a stranger reaches a terminal.

use std::io;
use std::path::PathBuf;

/// An output that cannot be made as asked; nothing was published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OutputError {
    /// The operating system refused something about a file or folder.
    #[error("{doing} {}: {error}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What was being done, as in "cannot create".
        doing: &'static str,
        /// The system's own reason.
        #[source]
        error: io::Error,
    },
    /// The path ends in no name, as `..` does for a file.
    #[error("the output {} ends in no name of its own; expected the name of a file", path.display())]
    NoName {
        /// The path.
        path: PathBuf,
    },
    /// The folder that would hold the output is not there.
    #[error("the folder {} does not exist, so {} cannot be made in it; create the folder first", parent.display(), path.display())]
    NoParent {
        /// The output.
        path: PathBuf,
        /// The folder that is missing.
        parent: PathBuf,
    },
    /// A file of that name is there.
    #[error("{} already exists", path.display())]
    FileExists {
        /// The file.
        path: PathBuf,
    },
    /// A folder of that name is there and holds something.
    #[error("the folder {} is not empty", path.display())]
    FolderExists {
        /// The folder.
        path: PathBuf,
    },
    /// Something appeared under the name while the run went on.
    #[error("{} appeared while this run went on, and was left as it is; run again with another name", path.display())]
    Appeared {
        /// The file or folder.
        path: PathBuf,
    },
    /// The path is a symbolic link.
    #[error("{} is a symbolic link, and nothing is written through one; name what it leads to", path.display())]
    Symlink {
        /// The link.
        path: PathBuf,
    },
    /// A folder was asked for where something else is.
    #[error("{} is {found}; expected a folder, or a name that is still free", path.display())]
    NotAFolder {
        /// The path.
        path: PathBuf,
        /// What is there, as in "a FIFO".
        found: &'static str,
    },
    /// A file was asked for where something else is.
    #[error("{} is {found}; expected a regular file, or a name that is still free", path.display())]
    NotAFile {
        /// The path.
        path: PathBuf,
        /// What is there, as in "a device".
        found: &'static str,
    },
    /// The folder to replace holds something that no run wrote.
    #[error("{} holds {name:?}, which no run of reimport wrote; only an earlier output is replaced", path.display())]
    Foreign {
        /// The folder.
        path: PathBuf,
        /// What it holds.
        name: String,
    },
    /// The folder to replace holds the record of an upload.
    #[error("{} holds the upload journal {name:?}, the only record of which parts were sent; name another folder, or move the journal away first", path.display())]
    Journal {
        /// The folder.
        path: PathBuf,
        /// The journal.
        name: String,
    },
    /// The folder to replace cannot be exchanged in one step.
    #[error("the folder {} cannot be replaced in one step ({reason}), and an earlier output in it is kept until then; empty it first, or name another", path.display())]
    CannotReplace {
        /// The folder.
        path: PathBuf,
        /// Why, as in "it is a mount point".
        reason: &'static str,
    },
    /// An input lies in the folder that would be replaced.
    #[error("the input {} lies inside the output {}, which would replace it; name another output", input.display(), path.display())]
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
    /// Two outputs of one run have one name.
    #[error("{} is named for two outputs of one run; name a file of its own for each", path.display())]
    NamedTwice {
        /// The file.
        path: PathBuf,
    },
    /// No user fits in a part that small.
    #[error("parts of {limit} bytes are too small for any user; expected at least {least}")]
    PartTooSmall {
        /// What was asked for.
        limit: u64,
        /// The smallest that can hold a user.
        least: u64,
    },
    /// Parts without users were asked for.
    #[error("parts of 0 users were asked for; expected at least 1")]
    PartWithoutUsers,
    /// One rendered record is above what a part can hold.
    #[error("a record of {bytes} bytes does not fit in a part, which holds {limit}")]
    RecordTooLong {
        /// Its rendered length.
        bytes: u64,
        /// The longest that fits.
        limit: u64,
    },
    /// The reject file would outgrow its limit.
    #[error("the rejected records take more than {limit} bytes, the limit for them")]
    RejectsTooLarge {
        /// The limit.
        limit: u64,
    },
    /// One folder a connection was asked for, and there are too many.
    #[error("the users name more than {limit} connections, but at most that many can have a folder each")]
    TooManyConnections {
        /// The limit.
        limit: usize,
    },
    /// A publication failed, and what had been done of it could not be undone: both contents are kept.
    #[error(
        "{0}; what was published before that could not be taken back: look at it, and beside it at names that start with a dot and hold .reimport-, where what it replaced is kept"
    )]
    NotTakenBack(#[source] Box<Self>),
    /// The process is leaving on a signal: drafts are gone, and nothing more is published.
    #[error("interrupted: nothing was published")]
    Interrupted,
}

impl OutputError {
    /// For `map_err`: the system refused `doing` something to `path`.
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

    /// Every sentence, word for word: a person reads them.
    #[test]
    fn every_error_says_what_was_found_what_was_expected_and_what_to_do() {
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
                "the output a/.. ends in no name of its own; expected the name of a file",
            ),
            (
                OutputError::NoParent { path: out(), parent: "out".into() },
                "the folder out does not exist, so out/parts cannot be made in it; create the folder first",
            ),
            (OutputError::FileExists { path: "users.json".into() }, "users.json already exists"),
            (OutputError::FolderExists { path: out() }, "the folder out/parts is not empty"),
            (
                OutputError::Appeared { path: out() },
                "out/parts appeared while this run went on, and was left as it is; run again with another name",
            ),
            (
                OutputError::Symlink { path: out() },
                "out/parts is a symbolic link, and nothing is written through one; name what it leads to",
            ),
            (
                OutputError::NotAFolder { path: out(), found: "a FIFO" },
                "out/parts is a FIFO; expected a folder, or a name that is still free",
            ),
            (
                OutputError::NotAFile { path: "/dev/null".into(), found: "a device" },
                "/dev/null is a device; expected a regular file, or a name that is still free",
            ),
            (
                OutputError::Foreign { path: out(), name: "notes\u{1b}.txt".into() },
                "out/parts holds \"notes\\u{1b}.txt\", which no run of reimport wrote; only an earlier output is replaced",
            ),
            (
                OutputError::Journal { path: out(), name: "upload-1.ndjson".into() },
                "out/parts holds the upload journal \"upload-1.ndjson\", the only record of which parts were sent; name another folder, or move the journal away first",
            ),
            (
                OutputError::CannotReplace { path: ".".into(), reason: "it is the current folder" },
                "the folder . cannot be replaced in one step (it is the current folder), and an earlier output in it is kept until then; empty it first, or name another",
            ),
            (
                OutputError::InputInside { input: "out/parts/rejected.ndjson".into(), path: out() },
                "the input out/parts/rejected.ndjson lies inside the output out/parts, which would replace it; name another output",
            ),
            (
                OutputError::InputIsOutput { input: "a.json".into(), path: "./a.json".into() },
                "the input a.json is the same file as the output ./a.json; name another output",
            ),
            (
                OutputError::NamedTwice { path: "a.ndjson".into() },
                "a.ndjson is named for two outputs of one run; name a file of its own for each",
            ),
            (
                OutputError::PartTooSmall { limit: 5, least: 6 },
                "parts of 5 bytes are too small for any user; expected at least 6",
            ),
            (OutputError::PartWithoutUsers, "parts of 0 users were asked for; expected at least 1"),
            (
                OutputError::RecordTooLong { bytes: 500_001, limit: 499_996 },
                "a record of 500001 bytes does not fit in a part, which holds 499996",
            ),
            (
                OutputError::RejectsTooLarge { limit: 100 },
                "the rejected records take more than 100 bytes, the limit for them",
            ),
            (
                OutputError::TooManyConnections { limit: 1000 },
                "the users name more than 1000 connections, but at most that many can have a folder each",
            ),
            (
                OutputError::NotTakenBack(Box::new(OutputError::Io {
                    path: out(),
                    doing: "cannot sync",
                    error: io::Error::other("the disk is gone"),
                })),
                "cannot sync out/parts: the disk is gone; what was published before that could not be taken back: look at it, and beside it at names that start with a dot and hold .reimport-, where what it replaced is kept",
            ),
            (OutputError::Interrupted, "interrupted: nothing was published"),
        ];
        for (error, text) in table {
            assert_eq!(error.to_string(), text);
        }
    }
}
