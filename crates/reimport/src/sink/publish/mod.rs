//! Publication: an output appears under its name at once and complete, or not at all, even if the process is
//! killed.
//!
//! An output is built under a temporary name next to its target, synced, and then renamed. Nothing is written
//! through a symbolic link, a FIFO or a device. Files have mode 0600 and folders 0700, for any umask. An existing
//! output is kept until the new one replaces it.

mod drafts;
mod file;
mod folder;
mod inputs;
mod moves;
mod names;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

pub use drafts::discard_drafts;
pub(super) use file::{FileDraft, place};
pub(super) use folder::FolderDraft;
pub use inputs::same_file;
pub(super) use names::OwnNames;

use super::OutputError;
use super::disk::{self, Output};
use crate::parts_folder::special_file;

/// Returns what is at a path. `None` if nothing is there.
fn existing_at(path: &Path) -> Result<Option<Existing>, OutputError> {
    let found = match disk::file_type(path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OutputError::io("cannot access", path)(error)),
    };
    Ok(Some(match found {
        kind if kind.is_symlink() => Existing::Symlink,
        kind if kind.is_dir() => Existing::Folder,
        kind if kind.is_file() => Existing::File,
        kind => Existing::Other(special_file(kind)),
    }))
}

enum Existing {
    File,
    Folder,
    Symlink,
    Other(&'static str),
}

/// Returns the folder that contains `path`.
fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Returns `path` without trailing slashes and inner dots. They would hide a symbolic link at its end.
fn normalized(path: &Path) -> PathBuf {
    let normalized: PathBuf = path.components().collect();
    if normalized.as_os_str().is_empty() { PathBuf::from(".") } else { normalized }
}

/// Returns the parent folder of `path`. Fails if it does not exist.
fn existing_parent(path: &Path) -> Result<&Path, OutputError> {
    let parent = parent_of(path);
    match fs::metadata(parent) {
        Ok(found) if found.is_dir() => Ok(parent),
        Ok(_) => Err(OutputError::NotAFolder { path: parent.to_owned(), found: "a file" }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(OutputError::NoParent { path: path.to_owned(), parent: parent.to_owned() })
        }
        Err(error) => Err(OutputError::io("cannot access", parent)(error)),
    }
}

/// Creates a new file with mode 0600, for any umask. Fails if anything with this name exists.
pub(super) fn create_private(path: &Path) -> Result<Output, OutputError> {
    let file = disk::create(path).map_err(OutputError::io("cannot create", path))?;
    file.make_private().map_err(OutputError::io("cannot make private", path))?;
    Ok(file)
}

/// Creates a new folder with mode 0700, for any umask.
pub(super) fn create_private_folder(path: &Path) -> Result<(), OutputError> {
    disk::create_folder(path).map_err(OutputError::io("cannot create", path))?;
    disk::make_folder_private(path).map_err(OutputError::io("cannot make private", path))
}

/// Syncs a folder, so that the names in it survive a power failure, if the system supports it.
pub(super) fn sync_folder(path: &Path) -> Result<(), OutputError> {
    disk::sync_folder(path).map_err(OutputError::io("cannot sync", path))
}
