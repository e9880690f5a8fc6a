//! Publication of a folder, which appears complete, by a rename.
//!
//! There are four cases:
//!
//! * The name is free: the draft is renamed to it.
//! * An empty folder is there: the rename replaces it.
//! * An earlier output is there: the two are exchanged, and the old one is then removed.
//! * An empty folder is there that cannot be replaced, because it is the current folder or a mount point, or
//!   because its parent is not writable: the files are moved into it, `manifest.json` last. A folder without a
//!   manifest is therefore unfinished.

use std::ffi::{OsStr, OsString};
use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};

use super::drafts::{Draft, Placed, is_draft_inside};
use super::moves::Moves;
use super::names::OwnNames;
use super::{Existing, existing_at, existing_parent, inputs, names, normalized, parent_of, sync_folder};
use crate::run::OutputName;
use crate::sink::OutputError;
use crate::sink::disk;

/// A folder under a temporary name. Removed when dropped.
pub(crate) struct FolderDraft {
    out: PathBuf,
    /// The path that the user knows. Differs from `out` if this draft is inside another draft.
    target: PathBuf,
    force: bool,
    own: OwnNames,
    plan: Plan,
    /// Folders above `out` that are created when it is published, the outermost first.
    above: Vec<PathBuf>,
    draft: Draft,
}

/// Replaces the temporary path in errors by the path that the user gave. The temporary folder does not exist any
/// more when the user reads the message.
pub(crate) struct UserPaths {
    built: PathBuf,
    /// Differs from `target` if the folder is inside another draft.
    out: PathBuf,
    target: PathBuf,
}

