//! The file system as the sinks use it: every call of theirs that changes something, or decides something, passes here.
//!
//! One door for two reasons: what is made is private and new, or not made; and a test can let any one call fail
//! (`faults`), to see that no failure is swallowed and none leaves half an output.

#[cfg(test)]
pub(super) mod faults;
mod rename;

use std::ffi::OsStr;
use std::fs::{self, DirEntry, File, FileType, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// What the file system is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Call {
    Look,
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
use faults::ask;

/// Whether a call may be made: in tests, some fail.
#[cfg(not(test))]
#[inline]
#[expect(clippy::unnecessary_wraps, reason = "in tests it fails")]
fn ask(_: Call, _: &Path) -> io::Result<()> {
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

    /// Waits until all of it is on the disk.
    pub(super) fn sync(&self) -> io::Result<()> {
        ask(Call::Sync, &self.path)?;
        self.file.sync_all()
    }

    /// Mode 0600, whatever the umask.
    #[cfg(unix)]
    pub(super) fn make_private(&self) -> io::Result<()> {
        ask(Call::MakePrivate, &self.path)?;
        self.file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600))
    }

    #[cfg(not(unix))]
    pub(super) fn make_private(&self) -> io::Result<()> {
        ask(Call::MakePrivate, &self.path)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Err(error) = ask(Call::Write, &self.path) {
            // A disk that is full has taken a part.
            let _ = self.file.write(&bytes[..bytes.len() / 2]);
            return Err(error);
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// A new file; an error where anything has that name.
pub(super) fn create(path: &Path) -> io::Result<Output> {
    ask(Call::Create, path)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    Ok(Output { file: options.open(path)?, path: path.to_owned() })
}

/// The end of a file of this run.
pub(super) fn append(path: &Path) -> io::Result<Output> {
    ask(Call::Open, path)?;
    Ok(Output { file: OpenOptions::new().append(true).open(path)?, path: path.to_owned() })
}

/// A new folder; an error where anything has that name.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    ask(Call::Create, path)?;
    #[cfg_attr(not(unix), expect(unused_mut, reason = "elsewhere a folder has no mode"))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A folder of mode 0700, whatever the umask.
pub(super) fn make_folder_private(path: &Path) -> io::Result<()> {
    ask(Call::MakePrivate, path)?;
    #[cfg(unix)]
    fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

/// A new private file under a free name that begins so.
pub(super) fn temporary_file(parent: &Path, prefix: &OsStr) -> io::Result<Output> {
    ask(Call::Create, parent)?;
    // Until it is private it is the guard's, which removes it.
    let guard = tempfile::Builder::new().prefix(prefix).tempfile_in(parent)?;
    let output = Output { file: guard.as_file().try_clone()?, path: guard.path().to_owned() };
    output.make_private()?;
    guard.keep()?;
    Ok(output)
}

/// A new private folder under a free name that begins so.
pub(super) fn temporary_folder(parent: &Path, prefix: &OsStr) -> io::Result<PathBuf> {
    ask(Call::Create, parent)?;
    let guard = tempfile::Builder::new().prefix(prefix).tempdir_in(parent)?;
    make_folder_private(guard.path())?;
    Ok(guard.keep())
}

impl Output {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// What stands at a path itself, not behind a link.
pub(super) fn look(path: &Path) -> io::Result<FileType> {
    ask(Call::Look, path)?;
    Ok(fs::symlink_metadata(path)?.file_type())
}

/// What is in a folder, in the order of names.
pub(super) fn list(folder: &Path) -> io::Result<Vec<DirEntry>> {
    ask(Call::List, folder)?;
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(DirEntry::file_name);
    Ok(entries)
}

/// Renames, over what may be replaced by it.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    ask(Call::Rename, from)?;
    fs::rename(from, to)
}

/// Renames, or fails with `AlreadyExists` where `to` is there.
pub(super) fn rename_without_replacing(from: &Path, to: &Path) -> io::Result<()> {
    ask(Call::Rename, from)?;
    rename::without_replacing(from, to)
}

/// Exchanges two files or two folders in one step; `None` where the system cannot.
pub(super) fn exchange(one: &Path, other: &Path) -> Option<io::Result<()>> {
    #[cfg(test)]
    if faults::knows_no_exchange(one) {
        return None;
    }
    match ask(Call::Rename, one) {
        Ok(()) => rename::exchange(one, other),
        Err(error) => Some(Err(error)),
    }
}

/// Removes a file or a folder and all that is in it; no error where nothing is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    ask(Call::Remove, path)?;
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// Removes a folder that is empty.
#[cfg(not(unix))]
pub(super) fn remove_empty_folder(path: &Path) -> io::Result<()> {
    ask(Call::Remove, path)?;
    fs::remove_dir(path)
}

/// Makes the names in a folder survive a power cut, where the system can.
#[cfg(unix)]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    let synced =
        ask(Call::SyncFolder, path).and_then(|()| File::open(path)).and_then(|folder| folder.sync_all());
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
        other => other,
    }
}

#[cfg(not(unix))]
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    ask(Call::SyncFolder, path)
}
