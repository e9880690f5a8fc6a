//! What `verify` and `delta` say: at most 20 lines of 80 columns, or a document; paths and kinds, never a value.

use reimport::OutputName;
use reimport::compare::{FieldChangeKind, Report, Side};
use reimport::run::RuleCount;
use serde_json::{Map, Value, json};

use super::command::{WrittenParts, quoted};
use super::page::{Page, bytes, counted, grouped};
use super::remarks::{Level, Remarks};
use crate::exit::Status;

/// What no export shows, so that no comparison sees it, and how it is seen.
pub(super) const UNSEEN: [(&str, &str); 4] = [
    (
        "passwords",
        "sign in as a user whose password you know, one for each algorithm of hashes that was sent.",
    ),
    ("MFA factors", "sign in as a user who has a second factor, and count those who enrol again."),
    ("roles", "no import brings them: assign them by the Management API, and count them there."),
    (
        "organizations",
        "no import brings their members: add them by the Management API, and count them there.",
    ),
];

/// Their names.
fn unseen() -> [&'static str; 4] {
    UNSEEN.map(|(what, _)| what)
}

/// Everything that `verify` has to tell.
pub(crate) struct Arrival<'r> {
    /// What was uploaded, as given.
    pub(crate) parts: String,
    /// The export made afterwards, as given.
    pub(crate) new: String,
    pub(crate) report: &'r Report,
    /// What was written, where it was asked for.
    pub(crate) left: Option<&'r LeftBehind>,
}

/// The folder that `verify` has written.
pub(crate) struct LeftBehind {
    /// As given.
    pub(crate) folder: String,
    /// Parts of those who are missing, where anybody is.
    pub(crate) missing: Option<WrittenParts>,
}

/// Everything that `delta` has to tell.
pub(crate) struct Happened<'r> {
    /// The earlier export, as given.
    pub(crate) old: String,
    /// The later export, as given.
    pub(crate) new: String,
    /// The folder that was written, as given.
    pub(crate) folder: String,
    pub(crate) report: &'r Report,
}

