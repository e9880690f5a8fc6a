//! Inputs of a command: exports, standard input and small files, with their read options.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use reimport::Input;
use reimport::record::ReadOptions;
use reimport::sink::same_file;
use reimport::source::Source;

use crate::args::ReadArgs;
use crate::report::{InputRemark, Remark};

/// Opens the inputs; `-` is standard input.
pub(super) fn open(read: &ReadArgs) -> anyhow::Result<Vec<Input>> {
    for path in files(read) {
        // A file that cannot be opened is reported before anything is read. A pipe is not opened here, because its
        // writer would see the reader close it.
        std::fs::metadata(&path)
            .and_then(|found| if found.is_file() { std::fs::File::open(&path).map(drop) } else { Ok(()) })
            .map_err(|error| anyhow::Error::new(error).context(path.display().to_string()))?;
    }
    let input = |path: &PathBuf| {
        if is_stdio(path) { Input::Source(Source::stdin()) } else { Input::from(path.as_path()) }
    };
    Ok(read.exports.iter().map(input).collect())
}

/// Returns the inputs that are not standard input.
pub(super) fn files(read: &ReadArgs) -> Vec<PathBuf> {
    read.exports.iter().filter(|path| !is_stdio(path)).cloned().collect()
}

/// Returns a warning for each input that is the same file as an earlier one.
pub(super) fn repeated(read: &ReadArgs) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let files: Vec<PathBuf> = files(read).into_iter().filter(|path| path.is_file()).collect();
    for (index, file) in files.iter().enumerate() {
        if let Some(earlier) = files[..index].iter().find(|earlier| same_file(earlier, file)) {
            let (file, earlier) = (file.display().to_string(), earlier.display().to_string());
            let remark = Remark::Input(InputRemark::Repeated { file, earlier });
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        }
    }
    remarks
}

/// Returns the total size of the inputs, if all are files.
pub(super) fn total_bytes(read: &ReadArgs) -> Option<u64> {
    read.exports
        .iter()
        .map(|path| std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file).map(|data| data.len()))
        .sum()
}

/// Whether a path means standard input or output.
pub(super) fn is_stdio(path: &Path) -> bool {
    path == Path::new("-")
}

/// Returns an error if more than one of `files` is standard input.
pub(super) fn read_once<'p>(files: impl IntoIterator<Item = &'p PathBuf>) -> anyhow::Result<()> {
    let streams = files.into_iter().filter(|path| is_stdio(path)).count();
    anyhow::ensure!(streams < 2, "standard input (-) can be read only once");
    Ok(())
}

/// Returns the read options.
pub(super) fn read_options(read: &ReadArgs) -> ReadOptions {
    let mut options = ReadOptions::default();
    options.format = read.input_format.map(Into::into);
    options.max_record_bytes = read.max_record_bytes.0;
    options.delimiter = read.delimiter;
    options.csv_dialect = read.csv_dialect.map(Into::into);
    options.csv_types = read.csv_types.into();
    options.user_ids = read.user_ids.map(Into::into);
    options
}

/// Opens a file, or standard input for `-`.
pub(super) fn source(path: &Path) -> anyhow::Result<Source> {
    Ok(if is_stdio(path) { Source::stdin() } else { Source::open(path)? })
}

/// Maximum size of a request.
const SMALL: u64 = 1 << 20;

/// Reads a small file, which may be a pipe. A file larger than [`SMALL`] is an error.
pub(super) fn read_small(path: &Path) -> std::io::Result<Vec<u8>> {
    read_at_most(path, SMALL)
}

/// Reads a small file, or standard input for `-`.
pub(super) fn read_small_or_stdin(path: &Path) -> std::io::Result<Vec<u8>> {
    if is_stdio(path) { at_most(std::io::stdin(), SMALL) } else { read_small(path) }
}

/// Reads a file, which may be a pipe. A file larger than `bytes` is an error.
pub(super) fn read_at_most(path: &Path, bytes: u64) -> std::io::Result<Vec<u8>> {
    at_most(std::fs::File::open(path)?, bytes)
}

fn at_most(input: impl std::io::Read, bytes: u64) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    input.take(bytes + 1).read_to_end(&mut text)?;
    if text.len() as u64 > bytes {
        return Err(std::io::Error::other(format!("expected at most {bytes} bytes, but the file has more")));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_of_the_maximum_size_is_read() {
        assert_eq!(at_most(&b"abc"[..], 3).unwrap(), b"abc");
        let error = at_most(&b"abcd"[..], 3).unwrap_err();
        assert_eq!(error.to_string(), "expected at most 3 bytes, but the file has more");
    }
}
