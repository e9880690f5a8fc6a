//! `reimport convert` and `reimport check`.

use std::path::PathBuf;

use clap::Args;

use super::common::{ReadArgs, ReportArgs, RulesArgs, RunArgs};
use super::values::Size;

/// Write import-ready parts.
///
/// OUT is a new folder of parts, each a JSON array within the importer's size limit, with manifest.json, lines.ndjson
/// (which source line each user came from), and where not empty skipped.ndjson and rejected.ndjson, which can be mended
/// and converted again. It appears whole or not at all. OUT may also be FILE.json, or - for standard output: one array.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport convert tenant.json.gz -o parts\n  \
reimport convert tenant.json.gz -o parts --move created_at=app_metadata.signed_up_at\n  \
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
    /// A folder for each database connection: OUT/CONNECTION/…
    #[arg(long, conflicts_with = "merge_connections", help_heading = "Choosing users")]
    pub(crate) by_connection: bool,
    /// No part is larger than this
    #[arg(long, value_name = "SIZE", default_value = "500kB", help_heading = "Parts")]
    pub(crate) max_part_bytes: Size,
    /// No part holds more users than this
    #[arg(long, value_name = "N", help_heading = "Parts")]
    pub(crate) max_part_users: Option<u64>,
    /// Keep rejected records there, when the output is standard output
    #[arg(long, value_name = "FILE", help_heading = "Parts")]
    pub(crate) rejected: Option<PathBuf>,
    /// Keep skipped records there, when the output is standard output
    #[arg(long, value_name = "FILE", help_heading = "Parts")]
    pub(crate) skipped: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rules: RulesArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Say what convert would do, and write nothing.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  reimport check tenant.json.gz\n  reimport check parts/users-00001.json --json"
)]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// No part is larger than this
    #[arg(long, value_name = "SIZE", default_value = "500kB", help_heading = "Parts")]
    pub(crate) max_part_bytes: Size,
    #[command(flatten)]
    pub(crate) rules: RulesArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
