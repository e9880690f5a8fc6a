//! Files that appear under their names whole, or not at all.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::error::{DownloadError, Error, Result};

/// The folder that holds a file.
pub(crate) fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Writes a small file so that it is there whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let failed = |error| Error::io("cannot write", path, error);
    let mut temporary =
        tempfile::Builder::new().prefix(".reimport-").tempfile_in(folder(path)).map_err(failed)?;
    temporary.write_all(bytes).and_then(|()| temporary.as_file().sync_all()).map_err(failed)?;
    publish(temporary, path, true)
}

pub(crate) fn publish(temporary: NamedTempFile, target: &Path, replace: bool) -> Result<()> {
    let published = if replace { temporary.persist(target) } else { temporary.persist_noclobber(target) };
    published.map_err(|failed| match failed.error.kind() {
        io::ErrorKind::AlreadyExists => DownloadError::Exists(target.to_owned()).into(),
        _ => Error::io("cannot write", target, failed.error),
    })?;
    sync_folder(folder(target))
}

/// Makes the names in a folder last; not every system can.
pub(crate) fn sync_folder(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        return synced.map_err(|error| Error::io("cannot sync", folder, error));
    }
    Ok(())
}
