//! Warnings and notes of a run, in one list.
//!
//! A warning makes the exit status 1, a note does not. The exit status, the summary of every command, the `--json`
//! document and the readiness page are all made from this list, so they always agree.
//!
//! To add a remark, add a variant to [`Remark`] and its arms in [`Remark::level`], [`Remark::name`] and
//! [`Remark::words`]. Push it in [`Remarks::of_import`] if it comes from the summary of the library, else in the
//! command.

use std::cmp::Reverse;
use std::path::Path;

use reimport::filter::UnmatchedIds;
use reimport::import::lacks;
use reimport::path::FieldPath;
use reimport::run::{Fact, SourceSummary};
use reimport::user::{Severity, rule};
use reimport::{SideFile, Summary, Topic, UnknownConnection, UnknownKind};
use serde_json::{Value, json};

use super::cells::DoubtfulCells;
use super::command::quoted;
use super::input_remark::InputRemark;
use super::kinds;
use super::page::{Page, counted, grouped, more};
use super::retry_remark::RetryRemark;
use crate::exit::Status;

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
    fn of(list: SideFile, folder: Option<&Path>) -> Self {
        folder.map_or(Self::Nowhere, |folder| Self::In(folder.join(list.output_name()).display().to_string()))
    }

    /// Returns the end of a sentence that names the list.
    fn words(&self) -> String {
        match self {
            Self::In(file) => format!("see {file}"),
            Self::Nowhere => "convert to a folder to list them".to_owned(),
            Self::NotSelected => "write parts to a folder to list them (--max-part-users)".to_owned(),
        }
    }
}

