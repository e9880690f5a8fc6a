//! `reimport retry`.

use std::path::PathBuf;

use clap::Args;

use super::common::{EditArgs, ReportArgs};
use super::text;
use super::values::{Size, UserIdsChoice};

/// Write parts of the users that import jobs refused.
///
/// Takes the refused users from the uploaded parts, which have their password hashes; error lists mask hashes. Users
/// that are already in the target are left out and counted. Refused users that are in no part are reported.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport retry parts --errors job-errors.json -o retry\n  \
reimport retry --from tenant.json.gz --errors job-errors.json -o retry")]
pub(crate) struct RetryArgs {
    /// Folder of parts that was uploaded
    #[arg(value_name = "PARTS", required_unless_present = "from", conflicts_with = "from")]
    pub(crate) parts: Option<PathBuf>,
    /// Error list of an import job (repeatable) [default: the lists that `upload` kept in PARTS]
    #[arg(long = "errors", value_name = "FILE", required_unless_present = "parts")]
    pub(crate) errors: Vec<PathBuf>,
    /// Take the users from this export instead of PARTS (repeatable)
    ///
    /// For jobs that another tool has run.
    #[arg(long = "from", value_name = "EXPORT")]
    pub(crate) from: Vec<PathBuf>,
    #[arg(
        long,
        value_name = "FORM",
        conflicts_with = "parts",
        help = text::USER_IDS,
        long_help = text::USER_IDS_LONG
    )]
    pub(crate) user_ids: Option<UserIdsChoice>,
    #[arg(short, long = "output", value_name = "OUT", help = text::OUTPUT)]
    pub(crate) output: PathBuf,
    #[arg(long, help = text::FORCE)]
    pub(crate) force: bool,
    /// Only users refused with this code (repeatable)
    #[arg(long = "code", value_name = "CODE", help_heading = "Choosing users")]
    pub(crate) codes: Vec<String>,
    /// Leave out users refused with this code (repeatable)
    #[arg(long = "not-code", value_name = "CODE", help_heading = "Choosing users")]
    pub(crate) not_codes: Vec<String>,
    #[command(flatten)]
    pub(crate) edits: EditArgs,
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "500kB",
        help_heading = "Parts",
        help = text::MAX_PART_BYTES
    )]
    pub(crate) max_part_bytes: Size,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
