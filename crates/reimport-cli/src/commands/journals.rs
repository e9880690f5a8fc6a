//! What the journals of uploads say about users that no error list names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reimport::parts_folder::read_lines;
use reimport::sink::JOURNAL_PREFIX;
use serde::Deserialize;

use crate::report::{UnlistedPart, WhyUnlisted};

/// No line of a journal is longer.
const LONGEST_LINE: usize = 1 << 20;

/// What the journals next to some parts say.
#[derive(Default)]
pub(super) struct Journals {
    /// Whether there is any.
    pub(super) found: bool,
    /// Parts that did not arrive whole and whose users no list names.
    pub(super) unlisted: Vec<UnlistedPart>,
    /// Error lists of jobs whose part was sent again since.
    pub(super) superseded: Vec<PathBuf>,
}

/// A line of a journal, as far as it matters here. The crate `reimport-jobs` writes them.
#[derive(Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Event {
    Sending {
        checksum: String,
        part: String,
    },
    Again {
        checksum: String,
    },
    Gone {
        checksum: String,
    },
    Finished {
        checksum: String,
        job: String,
        result: Ended,
    },
    #[serde(other)]
    Other,
}

/// How a job ended.
#[derive(Deserialize)]
struct Ended {
    status: String,
    details: Option<String>,
    failed: u64,
    unknown: u64,
    errors: Option<String>,
}

impl Journals {
    /// Adds the journals in `folder`, which holds these parts.
    pub(super) fn add(&mut self, folder: &Path, parts: &[String]) -> anyhow::Result<()> {
        let mut journals = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_journal = name.starts_with(JOURNAL_PREFIX)
                && name.ends_with(".ndjson")
                && !name.ends_with(".errors.ndjson");
            if is_journal && !entry.file_type()?.is_dir() {
                journals.push(entry.path());
            }
        }
        journals.sort();
        for journal in journals {
            self.found = true;
            self.read(folder, &journal, parts)?;
        }
        Ok(())
    }

    fn read(&mut self, folder: &Path, journal: &Path, parts: &[String]) -> anyhow::Result<()> {
        let mut names = BTreeMap::new();
        let mut ended: BTreeMap<String, (String, Ended)> = BTreeMap::new();
        read_lines(journal, LONGEST_LINE, |_, line| {
            // A line that a crash has cut says nothing.
            match serde_json::from_slice(line).unwrap_or(Event::Other) {
                Event::Sending { checksum, part } => {
                    names.insert(checksum, part);
                }
                Event::Again { checksum } | Event::Gone { checksum } => {
                    let before = ended.remove(&checksum).and_then(|(_, result)| result.errors);
                    self.superseded.extend(before.map(|errors| folder.join(errors)));
                }
                Event::Finished { checksum, job, result } => {
                    ended.insert(checksum, (job, result));
                }
                Event::Other => {}
            }
            anyhow::Ok(())
        })?;
        let mut results: BTreeMap<String, (String, Ended)> = BTreeMap::new();
        for (checksum, result) in ended {
            results.extend(names.remove(&checksum).map(|part| (part, result)));
        }
        let folder = folder.display().to_string();
        for part in parts {
            let (why, users) = match results.remove(part) {
                None => (WhyUnlisted::NoResult, 0),
                Some((job, result)) if result.unknown > 0 => (WhyUnlisted::Forgotten { job }, result.unknown),
                Some((job, result)) if result.failed > 0 && result.lists_nobody() => {
                    (WhyUnlisted::Failed { job, details: result.details }, result.failed)
                }
                Some(_) => continue,
            };
            self.unlisted.push(UnlistedPart { folder: folder.clone(), part: part.clone(), why, users });
        }
        Ok(())
    }
}

impl Ended {
    /// Whether a part with failed users has no list that names all of them.
    fn lists_nobody(&self) -> bool {
        self.errors.is_none() || self.status == "failed"
    }
}
