//! What a journal says: its lines, and what follows from them for each part.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Result, UploadError};
use crate::files::is_plain;
use crate::random::Random;

const VERSION: u32 = 1;

/// What is known of all parts that were ever sent to one target.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The name of this upload, part of every external id.
    pub(super) run: String,
    /// Whether the connection held no user when the upload began: then users that exist are those of the parts.
    pub(super) was_empty: bool,
    entries: HashMap<String, Entry>,
}

/// What is known of one part.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) part: String,
    pub(super) state: PartState,
    /// Whether an earlier sending may have been carried out without its result being known.
    pub(super) unsettled: bool,
    /// How often its job was gone before its result was seen.
    pub(super) gone: u32,
}

/// How far a part is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PartState {
    /// Nothing is under way.
    Unsent,
    /// It was sent, and no answer seen.
    Sending,
    /// A job has it.
    Accepted(String),
    /// Its job has ended.
    Finished(String, PartResult),
}

/// What became of a part's users: the five numbers add up to them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartResult {
    /// The job's last status; `gone` where the tenant no longer knew it.
    pub status: String,
    /// Why the job failed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// New users.
    pub inserted: u64,
    /// Users that existed and were changed.
    pub updated: u64,
    /// Users that an earlier, unanswered sending of the same part had brought.
    pub already_there: u64,
    /// Users that were refused.
    pub failed: u64,
    /// Users of whom the tenant no longer tells what became of them.
    pub unknown: u64,
    /// The file with the errors, beside the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<String>,
    /// How often each kind of error occurs.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, u64>,
}

/// One line.
#[derive(Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(super) enum Event {
    /// The first line.
    Begin {
        version: u32,
        tenant: String,
        connection_id: String,
        upsert: bool,
        run: String,
        /// Whether the connection held no user when the upload began.
        #[serde(default)]
        was_empty: bool,
    },
    /// A part is about to be sent.
    Sending { checksum: String, part: String, users: u64 },
    /// It was certainly not taken.
    NotTaken { checksum: String },
    /// The tenant has made a job of it.
    Accepted { checksum: String, job: String },
    /// The tenant no longer knows that job.
    Gone { checksum: String, job: String },
    /// Its job failed as a whole, and it is to be sent once more.
    Again { checksum: String },
    /// The job has ended; its errors are kept.
    Finished { checksum: String, job: String, result: PartResult },
}

impl Event {
    /// The first line of a journal of that target.
    pub(super) fn begin(tenant: &str, connection_id: &str, upsert: bool, was_empty: bool) -> Self {
        Self::Begin {
            version: VERSION,
            tenant: tenant.to_owned(),
            connection_id: connection_id.to_owned(),
            upsert,
            run: format!("{:08x}", Random::new().below(1 << 32)),
            was_empty,
        }
    }

    /// Target and mode in words.
    fn describe(&self) -> String {
        match self {
            Self::Begin { tenant, connection_id, upsert, .. } => {
                let mode = if *upsert { "inserting and updating" } else { "inserting only" };
                format!("{tenant}, {connection_id}, {mode}")
            }
            _ => String::new(),
        }
    }
}

impl Log {
    /// Reads whole lines; the first must name the target and mode that `asked` names. No lines: nothing was sent.
    pub(super) fn read(text: &[u8], path: &Path, asked: &Event) -> Result<Self> {
        let mut log = Self::default();
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let bad = || UploadError::Journal { path: path.to_owned(), line: index.saturating_add(1) };
            let event: Event = serde_json::from_slice(line).map_err(|_| bad())?;
            match &event {
                Event::Begin { version: VERSION, run, was_empty, .. } if index == 0 => {
                    let (begun, asked) = (event.describe(), asked.describe());
                    if begun != asked {
                        return Err(UploadError::OtherTarget { path: path.to_owned(), begun, asked }.into());
                    }
                    log.run.clone_from(run);
                    log.was_empty = *was_empty;
                }
                Event::Begin { .. } => return Err(bad().into()),
                _ if index == 0 => return Err(bad().into()),
                Event::Finished { result: PartResult { errors: Some(file), .. }, .. }
                    if !is_own_list(path, file) =>
                {
                    let line = index.saturating_add(1);
                    return Err(UploadError::ForeignList { path: path.to_owned(), line }.into());
                }
                _ => log.apply(event),
            }
        }
        Ok(log)
    }

    /// What is known of a part.
    pub(super) fn entry(&self, checksum: &str) -> Option<&Entry> {
        self.entries.get(checksum)
    }

    /// All parts that were ever sent, by checksum.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(checksum, entry)| (checksum.as_str(), entry))
    }

    /// Takes note of one more line.
    pub(super) fn apply(&mut self, event: Event) {
        match event {
            Event::Begin { .. } => {}
            Event::Sending { checksum, part, .. } => {
                let fresh = Entry { part, state: PartState::Unsent, unsettled: false, gone: 0 };
                let entry = self.entries.entry(checksum).or_insert(fresh);
                entry.unsettled |= entry.state != PartState::Unsent;
                entry.state = PartState::Sending;
            }
            Event::NotTaken { checksum } => self.set(&checksum, PartState::Unsent),
            Event::Accepted { checksum, job } => self.set(&checksum, PartState::Accepted(job)),
            Event::Again { checksum } => {
                self.set(&checksum, PartState::Unsent);
                if let Some(entry) = self.entries.get_mut(&checksum) {
                    entry.unsettled = true;
                }
            }
            Event::Gone { checksum, .. } => {
                self.set(&checksum, PartState::Unsent);
                if let Some(entry) = self.entries.get_mut(&checksum) {
                    entry.unsettled = true;
                    entry.gone = entry.gone.saturating_add(1);
                }
            }
            Event::Finished { checksum, job, result } => {
                self.set(&checksum, PartState::Finished(job, result));
            }
        }
    }

    fn set(&mut self, checksum: &str, state: PartState) {
        if let Some(entry) = self.entries.get_mut(checksum) {
            entry.state = state;
        }
    }
}

/// Whether an error list is a file of the folder that belongs to the journal at `path`.
fn is_own_list(path: &Path, file: &str) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let own = file.strip_prefix(&*stem).and_then(|rest| rest.strip_prefix(".errors/"));
    own.is_some_and(is_plain)
}

impl PartResult {
    /// All its users.
    pub fn users(&self) -> u64 {
        let counts = [self.inserted, self.updated, self.already_there, self.failed, self.unknown];
        counts.into_iter().fold(0, u64::saturating_add)
    }
}
