//! What `select`, `fields` and a filter have to say in common: places of rejects, and paths that no record had.

use reimport::Summary;

use super::page::{Page, counted};
use super::summary::printable;

/// Where a rejected record stands, and what is wrong with it.
pub(crate) struct Place {
    pub(crate) source: String,
    pub(crate) line: u64,
    pub(crate) message: String,
}

/// A path that no record had.
pub(crate) struct Unseen {
    pub(crate) path: String,
    /// The nearest one that some record has.
    pub(crate) nearest: Option<String>,
}

/// The rejected records and where the first of them stand.
pub(super) fn rejected(page: &mut Page, summary: &Summary, places: &[Place]) {
    if summary.rejected == 0 {
        return;
    }
    let count = counted(summary.rejected, "record");
    let which = if summary.rejected > places.len() as u64 { ", the first" } else { "" };
    page.say("rejected", &format!("{count} that cannot be read{which}:"));
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

/// A warning for each path that no record had.
pub(super) fn unseen(page: &mut Page, unseen: &[Unseen]) {
    for Unseen { path, nearest } in unseen {
        let path = printable(path);
        page.say(
            "warning",
            &match nearest {
                Some(nearest) => format!("no record has {path}; did you mean {}?", printable(nearest)),
                None => format!("no record has {path}; `reimport fields` lists what there is"),
            },
        );
    }
}
