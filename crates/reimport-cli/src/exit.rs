//! Exit statuses, and their words.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// All well.
    Done,
    /// Done and published, but there is something to look at.
    Look,
    /// Nothing was published.
    Failed,
    /// Whoever read our output has gone away.
    PipeClosed,
    /// The program panicked; nothing was published.
    Defect,
}

impl Status {
    /// The last line of a summary.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Done => "done (exit status 0)",
            Self::Look => "done, but look at what was rejected or warned of (exit status 1)",
            Self::Failed => "failed: nothing was published (exit status 2)",
            Self::PipeClosed | Self::Defect => "",
        }
    }
}

impl Status {
    /// The number the process ends with.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Look => 1,
            Self::Failed => 2,
            Self::PipeClosed => 141,
            Self::Defect => 101,
        }
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}
