//! The readiness report as an HTML page.

use askama::Template;
use reimport::Topic;
use reimport::import::{Absent, BASIS, importable_properties, mfa_lost};
use reimport::run::RulePlace;
use reimport::user::rule;

use super::{Bar, Entry, Piece, Row, Source, Table, Word, entries, words};
use crate::report::hints;
use crate::report::json::dialect;
use crate::report::kinds;
use crate::report::page::{bytes, counted, grouped};
use crate::report::readiness::{Readiness, divided, share_words};
use crate::report::remarks::{Level, Remark};

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
    remarks: Vec<Entry>,
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
    meaning: Vec<Word>,
    remedy: Vec<Word>,
    caption: String,
    findings: Vec<Finding>,
    examples: Vec<Named>,
}

struct Finding {
    path: String,
    message: Vec<Word>,
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
            remarks: remarks(report),
            next: report.next.clone(),
            connections: connections(report),
            strategies: Table::new(
                "Skipped users, by strategy: they cannot be imported",
                "strategy",
                "users",
            )
            .of("of all")
            .adding_up_to(report.fate_tenths()[1])
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
            share_words(written, read, report.fate_tenths()[0])
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
    let all = all.into_iter().zip(report.fate_tenths()).filter(|((.., count), _)| *count > 0);
    let pieces = all.map(|((label, what, tone, count), tenths)| {
        Piece::new(label, tone, count).share(share_words(count, summary.read, tenths)).what(what)
    });
    Bar::new(format!("What will happen to {} records", grouped(summary.read)), summary.read, pieces)
}

fn remarks(report: &Readiness<'_>) -> Vec<Entry> {
    let summary = report.summary;
    let mut remarks = Vec::new();
    if summary.limited {
        remarks.push(Entry::new(&format!(
            "Reading stopped at --limit {}: the rest was neither read nor checked.",
            summary.written
        )));
    }
    for (level, label) in [(Level::Warning, "Warning"), (Level::Note, "Note")] {
        remarks.extend(entries(report.remarks, level, label));
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
    Table::new("Users ready to import, by database connection", "connection", "users")
        .of("of all")
        .adding_up_to(report.fate_tenths()[0])
        .rows(rows)
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
            meaning: words(known.map_or("", |rule| rule.meaning)),
            remedy: words(&known.map_or_else(String::new, hints::remedy)),
            caption,
            findings: findings(places, several),
            examples: examples.collect(),
        }
    };
    report.rules().into_iter().map(broken).collect()
}

/// Groups the positions of one rule by path and message, and those of one group by source.
fn findings(places: &[RulePlace], several: bool) -> Vec<Finding> {
    type Lines<'p> = Vec<(&'p str, Vec<String>)>;
    let mut found: Vec<(&RulePlace, Lines<'_>)> = Vec::new();
    for place in places {
        let at =
            found.iter().position(|(known, _)| known.path == place.path && known.message == place.message);
        let at = at.unwrap_or_else(|| {
            found.push((place, Vec::new()));
            found.len() - 1
        });
        let (sources, line) = (&mut found[at].1, place.position.line.to_string());
        match sources.iter_mut().find(|(source, _)| *source == &*place.source) {
            Some((_, lines)) => lines.push(line),
            None => sources.push((&place.source, vec![line])),
        }
    }
    let words = |(source, lines): &(&str, Vec<String>)| {
        let source = if several { format!("{source} ") } else { String::new() };
        format!("{source}{} {}", if lines.len() > 1 { "lines" } else { "line" }, lines.join(", "))
    };
    let finding = |(place, sources): (&RulePlace, Lines<'_>)| Finding {
        path: place.path.clone(),
        message: super::words(&place.message),
        places: sources.iter().map(words).collect::<Vec<_>>().join("; "),
    };
    found.into_iter().map(finding).collect()
}

