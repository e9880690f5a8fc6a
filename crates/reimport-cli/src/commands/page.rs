//! The HTML page of a report.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::ensure;
use reimport::sink::Document;

use super::inputs::is_stdio;
use crate::report;

/// Creates the page at `path`. An earlier page is replaced; any other file only with `force`. Errors about its name are
/// reported before anything is read.
pub(super) fn create(path: &Path, force: bool, inputs: &[PathBuf]) -> anyhow::Result<Document> {
    ensure!(
        !is_stdio(path),
        "--html cannot write to standard output; name a file, for example --html report.html"
    );
    let document = Document::create(path, force || is_page(path))?;
    document.refuse_inputs(inputs)?;
    Ok(document)
}

/// Whether a file is a page that this command has written.
fn is_page(path: &Path) -> bool {
    let mut start = Vec::new();
    let is_file = std::fs::symlink_metadata(path).is_ok_and(|found| found.is_file());
    // The templates name the generator within the first kibibyte.
    let is_read =
        is_file && File::open(path).and_then(|file| file.take(1024).read_to_end(&mut start)).is_ok();
    is_read && String::from_utf8_lossy(&start).contains("<meta name=\"generator\" content=\"reimport ")
}

/// Prints the name of the page, if there is one.
pub(super) fn print_path(path: Option<&Path>) {
    if let Some(path) = path {
        crate::write_stderr(&report::page_is(path));
    }
}
