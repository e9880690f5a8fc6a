//! [`AtomicFolder`]: a folder of files that appears complete or not at all. For sinks in other crates.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::disk::Output;
use super::lazy::LazyFile;
use super::leftover::SkippedFile;
use super::publish::{FolderDraft, OwnNames, create_private};
use super::rejected::RejectsFile;
use super::{FileOptions, OutputError};
use crate::error::Result;
use crate::run::{Rejected, Skipped};

/// A folder that is built under a temporary name. [`publish`](Self::publish) renames it to its target, with all files in it.
///
/// The folder and its files are private (modes 0700 and 0600). If it is dropped before it is published, it is removed. A
/// program that exits on a signal calls [`discard_drafts`](super::discard_drafts).
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let path = home.path().join("users");
/// use std::io::Write as _;
///
/// use reimport::sink::{AtomicFolder, FileOptions};
///
/// let folder = AtomicFolder::create(&path, |name| name.ends_with(".txt"), FileOptions::default())?;
/// let mut file = folder.file("a.txt")?;
/// writeln!(file, "ada")?;
/// file.finish()?;
/// assert!(!path.exists());
/// folder.publish()?;
/// assert_eq!(std::fs::read(path.join("a.txt"))?, b"ada\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct AtomicFolder {
    rejected: Option<RejectsFile>,
    skipped: Option<SkippedFile>,
    options: FileOptions,
    // Dropped last, because the files are in it.
    draft: FolderDraft,
}

impl AtomicFolder {
    /// Makes all checks that are possible before there is something to write, and creates the temporary folder. With
    /// [`force`](FileOptions::force), a folder is replaced if all it has is files for whose name `is_own` returns true.
    ///
    /// # Errors
    /// [`OutputError`] if the folder has content and may not be replaced, if the path is not a folder, or if the temporary
    /// folder cannot be created.
    pub fn create(path: impl AsRef<Path>, is_own: fn(&str) -> bool, options: FileOptions) -> Result<Self> {
        let draft = FolderDraft::create(path.as_ref(), options.force, OwnNames::Files(is_own))?;
        Ok(Self { rejected: None, skipped: None, options, draft })
    }

    /// Like [`create`](Self::create), for the folder `inside` in `folder`. The temporary folder is next to `folder`, so that
    /// a program which reads all of `folder` never reads an unfinished file. If `inside` exists and all it has is own files,
    /// it is replaced, without [`force`](FileOptions::force). Several runs can write to different folders in `folder`
    /// at the same time.
    ///
    /// # Errors
    /// As [`create`](Self::create).
    ///
    /// ```
    /// # let home = tempfile::tempdir()?;
    /// # let users = home.path().join("users");
    /// use reimport::sink::{AtomicFolder, FileOptions};
    ///
    /// let own = |name: &str| name.ends_with(".txt");
    /// for _ in 0..2 {
    ///     let folder = AtomicFolder::create_inside(&users, "tenant=acme", own, FileOptions::default())?;
    ///     folder.file("a.txt")?.finish()?;
    ///     folder.publish()?;
    /// }
    /// assert!(users.join("tenant=acme/a.txt").is_file());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn create_inside(
        folder: impl AsRef<Path>,
        inside: impl AsRef<Path>,
        is_own: fn(&str) -> bool,
        options: FileOptions,
    ) -> Result<Self> {
        let draft = FolderDraft::create_inside(folder.as_ref(), inside.as_ref(), OwnNames::Files(is_own))?;
        Ok(Self { rejected: None, skipped: None, options, draft })
    }

    /// Keeps the records that are passed to [`reject`](Self::reject) and [`skip`](Self::skip) in files with these names. A
    /// file without a record is not created.
    pub fn with_leftovers(mut self, rejected: &str, skipped: &str) -> Self {
        let file = |name| LazyFile::new(self.draft.path().join(name));
        self.rejected = Some(RejectsFile::new(file(rejected), self.options.max_reject_bytes));
        self.skipped = Some(SkippedFile::new(file(skipped)));
        self
    }

    /// Returns the path at which the folder appears.
    pub fn path(&self) -> &Path {
        self.draft.target()
    }

    /// Checks that none of `inputs` is in the folder that would be replaced, also by a link.
    ///
    /// # Errors
    /// [`OutputError`] if one is.
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        Ok(self.draft.refuse_inputs(inputs)?)
    }

    /// Creates a file in the folder.
    ///
    /// # Errors
    /// If it cannot be created.
    pub fn file(&self, name: &str) -> Result<FolderFile> {
        let file = create_private(&self.draft.path().join(name)).map_err(|error| self.shown(error))?;
        Ok(FolderFile { file, shown: self.draft.target().join(name), bytes: 0 })
    }

    /// Writes a rejected record, if there is a file for it.
    ///
    /// # Errors
    /// If it cannot be written, or if the limit of rejected records is exceeded.
    pub fn reject(&mut self, rejected: &Rejected<'_>) -> Result<()> {
        let written = self.rejected.as_mut().map_or(Ok(()), |file| file.push(rejected));
        written.map_err(|error| self.shown(error).into())
    }

    /// Writes a skipped record, if there is a file for it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn skip(&mut self, skipped: &Skipped<'_>) -> Result<()> {
        let written = self.skipped.as_mut().map_or(Ok(()), |file| file.push(skipped));
        written.map_err(|error| self.shown(error).into())
    }

    /// Renames the folder to its target. All files must be finished. Returns whether the files of an earlier output are
    /// completely removed.
    ///
    /// # Errors
    /// If one of these steps fails. Then the target is unchanged.
    pub fn publish(mut self) -> Result<bool> {
        let shown = self.draft.shown();
        let sync = |file: Option<Output>| match file {
            Some(file) => file.sync().map_err(OutputError::io("cannot sync", self.draft.path())),
            None => Ok(()),
        };
        let rejected = self.rejected.take().map_or(Ok(None), RejectsFile::finish).and_then(sync);
        let skipped = self.skipped.take().map_or(Ok(None), SkippedFile::finish).and_then(sync);
        let published = rejected.and(skipped).and_then(|()| self.draft.publish());
        published.map_err(|error| shown.of(error).into())
    }

    /// Returns the same error with the path that the user knows.
    fn shown(&self, error: OutputError) -> OutputError {
        self.draft.shown().of(error)
    }
}

