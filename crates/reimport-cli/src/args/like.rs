//! Options that are taken from the manifest of an earlier conversion.

use std::path::PathBuf;

use clap::Args;

use super::recorded::RecordedOptions;

/// The conversion whose options are used.
#[derive(Debug, Args)]
pub(crate) struct LikeArgs {
    /// Use the options recorded in the manifest of PARTS
    ///
    /// PARTS is a folder that convert has written. Its manifest.json records the options of that run. An option on the
    /// command line replaces the recorded one, including all values of a repeatable option. The recorded --limit and
    /// --input-format are ignored. File names are not recorded: if that run used --passwords, --mfa-secrets, --ids or
    /// --not-ids, give the option again, or name it in --without.
    #[arg(long, value_name = "PARTS")]
    pub(crate) like: Option<PathBuf>,
    /// Do not use these recorded options
    ///
    /// They have their default instead. Example: --without passwords,where
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        requires = "like",
        value_parser = option_name
    )]
    pub(crate) without: Vec<String>,
}

/// The name of an option that a manifest records.
fn option_name(text: &str) -> Result<String, String> {
    let name = text.strip_prefix("--").unwrap_or(text);
    if RecordedOptions::names().any(|known| known == name) {
        return Ok(name.to_owned());
    }
    let known: Vec<_> = RecordedOptions::names().collect();
    Err(format!("expected names of options, any of {}", known.join(", ")))
}