/// The password hashes that a run imports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hashes {
    /// Hashes in the export, if there are any.
    Own,
    /// Also those of a hash export.
    Joined,
    /// No hashes: the import jobs update users.
    LeftOut,
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
    fn name(&self) -> &str {
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

    /// Returns one clause, without a full stop.
    #[expect(clippy::too_many_lines, reason = "one arm for each remark")]
    pub(super) fn words(&self) -> String {
        match self {
            Self::UnseenPath { path, nearest, limited } => {
                let record = if *limited { "no record read before the limit" } else { "no record" };
                unseen_words(record, path, nearest.as_deref())
            }
            Self::Unset(path) => {
                format!("{path} could not be set in any record: a value above it is not an object")
            }
            Self::Mistyped(words) => words.clone(),
            Self::UnmatchedIds(list) => unmatched_words(list),
            Self::UnknownConnection(unknown) => unknown_words(unknown),
            Self::TooLargeFile { file, bytes, limit } => too_large_words(file, *bytes, *limit),
            Self::TooManyUsers { file, users, limit } => too_many_words(file, *users, *limit),
            Self::SeveralConnections => "an import job fills one connection: convert needs --by-connection, \
                                         --connection NAME or --merge-connections"
                .to_owned(),
            Self::Counted { fact, users, first } => counted_words(fact, *users, first.as_deref()),
            Self::FormulaCells(cells) => formula_words(cells),
            Self::BrokenCells(cells) => {
                format!("{} with a lone surrogate, written as U+FFFD", counted(*cells, "cell"))
            }
            Self::DoubtfulCells(cells) => cells.words(),
            Self::NoPassword(users) => {
                let have = if *users == 1 { "has" } else { "have" };
                format!(
                    "{} {have} no password: they must set a new one (see --passwords)",
                    counted(*users, "user")
                )
            }
            Self::NotJoined { users, reasons, listed } => {
                let get = if *users == 1 { "gets" } else { "get" };
                format!(
                    "{} {get} no password ({}): {}",
                    counted(*users, "user"),
                    named(reasons),
                    listed.words()
                )
            }
            Self::StalePassword { users, listed } => {
                let get = if *users == 1 { "gets" } else { "get" };
                format!(
                    "{} {get} a password that was changed later: {}",
                    counted(*users, "user"),
                    listed.words()
                )
            }
            Self::JoinedByEmail { users, listed } => {
                let get = if *users == 1 { "gets a password" } else { "get passwords" };
                format!("{} {get} joined by e-mail address: {}", counted(*users, "user"), listed.words())
            }
            Self::PasswordsLeft(users) => {
                let (them, get) = if *users == 1 { ("it", "gets") } else { ("them", "get") };
                format!(
                    "{} had a password hash when an earlier run rejected {them}, and {get} none now: give --passwords \
                     again",
                    counted(*users, "user")
                )
            }
            Self::SecretsNotJoined(reasons) => {
                let users = reasons.iter().map(|(_, users)| users).sum();
                format!(
                    "{} whose record of MFA secrets was not joined: {}",
                    counted(users, "user"),
                    named(reasons)
                )
            }
            Self::PasswordLike { property, users } => {
                format!(
                    "{} was dropped from {} and looks like a password hash: {} keeps it",
                    property,
                    counted(*users, "user"),
                    kept(property)
                )
            }
            Self::SeveralTenants { what, tenants } => {
                format!("the {what} belong to {} tenants: {}", tenants.len(), tenants.join(", "))
            }
            Self::UnusableRecords {
                file,
                unusable,
                without_id,
                records,
                first: (line, message),
                refused,
            } => {
                let ids = if *without_id > 0 {
                    format!(", {without_id} of them without an id")
                } else {
                    String::new()
                };
                let refused = match refused {
                    0 => String::new(),
                    _ => format!("; not counted here: {} that the rules refuse", counted_hashes(*refused)),
                };
                format!(
                    "{}: {unusable} of {} cannot be used{ids}; the first is on line {line}: {message}{refused}",
                    file,
                    counted(*records, "record")
                )
            }
            Self::HashesLeftOut => {
                "--for update does not import passwords: the files of --passwords are not used".to_owned()
            }
            Self::RecoveryCodes(codes) => {
                format!(
                    "{} in the files of MFA secrets: they cannot be imported",
                    counted(*codes, "recovery code")
                )
            }
            Self::OtherFactors(factors) => format!(
                "{} other than TOTP in the files of MFA secrets: they are not joined",
                counted(*factors, "factor")
            ),
            Self::Lacking(what) => (*what).to_owned(),
            Self::MixedUserIds { source, with, without, more } => {
                let more = if *more > 0 {
                    format!(", and so do {}", counted(*more as u64, "other file"))
                } else {
                    String::new()
                };
                format!(
                    "{source} has user ids with a strategy prefix ({}) and without ({}){more}; if it is an import file, use --user-ids \
                     bare: otherwise the prefix is removed, or the users are skipped",
                    grouped(*with),
                    grouped(*without)
                )
            }
            Self::LargeParts { parts, limit } => {
                let have = if *parts == 1 { "has" } else { "have" };
                format!(
                    "{} {have} more than the {} bytes that an import job accepts: lower --max-part-bytes",
                    counted(*parts, "part"),
                    grouped(*limit)
                )
            }
            Self::Input(remark) => remark.words(),
            Self::Retry(remark) => remark.words(),
        }
    }

    /// Returns the fact, the number of users and the first position, if this is a counted remark.
    pub(super) fn fact(&self) -> Option<(&Fact, u64, Option<&str>)> {
        match self {
            Self::Counted { fact, users, first } => Some((fact, *users, first.as_deref())),
            _ => None,
        }
    }

    /// Returns name, number of users, and the meaning with the first position, if this is a counted remark.
    pub(super) fn counted(&self) -> Option<(String, u64, String)> {
        match self {
            Self::Counted { fact, users, first } => {
                let explained = explained(fact.kind, first.as_deref());
                Some((fact.to_string(), *users, explained.trim_start_matches(", ").to_owned()))
            }
            _ => None,
        }
    }

    /// Returns the object in `warnings` or `notes` of the `--json` document.
    fn json(&self) -> Value {
        json!({"name": self.name(), "message": self.words()})
    }

    /// Returns the object in `unseen` of the `--json` document, if this is about something named in the options.
    fn unseen_json(&self) -> Option<Value> {
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
}

/// Returns the warning about a path that no record had that was written until the reader of the output closed it.
pub(crate) fn unseen_before_close(path: &str, nearest: Option<&str>) -> String {
    unseen_words("no record written before the pipe was closed", path, nearest)
}

fn unseen_words(record: &str, path: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => format!("{record} has {path}; did you mean {nearest}?"),
        None => format!("{record} has {path}; `reimport fields` lists all paths"),
    }
}

