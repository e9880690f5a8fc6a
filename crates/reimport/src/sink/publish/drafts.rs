//! Drafts: files and folders under a temporary name that belong to one run until they are published.
//!
//! Every draft of the process is known here, so that a program that leaves on a signal can remove them all with
//! [`discard_drafts`], and a draft that is dropped removes itself. A killed process leaves its drafts behind; their
//! names hold `.reimport-` and start with a dot, no run ever reads them, and they can be deleted at any time.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::sink::OutputError;

static DRAFTS: Drafts = Drafts::new();

/// Removes the drafts of every sink of this process, and lets none publish any more: for a program that is about to
/// leave on a signal, from any thread.
///
/// A publication that has begun is finished first, so what is left is the old state or the new one. Sinks that go on
/// fail with [`OutputError::Interrupted`] or an I/O error.
pub fn discard_drafts() {
    DRAFTS.discard();
}

/// The drafts of a process.
pub(super) struct Drafts(Mutex<State>);

struct State {
    closed: bool,
    paths: Vec<PathBuf>,
}

impl Drafts {
    const fn new() -> Self {
        Self(Mutex::new(State { closed: false, paths: Vec::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole after every statement, so a panic elsewhere does not spoil it.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn discard(&self) {
        let mut state = self.lock();
        state.closed = true;
        for path in state.paths.drain(..) {
            remove(&path);
        }
    }
}

/// What to do with what stands under the name of a draft that was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Leftover {
    /// Nothing, or what may go.
    Remove,
    /// Something that is not this run's to remove.
    Keep,
}

/// One file or folder under a temporary name; removed when dropped.
pub(crate) struct Draft {
    drafts: &'static Drafts,
    path: PathBuf,
    /// Whether the path is still this run's to remove.
    owned: bool,
}

impl Draft {
    /// A new empty folder of mode 0700 in `parent`, for the output `name`.
    pub(super) fn folder(parent: &Path, name: Option<&OsStr>) -> Result<Self, OutputError> {
        Self::folder_in(&DRAFTS, parent, name)
    }

    fn folder_in(drafts: &'static Drafts, parent: &Path, name: Option<&OsStr>) -> Result<Self, OutputError> {
        Self::new(drafts, parent, || {
            let folder = tempfile::Builder::new().prefix(&prefix(name)).tempdir_in(parent)?.keep();
            super::set_mode(&folder, 0o700).map(|()| folder)
        })
    }

    /// A new empty file of mode 0600 in `parent`, for the output `name`, and its handle.
    pub(super) fn file(parent: &Path, name: &OsStr) -> Result<(Self, fs::File), OutputError> {
        let mut handle = None;
        let draft = Self::new(&DRAFTS, parent, || {
            let (file, path) =
                tempfile::Builder::new().prefix(&prefix(Some(name))).tempfile_in(parent)?.keep()?;
            handle = Some(file);
            super::set_mode(&path, 0o600).map(|()| path)
        })?;
        let file = handle.ok_or(OutputError::Interrupted)?;
        Ok((draft, file))
    }

    fn new(
        drafts: &'static Drafts,
        parent: &Path,
        create: impl FnOnce() -> io::Result<PathBuf>,
    ) -> Result<Self, OutputError> {
        // Created under the lock: a signal finds either no draft or a known one.
        let mut state = drafts.lock();
        if state.closed {
            return Err(OutputError::Interrupted);
        }
        let path = create().map_err(OutputError::io("cannot create a file in", parent))?;
        state.paths.push(path.clone());
        Ok(Self { drafts, path, owned: true })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs `publish`, which renames the draft away, while no signal can discard it. On success the draft is over, and
    /// where `publish` says so, what stands under its name (the old content after an exchange) is removed; whether
    /// nothing is left.
    pub(super) fn publish(
        mut self,
        publish: impl FnOnce(&Path) -> Result<Leftover, OutputError>,
    ) -> Result<bool, OutputError> {
        let mut state = self.drafts.lock();
        if state.closed {
            self.owned = false;
            return Err(OutputError::Interrupted);
        }
        if publish(&self.path)? == Leftover::Keep {
            self.owned = false;
            state.paths.retain(|path| *path != self.path);
            return Ok(false);
        }
        drop(state);
        // What is left stays known until it is gone, so that a signal now finishes the removal.
        Ok(self.end())
    }

    fn end(&mut self) -> bool {
        self.owned = false;
        let gone = remove(&self.path);
        let mut state = self.drafts.lock();
        state.paths.retain(|path| *path != self.path);
        gone
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.owned {
            self.end();
        }
    }
}

/// Removes a file or a folder; whether it is gone.
fn remove(path: &Path) -> bool {
    let Ok(found) = fs::symlink_metadata(path) else { return true };
    if !found.is_dir() {
        return fs::remove_file(path).is_ok();
    }
    // Another thread of a run that is being interrupted may still add a file.
    (0..10).any(|_| fs::remove_dir_all(path).is_ok())
}

const MARK: &str = ".reimport-";

/// `.OUT.reimport-`, or `.reimport-` where OUT has no name or too long a one.
fn prefix(name: Option<&OsStr>) -> OsString {
    let mut prefix = OsString::new();
    if let Some(name) = name.filter(|name| name.len() <= 200) {
        prefix.push(".");
        prefix.push(name);
    }
    prefix.push(MARK);
    prefix
}

/// Whether a name is one of a draft that was built inside its output: `.reimport-XXXXXX`.
pub(super) fn is_draft_inside(name: &str) -> bool {
    name.strip_prefix(MARK)
        .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_draft_is_gone_and_names_its_output() {
        let home = tempfile::tempdir().unwrap();
        let draft = Draft::folder(home.path(), Some(OsStr::new("parts"))).unwrap();
        let name = draft.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with(".parts.reimport-") && name.len() == 22, "{name}");
        fs::write(draft.path().join("x"), "x").unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn discarding_removes_every_draft_and_lets_none_publish_or_begin() {
        let drafts: &'static Drafts = Box::leak(Box::new(Drafts::new()));
        let home = tempfile::tempdir().unwrap();
        let one = Draft::folder_in(drafts, home.path(), None).unwrap();
        let _two = Draft::folder_in(drafts, home.path(), None).unwrap();
        fs::write(one.path().join("x"), "x").unwrap();
        drafts.discard();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        assert!(matches!(one.publish(|_| panic!("published")), Err(OutputError::Interrupted)));
        assert!(matches!(Draft::folder_in(drafts, home.path(), None), Err(OutputError::Interrupted)));
    }

    #[test]
    fn what_is_not_to_be_removed_stays_when_a_draft_is_over() {
        let home = tempfile::tempdir().unwrap();
        let publish = |leftover| {
            let draft = Draft::folder(home.path(), None).unwrap();
            let path = draft.path().to_owned();
            (draft.publish(|_| Ok(leftover)).unwrap(), path.exists())
        };
        assert_eq!(publish(Leftover::Remove), (true, false));
        assert_eq!(publish(Leftover::Keep), (false, true));
    }

    #[test]
    fn names_of_drafts_inside_are_told_from_others() {
        assert!(is_draft_inside(".reimport-a1B2c3"));
        for other in
            [".reimport-", ".reimport-a1B2c", ".reimport-a1B2c/", "reimport-a1B2c3", ".reimport-a1B2c33"]
        {
            assert!(!is_draft_inside(other), "{other}");
        }
    }

    #[test]
    fn a_long_name_still_has_a_draft() {
        let home = tempfile::tempdir().unwrap();
        let name = "n".repeat(250);
        assert!(Draft::folder(home.path(), Some(OsStr::new(&name))).is_ok());
    }
}
