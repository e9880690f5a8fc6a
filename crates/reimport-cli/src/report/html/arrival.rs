//! The arrival report as a page.

use askama::Template;
use reimport::OutputName;
use reimport::compare::{FieldChangeKind, Side};
use reimport::run::RuleCount;

use super::{Bar, Piece, Row, Source, Table, Word, words};
use crate::report::compare::{Arrival, UNSEEN, doubts, is_incomplete};
use crate::report::page::{bytes, counted, grouped};
use crate::report::readiness::share;
use crate::report::remarks::Level;

/// The page of `verify --html`.
///
/// # Errors
/// None: what is written to is memory.
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
    remarks: Vec<Vec<Word>>,
    steps: Vec<Step>,
    changes: Table,
    digits: Table,
    outside: Table,
    unseen: [(&'static str, &'static str); 4],
}

/// Something to do.
struct Step {
    words: Vec<Word>,
    /// How, where commands do it.
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
            remarks: remarks(arrival).iter().map(|remark| words(remark)).collect(),
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
        let [same_words, share] = [grouped(same), share(same, expected)];
        return format!("{same_words} of {} arrived as sent ({share}).", counted(expected, "user"));
    }
    let who = match expected {
        0 => return "There was nobody to arrive.".to_owned(),
        1 => "The one user".to_owned(),
        all => format!("All {} users", grouped(all)),
    };
    let compared = if is_incomplete(arrival.report) { " that could be compared" } else { "" };
    format!("{who}{compared} arrived as sent.")
}

fn source(name: &str, side: &Side, what: &str) -> Source {
    Source { name: name.to_owned(), what: format!("{}, {}", counted(side.read, what), bytes(side.bytes)) }
}

/// Everybody who was expected, and who was not.
fn bar(arrival: &Arrival<'_>) -> Bar {
    let (report, expected) = (arrival.report, arrival.expected());
    let of_expected = |label, tone: &'static str, users| {
        let tone = if users > 0 { tone } else { "" };
        Piece::new(label, tone, users).share(share(users, expected))
    };
    let hashes = match report.missing_run.with_password {
        0 => String::new(),
        with => format!("{} with a password hash", grouped(with)),
    };
    let mut pieces = vec![
        of_expected("arrived as sent", "ready", report.same),
        of_expected("changed", "left-out", report.changed),
        of_expected("missing", "rejected", report.missing).what(hashes),
        Piece::new("only in the new export", "skipped", report.extra).what("in no part"),
    ];
    if report.other_id > 0 {
        let piece = of_expected("address belongs to another id", "left-out", report.other_id);
        pieces.insert(2, piece);
    }
    let title = format!("What became of {}", counted(expected, "user"));
    Bar::new(title, expected + report.extra, pieces.into_iter())
}

fn remarks(arrival: &Arrival<'_>) -> Vec<String> {
    let mut remarks = Vec::new();
    if !arrival.report.not_exported.is_empty() {
        remarks.push(format!(
            "No record of the new export has {}: that is a difference of every user who was sent with it.",
            arrival.report.not_exported.join(", ")
        ));
    }
    if is_incomplete(arrival.report) {
        remarks.push("Some records could not be compared, and are not among these numbers.".to_owned());
    }
    for warning in doubts(arrival.report).of(Level::Warning) {
        remarks.push(format!("Warning: {}", warning.words()));
    }
    remarks
}

fn steps(arrival: &Arrival<'_>) -> Vec<Step> {
    let report = arrival.report;
    let folder = arrival.left.map(|left| left.folder.as_str());
    let mut steps = Vec::new();
    let mut step = |sentence: &str, commands| steps.push(Step { words: words(sentence), commands });
    if !report.not_exported.is_empty() {
        step(
            "Export the target once more, with the fields named above, and verify again: they may be there after all.",
            Vec::new(),
        );
    }
    if folder.is_none() && report.has_missing_or_changed() {
        step(
            "Run the same command with --output OUT: it writes who changed, and parts of those who are missing.",
            Vec::new(),
        );
    }
    if let Some(parts) = arrival.left.and_then(|left| left.missing.as_ref()) {
        step(
            "Send those who are missing. Their parts are ready, with the password hashes they were to have:",
            parts.uploads(),
        );
    }
    if let Some(folder) = folder.as_ref().filter(|_| report.changed > 0) {
        step(
            &format!(
                "Look at those who changed: {folder}/{} names them and their paths. A user who signed in or \
                 was edited since is right as it is; what was lost comes with parts that are converted with --for update.",
                OutputName::Changed
            ),
            Vec::new(),
        );
    }
    if report.other_id > 0 {
        let names = folder
            .as_ref()
            .map_or(String::new(), |folder| format!(" {folder}/{} names them.", OutputName::Changed));
        step(
            &format!(
                "Decide which account is right for each user whose e-mail address belongs to another id. The account with \
                 the address was there before the import, or its user signed up since; the user of the part did not arrive, \
                 and cannot as long as the address is taken.{names}"
            ),
            Vec::new(),
        );
    }
    if report.extra > 0 {
        let records = folder
            .map_or(String::new(), |folder| format!("; {folder}/{} has their records", OutputName::Extra));
        step(
            &format!(
                "Users who are only in the new export were there before, or signed up since: nothing to do, unless nobody \
                 else was to be there{records}."
            ),
            Vec::new(),
        );
    }
    if is_incomplete(report) {
        step(
            "Mend or explain the records that took no part, below: nothing is known about them.",
            Vec::new(),
        );
    }
    if steps.is_empty() {
        steps.push(Step {
            words: words(
                "Nothing: everybody who was sent is there. Left to check is what no export shows, below.",
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
            "{users} a number that lost digits: it went through a program that holds numbers as floats, which knows some \
             sixteen digits. Send such numbers as text where the applications allow it. They are at:"
        ),
        "path",
        "users",
    )
    .rows(rows.map(|(path, _, users)| Row::new(path, users, changed).code().tone("left-out")))
}

/// Records that are not among the users compared, of both sides.
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
                Row::new(&format!("in {name}, no user: {rule}"), count.records, side.read)
                    .note(&first(count)),
            );
        }
        if side.repeated > 0 {
            rows.push(
                Row::new(&format!("in {name}, repeated"), side.repeated, side.read)
                    .note("the first of each was compared"),
            );
        }
        if let Some(count) = &side.without_key {
            let row = Row::new(&format!("in {name}, neither user_id nor email"), count.records, side.read);
            rows.push(row.note(&first(count)));
        }
    }
    Table::new("Records that were not compared", "record", "count").without_shares().rows(rows)
}
