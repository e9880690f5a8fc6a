//! The report of `check` as text: a table of counts, at most 80 columns wide, without empty sections. Broken rules,
//! passwords and warnings are complete; other long sections are cut.

use reimport::Topic;
use reimport::import::mfa_lost;

use super::page::{Page, bytes, counted, grouped, more};
use super::readiness::{Readiness, share_words};
use super::remarks::Level;
use super::summary::{ALL, first_message, read};
use crate::style::Styled;
use crate::terminal::printable;

/// Width of the column of names, with their indent.
const NAME: usize = 46;
/// Width of the column of counts.
const COUNT: usize = 11;
const WIDTH: usize = 80;

/// Number of rows of a section before the others are counted.
const ROWS: usize = 12;

/// Returns the report.
pub(crate) fn readiness_table(report: &Readiness<'_>) -> Styled {
    let mut table = TextTable::default();
    let summary = report.summary;
    read(&mut table.page, summary, &format!("--limit {}", summary.written));
    fates(&mut table, report);
    of_the_imported(&mut table, report);
    let counts =
        |facts: Vec<(String, u64)>| facts.into_iter().map(|(name, count)| (name, count, String::new()));
    table.section("properties that are not imported", counts(report.dropped()), ROWS);
    table.section("unknown properties that are not imported", counts(report.facts(Topic::Unknown)), ROWS);
    table.section("fixed", counts(report.facts(Topic::Fixed)), ROWS);
    table.explained("warnings", &report.counted(Level::Warning), ALL);
    table.explained("notes", &report.counted(Level::Note), ROWS);
    table.page.line("");
    if report.estimate.parts > 0 {
        let (parts, size) = (counted(report.estimate.parts, "part"), bytes(report.estimate.bytes));
        let time = report.upload_time();
        table.page.add("upload", &format!("{parts} ({size}), {time}, two jobs at a time"));
    }
    report.remarks.add_uncounted(&mut table.page);
    match &report.next {
        Some(command) => table.page.command("next", command),
        None if summary.rejected > 0 => {
            table.page.add("next", "fix the listed lines; --html FILE shows what to do for each rule");
        }
        None => {}
    }
    table.page.text()
}

fn fates(table: &mut TextTable, report: &Readiness<'_>) {
    let summary = report.summary;
    let of_all = |at: usize, count| share_words(count, summary.read, report.fate_tenths()[at]);
    table.page.line("");
    table.row(0, "ready to import", summary.written, &of_all(0, summary.written));
    let mut connections = report.facts(Topic::Connection);
    if !connections.is_empty() && report.without_connection() > 0 {
        connections.push(("(no connection)".to_owned(), report.without_connection()));
    }
    table.rows(connections.into_iter().map(|(name, count)| (name, count, String::new())), ROWS);
    if summary.skipped > 0 {
        table.row(0, "skipped: they cannot be imported", summary.skipped, &of_all(1, summary.skipped));
        table.rows(report.skipped().into_iter().map(|(name, count)| (name, count, String::new())), ROWS);
    }
    if summary.rejected > 0 {
        table.row(0, "rejected", summary.rejected, &of_all(2, summary.rejected));
        for (rule, count) in report.rules() {
            table.row(2, rule, count, &lines(report, rule));
            if let Some(message) = first_message(summary, rule) {
                table.page.add("", &message);
            }
        }
    }
    if summary.left_out > 0 {
        table.row(0, "left out by your own filter", summary.left_out, &of_all(3, summary.left_out));
    }
}

