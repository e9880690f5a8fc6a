//! Files for skipped and rejected records next to an output that is not a folder. Without such a file, these
//! records are not kept.

use std::path::{Path, PathBuf};

use super::OutputError;
use super::disk::Output;
use super::lazy::LazyFile;
use super::publish::FileDraft;
use super::rejected::RejectsFile;
use crate::json::compact_into;
use crate::run::{Rejected, Skipped};

/// Files that appear when the run ends, if they are not empty. If dropped before that, nothing is left.
#[derive(Default)]
pub(super) struct LeftoverFiles {
    rejected: Option<(FileDraft, RejectsFile)>,
    skipped: Option<(FileDraft, SkippedFile)>,
}

impl LeftoverFiles {
    pub(super) fn rejected_to(
        &mut self,
        path: &Path,
        force: bool,
        limit: Option<u64>,
    ) -> Result<(), OutputError> {
        let (draft, file) = FileDraft::create(path, force)?;
        self.skipped.iter().try_for_each(|(other, _)| other.refuse_twin(&draft))?;
        let file = LazyFile::open(draft.target().to_owned(), file);
        self.rejected = Some((draft, RejectsFile::new(file, limit)));
        Ok(())
    }

    pub(super) fn skipped_to(&mut self, path: &Path, force: bool) -> Result<(), OutputError> {
        let (draft, file) = FileDraft::create(path, force)?;
        self.rejected.iter().try_for_each(|(other, _)| other.refuse_twin(&draft))?;
        let file = LazyFile::open(draft.target().to_owned(), file);
        self.skipped = Some((draft, SkippedFile::new(file)));
        Ok(())
    }

    pub(super) fn refuse_inputs(&self, inputs: &[PathBuf]) -> Result<(), OutputError> {
        let drafts =
            self.rejected.iter().map(|(draft, _)| draft).chain(self.skipped.iter().map(|(draft, _)| draft));
        drafts.into_iter().try_for_each(|draft| draft.refuse_inputs(inputs))
    }

    pub(super) fn skip(&mut self, skipped: &Skipped<'_>) -> Result<(), OutputError> {
        self.skipped.as_mut().map_or(Ok(()), |(_, file)| file.push(skipped))
    }

    pub(super) fn reject(&mut self, rejected: &Rejected<'_>) -> Result<(), OutputError> {
        self.rejected.as_mut().map_or(Ok(()), |(_, file)| file.push(rejected))
    }

    /// Writes the remaining bytes. Returns the files to publish. An empty file has no handle.
    pub(super) fn finish(self) -> Result<Vec<(FileDraft, Option<Output>)>, OutputError> {
        let mut files = Vec::new();
        if let Some((draft, file)) = self.rejected {
            let has_content = !file.is_empty();
            files.push((draft, file.finish()?.filter(|_| has_content)));
        }
        if let Some((draft, file)) = self.skipped {
            let has_content = !file.is_empty();
            files.push((draft, file.finish()?.filter(|_| has_content)));
        }
        Ok(files)
    }
}

/// Writes `skipped.ndjson`.
pub(super) struct SkippedFile(LazyFile);

impl SkippedFile {
    pub(super) fn new(file: LazyFile) -> Self {
        Self(file)
    }

    pub(super) fn push(&mut self, skipped: &Skipped<'_>) -> Result<(), OutputError> {
        let out = &mut self.0.buffer;
        if skipped.spaced {
            compact_into(skipped.json, out);
        } else {
            out.extend_from_slice(skipped.json);
        }
        out.push(b'\n');
        self.0.written()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.len() == 0
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn finish(self) -> Result<Option<Output>, OutputError> {
        self.0.finish()
    }
}
