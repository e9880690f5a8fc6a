//! What `retry` says when it is over.

use reimport::Summary;
use reimport::import::retry::{Fate, RetryPlan};

use super::page::{Page, counted};
use super::summary::{Published, printable, rejected};
use crate::exit::Status;

/// Places named before the rest is counted.
const SHOWN: usize = 5;

/// The summary of a retry.
pub(crate) fn retry_text(
    summary: &Summary,
    plan: &RetryPlan,
    published: &Published,
    status: Status,
) -> String {
    let mut page = Page::default();
    let refused =
        [Fate::Retried, Fate::AlreadyThere, Fate::Filtered].map(|fate| plan.of(fate).count() as u64);
    page.say("refused", &format!("{} in the error lists", counted(refused.iter().sum(), "user")));
    let place = match published {
        Published::Folder(written) => {
            format!("in {} to {}", counted(written.parts, "part"), written.folder)
        }
        Published::File(file) => format!("to {file}"),
        Published::Stdout { .. } => "to standard output".to_owned(),
    };
    page.say("written", &format!("{} {place}", counted(summary.written, "user")));
    let [_, there, filtered] = refused;
    if there > 0 {
        page.say("there", &format!("{} already in the target: nothing to do", counted(there, "user")));
    }
    if filtered > 0 {
        page.say("left out", &format!("{} by --code or --not-code", counted(filtered, "user")));
    }
    rejected(&mut page, summary, 4);
    let missing: Vec<_> = plan.not_found().collect();
    if !missing.is_empty() {
        page.say("not found", &format!("{} in no part:", counted(missing.len() as u64, "refused user")));
        let places =
            missing.iter().map(|refused| format!("{} entry {}", printable(refused.file()), refused.number()));
        page.list("", places.take(SHOWN), 3);
    }
    for (code, users) in plan.explained() {
        page.say("cause", &format!("{} ({}): {}", code.name, counted(users, "user"), code.meaning));
    }
    if let Published::Folder(written) = published
        && written.parts > 0
    {
        written.say_uploads(&mut page, "next");
    }
    page.line(status.words());
    page.to_string()
}
