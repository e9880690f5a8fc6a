//! Reading of regular files in a folder that another person may have made.

use std::fs::{self, File, FileType};
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::Path;

use super::FolderError;
use crate::error::{Error, Result};

/// Opens a regular file of a folder of parts. Does not follow symbolic links, and does not open pipes or devices,
/// which could block the program or never end.
///
/// ```
/// # let home = tempfile::tempdir()?;
/// let path = home.path().join("users-00001.json");
/// assert!(reimport::parts_folder::open_regular(&path).is_err());
/// std::fs::write(&path, "[]")?;
/// assert!(reimport::parts_folder::open_regular(&path).is_ok());
/// assert_eq!(
///     reimport::parts_folder::open_regular(home.path()).unwrap_err().to_string(),
///     format!("{} is a folder; expected a regular file, since nothing else is read in a folder of parts", home.path().display())
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// [`FolderError::NotRegular`], or if the file cannot be opened.
pub fn open_regular(path: impl AsRef<Path>) -> Result<File> {
    let path = path.as_ref();
    let failed = |error| io_error("cannot open", path, error);
    check_is_file(path, fs::symlink_metadata(path).map_err(failed)?.file_type())?;
    let mut options = File::options();
    options.read(true);
    // The file may have been replaced after the check. Do not follow a link, do not block on a pipe, and check
    // again.
    #[cfg(unix)]
    {
        use rustix::fs::OFlags;
        use std::os::unix::fs::OpenOptionsExt as _;
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed());
    }
    let file = options.open(path).map_err(failed)?;
    check_is_file(path, file.metadata().map_err(failed)?.file_type())?;
    Ok(file)
}

/// Reads a regular file of at most `limit` bytes. Opens it as [`open_regular`] does.
///
/// # Errors
/// The errors of [`open_regular`], [`FolderError::TooLarge`], or if the file cannot be read.
pub fn read_regular(path: impl AsRef<Path>, limit: u64) -> Result<Vec<u8>> {
    let path = path.as_ref();
    let mut bytes = Vec::new();
    let read = open_regular(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes);
    read.map_err(|error| io_error("cannot read", path, error))?;
    if bytes.len() as u64 > limit {
        return Err(FolderError::TooLarge { path: path.to_owned(), limit }.into());
    }
    Ok(bytes)
}

/// Passes each line of a regular file to `visit`, with its number counted from 1. Opens the file as [`open_regular`]
/// does. Holds one line at a time. If a line is longer than `limit` bytes, only its first `limit` bytes are passed.
///
/// # Errors
/// The errors of [`open_regular`], any error that `visit` returns, or if the file cannot be read.
pub fn read_lines<E: From<Error>>(
    path: impl AsRef<Path>,
    limit: usize,
    mut visit: impl FnMut(u64, &[u8]) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    let path = path.as_ref();
    let mut file = BufReader::new(open_regular(path)?);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let mut some = false;
        loop {
            let bytes = file.fill_buf().map_err(|error| io_error("cannot read", path, error))?;
            let end = memchr::memchr(b'\n', bytes);
            let part = &bytes[..end.unwrap_or(bytes.len())];
            line.extend_from_slice(&part[..part.len().min(limit - line.len())]);
            let taken = end.map_or(bytes.len(), |end| end + 1);
            some |= taken > 0;
            file.consume(taken);
            if end.is_some() || taken == 0 {
                break;
            }
        }
        if !some {
            break;
        }
        visit(number, &line)?;
    }
    Ok(())
}

/// Returns an error unless the path is a folder. A link to a folder is an error too.
pub(super) fn check_is_folder(path: &Path) -> Result<()> {
    let found = fs::symlink_metadata(path).map_err(|error| io_error("cannot open", path, error))?.file_type();
    if found.is_dir() {
        return Ok(());
    }
    let found = if found.is_file() { "a file" } else { kind(found) };
    Err(FolderError::NotRegular { path: path.to_owned(), found, expected: "folder" }.into())
}

/// Returns an error unless `found` is the type of a regular file.
pub(super) fn check_is_file(path: &Path, found: FileType) -> Result<()> {
    if found.is_file() {
        return Ok(());
    }
    Err(FolderError::NotRegular { path: path.to_owned(), found: kind(found), expected: "file" }.into())
}

fn kind(found: FileType) -> &'static str {
    if found.is_symlink() {
        "a symbolic link"
    } else if found.is_dir() {
        "a folder"
    } else {
        special_file(found)
    }
}

/// Returns the name for a file that is not a regular file, a folder or a link.
#[cfg(unix)]
pub(crate) fn special_file(kind: FileType) -> &'static str {
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
pub(crate) fn special_file(_: FileType) -> &'static str {
    "a device"
}

pub(super) fn io_error(doing: &'static str, path: &Path, error: io::Error) -> Error {
    Error::io(doing, error).in_source(&path.to_string_lossy().into())
}
