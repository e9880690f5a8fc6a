//! One folder that appears complete, by rename.
//!
//! Four ways lead there: a free name is renamed to; an empty folder is replaced by a rename; an earlier output is
//! exchanged, and removed after that; and an empty folder that cannot be replaced (the current folder, a mount point,
//! one in a parent that is not writable) has the files moved into it, `manifest.json` last, so that a folder without
//! a manifest is unfinished.

use std::ffi::OsString;
use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};

use super::drafts::{Draft, Placed, is_draft_inside};
use super::moves::Moves;
use super::{Existing, inputs, names, need_parent, parent_of, sync_folder, tidied, what_is};
use crate::run::OutputName;
use crate::sink::OutputError;

/// A folder under a temporary name; dropped, it is gone.
pub(crate) struct FolderDraft {
    out: PathBuf,
    /// Where a user finds it: another path than `out` if this is a draft in a draft.
    target: PathBuf,
    force: bool,
    plan: Plan,
    draft: Draft,
}

/// Names in messages the folder that a user has asked for, not the temporary one, which is gone by then.
pub(crate) struct Shown {
    built: PathBuf,
    /// Another one than `target` if the folder is in a draft.
    out: PathBuf,
    target: PathBuf,
}

impl Shown {
    /// The same error with the path that the user knows.
    pub(crate) fn of(&self, error: OutputError) -> OutputError {
        match error {
            OutputError::Io { path, doing, error } => {
                let (built, out) = (path.strip_prefix(&self.built), path.strip_prefix(parent_of(&self.out)));
                let path = match (built, out) {
                    (Ok(inside), _) => self.target.join(inside),
                    (Err(_), Ok(near)) => parent_of(&self.target).join(near),
                    (Err(_), Err(_)) => path,
                };
                // Without the slash that joining nothing leaves.
                let path = path.components().collect();
                OutputError::Io { path, doing, error }
            }
            other => other,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Plan {
    /// The name is free.
    New,
    /// An empty folder is there.
    OverEmpty,
    /// An earlier output is there and is to be replaced.
    Exchange,
    /// An empty folder is there that must stay the folder it is.
    MoveIn,
}

impl FolderDraft {
    /// Checks all that can be known before there is anything to write, and makes the draft.
    pub(crate) fn create(out: &Path, force: bool) -> Result<Self, OutputError> {
        let out = tidied(out);
        let mut plan = plan(&out, force)?;
        if plan == Plan::New {
            need_parent(&out)?;
        }
        let draft = match plan {
            Plan::MoveIn => Draft::folder(&out, None)?,
            _ => match Draft::folder(parent_of(&out), out.file_name()) {
                Ok(draft) => draft,
                Err(OutputError::Io { error, .. }) if plan != Plan::New && is_denied(&error) => {
                    if plan == Plan::Exchange {
                        return Err(OutputError::CannotReplace {
                            path: out,
                            reason: "its parent is not writable",
                        });
                    }
                    plan = Plan::MoveIn;
                    Draft::folder(&out, None)?
                }
                Err(error) => return Err(error),
            },
        };
        Ok(Self { target: out.clone(), out, force, plan, draft })
    }

    /// Where to build.
    pub(crate) fn path(&self) -> &Path {
        self.draft.path()
    }

    /// A draft inside of a draft: `shown` is the folder it will be once both are published.
    pub(crate) fn shown_as(self, shown: PathBuf) -> Self {
        Self { target: shown, ..self }
    }

    /// The folder it will be.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// For the errors of what is done in the draft.
    pub(crate) fn shown(&self) -> Shown {
        Shown { built: self.path().to_owned(), out: self.out.clone(), target: self.target.clone() }
    }

    /// An error where one of `inputs` is in the folder that this one would replace.
    pub(crate) fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<(), OutputError> {
        if self.plan == Plan::New { Ok(()) } else { inputs::refuse_inside(&self.out, inputs) }
    }

    /// Publishes what was built, whose files are synced; whether the old content is gone too.
    pub(crate) fn publish(self) -> Result<bool, OutputError> {
        let Self { out, force, plan, draft, .. } = self;
        sync_folder(draft.path())?;
        let placed = Placed::place(vec![draft], |drafts, moves| {
            for draft in drafts {
                let built = draft.path();
                match plan {
                    Plan::New => to_free_name(built, &out, moves),
                    Plan::OverEmpty => over_empty(built, &out, force, moves),
                    Plan::Exchange => exchange(built, &out, moves),
                    Plan::MoveIn => move_in(built, &out, moves),
                }?;
            }
            // A name that a power cut may take away is none: where it cannot be synced, everything is taken back.
            sync_folder(parent_of(&out))
        })?;
        placed.keep()
    }
}

fn plan(out: &Path, force: bool) -> Result<Plan, OutputError> {
    let path = || out.to_owned();
    match what_is(out)? {
        None => return Ok(Plan::New),
        Some(Existing::Symlink) => return Err(OutputError::Symlink { path: path() }),
        Some(Existing::File) => return Err(OutputError::NotAFolder { path: path(), found: "a file" }),
        Some(Existing::Other(found)) => return Err(OutputError::NotAFolder { path: path(), found }),
        Some(Existing::Folder) => {}
    }
    let entries = names::list(out)?;
    let empty = entries.iter().all(is_stale_draft);
    match (empty, irreplaceable(out)) {
        (true, None) if entries.is_empty() => Ok(Plan::OverEmpty),
        // Stale drafts of killed runs are ignored: neither counted as content, nor removed.
        (true, _) => Ok(Plan::MoveIn),
        (false, _) if !force => Err(OutputError::FolderExists { path: path() }),
        (false, reason) => {
            names::only_ours(out)?;
            match reason {
                Some(reason) => Err(OutputError::CannotReplace { path: path(), reason }),
                None => Ok(Plan::Exchange),
            }
        }
    }
}

fn is_stale_draft(entry: &DirEntry) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_dir()) && is_draft_inside(&entry.file_name().to_string_lossy())
}

/// Why a folder must stay the folder it is, where it must.
fn irreplaceable(out: &Path) -> Option<&'static str> {
    if out.file_name().is_none() {
        Some("its path ends in no name")
    } else if inputs::same_file(out, Path::new(".")) {
        Some("it is the current folder")
    } else if is_mount_point(out) {
        Some("it is a mount point")
    } else {
        None
    }
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn is_mount_point(folder: &Path) -> bool {
    use rustix::fs::{AtFlags, CWD, StatxAttributes, StatxFlags, statx};
    // Older kernels do not say; there a mount of another device is still told by its device.
    let told = statx(CWD, folder, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS).is_ok_and(|found| {
        found.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT)
            && found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)
    });
    told || is_on_another_device(folder)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn is_mount_point(folder: &Path) -> bool {
    is_on_another_device(folder)
}

