//! [`OneFile`]: all records in one file, which appears complete or not at all.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;

use super::OutputError;
use super::disk::Output;
use super::framed::{Framed, Framing};
use super::gzip::Gzip;
use super::leftover::LeftoverFiles;
use super::publish::{self, FileDraft};
use crate::error::Result;
use crate::run::{OutputName, Rejected, Rendering, Sink, Skipped, Summary, Written};

/// Options of [`OneFile`].
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct FileOptions {
    /// Whether existing files may be replaced. Default: no. With `true`, files for skipped and rejected records of
    /// an earlier run are replaced or removed too.
    pub force: bool,
    /// Maximum size of the file of rejected records, in bytes. If it is exceeded, the run fails. Default: no limit.
    pub max_reject_bytes: Option<u64>,
    /// Level of compression if the name of the file ends in `.gz`: 0 (none) to 9. Default: 3, which makes a file about as
    /// small as that of `gzip`, in a quarter less time than level 6. A level above 9 is 9. It also determines the bytes of the
    /// file.
    pub gzip_level: u32,
}

impl Default for FileOptions {
    fn default() -> Self {
        Self { force: false, max_reject_bytes: None, gzip_level: 3 }
    }
}

impl FileOptions {
    /// Sets whether existing files may be replaced.
    pub fn force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// Sets the maximum size of the file of rejected records, in bytes, or `None` for no limit. If it is exceeded, the run
    /// fails.
    pub fn max_reject_bytes(self, max_reject_bytes: impl Into<Option<u64>>) -> Self {
        Self { max_reject_bytes: max_reject_bytes.into(), ..self }
    }

    /// Sets the level of compression, from 0 to 9.
    pub fn gzip_level(self, gzip_level: u32) -> Self {
        Self { gzip_level, ..self }
    }
}

/// Writes all records to one file, for example `users.json`. Rejected and skipped records are written next to it,
/// to `users.json.rejected.ndjson` and `users.json.skipped.ndjson`, if there are any.
///
/// The files for rejected and skipped records appear first, then the main file. Each is synced, has mode 0600, and
/// appears by a rename. Either all of them appear, or none if one cannot be published. If the sink is dropped
/// without [`finish`](Sink::finish), nothing is left. If the name ends in `.gz`, the file is compressed, on up to four
/// threads of its own; its bytes do not depend on their number.
///
/// ```
/// # let home = tempfile::tempdir()?;
/// # let path = home.path().join("users.json");
/// use reimport::Sink;
/// use reimport::sink::{FileOptions, Framing, OneFile};
///
/// let file = OneFile::create(&path, Framing::Array, FileOptions::default())?;
/// assert!(!path.exists());
/// file.finish(&reimport::Summary::default())?;
/// assert_eq!(std::fs::read(&path)?, b"[\n]");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct OneFile {
    framed: Framed<Plain>,
    sides: LeftoverFiles,
    draft: FileDraft,
}

impl OneFile {
    /// Makes all checks that are possible before the first record, and creates the files under temporary names.
    ///
    /// # Errors
    /// [`OutputError`] if the file or one of the files next to it exists (without [`force`](FileOptions::force)),
    /// is not a regular file, or cannot be created.
    pub fn create(path: impl AsRef<Path>, framing: Framing, options: FileOptions) -> Result<Self> {
        let path = path.as_ref();
        let (draft, file) = FileDraft::create(path, options.force)?;
        let mut sides = LeftoverFiles::default();
        sides.rejected_to(&Self::rejected_path(path), options.force, options.max_reject_bytes)?;
        sides.skipped_to(&Self::skipped_path(path), options.force)?;
        let plain = if Self::is_compressed(path) {
            let gzip = Gzip::new(file, Compression::new(options.gzip_level.min(9)));
            Plain::Gzip(Box::new(gzip.map_err(OutputError::io("cannot write", path))?))
        } else {
            Plain::File(file)
        };
        let framed = Framed::new(plain, framing).named(draft.target().to_owned());
        Ok(Self { framed, sides, draft })
    }

