//! Options that several commands share.

use std::path::PathBuf;

use clap::Args;
use reimport::MaxRejected;
use reimport::projection::FieldPath;

use super::filter::FilterArgs;
use super::values::{
    self, DialectChoice, IdentifierChoice, InputFormat, JoinChoice, LinkedChoice, MetadataChoice,
    PurposeChoice, RulesChoice, Size, StaleChoice, TypesChoice, UnknownChoice, UserIdsChoice,
};

/// What is read.
#[derive(Debug, Args)]
pub(crate) struct ReadArgs {
    /// Export to read, gzipped or plain; `-` is standard input
    ///
    /// Several are one run, in the order given.
    #[arg(value_name = "EXPORT", required = true)]
    pub(crate) exports: Vec<PathBuf>,
    /// Input format, read as it is [default: detected from the content]
    #[arg(hide_short_help = true, long, value_name = "FORMAT", help_heading = "Reading")]
    pub(crate) input_format: Option<InputFormat>,
    /// Delimiter of CSV input [default: detected from the header]
    #[arg(hide_short_help = true, long, value_name = "CHAR", value_parser = values::delimiter, help_heading = "Reading")]
    pub(crate) delimiter: Option<u8>,
    /// Dialect of CSV input [default: detected from the first cells]
    #[arg(hide_short_help = true, long, value_name = "DIALECT", help_heading = "Reading")]
    pub(crate) csv_dialect: Option<DialectChoice>,
    /// Which cells of a plain CSV are numbers and booleans
    #[arg(
        hide_short_help = true,
        long,
        value_name = "WHICH",
        default_value = "known",
        help_heading = "Reading"
    )]
    pub(crate) csv_types: TypesChoice,
    /// Form of the user ids in the input [default: `bare` for parts next to their manifest.json, else `exported`]
    ///
    /// An import file calls the user `5f7c` that an export calls `auth0|5f7c`. Say `bare` for a file in the import's form
    /// that is not such a part, so that nothing is removed from its ids.
    #[arg(hide_short_help = true, long, value_name = "FORM", help_heading = "Reading")]
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

/// How far a run goes.
#[derive(Debug, Args)]
pub(crate) struct RunArgs {
    /// Stop after N written users
    ///
    /// The rest is neither read nor checked, and the summary says so.
    #[arg(long, value_name = "N", help_heading = "Choosing users")]
    pub(crate) limit: Option<u64>,
    /// Fail when more than N (or N%) are rejected
    ///
    /// Then nothing is published; 0 is the strict run.
    #[arg(long, value_name = "N|N%", value_parser = values::max_rejected, help_heading = "Rules")]
    pub(crate) max_rejected: Option<MaxRejected>,
    /// Threads to work with; the output is the same for any number
    #[arg(hide_short_help = true, long, value_name = "N", help_heading = "Reading", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) threads: Option<u16>,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

/// What is judged, and changed before.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(crate) struct RulesArgs {
    /// `import`: what the importer accepts; `none`: every well-formed object as it is, compacted
    #[arg(hide_short_help = true, long, value_name = "RULES", default_value = "import")]
    pub(crate) rules: RulesChoice,
    /// What becomes of properties that the import schema does not know
    #[arg(hide_short_help = true, long, value_name = "WHAT", default_value = "drop")]
    pub(crate) unknown: UnknownChoice,
    /// Move a value before the rules look
    ///
    /// As in `created_at=app_metadata.signed_up_at`; never over another value (repeatable).
    #[arg(long = "move", value_name = "FROM=TO", value_parser = values::path_to_path)]
    pub(crate) moves: Vec<(FieldPath, FieldPath)>,
    /// Drop a value before the rules look
    #[arg(long = "drop", value_name = "PATH", value_parser = values::field_path)]
    pub(crate) drops: Vec<FieldPath>,
    /// Set a value before the rules look
    ///
    /// Whatever was there is replaced (repeatable).
    #[arg(long = "set", value_name = "PATH=JSON", value_parser = values::path_to_json)]
    pub(crate) sets: Vec<(FieldPath, String)>,
    /// Identifiers that the target connection demands of each user
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "email"
    )]
    pub(crate) require: Vec<IdentifierChoice>,
    /// Identifiers that no two users of the run may share
    #[arg(
        hide_short_help = true,
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "user_id,email,username,phone_number"
    )]
    pub(crate) unique: Vec<IdentifierChoice>,
    /// Do not look for users that share an identifier
    #[arg(hide_short_help = true, long, conflicts_with = "unique")]
    pub(crate) no_duplicate_check: bool,
    /// Join password hashes from this hash export
    ///
    /// `-` is standard input (repeatable).
    #[arg(long = "passwords", value_name = "FILE", help_heading = "Passwords and logins")]
    pub(crate) passwords: Vec<PathBuf>,
    /// How to find the hash of a user
    ///
    /// `email` also joins users without any id, by connection and e-mail address, if a first pass over the exports shows
    /// that both are unique and that the user signed up when the password was set. They are listed in
    /// password-by-email.csv.
    #[arg(
        hide_short_help = true,
        long,
        value_name = "HOW",
        default_value = "id",
        requires = "passwords",
        help_heading = "Passwords and logins"
    )]
    pub(crate) passwords_by: JoinChoice,
    /// Hashes of users that have changed their password since
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
    /// `-` is standard input (repeatable).
    #[arg(long = "mfa-secrets", value_name = "FILE", help_heading = "Passwords and logins")]
    pub(crate) mfa_secrets: Vec<PathBuf>,
    /// What becomes of a database login that is linked under a user of another kind
    #[arg(
        hide_short_help = true,
        long,
        value_name = "WHAT",
        default_value = "skip",
        help_heading = "Passwords and logins"
    )]
    pub(crate) linked: LinkedChoice,
    /// What the import jobs will do; `update` (an upsert) leaves password hashes out
    #[arg(hide_short_help = true, long = "for", value_name = "JOB", default_value = "insert")]
    pub(crate) purpose: PurposeChoice,
    /// Whether metadata is brought; an upsert replaces it whole
    #[arg(hide_short_help = true, long, value_name = "WHAT", default_value = "keep")]
    pub(crate) metadata: MetadataChoice,
    /// Only users of this connection (repeatable)
    #[arg(long = "connection", value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new(), help_heading = "Choosing users")]
    pub(crate) connections: Vec<String>,
    /// Bring several connections as if they were one
    #[arg(long, conflicts_with = "connections", help_heading = "Choosing users")]
    pub(crate) merge_connections: bool,
}

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ProgressChoice {
    /// Where standard error is a terminal.
    Auto,
    /// Also where it is none.
    Always,
    /// Never.
    Never,
    /// As one JSON object a line, for programs.
    Json,
}

/// What is said about the run.
#[derive(Debug, Args)]
#[command(next_help_heading = "Report")]
pub(crate) struct ReportArgs {
    /// Print the summary as JSON on standard output
    #[arg(long)]
    pub(crate) json: bool,
    /// Say nothing but errors
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// How to show progress on standard error: a bar, or with `json` one JSON object a line
    #[arg(hide_short_help = true, long, value_name = "WHEN", default_value = "auto")]
    pub(crate) progress: ProgressChoice,
}
