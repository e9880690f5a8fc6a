//! `reimport select`.

#![expect(clippy::doc_markdown, reason = "doc comments are the help, which is not Markdown")]

use std::path::PathBuf;

use clap::Args;
use reimport::projection::Field;
use reimport::{CsvDelimiter, CsvFormat};

use super::common::{ConnectionArgs, ReadArgs, ReportArgs, RunArgs};
use super::text;
use super::values::{self, EscapeChoice, OutputFormat, Size};

/// Write chosen fields of every user, as CSV, TSV or JSON.
///
/// Without -f and --request, the fields are those of a default export: user_id, email, email_verified, name,
/// given_name, family_name, nickname, picture, connection, created_at, updated_at. In CSV and TSV, an object or array
/// is JSON in its cell, and the cell of null or of a missing value is empty. In JSON, each user is one flat object without
/// missing values.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
reimport select tenant.json.gz -f user_id,email,user_metadata.consent.given=consent -o consent.csv\n  \
reimport select tenant.json.gz --where 'last_login < 2024-01-01' -f email | less\n  \
reimport select tenant.json.gz --request export-request.json -o users.csv.gz\n\n\
A path is written as a.b.c, identities[0].connection or [\"a.key, with a comma\"].b. Quote it if your shell needs that.")]
pub(crate) struct SelectArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Field to write, with optional name (repeatable)
    ///
    /// Commas separate several fields. A key that contains a comma must be quoted, as described below.
    #[arg(short = 'f', long = "field", value_name = "PATH[=NAME]", value_parser = values::fields)]
    pub(crate) fields: Vec<Vec<Field>>,
    /// Use the fields, format and limit of a request
    ///
    /// FILE is the request body of an export job (POST /api/v2/jobs/users-exports), or the job object of the answer. If
    /// both the request and --limit set a limit, the smaller one is used. "format": "json" means one object per line,
    /// as the job writes it. An export has the names of connections, not their ids: for a request with a connection_id
    /// give --connection NAME, unless the job object has the name.
    #[arg(long, value_name = "FILE", conflicts_with = "fields")]
    pub(crate) request: Option<PathBuf>,
    /// Output format [default: detected]
    ///
    /// The default is the format of the request, else that of the file name of -o, else CSV.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<OutputFormat>,
    /// Output file [default: standard output]
    ///
    /// Compressed if the name ends in .gz. `-` and /dev/stdout are also standard output. A FIFO, a character device and a
    /// pipe at /dev/fd/N, as in -o >(gzip > users.csv.gz), are written to like standard output.
    #[arg(short, long = "output", value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    #[arg(long, help = text::FORCE)]
    pub(crate) force: bool,
    /// Compression level of a .gz file, from 0 (none) to 9 [default: 3]
    ///
    /// With the default, the file is about as small as that of `gzip`. Higher levels take up to twice the time to make the
    /// file a few percent smaller; level 1 takes less time.
    #[arg(long, value_name = "LEVEL", value_parser = clap::value_parser!(u32).range(0..=9), hide_short_help = true)]
    pub(crate) gzip_level: Option<u32>,
    /// Escape strings that a spreadsheet runs as formulas [default: none]
    ///
    /// Without this option, a warning counts these strings.
    #[arg(long, value_name = "HOW", hide_short_help = true)]
    pub(crate) csv_escape: Option<EscapeChoice>,
    #[arg(hide_short_help = true, long, value_name = "FILE", help = text::REJECTED)]
    pub(crate) rejected: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) connection: ConnectionArgs,
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[arg(
        long,
        value_name = "SIZE",
        default_value = "4GiB",
        help_heading = "Rules",
        hide_short_help = true,
        help = text::MAX_REJECT_BYTES,
        long_help = text::MAX_REJECT_BYTES_LONG
    )]
    pub(crate) max_reject_bytes: Size,
    #[command(flatten)]
    pub(crate) report: ReportArgs,
}

impl SelectArgs {
    /// The form of CSV output with this delimiter.
    pub(crate) fn csv_format(&self, delimiter: CsvDelimiter) -> CsvFormat {
        let escape = self.csv_escape.unwrap_or(EscapeChoice::None);
        CsvFormat::default().delimiter(delimiter).escape(escape.into())
    }
}