/// Returns the option that keeps a dropped property as a password hash.
pub(super) fn kept(property: &str) -> String {
    let edit = format!("{}=password_hash", FieldPath::of_name(property));
    // With `=`, a value that begins with `-` is not parsed as an option.
    let separator = if edit.starts_with('-') { '=' } else { ' ' };
    format!("--move{separator}{}", quoted(&edit))
}

fn counted_hashes(hashes: u64) -> String {
    if hashes == 1 { "1 hash".to_owned() } else { format!("{} hashes", grouped(hashes)) }
}

/// Formats names with their counts, in the given order.
fn named(counts: &[(String, u64)]) -> String {
    let each: Vec<String> =
        counts.iter().map(|(name, count)| format!("{name} {}", grouped(*count))).collect();
    each.join(", ")
}

/// Returns for example `username-form 1`.
fn counted_name(fact: &Fact, users: u64) -> String {
    format!("{fact} {}", grouped(users))
}

/// Returns for example `username-form 1, first on line 3: a username is …`.
fn counted_words(fact: &Fact, users: u64, first: Option<&str>) -> String {
    let explained = explained(fact.kind, first);
    let separator = if explained.is_empty() || first.is_some() { "" } else { ": " };
    format!("{}{separator}{explained}", counted_name(fact, users))
}

fn too_many_words(file: &str, users: u64, limit: u64) -> String {
    format!(
        "{} has {}, more than {} (--max-part-users); name a folder with -o to divide it into parts",
        file_words(file),
        counted(users, "user"),
        grouped(limit)
    )
}

/// Returns the meaning of a kind with the first position: `, first on line 3: a username is …`.
fn explained(kind: &str, first: Option<&str>) -> String {
    let meaning = kinds::meaning(kind);
    match first {
        Some(place) if meaning.is_empty() => format!(", first on {place}"),
        Some(place) => format!(", first on {place}: {meaning}"),
        None => meaning,
    }
}

fn unknown_words(unknown: &UnknownConnection) -> String {
    let name = &unknown.name;
    match unknown.kind {
        UnknownKind::NotADatabase => {
            return format!("{name} is not a database connection, so its users cannot be imported");
        }
        UnknownKind::NoneNamed => {
            return format!(
                "no database user has a connection (identities[].connection), so --connection {name} matches no user"
            );
        }
        _ => {}
    }
    let advice = match &unknown.nearest {
        Some(nearest) => format!("did you mean {nearest}?"),
        None => "`reimport check` lists the connections".to_owned(),
    };
    format!("no user belongs to connection {name}; {advice}")
}

fn file_words(file: &str) -> &str {
    if file == "-" { "standard output" } else { file }
}

fn too_large_words(file: &str, bytes: u64, limit: u64) -> String {
    format!(
        "{} has {} bytes, but an import job accepts at most {} (--max-part-bytes); name a folder with -o to divide it \
         into parts",
        file_words(file),
        grouped(bytes),
        grouped(limit)
    )
}

