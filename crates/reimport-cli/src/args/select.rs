//! `reimport select`.

#![expect(clippy::doc_markdown, reason = "doc comments are the help, which is no markdown")]

use std::path::PathBuf;

use clap::Args;
use reimport::projection::Field;

use super::common::{ReadArgs, ReportArgs, RunArgs};
use super::values::{self, EscapeChoice, OutputFormat, Size};

/// Write some fields of every user, as CSV or JSON.
///
/// Without any -f and --request, the fields are those of a default export: user_id, email, email_verified, name,
/// given_name, family_name, nickname, picture, connection, created_at, updated_at. In CSV, objects and arrays are JSON in
/// their cell, and null is as empty as missing; in JSON, each user is one flat object without what is missing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
reimport select tenant.json.gz -f user_id -f user_metadata.consent.given=consent -o consent.csv\n  \
reimport select tenant.json.gz --where 'last_login < 2024-01-01' -f email | less\n  \
reimport select tenant.json.gz --request export-request.json -o users.csv.gz\n\n\
A path is written a.b.c, identities[0].connection or [\"a key.with dots\"].b; a shell may ask for quotes around it.")]
pub(crate) struct SelectArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Field to write, and its name (repeatable)
    #[arg(short = 'f', long = "field", value_name = "PATH[=NAME]", value_parser = values::field)]
    pub(crate) fields: Vec<Field>,
    /// Answer the request of an export job
    ///
    /// FILE is the body of POST /api/v2/jobs/users-exports, or the job object that answered it. Its fields, format and limit are obeyed; of its limit and --limit the smaller counts. "format": "json" is one object
    /// a line, as the job writes it. An export holds the names of connections, not their ids: a connection_id asks for
    /// --connection NAME, unless the job object has the name.
    #[arg(long, value_name = "FILE", conflicts_with = "fields")]
    pub(crate) request: Option<PathBuf>,
    /// What to write
    ///
    /// Else what the name of -o says, or the request, or CSV.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<OutputFormat>,
    /// File to write, else standard output
    ///
    /// Compressed where its name ends in .gz; `-` is standard output, too.
    #[arg(short, long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace what a run before has written there
    #[arg(long)]
    pub(crate) force: bool,
    /// What is done to strings that a spreadsheet would run as formulas
    ///
    /// Without it, they are written as they are, and a warning counts them.
    #[arg(long, value_name = "HOW", hide_short_help = true)]
    pub(crate) csv_escape: Option<EscapeChoice>,
    /// Keep records that cannot be read there, when the output is standard output
    #[arg(hide_short_help = true, long, value_name = "FILE")]
    pub(crate) rejected: Option<PathBuf>,
    /// Only users of this connection (repeatable)
    ///
    /// That of the first identity counts.
    #[arg(long = "connection", value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new(), help_heading = "Choosing users")]
    pub(crate) connections: Vec<String>,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// Fail when the rejected records would take more than this
    #[arg(long, value_name = "SIZE", default_value = "4GiB", help_heading = "Rules", hide_short_help = true)]
    pub(crate) max_reject_bytes: Size,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

impl SelectArgs {
    /// How strings are escaped in a CSV.
    pub(crate) fn escape(&self) -> reimport::CsvEscape {
        self.csv_escape.unwrap_or(EscapeChoice::None).into()
    }
}
