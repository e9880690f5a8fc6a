//! The file system operations of the sinks. All calls that change something, and all calls that decisions depend
//! on, are in this module.
//!
//! There are two reasons for this. First, everything that is created is private and new, or creating it fails.
//! Second, a test can make any single call fail (`faults`), to check that no failure is ignored and that no failure
//! leaves an incomplete output.

#[cfg(test)]
pub(super) mod faults;
mod rename;

use std::ffi::OsStr;
use std::fs::{self, DirEntry, File, FileType, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Kinds of file system calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    ReadType,
    List,
    Create,
    MakePrivate,
    Open,
    Write,
    Sync,
    SyncFolder,
    Rename,
    Remove,
}

#[cfg(test)]
use faults::before_call;

/// Called before each file system call. Never fails; the version for tests may fail.
#[cfg(not(test))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "the version for tests can fail")]
fn before_call(_: Call, _: &Path) -> io::Result<()> {
    Ok(())
}

/// A new file that is being written.
pub(super) struct Output {
    file: File,
    path: PathBuf,
}

impl Output {
    #[cfg(all(test, unix))]
    pub(super) fn of(file: File, path: PathBuf) -> Self {
        Self { file, path }
    }

    /// Waits until the whole file is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        before_call(Call::Sync, &self.path)?;
        self.file.sync_all()
    }

    /// Sets mode 0600, for any umask.
    #[cfg(unix)]
    pub(super) fn make_private(&self) -> io::Result<()> {
        before_call(Call::MakePrivate, &self.path)?;
        self.file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
    }

    #[cfg(not(unix))]
    pub(super) fn make_private(&self) -> io::Result<()> {
        before_call(Call::MakePrivate, &self.path)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = before_call(Call::Write, &self.path) {
            // Simulates a full disk, which has already written a part.
            let _ = self.file.write(&bytes[..bytes.len() / 2]);
            return Err(error);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Creates a new file. Fails if anything with this name exists.
pub(super) fn create(path: &Path) -> io::Result<Output> {
    before_call(Call::Create, path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(Output { file: options.open(path)?, path: path.to_owned() })
}

/// Opens a file of this run for appending.
pub(super) fn append(path: &Path) -> io::Result<Output> {
    before_call(Call::Open, path)?;
    Ok(Output { file: OpenOptions::new().append(true).open(path)?, path: path.to_owned() })
}

/// Creates a new folder. Fails if anything with this name exists.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    before_call(Call::Create, path)?;
    #[cfg_attr(not(unix), expect(unused_mut, reason = "folders have no mode on other systems"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Sets the mode of a folder to 0700, for any umask.
pub(super) fn make_folder_private(path: &Path) -> io::Result<()> {
    before_call(Call::MakePrivate, path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// Creates a new private file with a free name that begins with `prefix`.
pub(super) fn temporary_file(parent: &Path, prefix: &OsStr) -> io::Result<Output> {
    before_call(Call::Create, parent)?;
    // The guard removes the file if it cannot be made private.
    let guard = tempfile::Builder::new().prefix(prefix).tempfile_in(parent)?;
    let output = Output { file: guard.as_file().try_clone()?, path: guard.path().to_owned() };
    output.make_private()?;
    guard.keep()?;
    Ok(output)
}

/// Creates a new private folder with a free name that begins with `prefix`.
pub(super) fn temporary_folder(parent: &Path, prefix: &OsStr) -> io::Result<PathBuf> {
    before_call(Call::Create, parent)?;
    let guard = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?;
    make_folder_private(guard.path())?;
    Ok(guard.keep())
}

impl Output {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Returns the type of what is at `path`. Does not follow a link.
pub(super) fn file_type(path: &Path) -> io::Result<FileType> {
    before_call(Call::ReadType, path)?;
    Ok(fs::symlink_metadata(path)?.file_type())
}

/// Returns the entries of a folder, sorted by name.
pub(super) fn list(folder: &Path) -> io::Result<Vec<DirEntry>> {
    before_call(Call::List, folder)?;
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

/// Renames `from` to `to`. Replaces `to` if the system allows it.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    before_call(Call::Rename, from)?;
    fs::rename(from, to)
}

/// Renames `from` to `to`. Fails with `AlreadyExists` if `to` exists.
pub(super) fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    before_call(Call::Rename, from)?;
    rename::without_replacing(from, to)
}

/// Exchanges two files or two folders in one step. `None` if the system does not support it.
pub(super) fn exchange(one: &Path, other: &Path) -> Option<io::Result<()>> {
    #[cfg(test)]
    if faults::lacks_exchange(one) {
        return None;
    }
    match before_call(Call::Rename, one) {
        Ok(()) => rename::exchange(one, other),
        Err(error) => Some(Err(error)),
    }
}

/// Removes a file, or a folder with its content. Not an error if nothing is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    before_call(Call::Remove, path)?;
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes an empty folder.
#[cfg(not(unix))]
pub(super) fn remove_empty_folder(path: &Path) -> io::Result<()> {
    before_call(Call::Remove, path)?;
    fs::remove_dir(path)
}

/// Syncs a folder, so that the names in it survive a power failure, if the system supports it.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let synced = before_call(Call::SyncFolder, path)
        .and_then(|()| File::open(path))
        .and_then(|folder| folder.sync_all());
    match synced {
        // Some file systems cannot sync a folder. Some folders are writable but cannot be opened. Renames in them
        // are then as durable as the system allows.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied
            ) =>
        {
            Ok(())
        }
        other => other,
    }
}

#[cfg(not(unix))]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    before_call(Call::SyncFolder, path)
}