impl Arrival<'_> {
    /// Whether everybody who is expected was found as sent.
    pub(crate) fn status(&self) -> Status {
        let done = !self.report.has_missing_or_changed() && !is_incomplete(self.report);
        if done && doubts(self.report).is_empty() { Status::Done } else { Status::Look }
    }

    /// The users who were to arrive.
    pub(crate) fn expected(&self) -> u64 {
        self.report.same + self.report.changed + self.report.other_id + self.report.missing
    }

    /// Who changed, by path and kind, most first; a number that lost digits is told by itself.
    pub(crate) fn changed_by(&self, lost_digits: bool) -> Vec<(&str, FieldChangeKind, u64)> {
        let mut by: Vec<_> = self
            .report
            .changed_by
            .iter()
            .filter(|((_, kind), _)| (*kind == FieldChangeKind::LostDigits) == lost_digits)
            .map(|((path, kind), users)| (path.as_str(), *kind, *users))
            .collect();
        by.sort_by_key(|one| std::cmp::Reverse(one.2));
        by
    }

    /// The report for a person.
    pub(crate) fn text(&self) -> String {
        let (report, mut page) = (self.report, Page::default());
        page.say("expected", &format!("{} of {}", counted(self.expected(), "user"), tail(&self.parts)));
        found(&mut page, "found", &self.new, &report.new);
        page.say("arrived", &format!("{} as sent", counted(report.same, "user")));
        if report.changed > 0 {
            page.say("changed", &format!("{}, at:", counted(report.changed, "user")));
            let by = self.changed_by(false).into_iter();
            page.list(
                "",
                by.map(|(path, kind, users)| format!("{} {kind} {}", short(path), grouped(users))),
                3,
            );
        }
        if report.lost_digits > 0 {
            let users = counted(report.lost_digits, "user");
            page.say("digits", &format!("{users} of those with a number that lost digits, at:"));
            let by = self.changed_by(true).into_iter();
            page.list("", by.map(|(path, _, users)| format!("{} {}", short(path), grouped(users))), 1);
        }
        if report.other_id > 0 {
            page.say("other id", &other_id_words(report.other_id));
        }
        if report.missing > 0 {
            let hashes = match report.missing_run.with_password {
                0 => String::new(),
                with => format!(", {} with a password hash", grouped(with)),
            };
            page.say("missing", &format!("{}{hashes}", counted(report.missing, "user")));
        }
        if report.extra > 0 {
            page.say("extra", &format!("{} of the export in no part", counted(report.extra, "user")));
        }
        left_out(&mut page, report, ["the parts", "the export"], "neither a user_id nor an email");
        if !report.not_exported.is_empty() {
            let mut names: Vec<_> = report.not_exported.iter().map(|name| (*name).to_owned()).collect();
            if let Some(first) = names.first_mut() {
                first.insert_str(0, "in no record of the export, ask for them: ");
            }
            page.list("fields", names, 1);
        }
        doubts(report).say_warnings(&mut page, 1);
        page.say("unseen", &format!("{}: no export shows them", unseen().join(", ")));
        self.next(&mut page);
        let words = match (report.has_missing_or_changed(), self.status()) {
            (true, _) => "look: not everybody arrived as sent (exit status 1)",
            (false, Status::Done) => "everybody arrived as sent (exit status 0)",
            (false, _) if is_incomplete(report) => "look: not everybody could be compared (exit status 1)",
            (false, _) => "everybody arrived as sent, but look at the warning (exit status 1)",
        };
        page.line(words);
        page.to_string()
    }

    fn next(&self, page: &mut Page) {
        let report = self.report;
        match self.left {
            None if report.has_missing_or_changed() => {
                page.say("next", "the same with -o OUT: who they are, and parts of those who are missing");
            }
            Some(LeftBehind { missing: Some(parts), .. }) => parts.say_uploads(page, "next"),
            Some(left) if report.changed + report.other_id > 0 => {
                page.say(
                    "next",
                    &format!("{}/{} names the users that differ", left.folder, OutputName::Changed),
                );
            }
            _ => {}
        }
    }

    /// The report for a program, version 1: see docs/json.md.
    pub(crate) fn json(&self) -> Value {
        let report = self.report;
        let changed_by: Vec<Value> = report
            .changed_by
            .iter()
            .map(|((path, kind), users)| json!({"path": path, "kind": kind.name(), "users": users}))
            .collect();
        let parts = |left: &LeftBehind| left.missing.as_ref().map_or(0, |parts| parts.parts);
        let output = self.left.map(|left| json!({"folder": left.folder, "missing_parts": parts(left)}));
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
            "changed_by": changed_by,
            "not_exported": report.not_exported,
            "warnings": doubts(report).json(Level::Warning),
            "unseen": unseen().map(|what| what.to_lowercase().replace(' ', "_")),
            "output": output,
        })
    }
}

