//! The files of one side. Each of them can be read more than once.

use std::fs;
use std::path::{Path, PathBuf};

use super::error::CompareError;
use crate::error::{Error, Result};
use crate::pipeline::Input;

/// The files of one side.
#[derive(Debug)]
pub(super) struct Files(Vec<PathBuf>);

impl Files {
    /// Collects the paths of one side. Returns an error for an input that can be read only once, and for a side
    /// without files.
    pub(super) fn new(
        inputs: impl IntoIterator<Item = impl Into<Input>>,
        side: &'static str,
    ) -> Result<Self> {
        let mut paths = Vec::new();
        for input in inputs {
            match input.into() {
                Input::Path(path) => {
                    // If the metadata cannot be read, opening the file reports the error later.
                    let stream = fs::metadata(&path).is_ok_and(|found| !found.is_file() && !found.is_dir());
                    if stream {
                        let name = path.to_string_lossy().into();
                        return Err(Error::new(CompareError::ReadOnce).in_source(&name));
                    }
                    paths.push(path);
                }
                Input::Source(source) => {
                    return Err(Error::new(CompareError::ReadOnce).in_source(source.name()));
                }
            }
        }
        if paths.is_empty() {
            return Err(CompareError::NoFile { side }.into());
        }
        Ok(Self(paths))
    }

    /// Returns the path of one file.
    pub(super) fn path(&self, index: usize) -> Option<&Path> {
        self.0.get(index).map(PathBuf::as_path)
    }

    /// Returns the size of all files in bytes.
    pub(super) fn bytes(&self) -> u64 {
        self.0.iter().filter_map(|path| fs::metadata(path).ok()).map(|found| found.len()).sum()
    }

    pub(super) fn inputs(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.0.iter().cloned()
    }
}
