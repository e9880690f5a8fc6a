//! `reimport verify` and `reimport delta`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::common::ReportArgs;
use super::values::Size;

/// Say whether all users arrived.
///
/// Holds the parts that were uploaded against an export of the target tenant made afterwards, users in any order. Each
/// expected user has arrived, is changed (paths and kinds are told, never values) or is missing. The order of keys,
/// lower-cased email and username, and a name, nickname and picture that the service filled in are no differences. Both
/// are read once, and a second time where somebody differs.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("written").args(["output", "html"]).multiple(true))]
#[command(after_help = "Examples:\n  reimport verify parts target.json.gz\n  \
reimport verify parts target.json.gz -o check --html arrival.html\n\n\
OUT holds, where not empty, missing/ (parts, ready for upload), changed.ndjson and extra.ndjson.\n\
Exit status: 0 everybody arrived; 1 somebody is missing, changed or could not be compared; 2 failed.")]
pub(crate) struct VerifyArgs {
    /// Folder of parts that was uploaded, or import files
    #[arg(value_name = "PARTS", required = true)]
    pub(crate) parts: Vec<PathBuf>,
    /// Export of the target tenant made after the import
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// New folder for who is missing, changed and extra
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    /// Replace what a run before has written there
    #[arg(long, requires = "written")]
    pub(crate) force: bool,
    /// No part of the missing users is larger than this
    #[arg(long, value_name = "SIZE", default_value = "500kB", requires = "output", help_heading = "Parts")]
    pub(crate) max_part_bytes: Size,
    /// Also write the report as a page to send
    ///
    /// One file that needs nothing from elsewhere and holds no personal data: who arrived, changed and is missing, what
    /// differs by path, what no export shows, and what to do next.
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Say who is new, changed and gone between two exports.
///
/// For the cutover: what happened in the source tenant since the first export. OUT is a new folder that holds, where not
/// empty, new.ndjson and changed.ndjson (records of NEW, which convert takes) and gone.csv. Logging in is no change:
/// `last_login`, `last_ip`, `logins_count` and `updated_at` do not count.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport delta friday.json.gz sunday.json.gz -o delta\n  \
reimport convert delta/new.ndjson --like parts -o new-parts\n  \
reimport convert delta/changed.ndjson --like parts --for update -o changed\n\n\
Exit status: 0 nothing happened; 1 there are differences; 2 failed.")]
pub(crate) struct DeltaArgs {
    /// Earlier export
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// Later export of the same tenant
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// New folder for who is new, changed and gone
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: PathBuf,
    /// Replace what a run before has written there
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
