//! Types and parsers of option values.

use std::fmt;
use std::str::FromStr;

use reimport::filter::{Where, WhereError};
use reimport::projection::{Field, FieldPath};
use reimport::record::{CsvDialect, CsvTypes, Format, UserIds};
use reimport::user::Identifier;
use reimport::{CsvDelimiter, CsvEscape, MaxRejected};

use crate::terminal::Form;

/// A number of bytes: `500000`, `500kB` (1000 each), `512KiB` (1024 each).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|char: char| char.is_ascii_alphabetic());
        let number: u64 = digits.trim().parse().map_err(|_| wrong_size())?;
        let unit = match text[digits.len()..].to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" => 1_000,
            "m" | "mb" => 1_000_000,
            "g" | "gb" => 1_000_000_000,
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            _ => return Err(wrong_size()),
        };
        number.checked_mul(unit).map(Self).ok_or_else(wrong_size)
    }
}

fn wrong_size() -> String {
    "expected a size, for example 500000, 500kB or 488KiB".to_owned()
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Rules that are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RulesChoice {
    /// The rules of the bulk import.
    Import,
    /// No rules: every well-formed object is written unchanged, compacted.
    None,
}

/// Form of user ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum UserIdsChoice {
    /// As in an export: `auth0|5f7c`.
    Exported,
    /// As in an import file: `5f7c`.
    Bare,
}

impl From<UserIdsChoice> for UserIds {
    fn from(choice: UserIdsChoice) -> Self {
        match choice {
            UserIdsChoice::Exported => Self::Exported,
            UserIdsChoice::Bare => Self::Bare,
        }
    }
}

/// Output format of `select`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutputFormat {
    /// A header, and one row per user.
    Csv,
    /// CSV with tabs between the cells.
    Tsv,
    /// One object per line.
    #[value(alias = "jsonl")]
    Ndjson,
    /// One array of objects.
    Json,
    /// Typed columns, in a file for analytical engines.
    #[cfg(feature = "columns")]
    Parquet,
    /// Typed columns, as an Arrow IPC stream on standard output.
    #[cfg(feature = "columns")]
    Arrow,
}

impl OutputFormat {
    /// The name, as it is typed.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Tsv => "tsv",
            Self::Ndjson => "ndjson",
            Self::Json => "json",
            #[cfg(feature = "columns")]
            Self::Parquet => "parquet",
            #[cfg(feature = "columns")]
            Self::Arrow => "arrow",
        }
    }

    /// The delimiter of CSV and TSV.
    pub(crate) fn delimiter(self) -> Option<CsvDelimiter> {
        match self {
            Self::Csv => Some(CsvDelimiter::Comma),
            Self::Tsv => Some(CsvDelimiter::Tab),
            _ => None,
        }
    }

    /// Whether both formats are the same kind of file: NDJSON and one array are both JSON.
    pub(crate) fn is_like(self, other: Self) -> bool {
        let json = |format| matches!(format, Self::Ndjson | Self::Json);
        self == other || (json(self) && json(other))
    }

    /// How control characters are escaped on a terminal.
    pub(crate) fn on_terminal(self) -> Form {
        match self {
            Self::Csv => Form::Text,
            Self::Tsv => Form::Tsv,
            _ => Form::Json,
        }
    }
}

/// How the pages of Parquet are compressed.
#[cfg(feature = "zstd")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ParquetCompression {
    /// The default, which every engine reads.
    Snappy,
    /// Smaller files, which take more time to write.
    Zstd,
}

#[cfg(feature = "zstd")]
impl From<ParquetCompression> for reimport_columns::Compression {
    fn from(compression: ParquetCompression) -> Self {
        match compression {
            ParquetCompression::Snappy => Self::Snappy,
            ParquetCompression::Zstd => Self::Zstd,
        }
    }
}

/// How strings that a spreadsheet runs as formulas are escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EscapeChoice {
    /// Write values as they are in the export.
    None,
    /// Write an apostrophe before strings that are formulas.
    Formulas,
    /// Write an apostrophe before every string, as the export job does.
    Auth0,
}

