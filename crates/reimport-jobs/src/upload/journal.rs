//! The journal of an upload to one target: an append-only file with one JSON object per line.
//!
//! Each line is on disk before the action that it announces is started, or after the result that it reports was
//! received. The file is locked while an upload runs. A last line without a line end is from a write that was
//! interrupted by a crash. Nothing has relied on it, so it is removed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::log::{Event, Log};
use crate::error::{Error, Result, UploadError};
use crate::files::{file_name_part, open_regular, read_limited, read_regular, sync_folder};

/// The locked journal of one target.
#[derive(Debug)]
pub(super) struct Journal {
    file: File,
    path: PathBuf,
    /// The content of the journal.
    pub(super) log: Log,
}

impl Journal {
    /// Returns the file name of the journal of a target without extension. The folder with the errors has the same
    /// stem.
    pub(super) fn stem(tenant: &str, connection_id: &str) -> String {
        // A host name is case-insensitive. Except for the `:` before a port, its characters are allowed in file
        // names.
        let tenant = tenant.to_ascii_lowercase().replace(':', "-");
        format!("upload-{}-{}", file_name_part(&tenant), file_name_part(connection_id))
    }

    fn path(folder: &Path, tenant: &str, connection_id: &str) -> PathBuf {
        folder.join(format!("{}.ndjson", Self::stem(tenant, connection_id)))
    }

    /// Reads the journal of a target, if there is one. Locks, creates and repairs nothing.
    pub(super) fn peek(
        folder: &Path,
        tenant: &str,
        connection_id: &str,
        upsert: bool,
    ) -> Result<Option<Log>> {
        let path = Self::path(folder, tenant, connection_id);
        let mut text = match read_regular(&path, MAX_JOURNAL_BYTES) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("cannot read the upload journal", path, error)),
        };
        text.truncate(whole_lines(&text));
        Log::read(&text, &path, &Event::begin(tenant, connection_id, upsert, false)).map(Some)
    }

    /// Opens or creates the journal of a target, and locks it.
    pub(super) fn open(
        folder: &Path,
        tenant: &str,
        connection_id: &str,
        upsert: bool,
        is_empty: bool,
    ) -> Result<Self> {
        let path = Self::path(folder, tenant, connection_id);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let failed = |error| Error::io("cannot open the upload journal", &path, error);
        let mut file = open_regular(&path, &mut options).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(UploadError::Locked(path).into()),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let text = read_limited(&file, MAX_JOURNAL_BYTES).map_err(failed)?;
        let whole = whole_lines(&text);
        let begin = Event::begin(tenant, connection_id, upsert, is_empty);
        let log = Log::read(text.get(..whole).unwrap_or_default(), &path, &begin)?;
        // Nothing is removed before the file is known to be a journal.
        if whole == 0 && !is_torn_begin(&text) {
            return Err(UploadError::Journal { path, line: 1 }.into());
        }
        if whole < text.len() {
            file.set_len(whole as u64).map_err(failed)?;
        }
        file.seek(SeekFrom::Start(whole as u64)).map_err(failed)?;
        let mut journal = Self { file, path, log };
        if whole == 0 {
            if let Event::Begin { run, was_empty, .. } = &begin {
                journal.log.run.clone_from(run);
                journal.log.was_empty = *was_empty;
            }
            journal.write(&begin)?;
            sync_folder(folder)?;
        }
        Ok(journal)
    }

    /// Adds a line. It is on disk when this returns.
    pub(super) fn append(&mut self, event: Event) -> Result<()> {
        self.write(&event)?;
        self.log.apply(event);
        Ok(())
    }

    fn write(&mut self, event: &Event) -> Result<()> {
        let failed = |error| Error::io("cannot write the upload journal", &self.path, error);
        let mut line = serde_json::to_vec(event).map_err(|error| failed(error.into()))?;
        line.push(b'\n');
        self.file.write_all(&line).and_then(|()| self.file.sync_data()).map_err(failed)
    }
}

/// The maximum number of bytes to read of a journal. Enough for a million parts.
const MAX_JOURNAL_BYTES: u64 = 1 << 30;

/// Returns true if text without a line end can be the result of a crash during the first write: it is empty, or
/// starts like the first line.
fn is_torn_begin(text: &[u8]) -> bool {
    const BEGIN: &[u8] = br#"{"event":"begin","#;
    text.starts_with(BEGIN) || BEGIN.starts_with(text)
}