/// Returns for example `2 of 3 ids of FILE are not in any record: lines 1, 2`.
fn unmatched_words(list: &UnmatchedIds) -> String {
    let ids = counted(list.ids as u64, "id");
    let are = if list.unmatched == 1 { "is" } else { "are" };
    let lines: Vec<String> = list.lines.iter().map(ToString::to_string).collect();
    let label = if lines.len() == 1 { "line" } else { "lines" };
    let more = if list.unmatched > lines.len() { ", …" } else { "" };
    let addresses = if list.addresses {
        "; they look like e-mail addresses, but user ids are expected, as in user_id of an export"
    } else {
        ""
    };
    let of = if list.ids == 1 {
        "the one id".to_owned()
    } else {
        format!("{} of {ids}", grouped(list.unmatched as u64))
    };
    format!("{of} of {} {are} not in any record: {label} {}{more}{addresses}", list.list, lines.join(", "))
}

fn formula_words(cells: &[(String, u64)]) -> String {
    let all = cells.iter().map(|(_, count)| count).sum();
    let by: Vec<String> =
        cells.iter().take(5).map(|(name, count)| format!("{name} {}", grouped(*count))).collect();
    let more = if cells.len() > 5 { format!(" and {} more columns", cells.len() - 5) } else { String::new() };
    format!(
        "{} that a spreadsheet would run as a formula: {}{more}; --csv-escape formulas escapes them, \
         --csv-escape none keeps them without this warning",
        counted(all, "cell"),
        by.join(", ")
    )
}

/// Returns the counted remarks about written users. Lost second factors are not included: they have their own line.
fn counted_warnings(summary: &Summary) -> impl Iterator<Item = Remark> {
    let mut counted: Vec<_> = summary.of(Topic::Warned).filter(|(fact, _)| fact.kind != "mfa-lost").collect();
    counted.sort_by_key(|(_, users)| Reverse(*users));
    let several = summary.sources.len() > 1;
    counted.into_iter().map(move |(fact, users)| {
        let first = summary.first_warned.get(fact).map(|(source, position)| {
            if several {
                format!("{source} line {}", position.line)
            } else {
                format!("line {}", position.line)
            }
        });
        Remark::Counted { fact: fact.clone(), users, first }
    })
}

/// Returns a remark about the first source that has ids with and without a strategy prefix.
fn mixed_user_ids(summary: &Summary) -> Option<Remark> {
    let mut mixed = summary.sources.iter().filter(|source| source.mixes_user_ids());
    let first = mixed.next()?;
    let (with, without) = (first.ids_with_strategy, first.ids_without_strategy);
    Some(Remark::MixedUserIds { source: first.name.to_string(), with, without, more: mixed.count() })
}

/// The remarks of one run, in the order in which they are shown.
#[derive(Debug, Default)]
pub(crate) struct Remarks(Vec<Remark>);

impl Remarks {
    /// Returns the remarks about a run with the import rules; `lists` is the folder of the side files, if there is one.
    pub(crate) fn of_import(summary: &Summary, hashes: Hashes, lists: Option<&Path>) -> Self {
        let mut remarks = Self::default();
        remarks.extend(counted_warnings(summary));
        remarks.extend(of_passwords(summary, hashes, lists));
        let not_joined = reasons(summary, Topic::NoMfaSecret);
        if !not_joined.is_empty() {
            remarks.push(Remark::SecretsNotJoined(not_joined));
        }
        remarks.extend(password_like(summary));
        remarks.extend(lacks(summary.written, &summary.present).into_iter().map(Remark::Lacking));
        remarks.extend(mixed_user_ids(summary));
        remarks.extend(InputRemark::of_rejected(summary).into_iter().map(Remark::Input));
        remarks
    }

    /// Returns the remarks about a retry, followed by those about its error lists.
    pub(super) fn of_retry(summary: &Summary, found: Vec<Remark>) -> Self {
        let mut remarks = Self::default();
        // Remarks about missing data were made when the users were converted.
        remarks.extend(counted_warnings(summary));
        remarks.extend(mixed_user_ids(summary));
        if summary.passwords_left > 0 {
            remarks.push(Remark::PasswordsLeft(summary.passwords_left));
        }
        remarks.extend(password_like(summary));
        remarks.add_sources(&summary.sources);
        remarks.extend(found);
        remarks
    }

