//! Lines of the summaries of `select` and `fields`: rejected records, and the number of users that were left out.

use std::cmp::Reverse;

use reimport::Summary;

use super::page::{Page, counted, grouped};
use super::summary::NOT_UTF8;

/// Position of a rejected record, and its problem.
pub(crate) struct Place {
    pub(crate) source: String,
    pub(crate) line: u64,
    pub(crate) message: String,
}

/// Adds the number of rejected records by rule, followed by `kept`, and the positions of the first of them.
pub(super) fn rejected(page: &mut Page, summary: &Summary, kept: &str, places: &[Place]) {
    if summary.rejected == 0 {
        return;
    }
    let count = counted(summary.rejected, "record");
    let mut rules: Vec<_> = summary.rejected_by.iter().map(|(rule, count)| (count.records, *rule)).collect();
    rules.sort_by_key(|(records, _)| Reverse(*records));
    let rules: Vec<String> =
        rules.iter().map(|(records, rule)| format!("{rule} {}", grouped(*records))).collect();
    let by = if rules.len() < 2 { String::new() } else { format!(" ({})", rules.join(", ")) };
    let which = if summary.rejected > places.len() as u64 { ", the first" } else { "" };
    let unfit = ["column-type", "too-large-user"].iter().find_map(|rule| summary.rejected_by.get(rule));
    let why = match unfit {
        Some(_) if summary.rejected == 1 => "cannot be read or does not fit",
        Some(_) => "cannot be read or do not fit",
        None => "cannot be read",
    };
    page.add("rejected", &format!("{count} that {why}{by}{kept}{which}:"));
    for place in places {
        let source = match summary.sources.len() {
            1 => String::new(),
            _ => format!("{} ", place.source),
        };
        page.add("", &format!("{source}line {}: {}", place.line, place.message));
    }
    if let Some(count) = summary.rejected_by.get("not-utf8") {
        let are = if count.records == 1 { "is" } else { "are" };
        page.add("", &format!("{} of them {are} not UTF-8{NOT_UTF8}", grouped(count.records)));
    }
}

pub(super) fn left_out(page: &mut Page, summary: &Summary) {
    if summary.left_out > 0 {
        page.add("left out", &format!("{} by your own filter", counted(summary.left_out, "user")));
    }
}
