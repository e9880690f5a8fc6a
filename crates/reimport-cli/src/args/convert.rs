//! `reimport convert` and `reimport check`.

use std::path::PathBuf;

use clap::Args;

use super::common::{ReadArgs, ReportArgs, RulesArgs, RunArgs};
use super::like::LikeArgs;
use super::recorded::RecordedOptions;
use super::text;
use super::values::Size;

/// How users are divided into parts.
#[derive(Debug, Args)]
pub(crate) struct PartArgs {
    /// Write one folder per connection: OUT/CONNECTION/…
    #[arg(long, conflicts_with = "merge_connections", help_heading = "Choosing users")]
    pub(crate) by_connection: bool,
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "500kB",
        help_heading = "Parts",
        hide_short_help = true,
        help = text::MAX_PART_BYTES
    )]
    pub(crate) max_part_bytes: Size,
    /// Maximum number of users in a part
    #[arg(long, value_name = "N", help_heading = "Parts", hide_short_help = true)]
    pub(crate) max_part_users: Option<u64>,
}

/// Write parts that are ready to import.
///
/// OUT is a new folder. It contains the parts, each a JSON array within the importer's size limit, manifest.json,
/// lines.ndjson (the source line of each user) and, if not empty, skipped.ndjson and rejected.ndjson. Records in these
/// two files can be fixed and converted again. OUT appears complete or not at all. OUT can also be FILE.json, or `-`
/// for standard output: then the output is one JSON array.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport convert tenant.json.gz -o parts\n  \
reimport convert tenant.json.gz -o parts --passwords hashes.json.gz\n  \
reimport convert delta/new.ndjson --like parts -o new-parts\n  \
gunzip -c tenant.json.gz | reimport convert - -o users.json")]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    #[arg(short, long = "output", value_name = "OUT", help = text::OUTPUT)]
    pub(crate) output: PathBuf,
    #[arg(long, help = text::FORCE)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) like: LikeArgs,
    #[command(flatten)]
    pub(crate) parts: PartArgs,
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Parts",
        hide_short_help = true,
        help = text::REJECTED
    )]
    pub(crate) rejected: Option<PathBuf>,
    /// File for skipped records if the output is standard output
    #[arg(long, value_name = "FILE", help_heading = "Parts", hide_short_help = true)]
    pub(crate) skipped: Option<PathBuf>,
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "4GiB",
        help_heading = "Rules",
        hide_short_help = true,
        help = text::MAX_REJECT_BYTES,
        long_help = text::MAX_REJECT_BYTES_LONG
    )]
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

/// Report what convert would do, and write nothing.
///
/// Reads all records and applies the rules and options of convert. The report on standard output has the number of
/// users that are ready to import, the others with the reasons, what is lost, the sizes of the parts and the time of
/// their upload. Import files can be checked, too.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport check tenant.json.gz\n  \
reimport check tenant.json.gz --html report.html\n  reimport check parts/users-00001.json --json")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Report",
        help = text::HTML,
        long_help = CHECK_HTML
    )]
    pub(crate) html: Option<PathBuf>,
    /// List up to 5 users per rule (contains personal data)
    ///
    /// The page then has the user ids and e-mail addresses of these users.
    #[arg(long, requires = "html", help_heading = "Report")]
    pub(crate) examples: bool,
    /// Replace the file of --html, even if it is not a report
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

/// Help of `check --html`.
const CHECK_HTML: &str = "Also write the report as an HTML page\n\n\
    One file that needs no other file and contains no personal data: what happens to the users, each broken rule with line \
    numbers and what to do, how many users have each property, sizes, and what is not in any export.";

impl CheckArgs {
    /// The options that would shape the output.
    pub(crate) fn recorded(&self) -> RecordedOptions {
        RecordedOptions::of(&self.read, &self.parts, &self.rules, &self.run)
    }
}