    /// Returns whether the output `path` is compressed: whether its name ends in `.gz`.
    ///
    /// ```
    /// # use reimport::sink::OneFile;
    /// assert!(OneFile::is_compressed("out/users.csv.GZ"));
    /// assert!(!OneFile::is_compressed("out/users.csv"));
    /// ```
    pub fn is_compressed(path: impl AsRef<Path>) -> bool {
        path.as_ref().extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"))
    }

    /// Returns the path of the file of rejected records that belongs to the output `path`.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use reimport::sink::OneFile;
    /// assert_eq!(OneFile::rejected_path("out/users.csv"), Path::new("out/users.csv.rejected.ndjson"));
    /// ```
    pub fn rejected_path(path: impl AsRef<Path>) -> PathBuf {
        leftover_path(path.as_ref(), OutputName::Rejected)
    }

    /// Returns the path of the file of skipped records that belongs to the output `path`.
    ///
    /// ```
    /// # use std::path::Path;
    /// # use reimport::sink::OneFile;
    /// assert_eq!(OneFile::skipped_path("out/users.json"), Path::new("out/users.json.skipped.ndjson"));
    /// ```
    pub fn skipped_path(path: impl AsRef<Path>) -> PathBuf {
        leftover_path(path.as_ref(), OutputName::Skipped)
    }
}

impl Sink for OneFile {
    /// The path of the file.
    type Finished = PathBuf;

    fn rendering(&self) -> Rendering {
        self.framed.framing().rendering()
    }

    fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.draft.refuse_inputs(inputs)?;
        Ok(self.sides.refuse_inputs(inputs)?)
    }

    fn begin(&mut self, header: &[u8]) -> Result<()> {
        self.framed.begin(header);
        Ok(())
    }

    #[inline]
    fn write(&mut self, written: Written<'_>) -> Result<()> {
        self.framed.push(written.bytes)
    }

    fn skip(&mut self, skipped: Skipped<'_>) -> Result<()> {
        Ok(self.sides.skip(&skipped)?)
    }

    fn reject(&mut self, rejected: Rejected<'_>) -> Result<()> {
        Ok(self.sides.reject(&rejected)?)
    }

    fn finish(self, _: &Summary) -> Result<PathBuf> {
        let Self { framed, sides, draft } = self;
        let path = draft.target().to_owned();
        // Everything that fails on a full disk is done before the first name appears.
        let file = framed.finish()?.finish().map_err(OutputError::io("cannot write", &path))?;
        let mut files = sides.finish()?;
        files.push((draft, Some(file)));
        publish::place(files)?.keep()?;
        Ok(path)
    }
}

/// Returns `users.json.rejected.ndjson` for `users.json`. The whole name is kept, so that outputs which differ only in
/// their extension have separate files.
fn leftover_path(path: &Path, leftover: OutputName) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{leftover}"));
    path.with_file_name(name)
}

/// A plain or a compressed file.
enum Plain {
    File(Output),
    Gzip(Box<Gzip<Output>>),
}

impl Plain {
    fn finish(self) -> io::Result<Output> {
        match self {
            Self::File(file) => Ok(file),
            Self::Gzip(encoder) => encoder.finish(),
        }
    }
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Gzip(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        // `finish` writes the end of a compressed file.
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_files_are_named_after_the_file() {
        for (file, side) in [
            ("users.json", "users.json.rejected.ndjson"),
            ("users.JSON", "users.JSON.rejected.ndjson"),
            ("out.csv.gz", "out.csv.gz.rejected.ndjson"),
            ("a.b", "a.b.rejected.ndjson"),
            ("out", "out.rejected.ndjson"),
            (".json", ".json.rejected.ndjson"),
        ] {
            let path = OneFile::rejected_path(Path::new("out").join(file));
            assert_eq!(path, Path::new("out").join(side));
        }
    }
}
