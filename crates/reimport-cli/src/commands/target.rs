//! Outputs: standard output, a stream that a path names, or a file. Only `select` writes to named streams.
//!
//! FIFOs and character devices are streams if the path is that of the FIFO or device itself. A symbolic link in a normal
//! folder is not followed, because another process may have created or changed it. The links that the system provides
//! for the descriptors of a process (`/dev/stdout`, `/dev/stderr`, `/dev/fd/N`, `/proc/self/fd/N`) name these descriptors:
//! bash writes `>(command)` as `/dev/fd/63`.

use std::io::Write;
use std::path::Path;

use super::inputs::is_stdio;
use crate::terminal::{Form, stdout};

/// Where the data of a run are written.
pub(super) enum Target<'a> {
    /// Standard output.
    Stdout,
    /// A FIFO, a character device, or standard error: written to as to standard output.
    #[cfg(unix)]
    Stream(Stream<'a>),
    /// A file, which appears complete or not at all.
    File(&'a Path),
}

impl<'a> Target<'a> {
    /// Returns the target that a path names. Standard output if there is no path.
    pub(super) fn of(path: Option<&'a Path>) -> anyhow::Result<Self> {
        match path {
            None => Ok(Self::Stdout),
            Some(path) if is_stdio(path) => Ok(Self::Stdout),
            #[cfg(unix)]
            Some(path) => unix::target(path),
            #[cfg(not(unix))]
            Some(path) => Ok(Self::File(path)),
        }
    }

    /// Returns the path that determines the format, and whether its extension must be known. The path of standard output
    /// says nothing.
    pub(super) fn name(&self) -> Option<(&'a Path, bool)> {
        match self {
            Self::Stdout => None,
            #[cfg(unix)]
            Self::Stream(stream) => Some((stream.path(), false)),
            Self::File(path) => Some((path, true)),
        }
    }
}

/// Returns standard output for data.
pub(super) fn stdout_data(form: Form) -> Box<dyn Write> {
    Box::new(stdout(form))
}

#[cfg(unix)]
pub(super) use unix::Stream;

#[cfg(unix)]
mod unix {
    use std::fs::{self, File, FileType, Metadata};
    use std::io::{self, Write};
    use std::os::fd::AsFd;
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    use std::path::{Path, PathBuf};

    use anyhow::{Context as _, bail, ensure};
    use reimport::sink::OutputError;

    use super::{Form, Target};
    use crate::commands::inputs::is_stdio;
    use crate::terminal::data_output;

    const STDOUT: u32 = 1;
    const STDERR: u32 = 2;

    /// A FIFO, a character device, or standard error.
    pub(in crate::commands) struct Stream<'a> {
        path: &'a Path,
        descriptor: Option<u32>,
        found: Metadata,
    }

    pub(super) fn target(path: &Path) -> anyhow::Result<Target<'_>> {
        let descriptor = descriptor(path);
        let found = match descriptor {
            Some(STDOUT) => return Ok(Target::Stdout),
            Some(STDERR) => metadata(&io::stderr()),
            Some(_) => fs::metadata(path),
            None => fs::symlink_metadata(path),
        };
        match (found, descriptor) {
            (Ok(found), _) if is_stream(found.file_type()) || descriptor == Some(STDERR) => {
                Ok(Target::Stream(Stream { path, descriptor, found }))
            }
            (Ok(_), Some(_)) => bail!(
                "-o {}: expected a FIFO or a character device at this descriptor; name another file by its path",
                path.display()
            ),
            (Err(error), Some(_)) => Err(error).with_context(|| format!("-o {}", path.display())),
            // Whether a file can be written there is checked when it is created.
            (_, None) => Ok(Target::File(path)),
        }
    }

    /// Returns the number of the descriptor that a path of the system names.
    fn descriptor(path: &Path) -> Option<u32> {
        let path: PathBuf = path.components().collect();
        let digits = match path.to_str()? {
            "/dev/stdout" => return Some(STDOUT),
            "/dev/stderr" => return Some(STDERR),
            path => path.strip_prefix("/dev/fd/").or_else(|| path.strip_prefix("/proc/self/fd/"))?,
        };
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    }

    fn is_stream(kind: FileType) -> bool {
        kind.is_fifo() || kind.is_char_device()
    }

    fn metadata(stream: &impl AsFd) -> io::Result<Metadata> {
        File::from(stream.as_fd().try_clone_to_owned()?).metadata()
    }

    impl<'a> Stream<'a> {
        pub(in crate::commands) fn path(&self) -> &'a Path {
            self.path
        }

        /// Returns whether standard output is the same pipe or device. Everything that is written to the null device is
        /// discarded, so it can be both.
        pub(in crate::commands) fn is_stdout(&self) -> bool {
            self.path != Path::new("/dev/null")
                && metadata(&io::stdout()).is_ok_and(|stdout| self.is_same(&stdout))
        }

        fn is_same(&self, other: &Metadata) -> bool {
            (self.found.dev(), self.found.ino()) == (other.dev(), other.ino())
        }

        /// Fails if one of `inputs` is the same FIFO. The run would wait for itself.
        pub(in crate::commands) fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<(), OutputError> {
            let is_output = |input: &&PathBuf| {
                let found = if is_stdio(input) { metadata(&io::stdin()) } else { fs::metadata(input) };
                found.is_ok_and(|found| self.is_same(&found))
            };
            match inputs.iter().find(is_output).filter(|_| self.found.file_type().is_fifo()) {
                Some(input) => {
                    Err(OutputError::InputIsOutput { input: input.clone(), path: self.path.to_owned() })
                }
                None => Ok(()),
            }
        }

        /// Opens the stream. Waits until a FIFO has a reader.
        pub(in crate::commands) fn open(&self, form: Form) -> anyhow::Result<Box<dyn Write>> {
            ensure!(
                !self.path.extension().is_some_and(|end| end.eq_ignore_ascii_case("gz")),
                "-o {}: only a regular file is compressed; use a name without .gz, or -o >(gzip > FILE)",
                self.path.display()
            );
            if self.descriptor == Some(STDERR) {
                return Ok(Box::new(data_output(io::stderr(), form)));
            }
            let failed = || format!("-o {}", self.path.display());
            let file = File::options().write(true).open(self.path).with_context(failed)?;
            // Another process may have put a file or a link there since the check.
            let is_unchanged = file.metadata().is_ok_and(|opened| is_stream(opened.file_type()));
            ensure!(is_unchanged, "-o {}: this was replaced by something else", self.path.display());
            Ok(Box::new(data_output(file, form)))
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn only_paths_of_the_system_name_descriptors() {
            for (path, expected) in [
                ("/dev/stdout", Some(1)),
                ("//dev/./stdout", Some(1)),
                ("/dev/stderr", Some(2)),
                ("/dev/fd/1", Some(1)),
                ("/dev/fd/63", Some(63)),
                ("/proc/self/fd/3", Some(3)),
                ("/dev/fd/", None),
                ("/dev/fd/+1", None),
                ("/dev/fd/1/2", None),
                ("/dev/fd/99999999999", None),
                ("/dev/null", None),
                ("dev/stdout", None),
                ("/tmp/../dev/stdout", None),
            ] {
                assert_eq!(descriptor(Path::new(path)), expected, "{path}");
            }
        }
    }
}
