//! What `select`, `fields` and a filter have to say in common: places of rejects, and what no record had.

use reimport::Summary;
use serde_json::{Value, json};

use super::page::{Page, counted};
use super::summary::printable;

/// Where a rejected record stands, and what is wrong with it.
pub(crate) struct Place {
    pub(crate) source: String,
    pub(crate) line: u64,
    pub(crate) message: String,
}

/// What was asked for by name, and no record had.
pub(crate) enum Unseen {
    /// A path, and the nearest one that some record has.
    Path { path: String, nearest: Option<String> },
    /// A connection that no record is of.
    Connection(String),
    /// A connection, none of whose users was written.
    NobodyOf(String),
}

impl Unseen {
    /// One clause, without a full stop.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Path { path, nearest: Some(nearest) } => {
                format!("no record has {}; did you mean {}?", printable(path), printable(nearest))
            }
            Self::Path { path, nearest: None } => {
                format!("no record has {}; `reimport fields` lists what there is", printable(path))
            }
            Self::Connection(name) => format!(
                "no record is of connection {}; `reimport check` lists the connections",
                printable(name)
            ),
            Self::NobodyOf(name) => format!(
                "nobody of connection {} is written; `reimport check` without --connection lists all",
                printable(name)
            ),
        }
    }

    /// As an object of the `--json` document.
    pub(super) fn json(&self) -> Value {
        match self {
            Self::Path { path, nearest } => json!({"path": path, "nearest": nearest}),
            Self::Connection(name) | Self::NobodyOf(name) => json!({"connection": name}),
        }
    }
}

/// The rejected records, `why` in general, and where the first of them stand.
pub(super) fn rejected(page: &mut Page, summary: &Summary, why: &str, places: &[Place]) {
    if summary.rejected == 0 {
        return;
    }
    let count = counted(summary.rejected, "record");
    let which = if summary.rejected > places.len() as u64 { ", the first" } else { "" };
    page.say("rejected", &format!("{count}{why}{which}:"));
    for place in places {
        let source = match summary.sources.len() {
            1 => String::new(),
            _ => format!("{} ", printable(&place.source)),
        };
        page.say("", &format!("{source}line {}: {}", place.line, printable(&place.message)));
    }
}

pub(super) fn left_out(page: &mut Page, summary: &Summary) {
    if summary.left_out > 0 {
        page.say("left out", &format!("{} by your own filter", counted(summary.left_out, "user")));
    }
}

/// A warning for each thing asked for that no record had.
pub(super) fn unseen(page: &mut Page, unseen: &[Unseen]) {
    for unseen in unseen {
        page.say("warning", &unseen.words());
    }
}
