//! Options that several commands have.

use std::path::PathBuf;

use clap::Args;
use reimport::MaxRejected;
use reimport::projection::FieldPath;

use super::filter::FilterArgs;
use super::text;
use super::values::{
    self, DialectChoice, IdentifierChoice, InputFormat, JoinChoice, LinkedChoice, MetadataChoice,
    PurposeChoice, RulesChoice, Size, StaleChoice, TypesChoice, UnknownChoice, UserIdsChoice,
};

/// The input and how it is read.
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// Export to read, gzipped or plain; `-` is standard input
    ///
    /// Several exports are read in the given order, as one run.
    #[arg(value_name = "EXPORT", required = true)]
    pub(crate) exports: Vec<PathBuf>,
    /// Input format [default: detected]
    ///
    /// The format is detected from the content.
    #[arg(hide_short_help = true, long, value_name = "FORMAT", help_heading = "Reading")]
    pub(crate) input_format: Option<InputFormat>,
    /// CSV delimiter [default: detected]
    ///
    /// One ASCII character, or `tab`. The delimiter is detected from the header.
    #[arg(hide_short_help = true, long, value_name = "CHAR", value_parser = values::delimiter, help_heading = "Reading")]
    pub(crate) delimiter: Option<u8>,
    /// CSV dialect [default: detected]
    ///
    /// The dialect is detected from the first cells.
    #[arg(hide_short_help = true, long, value_name = "DIALECT", help_heading = "Reading")]
    pub(crate) csv_dialect: Option<DialectChoice>,
    /// Cells of a plain CSV file to read as numbers and booleans
    #[arg(
        hide_short_help = true,
        long,
        value_name = "WHICH",
        default_value = "known",
        help_heading = "Reading"
    )]
    pub(crate) csv_types: TypesChoice,
    #[arg(
        hide_short_help = true,
        long,
        value_name = "FORM",
        help_heading = "Reading",
        help = text::USER_IDS,
        long_help = text::USER_IDS_LONG
    )]
    pub(crate) user_ids: Option<UserIdsChoice>,
    /// Reject records longer than this, without holding them in memory
    #[arg(
        hide_short_help = true,
        long,
        value_name = "SIZE",
        default_value = "16MiB",
        help_heading = "Reading"
    )]
    pub(crate) max_record_bytes: Size,
}

/// The connections whose users are read.
#[derive(Debug, Args)]
pub(crate) struct ConnectionArgs {
    /// Only users of this connection (repeatable)
    ///
    /// The connection of a user is that of its first identity. Commas separate several names.
    #[arg(
        long = "connection",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = values::connection,
        help_heading = "Choosing users"
    )]
    pub(crate) connections: Vec<String>,
}

/// Limits of a run, and its users.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Stop after N written users
    ///
    /// The remaining records are neither read nor checked, and the summary says so.
    #[arg(long, value_name = "N", help_heading = "Choosing users")]
    pub(crate) limit: Option<u64>,
    /// Fail if more than N records (or N%) are rejected
    ///
    /// A run that fails publishes nothing. If N is 0, the run fails if any record is rejected.
    #[arg(long, value_name = "N|N%", value_parser = values::max_rejected, help_heading = "Rules")]
    pub(crate) max_rejected: Option<MaxRejected>,
    /// Number of threads [default: one per core, at most 4]
    ///
    /// At most one thread per core is used. The number does not change the output.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "N",
        help_heading = "Reading",
        value_parser = clap::value_parser!(u16).range(1..=256)
    )]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

/// Changes of values before the rules are checked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct EditArgs {
    /// Move a value to another path before checking
    ///
    /// Example: `created_at=app_metadata.signed_up_at`. A value is never moved over another one. Repeatable.
    #[arg(long = "move", value_name = "FROM=TO", value_parser = values::path_to_path)]
    pub(crate) moves: Vec<(FieldPath, FieldPath)>,
    /// Drop a value before checking
    ///
    /// Repeatable.
    #[arg(long = "drop", value_name = "PATH", value_parser = values::field_path)]
    pub(crate) drops: Vec<FieldPath>,
    /// Set a value before checking
    ///
    /// A value that is already there is replaced. Repeatable.
    #[arg(long = "set", value_name = "PATH=JSON", value_parser = values::path_to_json)]
    pub(crate) sets: Vec<(FieldPath, String)>,
}

