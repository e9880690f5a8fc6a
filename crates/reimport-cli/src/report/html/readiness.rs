//! The readiness report as an HTML page.

use askama::Template;
use reimport::Topic;
use reimport::import::{Absent, BASIS, importable_properties, mfa_lost};
use reimport::run::RulePlace;
use reimport::user::rule;

use super::{Bar, Piece, Row, Source, Table, Word, words};
use crate::report::hints;
use crate::report::json::dialect;
use crate::report::page::{bytes, counted, grouped};
use crate::report::readiness::{Readiness, share};
use crate::report::remarks::Level;

/// Renders the page of `check --html`.
///
/// # Errors
/// If a template cannot be rendered. Rendering writes to memory and does not fail.
pub(crate) fn readiness_page(report: &Readiness<'_>) -> anyhow::Result<String> {
    super::rendered(&Page::of(report))
}

#[derive(Template)]
#[template(path = "readiness.html")]
struct Page {
    version: &'static str,
    verdict: String,
    read: String,
    importable: String,
    sources: Vec<Source>,
    personal: bool,
    fates: Bar,
    remarks: Vec<Vec<Word>>,
    next: Option<String>,
    connections: Table,
    strategies: Table,
    rules: Vec<BrokenRule>,
    has_users: bool,
    passwords: Table,
    losses: Table,
    unknown: Table,
    fixes: Table,
    remarked: [Table; 2],
    imported: Table,
    dropped: Table,
    size_words: String,
    sizes: Table,
    parts: String,
    parts_words: String,
    upload_time: String,
    basis: &'static str,
    absent: Vec<(&'static str, Vec<Word>)>,
}

struct BrokenRule {
    name: &'static str,
    warns: bool,
    count: String,
    meaning: &'static str,
    remedy: Vec<Word>,
    caption: String,
    findings: Vec<Finding>,
    examples: Vec<Named>,
}

struct Finding {
    path: String,
    message: String,
    places: String,
}

struct Named {
    place: String,
    user_id: String,
    email: String,
}

impl Page {
    fn of(report: &Readiness<'_>) -> Self {
        let summary = report.summary;
        let (read, written) = (summary.read, summary.written);
        let plain = |name: &str, count| Row::new(name, count, written);
        let facts = |topic, caption: &str, head, tone| {
            let rows = report.facts(topic).into_iter();
            Table::new(caption, head, "users")
                .rows(rows.map(|(name, count)| plain(&name, count).code().tone(tone)))
        };
        let estimate = report.estimate;
        Self {
            version: env!("CARGO_PKG_VERSION"),
            verdict: verdict(report),
            read: grouped(read),
            importable: grouped(written),
            sources: summary.sources.iter().map(source).collect(),
            personal: !report.examples.is_empty(),
            fates: fates(report),
            remarks: remarks(report).iter().map(|remark| words(remark)).collect(),
            next: report.next.clone(),
            connections: connections(report),
            strategies: Table::new(
                "Skipped users, by strategy: they cannot be imported",
                "strategy",
                "users",
            )
            .rows(
                report
                    .skipped()
                    .into_iter()
                    .map(|(name, count)| Row::new(&name, count, read).code().tone("skipped")),
            ),
            rules: rules(report),
            has_users: written > 0,
            passwords: passwords(report),
            losses: losses(report),
            unknown: facts(
                Topic::Unknown,
                "Unknown properties: they are not imported",
                "property",
                "skipped",
            ),
            fixes: facts(Topic::Fixed, "Fixed values", "what, and in which property", "ready"),
            remarked: counted_remarks(report),
            imported: coverage(report),
            dropped: Table::new(
                "Properties that only exports have: they are not imported, but --move keeps them in metadata",
                "property",
                "users",
            )
            .rows(
                report.dropped().into_iter().map(|(name, count)| plain(&name, count).code().tone("skipped")),
            ),
            size_words: size_words(report),
            sizes: sizes(report),
            parts: grouped(estimate.parts),
            parts_words: format!(
                "{} in total, at most {} each",
                bytes(estimate.bytes),
                bytes(report.max_part_bytes)
            ),
            upload_time: report.upload_time().to_string(),
            basis: BASIS,
            absent: Absent::ALL.map(|absent| (absent.name(), words(&hints::absent(absent)))).into(),
        }
    }
}

fn verdict(report: &Readiness<'_>) -> String {
    let summary = report.summary;
    match (summary.read, summary.written) {
        (0, _) => "The export has no users.".to_owned(),
        (read, written) if read == written => {
            format!(
                "{} ready to import.",
                if read == 1 {
                    "The one user is".to_owned()
                } else {
                    format!("All {} users are", grouped(read))
                }
            )
        }
        (_, 0) => "No user is ready to import.".to_owned(),
        (read, written) => format!(
            "{} of {} {} ready to import ({}).",
            grouped(written),
            counted(read, "user"),
            if written == 1 { "is" } else { "are" },
            share(written, read)
        ),
    }
}

fn source(source: &reimport::run::SourceSummary) -> Source {
    let csv = dialect(source).map_or(String::new(), |dialect| format!(" of CSV in the {dialect} dialect"));
    Source {
        name: source.name.to_string(),
        what: format!("{}, {}{csv}", counted(source.records, "record"), bytes(source.bytes)),
    }
}

fn fates(report: &Readiness<'_>) -> Bar {
    let summary = report.summary;
    let all = [
        ("ready to import", "", "ready", summary.written),
        ("skipped", "they cannot be imported", "skipped", summary.skipped),
        ("rejected", "to be fixed", "rejected", summary.rejected),
        ("left out", "by your own filter", "left-out", summary.left_out),
    ];
    let pieces = all.into_iter().filter(|(.., count)| *count > 0).map(|(label, what, tone, count)| {
        Piece::new(label, tone, count).share(share(count, summary.read)).what(what)
    });
    Bar::new(format!("What will happen to {} records", grouped(summary.read)), summary.read, pieces)
}

fn remarks(report: &Readiness<'_>) -> Vec<String> {
    let summary = report.summary;
    let mut remarks = Vec::new();
    if summary.limited {
        remarks.push(format!(
            "Reading stopped at --limit {}: the rest was neither read nor checked.",
            grouped(summary.written)
        ));
    }
    for (level, label) in [(Level::Warning, "Warning"), (Level::Note, "Note")] {
        let uncounted = report.remarks.of(level).filter(|remark| !remark.is_counted());
        remarks.extend(uncounted.map(|remark| format!("{label}: {}", remark.words())));
    }
    remarks
}

fn connections(report: &Readiness<'_>) -> Table {
    let of_all = |name: &str, count| Row::new(name, count, report.summary.read);
    let mut rows: Vec<_> =
        report.facts(Topic::Connection).iter().map(|(name, count)| of_all(name, *count).code()).collect();
    if report.without_connection() > 0 {
        rows.push(of_all("no connection", report.without_connection()));
    }
    Table::new("Users ready to import, by database connection", "connection", "users").rows(rows)
}

fn rules(report: &Readiness<'_>) -> Vec<BrokenRule> {
    let several = report.summary.sources.len() > 1;
    let place = |source: &str, line: u64| {
        if several { format!("{source} line {line}") } else { line.to_string() }
    };
    let broken = |(name, count): (&'static str, u64)| {
        let known = rule(name);
        let places = report.summary.rejected_places.get(name).map_or(&[][..], Vec::as_slice);
        let caption = match places.len() as u64 {
            shown if shown < count => format!("The first {shown} of {}", counted(count, "record")),
            _ => "All records".to_owned(),
        };
        let examples = report.examples.iter().filter(|example| example.rule == name).map(|example| Named {
            place: place(&example.source, example.line),
            user_id: example.user_id.clone(),
            email: example.email.clone(),
        });
        BrokenRule {
            name,
            warns: false,
            count: counted(count, "record"),
            meaning: known.map_or("", |rule| rule.meaning),
            remedy: words(&known.map_or_else(String::new, hints::remedy)),
            caption,
            findings: findings(places, several),
            examples: examples.collect(),
        }
    };
    report.rules().into_iter().map(broken).collect()
}

/// Groups the positions of one rule by path and message.
fn findings(places: &[RulePlace], several: bool) -> Vec<Finding> {
    let mut found: Vec<(&RulePlace, Vec<String>)> = Vec::new();
    for place in places {
        let source = if several { format!("{} ", place.source) } else { String::new() };
        let words = format!("{source}line {}", place.position.line);
        match found.iter_mut().find(|(known, _)| known.path == place.path && known.message == place.message) {
            Some((_, lines)) => lines.push(words.replacen("line ", "", usize::from(!several))),
            None => found.push((place, vec![words])),
        }
    }
    let finding = |(place, lines): (&RulePlace, Vec<String>)| Finding {
        path: place.path.clone(),
        message: place.message.clone(),
        places: if lines.len() > 1 && !several {
            lines.join(", ").replacen("line", "lines", 1)
        } else {
            lines.join(", ")
        },
    };
    found.into_iter().map(finding).collect()
}

fn passwords(report: &Readiness<'_>) -> Table {
    let summary = report.summary;
    let row = |name: &str, count| Row::new(name, count, summary.written);
    let mut rows = Vec::new();
    if summary.with_password > 0 || report.joined_passwords {
        rows.push(row("with a password hash", summary.with_password));
    }
    let lost = if report.joined_passwords {
        "they must reset their password"
    } else {
        "join the hash export with --passwords before the first import, or they must reset their password"
    };
    if summary.without_password() > 0 {
        rows.push(row("without a password hash", summary.without_password()).tone("rejected").note(lost));
    }
    rows.extend(report.passwords().iter().map(|(name, count)| {
        let tone = if name.starts_with("none") || name.starts_with("stale") { "rejected" } else { "ready" };
        row(name, *count).tone(tone)
    }));
    rows.extend(
        report
            .facts(Topic::MfaSecret)
            .iter()
            .map(|(name, count)| row(&format!("second factor {name}"), *count)),
    );
    Table::new("Passwords of users that are ready to import", "passwords", "users").rows(rows)
}

fn losses(report: &Readiness<'_>) -> Table {
    let mut rows = Vec::new();
    if mfa_lost(report.summary) > 0 {
        rows.push(
            Row::new("users with a second factor", mfa_lost(report.summary), 1)
                .note("they must enroll again, unless --mfa-secrets has their secrets"),
        );
    }
    rows.extend(report.facts(Topic::LinkedLogin).iter().map(|(provider, count)| {
        Row::new(&format!("linked logins: {provider}"), *count, 1).note("link them again after the import")
    }));
    Table::new("What is lost", "what", "count").without_shares().rows(rows)
}

/// Returns the counted remarks: warnings, then notes.
fn counted_remarks(report: &Readiness<'_>) -> [Table; 2] {
    let table = |level, caption, tone| {
        let rows = report.counted(level).into_iter().map(|(name, count, explained)| {
            Row::new(&name, count, report.summary.written).code().tone(tone).note(&explained)
        });
        Table::new(caption, "what, and in which property", "users").rows(rows)
    };
    [
        table(Level::Warning, "Warnings: accepted, but check them", "left-out"),
        table(Level::Note, "Notes: accepted, usually nothing to do", "ready"),
    ]
}

/// Returns the importable properties, in the order of the schema.
fn coverage(report: &Readiness<'_>) -> Table {
    let summary = report.summary;
    let rows = importable_properties().iter().filter_map(|name| {
        let count = *summary.present.get(name)?;
        Some(Row::new(name, count, summary.written).code())
    });
    Table::new("Imported properties", "property", "users").rows(rows)
}

fn size_words(report: &Readiness<'_>) -> String {
    let estimate = report.estimate;
    let mean = estimate.sizes.bytes().checked_div(report.summary.written).unwrap_or_default();
    let largest = estimate.largest.as_ref().map_or(String::new(), |user| {
        let source = match report.summary.sources.len() {
            1 => String::new(),
            _ => format!("{} ", user.source),
        };
        format!(", the largest ({source}line {}) {}", user.position.line, bytes(user.bytes))
    });
    let above = match estimate.sizes.above(10_000) {
        0 => "None is larger than 10 kB, the advised maximum of a profile".to_owned(),
        1 => "1 is larger than 10 kB, the advised maximum of a profile".to_owned(),
        above => format!("{} are larger than 10 kB, the advised maximum of a profile", grouped(above)),
    };
    let alone = report.summary.rejected_by.get("too-large-user").map_or(0, |count| count.records);
    let alone = match alone {
        0 => "each fits into a part".to_owned(),
        alone => format!("{} too large for a part and rejected", counted(alone, "user")),
    };
    format!("An imported user has {} on average{largest}. {above}; {alone}.", bytes(mean))
}

fn sizes(report: &Readiness<'_>) -> Table {
    let written = report.summary.written;
    let classes: Vec<_> = report.estimate.sizes.classes().collect();
    let last = classes.iter().rposition(|(_, users)| *users > 0).unwrap_or(0);
    let rows = classes.into_iter().take(last + 1).map(|(to, users)| {
        let name = to.map_or("more".to_owned(), |to| match to {
            to if to < 1_000 => format!("up to {to} bytes"),
            to => format!("up to {} kB", to / 1_000),
        });
        let large = to.is_none_or(|to| to > 10_000);
        Row::new(&name, users, written)
            .tone(if large { "rejected" } else { "ready" })
            .note(if to == Some(10_000) { "the advised maximum of a profile" } else { "" })
    });
    Table::new("Users ready to import, by size", "size", "users").rows(rows)
}
