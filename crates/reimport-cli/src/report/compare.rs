//! Reports of `verify` and `delta`: 80 columns wide, or a JSON document. They have paths and kinds of
//! changes, never a value.

use reimport::OutputName;
use reimport::compare::{FieldChangeKind, Report, Side};
use reimport::run::RuleCount;
use serde_json::{Map, Value, json};

use super::command::{WrittenParts, quoted};
use super::input_remark::InputRemark;
use super::page::{Page, bytes, counted, grouped};
use super::remarks::{Level, Remark, Remarks};
use super::summary::ALL;
use crate::exit::Status;
use crate::style::Styled;

/// Data that is not in any export and so is not compared, and how to check it.
pub(super) const UNSEEN: [(&str, &str); 4] = [
    (
        "passwords",
        "sign in as a user whose password you know, one user for each hash algorithm that was imported.",
    ),
    (
        "MFA factors",
        "sign in as a user who has a second factor. A user who is asked to enroll again has lost it.",
    ),
    ("roles", "they are not imported: assign them with the Management API, and count them there."),
    (
        "organizations",
        "their members are not imported: add them with the Management API, and count them there.",
    ),
];

/// Returns the names in [`UNSEEN`].
fn unseen() -> [&'static str; 4] {
    UNSEEN.map(|(what, _)| what)
}

/// Data of the report of `verify`.
pub(crate) struct Arrival<'r> {
    /// The uploaded parts, as given.
    pub(crate) parts: String,
    /// The later export, as given.
    pub(crate) new: String,
    pub(crate) report: &'r Report,
    /// The written folder, if there is one.
    pub(crate) output: Option<&'r VerifyOutput>,
    /// The command that also writes a folder, if the inputs can be read again.
    pub(crate) again: Option<String>,
}

/// The folder that `verify` wrote.
pub(crate) struct VerifyOutput {
    /// As given.
    pub(crate) folder: String,
    /// Parts of the missing users, if there are any.
    pub(crate) missing: Option<WrittenParts>,
}

/// Data of the report of `delta`.
pub(crate) struct DeltaReport<'r> {
    /// The earlier export, as given.
    pub(crate) old: String,
    /// The later export, as given.
    pub(crate) new: String,
    /// The folder that was written, as given.
    pub(crate) folder: Option<String>,
    pub(crate) report: &'r Report,
}

