//! `reimport fields`.

use clap::Args;
use reimport::projection::FieldPath;

use super::common::{ReadArgs, ReportArgs};
use super::filter::FilterArgs;
use super::values;

/// Say what is in it: every path, how often, which types.
///
/// Each path with the number of records that have it and that lack it, and its types; `[]` stands for every item of an
/// array. At most 10,000 paths are listed, those with the fewest steps first. With --values, the 50 most frequent values
/// at one path instead, as JSON.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport fields tenant.json.gz\n  \
reimport fields tenant.json.gz --values identities[0].connection")]
pub(crate) struct FieldsArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Count the values at this path: of the first 100,000 different ones, the 50 most frequent
    #[arg(long, value_name = "PATH", value_parser = values::field_path)]
    pub(crate) values: Option<FieldPath>,
    /// Threads to work with; the output is the same for any number
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
