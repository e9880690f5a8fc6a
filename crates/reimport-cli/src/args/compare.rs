//! `reimport verify` and `reimport delta`.

use std::path::PathBuf;

use clap::{ArgGroup, Args};

use super::common::ReportArgs;
use super::text;
use super::values::Size;

/// Check that all users arrived.
///
/// Compares the uploaded parts with an export of the target tenant that was made afterwards. The order of users does
/// not matter. Each expected user has arrived, is changed (the report has paths and kinds of change, never values) or
/// is missing. Not a difference: the order of keys, a lower-cased email or username, and a name, nickname or picture
/// that the service filled in. Both sides are read once, and a second time if there are differences.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("written").args(["output", "html"]).multiple(true))]
#[command(after_help = "Examples:\n  reimport verify parts target.json.gz\n  \
reimport verify parts target.json.gz -o check --html arrival.html\n\n\
OUT contains, if not empty: missing/ (parts, ready to upload), changed.ndjson and extra.ndjson.\n\
Exit status: 0 all users arrived; 1 users are missing, changed or not comparable; 2 failed.")]
pub(crate) struct VerifyArgs {
    /// Folder of parts that was uploaded, or import files
    #[arg(value_name = "PARTS", required = true)]
    pub(crate) parts: Vec<PathBuf>,
    /// Export of the target tenant, made after the import
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// New folder for missing, changed and extra users
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    #[arg(long, requires = "written", help = text::FORCE)]
    pub(crate) force: bool,
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "500kB",
        requires = "output",
        help_heading = "Parts",
        help = text::MAX_PART_BYTES
    )]
    pub(crate) max_part_bytes: Size,
    #[arg(
        long,
        value_name = "FILE",
        help_heading = "Report",
        help = text::HTML,
        long_help = VERIFY_HTML
    )]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

/// Help of `verify --html`.
const VERIFY_HTML: &str = "Also write the report as an HTML page\n\n\
    One file that needs no other file and contains no personal data: how many users arrived, are changed or missing, the \
    differences by path, what no export shows, and what to do next.";

/// List users that are new, changed or gone between two exports.
///
/// Use it at the cutover, to import what has changed in the source tenant since the first export. With -o, OUT is a new
/// folder that contains, if not empty: new.ndjson and changed.ndjson (records of NEW, input for convert) and gone.csv. A login
/// is not a change: `last_login`, `last_ip`, `logins_count` and `updated_at` are not compared.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport delta friday.json.gz sunday.json.gz -o delta\n  \
reimport convert delta/new.ndjson --like parts -o new-parts\n  \
reimport convert delta/changed.ndjson --like parts --for update -o changed\n\n\
Exit status: 0 no differences; 1 there are differences; 2 failed.")]
pub(crate) struct DeltaArgs {
    /// Earlier export
    #[arg(value_name = "OLD")]
    pub(crate) old: PathBuf,
    /// Later export of the same tenant
    #[arg(value_name = "NEW")]
    pub(crate) new: PathBuf,
    /// New folder for these users [default: only the report]
    #[arg(short, long = "output", value_name = "OUT")]
    pub(crate) output: Option<PathBuf>,
    #[arg(long, requires = "output", help = text::FORCE)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