    /// Returns the remarks about a selection; `formulas` if cells that a spreadsheet would run are included.
    pub(crate) fn of_selection(summary: &Summary, formulas: bool) -> Self {
        let mut remarks = Self::default();
        let cells = formula_cells(summary);
        if formulas && !cells.is_empty() {
            remarks.push(Remark::FormulaCells(cells));
        }
        let broken = summary.of(Topic::Warned).filter(|(fact, _)| fact.kind == "lone-surrogate");
        remarks.extend(broken.map(|(_, cells)| Remark::BrokenCells(cells)));
        let columns =
            |remark: &Remark| matches!(remark, Remark::Counted { fact, .. } if fact.kind == "column-type");
        remarks.extend(counted_warnings(summary).filter(columns));
        remarks
    }

    /// Adds the remarks about the files that a selection joins. `lists` is the folder of the side files, if there is one.
    pub(crate) fn add_joins(&mut self, summary: &Summary, lists: Option<&Path>) {
        let listed = |list| if lists.is_some() { Listed::of(list, lists) } else { Listed::NotSelected };
        let without = reasons(summary, Topic::NoPassword);
        // Unlike an import, a selection has users of other connections, which never have a hash.
        let users = without.iter().map(|(_, users)| users).sum();
        if users > 0 {
            let listed = listed(SideFile::NoPassword);
            self.push(Remark::NotJoined { users, reasons: without, listed });
        }
        self.extend(of_joined(summary, listed));
        let not_joined = reasons(summary, Topic::NoMfaSecret);
        if !not_joined.is_empty() {
            self.push(Remark::SecretsNotJoined(not_joined));
        }
    }

    /// Adds the remarks about the sources.
    pub(crate) fn add_sources(&mut self, sources: &[SourceSummary]) {
        self.extend(DoubtfulCells::of(sources).into_iter().map(Remark::DoubtfulCells));
    }

    pub(crate) fn push(&mut self, remark: Remark) {
        self.0.push(remark);
    }

    pub(crate) fn extend(&mut self, remarks: impl IntoIterator<Item = Remark>) {
        self.0.extend(remarks);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn append(&mut self, mut others: Self) {
        self.0.append(&mut others.0);
    }

    /// Returns the exit status of a published run: 1 if a record was rejected or there is a warning.
    pub(crate) fn status(&self, summary: &Summary) -> Status {
        if self.findings(summary).is_empty() { Status::Done } else { Status::Findings }
    }

    /// Returns what makes the exit status 1, for the last line of a summary.
    pub(crate) fn findings(&self, summary: &Summary) -> Vec<&'static str> {
        let found = [
            (summary.rejected > 0, "rejected records"),
            (self.of(Level::Warning).next().is_some(), "warnings"),
        ];
        found.into_iter().filter_map(|(is_found, name)| is_found.then_some(name)).collect()
    }

    /// Returns the remarks of one level, in order.
    pub(super) fn of(&self, level: Level) -> impl Iterator<Item = &Remark> {
        self.0.iter().filter(move |remark| remark.level() == level)
    }

    /// Returns the list of one level in the `--json` document.
    pub(super) fn json(&self, level: Level) -> Vec<Value> {
        self.of(level).map(Remark::json).collect()
    }

    /// Returns the list `unseen` in the `--json` document.
    pub(super) fn unseen_json(&self) -> Vec<Value> {
        self.0.iter().filter_map(Remark::unseen_json).collect()
    }

    /// Adds the first `most` notes to a page, those that are not counted first, and the number of others.
    pub(super) fn add_notes(&self, page: &mut Page, most: usize) {
        let (counted, others): (Vec<_>, Vec<_>) = self.of(Level::Note).partition(|note| note.is_counted());
        let notes: Vec<_> = others.into_iter().chain(counted).collect();
        for (index, note) in notes.iter().take(most).enumerate() {
            page.add(if index == 0 { "note" } else { "" }, &note.words());
        }
        if notes.len() > most {
            page.add("", &more(notes.len() - most));
        }
    }