impl Happened<'_> {
    /// Whether there is anything to do.
    pub(crate) fn status(&self) -> Status {
        let differs = self.report.has_missing_or_changed() || self.report.extra > 0;
        let done = !differs && !is_incomplete(self.report) && doubts(self.report).is_empty();
        if done { Status::Done } else { Status::Look }
    }

    /// The report for a person.
    pub(crate) fn text(&self) -> String {
        let (report, folder) = (self.report, &self.folder);
        let mut page = Page::default();
        found(&mut page, "old", &self.old, &report.old);
        found(&mut page, "new", &self.new, &report.new);
        page.say("same", &counted(report.same, "user"));
        let counts = [
            ("new", report.extra, OutputName::New),
            ("changed", report.changed, OutputName::Changed),
            ("gone", report.missing, OutputName::Gone),
        ];
        for (label, users, file) in counts.into_iter().filter(|(_, users, _)| *users > 0) {
            page.say(label, &format!("{} to {folder}/{file}", counted(users, "user")));
        }
        left_out(&mut page, report, ["OLD", "NEW"], "no user_id");
        doubts(report).say_warnings(&mut page, 1);
        if report.extra > 0 {
            let new = quoted(&format!("{folder}/{}", OutputName::New));
            page.command("next", &format!("reimport convert {new} --like PARTS -o NEW-PARTS"));
        }
        if report.changed > 0 {
            let label = if report.extra > 0 { "" } else { "next" };
            let changed = quoted(&format!("{folder}/{}", OutputName::Changed));
            page.command(
                label,
                &format!("reimport convert {changed} --like PARTS --for update -o CHANGED-PARTS"),
            );
        }
        page.line(match self.status() {
            Status::Done => "done, without a difference (exit status 0)",
            _ if report.has_missing_or_changed() || report.extra > 0 || is_incomplete(report) => {
                "done, but look: there are differences (exit status 1)"
            }
            _ => "done, without a difference, but look at the warning (exit status 1)",
        });
        page.to_string()
    }

    /// The report for a program, version 1: see docs/json.md.
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
            "warnings": doubts(report).json(Level::Warning),
            "output": {"folder": self.folder},
        })
    }
}

/// The users of parts whose e-mail address belongs to another user of the export.
fn other_id_words(users: u64) -> String {
    match users {
        1 => "1 user, whose e-mail address belongs to another user_id of the export".to_owned(),
        users => {
            format!("{} users, whose e-mail addresses belong to other user_ids of the export", grouped(users))
        }
    }
}

/// Whether records took no part in the comparison, so that it does not speak for everybody.
pub(super) fn is_incomplete(report: &Report) -> bool {
    report.old.unreadable > 0 || report.new.unreadable > 0 || report.old.without_key.is_some()
}

/// The warnings about cells that a spreadsheet has probably changed, of both sides.
pub(super) fn doubts(report: &Report) -> Remarks {
    let mut doubts = Remarks::default();
    doubts.add_sources(&[&report.old.sources[..], &report.new.sources[..]].concat());
    doubts
}

fn found(page: &mut Page, label: &str, name: &str, side: &Side) {
    let records = counted(side.read, "record");
    page.say(label, &format!("{records} in {} ({})", tail(name), bytes(side.bytes)));
}

/// Records that took no part, of both sides.
fn left_out(page: &mut Page, report: &Report, names: [&str; 2], lack: &str) {
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
        page.say("unread", &format!("records that are no users: {}", unreadable.join("; ")));
    }
    let repeated: Vec<_> = sides
        .iter()
        .filter(|(side, _)| side.repeated > 0)
        .map(|(side, name)| format!("{} of {name}", grouped(side.repeated)))
        .collect();
    if !repeated.is_empty() {
        page.say("repeated", &format!("records that repeat one before: {}", repeated.join("; ")));
    }
    let without: Vec<_> = sides
        .iter()
        .filter_map(|(side, name)| Some((side.without_key.as_ref()?, name)))
        .map(|(without, name)| format!("{} of {name}", grouped(without.records)))
        .collect();
    if !without.is_empty() {
        page.say("no key", &format!("records with {lack}: {}", without.join("; ")));
    }
}

fn place(count: &RuleCount) -> String {
    let (source, position) = &count.first;
    let name = std::path::Path::new(&**source).file_name().map(std::ffi::OsStr::to_string_lossy);
    format!("{} line {}", tail(name.as_deref().unwrap_or(source)), position.line)
}

/// A path that fits on a line.
pub(super) fn short(path: &str) -> String {
    const MOST: usize = 44;
    if path.chars().count() <= MOST {
        return path.to_owned();
    }
    path.chars().take(MOST - 1).chain(['…']).collect()
}

/// The end of a name that would not fit on a line.
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