impl Arrival<'_> {
    /// Returns `Done` if all expected users arrived as sent and there is no warning.
    pub(crate) fn status(&self) -> Status {
        let done = !self.report.has_missing_or_changed() && !is_incomplete(self.report);
        if done && doubts(self.report).is_empty() { Status::Done } else { Status::Findings }
    }

    /// Returns the number of expected users.
    pub(crate) fn expected(&self) -> u64 {
        self.report.same + self.report.changed + self.report.other_id + self.report.missing
    }

    /// Returns the number of changed users by path and kind, the highest first: those of numbers that lost digits, or
    /// all others.
    pub(crate) fn changed_by(&self, lost_digits: bool) -> Vec<(&str, FieldChangeKind, u64)> {
        changed_by(self.report, |kind| (kind == FieldChangeKind::LostDigits) == lost_digits)
    }

    /// Returns the report as text.
    pub(crate) fn text(&self) -> Styled {
        let (report, mut page) = (self.report, Page::default());
        page.add("expected", &format!("{} of {}", counted(self.expected(), "user"), tail(&self.parts)));
        found(&mut page, "found", &self.new, &report.new);
        page.add("arrived", &format!("{} as sent", counted(report.same, "user")));
        if report.changed > 0 {
            page.add("changed", &format!("{}, at:", counted(report.changed, "user")));
            page.list("", changes(report, |kind| kind != FieldChangeKind::LostDigits), 3);
        }
        if report.lost_digits > 0 {
            let users = counted(report.lost_digits, "user");
            page.add("digits", &format!("{users} of these with a number that lost digits, at:"));
            let by = self.changed_by(true).into_iter();
            page.list("", by.map(|(path, _, users)| format!("{} {}", short(path), grouped(users))), 1);
        }
        if report.other_id > 0 {
            page.add("other id", &other_id_words(report.other_id));
        }
        if report.missing > 0 {
            let hashes = match report.missing_run.with_password {
                0 => String::new(),
                with => format!(", {} with a password hash", grouped(with)),
            };
            page.add("missing", &format!("{}{hashes}", counted(report.missing, "user")));
        }
        if report.extra > 0 {
            page.add("extra", &format!("{} of the export in no part", counted(report.extra, "user")));
        }
        left_out(
            &mut page,
            report,
            ["the parts", "the export"],
            ["neither a user_id nor an email", "missing"],
        );
        if !report.not_exported.is_empty() {
            let mut names: Vec<_> = report.not_exported.iter().map(|name| (*name).to_owned()).collect();
            if let Some(first) = names.first_mut() {
                first.insert_str(0, "not in the export, request them: ");
            }
            page.list("fields", names, ALL);
        }
        doubts(report).add_warnings(&mut page);
        page.add("unseen", &format!("not in any export: {}", unseen().join(", ")));
        self.next(&mut page);
        let words = match (report.has_missing_or_changed(), self.status()) {
            (true, _) => "not all users arrived as sent (exit status 1)",
            (false, Status::Done) => "all users arrived as sent (exit status 0)",
            (false, _) if is_incomplete(report) => "not all records could be compared (exit status 1)",
            (false, _) => "all users arrived as sent, with warnings (exit status 1)",
        };
        page.status(self.status(), words);
        page.text()
    }

    fn next(&self, page: &mut Page) {
        let report = self.report;
        match self.output {
            None if report.has_missing_or_changed() => {
                page.add(
                    "next",
                    "run it again with -o OUT to list these users and to write parts of the missing ones",
                );
            }
            Some(VerifyOutput { missing: Some(parts), .. }) => parts.add_uploads(page, "next"),
            Some(output) if report.changed + report.other_id > 0 => {
                page.add(
                    "next",
                    &format!("see {}/{} for the users that differ", output.folder, OutputName::Changed),
                );
            }
            _ => {}
        }
    }

    /// Returns the report as a JSON document, version 1: see docs/json.md.
    pub(crate) fn json(&self) -> Value {
        let report = self.report;
        let parts = |output: &VerifyOutput| output.missing.as_ref().map_or(0, |parts| parts.parts);
        let output =
            self.output.map(|output| json!({"folder": output.folder, "missing_parts": parts(output)}));
        json!({
            "version": 1,
            "exit_status": self.status().code(),
            "parts": side_json(&report.old),
            "new": side_json(&report.new),
            "expected": self.expected(),
            "arrived": report.same,
            "changed": report.changed,
            "other_id": report.other_id,
            "missing": report.missing,
            "extra": report.extra,
            "lost_digits": report.lost_digits,
            "missing_with_password": report.missing_run.with_password,
            "changed_by": changed_by_json(report),
            "not_exported": report.not_exported,
            "warnings": doubts(report).json(Level::Warning),
            "unseen": unseen().map(|what| what.to_lowercase().replace(' ', "_")),
            "output": output,
        })
    }
}

