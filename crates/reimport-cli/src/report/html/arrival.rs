//! The arrival report as an HTML page.

use askama::Template;
use reimport::OutputName;
use reimport::compare::{FieldChangeKind, Side};
use reimport::run::RuleCount;

use super::{Bar, Entry, Piece, Row, Source, Table, Word, entries, words};
use crate::report::compare::{Arrival, UNSEEN, doubts, is_incomplete};
use crate::report::page::{bytes, counted, grouped};
use crate::report::readiness::{divided, share_words};
use crate::report::remarks::Level;

/// Renders the page of `verify --html`.
///
/// # Errors
/// If a template cannot be rendered. Rendering writes to memory and does not fail.
pub(crate) fn arrival_page(arrival: &Arrival<'_>) -> anyhow::Result<String> {
    super::rendered(&Page::of(arrival))
}

#[derive(Template)]
#[template(path = "arrival.html")]
struct Page {
    version: &'static str,
    verdict: String,
    arrived: String,
    expected: String,
    sources: [Source; 2],
    bar: Bar,
    remarks: Vec<Entry>,
    steps: Vec<Step>,
    changes: Table,
    digits: Table,
    outside: Table,
    unseen: [(&'static str, &'static str); 4],
}

/// A step of what to do next.
struct Step {
    words: Vec<Word>,
    /// The commands of the step.
    commands: Vec<String>,
}

impl Page {
    fn of(arrival: &Arrival<'_>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            verdict: verdict(arrival),
            arrived: grouped(arrival.report.same),
            expected: grouped(arrival.expected()),
            sources: [
                source(&arrival.parts, &arrival.report.old, "user"),
                source(&arrival.new, &arrival.report.new, "record"),
            ],
            bar: bar(arrival),
            remarks: remarks(arrival),
            steps: steps(arrival),
            changes: changes(arrival),
            digits: digits(arrival),
            outside: outside(arrival),
            unseen: UNSEEN,
        }
    }
}

fn verdict(arrival: &Arrival<'_>) -> String {
    let (same, expected) = (arrival.report.same, arrival.expected());
    if same < expected {
        let [same_words, share] = [grouped(same), share_words(same, expected, tenths(arrival)[0])];
        return format!("{same_words} of {} arrived as sent ({share}).", counted(expected, "user"));
    }
    let subject = match expected {
        0 => return "No users were expected.".to_owned(),
        1 => "The one user".to_owned(),
        all => format!("All {} users", grouped(all)),
    };
    let compared = if is_incomplete(arrival.report) { " that could be compared" } else { "" };
    format!("{subject}{compared} arrived as sent.")
}

fn source(name: &str, side: &Side, what: &str) -> Source {
    Source { name: name.to_owned(), what: format!("{}, {}", counted(side.read, what), bytes(side.bytes)) }
}

/// Returns the shares of the users that arrived, changed, have another id and are missing, in tenths of a percent.
fn tenths(arrival: &Arrival<'_>) -> [u64; 4] {
    let report = arrival.report;
    let mut tenths = [0; 4];
    let users = [report.same, report.changed, report.other_id, report.missing];
    tenths.copy_from_slice(&divided(1000, &users));
    tenths
}

/// Expected users, and users that are only in the new export.
fn bar(arrival: &Arrival<'_>) -> Bar {
    let (report, expected) = (arrival.report, arrival.expected());
    let [same, changed, other_id, missing] = tenths(arrival);
    let of_expected = |label, tone: &'static str, users, tenths| {
        let tone = if users > 0 { tone } else { "" };
        Piece::new(label, tone, users).share(share_words(users, expected, tenths))
    };
    let hashes = match report.missing_run.with_password {
        0 => String::new(),
        with => format!("{} with a password hash", grouped(with)),
    };
    let mut pieces = vec![
        of_expected("arrived as sent", "ready", report.same, same),
        of_expected("changed", "left-out", report.changed, changed),
        of_expected("missing", "rejected", report.missing, missing).what(hashes),
        Piece::new("only in the new export", "skipped", report.extra).what("in no part"),
    ];
    if report.other_id > 0 {
        let piece = of_expected("address belongs to another id", "left-out", report.other_id, other_id);
        pieces.insert(2, piece);
    }
    let title = format!("Result for {}", counted(expected, "user"));
    Bar::new(title, expected + report.extra, pieces.into_iter())
}

fn remarks(arrival: &Arrival<'_>) -> Vec<Entry> {
    let mut remarks = Vec::new();
    if !arrival.report.not_exported.is_empty() {
        remarks.push(Entry::new(&format!(
            "No record of the new export has {}. Every user that was sent with it counts as changed.",
            arrival.report.not_exported.join(", ")
        )));
    }
    if is_incomplete(arrival.report) {
        let words = "Some records could not be compared, for example because they cannot be read. If the user of such a record is in the parts, it counts as missing.";
        remarks.push(Entry::new(words));
    }
    remarks.extend(entries(&doubts(arrival.report), Level::Warning, "Warning"));
    remarks
}

