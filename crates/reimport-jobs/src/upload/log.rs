//! The content of a journal: its lines, and the resulting state of each part.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Result, UploadError};
use crate::files::is_plain;

const VERSION: u32 = 1;

/// The state of all parts that were ever sent to one target.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The ID of this upload. Every external ID contains it.
    pub(super) run: String,
    /// True if the connection had no users when the upload began. Users that already exist are then from the parts.
    pub(super) was_empty: bool,
    entries: HashMap<String, Entry>,
}

/// The state of one part.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) part: String,
    pub(super) state: PartState,
    /// True if the part was sent before and may have been imported, but the result is unknown.
    pub(super) unsettled: bool,
    /// The number of times that its job was gone before the result was seen.
    pub(super) gone: u32,
}

/// The progress of a part.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum PartState {
    /// Not sent, or to be sent again.
    Unsent,
    /// Sent, but without a response.
    Sending,
    /// Accepted as this job.
    Accepted(String),
    /// The job has ended with this result.
    Finished(String, PartResult),
}

/// The result of a part. The sum of the five numbers is the number of its users.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartResult {
    /// The last status of the job. `gone` if the tenant no longer had the job.
    pub status: String,
    /// Why the job failed as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
    /// New users.
    pub inserted: u64,
    /// Users that existed and were updated.
    pub updated: u64,
    /// Users that already existed because the same part was sent before without a response.
    pub already_there: u64,
    /// Users that were refused.
    pub failed: u64,
    /// Users whose result the tenant no longer reports.
    pub unknown: u64,
    /// The file with the errors, relative to the folder of the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub errors: Option<String>,
    /// The number of errors of each kind.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub kinds: BTreeMap<String, u64>,
}

/// One line of the journal.
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
        /// True if the connection had no users when the upload began.
        #[serde(default)]
        was_empty: bool,
    },
    /// A part is about to be sent.
    Sending { checksum: String, part: String, users: u64 },
    /// The part was certainly not accepted.
    NotTaken { checksum: String },
    /// The tenant has created a job for the part.
    Accepted { checksum: String, job: String },
    /// The tenant no longer has the job.
    Gone { checksum: String, job: String },
    /// The job failed as a whole, and the part is to be sent again.
    Again { checksum: String },
    /// The job has ended. Its errors are saved.
    Finished { checksum: String, job: String, result: PartResult },
}

impl Event {
    /// Returns the first line of a journal for this target.
    pub(super) fn begin(tenant: &str, connection_id: &str, upsert: bool, was_empty: bool) -> Self {
        Self::Begin {
            version: VERSION,
            tenant: tenant.to_owned(),
            connection_id: connection_id.to_owned(),
            upsert,
            run: format!("{:08x}", fastrand::u32(..)),
            was_empty,
        }
    }

    /// Describes target and mode in words.
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
    /// Parses complete lines. The first line must have the target and mode of `requested`. No lines means that nothing
    /// was sent.
    pub(super) fn read(text: &[u8], path: &Path, requested: &Event) -> Result<Self> {
        let mut log = Self::default();
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let invalid = || UploadError::Journal { path: path.to_owned(), line: index.saturating_add(1) };
            let event: Event = serde_json::from_slice(line).map_err(|_| invalid())?;
            match &event {
                Event::Begin { version: VERSION, run, was_empty, .. } if index == 0 => {
                    let (begun, requested) = (event.describe(), requested.describe());
                    if begun != requested {
                        return Err(
                            UploadError::OtherTarget { path: path.to_owned(), begun, requested }.into()
                        );
                    }
                    log.run.clone_from(run);
                    log.was_empty = *was_empty;
                }
                Event::Begin { .. } => return Err(invalid().into()),
                _ if index == 0 => return Err(invalid().into()),
                Event::Finished { result: PartResult { errors: Some(file), .. }, .. }
                    if !is_own_list(path, file) =>
                {
                    let line = index.saturating_add(1);
                    return Err(UploadError::ErrorListOutsideFolder { path: path.to_owned(), line }.into());
                }
                _ => log.apply(event),
            }
        }
        Ok(log)
    }

    /// Returns the state of a part.
    pub(super) fn entry(&self, checksum: &str) -> Option<&Entry> {
        self.entries.get(checksum)
    }

    /// Returns all parts that were ever sent, by checksum.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(checksum, entry)| (checksum.as_str(), entry))
    }

    /// Updates the state with one more line.
    pub(super) fn apply(&mut self, event: Event) {
        match event {
            Event::Begin { .. } => {}
            Event::Sending { checksum, part, .. } => {
                let new_entry = Entry { part, state: PartState::Unsent, unsettled: false, gone: 0 };
                let entry = self.entries.entry(checksum).or_insert(new_entry);
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

/// Returns true if an error list is a file directly in the error folder of the journal at `path`.
fn is_own_list(path: &Path, file: &str) -> bool {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let own = file.strip_prefix(&*stem).and_then(|rest| rest.strip_prefix(".errors/"));
    own.is_some_and(is_plain)
}

impl PartResult {
    /// Returns the number of users.
    pub fn users(&self) -> u64 {
        let counts = [self.inserted, self.updated, self.already_there, self.failed, self.unknown];
        counts.into_iter().fold(0, u64::saturating_add)
    }
}
