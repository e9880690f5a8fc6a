//! `skipped.ndjson`: the records that no import file can bring, as plain export records, one a line.

use std::path::Path;

use super::OutputError;
use super::disk::Output;
use super::lazy::LazyFile;
use crate::json::compact_into;
use crate::run::Skipped;

/// The writer of `skipped.ndjson`.
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