/// A file in an [`AtomicFolder`]. It is not buffered.
pub struct FolderFile {
    file: Output,
    shown: PathBuf,
    bytes: u64,
}

impl FolderFile {
    /// Syncs the file.
    ///
    /// # Errors
    /// If that fails.
    pub fn finish(self) -> Result<()> {
        Ok(self.file.sync().map_err(OutputError::io("cannot sync", &self.shown))?)
    }

    /// Returns the path at which the file appears.
    pub fn path(&self) -> &Path {
        &self.shown
    }

    /// Returns the number of bytes that were written.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Write for FolderFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::names;
    use std::fs;

    use super::*;

    fn is_own(name: &str) -> bool {
        ["a.txt", "b.txt", "c.txt"].contains(&name)
    }

    fn write(folder: &AtomicFolder, name: &str) {
        let mut file = folder.file(name).unwrap();
        file.write_all(b"new").unwrap();
        file.finish().unwrap();
    }

    #[test]
    fn only_own_files_are_replaced() {
        let home = tempfile::tempdir().unwrap();
        let out = home.path().join("out");
        let create = |force| AtomicFolder::create(&out, is_own, FileOptions::default().force(force));
        let folder = create(false).unwrap();
        write(&folder, "a.txt");
        folder.publish().unwrap();
        assert!(create(false).is_err());
        let folder = create(true).unwrap();
        write(&folder, "b.txt");
        assert!(folder.publish().unwrap());
        assert_eq!((names(&out), names(home.path())), (vec!["b.txt".to_owned()], vec!["out".to_owned()]));
        fs::write(out.join("mine.md"), "x").unwrap();
        assert!(create(true).is_err());
    }

    #[test]
    fn folder_inside_is_replaced_alone_and_built_next_to_the_outer_one() {
        let home = tempfile::tempdir().unwrap();
        let users = home.path().join("users");
        let create =
            |inside: &str| AtomicFolder::create_inside(&users, inside, is_own, FileOptions::default());
        let (one, two) = (create("t=a/m=1").unwrap(), create("t=b/m=1").unwrap());
        assert!(
            !users.exists() && names(home.path()).iter().all(|name| name.starts_with(".users.reimport-"))
        );
        write(&one, "a.txt");
        write(&two, "b.txt");
        assert!(one.publish().unwrap() && two.publish().unwrap());
        let again = create("t=a/m=1").unwrap();
        write(&again, "c.txt");
        assert_eq!(names(&users), ["t=a", "t=b"]);
        again.publish().unwrap();
        assert_eq!(names(&users.join("t=a/m=1")), ["c.txt"]);
        assert_eq!(names(&users.join("t=b/m=1")), ["b.txt"]);
        assert_eq!(names(home.path()), ["users"]);
        // A folder with folders in it is not an earlier output.
        assert!(create("t=a").is_err());
        fs::write(users.join("t=b/m=1/mine.md"), "x").unwrap();
        assert!(create("t=b/m=1").is_err());
        assert!(AtomicFolder::create_inside("/", "t=a", is_own, FileOptions::default()).is_err());
    }

    #[test]
    fn two_runs_for_one_folder_leave_one_complete() {
        let home = tempfile::tempdir().unwrap();
        let users = home.path().join("users");
        let create = || AtomicFolder::create_inside(&users, "t=a", is_own, FileOptions::default()).unwrap();
        let (one, two) = (create(), create());
        write(&one, "a.txt");
        write(&two, "b.txt");
        one.publish().unwrap();
        two.publish().unwrap();
        assert_eq!(names(&users.join("t=a")), ["b.txt"]);
    }

    #[cfg(unix)]
    #[test]
    fn folders_and_files_are_private_and_links_are_refused() {
        use std::os::unix::fs::PermissionsExt as _;
        let home = tempfile::tempdir().unwrap();
        let users = home.path().join("users");
        let folder = AtomicFolder::create_inside(&users, "t=a", is_own, FileOptions::default()).unwrap();
        write(&folder, "a.txt");
        folder.publish().unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&users), mode(&users.join("t=a"))), (0o700, 0o700));
        assert_eq!(mode(&users.join("t=a/a.txt")), 0o600);
        std::os::unix::fs::symlink(&users, home.path().join("link")).unwrap();
        let link = home.path().join("link");
        assert!(AtomicFolder::create_inside(&link, "t=a", is_own, FileOptions::default()).is_err());
    }
}
