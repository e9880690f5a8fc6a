//! Drafts: files and folders under temporary names that belong to one run until they are published.
//!
//! A draft that is dropped removes itself. All drafts of the process are registered here, so that a program that
//! exits on a signal can remove them with [`discard_drafts`]. A killed process leaves its drafts behind. Their
//! names start with a dot and contain `.reimport-`. No run reads them, and they can be deleted at any time.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::moves::Moves;
use crate::sink::OutputError;
use crate::sink::disk::{self, Output};

static DRAFTS: Drafts = Drafts::new();

/// Removes the drafts of all sinks of this process, and prevents further publication. For a program that is about
/// to exit on a signal. May be called from any thread.
///
/// Either the old or the new state is left: a publication in progress is completed or undone. Sinks that continue
/// fail with [`OutputError::Interrupted`] or an I/O error.
pub fn discard_drafts() {
    DRAFTS.discard();
}

/// The registry of the drafts of a process.
pub(super) struct Drafts(Mutex<DraftState>);

struct DraftState {
    closed: bool,
    paths: Vec<PathBuf>,
    /// Publications that can still be undone.
    placed: Vec<Placement>,
}

/// The drafts of one publication and their renames.
struct Placement {
    drafts: Vec<PathBuf>,
    moves: Moves,
}

impl DraftState {
    /// Undoes a placement. If this fails, its paths are not removed later, because they may hold the old content.
    fn revert(&mut self, mut placement: Placement) -> bool {
        let done = placement.moves.revert().is_ok();
        if !done {
            self.paths.retain(|path| !placement.drafts.contains(path));
        }
        done
    }
}

impl Drafts {
    const fn new() -> Self {
        Self(Mutex::new(DraftState { closed: false, paths: Vec::new(), placed: Vec::new() }))
    }

    fn lock(&self) -> MutexGuard<'_, DraftState> {
        // A panic in another thread does not matter, because the state is consistent after every statement.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn discard(&self) {
        let mut state = self.lock();
        state.closed = true;
        while let Some(placement) = state.placed.pop() {
            state.revert(placement);
        }
        for path in std::mem::take(&mut state.paths) {
            remove(&path);
        }
    }
}

/// One file or folder under a temporary name. Removed when dropped.
pub(crate) struct Draft {
    drafts: &'static Drafts,
    path: PathBuf,
}

impl Draft {
    /// Creates an empty folder with mode 0700 in `parent`, for the output `name`.
    pub(super) fn folder(parent: &Path, name: Option<&OsStr>) -> Result<Self, OutputError> {
        Self::folder_in(&DRAFTS, parent, name)
    }

    fn folder_in(drafts: &'static Drafts, parent: &Path, name: Option<&OsStr>) -> Result<Self, OutputError> {
        let make = || disk::temporary_folder(parent, &prefix(name)).map(|path| (path, ()));
        Ok(Self::new(drafts, parent, make)?.0)
    }

    /// Creates an empty file with mode 0600 in `parent`, for the output `name`. Returns it with its handle.
    pub(super) fn file(parent: &Path, name: &OsStr) -> Result<(Self, Output), OutputError> {
        let make = || {
            let output = disk::temporary_file(parent, &prefix(Some(name)))?;
            Ok((output.path().to_owned(), output))
        };
        Self::new(&DRAFTS, parent, make)
    }

    fn new<T>(
        drafts: &'static Drafts,
        parent: &Path,
        make: impl FnOnce() -> std::io::Result<(PathBuf, T)>,
    ) -> Result<(Self, T), OutputError> {
        // The draft is created under the lock, so that a signal finds either no draft or a registered one.
        let mut state = drafts.lock();
        if state.closed {
            return Err(OutputError::Interrupted);
        }
        let (path, handle) = make().map_err(OutputError::io("cannot create a file in", parent))?;
        state.paths.push(path.clone());
        Ok((Self { drafts, path }, handle))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes what is at the path of the draft, if the draft is still registered. Returns whether it was removed.
    fn end(&mut self) -> bool {
        // The draft stays registered until it is removed, so that a signal in between completes the removal.
        let known = self.drafts.lock().paths.contains(&self.path);
        let gone = known && remove(&self.path);
        self.drafts.lock().paths.retain(|path| *path != self.path);
        gone
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        self.end();
    }
}

/// Drafts that were renamed to their final names. If dropped before [`keep`](Self::keep), the renames are undone.
pub(crate) struct Placed {
    registry: &'static Drafts,
    drafts: Vec<Draft>,
}

impl Placed {
    /// Runs `place`, which renames the drafts to their final names. It runs under the lock, so that a signal cannot
    /// discard the drafts meanwhile. If it fails, its renames are undone.
    pub(super) fn place(
        drafts: Vec<Draft>,
        place: impl FnOnce(&[Draft], &mut Moves) -> Result<(), OutputError>,
    ) -> Result<Self, OutputError> {
        let registry = drafts.first().map_or(&DRAFTS, |draft| draft.drafts);
        let mut state = registry.lock();
        if state.closed {
            return Err(OutputError::Interrupted);
        }
        let mut moves = Moves::default();
        let placed = place(&drafts, &mut moves);
        let paths = drafts.iter().map(|draft| draft.path.clone()).collect();
        let placement = Placement { drafts: paths, moves };
        if let Err(error) = placed {
            return Err(if state.revert(placement) { error } else { OutputError::NotReverted(error.into()) });
        }
        state.placed.push(placement);
        drop(state);
        Ok(Self { registry, drafts })
    }

