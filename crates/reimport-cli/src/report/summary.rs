//! The summary as text, 80 columns wide.
//!
//! What a person acts on is complete: broken rules, passwords, warnings and the commands to run next. Lists that are
//! only good to know are short. The manifest and the `--json` document have everything.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use reimport::import::{UploadTime, export_only, mfa_lost};
use reimport::run::{Fact, Skip};
use reimport::sink::OneFile;
use reimport::{SkipReason, Summary, Topic};

use super::command::WrittenParts;
use super::hints;
use super::page::{Page, bytes, counted, grouped};
use super::remarks::Remarks;
use crate::exit::Status;
use crate::style::Styled;

/// The output of a run.
pub(crate) enum Published {
    /// A folder of parts.
    Folder(WrittenParts),
    /// One file.
    File(String),
    /// Standard output.
    Stdout,
}

impl Published {
    /// Returns the number of parts, if the output is a folder of parts.
    pub(crate) fn parts(&self) -> Option<u64> {
        match self {
            Self::Folder(written) => Some(written.parts),
            _ => None,
        }
    }
}

/// The file of the rejected records, and the command that converts them once they are fixed.
pub(crate) struct Fix {
    pub(crate) file: String,
    pub(crate) command: String,
}

/// Maximum number of lines of a list that is only good to know, and of notes.
const SHORT: usize = 2;
pub(super) const NOTES: usize = 6;

/// Maximum number of lines of a list with something to act on.
pub(super) const ALL: usize = usize::MAX;

/// Returns the summary of a run.
pub(crate) fn summary_text(
    summary: &Summary,
    published: &Published,
    fix: Option<&Fix>,
    remarks: &Remarks,
    status: Status,
) -> Styled {
    let mut page = Page::default();
    read(&mut page, summary, &format!("--limit {}", summary.written));
    written(&mut page, summary, published);
    skipped(&mut page, summary, published);
    rejected(&mut page, summary);
    joined(&mut page, summary);
    page.list("fixed", most_first(named(summary.of(Topic::Fixed))), SHORT);
    let mut left: Vec<(String, u64)> = export_only(summary).into_iter().collect();
    left.extend(named(summary.of(Topic::Unknown).chain(summary.of(Topic::Dropped))));
    page.list("dropped", most_first(left), SHORT);
    lost(&mut page, summary);
    remarks.add_notes(&mut page, NOTES);
    if summary.written > 0 && !summary.present.is_empty() {
        let hashes = if summary.with_password > 0 { "" } else { ", password hashes" };
        page.line(format!("not in any export: roles, organizations, sessions{hashes}"));
    }
    remarks.add_warnings(&mut page);
    if let Some(parts @ 1..) = published.parts() {
        let time = UploadTime::of(summary.written, parts);
        page.add("upload", &format!("takes {time}, two jobs at a time"));
    }
    next(&mut page, summary, published, fix);
    page.status(status, &status.words(&remarks.findings(summary)));
    page.text()
}

/// Adds what users have in the old tenant and will not have in the new one.
fn lost(page: &mut Page, summary: &Summary) {
    let logins: u64 = summary.of(Topic::LinkedLogin).map(|(_, logins)| logins).sum();
    let mut lost = Vec::new();
    if logins > 0 {
        let by = most_first(named(summary.of(Topic::LinkedLogin)));
        lost.push(format!("{} ({})", counted(logins, "linked login"), by.join(", ")));
    }
    if mfa_lost(summary) > 0 {
        lost.push(format!("second factors of {}", counted(mfa_lost(summary), "user")));
    }
    page.list("lost", lost, ALL);
}

/// Adds what was read, and the limit that stopped it.
pub(super) fn read(page: &mut Page, summary: &Summary, limit: &str) {
    let plain = summary.sources.iter().map(|source| source.bytes).sum();
    let names: Vec<_> = summary.sources.iter().map(|source| source.name.to_string()).collect();
    let from = match names.as_slice() {
        [one] => one.clone(),
        many => format!("{} files", many.len()),
    };
    let whole = if summary.limited {
        format!("stopped at {limit}: the rest was neither read nor checked")
    } else {
        "read whole".to_owned()
    };
    let dialects: BTreeSet<&str> = summary.sources.iter().filter_map(super::json::dialect).collect();
    let dialects: Vec<&str> = dialects.into_iter().collect();
    let csv = if dialects.is_empty() {
        String::new()
    } else {
        format!(" of CSV, {} dialect", dialects.join(" and "))
    };
    let size = format!("{}{csv}", bytes(plain));
    page.add("read", &format!("{} from {from} ({size}), {whole}", counted(summary.read, "record")));
}

