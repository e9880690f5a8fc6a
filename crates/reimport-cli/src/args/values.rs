//! Values that options take.

use std::fmt;
use std::str::FromStr;

use reimport::projection::{Field, FieldPath};
use reimport::record::{CsvDialect, CsvTypes, Format, UserIds};
use reimport::user::Identifier;
use reimport::{CsvEscape, MaxRejected};

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
    "expected a size, as in 500000, 500kB or 488KiB".to_owned()
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Whether users are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum RulesChoice {
    /// What the importer accepts.
    Import,
    /// Every well-formed object as it is, compacted.
    None,
}

/// The form of user ids.
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

/// What `select` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum OutputFormat {
    /// A header, and one line a user.
    Csv,
    /// One object a line.
    Ndjson,
    /// One array of objects.
    Json,
}

impl OutputFormat {
    /// How it shows on a terminal what would steer it.
    pub(crate) fn on_terminal(self) -> Form {
        match self {
            Self::Csv => Form::Text,
            Self::Ndjson | Self::Json => Form::Json,
        }
    }
}

/// What is done to strings that a spreadsheet would run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EscapeChoice {
    /// Nothing: values are what the export holds.
    None,
    /// An apostrophe before those that would be run.
    Formulas,
    /// An apostrophe before every string, as the export job writes them.
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

/// How records stand in the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum InputFormat {
    /// One object a line.
    Ndjson,
    /// One array of objects.
    Array,
    /// Rows under a header.
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

/// How strings stand in a CSV.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum DialectChoice {
    /// An apostrophe before every string, as the export job writes it.
    Auth0,
    /// Strings as they are.
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

/// Which cells of a plain CSV are numbers and booleans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum TypesChoice {
    /// Those of known properties: `email_verified`, `blocked`, `logins_count` and so on.
    Known,
    /// Every cell that reads as one.
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

/// One ASCII character, or `tab`.
pub(crate) fn delimiter(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        b"tab" | b"\\t" => Ok(b'\t'),
        [byte] => Ok(*byte),
        _ => Err("expected one character, as in `;`, or tab".to_owned()),
    }
}

/// What becomes of properties that the schema does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum UnknownChoice {
    /// Left behind and counted.
    Drop,
    /// The user is rejected.
    Reject,
}

/// What the importer may know a user by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub(crate) enum IdentifierChoice {
    /// The id.
    UserId,
    /// The e-mail address.
    Email,
    /// The username.
    Username,
    /// The phone number.
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

/// By what a hash is joined to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum JoinChoice {
    /// The user id and the connection.
    Id,
    /// For users without any id also the e-mail address, if it is certain.
    Email,
}

/// What becomes of a hash that is older than the user's last change of password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum StaleChoice {
    /// The user gets it, and is listed in stale-password.csv.
    Keep,
    /// The user gets no password.
    Skip,
}

/// What becomes of a linked database login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum LinkedChoice {
    /// Skipped, for a reason of its own; it can still be imported later.
    Skip,
    /// It becomes the user.
    Promote,
}

/// What the import jobs will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum PurposeChoice {
    /// Bring new users.
    Insert,
    /// Update users that are there.
    Update,
}

/// Whether metadata is brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum MetadataChoice {
    /// It is.
    Keep,
    /// It is left as it is in the target.
    Omit,
}

/// `N` or `N%`.
pub(crate) fn max_rejected(text: &str) -> Result<MaxRejected, String> {
    let wrong = || "expected a number of users or a percentage, as in 0, 100 or 2.5%".to_owned();
    match text.strip_suffix('%') {
        None => text.parse().map(MaxRejected::Records).map_err(|_| wrong()),
        Some(percent) => match percent.parse::<f64>() {
            Ok(percent) if (0.0..=100.0).contains(&percent) => Ok(MaxRejected::Percent(percent)),
            _ => Err(wrong()),
        },
    }
}

/// `PATH=PATH`, split at an `=` that leaves a path on both sides.
pub(crate) fn path_to_path(text: &str) -> Result<(FieldPath, FieldPath), String> {
    split_at_equals(text, |from, to| Some((from.parse().ok()?, to.parse().ok()?)))
        .ok_or_else(|| "expected FROM=TO, as in created_at=app_metadata.signed_up_at".to_owned())
}

/// `PATH=JSON`.
pub(crate) fn path_to_json(text: &str) -> Result<(FieldPath, String), String> {
    split_at_equals(text, |path, json| {
        serde_json::from_str::<&serde_json::value::RawValue>(json).ok()?;
        Some((path.parse().ok()?, json.to_owned()))
    })
    .ok_or_else(|| "expected PATH=JSON, as in email_verified=true or app_metadata.plan='\"free\"'".to_owned())
}

fn split_at_equals<T>(text: &str, read: impl Fn(&str, &str) -> Option<T>) -> Option<T> {
    text.match_indices('=').find_map(|(at, _)| read(&text[..at], &text[at + 1..]))
}

/// A field path.
pub(crate) fn field_path(text: &str) -> Result<FieldPath, String> {
    text.parse().map_err(|error: reimport::projection::PathError| error.to_string())
}

/// `PATH` or `PATH=NAME`.
pub(crate) fn field(text: &str) -> Result<Field, String> {
    Field::from_argument(text).map_err(|error| error.to_string())
}
