//! [`Remark`]: one warning or note.

use std::path::Path;

use reimport::filter::UnmatchedIds;
use reimport::run::Fact;
use reimport::user::{Severity, rule};
use reimport::{SideFile, UnknownConnection};
use serde_json::{Value, json};

use super::words::explained;
use crate::report::cells::DoubtfulCells;
use crate::report::input_remark::InputRemark;
use crate::report::retry_remark::RetryRemark;

/// A warning or note of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Remark {
    /// A field path in the options that no record has, with the nearest path that some record has. `limited` if the run
    /// stopped at its limit.
    UnseenPath { path: String, nearest: Option<String>, limited: bool },
    /// A path that --set could not set in any record.
    Unset(String),
    /// A condition that compares with a value of another type than all values at its path: its description.
    Mistyped(String),
    /// Ids in a list that no record has.
    UnmatchedIds(UnmatchedIds),
    /// A connection in the options that no record belongs to; records belong to other connections of the options.
    UnknownConnection(UnknownConnection),
    /// An array that is larger than an import job accepts.
    TooLargeFile { file: String, bytes: u64, limit: u64 },
    /// An array with more users than a part may have.
    TooManyUsers { file: String, users: u64, limit: u64 },
    /// The users belong to several connections, and no option chooses how to write them.
    SeveralConnections,
    /// A fact of [`Topic::Warned`], with the number of written users and the position of the first.
    Counted { fact: Fact, users: u64, first: Option<String> },
    /// Cells that a spreadsheet runs as formulas, by column, the highest count first.
    FormulaCells(Vec<(String, u64)>),
    /// Cells with a lone surrogate, which CSV cannot contain.
    BrokenCells(u64),
    /// Cells of a CSV source that a spreadsheet or an editor has probably changed.
    DoubtfulCells(DoubtfulCells),
    /// Written users without a password hash, if no hash export was given.
    NoPassword(u64),
    /// Written users without a password hash although a hash export was given, with the reasons.
    NotJoined { users: u64, reasons: Vec<(String, u64)>, listed: Listed },
    /// Written users whose hash is older than their last change of password.
    StalePassword { users: u64, listed: Listed },
    /// Written users whose hash was joined by e-mail address.
    JoinedByEmail { users: u64, listed: Listed },
    /// Written users that had a hash when an earlier run rejected them, and have none now.
    PasswordsLeft(u64),
    /// Users with a record in a file of MFA secrets that was not joined, with the reasons.
    SecretsNotJoined(Vec<(String, u64)>),
    /// A dropped property that looks like a password or a hash.
    PasswordLike { property: String, users: u64 },
    /// Second files of several tenants.
    SeveralTenants { what: &'static str, tenants: Vec<String> },
    /// Records of a second file that cannot be used, with line and message of the first.
    UnusableRecords {
        file: String,
        unusable: u64,
        without_id: u64,
        records: u64,
        first: (u64, String),
        refused: u64,
    },
    /// Files of hashes were given, but the import jobs update users.
    HashesLeftOut,
    /// Recovery codes in a file of MFA secrets.
    RecoveryCodes(u64),
    /// Factors of other kinds than TOTP in a file of MFA secrets.
    OtherFactors(u64),
    /// Data that no written user has.
    Lacking(&'static str),
    /// A source has user ids with and without a strategy prefix; `more` other sources as well.
    MixedUserIds { source: String, with: u64, without: u64, more: usize },
    /// Parts that are larger than an import job accepts.
    LargeParts { parts: u64, limit: u64 },
    /// A warning or note about the inputs.
    Input(InputRemark),
    /// A warning of `retry`.
    Retry(RetryRemark),
}

/// Importance of a remark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// Needs attention: exit status 1.
    Warning,
    /// Good to know: exit status 0.
    Note,
}

/// The list of the users that a remark counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Listed {
    /// In this file.
    In(String),
    /// No list: the output has no side files.
    Nowhere,
    /// No list: the output of `select` is not a folder of parts.
    NotSelected,
}

impl Listed {
    /// Returns the list next to the parts in `folder`.
    pub(super) fn of(list: SideFile, folder: Option<&Path>) -> Self {
        folder.map_or(Self::Nowhere, |folder| Self::In(folder.join(list.output_name()).display().to_string()))
    }

    /// Returns the end of a sentence that names the list.
    pub(super) fn words(&self) -> String {
        match self {
            Self::In(file) => format!("see {file}"),
            Self::Nowhere => "convert to a folder to list them".to_owned(),
            Self::NotSelected => "write parts to a folder to list them (--max-part-users)".to_owned(),
        }
    }
}