fn written(page: &mut Page, summary: &Summary, published: &Published) {
    let users = counted(summary.written, "user");
    let passwords = match summary.with_password {
        0 => String::new(),
        with => format!(", {} with a password hash", grouped(with)),
    };
    match published {
        Published::Folder(WrittenParts { folder, parts, .. }) => {
            let parts = counted(*parts, "part");
            page.add_path("written", &format!("{users} in {parts} to"), folder, &passwords);
        }
        Published::File(file) => page.add_path("written", &format!("{users} to"), file, &passwords),
        Published::Stdout => page.add("written", &format!("{users} to standard output{passwords}")),
    }
    if summary.left_out > 0 {
        page.add("left out", &format!("{} by your own filter", counted(summary.left_out, "user")));
    }
}

/// Adds what was joined to users. The number of stale hashes and the reasons for missing hashes are in the warnings.
pub(super) fn joined(page: &mut Page, summary: &Summary) {
    let joined = |topic| named(summary.of(topic).filter(|(fact, _)| &*fact.subject != "stale"));
    page.list("passwords", most_first(joined(Topic::Password)), ALL);
    page.list("secrets", most_first(joined(Topic::MfaSecret)), ALL);
}

fn skipped(page: &mut Page, summary: &Summary, published: &Published) {
    if summary.skipped == 0 {
        return;
    }
    let users = counted(summary.skipped, "user");
    // If there is only one reason, it is printed once, before the strategies.
    let reasons: BTreeSet<SkipReason> = summary.skipped_by.keys().map(|skip| skip.reason).collect();
    let only = reasons.first().filter(|_| reasons.len() == 1);
    let why = match only {
        Some(SkipReason::NotADatabaseUser) => "not database users, which cannot be imported",
        Some(SkipReason::LinkedDatabaseLogin) => "database logins linked to a user of another kind",
        _ => "they cannot be imported",
    };
    // In a folder, this file always has the same name.
    let to = match published {
        Published::File(file) => format!(" to {}", OneFile::skipped_path(file).display()),
        Published::Folder(_) | Published::Stdout => String::new(),
    };
    page.add("skipped", &format!("{users}{to}: {why}"));
    let name = |skip: &Skip| only.map_or_else(|| skip.to_string(), |_| skip.strategy.to_string());
    let by = summary.skipped_by.iter().map(|(skip, count)| (name(skip), *count));
    page.list("", most_first(by), SHORT);
}

/// Adds the rejected records by rule, each with its first position and problem.
pub(super) fn rejected(page: &mut Page, summary: &Summary) {
    if summary.rejected == 0 {
        return;
    }
    let several = summary.sources.len() > 1;
    let mut by: Vec<_> = summary.rejected_by.iter().collect();
    by.sort_by_key(|(_, count)| Reverse(count.records));
    page.add("rejected", &format!("{}, by rule:", counted(summary.rejected, "record")));
    for (rule, count) in by {
        let line = count.first.1.line;
        let place = if several { format!("{} line {line}", count.first.0) } else { format!("line {line}") };
        let message = first_message(summary, rule).map_or_else(String::new, |message| format!(": {message}"));
        page.add("", &format!("{rule} {}, first on {place}{message}", grouped(count.records)));
    }
}

/// Advice about records that are not UTF-8. A file in another encoding usually has many of them.
pub(super) const NOT_UTF8: &str =
    "; if the whole file has another encoding, convert it, for example with `iconv -f latin1 -t utf8`";

/// Returns the message of the first record that breaks a rule, with its field path.
pub(super) fn first_message(summary: &Summary, rule: &str) -> Option<String> {
    let place = summary.rejected_places.get(rule)?.first()?;
    let cure = if rule == "not-utf8" { NOT_UTF8 } else { hints::limit_of(rule) };
    let message = format!("{}{cure}", place.message);
    Some(if place.path.is_empty() { message } else { format!("{}: {message}", place.path) })
}

fn next(page: &mut Page, summary: &Summary, published: &Published, fix: Option<&Fix>) {
    let mut label = "next";
    if let Published::Folder(written) = published
        && written.parts > 0
    {
        written.add_uploads(page, std::mem::take(&mut label));
    }
    if summary.rejected == 0 {
        return;
    }
    match fix {
        Some(Fix { file, command }) => {
            page.add_path(std::mem::take(&mut label), "fix the users in", file, ", then:");
            page.command("", command);
        }
        None => page.add(label, "the rejected records were not kept; use --rejected FILE to keep them"),
    }
}

/// Returns the names of facts with their counts.
fn named<'s>(facts: impl Iterator<Item = (&'s Fact, u64)>) -> impl Iterator<Item = (String, u64)> {
    facts.map(|(fact, count)| (fact.to_string(), count))
}

/// Formats names with their counts, the highest first.
fn most_first(facts: impl IntoIterator<Item = (String, u64)>) -> Vec<String> {
    let mut facts: Vec<_> = facts.into_iter().collect();
    facts.sort_by_key(|(_, count)| Reverse(*count));
    facts.into_iter().map(|(name, count)| format!("{} {}", name, grouped(count))).collect()
}
