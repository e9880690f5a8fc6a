//! Remarks with the same meaning as one entry: a sentence, and the list of what it is about.

use reimport::UnknownKind;
use reimport::record::CellWarning;

use super::{Word, words};
use crate::report::page::counted;
use crate::report::remarks::{Level, Remark, Remarks, kept};

/// Data of `templates/remarks.html`.
pub(super) struct Entry {
    pub(super) words: Vec<Word>,
    pub(super) items: Vec<Vec<Word>>,
}

impl Entry {
    pub(super) fn new(sentence: &str) -> Self {
        Self { words: words(sentence), items: Vec::new() }
    }
}

/// Returns the remarks of one level that are not counted, each with `label`.
pub(super) fn entries(remarks: &Remarks, level: Level, label: &str) -> Vec<Entry> {
    let mut groups: Vec<(Option<&str>, Vec<&Remark>)> = Vec::new();
    for remark in remarks.of(level).filter(|remark| !remark.is_counted()) {
        let shared = shared(remark);
        match groups.iter_mut().find(|(known, _)| known.is_some() && *known == shared) {
            Some((_, group)) => group.push(remark),
            None => groups.push((shared, vec![remark])),
        }
    }
    let entry = |(shared, group): (Option<&str>, Vec<&Remark>)| match (shared, group.as_slice()) {
        (Some(sentence), [_, _, ..]) => Entry {
            words: words(&format!("{label}: {sentence}:")),
            items: group.into_iter().map(|remark| words(&item(remark))).collect(),
        },
        _ => Entry::new(&format!("{label}: {}", group[0].words())),
    };
    groups.into_iter().map(entry).collect()
}

/// Returns the sentence about several remarks of a kind.
fn shared(remark: &Remark) -> Option<&'static str> {
    Some(match remark {
        Remark::UnseenPath { .. } => "no record has these paths; `reimport fields` lists all paths",
        Remark::Unset(_) => {
            "these paths could not be set in any record, because a value above them is not an object"
        }
        Remark::UnmatchedIds(_) => "these ids are not in any record",
        Remark::UnknownConnection(unknown) => match unknown.kind {
            UnknownKind::NotADatabase => "not database connections, so their users cannot be imported",
            UnknownKind::NoneNamed => {
                "no database user has a connection (identities[].connection), so these match no user"
            }
            _ => "no user belongs to these connections; `reimport check` lists the connections",
        },
        Remark::DoubtfulCells(cells) => match cells.warning {
            CellWarning::BareText => {
                "text without the apostrophe of the export job was read unchanged; were the files saved by a spreadsheet? \
                 The cells"
            }
            CellWarning::ShortenedNumber => {
                "numbers were shortened by a spreadsheet and lost digits; export again, and do not save the files in a \
                 spreadsheet. The cells"
            }
            CellWarning::KeptApostrophes => {
                "apostrophes are kept, because some strings have none; if the export job wrote the files, --csv-dialect \
                 auth0 removes them. The cells"
            }
            _ => return None,
        },
        Remark::PasswordLike { .. } => {
            "these properties were dropped and look like password hashes; the option keeps them"
        }
        Remark::UnusableRecords { .. } => "some records of these files cannot be used",
        _ => return None,
    })
}

/// Returns what one of several remarks is about.
fn item(remark: &Remark) -> String {
    match remark {
        Remark::UnseenPath { path, nearest: Some(nearest), .. } => format!("{path}; did you mean {nearest}?"),
        Remark::UnseenPath { path, nearest: None, .. } | Remark::Unset(path) => path.clone(),
        Remark::UnknownConnection(unknown) => match &unknown.nearest {
            Some(nearest) => format!("{}; did you mean {nearest}?", unknown.name),
            None => unknown.name.clone(),
        },
        Remark::UnmatchedIds(_) => {
            remark.words().replacen(" are not in any record", "", 1).replacen(" is not in any record", "", 1)
        }
        Remark::DoubtfulCells(cells) => cells.place_words(),
        Remark::PasswordLike { property, users } => {
            format!("{property} ({}): `{}`", counted(*users, "user"), kept(property))
        }
        Remark::UnusableRecords { .. } => remark.words().replacen(" cannot be used", "", 1),
        _ => remark.words(),
    }
}
