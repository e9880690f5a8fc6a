//! Options that are taken from the manifest of an earlier conversion.

use std::path::PathBuf;

use clap::Args;

use super::recorded::RecordedOptions;

/// Which conversion is repeated.
#[derive(Debug, Args)]
pub(crate) struct LikeArgs {
    /// Take the options from the manifest of PARTS
    ///
    /// PARTS is a folder that convert has written. An option on the command line replaces the recorded one, with all
    /// values of a repeatable option. Not taken: --limit and --input-format. A manifest does not record the names of
    /// files: give --passwords, --mfa-secrets, --ids and --not-ids again, or name them in --without.
    #[arg(long, value_name = "PARTS")]
    pub(crate) like: Option<PathBuf>,
    /// Do not take these options from the manifest
    ///
    /// As in --without passwords,where; they have their default then.
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
    Err(format!("expected the names of options, from {}", known.join(", ")))
}