    /// Adds all remarks that are not counted to a page, notes first.
    pub(super) fn add_uncounted(&self, page: &mut Page) {
        let uncounted = |level| self.of(level).filter(|remark| !remark.is_counted());
        for (index, note) in uncounted(Level::Note).enumerate() {
            page.add(if index == 0 { "note" } else { "" }, &note.words());
        }
        for warning in uncounted(Level::Warning) {
            page.add("warning", &warning.words());
        }
    }

    /// Adds all warnings to a page, counted ones first.
    pub(super) fn add_warnings(&self, page: &mut Page) {
        let (counted, others): (Vec<_>, Vec<_>) =
            self.of(Level::Warning).partition(|warning| warning.is_counted());
        for warning in counted.into_iter().chain(others) {
            page.add("warning", &warning.words());
        }
    }
}

impl Remark {
    /// Whether the remark has a name and a count.
    pub(super) fn is_counted(&self) -> bool {
        matches!(self, Self::Counted { .. })
    }
}

/// Returns the remarks about the passwords of written users.
fn of_passwords(summary: &Summary, hashes: Hashes, lists: Option<&Path>) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let users = summary.without_password();
    match hashes {
        Hashes::Own if users > 0 => remarks.push(Remark::NoPassword(users)),
        Hashes::Joined if users > 0 => {
            let (reasons, listed) =
                (reasons(summary, Topic::NoPassword), Listed::of(SideFile::NoPassword, lists));
            remarks.push(Remark::NotJoined { users, reasons, listed });
        }
        _ => {}
    }
    remarks.extend(of_joined(summary, |list| Listed::of(list, lists)));
    if hashes != Hashes::LeftOut && summary.passwords_left > 0 {
        remarks.push(Remark::PasswordsLeft(summary.passwords_left));
    }
    remarks
}

/// Returns the remarks about the joined passwords that are not certain to be right.
fn of_joined(summary: &Summary, listed: impl Fn(SideFile) -> Listed) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let count = |wanted: &str| {
        summary.of(Topic::Password).find(|(fact, _)| *fact.subject == *wanted).map_or(0, |(_, users)| users)
    };
    if let users @ 1.. = count("stale") {
        remarks.push(Remark::StalePassword { users, listed: listed(SideFile::StalePassword) });
    }
    if let users @ 1.. = count("by email") {
        remarks.push(Remark::JoinedByEmail { users, listed: listed(SideFile::PasswordByEmail) });
    }
    remarks
}

/// Returns remarks about dropped properties that look like passwords, the highest count first.
fn password_like(summary: &Summary) -> impl Iterator<Item = Remark> {
    let dropped = most_first(summary.of(Topic::PasswordLike)).into_iter();
    dropped.map(|(property, users)| Remark::PasswordLike { property, users })
}

/// Returns why nothing was joined to users, the highest count first.
fn reasons(summary: &Summary, topic: Topic) -> Vec<(String, u64)> {
    most_first(summary.of(topic))
}

/// Returns the cells that a spreadsheet runs as formulas, by column, the highest count first.
pub(super) fn formula_cells(summary: &Summary) -> Vec<(String, u64)> {
    most_first(summary.of(Topic::Warned).filter(|(fact, _)| fact.kind == "spreadsheet-formula"))
}

/// Returns the subjects of facts with their counts, the highest first.
fn most_first<'s>(facts: impl Iterator<Item = (&'s Fact, u64)>) -> Vec<(String, u64)> {
    let mut facts: Vec<_> = facts.map(|(fact, count)| (fact.subject.to_string(), count)).collect();
    facts.sort_by_key(|(_, count)| Reverse(*count));
    facts
}
