//! A table of counts, with a share and a bar for each.

use super::{Word, words};
use crate::report::page::grouped;
use crate::report::readiness::{of_a_thousand, share};

/// Rows of a table before the rest is counted.
const ROWS: usize = 50;

/// What `templates/table.html` shows; nothing where it has no rows.
pub(super) struct Table {
    pub(super) caption: String,
    /// What the rows are.
    pub(super) head: &'static str,
    /// What is counted.
    pub(super) unit: &'static str,
    /// Whether each has its share of the whole, and a bar.
    pub(super) shares: bool,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    pub(super) name: String,
    /// Whether the name is one of a file, and not words.
    pub(super) code: bool,
    pub(super) note: Vec<Word>,
    pub(super) count: String,
    pub(super) share: String,
    /// Of a bar that is 1000 wide.
    pub(super) width: u64,
    pub(super) tone: &'static str,
}

impl Row {
    /// A row with its share of `whole`.
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

    /// With these rows; strangers' names can be many, and the rest is counted.
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

/// A share of 1000, never nothing of something.
pub(super) fn width(count: u64, whole: u64) -> u64 {
    if count == 0 {
        return 0;
    }
    of_a_thousand(count, whole).clamp(3, 1000)
}
