//! `reimport fields`.

use clap::Args;
use reimport::projection::FieldPath;

use super::common::{ConnectionArgs, ReadArgs, ReportArgs, RunArgs};
use super::values;

/// List every field, how often it occurs and with which types.
///
/// Prints each path with the number of records that have it, the number that do not, and its types. `[]` means every
/// item of an array. At most 10,000 paths are listed, those with the fewest steps first. With --values, prints the 50
/// most frequent values at one path instead, as JSON.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  reimport fields tenant.json.gz\n  \
reimport fields tenant.json.gz --values 'identities[0].connection'\n\n\
The users who have not logged in since 2024, by connection:\n  \
reimport fields tenant.json.gz --where-not 'last_login >= 2024-01-01' --values 'identities[0].connection'")]
pub(crate) struct FieldsArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Count the values at this path
    ///
    /// Prints the 50 most frequent of the first 100,000 different values.
    #[arg(long, value_name = "PATH", value_parser = values::field_path)]
    pub(crate) values: Option<FieldPath>,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
