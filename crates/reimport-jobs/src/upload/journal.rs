//! What was sent to one target, and what became of it: an append-only file of one JSON object a line.
//!
//! Each line is on the disk before what it announces is done, or after what it reports was seen. The file is locked
//! while an upload runs. A last line without an end is what a crash left of a write nobody relied on: it is cut off.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::download::sync_folder;
use crate::error::{Error, Result, UploadError};
use crate::random::Random;

const VERSION: u32 = 1;

/// The journal of one target, locked.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    /// The name of this upload, part of every external id.
    pub(super) run: String,
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
    Begin { version: u32, tenant: String, connection_id: String, upsert: bool, run: String },
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

impl Journal {
    /// The name of a target's journal without its ending: also that of the folder with the errors.
    pub(super) fn stem(tenant: &str, connection_id: &str) -> String {
        let plain = |text: &str| text.replace(|c: char| !c.is_ascii_alphanumeric() && !"._".contains(c), "-");
        format!("upload-{}-{}", plain(tenant), plain(connection_id))
    }

    /// Opens or begins the journal of a target, and locks it.
    pub(super) fn open(folder: &Path, tenant: &str, connection_id: &str, upsert: bool) -> Result<Self> {
        let path = folder.join(format!("{}.ndjson", Self::stem(tenant, connection_id)));
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |error| Error::io("cannot open the upload journal", &path, error);
        let mut file = options.open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(UploadError::Locked(path).into()),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let mut text = Vec::new();
        file.read_to_end(&mut text).map_err(failed)?;
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        if whole < text.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        file.seek(SeekFrom::Start(whole as u64)).map_err(failed)?;
        text.truncate(whole);

        let mut journal = Self { file, path, run: String::new(), entries: HashMap::new() };
        let asked = Event::Begin {
            version: VERSION,
            tenant: tenant.to_owned(),
            connection_id: connection_id.to_owned(),
            upsert,
            run: format!("{:08x}", Random::new().below(1 << 32)),
        };
        for (index, line) in text.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let bad = || UploadError::Journal { path: journal.path.clone(), line: index + 1 };
            let event: Event = serde_json::from_slice(line).map_err(|_| bad())?;
            match &event {
                Event::Begin { version: VERSION, run, .. } if index == 0 => {
                    let (begun, asked) = (describe(&event), describe(&asked));
                    if begun != asked {
                        return Err(UploadError::OtherTarget { path: journal.path, begun, asked }.into());
                    }
                    journal.run.clone_from(run);
                }
                Event::Begin { .. } => return Err(bad().into()),
                _ if index == 0 => return Err(bad().into()),
                _ => journal.apply(event),
            }
        }
        if whole == 0 {
            if let Event::Begin { run, .. } = &asked {
                journal.run.clone_from(run);
            }
            journal.write(&asked)?;
            sync_folder(folder)?;
        }
        Ok(journal)
    }

    /// Adds a line; it is on the disk when this returns.
    pub(super) fn append(&mut self, event: Event) -> Result<()> {
        self.write(&event)?;
        self.apply(event);
        Ok(())
    }

    /// What is known of a part.
    pub(super) fn entry(&self, checksum: &str) -> Option<&Entry> {
        self.entries.get(checksum)
    }

    /// All parts that were ever sent, by checksum.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&str, &Entry)> {
        self.entries.iter().map(|(checksum, entry)| (checksum.as_str(), entry))
    }

    fn write(&mut self, event: &Event) -> Result<()> {
        let failed = |error| Error::io("cannot write the upload journal", &self.path, error);
        let mut line = serde_json::to_vec(event).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).map_err(failed)
    }

    fn apply(&mut self, event: Event) {
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
                    entry.gone += 1;
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

impl PartResult {
    /// All its users.
    pub fn users(&self) -> u64 {
        self.inserted + self.updated + self.already_there + self.failed + self.unknown
    }
}

/// Target and mode in words.
fn describe(event: &Event) -> String {
    match event {
        Event::Begin { tenant, connection_id, upsert, .. } => {
            let mode = if *upsert { "inserting and updating" } else { "inserting only" };
            format!("{tenant}, {connection_id}, {mode}")
        }
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(folder: &Path) -> Result<Journal> {
        Journal::open(folder, "127.0.0.1:80", "con_1", false)
    }

    fn sending(checksum: &str) -> Event {
        Event::Sending { checksum: checksum.into(), part: "p.json".into(), users: 2 }
    }

    #[test]
    fn what_was_written_is_known_again_and_a_torn_line_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(folder.path()).unwrap();
        let run = journal.run.clone();
        journal.append(sending("a")).unwrap();
        journal.append(Event::Accepted { checksum: "a".into(), job: "job_1".into() }).unwrap();
        journal.append(sending("b")).unwrap();
        let path = journal.path.clone();
        assert_eq!(path.file_name().unwrap(), "upload-127.0.0.1-80-con_1.ndjson");
        drop(journal);
        let mut text = std::fs::read(&path).unwrap();
        // Longer than the line that is written in its place.
        text.extend_from_slice(
            format!("{{\"event\":\"accepted\",\"checksum\":\"{}", "a".repeat(500)).as_bytes(),
        );
        std::fs::write(&path, &text).unwrap();

        let mut journal = open(folder.path()).unwrap();
        assert_eq!(journal.run, run);
        assert_eq!(journal.entry("a").unwrap().state, PartState::Accepted("job_1".into()));
        assert_eq!(journal.entry("b").unwrap().state, PartState::Sending);
        assert!(!journal.entry("b").unwrap().unsettled);
        journal.append(sending("b")).unwrap();
        assert!(journal.entry("b").unwrap().unsettled, "sent twice, and the first time unanswered");
        drop(journal);
        assert!(open(folder.path()).unwrap().entry("b").unwrap().unsettled);
    }

    #[test]
    fn a_part_that_was_not_taken_is_not_unsettled() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(folder.path()).unwrap();
        journal.append(sending("a")).unwrap();
        journal.append(Event::NotTaken { checksum: "a".into() }).unwrap();
        journal.append(sending("a")).unwrap();
        assert!(!journal.entry("a").unwrap().unsettled);
    }

    #[test]
    fn two_uploads_to_one_target_cannot_run_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let journal = open(folder.path()).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(matches!(&error, Error::Upload(UploadError::Locked(_))), "{error}");
        drop(journal);
        open(folder.path()).unwrap();
    }

    #[test]
    fn another_mode_and_a_broken_journal_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = open(folder.path()).unwrap().path;
        let error = Journal::open(folder.path(), "127.0.0.1:80", "con_1", true).unwrap_err().to_string();
        let expected = "was begun for 127.0.0.1:80, con_1, inserting only, not for 127.0.0.1:80, con_1, \
                        inserting and updating; nothing was sent";
        assert!(error.ends_with(expected), "{error}");
        let begin = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{begin}nonsense\n{begin}")).unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with(
            ", line 2: this is no upload journal of a version this program reads; nothing was sent"
        ));
        std::fs::write(&path, begin.replace("\"version\":1", "\"version\":2")).unwrap();
        assert!(open(folder.path()).is_err());
    }
}
