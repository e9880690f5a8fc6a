//! The HTML page of a report.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use reimport::sink::Document;

use super::inputs::is_stdio;
use crate::report;

/// Creates the page at `path`. Errors about its name are reported before anything is read.
pub(super) fn create(path: &Path, force: bool, inputs: &[PathBuf]) -> anyhow::Result<Document> {
    ensure!(
        !is_stdio(path),
        "--html cannot write to standard output; name a file, for example --html report.html"
    );
    let document = Document::create(path, force)?;
    document.refuse_inputs(inputs)?;
    Ok(document)
}

/// Prints the name of the page, if there is one.
pub(super) fn print_path(path: Option<&Path>) {
    if let Some(path) = path {
        crate::write_stderr(&report::page_is(path));
    }
}