impl DeltaReport<'_> {
    /// Returns `Done` if there is no difference and no warning.
    pub(crate) fn status(&self) -> Status {
        let done = !self.differs() && !is_incomplete(self.report) && doubts(self.report).is_empty();
        if done { Status::Done } else { Status::Findings }
    }

    /// Returns the report as text.
    pub(crate) fn text(&self) -> Styled {
        let report = self.report;
        let mut page = Page::default();
        found(&mut page, "old", &self.old, &report.old);
        found(&mut page, "new", &self.new, &report.new);
        page.add("same", &counted(report.same, "user"));
        let counts = [
            ("new", report.extra, OutputName::New),
            ("changed", report.changed, OutputName::Changed),
            ("gone", report.missing, OutputName::Gone),
        ];
        for (label, users, file) in counts.into_iter().filter(|(_, users, _)| *users > 0) {
            let to = self.folder.as_ref().map_or_else(String::new, |folder| format!(" to {folder}/{file}"));
            let at = if file == OutputName::Changed { ", at:" } else { "" };
            page.add(label, &format!("{}{to}{at}", counted(users, "user")));
            if file == OutputName::Changed {
                page.list("", changes(report, |_| true), 3);
            }
        }
        left_out(&mut page, report, ["OLD", "NEW"], ["no user_id", "gone"]);
        doubts(report).add_warnings(&mut page);
        self.add_next(&mut page);
        page.status(
            self.status(),
            match self.status() {
                Status::Done => "done, no differences (exit status 0)",
                _ if self.differs() => "done, with differences (exit status 1)",
                _ if is_incomplete(report) => {
                    "done, no differences among the users that were compared (exit status 1)"
                }
                _ => "done, no differences, with warnings (exit status 1)",
            },
        );
        page.text()
    }

    fn differs(&self) -> bool {
        self.report.has_missing_or_changed() || self.report.extra > 0
    }

    /// Adds the commands that import the differences, or the command that writes them.
    fn add_next(&self, page: &mut Page) {
        let Some(folder) = &self.folder else {
            if self.differs() {
                let (old, new) = (quoted(&self.old), quoted(&self.new));
                page.command("next", &format!("reimport delta {old} {new} -o DELTA"));
            }
            return;
        };
        if self.report.extra > 0 {
            let new = quoted(&format!("{folder}/{}", OutputName::New));
            page.command("next", &format!("reimport convert {new} --like PARTS -o NEW-PARTS"));
        }
        if self.report.changed > 0 {
            let label = if self.report.extra > 0 { "" } else { "next" };
            let changed = quoted(&format!("{folder}/{}", OutputName::Changed));
            page.command(
                label,
                &format!("reimport convert {changed} --like PARTS --for update -o CHANGED-PARTS"),
            );
        }
    }

    /// Returns the report as a JSON document, version 1: see docs/json.md.
    pub(crate) fn json(&self) -> Value {
        let report = self.report;
        json!({
            "version": 1,
            "exit_status": self.status().code(),
            "old": side_json(&report.old),
            "new": side_json(&report.new),
            "same": report.same,
            "new_users": report.extra,
            "changed": report.changed,
            "gone": report.missing,
            "changed_by": changed_by_json(report),
            "warnings": doubts(report).json(Level::Warning),
            "output": self.folder.as_ref().map(|folder| json!({"folder": folder})),
        })
    }
}

/// Returns the number of changed users by path and by the kinds that `suits` accepts, the highest first.
fn changed_by(report: &Report, suits: impl Fn(FieldChangeKind) -> bool) -> Vec<(&str, FieldChangeKind, u64)> {
    let all = report.changed_by.iter().filter(|((_, kind), _)| suits(*kind));
    let mut by: Vec<_> = all.map(|((path, kind), users)| (path.as_str(), *kind, *users)).collect();
    by.sort_by_key(|one| std::cmp::Reverse(one.2));
    by
}

/// Formats the result of [`changed_by`].
fn changes(report: &Report, suits: impl Fn(FieldChangeKind) -> bool) -> impl Iterator<Item = String> {
    let by = changed_by(report, suits).into_iter();
    by.map(|(path, kind, users)| format!("{} {kind} {}", short(path), grouped(users)))
}

fn changed_by_json(report: &Report) -> Vec<Value> {
    let one = |((path, kind), users): (&(String, FieldChangeKind), &u64)| json!({"path": path, "kind": kind.name(), "users": users});
    report.changed_by.iter().map(one).collect()
}

/// Describes users of parts whose e-mail address belongs to another user of the export.
fn other_id_words(users: u64) -> String {
    match users {
        1 => "1 user, whose e-mail address belongs to another user_id of the export".to_owned(),
        users => {
            format!("{} users, whose e-mail addresses belong to other user_ids of the export", grouped(users))
        }
    }
}

