//! A document that a program has made itself, published as every output is: by rename, private, through no link.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::Output;
use super::publish::FileDraft;
use crate::error::Result;

/// One file whose bytes the caller has: a report, a page, a list. It may be written in pieces, too. Dropped without
/// [`publish`](Self::publish), it is nowhere.
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
    /// Checks all that can be known before there is anything to write.
    ///
    /// # Errors
    /// Where something is there already (a file may be replaced with `force`; a link or device never is), or the
    /// folder is not there or cannot be written.
    pub fn create(path: impl AsRef<Path>, force: bool) -> Result<Self> {
        let (draft, file) = FileDraft::create(path.as_ref(), force)?;
        Ok(Self { file, draft })
    }

    /// An error where one of the files that are about to be read is the one that would be replaced.
    ///
    /// # Errors
    /// [`OutputError::InputIsOutput`].
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.draft.refuse_inputs(inputs)?)
    }

    /// Writes `bytes` behind what was written before, syncs it, and gives it its name.
    ///
    /// # Errors
    /// Where it cannot be written; then what was there before still is.
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
    fn an_older_document_stays_until_the_new_one_is_whole() {
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
    fn a_document_is_private_and_goes_through_no_link() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let (path, link) = (home.path().join("report.html"), home.path().join("link.html"));
        Document::create(&path, false).unwrap().publish(b"page").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(Document::create(&link, true).is_err());
    }
}
