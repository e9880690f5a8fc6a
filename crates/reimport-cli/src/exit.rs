//! Exit statuses.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    /// Done, without anything to report.
    Done,
    /// Done and published, with rejected records or warnings.
    Findings,
    /// Nothing was published.
    Failed,
    /// The reader of standard output closed the pipe.
    PipeClosed,
    /// The program panicked; nothing was published.
    Defect,
}

impl Status {
    /// Returns the last line of a summary.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Done => "done (exit status 0)",
            Self::Findings => "done, with rejected records or warnings (exit status 1)",
            Self::Failed => "failed: nothing was published (exit status 2)",
            Self::PipeClosed | Self::Defect => "",
        }
    }
}

impl Status {
    /// Returns the exit status of the process.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Findings => 1,
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
