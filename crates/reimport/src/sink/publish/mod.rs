//! Publication: an output appears under its name at once and complete, or not at all, whatever kills the process.
//!
//! Built under a temporary name beside the target, synced, and then renamed. Nothing is ever written through a
//! symbolic link, FIFO or device, files are 0600 and folders 0700 whatever the umask, and an existing output is kept
//! until the new one takes its place.

mod drafts;
mod file;
mod folder;
mod inputs;
mod names;
mod rename;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

pub use drafts::discard_drafts;
pub(super) use file::FileDraft;
pub(super) use folder::FolderDraft;
pub use names::JOURNAL_PREFIX;

use super::OutputError;

/// What stands at a path, in words; `None` where nothing does.
fn what_is(path: &Path) -> Result<Option<Found>, OutputError> {
    let found = match fs::symlink_metadata(path) {
        Ok(found) => found.file_type(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(OutputError::io("cannot look at", path)(error)),
    };
    Ok(Some(match found {
        kind if kind.is_symlink() => Found::Symlink,
        kind if kind.is_dir() => Found::Folder,
        kind if kind.is_file() => Found::File,
        kind => Found::Other(other(kind)),
    }))
}

enum Found {
    File,
    Folder,
    Symlink,
    Other(&'static str),
}

#[cfg(unix)]
fn other(kind: fs::FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if kind.is_fifo() {
        "a FIFO"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn other(_: fs::FileType) -> &'static str {
    "a device"
}

/// The folder that holds `path`.
fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `path` without trailing slashes and inner dots, which would hide a symbolic link at its end.
fn tidied(path: &Path) -> PathBuf {
    let tidy: PathBuf = path.components().collect();
    if tidy.as_os_str().is_empty() { PathBuf::from(".") } else { tidy }
}

/// An error where the folder that is to hold `path` is not there.
fn need_parent(path: &Path) -> Result<&Path, OutputError> {
    let parent = parent_of(path);
    match fs::metadata(parent) {
        Ok(found) if found.is_dir() => Ok(parent),
        Ok(_) => Err(OutputError::NotAFolder { path: parent.to_owned(), found: "a file" }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(OutputError::NoParent { path: path.to_owned(), parent: parent.to_owned() })
        }
        Err(error) => Err(OutputError::io("cannot look at", parent)(error)),
    }
}

/// A new file of mode 0600, whatever the umask; an error where anything has that name.
pub(super) fn create_private(path: &Path) -> Result<File, OutputError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path).map_err(OutputError::io("cannot create", path))?;
    #[cfg(unix)]
    {
        let private = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(private).map_err(OutputError::io("cannot make private", path))?;
    }
    Ok(file)
}

/// A new folder of mode 0700, whatever the umask.
pub(super) fn create_private_folder(path: &Path) -> Result<(), OutputError> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(OutputError::io("cannot create", path))?;
    set_mode(path, 0o700).map_err(OutputError::io("cannot make private", path))
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) -> io::Result<()> {
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode))
}

#[cfg(not(unix))]
fn set_mode(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

/// Makes the names in a folder survive a power cut, where the system can.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> Result<(), OutputError> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    match synced {
        // Some file systems cannot sync a folder, and some folders may be written but not opened: renames in them are
        // as durable as they get.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        other => other.map_err(OutputError::io("cannot sync", path)),
    }
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_: &Path) -> Result<(), OutputError> {
    Ok(())
}
