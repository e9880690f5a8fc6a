//! Which users a run is about.

#![expect(clippy::doc_markdown, reason = "doc comments are the help, which is no markdown")]

use std::path::PathBuf;

use clap::Args;
use reimport::filter::Where;

/// Which users a run is about.
#[derive(Debug, Default, Args)]
pub(crate) struct FilterArgs {
    /// Only users of whom this holds (repeatable)
    ///
    /// As in 'logins_count >= 5'; where there are several, all must hold. OP is one of = != < <= > >=, or PATH is followed by `exists` or `missing`. VALUE is a number, true, false, null, a
    /// date (2024-05-01, 2024-05-01T10:00:00Z), or a text, in double quotes where it must not be one of those. A user's
    /// value of another type does not match, except with !=; one that is missing matches `missing` only.
    #[arg(long = "where", value_name = "PATH OP VALUE", help_heading = "Choosing users")]
    pub(crate) conditions: Vec<Where>,
    /// Only users of this list of ids (repeatable)
    ///
    /// One a line, or a CSV with a column user_id; `-` is standard input.
    #[arg(long, value_name = "FILE", help_heading = "Choosing users")]
    pub(crate) ids: Vec<PathBuf>,
    /// No users of this list of ids (repeatable)
    #[arg(hide_short_help = true, long, value_name = "FILE", help_heading = "Choosing users")]
    pub(crate) not_ids: Vec<PathBuf>,
}
