//! All records in one file, which appears complete or not at all.

use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

use super::OutputError;
use super::disk::Output;
use super::framed::{Framed, Framing};
use super::leftover::LeftoverFiles;
use super::publish::{self, FileDraft};
use crate::error::Result;
use crate::run::{OutputName, Rejected, Rendering, Sink, Skipped, Summary, Written};

/// How [`OneFile`] publishes.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct FileOptions {
    /// Existing files may be replaced: no. What an earlier run left under the names of the side files goes, too.
    pub force: bool,
    /// The reject file grows no larger; the run fails instead: no limit.
    pub max_reject_bytes: Option<u64>,
}

impl FileOptions {
    /// Existing files may be replaced, or not.
    pub fn force(self, force: bool) -> Self {
        Self { force, ..self }
    }

    /// The reject file grows no larger; the run fails instead.
    pub fn max_reject_bytes(self, max_reject_bytes: Option<u64>) -> Self {
        Self { max_reject_bytes, ..self }
    }
}

/// All records in one file: `users.json`, with `users.rejected.ndjson` and `users.skipped.ndjson` beside it where
/// there are any.
///
/// The side files appear first, then the file, each by a rename, synced and 0600: all of them, or none where one
/// cannot. Dropped without [`finish`](Sink::finish), nothing is left. A name that ends in `.gz` is compressed.
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
    /// Checks all that can be known before the first record, and begins the files under temporary names.
    ///
    /// # Errors
    /// [`OutputError`] where the file or a side file exists (without [`force`](FileOptions::force)), is no regular
    /// file, or cannot be made.
    pub fn create(path: impl AsRef<Path>, framing: Framing, options: FileOptions) -> Result<Self> {
        let path = path.as_ref();
        let (draft, file) = FileDraft::create(path, options.force)?;
        let mut sides = LeftoverFiles::default();
        let name = path.file_name().unwrap_or_default();
        sides.rejected_to(
            &path.with_file_name(side_name(name, OutputName::Rejected)),
            options.force,
            options.max_reject_bytes,
        )?;
        sides.skipped_to(&path.with_file_name(side_name(name, OutputName::Skipped)), options.force)?;
        let compressed = path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz"));
        let plain = if compressed {
            Plain::Gzip(Box::new(GzEncoder::new(file, Compression::default())))
        } else {
            Plain::File(file)
        };
        let framed = Framed::new(plain, framing).named(draft.target().to_owned());
        Ok(Self { framed, sides, draft })
    }

    /// An error where one of the files that are about to be read is one that would be replaced, by whatever link.
    ///
    /// # Errors
    /// [`OutputError::InputIsOutput`].
    pub fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<()> {
        self.draft.refuse_inputs(inputs)?;
        Ok(self.sides.refuse_inputs(inputs)?)
    }
}

impl Sink for OneFile {
    /// The path of the file.
    type Finished = PathBuf;

    fn rendering(&self) -> Rendering {
        self.framed.framing().rendering()
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
        // Everything that can fail for want of space does so before the first name appears.
        let file = framed.finish()?.finish().map_err(OutputError::io("cannot write", &path))?;
        let mut files = sides.finish()?;
        files.push((draft, Some(file)));
        publish::place(files)?.keep()?;
        Ok(path)
    }
}

/// `users.rejected.ndjson` beside `users.json` or `users.csv.gz`.
fn side_name(name: &OsStr, side: OutputName) -> OsString {
    let mut stem = Path::new(name);
    let ends = |path: &Path, of: &[&str]| {
        path.extension().is_some_and(|end| of.iter().any(|known| end.eq_ignore_ascii_case(known)))
    };
    if ends(stem, &["gz"]) {
        stem = stem.file_stem().map_or(stem, Path::new);
    }
    if ends(stem, &["json", "ndjson", "jsonl", "csv"]) {
        stem = stem.file_stem().map_or(stem, Path::new);
    }
    let mut side_name = stem.as_os_str().to_owned();
    side_name.push(format!(".{side}"));
    side_name
}

/// A file that is written as it is, or compressed.
enum Plain {
    File(Output),
    Gzip(Box<GzEncoder<Output>>),
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
        // The end of a compressed file is written once, by `finish`.
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn side_files_are_named_after_the_file() {
        for (file, side) in [
            ("users.json", "users.rejected.ndjson"),
            ("users.JSON", "users.rejected.ndjson"),
            ("out.csv.gz", "out.rejected.ndjson"),
            ("a.b", "a.b.rejected.ndjson"),
            ("out", "out.rejected.ndjson"),
            (".json", ".json.rejected.ndjson"),
        ] {
            assert_eq!(side_name(OsStr::new(file), OutputName::Rejected), side);
        }
    }
}
