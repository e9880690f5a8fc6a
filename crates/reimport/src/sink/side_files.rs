//! Writer of the side files of a folder of parts.

use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::Output;
use super::lazy::LazyFile;
use crate::run::SideFile;

/// The writers of all side files. Only files with a line are created.
pub(super) struct SideFiles(Vec<(SideFile, LazyFile)>);

impl SideFiles {
    /// Returns the side files of `folder`. None is created yet.
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

    /// Writes the remaining bytes. Returns the files that were created. They are not synced yet.
    pub(super) fn finish(self) -> Result<Vec<(PathBuf, Output)>, OutputError> {
        let mut files = Vec::new();
        for (_, file) in self.0 {
            let path = file.path().to_owned();
            files.extend(file.finish()?.map(|file| (path, file)));
        }
        Ok(files)
    }
}