#[cfg(unix)]
fn is_on_another_device(folder: &Path) -> bool {
    use std::fs;
    use std::os::unix::fs::MetadataExt;

    match (fs::metadata(folder), fs::metadata(parent_of(folder))) {
        (Ok(folder), Ok(parent)) => folder.dev() != parent.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_on_another_device(_: &Path) -> bool {
    false
}

/// Whether the system refused because the folder cannot be written at all.
fn is_denied(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

fn to_free_name(built: &Path, out: &Path, moves: &mut Moves) -> Result<(), OutputError> {
    moves.take_free_name(built, out).map_err(|error| appeared(error, out))
}

/// A rename replaces an empty folder and nothing else; where the system replaces none, it is removed first.
fn over_empty(built: &Path, out: &Path, force: bool, moves: &mut Moves) -> Result<(), OutputError> {
    #[cfg(not(unix))]
    if crate::sink::disk::remove_empty_folder(out).is_ok() {
        return to_free_name(built, out, moves);
    }
    match moves.over_empty(built, out) {
        Ok(()) => Ok(()),
        // It was removed and something else made, or it was filled.
        Err(error) if force && error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            exchange(built, out, moves)
        }
        Err(error) => Err(appeared(error, out)),
    }
}

fn appeared(error: io::Error, out: &Path) -> OutputError {
    match error.kind() {
        io::ErrorKind::AlreadyExists | io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::NotADirectory => {
            OutputError::Appeared { path: out.to_owned() }
        }
        _ => OutputError::io("cannot publish", out)(error),
    }
}

/// The new folder takes the place of the old one, which is then under the name of the draft.
fn exchange(built: &Path, out: &Path, moves: &mut Moves) -> Result<(), OutputError> {
    match what_is(out)? {
        Some(Existing::Folder) => names::only_ours(out)?,
        // Somebody else removed it meanwhile.
        None => return to_free_name(built, out, moves),
        Some(_) => return Err(OutputError::Appeared { path: out.to_owned() }),
    }
    moves.replace_folder(built, out).map_err(OutputError::io("cannot publish", out))?;
    // A file may have been added between the look and the exchange.
    if moves.left_aside() { Ok(()) } else { names::only_ours(built).map_err(|foreign| foreign.at(out)) }
}

/// Moves everything into `out`, the manifest last.
fn move_in(built: &Path, out: &Path, moves: &mut Moves) -> Result<(), OutputError> {
    if names::list(out)?.iter().any(|entry| !is_stale_draft(entry)) {
        return Err(OutputError::Appeared { path: out.to_owned() });
    }
    move_all(built, out, moves)
}

fn move_all(built: &Path, out: &Path, moves: &mut Moves) -> Result<(), OutputError> {
    for name in manifest_last(built)? {
        if name == OutputName::Manifest.as_str() {
            sync_folder(out)?;
        }
        moves.take_free_name(&built.join(&name), &out.join(&name)).map_err(|error| appeared(error, out))?;
    }
    sync_folder(out)
}

/// What is in a folder, in the order in which it is moved.
fn manifest_last(folder: &Path) -> Result<Vec<OsString>, OutputError> {
    let mut names: Vec<_> = names::list(folder)?.iter().map(DirEntry::file_name).collect();
    names.sort_by_key(|name| name == OutputName::Manifest.as_str());
    Ok(names)
}

impl OutputError {
    /// The same finding, about the folder where the user knows it.
    fn at(self, out: &Path) -> Self {
        match self {
            Self::Foreign { name, .. } => Self::Foreign { path: out.to_owned(), name },
            Self::Journal { name, .. } => Self::Journal { path: out.to_owned(), name },
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn names_in(folder: &Path) -> Vec<String> {
        let list = names::list(folder).unwrap();
        list.iter().map(|entry| entry.file_name().into_string().unwrap()).collect()
    }

    /// `built` with a run's files, `out` with whatever.
    fn folders(names: &[&str]) -> (tempfile::TempDir, PathBuf, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let (built, out) = (home.path().join("built"), home.path().join("out"));
        fs::create_dir(&built).unwrap();
        fs::create_dir(&out).unwrap();
        for name in ["lines.ndjson", "manifest.json", "users-00001.json"] {
            fs::write(built.join(name), "new").unwrap();
        }
        for name in names {
            fs::write(out.join(name), "old").unwrap();
        }
        (home, built, out)
    }

    #[test]
    fn where_a_name_is_taken_everything_moved_goes_back() {
        for taken in ["manifest.json", "lines.ndjson", "users-00001.json"] {
            let (_home, built, out) = folders(&[taken]);
            let mut moves = Moves::default();
            let error = move_all(&built, &out, &mut moves).unwrap_err();
            moves.take_back().unwrap();
            assert!(matches!(error, OutputError::Appeared { .. }), "{error}");
            assert_eq!((names_in(&out), names_in(&built).len()), (vec![taken.to_owned()], 3));
            assert_eq!(fs::read(out.join(taken)).unwrap(), b"old");
        }
    }

    #[test]
    fn the_manifest_is_moved_last_and_nothing_is_moved_into_a_folder_that_was_filled() {
        let (_home, built, out) = folders(&[]);
        let order = manifest_last(&built).unwrap();
        assert_eq!(order, ["lines.ndjson", "users-00001.json", "manifest.json"]);
        move_in(&built, &out, &mut Moves::default()).unwrap();
        assert_eq!((names_in(&out).len(), names_in(&built).len()), (3, 0));
        let (_home, built, out) = folders(&["mine.txt"]);
        let moved = move_in(&built, &out, &mut Moves::default());
        assert!(matches!(moved, Err(OutputError::Appeared { .. })));
        assert_eq!((names_in(&out), names_in(&built).len()), (vec!["mine.txt".to_owned()], 3));
    }

    #[test]
    fn both_exchanges_leave_the_old_content_under_the_name_of_the_draft() {
        for by_hand in [false, true] {
            let (_home, built, out) = folders(&["manifest.json"]);
            let mut moves = Moves::default();
            if by_hand {
                moves.by_three_renames(&built, &out).unwrap();
            } else {
                exchange(&built, &out, &mut moves).unwrap();
            }
            assert_eq!((names_in(&out).len(), names_in(&built).len()), (3, 1), "by hand: {by_hand}");
            assert_eq!(names_in(out.parent().unwrap()), ["built", "out"]);
            moves.take_back().unwrap();
            assert_eq!((names_in(&out).len(), names_in(&built).len()), (1, 3), "by hand: {by_hand}");
            assert_eq!(names_in(out.parent().unwrap()), ["built", "out"]);
        }
    }

    #[test]
    fn an_exchange_finds_foreign_files_and_the_old_folder_stays() {
        let (_home, built, out) = folders(&["mine.txt"]);
        let error = exchange(&built, &out, &mut Moves::default()).unwrap_err();
        assert!(matches!(&error, OutputError::Foreign { path, .. } if *path == out), "{error}");
        assert_eq!((names_in(&out), names_in(&built).len()), (vec!["mine.txt".to_owned()], 3));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_mount_point_is_told_from_a_folder() {
        let home = tempfile::tempdir().unwrap();
        assert!(is_mount_point(Path::new("/proc")));
        assert!(!is_mount_point(home.path()));
        assert_eq!(irreplaceable(Path::new("/proc")), Some("it is a mount point"));
    }
}