/// Whether some records were not compared, so that the result does not cover all users.
pub(super) fn is_incomplete(report: &Report) -> bool {
    report.old.unreadable > 0 || report.new.unreadable > 0 || report.old.without_key.is_some()
}

/// Returns warnings about exports of different fields, and about cells that a spreadsheet has probably changed.
pub(super) fn doubts(report: &Report) -> Remarks {
    let mut doubts = Remarks::default();
    for (side, fields) in [("OLD", &report.only_old), ("NEW", &report.only_new)] {
        if !fields.is_empty() {
            doubts.push(Remark::Input(InputRemark::DifferentFields { side, fields: fields.clone() }));
        }
    }
    doubts.add_sources(&[&report.old.sources[..], &report.new.sources[..]].concat());
    doubts
}

fn found(page: &mut Page, label: &str, name: &str, side: &Side) {
    let records = counted(side.read, "record");
    page.add(label, &format!("{records} in {} ({})", tail(name), bytes(side.bytes)));
}

/// Adds the records that were not compared, of both sides.
fn left_out(page: &mut Page, report: &Report, names: [&str; 2], [lack, absent]: [&str; 2]) {
    let sides = [(&report.old, names[0]), (&report.new, names[1])];
    let unreadable: Vec<_> = sides
        .iter()
        .filter(|(side, _)| side.unreadable > 0)
        .map(|(side, name)| {
            let first = side.unreadable_by.values().min_by_key(|count| count.first.1.record);
            let place = first.map_or_else(String::new, |count| format!(", first {}", place(count)));
            format!("{} of {name}{place}", grouped(side.unreadable))
        })
        .collect();
    if !unreadable.is_empty() {
        let mut words = format!("records that are not valid: {}", unreadable.join("; "));
        if report.new.unreadable > 0 {
            words = format!("{words}; their users may count as {absent}");
        }
        page.add("unread", &words);
    }
    let repeated: Vec<_> = sides
        .iter()
        .filter(|(side, _)| side.repeated > 0)
        .map(|(side, name)| format!("{} of {name}", grouped(side.repeated)))
        .collect();
    if !repeated.is_empty() {
        page.add("repeated", &format!("records that repeat an earlier one: {}", repeated.join("; ")));
    }
    let without: Vec<_> = sides
        .iter()
        .filter_map(|(side, name)| Some((side.without_key.as_ref()?, name)))
        .map(|(without, name)| format!("{} of {name}", grouped(without.records)))
        .collect();
    if !without.is_empty() {
        page.add("no key", &format!("records with {lack}: {}", without.join("; ")));
    }
}

fn place(count: &RuleCount) -> String {
    let (source, position) = &count.first;
    let name = std::path::Path::new(&**source).file_name().map(std::ffi::OsStr::to_string_lossy);
    format!("{} line {}", tail(name.as_deref().unwrap_or(source)), position.line)
}

/// Shortens a path to fit on a line.
pub(super) fn short(path: &str) -> String {
    const MOST: usize = 44;
    if path.chars().count() <= MOST {
        return path.to_owned();
    }
    path.chars().take(MOST - 1).chain(['…']).collect()
}

/// Shortens a name to its end, to fit on a line.
fn tail(name: &str) -> String {
    const MOST: usize = 36;
    match name.chars().count() {
        count if count > MOST => ['…'].into_iter().chain(name.chars().skip(count - MOST + 1)).collect(),
        _ => name.to_owned(),
    }
}

fn side_json(side: &Side) -> Value {
    let unreadable_by: Map<String, Value> =
        side.unreadable_by.iter().map(|(rule, count)| ((*rule).to_owned(), count_json(count))).collect();
    json!({
        "read": side.read,
        "bytes": side.bytes,
        "unreadable": side.unreadable,
        "unreadable_by": unreadable_by,
        "repeated": side.repeated,
        "without_key": side.without_key.as_ref().map(count_json),
    })
}

fn count_json(count: &RuleCount) -> Value {
    let (source, position) = &count.first;
    let first =
        json!({"source": &**source, "line": position.line, "record": position.record, "byte": position.byte});
    json!({"records": count.records, "first": first})
}
