//! A folder with the results of a comparison: files of lines and folders of parts, published with one rename.
//!
//! A file is created when its first line is written, so there are no empty files. If the folder is dropped without
//! [`publish`](Folder::publish), nothing is left.

use std::path::{Path, PathBuf};

use super::lazy::LazyFile;
use super::publish::{FolderDraft, OwnNames};
use super::{OutputError, Parts, PartsOptions};
use crate::run::OutputName;

/// A folder under a temporary name.
pub(crate) struct Folder {
    files: Vec<(OutputName, LazyFile)>,
    draft: FolderDraft,
}

impl Folder {
    pub(crate) fn create(out: &Path, force: bool) -> Result<Self, OutputError> {
        Ok(Self { files: Vec::new(), draft: FolderDraft::create(out, force, OwnNames::OfRun)? })
    }

    /// Fails if one of `inputs` is in the folder that would be replaced.
    pub(crate) fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<(), OutputError> {
        self.draft.refuse_inputs(inputs)
    }

    /// Returns a sink for parts in a subfolder with this name. The subfolder appears when the sink is finished. The
    /// sink must be dropped before this folder.
    pub(crate) fn parts(&self, name: OutputName, options: PartsOptions) -> crate::error::Result<Parts> {
        let shown = self.draft.shown();
        Parts::inside(&self.draft.path().join(name), self.out().join(name), options)
            .map_err(|error| shown.of(error).into())
    }

    /// Returns the final path of the folder.
    pub(crate) fn out(&self) -> &Path {
        self.draft.target()
    }

    /// Appends a line to the file with this name. Writes `header` before the first line.
    pub(crate) fn line(
        &mut self,
        name: OutputName,
        header: Option<&str>,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), OutputError> {
        self.push(name, header, write).map_err(|error| self.draft.shown().of(error))
    }

    fn push(
        &mut self,
        name: OutputName,
        header: Option<&str>,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), OutputError> {
        let at = self.files.iter().position(|(own, _)| *own == name).unwrap_or_else(|| {
            self.files.push((name, LazyFile::new(self.draft.path().join(name))));
            self.files.len() - 1
        });
        let (_, file) = &mut self.files[at];
        if file.len() == 0
            && let Some(header) = header
        {
            file.buffer.extend_from_slice(header.as_bytes());
            file.buffer.push(b'\n');
        }
        write(&mut file.buffer);
        file.buffer.push(b'\n');
        file.written()
    }

    /// Writes the remaining bytes, syncs and publishes. Returns whether a replaced earlier output is completely
    /// removed.
    pub(crate) fn publish(self) -> Result<bool, OutputError> {
        let Self { files, draft } = self;
        let shown = draft.shown();
        let finish = |file: LazyFile| {
            let path = file.path().to_owned();
            match file.finish()? {
                Some(file) => file.sync().map_err(OutputError::io("cannot sync", &path)),
                None => Ok(()),
            }
        };
        let mut files = files.into_iter();
        files
            .try_for_each(|(_, file)| finish(file))
            .and_then(|()| draft.publish())
            .map_err(|error| shown.of(error))
    }
}
