//! [`Document`]: a file whose bytes the caller already has, published like every output.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::Output;
use super::publish::FileDraft;
use crate::error::Result;

/// A file whose bytes the caller has: a report, a page, a list. It may also be written in pieces. If it is dropped
/// without [`publish`](Self::publish), nothing is left.
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let path = home.path().join("report.html");
/// use reimport::sink::Document;
///
/// let document = Document::create(&path, false)?;
/// assert!(!path.exists());
/// document.publish(b"<!doctype html>")?;
/// assert_eq!(std::fs::read(&path)?, b"<!doctype html>");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Document {
    file: Output,
    draft: FileDraft,
}

impl Document {
    /// Makes all checks that are possible before there is something to write, and creates the temporary file.
    ///
    /// # Errors
    /// If the path exists, if the folder does not exist, or if the folder is not writable. With `force`, a regular
    /// file may be replaced; a link or device is always an error.
    pub fn create(path: impl AsRef<Path>, force: bool) -> Result<Self> {
        let (draft, file) = FileDraft::create(path.as_ref(), force)?;
        Ok(Self { file, draft })
    }

    /// Checks that none of `inputs` is the file that would be replaced.
    ///
    /// # Errors
    /// [`OutputError`] if one is.
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.draft.refuse_inputs(inputs)?)
    }

    /// Writes `bytes` after everything written before, syncs the file, and renames it to its target.
    ///
    /// # Errors
    /// If the file cannot be written. Then the target is unchanged.
    pub fn publish(self, bytes: &[u8]) -> Result<()> {
        let Self { mut file, draft } = self;
        file.write_all(bytes).map_err(OutputError::io("cannot write", draft.target()))?;
        Ok(draft.publish(file)?)
    }
}

impl Write for Document {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_document_stays_until_new_one_is_complete() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("report.html");
        std::fs::write(&path, "old").unwrap();
        assert!(Document::create(&path, false).is_err());
        drop(Document::create(&path, true).unwrap());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        Document::create(&path, true).unwrap().publish(b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn document_is_private_and_does_not_follow_links() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let (path, link) = (home.path().join("report.html"), home.path().join("link.html"));
        Document::create(&path, false).unwrap().publish(b"page").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(Document::create(&link, true).is_err());
    }
}
