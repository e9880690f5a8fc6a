//! A table of counts, with a share and a bar for each count.

use super::{Word, words};
use crate::report::page::{grouped, more};
use crate::report::readiness::{divided, of_a_thousand, share, share_words};

/// Number of rows of a table before the others are counted.
const ROWS: usize = 50;

/// Data of `templates/table.html`. A table without rows is not shown.
pub(super) struct Table {
    pub(super) caption: Vec<Word>,
    /// Heading of the first column.
    pub(super) head: &'static str,
    /// Heading of the counts.
    pub(super) unit: &'static str,
    /// Whether each row has a share and a bar.
    pub(super) shares: bool,
    /// Heading of the shares: what they are shares of.
    pub(super) of: &'static str,
    /// The share of all rows together in tenths of a percent, if each user is in one row.
    sum: Option<u64>,
    pub(super) rows: Vec<Row>,
}

pub(super) struct Row {
    users: u64,
    whole: u64,
    /// Whether the row is a part of a row above it.
    pub(super) child: bool,
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
            users: count,
            whole,
            child: false,
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

    pub(super) fn child(self) -> Self {
        Self { child: true, ..self }
    }

    /// Shows the share of a part of a sum, in tenths of a percent.
    pub(super) fn tenths(self, tenths: u64) -> Self {
        Self { share: share_words(self.users, self.whole, tenths), ..self }
    }

    /// Shows no share and no bar: the count is not one of users.
    pub(super) fn without_share(self) -> Self {
        Self { share: String::new(), width: 0, ..self }
    }

    /// Shows neither a count nor a share: the rows below have them.
    pub(super) fn without_count(self) -> Self {
        Self { count: String::new(), ..self.without_share() }
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
        let caption = words(&caption.into());
        Self { caption, head, unit, shares: true, of: "of ready", sum: None, rows: Vec::new() }
    }

    /// Sets the heading of the shares.
    pub(super) fn of(self, of: &'static str) -> Self {
        Self { of, ..self }
    }

    /// Makes the shares of the rows add up to `tenths` of a percent: each user is in one row.
    pub(super) fn adding_up_to(self, tenths: u64) -> Self {
        Self { sum: Some(tenths), ..self }
    }

    pub(super) fn without_shares(self) -> Self {
        Self { shares: false, ..self }
    }

    /// Sets the rows. Rows after the first [`ROWS`] are only counted, because the input can have any number of names.
    pub(super) fn rows(self, rows: impl IntoIterator<Item = Row>) -> Self {
        let mut rows: Vec<Row> = rows.into_iter().collect();
        if rows.len() > ROWS + 1 {
            let others = rows.split_off(ROWS);
            let (users, whole) = (others.iter().map(|row| row.users).sum(), others[0].whole);
            let row = Row::new(&more(others.len()), users, whole).tone("skipped");
            // A user can be in several rows of a table that does not add up.
            rows.push(if self.sum.is_some() { row } else { row.without_count() });
        }
        if let Some(sum) = self.sum {
            let users: Vec<u64> = rows.iter().map(|row| row.users).collect();
            let tenths = divided(sum, &users);
            rows = rows.into_iter().zip(tenths).map(|(row, tenths)| row.tenths(tenths)).collect();
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
