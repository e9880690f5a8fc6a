//! `reimport select`.

#![expect(
    clippy::doc_markdown,
    clippy::doc_link_with_quotes,
    reason = "doc comments are the help, which is not Markdown"
)]

use std::path::PathBuf;

use clap::Args;
use reimport::{CsvDelimiter, CsvFormat};

use super::common::{ConnectionArgs, JoinArgs, ReadArgs, ReportArgs, RunArgs};
use super::text;
use super::values::{self, EscapeChoice, FieldList, OutputFormat, Size};

/// Write chosen fields of every user, as CSV, TSV, JSON or Parquet.
///
/// Without -f and --request, the fields are those of a default export: user_id, email, email_verified, name,
/// given_name, family_name, nickname, picture, connection, created_at, updated_at. In CSV and TSV, an object or array
/// is JSON in its cell, and the cell of null or of a missing value is empty. In JSON, each user is one flat object without
/// missing values (nested with --nested).
///
/// Parquet and Arrow have typed columns. Without -f and --request, they have the fixed schema: a column for each known
/// property, _rest for everything else, _source and _line.
///
/// With --passwords and --mfa-secrets, these are fields of each user, as they belong to its own database login:
/// password_hash, password_set_date, password_hash_cost, password_hash_salt and password_hash_checksum (the parts of a bcrypt
/// hash), custom_password_hash (a hash of another algorithm) and totp_secret. Only the fields that -f or --fields name are
/// written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
reimport select tenant.json.gz -f user_id,email,app_metadata.plan -o plans.csv\n  \
reimport select tenant.json.gz --where 'last_login < 2024-01-01' -f email\n  \
reimport select tenant.json.gz --request export-request.json -o users.csv.gz\n  \
reimport select tenant.json.gz -o users.parquet\n  \
reimport select tenant.json.gz --fields f.txt --nested --passwords hashes.json")]
#[cfg_attr(feature = "columns", expect(clippy::struct_excessive_bools, reason = "each is an option"))]
pub(crate) struct SelectArgs {
    #[command(flatten)]
    pub(crate) read: ReadArgs,
    /// Field to write, with optional name (repeatable)
    ///
    /// Commas separate several fields. The grammar of a field:
    ///
    /// PATH                    the value at a path; the name is PATH as typed
    /// PATH=NAME               the same, with another name
    /// PATH:base64=NAME        the UTF-8 bytes of a string, as Base64
    /// PATH:json=NAME          as JSON; in CSV, a string is then in quotes
    /// "TEXT"=NAME             a constant: the same string for every user
    /// "JSON":json=NAME        a constant JSON value: "true":json=enabled
    /// a.b  a[0].b             steps into objects and arrays
    /// ["a key, with = or ."]  a name in quotes, escaped as in JSON
    ///
    /// Any other text after a colon is part of the path. A name that begins
    /// with a quote or ends in :json or :base64 must be in quotes.
    ///
    /// In Parquet and Arrow, a field can have a type: PATH[:TYPE][=NAME],
    /// and so can a constant: "JSON"[:TYPE]=NAME. TYPE is text (any value,
    /// the default), string, json, bool, int (64 bits), double, decimal(P,S)
    /// or timestamp. Without =NAME, the name is the path with _ in place of
    /// everything but letters, digits and _.
    #[arg(short = 'f', long = "field", value_name = "PATH[=NAME]", verbatim_doc_comment)]
    pub(crate) fields: Vec<FieldList>,
    /// Fields in FILE, one on each line (repeatable)
    ///
    /// Each line is a value of -f. Empty lines and lines that begin with # are skipped. These fields are before those of -f.
    /// `-` is standard input.
    #[arg(long = "fields", value_name = "FILE", conflicts_with = "request")]
    pub(crate) fields_files: Vec<PathBuf>,
    /// Write nested JSON: names are paths in the output
    ///
    /// Example: -f email=traits.email -f '"bcrypt"=credentials[0].algorithm'. An object, array or item is left out if all its
    /// values are missing, except constants; the items after it move up. For NDJSON and JSON; without --format and a file
    /// name, the output is NDJSON.
    #[arg(long, hide_short_help = true)]
    pub(crate) nested: bool,
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
    /// The default is the format of the request, else that of the file name of -o, else CSV (NDJSON with --nested and for
    /// parts, JSON with --wrap). Parquet is written to a file
    /// or, if the name does not end in .parquet, to a folder of files; Arrow to standard output only.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<OutputFormat>,
    /// Output file or folder [default: standard output]
    ///
    /// A folder for parts (--max-part-bytes, --max-part-users). Compressed if the name ends in .gz. `-` and /dev/stdout are also standard output. A FIFO, a character device and a
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
    /// Write parts of at most this size to the folder of -o
    ///
    /// The parts are part-00000.ndjson and so on (.csv, .tsv, .json), each a complete file: with the header in CSV. A user is
    /// never divided: one that does not fit is rejected. The folder also has manifest.json with the users and a checksum of
    /// each part, lines.ndjson with the source line of each user and, if not empty, rejected.ndjson. It appears complete or
    /// not at all. Without --format, the parts are NDJSON. A file of Parquet ends shortly before this size [default: 256MiB].
    #[arg(hide_short_help = true, long, value_name = "SIZE", help_heading = "Parts")]
    pub(crate) max_part_bytes: Option<Size>,
    /// Write parts of at most N users to the folder of -o
    #[arg(
        hide_short_help = true,
        long,
        value_name = "N",
        help_heading = "Parts",
        value_parser = clap::value_parser!(u64).range(1..)
    )]
    pub(crate) max_part_users: Option<u64>,
    /// Put the JSON array into an object with this member
    ///
    /// With --wrap users, the output and each part is {"users":[…]}. The size of a part includes it. For JSON, which is then
    /// the default format.
    #[arg(hide_short_help = true, long, value_name = "NAME", value_parser = values::member_name)]
    pub(crate) wrap: Option<String>,
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
        conflicts_with_all = ["fields", "fields_files", "request"],
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
    /// Compression of Parquet [default: snappy]
    #[cfg(feature = "zstd")]
    #[arg(hide_short_help = true, long, value_name = "HOW", help_heading = "Typed columns")]
    pub(crate) compression: Option<super::values::ParquetCompression>,
    /// Leave out the column _rest
    ///
    /// Without -f, _rest has every member that is in no other column. With -f, it has only the values that do not fit their
    /// columns, and nulls.
    #[cfg(feature = "columns")]
    #[arg(hide_short_help = true, long, help_heading = "Typed columns")]
    pub(crate) no_rest: bool,
    #[command(flatten)]
    pub(crate) join: JoinArgs,
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
    /// Returns whether the output is a folder of parts.
    pub(crate) fn has_parts(&self) -> bool {
        self.max_part_bytes.is_some() || self.max_part_users.is_some()
    }

    /// The form of CSV output with this delimiter.
    pub(crate) fn csv_format(&self, delimiter: CsvDelimiter) -> CsvFormat {
        let escape = self.csv_escape.unwrap_or(EscapeChoice::None);
        CsvFormat::default().delimiter(delimiter).escape(escape.into())
    }
}