/// Returns the length of the text up to and including the last line end.
fn whole_lines(text: &[u8]) -> usize {
    text.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::super::log::PartState;
    use super::*;

    fn open(folder: &Path) -> Result<Journal> {
        Journal::open(folder, "127.0.0.1:80", "con_1", false, false)
    }

    fn sending(checksum: &str) -> Event {
        Event::Sending { checksum: checksum.into(), part: "p.json".into(), users: 2 }
    }

    #[test]
    fn reopened_journal_restores_state_and_removes_torn_line() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(folder.path()).unwrap();
        let run = journal.log.run.clone();
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
        assert_eq!(journal.log.run, run);
        assert_eq!(journal.log.entry("a").unwrap().state, PartState::Accepted("job_1".into()));
        assert_eq!(journal.log.entry("b").unwrap().state, PartState::Sending);
        assert!(!journal.log.entry("b").unwrap().unsettled);
        journal.append(sending("b")).unwrap();
        assert!(journal.log.entry("b").unwrap().unsettled, "sent twice, the first time without a response");
        drop(journal);
        assert!(open(folder.path()).unwrap().log.entry("b").unwrap().unsettled);
    }

    #[test]
    fn file_that_is_not_a_journal_is_unchanged() {
        for text in ["no line end", "{\"event\":\"sending\"", "one\ntwo", "\n{\"event\":\"begin\","] {
            let folder = tempfile::tempdir().unwrap();
            let path = Journal::path(folder.path(), "127.0.0.1:80", "con_1");
            std::fs::write(&path, text).unwrap();
            let error = open(folder.path()).unwrap_err();
            assert!(matches!(&error, Error::Upload(UploadError::Journal { line: 1, .. })), "{error}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
    }

    #[test]
    fn torn_first_line_is_rewritten() {
        for text in ["", "{", "{\"event\":\"begin\",\"version\":1,\"ten"] {
            let folder = tempfile::tempdir().unwrap();
            let path = Journal::path(folder.path(), "127.0.0.1:80", "con_1");
            std::fs::write(&path, text).unwrap();
            open(folder.path()).unwrap();
            assert!(std::fs::read_to_string(&path).unwrap().ends_with("\"was_empty\":false}\n"));
        }
    }

    #[cfg(unix)]
    #[test]
    fn journal_must_be_a_regular_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = Journal::path(folder.path(), "127.0.0.1:80", "con_1");
        let other = folder.path().join("other");
        for exists in [false, true] {
            if exists {
                std::fs::write(&other, "").unwrap();
            }
            std::os::unix::fs::symlink(&other, &path).unwrap();
            assert!(open(folder.path()).unwrap_err().to_string().ends_with(": it is not a regular file"));
            let peeked = Journal::peek(folder.path(), "127.0.0.1:80", "con_1", false);
            assert!(peeked.unwrap_err().to_string().ends_with(": it is not a regular file"));
            assert_eq!(other.exists(), exists);
            std::fs::remove_file(&path).unwrap();
        }
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0)
            .unwrap();
        assert!(open(folder.path()).is_err());
    }

    #[test]
    fn connection_ids_differing_in_case_have_separate_journals() {
        let stem = |connection| Journal::stem("acme.eu.auth0.com", connection).to_lowercase();
        assert_eq!(stem("con_1"), "upload-acme.eu.auth0.com-con_1");
        assert_ne!(stem("con_AbC"), stem("con_aBC"));
        assert_ne!(stem("con_AbC"), stem("con_abc"));
    }

    #[test]
    fn part_that_was_not_taken_is_not_unsettled() {
        let folder = tempfile::tempdir().unwrap();
        let mut journal = open(folder.path()).unwrap();
        journal.append(sending("a")).unwrap();
        journal.append(Event::NotTaken { checksum: "a".into() }).unwrap();
        journal.append(sending("a")).unwrap();
        assert!(!journal.log.entry("a").unwrap().unsettled);
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
    fn journal_of_another_mode_or_version_is_rejected() {
        let folder = tempfile::tempdir().unwrap();
        let path = open(folder.path()).unwrap().path;
        let error =
            Journal::open(folder.path(), "127.0.0.1:80", "con_1", true, false).unwrap_err().to_string();
        let expected = "was started for 127.0.0.1:80, con_1, inserting only, not for 127.0.0.1:80, con_1, \
                        inserting and updating; nothing was sent";
        assert!(error.ends_with(expected), "{error}");
        let begin = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, format!("{begin}nonsense\n{begin}")).unwrap();
        let error = open(folder.path()).unwrap_err().to_string();
        assert!(error.ends_with(
            ", line 2: this is not an upload journal of a version that this program reads; nothing was sent"
        ));
        std::fs::write(&path, begin.replace("\"version\":1", "\"version\":2")).unwrap();
        assert!(open(folder.path()).is_err());
    }
}