impl Remark {
    pub(crate) fn level(&self) -> Level {
        match self {
            Self::Counted { fact, .. } => match rule(fact.kind).map(|rule| rule.severity) {
                Some(Severity::Notes) => Level::Note,
                _ => Level::Warning,
            },
            Self::NoPassword(_) | Self::RecoveryCodes(_) | Self::Lacking(_) => Level::Note,
            Self::UnseenPath { .. }
            | Self::Unset(_)
            | Self::Mistyped(_)
            | Self::UnmatchedIds(_)
            | Self::UnknownConnection(_)
            | Self::TooLargeFile { .. }
            | Self::TooManyUsers { .. }
            | Self::SeveralConnections
            | Self::FormulaCells(_)
            | Self::BrokenCells(_)
            | Self::DoubtfulCells(_)
            | Self::NotJoined { .. }
            | Self::StalePassword { .. }
            | Self::JoinedByEmail { .. }
            | Self::PasswordsLeft(_)
            | Self::SecretsNotJoined(_)
            | Self::PasswordLike { .. }
            | Self::SeveralTenants { .. }
            | Self::UnusableRecords { .. }
            | Self::HashesLeftOut
            | Self::OtherFactors(_)
            | Self::MixedUserIds { .. }
            | Self::LargeParts { .. }
            | Self::Retry(_) => Level::Warning,
            Self::Input(remark) => remark.level(),
        }
    }

    /// Returns the stable name in the `--json` document.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::UnseenPath { .. } => "unseen-path",
            Self::Unset(_) => "unset-path",
            Self::Mistyped(_) => "mistyped-condition",
            Self::UnmatchedIds(_) => "unmatched-ids",
            Self::UnknownConnection(_) => "unknown-connection",
            Self::TooLargeFile { .. } => "too-large-file",
            Self::TooManyUsers { .. } => "too-many-users",
            Self::SeveralConnections => "several-connections",
            Self::Counted { fact, .. } => fact.kind,
            Self::FormulaCells(_) => "spreadsheet-formula",
            Self::BrokenCells(_) => "lone-surrogate",
            Self::DoubtfulCells(cells) => cells.warning.name(),
            Self::NoPassword(_) | Self::NotJoined { .. } => "no-password",
            Self::StalePassword { .. } => "stale-password",
            Self::JoinedByEmail { .. } => "password-by-email",
            Self::PasswordsLeft(_) => "password-left",
            Self::SecretsNotJoined(_) => "no-mfa-secret",
            Self::PasswordLike { .. } => "password-like-property",
            Self::SeveralTenants { .. } => "several-tenants",
            Self::UnusableRecords { .. } => "unusable-records",
            Self::HashesLeftOut => "hashes-left-out",
            Self::RecoveryCodes(_) => "recovery-codes",
            Self::OtherFactors(_) => "other-factors",
            Self::Lacking(_) => "lacking",
            Self::MixedUserIds { .. } => "mixed-user-ids",
            Self::LargeParts { .. } => "large-parts",
            Self::Input(remark) => remark.name(),
            Self::Retry(remark) => remark.name(),
        }
    }
    /// Returns the fact, the number of users and the first position, if this is a counted remark.
    pub(crate) fn fact(&self) -> Option<(&Fact, u64, Option<&str>)> {
        match self {
            Self::Counted { fact, users, first } => Some((fact, *users, first.as_deref())),
            _ => None,
        }
    }

    /// Returns name, number of users, and the meaning with the first position, if this is a counted remark.
    pub(crate) fn counted(&self) -> Option<(String, u64, String)> {
        match self {
            Self::Counted { fact, users, first } => {
                let explained = explained(fact.kind, first.as_deref());
                Some((fact.to_string(), *users, explained.trim_start_matches(", ").to_owned()))
            }
            _ => None,
        }
    }

    /// Returns the object in `warnings` or `notes` of the `--json` document.
    pub(super) fn json(&self) -> Value {
        json!({"name": self.name(), "message": self.words()})
    }

    /// Returns the object in `unseen` of the `--json` document, if this is about something named in the options.
    pub(super) fn unseen_json(&self) -> Option<Value> {
        match self {
            Self::UnseenPath { path, nearest, .. } => Some(json!({"path": path, "nearest": nearest})),
            Self::UnknownConnection(UnknownConnection { name, nearest, .. }) => {
                Some(json!({"connection": name, "nearest": nearest}))
            }
            Self::UnmatchedIds(list) => Some(
                json!({"list": list.list, "ids": list.ids, "unmatched": list.unmatched, "lines": list.lines}),
            ),
            Self::Unset(path) => Some(json!({"path": path, "nearest": null})),
            _ => None,
        }
    }

    /// Whether the remark has a name and a count.
    pub(crate) fn is_counted(&self) -> bool {
        matches!(self, Self::Counted { .. })
    }
}