fn of_the_imported(table: &mut TextTable, report: &Readiness<'_>) {
    let summary = report.summary;
    if summary.written == 0 {
        return;
    }
    let plain = |name: &str, count| (name.to_owned(), count, String::new());
    let child = |(name, count): (String, u64)| plain(&format!("  {name}"), count);
    let (reasons, origins): (Vec<_>, Vec<_>) =
        report.passwords().into_iter().partition(|(name, _)| name.starts_with("none"));
    // These hashes are of no user, so they are not part of either number.
    let (of_no_user, joined): (Vec<_>, Vec<_>) =
        origins.into_iter().partition(|(name, _)| name.starts_with("hashes without"));
    let mut rows = vec![plain("with a password hash", summary.with_password)];
    rows.extend(joined.into_iter().map(child));
    rows.push(plain("without a password hash", summary.without_password()));
    rows.extend(reasons.into_iter().map(child));
    rows.extend(of_no_user.into_iter().map(|(name, count)| plain(&name, count)));
    rows.push(plain("larger than 10 kB, the advised maximum", report.estimate.sizes.above(10_000)));
    rows.push(plain("second factors lost", mfa_lost(summary)));
    rows.extend(
        report
            .facts(Topic::LinkedLogin)
            .into_iter()
            .map(|(provider, count)| plain(&format!("linked logins lost: {provider}"), count)),
    );
    rows.retain(|(_, count, _)| *count > 0);
    table.section("of the users ready to import", rows.into_iter(), ALL);
}

/// Returns the first line numbers of a rule, as many as fit next to its count.
fn lines(report: &Readiness<'_>, rule: &str) -> String {
    let Some(places) = report.summary.rejected_places.get(rule) else { return String::new() };
    if report.summary.sources.len() > 1 {
        return places.first().map_or(String::new(), |place| {
            let name = place.source.rsplit('/').next().unwrap_or(&place.source);
            shortened(&format!("{name} line {}", place.position.line), WIDTH - NAME - COUNT - 2)
        });
    }
    let total = report.summary.rejected_by.get(rule).map_or(0, |count| count.records);
    let mut text = if total == 1 { "line".to_owned() } else { "lines".to_owned() };
    for (index, place) in places.iter().enumerate() {
        let next = format!("{} {}", if index > 0 { "," } else { "" }, place.position.line);
        if NAME + COUNT + 2 + text.len() + next.len() + 3 > WIDTH {
            return format!("{text}, …");
        }
        text.push_str(&next);
    }
    if places.len() as u64 == total { text } else { format!("{text}, …") }
}

/// Rows with a name, a count and a remark.
#[derive(Default)]
struct TextTable {
    page: Page,
}

impl TextTable {
    fn row(&mut self, indent: usize, name: &str, count: u64, remark: &str) {
        // The columns are aligned by the escaped name.
        let name = format!("{:indent$}{}", "", printable(name));
        let line = format!("{:NAME$}{:>COUNT$}  {remark}", shortened(&name, NAME), grouped(count));
        self.page.line(line);
    }

    fn rows(&mut self, rows: impl Iterator<Item = (String, u64, String)>, most: usize) {
        let rows: Vec<_> = rows.collect();
        let shown = shown(rows.len(), most);
        for (name, count, remark) in &rows[..shown] {
            self.row(2, name, *count, remark);
        }
        self.more(rows.len() - shown);
    }

    /// Adds the number of rows that are not shown.
    fn more(&mut self, rows: usize) {
        if rows > 0 {
            self.page.line(format!("  {}", more(rows)));
        }
    }

    fn section(&mut self, title: &str, rows: impl Iterator<Item = (String, u64, String)>, most: usize) {
        let mut rows = rows.peekable();
        if rows.peek().is_some() {
            self.page.line("");
            self.page.title(title);
            self.rows(rows, most);
        }
    }

    /// Adds a section whose rows are each followed by their meaning.
    fn explained(&mut self, title: &str, rows: &[(String, u64, String)], most: usize) {
        if rows.is_empty() {
            return;
        }
        self.page.line("");
        self.page.title(title);
        let shown = shown(rows.len(), most);
        for (name, count, explained) in &rows[..shown] {
            self.row(2, name, *count, "");
            if !explained.is_empty() {
                self.page.add("", explained);
            }
        }
        self.more(rows.len() - shown);
    }
}

/// Returns how many of `rows` are shown, at most `most`. The last row is shown if only that one would be counted.
fn shown(rows: usize, most: usize) -> usize {
    if rows > most { most - 1 } else { rows }
}

/// Shortens `text` to `width` characters by cutting its middle.
fn shortened(text: &str, width: usize) -> String {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() <= width {
        return text.to_owned();
    }
    let (head, tail) = (width / 2, width - width / 2 - 1);
    chars[..head].iter().chain(['…'].iter()).chain(&chars[chars.len() - tail..]).collect()
}
