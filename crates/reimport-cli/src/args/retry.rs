//! `reimport retry`.

use std::path::PathBuf;

use clap::Args;
use reimport::projection::FieldPath;

use super::common::ReportArgs;
use super::values::{self, Size, UserIdsChoice};

/// Write parts of those whom the import jobs refused.
///
/// Takes the refused users out of the folder's own parts, where their password hashes already are; the error lists mask
/// them. Users that are there already are left out and counted; refused users that no part holds are reported.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport retry parts --errors job-errors.json -o retry\n  \
reimport retry --from tenant.json.gz --errors job-errors.json -o retry")]
pub(crate) struct RetryArgs {
    /// Folder of parts that was uploaded
    #[arg(value_name = "PARTS", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) parts: Option<PathBuf>,
    /// Error list of an import job (repeatable); without it, those that `upload` kept in PARTS
    #[arg(long = "errors", value_name = "FILE", required_unless_present = "parts")]
    pub(crate) errors: Vec<PathBuf>,
    /// Take the users from this export instead of PARTS (repeatable): for jobs that another tool has run
    #[arg(long = "from", value_name = "EXPORT")]
    pub(crate) from: Vec<PathBuf>,
    /// Form of the user ids in EXPORT [default: `bare` for parts next to their manifest.json, else `exported`]
    #[arg(long, value_name = "FORM", conflicts_with = "parts")]
    pub(crate) user_ids: Option<UserIdsChoice>,
    /// New folder, FILE.json, or `-`
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Replace what a run before has written there
    #[arg(long)]
    pub(crate) force: bool,
    /// Only users refused with this code (repeatable)
    #[arg(long = "code", value_name = "CODE", help_heading = "Choosing users")]
    pub(crate) codes: Vec<String>,
    /// No users refused with this code (repeatable)
    #[arg(long = "not-code", value_name = "CODE", help_heading = "Choosing users")]
    pub(crate) not_codes: Vec<String>,
    /// Move a value before the rules look
    ///
    /// Never over another value (repeatable).
    #[arg(long = "move", value_name = "FROM=TO", value_parser = values::path_to_path, help_heading = "Mending")]
    pub(crate) moves: Vec<(FieldPath, FieldPath)>,
    /// Drop a value before the rules look
    #[arg(long = "drop", value_name = "PATH", value_parser = values::field_path, help_heading = "Mending")]
    pub(crate) drops: Vec<FieldPath>,
    /// Set a value before the rules look
    ///
    /// Whatever was there is replaced (repeatable).
    #[arg(long = "set", value_name = "PATH=JSON", value_parser = values::path_to_json, help_heading = "Mending")]
    pub(crate) sets: Vec<(FieldPath, String)>,
    /// No part is larger than this
    #[arg(long, value_name = "SIZE", default_value = "500kB", help_heading = "Parts")]
    pub(crate) max_part_bytes: Size,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
