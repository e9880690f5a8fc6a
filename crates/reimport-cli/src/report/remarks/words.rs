//! The words of each [`Remark`].

use reimport::filter::UnmatchedIds;
use reimport::path::FieldPath;
use reimport::run::Fact;
use reimport::{UnknownConnection, UnknownKind};

use super::Remark;
use crate::report::command::quoted;
use crate::report::kinds;
use crate::report::page::{counted, grouped};

impl Remark {
    /// Returns one clause, without a full stop.
    #[expect(clippy::too_many_lines, reason = "one arm for each remark")]
    pub(crate) fn words(&self) -> String {
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
                    format!(", {} of them without an id", grouped(*without_id))
                } else {
                    String::new()
                };
                let refused = match refused {
                    0 => String::new(),
                    _ => format!("; not counted here: {} that the rules refuse", counted_hashes(*refused)),
                };
                format!(
                    "{file}: {} of {} cannot be used{ids}; the first is on line {line}: {message}{refused}",
                    grouped(*unusable),
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
pub(crate) fn kept(property: &str) -> String {
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
pub(super) fn explained(kind: &str, first: Option<&str>) -> String {
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