impl UserPaths {
    /// Returns the same error with the path that the user knows.
    pub(crate) fn of(&self, error: OutputError) -> OutputError {
        match error {
            OutputError::Io { path, doing, error } => {
                let (built, out) = (path.strip_prefix(&self.built), path.strip_prefix(parent_of(&self.out)));
                let path = match (built, out) {
                    (Ok(inside), _) => self.target.join(inside),
                    (Err(_), Ok(near)) => parent_of(&self.target).join(near),
                    (Err(_), Err(_)) => path,
                };
                // Removes the trailing slash that a join with an empty path adds.
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
    /// An empty folder is there. The rename replaces it.
    ReplaceEmpty,
    /// An earlier output is there and will be replaced.
    Exchange,
    /// An empty folder is there that cannot be replaced.
    MoveIn,
}

impl FolderDraft {
    /// Makes all checks that are possible before there is something to write, and creates the draft.
    pub(crate) fn create(out: &Path, force: bool, own: OwnNames) -> Result<Self, OutputError> {
        let out = normalized(out);
        let mut plan = plan(&out, force, own)?;
        if plan == Plan::New {
            existing_parent(&out)?;
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
        Ok(Self { target: out.clone(), out, force, own, plan, above: Vec::new(), draft })
    }

    /// Creates a draft for the folder `inside` in `folder`, next to `folder`: programs that read everything in `folder` must
    /// not find it. An earlier output is replaced. Missing folders above it are created when it is published.
    pub(crate) fn create_inside(folder: &Path, inside: &Path, own: OwnNames) -> Result<Self, OutputError> {
        let folder = normalized(folder);
        let Some(name) = folder.file_name() else { return Err(OutputError::NoName { path: folder }) };
        let out = folder.join(inside);
        let mut above = Vec::new();
        for path in out.ancestors().skip(1).take_while(|path| path.starts_with(&folder)) {
            match existing_at(path)? {
                None => above.push(path.to_owned()),
                Some(Existing::Folder) => {}
                Some(Existing::Symlink) => return Err(OutputError::Symlink { path: path.to_owned() }),
                Some(Existing::File) => {
                    return Err(OutputError::NotAFolder { path: path.to_owned(), found: "a file" });
                }
                Some(Existing::Other(found)) => {
                    return Err(OutputError::NotAFolder { path: path.to_owned(), found });
                }
            }
        }
        above.reverse();
        let plan = plan(&out, true, own)?;
        let draft = Draft::folder(existing_parent(&folder)?, Some(name))?;
        Ok(Self { target: out.clone(), out, force: true, own, plan, above, draft })
    }

    /// Returns the path of the draft, in which the output is built.
    pub(crate) fn path(&self) -> &Path {
        self.draft.path()
    }

    /// Marks this draft as a draft inside another draft. `shown` is its path after both are published.
    pub(crate) fn shown_as(self, shown: PathBuf) -> Self {
        Self { target: shown, ..self }
    }

    /// Returns the final path that the user knows.
    pub(crate) fn target(&self) -> &Path {
        &self.target
    }

    /// Returns the path replacement for errors of operations in the draft.
    pub(crate) fn shown(&self) -> UserPaths {
        UserPaths { built: self.path().to_owned(), out: self.out.clone(), target: self.target.clone() }
    }

    /// Fails if one of `inputs` is in the folder that would be replaced.
    pub(crate) fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<(), OutputError> {
        if self.plan == Plan::New { Ok(()) } else { inputs::refuse_inside(&self.out, inputs) }
    }

    /// Publishes the draft, whose files are already synced. Returns whether the old content is removed.
    pub(crate) fn publish(self) -> Result<bool, OutputError> {
        let Self { out, force, own, plan, above, draft, .. } = self;
        sync_folder(draft.path())?;
        for folder in &above {
            create_shared(folder)?;
        }
        let placed = Placed::place(vec![draft], |drafts, moves| {
            for draft in drafts {
                let built = draft.path();
                match plan {
                    // Another run may have published the same folder inside a folder meanwhile.
                    Plan::New if force && existing_at(&out)?.is_some() => exchange(built, &out, own, moves),
                    Plan::New => to_free_name(built, &out, moves),
                    Plan::ReplaceEmpty => replace_empty_folder(built, &out, force, own, moves),
                    Plan::Exchange => exchange(built, &out, own, moves),
                    Plan::MoveIn => move_in(built, &out, moves),
                }?;
            }
            // If the name cannot be synced, a power failure could remove it. Then the publication is undone.
            sync_folder(parent_of(&out))
        })?;
        placed.keep()
    }
}

/// Creates a private folder that several runs may create at the same time.
fn create_shared(folder: &Path) -> Result<(), OutputError> {
    match disk::create_folder(folder) {
        Ok(()) => disk::make_folder_private(folder).map_err(OutputError::io("cannot make private", folder)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(OutputError::io("cannot create", folder)(error)),
    }?;
    sync_folder(parent_of(folder))
}

fn plan(out: &Path, force: bool, own: OwnNames) -> Result<Plan, OutputError> {
    let path = || out.to_owned();
    match existing_at(out)? {
        None => return Ok(Plan::New),
        Some(Existing::Symlink) => return Err(OutputError::Symlink { path: path() }),
        Some(Existing::File) => return Err(OutputError::NotAFolder { path: path(), found: "a file" }),
        Some(Existing::Other(found)) => return Err(OutputError::NotAFolder { path: path(), found }),
        Some(Existing::Folder) => {}
    }
    let entries = names::list(out)?;
    let empty = entries.iter().all(is_stale_draft);
    match (empty, irreplaceable(out)) {
        (true, None) if entries.is_empty() => Ok(Plan::ReplaceEmpty),
        // Drafts of killed runs do not count as content, and are not removed.
        (true, _) => Ok(Plan::MoveIn),
        (false, _) if !force => Err(OutputError::FolderExists { path: path() }),
        (false, reason) => {
            own.check(out)?;
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

/// Returns why a folder cannot be replaced. `None` if it can.
fn irreplaceable(out: &Path) -> Option<&'static str> {
    if out.file_name().is_none() {
        Some("its path does not end in a name")
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
    // Older kernels do not report mount points. Then a mount is still detected if it is on another device.
    let reported =
        statx(CWD, folder, AtFlags::SYMLINK_NOFOLLOW, StatxFlags::BASIC_STATS).is_ok_and(|found| {
            found.stx_attributes_mask.contains(StatxAttributes::MOUNT_ROOT)
                && found.stx_attributes.contains(StatxAttributes::MOUNT_ROOT)
        });
    reported || is_on_another_device(folder)
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

/// Returns whether the error means that the folder is not writable.
fn is_denied(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

fn to_free_name(built: &Path, out: &Path, moves: &mut Moves) -> Result<(), OutputError> {
    moves.take_free_name(built, out).map_err(|error| appeared(error, out))
}

/// Replaces an empty folder by a rename. If the system cannot do this, the empty folder is removed first.
fn replace_empty_folder(
    built: &Path,
    out: &Path,
    force: bool,
    own: OwnNames,
    moves: &mut Moves,
) -> Result<(), OutputError> {
    #[cfg(not(unix))]
    if crate::sink::disk::remove_empty_folder(out).is_ok() {
        return to_free_name(built, out, moves);
    }
    match moves.replace_empty_folder(built, out) {
        Ok(()) => Ok(()),
        // The folder was filled, or was replaced by a folder with content.
        Err(error) if force && error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            exchange(built, out, own, moves)
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

/// Exchanges the new and the old folder. The old one is then at the path of the draft.
fn exchange(built: &Path, out: &Path, own: OwnNames, moves: &mut Moves) -> Result<(), OutputError> {
    match existing_at(out)? {
        Some(Existing::Folder) => own.check(out)?,
        // Another process removed it meanwhile.
        None => return to_free_name(built, out, moves),
        Some(_) => return Err(OutputError::Appeared { path: out.to_owned() }),
    }
    moves.replace_folder(built, out).map_err(OutputError::io("cannot publish", out))?;
    // Checks again, because a file may have been added between the check and the exchange.
    if moves.left_aside() { Ok(()) } else { own.check(built).map_err(|foreign| foreign.at(out)) }
}

/// Moves all entries into `out`, the manifest last.
fn move_in(built: &Path, out: &Path, moves: &mut Moves) -> Result<(), OutputError> {
    if names::list(out)?.iter().any(|entry| !is_stale_draft(entry)) {
        return Err(OutputError::Appeared { path: out.to_owned() });
    }
    move_all(built, out, moves)
}

fn move_all(built: &Path, out: &Path, moves: &mut Moves) -> Result<(), OutputError> {
    for name in manifest_last(built)? {
        if is_manifest(&name) {
            sync_folder(out)?;
        }
        moves.take_free_name(&built.join(&name), &out.join(&name)).map_err(|error| appeared(error, out))?;
    }
    sync_folder(out)
}

/// Returns the names in a folder, in the order in which they are moved.
fn manifest_last(folder: &Path) -> Result<Vec<OsString>, OutputError> {
    let mut names: Vec<_> = names::list(folder)?.iter().map(DirEntry::file_name).collect();
    names.sort_by_key(|name| is_manifest(name));
    Ok(names)
}

/// Returns whether it is the name of a manifest: of `manifest.json`, or of `_manifest.json` in a folder for engines.
fn is_manifest(name: &OsStr) -> bool {
    name.to_str().is_some_and(|name| name.trim_start_matches('_') == OutputName::Manifest.as_str())
}

impl OutputError {
    /// Returns the same error for the path that the user knows.
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

    /// Creates `built` with the files of a run, and `out` with these files.
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
    fn existing_name_reverts_all_moves() {
        for taken in ["manifest.json", "lines.ndjson", "users-00001.json"] {
            let (_home, built, out) = folders(&[taken]);
            let mut moves = Moves::default();
            let error = move_all(&built, &out, &mut moves).unwrap_err();
            moves.revert().unwrap();
            assert!(matches!(error, OutputError::Appeared { .. }), "{error}");
            assert_eq!((names_in(&out), names_in(&built).len()), (vec![taken.to_owned()], 3));
            assert_eq!(fs::read(out.join(taken)).unwrap(), b"old");
        }
    }

    #[test]
    fn manifest_is_moved_last_into_an_empty_folder() {
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
    fn both_exchanges_move_old_content_to_the_draft() {
        for by_hand in [false, true] {
            let (_home, built, out) = folders(&["manifest.json"]);
            let mut moves = Moves::default();
            if by_hand {
                moves.by_three_renames(&built, &out).unwrap();
            } else {
                exchange(&built, &out, OwnNames::OfRun, &mut moves).unwrap();
            }
            assert_eq!((names_in(&out).len(), names_in(&built).len()), (3, 1), "by hand: {by_hand}");
            assert_eq!(names_in(out.parent().unwrap()), ["built", "out"]);
            moves.revert().unwrap();
            assert_eq!((names_in(&out).len(), names_in(&built).len()), (1, 3), "by hand: {by_hand}");
            assert_eq!(names_in(out.parent().unwrap()), ["built", "out"]);
        }
    }

    #[test]
    fn exchange_keeps_a_folder_with_foreign_files() {
        let (_home, built, out) = folders(&["mine.txt"]);
        let error = exchange(&built, &out, OwnNames::OfRun, &mut Moves::default()).unwrap_err();
        assert!(matches!(&error, OutputError::Foreign { path, .. } if *path == out), "{error}");
        assert_eq!((names_in(&out), names_in(&built).len()), (vec!["mine.txt".to_owned()], 3));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn mount_point_is_detected() {
        let home = tempfile::tempdir().unwrap();
        assert!(is_mount_point(Path::new("/proc")));
        assert!(!is_mount_point(home.path()));
        assert_eq!(irreplaceable(Path::new("/proc")), Some("it is a mount point"));
    }
}
