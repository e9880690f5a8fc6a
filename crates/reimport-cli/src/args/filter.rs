//! Options that choose users.

#![expect(clippy::doc_markdown, reason = "doc comments are the help, which is not Markdown")]

use std::path::PathBuf;

use clap::Args;
use reimport::filter::Where;

use super::values;

/// The users that a run reads.
#[derive(Debug, Default, Args)]
pub(crate) struct FilterArgs {
    /// Only users that match this (see also --where-not)
    ///
    /// Repeatable: all conditions must match. Example: 'logins_count >= 5'. OP is one of = != < <= > >=, or PATH is followed
    /// by `exists` or `missing`. VALUE is a number, true, false, null, a date (2024-05-01, 2024-05-01T10:00:00Z) or a
    /// string. Put a string in quotes if it looks like one of the others. A value of another type does not match, except
    /// with !=. A missing value matches only `missing`.
    #[arg(
        long = "where",
        value_name = "PATH OP VALUE",
        value_parser = values::condition,
        help_heading = "Choosing users"
    )]
    pub(crate) conditions: Vec<Where>,
    /// Only users that do not match this condition (repeatable)
    ///
    /// Users without the value are included. Example: --where-not 'last_login >= 2024-01-01' selects the users whose
    /// last login is older, or who never logged in.
    #[arg(
        hide_short_help = true,
        long = "where-not",
        value_name = "PATH OP VALUE",
        value_parser = values::condition,
        help_heading = "Choosing users"
    )]
    pub(crate) not_conditions: Vec<Where>,
    /// Only users with these ids (repeatable)
    ///
    /// One id per line, or a CSV file with a column user_id. `-` is standard input.
    #[arg(long, value_name = "FILE", help_heading = "Choosing users")]
    pub(crate) ids: Vec<PathBuf>,
    /// Leave out users with these ids (repeatable)
    #[arg(hide_short_help = true, long, value_name = "FILE", help_heading = "Choosing users")]
    pub(crate) not_ids: Vec<PathBuf>,
}
