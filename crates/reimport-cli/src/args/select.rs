//! `reimport select`.

#![expect(clippy::doc_markdown, reason = "doc comments are the help, which is not Markdown")]

use std::path::PathBuf;

use clap::Args;
use reimport::{CsvDelimiter, CsvFormat};

use super::common::{ConnectionArgs, ReadArgs, ReportArgs, RunArgs};
use super::text;
use super::values::{EscapeChoice, FieldList, OutputFormat, Size};

/// Write chosen fields of every user, as CSV, TSV, JSON or Parquet.
///
/// Without -f and --request, the fields are those of a default export: user_id, email, email_verified, name,
/// given_name, family_name, nickname, picture, connection, created_at, updated_at. In CSV and TSV, an object or array
/// is JSON in its cell, and the cell of null or of a missing value is empty. In JSON, each user is one flat object without
/// missing values.
///
/// Parquet and Arrow have typed columns. Without -f and --request, they have the fixed schema: a column for each known
/// property, _rest for everything else, _source and _line.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
reimport select tenant.json.gz -f user_id,email,user_metadata.consent.given=consent -o consent.csv\n  \
reimport select tenant.json.gz --where 'last_login < 2024-01-01' -f email | less\n  \
reimport select tenant.json.gz --request export-request.json -o users.csv.gz\n  \
reimport select tenant.json.gz -o users.parquet\n\n\
A path is written as a.b.c, identities[0].connection or [\"a.key, with a comma\"].b. Quote it if your shell needs that.")]
pub(crate) struct SelectArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Field to write, with optional name (repeatable)
    ///
    /// Commas separate several fields. A key that contains a comma must be quoted, as described below.
    ///
    /// In Parquet and Arrow, a field can have a type: PATH[:TYPE][=NAME]. TYPE is text (any value, the default), json, bool,
    /// int (64 bits), double, decimal(P,S) or timestamp; any other text after a colon is part of the path. Without =NAME, the
    /// name is the path with _ in place of everything but letters, digits and _.
    #[arg(short = 'f', long = "field", value_name = "PATH[=NAME]")]
    pub(crate) fields: Vec<FieldList>,
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
    /// The default is the format of the request, else that of the file name of -o, else CSV. Parquet is written to a file
    /// or, if the name does not end in .parquet, to a folder of files; Arrow to standard output only.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<OutputFormat>,
    /// Output file, or folder of Parquet [default: standard output]
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
    /// Write the columns of a schema
    ///
    /// FILE is that of `fields --schema`. The output has all of its columns, in order, and _rest, _source and _line. Many
    /// exports then have the same columns.
    #[cfg(feature = "columns")]
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["fields", "request"],
        help_heading = "Typed columns",
        hide_short_help = true
    )]
    pub(crate) schema: Option<PathBuf>,
    /// Reject users with a value that does not fit the type of its column
    ///
    /// Without this option, the column is null, a warning counts these values, and _rest has them as they were written.
    #[cfg(feature = "columns")]
    #[arg(hide_short_help = true, long, help_heading = "Typed columns")]
    pub(crate) strict_types: bool,
    /// Write a partition of a folder (repeatable)
    ///
    /// The files are then in FOLDER/KEY=VALUE, and engines read KEY as a column. A partition of an earlier run is replaced
    /// alone, without --force.
    #[cfg(feature = "columns")]
    #[arg(hide_short_help = true, long, value_name = "KEY=VALUE", help_heading = "Typed columns")]
    pub(crate) partition: Vec<reimport_columns::Partition>,
    /// Size of a file in a folder of Parquet [default: 256MiB]
    ///
    /// A file ends shortly before this size.
    #[cfg(feature = "columns")]
    #[arg(hide_short_help = true, long, value_name = "SIZE", help_heading = "Typed columns")]
    pub(crate) max_part_bytes: Option<Size>,
    /// Leave out the column _rest
    ///
    /// Without -f, _rest has every member that is in no other column. With -f, it has only the values that do not fit their
    /// columns, and nulls.
    #[cfg(feature = "columns")]
    #[arg(hide_short_help = true, long, help_heading = "Typed columns")]
    pub(crate) no_rest: bool,
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