fn passwords(report: &Readiness<'_>) -> Table {
    let summary = report.summary;
    let row = |name: &str, count| Row::new(name, count, summary.written);
    let (with, without) = (summary.with_password, summary.without_password());
    let tenths = divided(1000, &[with, without]);
    let (origins, reasons): (Vec<_>, Vec<_>) =
        report.passwords().into_iter().partition(|(name, _)| !name.starts_with("none"));
    let (joined, others): (Vec<_>, Vec<_>) =
        origins.into_iter().partition(|(name, _)| name.starts_with("its own") || name.starts_with("joined"));
    let parts = |parts: Vec<(String, u64)>, of: u64, tenths: u64, tone: &'static str| {
        let counts: Vec<u64> = parts.iter().map(|(_, count)| *count).collect();
        let shares = (counts.iter().sum::<u64>() == of).then(|| divided(tenths, &counts));
        let part = move |(at, (name, count)): (usize, (String, u64))| {
            let part = row(&name, count).tone(tone).child();
            shares.as_ref().map_or(part, |shares| row(&name, count).tone(tone).child().tenths(shares[at]))
        };
        parts.into_iter().enumerate().map(part).collect::<Vec<_>>()
    };
    let mut rows = Vec::new();
    if with > 0 || report.joined_passwords {
        rows.push(row("with a password hash", with).tenths(tenths[0]));
    }
    rows.extend(parts(joined, with, tenths[0], "ready"));
    // A stale hash is joined as well.
    let (stale, others): (Vec<_>, Vec<_>) =
        others.into_iter().partition(|(name, _)| name.starts_with("stale"));
    rows.extend(stale.into_iter().map(|(name, count)| row(&name, count).tone("rejected").child()));
    let lost = if report.joined_passwords {
        "they must reset their password"
    } else {
        "join the hash export with --passwords before the first import, or they must reset their password"
    };
    if without > 0 {
        rows.push(row("without a password hash", without).tenths(tenths[1]).tone("rejected").note(lost));
    }
    rows.extend(parts(reasons, without, tenths[1], "rejected"));
    rows.extend(others.into_iter().map(|(name, count)| row(&name, count).without_share()));
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
    let logins = report.facts(Topic::LinkedLogin);
    let note = "link them again after the import";
    if let [(provider, count)] = logins.as_slice() {
        rows.push(Row::new(&format!("linked logins: {provider}"), *count, 1).note(note));
    } else if !logins.is_empty() {
        rows.push(Row::new("linked logins", logins.iter().map(|(_, count)| count).sum(), 1).note(note));
        rows.extend(logins.iter().map(|(provider, count)| Row::new(provider, *count, 1).child()));
    }
    Table::new("What is lost", "what", "count").without_shares().rows(rows)
}

/// Returns the counted remarks: warnings, then notes.
fn counted_remarks(report: &Readiness<'_>) -> [Table; 2] {
    [
        remark_table(report, Level::Warning, "Warnings: accepted, but check them", "left-out"),
        remark_table(report, Level::Note, "Notes: accepted, usually nothing to do", "ready"),
    ]
}

/// Returns the counted remarks of one level. Several of a kind have its meaning once.
fn remark_table(report: &Readiness<'_>, level: Level, caption: &str, tone: &'static str) -> Table {
    let facts: Vec<_> = report.remarks.of(level).filter_map(Remark::fact).collect();
    let mut rows = Vec::new();
    let mut kinds_shown: Vec<&str> = Vec::new();
    for (fact, ..) in &facts {
        if kinds_shown.contains(&fact.kind) {
            continue;
        }
        kinds_shown.push(fact.kind);
        let same: Vec<_> = facts.iter().filter(|(other, ..)| other.kind == fact.kind).collect();
        let row = |name: &str, count| Row::new(name, count, report.summary.written).code().tone(tone);
        let meaning = kinds::meaning(fact.kind);
        let place = |first: Option<&str>| first.map_or_else(String::new, |first| format!("first on {first}"));
        if let [(fact, users, first)] = same.as_slice() {
            let note = [place(*first), meaning].into_iter().filter(|words| !words.is_empty());
            rows.push(row(&fact.to_string(), *users).note(&note.collect::<Vec<_>>().join(": ")));
            continue;
        }
        rows.push(row(fact.kind, 0).without_count().note(&meaning));
        for (fact, users, first) in same {
            rows.push(row(&fact.subject, *users).child().note(&place(*first)));
        }
    }
    Table::new(caption, "what, and in which property", "users").rows(rows)
}

/// Returns the importable properties, in the order of the schema.
fn coverage(report: &Readiness<'_>) -> Table {
    let summary = report.summary;
    let rows = importable_properties().iter().filter_map(|name| {
        // Joined hashes are not counted here; the section of the passwords has them.
        let count = summary.present.get(name).copied().filter(|count| *count > 0)?;
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
    Table::new("Users ready to import, by size", "size", "users").adding_up_to(1000).rows(rows)
}