    /// Makes the publication final. Removes what is now at the paths of the drafts, which is the old content.
    /// Returns whether all of it was removed.
    pub(crate) fn keep(mut self) -> Result<bool, OutputError> {
        // If it is not registered any more, a signal has undone it.
        let Some(placement) = self.placement() else {
            return if self.drafts.is_empty() { Ok(true) } else { Err(OutputError::Interrupted) };
        };
        let mut gone = !placement.moves.left_aside();
        for draft in &mut self.drafts {
            gone &= draft.end();
        }
        Ok(gone)
    }

    fn placement(&self) -> Option<Placement> {
        let first = &self.drafts.first()?.path;
        let mut state = self.registry.lock();
        let at = state.placed.iter().position(|placement| placement.drafts.first() == Some(first))?;
        Some(state.placed.swap_remove(at))
    }
}

impl Drop for Placed {
    fn drop(&mut self) {
        if let Some(placement) = self.placement() {
            self.registry.lock().revert(placement);
        }
    }
}

/// Removes a file or a folder. Returns whether it was removed.
fn remove(path: &Path) -> bool {
    // Tries again, because another thread of an interrupted run may add a file meanwhile.
    (0..10).any(|_| disk::remove(path).is_ok())
}

const MARK: &str = ".reimport-";

/// Returns `.OUT.reimport-`, or `.reimport-` if OUT has no name or its name is too long.
fn prefix(name: Option<&OsStr>) -> OsString {
    let mut prefix = OsString::new();
    if let Some(name) = name.filter(|name| name.len() <= 200) {
        prefix.push(".");
        prefix.push(name);
    }
    prefix.push(MARK);
    prefix
}

/// Returns whether a name is the name of a draft inside its output: `.reimport-XXXXXX`.
pub(super) fn is_draft_inside(name: &str) -> bool {
    name.strip_prefix(MARK)
        .is_some_and(|rest| rest.len() == 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric()))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn dropped_draft_is_removed_and_named_after_its_output() {
        let home = tempfile::tempdir().unwrap();
        let draft = Draft::folder(home.path(), Some(OsStr::new("parts"))).unwrap();
        let name = draft.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert!(name.starts_with(".parts.reimport-") && name.len() == 22, "{name}");
        fs::write(draft.path().join("x"), "x").unwrap();
        drop(draft);
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }

    #[test]
    fn discard_removes_drafts_and_prevents_new_ones() {
        let drafts: &'static Drafts = Box::leak(Box::new(Drafts::new()));
        let home = tempfile::tempdir().unwrap();
        let one = Draft::folder_in(drafts, home.path(), None).unwrap();
        let _two = Draft::folder_in(drafts, home.path(), None).unwrap();
        fs::write(one.path().join("x"), "x").unwrap();
        drafts.discard();
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
        let placed = Placed::place(vec![one], |_, _| panic!("published"));
        assert!(matches!(placed.err(), Some(OutputError::Interrupted)));
        assert!(matches!(Draft::folder_in(drafts, home.path(), None), Err(OutputError::Interrupted)));
    }

    /// Publishes a draft over an older file, all in `home`.
    fn replacing(drafts: &'static Drafts, home: &Path) -> Placed {
        fs::write(home.join("old"), "old").unwrap();
        let draft = Draft::folder_in(drafts, home, None).unwrap();
        Placed::place(vec![draft], |drafts, moves| {
            moves.replace_file(drafts[0].path(), &home.join("old")).unwrap();
            Ok(())
        })
        .unwrap()
    }

    #[test]
    fn published_output_is_reverted_unless_kept() {
        let drafts: &'static Drafts = Box::leak(Box::new(Drafts::new()));
        let home = tempfile::tempdir().unwrap();
        let count = || fs::read_dir(home.path()).unwrap().count();
        let old = home.path().join("old");
        let placed = replacing(drafts, home.path());
        assert!(old.is_dir() && count() == 2);
        drop(placed);
        assert!(old.is_file() && count() == 1);
        assert!(replacing(drafts, home.path()).keep().unwrap());
        assert!(old.is_dir() && count() == 1);
        fs::remove_dir(&old).unwrap();
        // A signal arrives before `keep`.
        let placed = replacing(drafts, home.path());
        drafts.discard();
        assert!(old.is_file() && count() == 1);
        assert!(matches!(placed.keep(), Err(OutputError::Interrupted)));
        assert!(old.is_file() && count() == 1);
    }

    #[test]
    fn output_that_cannot_be_reverted_is_not_removed() {
        let home = tempfile::tempdir().unwrap();
        let draft = Draft::folder(home.path(), None).unwrap();
        let path = draft.path().to_owned();
        let out = home.path().join("out");
        let error = Placed::place(vec![draft], |drafts, moves| {
            moves.take_free_name(drafts[0].path(), &out).unwrap();
            // Simulates old content at the path of the draft.
            fs::create_dir(drafts[0].path()).unwrap();
            fs::write(drafts[0].path().join("old"), "old").unwrap();
            Err(OutputError::Interrupted)
        })
        .err()
        .unwrap();
        assert!(matches!(error, OutputError::NotReverted(_)), "{error}");
        assert!(out.is_dir() && path.join("old").is_file());
    }

    #[test]
    fn names_of_inner_drafts_are_recognized() {
        assert!(is_draft_inside(".reimport-a1B2c3"));
        for other in
            [".reimport-", ".reimport-a1B2c", ".reimport-a1B2c/", "reimport-a1B2c3", ".reimport-a1B2c33"]
        {
            assert!(!is_draft_inside(other), "{other}");
        }
    }

    #[test]
    fn long_output_name_can_have_a_draft() {
        let home = tempfile::tempdir().unwrap();
        let name = "n".repeat(250);
        assert!(Draft::folder(home.path(), Some(OsStr::new(&name))).is_ok());
    }
}
