//! One file that appears complete or not at all, for sinks of other crates.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::Output;
use super::publish::FileDraft;
use crate::error::Result;

/// A file that is written under a temporary name next to its target, and appears there by [`publish`](Self::publish).
///
/// It is private (mode 0600), synced before it appears, and gone if it is dropped before that; a program that ends on a
/// signal calls [`discard_drafts`](super::discard_drafts). Nothing is written through a symbolic link, a FIFO or a
/// device.
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
    /// Opens the temporary file. With `force`, a regular file that has the name may be replaced.
    ///
    /// # Errors
    /// [`OutputError`] if the file exists and `force` is off, if the name is that of something else, or if the file cannot
    /// be made.
    pub fn create(path: impl AsRef<Path>, force: bool) -> Result<Self> {
        let (draft, file) = FileDraft::create(path.as_ref(), force)?;
        Ok(Self { file: BufWriter::new(file), draft })
    }

    /// Fails if one of the files that are about to be read is the one that would be replaced, by whatever link.
    ///
    /// # Errors
    /// [`OutputError::InputIsOutput`].
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.draft.refuse_inputs(inputs)?)
    }

    /// Writes the rest, syncs, and gives the file its name.
    ///
    /// # Errors
    /// If one of these fails; then the name is as it was before.
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
