//! `reimport convert` and `reimport check`.

use std::path::PathBuf;

use clap::Args;

use super::common::{ReadArgs, ReportArgs, RulesArgs, RunArgs};
use super::like::LikeArgs;
use super::recorded::RecordedOptions;
use super::values::Size;

/// How users are put into parts.
#[derive(Debug, Args)]
pub(crate) struct PartArgs {
    /// A folder for each connection: OUT/CONNECTION/…
    #[arg(long, conflicts_with = "merge_connections", help_heading = "Choosing users")]
    pub(crate) by_connection: bool,
    /// No part is larger than this
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "500kB",
        help_heading = "Parts",
        hide_short_help = true
    )]
    pub(crate) max_part_bytes: Size,
    /// No part holds more users than this
    #[arg(long, value_name = "N", help_heading = "Parts", hide_short_help = true)]
    pub(crate) max_part_users: Option<u64>,
}

/// Write import-ready parts.
///
/// OUT is a new folder of parts, each a JSON array within the importer's size limit, with manifest.json, lines.ndjson
/// (which source line each user came from), and where not empty skipped.ndjson and rejected.ndjson, which can be mended
/// and converted again. It appears whole or not at all. OUT may also be FILE.json, or - for standard output: one array.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport convert tenant.json.gz -o parts\n  \
reimport convert tenant.json.gz -o parts --passwords hashes.json.gz\n  \
reimport convert delta/new.ndjson --like parts -o new-parts\n  \
gunzip -c tenant.json.gz | reimport convert - -o users.json")]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Folder, FILE.json, or `-`
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Replace what a run before has written there
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) like: LikeArgs,
    #[command(flatten)]
    pub(crate) parts: PartArgs,
    /// Keep rejected records there, when the output is standard output
    #[arg(long, value_name = "FILE", help_heading = "Parts", hide_short_help = true)]
    pub(crate) rejected: Option<PathBuf>,
    /// Keep skipped records there, when the output is standard output
    #[arg(long, value_name = "FILE", help_heading = "Parts", hide_short_help = true)]
    pub(crate) skipped: Option<PathBuf>,
    /// Fail when the rejected records would take more than this
    ///
    /// Each is kept with its reasons, which take more than a short record does; the disk is not filled with them.
    #[arg(long, value_name = "SIZE", default_value = "4GiB", help_heading = "Rules", hide_short_help = true)]
    pub(crate) max_reject_bytes: Size,
    #[command(flatten)]
    pub(crate) rules: RulesArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

impl ConvertArgs {
    /// The options that shape the output.
    pub(crate) fn recorded(&self) -> RecordedOptions {
        RecordedOptions::of(&self.read, &self.parts, &self.rules, &self.run)
    }
}

/// Say what convert would do, and write nothing.
///
/// Reads everything and judges it by the same rules and options. The report on standard output says how many users will
/// make it and who will not and why, what will be lost, how large the parts will be and how long their upload takes.
/// Files that are already in the import's form can be checked, too.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport check tenant.json.gz\n  \
reimport check tenant.json.gz --html report.html\n  reimport check parts/users-00001.json --json")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Also write the report as a page to send
    ///
    /// One file that needs nothing from elsewhere and holds no personal data: what will happen to the users, each broken rule with what to do about
    /// it and line numbers, coverage of each property, sizes, and what no export has.
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub(crate) html: Option<PathBuf>,
    /// Name some users on the page: personal data
    ///
    /// Up to 5 of each broken rule, by user id and e-mail address.
    #[arg(long, requires = "html", help_heading = "Report")]
    pub(crate) examples: bool,
    /// Replace the page that a run before has written
    #[arg(long, requires = "html", help_heading = "Report")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) like: LikeArgs,
    #[command(flatten)]
    pub(crate) parts: PartArgs,
    #[command(flatten)]
    pub(crate) rules: RulesArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

impl CheckArgs {
    /// The options that would shape the output.
    pub(crate) fn recorded(&self) -> RecordedOptions {
        RecordedOptions::of(&self.read, &self.parts, &self.rules, &self.run)
    }
}
