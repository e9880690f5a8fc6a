//! Warnings and notes about the inputs of a run.

use reimport::record::Format;
use reimport::{Summary, Topic};

use super::page::grouped;
use super::remarks::Level;

/// A warning or note about the inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum InputRemark {
    /// A file that is given more than once: its name, and the earlier name of the same file.
    Repeated { file: String, earlier: String },
    /// A file of rejected records, all of which were rejected again.
    NothingFixed { file: String },
    /// Only records that an earlier run rejected were read. `hashes` is the number of hashes without a user.
    OnlyRejected { hashes: u64 },
    /// Properties that only one of two exports has.
    DifferentFields { side: &'static str, fields: Vec<&'static str> },
}

impl InputRemark {
    /// Returns the remarks about a run with the import rules whose inputs are files of rejected records.
    pub(super) fn of_rejected(summary: &Summary) -> Vec<Self> {
        let is_rejected = |source: &reimport::run::SourceSummary| source.format == Format::Rejects;
        if summary.sources.is_empty() || !summary.sources.iter().all(is_rejected) {
            return Vec::new();
        }
        let mut remarks = Vec::new();
        if summary.read > 0 {
            let is_left = |fact: &reimport::run::Fact| &*fact.subject == "hashes without a user";
            let hashes = summary.of(Topic::Password).find(|(fact, _)| is_left(fact));
            remarks.push(Self::OnlyRejected { hashes: hashes.map_or(0, |(_, hashes)| hashes) });
        }
        if let Some(file) = unfixed(summary) {
            remarks.push(Self::NothingFixed { file });
        }
        remarks
    }

    pub(super) fn level(&self) -> Level {
        match self {
            Self::Repeated { .. } | Self::NothingFixed { .. } | Self::DifferentFields { .. } => {
                Level::Warning
            }
            Self::OnlyRejected { .. } => Level::Note,
        }
    }

    /// Returns the stable name in the `--json` document.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Repeated { .. } => "repeated-input",
            Self::NothingFixed { .. } => "nothing-fixed",
            Self::OnlyRejected { .. } => "only-rejected",
            Self::DifferentFields { .. } => "different-fields",
        }
    }

    /// Returns one clause, without a full stop.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Repeated { file, earlier } if file == earlier => {
                format!("{file} is given more than once: its records are read again each time")
            }
            Self::Repeated { file, earlier } => {
                format!("{file} is the same file as {earlier}: its records are read again")
            }
            Self::NothingFixed { file } => format!(
                "no record of {file} can be imported yet: correct the `user` of each line as its `problems` say, in this file"
            ),
            Self::DifferentFields { side, fields } => format!(
                "only {side} has {}: the exports were made with different fields, so users count as changed; export both with \
                 the same fields",
                fields.join(", ")
            ),
            Self::OnlyRejected { hashes } => {
                let hashes = match hashes {
                    0 => String::new(),
                    _ => format!(
                        "; `hashes without a user` ({}) counts the hashes of all other users",
                        grouped(*hashes)
                    ),
                };
                format!(
                    "only users that an earlier run rejected were read. They are not compared with its other users: an import \
                     job refuses a user with the identifier of another{hashes}"
                )
            }
        }
    }
}

/// Returns the only input, if it is a file of rejected records and all of them were rejected again.
pub(crate) fn unfixed(summary: &Summary) -> Option<String> {
    let [source] = summary.sources.as_slice() else { return None };
    let is_unfixed = source.format == Format::Rejects && summary.read > 0 && summary.rejected == summary.read;
    is_unfixed.then(|| source.name.to_string())
}