fn steps(arrival: &Arrival<'_>) -> Vec<Step> {
    let report = arrival.report;
    let folder = arrival.output.map(|output| output.folder.as_str());
    let mut steps = Vec::new();
    let mut step = |sentence: &str, commands| steps.push(Step { words: words(sentence), commands });
    if !report.not_exported.is_empty() {
        step(
            "Export the target again with the fields named above, and verify again: the users may have them.",
            Vec::new(),
        );
    }
    if folder.is_none() && report.has_missing_or_changed() {
        step(
            "List the changed users, and write parts that contain the missing users, with --output:",
            arrival.again.iter().cloned().collect(),
        );
    }
    if let Some(parts) = arrival.output.and_then(|output| output.missing.as_ref()) {
        step(
            "Upload the missing users. Their parts are ready and contain their password hashes:",
            parts.uploads(),
        );
    }
    if let Some(folder) = folder.as_ref().filter(|_| report.changed > 0) {
        step(
            &format!(
                "Check the changed users: {folder}/{} lists them with the paths that differ. A change is expected if the user \
                 signed in or was edited since the import. To import lost values, run convert with `--for update`, then \
                 upload.",
                OutputName::Changed
            ),
            Vec::new(),
        );
    }
    if report.other_id > 0 {
        let names = folder
            .as_ref()
            .map_or(String::new(), |folder| format!(" {folder}/{} lists them.", OutputName::Changed));
        step(
            &format!(
                "Some users did not arrive, because another account has their e-mail address. That account existed before the \
                 import, or was created since. Decide for each user which account is correct. The user cannot be \
                 imported as long as the address is in use.{names}"
            ),
            Vec::new(),
        );
    }
    if report.extra > 0 {
        let records = folder
            .map_or(String::new(), |folder| format!("; {folder}/{} has their records", OutputName::Extra));
        step(
            &format!(
                "Users that are only in the new export existed before the import, or signed up since. There is nothing to do, \
                 unless no other users are expected{records}."
            ),
            Vec::new(),
        );
    }
    if is_incomplete(report) {
        step(
            "Check the records that were not compared, below: it is not known whether their users arrived.",
            Vec::new(),
        );
    }
    if steps.is_empty() {
        steps.push(Step {
            words: words(
                "Nothing to do for users: all of them arrived. Check what is not in any export, below.",
            ),
            commands: Vec::new(),
        });
    }
    steps
}

fn changes(arrival: &Arrival<'_>) -> Table {
    let changed = arrival.report.changed;
    let rows = arrival.changed_by(false).into_iter().map(|(path, kind, users)| {
        Row::new(path, users, changed).code().tone("left-out").note(match kind {
            FieldChangeKind::Gone => "only in the parts",
            FieldChangeKind::Added => "only in the new export",
            _ => "another value",
        })
    });
    Table::new(format!("{} changed, at:", counted(changed, "user")), "path, and how it differs", "users")
        .of("of changed")
        .rows(rows)
}

fn digits(arrival: &Arrival<'_>) -> Table {
    let changed = arrival.report.changed;
    let rows = arrival.changed_by(true).into_iter();
    let users = match arrival.report.lost_digits {
        1 => "1 of them has".to_owned(),
        users => format!("{} of them have", grouped(users)),
    };
    Table::new(
        format!(
            "{users} a number that lost digits: a program stored it as a float, which keeps about sixteen digits. Store such \
             numbers as strings if the applications allow it. Paths:"
        ),
        "path",
        "users",
    )
    .of("of changed")
    .rows(rows.map(|(path, _, users)| Row::new(path, users, changed).code().tone("left-out")))
}

/// Records that were not compared, of both sides.
fn outside(arrival: &Arrival<'_>) -> Table {
    let mut rows = Vec::new();
    let sides = [(&arrival.report.old, "the parts"), (&arrival.report.new, "the new export")];
    for (side, name) in sides {
        let first = |count: &RuleCount| {
            let (source, position) = &count.first;
            let file = std::path::Path::new(&**source).file_name().map(std::ffi::OsStr::to_string_lossy);
            let file = file.as_deref().unwrap_or(source).to_owned();
            format!("first: {file} line {}", position.line)
        };
        for (rule, count) in &side.unreadable_by {
            rows.push(
                Row::new(&format!("in {name}, not a user: {rule}"), count.records, side.read)
                    .note(&first(count)),
            );
        }
        if side.repeated > 0 {
            rows.push(
                Row::new(&format!("in {name}, repeated"), side.repeated, side.read)
                    .note("the first record of each was compared"),
            );
        }
        if let Some(count) = &side.without_key {
            let row = Row::new(&format!("in {name}, neither user_id nor email"), count.records, side.read);
            rows.push(row.note(&first(count)));
        }
    }
    Table::new("Records that were not compared", "record", "count").without_shares().rows(rows)
}
