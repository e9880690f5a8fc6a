//! Journals of uploads: the users that did not arrive and that no error list names.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use reimport::UploadName;
use reimport::import::retry::JobErrors;
use reimport::parts_folder::read_lines;
use serde::Deserialize;

use crate::report::{UnlistedPart, WhyUnlisted};

/// Maximum length of a line of a journal.
const LONGEST_LINE: usize = 1 << 20;

/// Results of the journals next to parts.
#[derive(Default)]
pub(super) struct Journals {
    /// Whether a journal was found.
    pub(super) found: bool,
    /// Parts that did not arrive completely and whose users no error list names.
    unlisted: Vec<UnlistedPart>,
    /// Error lists of jobs whose part was sent again later.
    pub(super) superseded: Vec<PathBuf>,
    /// Error lists of completed jobs, each with its part. The list must name every refused user of the part.
    listed: Vec<(PathBuf, UnlistedPart)>,
}

/// An event in a line of a journal, with the members that are needed here. The crate `reimport-jobs` writes journals.
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
        result: JobResult,
    },
    #[serde(other)]
    Other,
}

/// How a job ended.
#[derive(Deserialize)]
struct JobResult {
    status: String,
    details: Option<String>,
    failed: u64,
    unknown: u64,
    errors: Option<String>,
}

impl Journals {
    /// Reads the journals in `folder`. `parts` are the names of the parts in it.
    pub(super) fn add(&mut self, folder: &Path, parts: &[String]) -> anyhow::Result<()> {
        let mut journals = Vec::new();
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_journal = UploadName::of(&name) == Some(UploadName::Journal);
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
        let mut ended: BTreeMap<String, (String, JobResult)> = BTreeMap::new();
        read_lines(journal, LONGEST_LINE, |_, line| {
            // A line that a crash has cut off is ignored.
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
        let mut results: BTreeMap<String, (String, JobResult)> = BTreeMap::new();
        for (checksum, result) in ended {
            results.extend(names.remove(&checksum).map(|part| (part, result)));
        }
        for part in parts {
            let result = results.remove(part);
            let list =
                result.as_ref().and_then(|(_, result)| result.errors.as_ref()).map(|list| folder.join(list));
            let (why, users) = match result {
                None => (WhyUnlisted::NoResult, 0),
                Some((job, result)) if result.unknown > 0 => (WhyUnlisted::Forgotten { job }, result.unknown),
                Some((_, result)) if result.failed == 0 => continue,
                Some((job, result)) if result.status == "failed" => {
                    (WhyUnlisted::Failed { job, details: result.details }, result.failed)
                }
                Some((job, result)) => (WhyUnlisted::Unnamed { job, named: Some(0) }, result.failed),
            };
            let unlisted =
                UnlistedPart { folder: folder.display().to_string(), part: part.clone(), why, users };
            match list {
                Some(list) if matches!(unlisted.why, WhyUnlisted::Unnamed { .. }) => {
                    self.listed.push((list, unlisted));
                }
                _ => self.unlisted.push(unlisted),
            }
        }
        Ok(())
    }

    /// Returns the parts that did not arrive completely, if the error lists do not name all of their refused users.
    pub(super) fn into_unlisted(self, lists: &JobErrors) -> Vec<UnlistedPart> {
        let mut unlisted = self.unlisted;
        for (list, mut part) in self.listed {
            let name = list.display().to_string();
            let named = lists.refused().iter().filter(|refused| **refused.file() == *name).count() as u64;
            if let WhyUnlisted::Unnamed { job, .. } = part.why
                && named < part.users
            {
                part.why = WhyUnlisted::Unnamed { job, named: list.exists().then_some(named) };
                unlisted.push(part);
            }
        }
        unlisted
    }
}
