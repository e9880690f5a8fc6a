//! A table of counts, with a share and a bar for each count.

use super::{Word, words};
use crate::report::page::grouped;
use crate::report::readiness::{of_a_thousand, share};

/// Number of rows of a table before the others are counted.
const ROWS: usize = 50;

/// Data of `templates/table.html`. A table without rows is not shown.
pub(super) struct Table {
    pub(super) caption: String,
    /// Heading of the first column.
    pub(super) head: &'static str,
    /// Heading of the counts.
    pub(super) unit: &'static str,
    /// Whether each row has a share and a bar.
    pub(super) shares: bool,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) name: String,
    /// Whether the name is data and not text.
    pub(super) code: bool,
    pub(super) note: Vec<Word>,
    pub(super) count: String,
    pub(super) share: String,
    /// In thousandths of the bar.
    pub(super) width: u64,
    pub(super) tone: &'static str,
}

impl Row {
    /// Creates a row with its share of `whole`.
    pub(super) fn new(name: &str, count: u64, whole: u64) -> Self {
        Self {
            name: name.to_owned(),
            code: false,
            note: Vec::new(),
            count: grouped(count),
            share: share(count, whole),
            width: width(count, whole),
            tone: "ready",
        }
    }

    pub(super) fn tone(self, tone: &'static str) -> Self {
        Self { tone, ..self }
    }

    pub(super) fn code(self) -> Self {
        Self { code: true, ..self }
    }

    pub(super) fn note(self, note: &str) -> Self {
        let note = if note.is_empty() { Vec::new() } else { words(note) };
        Self { note, ..self }
    }
}

impl Table {
    pub(super) fn new(caption: impl Into<String>, head: &'static str, unit: &'static str) -> Self {
        Self { caption: caption.into(), head, unit, shares: true, rows: Vec::new() }
    }

    pub(super) fn without_shares(self) -> Self {
        Self { shares: false, ..self }
    }

    /// Sets the rows. Rows after the first [`ROWS`] are only counted, because the input can have any number of names.
    pub(super) fn rows(self, rows: impl IntoIterator<Item = Row>) -> Self {
        let mut rows: Vec<Row> = rows.into_iter().collect();
        if rows.len() > ROWS + 1 {
            let more = rows.len() - ROWS;
            rows.truncate(ROWS);
            rows.push(Row {
                name: format!("and {more} more, which --json lists"),
                code: false,
                note: Vec::new(),
                count: String::new(),
                share: String::new(),
                width: 0,
                tone: "skipped",
            });
        }
        Self { rows, ..self }
    }
}

/// Returns a share in thousandths. A share of at least one user is at least 3, so that it is visible.
pub(super) fn width(count: u64, whole: u64) -> u64 {
    if count == 0 {
        return 0;
    }
    of_a_thousand(count, whole).clamp(3, 1000)
}
