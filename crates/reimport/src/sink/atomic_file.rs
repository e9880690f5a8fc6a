//! [`AtomicFile`]: a single file that appears complete or not at all. Also for sinks in other crates.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::Output;
use super::publish::FileDraft;
use crate::error::Result;

/// A file that is written under a temporary name next to its target. [`publish`](Self::publish) renames it to the
/// target.
///
/// The file is private (mode 0600). It is synced before it appears under its name. If it is dropped before that, it
/// is removed. A program that exits on a signal calls [`discard_drafts`](super::discard_drafts). Nothing is written
/// through a symbolic link, a FIFO or a device.
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let path = home.path().join("users.txt");
/// use std::io::Write as _;
///
/// use reimport::sink::AtomicFile;
///
/// let mut file = AtomicFile::create(&path, false)?;
/// writeln!(file, "ada")?;
/// assert!(!path.exists());
/// file.publish()?;
/// assert_eq!(std::fs::read(&path)?, b"ada\n");
/// assert!(AtomicFile::create(&path, false).is_err(), "it exists");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AtomicFile {
    file: BufWriter<Output>,
    draft: FileDraft,
}

impl AtomicFile {
    /// Creates the temporary file. With `force`, an existing regular file may be replaced.
    ///
    /// # Errors
    /// [`OutputError`] if the file exists and `force` is false, if the path is not a regular file, or if the file
    /// cannot be created.
    pub fn create(path: impl AsRef<Path>, force: bool) -> Result<Self> {
        let (draft, file) = FileDraft::create(path.as_ref(), force)?;
        Ok(Self { file: BufWriter::new(file), draft })
    }

    /// Checks that none of `inputs` is the file that would be replaced, also by a symbolic or hard link.
    ///
    /// # Errors
    /// [`OutputError`] if one is.
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.draft.refuse_inputs(inputs)?)
    }

    /// Writes the remaining bytes, syncs the file, and renames it to its target.
    ///
    /// # Errors
    /// If one of these steps fails. Then the target is unchanged.
    pub fn publish(self) -> Result<()> {
        let Self { file, draft } = self;
        let file = file
            .into_inner()
            .map_err(|error| OutputError::io("cannot write", draft.target())(error.into_error()))?;
        Ok(draft.publish(file)?)
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
