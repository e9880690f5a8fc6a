//! `reimport fields`.

#[cfg(feature = "columns")]
use std::path::PathBuf;

use clap::Args;
use reimport::projection::FieldPath;

use super::common::{ConnectionArgs, ReadArgs, ReportArgs, RunArgs};
#[cfg(feature = "columns")]
use super::text;
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
    /// Write a schema: the types that fit every value
    ///
    /// FILE has a column for each field, with the narrowest type that all of its values fit, and counts. An object has a column
    /// for each of its fields. `select --schema FILE` writes these columns. You may change the types and delete columns.
    #[cfg(feature = "columns")]
    #[arg(long, value_name = "FILE", conflicts_with = "values", help_heading = "Typed columns")]
    pub(crate) schema: Option<PathBuf>,
    #[cfg(feature = "columns")]
    #[arg(long, requires = "schema", help = text::FORCE, help_heading = "Typed columns")]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}