impl From<EscapeChoice> for CsvEscape {
    fn from(choice: EscapeChoice) -> Self {
        match choice {
            EscapeChoice::None => Self::None,
            EscapeChoice::Formulas => Self::Formulas,
            EscapeChoice::Auth0 => Self::Auth0,
        }
    }
}

/// Format of the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum InputFormat {
    /// One object per line.
    Ndjson,
    /// One array of objects.
    Array,
    /// A header and rows.
    Csv,
}

impl From<InputFormat> for Format {
    fn from(format: InputFormat) -> Self {
        match format {
            InputFormat::Ndjson => Self::Ndjson,
            InputFormat::Array => Self::Array,
            InputFormat::Csv => Self::Csv,
        }
    }
}

/// Dialect of CSV input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DialectChoice {
    /// An apostrophe before every string, as the export job writes.
    Auth0,
    /// No apostrophes.
    Plain,
}

impl From<DialectChoice> for CsvDialect {
    fn from(choice: DialectChoice) -> Self {
        match choice {
            DialectChoice::Auth0 => Self::Auth0,
            DialectChoice::Plain => Self::Plain,
        }
    }
}

/// Cells of a plain CSV file that are numbers and booleans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TypesChoice {
    /// Cells of known properties: `email_verified`, `blocked`, `logins_count` and others.
    Known,
    /// All cells that look like numbers or booleans.
    Infer,
}

impl From<TypesChoice> for CsvTypes {
    fn from(choice: TypesChoice) -> Self {
        match choice {
            TypesChoice::Known => Self::Known,
            TypesChoice::Infer => Self::Infer,
        }
    }
}

/// Parses one ASCII character, or `tab`.
pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] => Ok(*byte),
        _ => Err("expected one ASCII character, for example `;`, or tab".to_owned()),
    }
}

/// Handling of properties that are not in the import schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum UnknownChoice {
    /// Drop the properties and count them.
    Drop,
    /// Reject the user.
    Reject,
}

/// Identifiers of a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum IdentifierChoice {
    /// User id.
    UserId,
    /// E-mail address.
    Email,
    /// Username.
    Username,
    /// Phone number.
    PhoneNumber,
}

impl From<IdentifierChoice> for Identifier {
    fn from(choice: IdentifierChoice) -> Self {
        match choice {
            IdentifierChoice::UserId => Self::UserId,
            IdentifierChoice::Email => Self::Email,
            IdentifierChoice::Username => Self::Username,
            IdentifierChoice::PhoneNumber => Self::PhoneNumber,
        }
    }
}

/// What a hash and a user are matched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum JoinChoice {
    /// User id and connection.
    Id,
    /// Also connection and e-mail address, for users without an id and if the match is certain.
    Email,
}

/// Handling of a hash that is older than the user's last change of password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StaleChoice {
    /// Keep the hash, and list the user in stale-password.csv.
    Keep,
    /// Write the user without a password.
    Skip,
}

/// Handling of a user that has a database login as a linked identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LinkedChoice {
    /// Skip the user, with a separate reason; the login can be imported later.
    Skip,
    /// Import the login as the user.
    Promote,
}

/// Kind of import job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PurposeChoice {
    /// Import new users.
    Insert,
    /// Update existing users (upsert); password hashes are left out.
    Update,
}

/// Handling of metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum MetadataChoice {
    /// Import it.
    Keep,
    /// Leave it out.
    Omit,
}

/// Parses `N` or `N%`.
pub(crate) fn max_rejected(text: &str) -> Result<MaxRejected, String> {
    count_or_percent(text, MaxRejected::Records, MaxRejected::Percent)
}

