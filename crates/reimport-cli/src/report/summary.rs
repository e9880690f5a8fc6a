//! The summary a person reads: at most 20 lines of 80 columns, empty ones left out.

use reimport::{Summary, Topic};

use super::chosen::{self, Unseen};
use super::page::{Page, bytes, counted, grouped};
use crate::exit::Status;

/// What a run left behind.
pub(crate) enum Published {
    /// Nothing: it only checked.
    Nothing,
    /// A folder of parts: as given, the first part, and how many there are.
    Folder { folder: String, parts: usize },
    /// One file.
    File(String),
    /// Standard output; what was not written there is in no file.
    Stdout,
}

/// The summary of a run.
pub(crate) fn summary_text(
    summary: &Summary,
    published: &Published,
    unseen: &[Unseen],
    status: Status,
) -> String {
    let mut page = Page::default();
    read(&mut page, summary, &format!("--limit {}", summary.written));
    written(&mut page, summary, published);
    skipped(&mut page, summary);
    rejected(&mut page, summary);
    let passwords = most_first(summary.of(Topic::Password));
    page.list(
        "passwords",
        passwords.into_iter().map(|(name, count)| format!("{name} {}", grouped(count))),
        2,
    );
    let fixed = most_first(summary.of(Topic::Fixed));
    page.list("fixed", fixed.into_iter().map(|(name, count)| format!("{name} {}", grouped(count))), 2);
    let mut left = summary.export_only();
    left.extend(summary.of(Topic::Unknown).map(|(name, count)| (printable(name), count)));
    left.sort_by(|one, other| other.1.cmp(&one.1));
    page.list("left", left.into_iter().map(|(name, count)| format!("{name} {}", grouped(count))), 3);
    let logins = most_first(summary.of(Topic::LinkedLogin));
    page.list(
        "unlinked",
        logins.into_iter().map(|(name, count)| format!("{name} login {}", grouped(count))),
        1,
    );
    for lack in summary.lacks() {
        page.say("lacking", lack);
    }
    let warned = most_first(summary.of(Topic::Warned));
    page.list("warning", warned.into_iter().map(|(name, count)| format!("{name} {}", grouped(count))), 2);
    chosen::unseen(&mut page, unseen);
    next(&mut page, summary, published);
    page.line(status.words());
    page.to_string()
}

/// What was read, and which limit stopped it.
pub(super) fn read(page: &mut Page, summary: &Summary, limit: &str) {
    let plain = summary.sources.iter().map(|source| source.bytes).sum();
    let names: Vec<_> = summary.sources.iter().map(|source| printable(&source.name)).collect();
    let from = match names.as_slice() {
        [one] => one.clone(),
        many => format!("{} files", many.len()),
    };
    let whole = if summary.limited {
        format!("stopped at {limit}: the rest was neither read nor checked")
    } else {
        "read whole".to_owned()
    };
    page.say("read", &format!("{} from {from} ({}), {whole}", counted(summary.read, "record"), bytes(plain)));
}

fn written(page: &mut Page, summary: &Summary, published: &Published) {
    let users = counted(summary.written, "user");
    let passwords = match summary.with_password {
        0 => String::new(),
        with => format!(", {} with a password hash", grouped(with)),
    };
    match published {
        Published::Nothing => page.say("import", &format!("{users} would be written{passwords}")),
        Published::Folder { folder, parts } => {
            let parts = counted(*parts as u64, "part");
            page.say("written", &format!("{users} in {parts} to {folder}{passwords}"));
        }
        Published::File(file) => page.say("written", &format!("{users} to {file}{passwords}")),
        Published::Stdout => page.say("written", &format!("{users} to standard output{passwords}")),
    }
    if summary.left_out > 0 {
        page.say("left out", &format!("{} by your own filter", counted(summary.left_out, "user")));
    }
}

fn skipped(page: &mut Page, summary: &Summary) {
    if summary.skipped == 0 {
        return;
    }
    page.say("skipped", &format!("{} that no import file can bring:", counted(summary.skipped, "user")));
    let mut by: Vec<_> = summary.skipped_by.iter().collect();
    by.sort_by(|one, other| other.1.cmp(one.1));
    page.list("", by.into_iter().map(|(name, count)| format!("{} {}", printable(name), grouped(*count))), 2);
}

pub(super) fn rejected(page: &mut Page, summary: &Summary) {
    if summary.rejected == 0 {
        return;
    }
    let several = summary.sources.len() > 1;
    let mut by: Vec<_> = summary.rejected_by.iter().collect();
    by.sort_by(|one, other| other.1.records.cmp(&one.1.records));
    page.say("rejected", &format!("{}, by rule:", counted(summary.rejected, "record")));
    let rules = by.len();
    for (rule, count) in by.into_iter().take(4) {
        let place = if several {
            format!("{} line {}", printable(&count.first.0), count.first.1.line)
        } else {
            format!("line {}", count.first.1.line)
        };
        page.say("", &format!("{rule} {}, first on {place}", grouped(count.records)));
    }
    if rules > 4 {
        page.say("", &format!("and {} more rules", rules - 4));
    }
}

fn next(page: &mut Page, summary: &Summary, published: &Published) {
    let words = match published {
        Published::Folder { folder, .. } if summary.rejected > 0 => format!(
            "mend the users in {folder}/rejected.ndjson, then reimport convert {folder}/rejected.ndjson -o OTHER"
        ),
        Published::Folder { folder, parts } if *parts > 0 => {
            format!("upload {folder}/users-*.json, one import job each, at most two at a time")
        }
        Published::Nothing if summary.written > 0 => {
            "reimport convert, with the same options and -o OUT".to_owned()
        }
        _ => return,
    };
    page.say("next", &words);
}

fn most_first<'s>(facts: impl Iterator<Item = (&'s str, u64)>) -> Vec<(String, u64)> {
    let mut facts: Vec<_> = facts.map(|(name, count)| (printable(name), count)).collect();
    facts.sort_by(|one, other| other.1.cmp(&one.1));
    facts
}

/// A name from a file or a path, with what could steer a terminal escaped.
pub(crate) fn printable(name: &str) -> String {
    name.chars()
        .flat_map(|char| {
            let steers = char.is_control() || matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            let escaped: Box<dyn Iterator<Item = char>> =
                if steers { Box::new(char.escape_default()) } else { Box::new(std::iter::once(char)) };
            escaped
        })
        .collect()
}
