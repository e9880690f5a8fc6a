//! The page of a report: where it goes, and that it is there.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use reimport::sink::Document;

use super::inputs::is_stdio;
use crate::report;

/// Begins the page at `path`: what can be wrong with its name is said before anything is read.
pub(super) fn create(path: &Path, force: bool, inputs: &[PathBuf]) -> anyhow::Result<Document> {
    ensure!(!is_stdio(path), "--html writes a file, not standard output: name it, as in --html report.html");
    let document = Document::create(path, force)?;
    document.refuse_inputs(inputs)?;
    Ok(document)
}

/// Says where it is.
pub(super) fn tell(path: Option<&Path>) {
    if let Some(path) = path {
        crate::say(&report::page_is(path));
    }
}