/// The files that are joined to users.
#[derive(Debug, Args)]
pub(crate) struct JoinArgs {
    /// Join password hashes from this hash export
    ///
    /// NDJSON as Auth0 support delivers it, gzipped or not: `_id` or `alt_id`, `passwordHash`, and if known `connection`,
    /// `tenant`, `email` and `password_set_date`. `-` is standard input. Repeatable.
    #[arg(long = "passwords", value_name = "FILE", help_heading = "Passwords and logins")]
    pub(crate) passwords: Vec<PathBuf>,
    /// How to match hashes with users
    ///
    /// With `email`, users without an id are also matched by connection and e-mail address. The exports are first read
    /// once to check that both are unique, and that the user signed up when the password was set. password-by-email.csv
    /// lists these users.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "HOW",
        default_value = "id",
        requires = "passwords",
        help_heading = "Passwords and logins"
    )]
    pub(crate) passwords_by: JoinChoice,
    /// Handling of hashes older than the user's last change of password
    #[arg(
        hide_short_help = true,
        long,
        value_name = "WHAT",
        default_value = "keep",
        requires = "passwords",
        help_heading = "Passwords and logins"
    )]
    pub(crate) stale_passwords: StaleChoice,
    /// Join TOTP secrets from this file
    ///
    /// `-` is standard input. Repeatable.
    #[arg(long = "mfa-secrets", value_name = "FILE", help_heading = "Passwords and logins")]
    pub(crate) mfa_secrets: Vec<PathBuf>,
}

/// The rules for users, and what is joined to users.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RulesArgs {
    /// Rules that users must satisfy
    #[arg(hide_short_help = true, long, value_name = "RULES", default_value = "import")]
    pub(crate) rules: RulesChoice,
    /// Handling of properties that are not in the import schema
    #[arg(hide_short_help = true, long, value_name = "WHAT", default_value = "drop")]
    pub(crate) unknown: UnknownChoice,
    #[command(flatten)]
    pub(crate) edits: EditArgs,
    /// Identifiers that the target connection requires of each user
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "email"
    )]
    pub(crate) require: Vec<IdentifierChoice>,
    /// Identifiers that must be unique among the users of the run
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "user_id,email,username,phone_number"
    )]
    pub(crate) unique: Vec<IdentifierChoice>,
    /// Do not check for users that share an identifier
    #[arg(hide_short_help = true, long, conflicts_with = "unique")]
    pub(crate) no_duplicate_check: bool,
    #[command(flatten)]
    pub(crate) join: JoinArgs,
    /// Handling of a database login that is linked to a user of another kind
    #[arg(
        hide_short_help = true,
        long,
        value_name = "WHAT",
        default_value = "skip",
        help_heading = "Passwords and logins"
    )]
    pub(crate) linked: LinkedChoice,
    /// Kind of import job that the parts are for
    #[arg(hide_short_help = true, long = "for", value_name = "JOB", default_value = "insert")]
    pub(crate) purpose: PurposeChoice,
    /// Import metadata; `omit` leaves the target's as it is
    ///
    /// An update replaces metadata as a whole.
    #[arg(hide_short_help = true, long, value_name = "WHAT", default_value = "keep")]
    pub(crate) metadata: MetadataChoice,
    #[arg(
        long = "connection",
        value_name = "NAME",
        value_delimiter = ',',
        value_parser = values::connection,
        help_heading = "Choosing users",
        help = text::CONNECTION
    )]
    pub(crate) connections: Vec<String>,
    /// Write all connections together
    ///
    /// Users of several connections are handled as users of one connection.
    #[arg(long, conflicts_with = "connections", help_heading = "Choosing users")]
    pub(crate) merge_connections: bool,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ProgressChoice {
    /// If standard error is a terminal.
    Auto,
    /// With or without a terminal, also with --quiet; without a terminal, job commands print lines.
    Always,
    /// Never.
    Never,
    /// One JSON object per line, for programs.
    Json,
}

/// What is reported about the run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// Print the summary as JSON on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Print only errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Progress on standard error
    #[arg(hide_short_help = true, long, value_name = "WHEN", default_value = "auto")]
    pub(crate) progress: ProgressChoice,
}
