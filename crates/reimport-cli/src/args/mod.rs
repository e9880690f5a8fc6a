//! Definitions of the command line. Doc comments are the help texts.

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
mod text;
mod values;

use clap::{Parser, Subcommand};

pub(crate) use common::{EditArgs, JoinArgs, ProgressChoice, ReadArgs, ReportArgs, RulesArgs, RunArgs};
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
    FieldList, JoinChoice, LinkedChoice, MetadataChoice, OutputFormat, PurposeChoice, RulesChoice,
    StaleChoice, UnknownChoice,
};

/// Turn bulk user exports of an Auth0 tenant into files that its bulk import accepts.
///
/// Reads the files of the users-exports job (NDJSON or CSV, gzipped or plain) and JSON arrays, and writes parts for the
/// users-imports job. Every user that cannot be imported is kept, with its line and the reason.
#[derive(Debug, Parser)]
#[command(name = "reimport", version, max_term_width = 100, arg_required_else_help = false)]
#[command(styles = crate::style::ARGUMENTS)]
#[command(
    after_help = "Examples:\n  reimport check tenant.json.gz\n  reimport convert tenant.json.gz -o parts\n  \
reimport select tenant.json.gz -f user_id -f identities[0].connection=provider -o users.csv\n\n\
Exit status: 0 done; 1 done, with rejected records or warnings; 2 failed, nothing published."
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The subcommands. Their help is the doc comment of their arguments.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Convert(Box<ConvertArgs>),
    Check(Box<CheckArgs>),
    Retry(Box<RetryArgs>),
    Select(Box<SelectArgs>),
    Fields(Box<FieldsArgs>),
    Verify(Box<VerifyArgs>),
    Delta(Box<DeltaArgs>),
    #[cfg(feature = "jobs")]
    Download(Box<DownloadArgs>),
    #[cfg(feature = "jobs")]
    Upload(Box<UploadArgs>),
    #[cfg(feature = "jobs")]
    Job(Box<JobArgs>),
    Completions(CompletionsArgs),
    /// Print the manual page, in roff
    #[command(after_help = "Examples:\n  reimport man > ~/.local/share/man/man1/reimport.1")]
    Man,
}
