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
    /// Returns the last line of a summary. `findings` are what makes the exit status 1, for example `warnings`.
    pub(crate) fn words(self, findings: &[&str]) -> String {
        match self {
            Self::Done => "done (exit status 0)".to_owned(),
            Self::Findings => format!("done, with {} (exit status 1)", listed(findings)),
            Self::Failed => "failed: nothing was published (exit status 2)".to_owned(),
            Self::PipeClosed | Self::Defect => String::new(),
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

/// Joins names: `a`, `a and b`, `a, b and c`.
fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status.code())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn last_line_names_what_was_found() {
        for (findings, expected) in [
            (&["warnings"][..], "done, with warnings (exit status 1)"),
            (&["rejected records", "warnings"], "done, with rejected records and warnings (exit status 1)"),
            (&["a", "b", "c"], "done, with a, b and c (exit status 1)"),
        ] {
            assert_eq!(super::Status::Findings.words(findings), expected);
        }
        assert_eq!(super::Status::Done.words(&[]), "done (exit status 0)");
    }
}
