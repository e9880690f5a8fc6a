//! The side files of a folder of parts: users without a password, lost logins, and others to look after.

use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::Output;
use super::lazy::LazyFile;
use crate::run::SideFile;

/// One file for each list that has a line.
pub(super) struct SideFiles(Vec<(SideFile, LazyFile)>);

impl SideFiles {
    /// Side files in `folder`; none is there yet.
    pub(super) fn new(folder: &Path) -> Self {
        let file = |list: SideFile| (list, LazyFile::new(folder.join(list.output_name())));
        Self(SideFile::ALL.into_iter().map(file).collect())
    }

    pub(super) fn push(&mut self, list: SideFile, line: &[u8]) -> Result<(), OutputError> {
        let Some((_, file)) = self.0.iter_mut().find(|(own, _)| *own == list) else { return Ok(()) };
        if file.len() == 0
            && let Some(header) = list.header()
        {
            file.buffer.extend_from_slice(header.as_bytes());
            file.buffer.push(b'\n');
        }
        file.buffer.extend_from_slice(line);
        file.buffer.push(b'\n');
        file.written()
    }

    /// Writes the rest; the files that are there, not synced yet.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, Output)>, OutputError> {
        let mut files = Vec::new();
        for (_, file) in self.0 {
            let path = file.path().to_owned();
            files.extend(file.finish()?.map(|file| (path, file)));
        }
        Ok(files)
    }
}
