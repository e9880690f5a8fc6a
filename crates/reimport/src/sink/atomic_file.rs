//! [`AtomicFile`]: a single file that appears complete or not at all. Also for sinks in other crates.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::disk::Output;
use super::leftover::LeftoverFiles;
use super::publish::{self, FileDraft};
use super::{FileOptions, OneFile, OutputError};
use crate::error::Result;
use crate::run::{Rejected, Skipped};

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
///
/// A sink that keeps rejected and skipped records next to its file, as [`OneFile`] does, creates it with
/// [`with_leftovers`](Self::with_leftovers).
pub struct AtomicFile {
    file: BufWriter<Output>,
    sides: LeftoverFiles,
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
        Ok(Self { file: BufWriter::new(file), sides: LeftoverFiles::default(), draft })
    }

    /// Creates the temporary file, and those for the records that are passed to [`reject`](Self::reject) and
    /// [`skip`](Self::skip). They have the names of [`OneFile::rejected_path`] and [`OneFile::skipped_path`], and are
    /// published with the file if they are not empty. The level of compression has no meaning here.
    ///
    /// # Errors
    /// As [`create`](Self::create), for each of the files.
    pub fn with_leftovers(path: impl AsRef<Path>, options: FileOptions) -> Result<Self> {
        let path = path.as_ref();
        let mut file = Self::create(path, options.force)?;
        file.sides.rejected_to(&OneFile::rejected_path(path), options.force, options.max_reject_bytes)?;
        file.sides.skipped_to(&OneFile::skipped_path(path), options.force)?;
        Ok(file)
    }

    /// Returns the path at which the file appears.
    pub fn path(&self) -> &Path {
        self.draft.target()
    }

    /// Writes a rejected record, if the file was created [with leftovers](Self::with_leftovers).
    ///
    /// # Errors
    /// If it cannot be written, or if the limit of rejected records is exceeded.
    pub fn reject(&mut self, rejected: &Rejected<'_>) -> Result<()> {
        Ok(self.sides.reject(rejected)?)
    }

    /// Writes a skipped record, if the file was created [with leftovers](Self::with_leftovers).
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn skip(&mut self, skipped: &Skipped<'_>) -> Result<()> {
        Ok(self.sides.skip(skipped)?)
    }

    /// Checks that none of `inputs` is a file that would be replaced, also by a symbolic or hard link.
    ///
    /// # Errors
    /// [`OutputError`] if one is.
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.draft.refuse_inputs(inputs)?;
        Ok(self.sides.refuse_inputs(inputs)?)
    }

    /// Writes the remaining bytes, syncs the file, and renames it to its target. The files of rejected and skipped records
    /// appear first. Either all of them appear, or none.
    ///
    /// # Errors
    /// If one of these steps fails. Then the target is unchanged.
    pub fn publish(self) -> Result<()> {
        let Self { file, sides, draft } = self;
        let file = file
            .into_inner()
            .map_err(|error| OutputError::io("cannot write", draft.target())(error.into_error()))?;
        let mut files = sides.finish()?;
        files.push((draft, Some(file)));
        publish::place(files)?.keep()?;
        Ok(())
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
