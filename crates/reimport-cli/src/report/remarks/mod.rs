//! Warnings and notes of a run, in one list.
//!
//! A warning makes the exit status 1, a note does not. The exit status, the summary of every command, the `--json`
//! document and the readiness page are all made from this list, so they always agree.
//!
//! To add a remark, add a variant to [`Remark`] and its arms in [`Remark::level`], [`Remark::name`] and
//! [`Remark::words`]. Push it in [`Remarks::of_import`] if it comes from the summary of the library, else in the
//! command.

mod remark;
#[cfg(test)]
mod tests;
mod words;

use std::cmp::Reverse;
use std::path::Path;

use reimport::import::lacks;
use reimport::run::{Fact, SourceSummary};
use reimport::{SideFile, Summary, Topic};
use serde_json::Value;

use super::cells::DoubtfulCells;
use super::input_remark::InputRemark;
use super::page::{Page, more};
use crate::exit::Status;

pub(crate) use remark::{Level, Listed, Remark};
pub(crate) use words::{kept, unseen_before_close};

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
