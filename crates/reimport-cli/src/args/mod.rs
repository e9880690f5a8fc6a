//! What can be typed. The doc comments are the help.

mod common;
mod compare;
mod convert;
mod fields;
mod filter;
#[cfg(feature = "jobs")]
mod jobs;
mod like;
mod recorded;
mod retry;
mod select;
mod shell;
mod values;

use clap::{Parser, Subcommand};

pub(crate) use common::{ProgressChoice, ReadArgs, ReportArgs, RulesArgs, RunArgs};
pub(crate) use compare::{DeltaArgs, VerifyArgs};
pub(crate) use convert::{CheckArgs, ConvertArgs};
pub(crate) use fields::FieldsArgs;
pub(crate) use filter::FilterArgs;
#[cfg(feature = "jobs")]
pub(crate) use jobs::{DownloadArgs, JobArgs, JobCommand, PollArgs, TenantArgs, UploadArgs, VerifyEmailArgs};
pub(crate) use like::LikeArgs;
#[cfg(test)]
pub(crate) use recorded::tests as examples;
pub(crate) use recorded::{RecordedOptions, WrongOption, member};
pub(crate) use retry::RetryArgs;
pub(crate) use select::SelectArgs;
pub(crate) use shell::CompletionsArgs;
pub(crate) use values::{
    JoinChoice, LinkedChoice, MetadataChoice, OutputFormat, PurposeChoice, RulesChoice, StaleChoice,
    TypesChoice, UnknownChoice,
};

/// Turn bulk user exports of an identity tenant into files its bulk import accepts.
///
/// Reads gzipped or plain NDJSON and JSON arrays, as the users-exports job writes them, and writes parts that the
/// users-imports job takes. Every user that will not make it is kept, with the line and the reason.
#[derive(Debug, Parser)]
#[command(name = "reimport", version, max_term_width = 100, arg_required_else_help = false)]
#[command(
    after_help = "Examples:\n  reimport check tenant.json.gz\n  reimport convert tenant.json.gz -o parts\n  \
reimport select tenant.json.gz -f user_id -f identities[0].connection=provider -o users.csv\n\n\
Exit status: 0 done; 1 done and published, but look; 2 failed, nothing published."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Write import-ready parts
    Convert(Box<ConvertArgs>),
    /// Say what convert would do, and write nothing
    Check(Box<CheckArgs>),
    /// Write parts of those whom the import jobs refused
    Retry(Box<RetryArgs>),
    /// Write some fields of every user, as CSV or JSON
    Select(Box<SelectArgs>),
    /// Say what is in it: every path, how often, which types
    Fields(Box<FieldsArgs>),
    /// Say whether all users arrived
    Verify(Box<VerifyArgs>),
    /// Say who is new, changed and gone between two exports
    Delta(Box<DeltaArgs>),
    /// Fetch a tenant's users: start an export, wait, download, check
    #[cfg(feature = "jobs")]
    Download(Box<DownloadArgs>),
    /// Send the parts of a conversion to a tenant, and collect what failed
    #[cfg(feature = "jobs")]
    Upload(Box<UploadArgs>),
    /// Look at a job: how far it is, and whom it refused
    #[cfg(feature = "jobs")]
    Job(Box<JobArgs>),
    /// Print the completions of a shell
    Completions(CompletionsArgs),
    /// Print the manual page, in roff
    #[command(after_help = "Examples:\n  reimport man > ~/.local/share/man/man1/reimport.1")]
    Man,
}