/// Parses `N`, or `N%` up to 100.
pub(crate) fn count_or_percent<T>(
    text: &str,
    count: fn(u64) -> T,
    percent: fn(f64) -> T,
) -> Result<T, String> {
    let limit = match text.strip_suffix('%') {
        None => text.parse().ok().map(count),
        Some(number) => number.parse().ok().filter(|number| (0.0..=100.0).contains(number)).map(percent),
    };
    limit.ok_or_else(|| "expected a number or a percentage, for example 0, 100 or 2.5%".to_owned())
}

/// Parses `PATH=PATH`, split at the first `=` that leaves a path on both sides.
pub(crate) fn path_to_path(text: &str) -> Result<(FieldPath, FieldPath), String> {
    split_at_equals(text, |from, to| Some((from.parse().ok()?, to.parse().ok()?)))
        .ok_or_else(|| "expected FROM=TO, for example created_at=app_metadata.signed_up_at".to_owned())
}

/// Parses `PATH=JSON`, split at the first `=` that leaves a path and a JSON value.
pub(crate) fn path_to_json(text: &str) -> Result<(FieldPath, String), String> {
    split_at_equals(text, |path, json| {
        serde_json::from_str::<&serde_json::value::RawValue>(json).ok()?;
        Some((path.parse().ok()?, json.to_owned()))
    })
    .ok_or_else(|| {
        "expected PATH=JSON, for example email_verified=true or app_metadata.plan='\"free\"'".to_owned()
    })
}

fn split_at_equals<T>(text: &str, read: impl Fn(&str, &str) -> Option<T>) -> Option<T> {
    text.match_indices('=').find_map(|(at, _)| read(&text[..at], &text[at + 1..]))
}

/// Parses the name of a connection, which has no white space around it.
pub(crate) fn connection(text: &str) -> Result<String, String> {
    let name = text.trim();
    if name.is_empty() { Err("expected the name of a connection".to_owned()) } else { Ok(name.to_owned()) }
}

/// Parses the name of a member, which is not empty.
pub(crate) fn member_name(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("expected a name, as in users".to_owned()) } else { Ok(text.to_owned()) }
}

/// Parses a condition.
pub(crate) fn condition(text: &str) -> Result<Where, String> {
    text.parse().map_err(|error: WhereError| match error {
        WhereError::Combined { .. } => {
            format!("{error}; repeat the option for conditions that must all match (there is no `or`)")
        }
        _ => error.to_string(),
    })
}

/// Parses a field path.
pub(crate) fn field_path(text: &str) -> Result<FieldPath, String> {
    text.parse().map_err(|error: reimport::projection::PathError| error.to_string())
}

/// One value of `-f`, or one line of `--fields`: fields separated by commas. Which types they may have depends on the output
/// format.
#[derive(Debug, Clone)]
pub(crate) struct FieldList {
    #[cfg(feature = "columns")]
    text: String,
    /// An error if only an output with types can have them.
    fields: Result<Vec<Field>, String>,
}

impl FieldList {
    /// The fields of an output without types.
    pub(crate) fn fields(&self) -> Result<&[Field], String> {
        self.fields.as_deref().map_err(Clone::clone)
    }

    /// The columns of an output with types.
    #[cfg(feature = "columns")]
    pub(crate) fn columns(&self) -> Result<Vec<reimport_columns::Column>, reimport_columns::ColumnError> {
        reimport_columns::Column::list_from_argument(&self.text)
    }
}

impl FromStr for FieldList {
    type Err = String;

    /// Parses `PATH`, `PATH[:TYPE]=NAME` or a constant `"TEXT"[:TYPE]=NAME`, or several of them separated by commas.
    fn from_str(text: &str) -> Result<Self, String> {
        let fields = Field::list_from_argument(text).map_err(|error| error.to_string());
        #[cfg(feature = "columns")]
        let has_types = reimport_columns::Column::list_from_argument(text).is_ok();
        #[cfg(not(feature = "columns"))]
        let has_types = false;
        match fields {
            Err(error) if !has_types => Err(error),
            fields => Ok(Self {
                #[cfg(feature = "columns")]
                text: text.to_owned(),
                fields,
            }),
        }
    }
}
