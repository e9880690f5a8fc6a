//! `reimport fields`.

use clap::Args;
use reimport::projection::FieldPath;

use super::common::{ReadArgs, ReportArgs, ThreadsArgs};
use super::filter::FilterArgs;
use super::values;

/// List every field, how often it occurs and with which types.
///
/// Prints each path with the number of records that have it, the number that do not, and its types. `[]` means every
/// item of an array. At most 10,000 paths are listed, those with the fewest steps first. With --values, prints the 50
/// most frequent values at one path instead, as JSON.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport fields tenant.json.gz\n  \
reimport fields tenant.json.gz --values identities[0].connection")]
pub(crate) struct FieldsArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Count the values at this path
    ///
    /// Prints the 50 most frequent of the first 100,000 different values.
    #[arg(long, value_name = "PATH", value_parser = values::field_path)]
    pub(crate) values: Option<FieldPath>,
    #[command(flatten)]
    pub(crate) threads: ThreadsArgs,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
