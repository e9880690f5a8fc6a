//! `reimport verify`: compares the parts of an import with an export that was made afterwards.

use std::path::{Path, PathBuf};

use anyhow::{bail, ensure};
use reimport::compare::{Comparison, PublishedVerify, VerifyFolder};
use reimport::pipeline::Progress;
use reimport::sink::{Document, PartsOptions};
use reimport::source::Source;
use reimport::{Input, OutputName};

use super::folder::{PartFiles, not_an_export};
use super::inputs::is_stdio;
use super::setup;
use crate::args::VerifyArgs;
use crate::exit::Status;
use crate::progress::Bar;
use crate::report::{self, Arrival, VerifyOutput, WrittenParts};

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Status> {
    if let Some(output) = &args.output {
        setup::refuse_file_ending(output, "verify writes a folder; use a name without a file extension")?;
    }
    let parts = PartFiles::open(&args.parts)?;
    if let Some(what) = not_an_export(&args.new) {
        bail!(
            "{}: expected an export of the new tenant, but this is {what}; make an export after the upload (`reimport \
             download`), and use that file",
            args.new.display()
        );
    }
    let files = parts.paths();
    let mut inputs = files.clone();
    inputs.push(args.new.clone());
    let new = input(&args.new)?;
    let page = page(args, &inputs)?;
    let progress = Progress::default();
    let comparison = Comparison::new().progress(progress.clone());
    let bar = Bar::draw(&progress, total_bytes(inputs.iter()), &args.report);
    let (report, output) = match &args.output {
        None => (comparison.verify(files, [new], &mut ())?, None),
        Some(out) => {
            let mut folder = folder(out, &parts, args)?;
            folder.refuse_inputs(&inputs)?;
            let report = comparison.verify(files, [new], &mut folder)?;
            let published = folder.finish(&report)?;
            (report, Some(verify_output(out, &published)))
        }
    };
    drop(bar);
    let arrival = Arrival {
        parts: names(&args.parts),
        new: args.new.display().to_string(),
        report: &report,
        output: output.as_ref(),
        again: super::next::verify_again(&args.parts, &args.new),
    };
    if let Some(page) = page {
        page.publish(report::arrival_page(&arrival)?.as_bytes())?;
    }
    if args.report.json {
        setup::print_json(&arrival.json())?;
    } else if !args.report.quiet {
        setup::print(&arrival.text())?;
        super::page::print_path(args.html.as_deref());
    }
    Ok(arrival.status())
}

fn folder(out: &Path, parts: &PartFiles, args: &VerifyArgs) -> anyhow::Result<VerifyFolder> {
    let options = PartsOptions::default()
        .max_part_bytes(args.max_part_bytes.0)
        .by_connection(parts.by_connection)
        .force(args.force);
    let mut folder = VerifyFolder::create(out, options)?.describe(parts.described(args.max_part_bytes.0));
    for (path, connection) in &parts.files {
        if let Some(connection) = connection {
            folder = folder.connection(path, connection);
        }
    }
    if let Some(exports) = &parts.exports {
        folder = folder.detail("exports", exports.clone());
    }
    Ok(folder)
}

fn verify_output(out: &Path, published: &PublishedVerify) -> VerifyOutput {
    let folder = out.display().to_string();
    let missing = published
        .missing
        .as_ref()
        .map(|parts| WrittenParts::new(format!("{folder}/{}", OutputName::Missing), parts));
    VerifyOutput { folder, missing }
}

/// Creates the HTML page, if there is one. Errors about its name are reported before anything is read.
fn page(args: &VerifyArgs, inputs: &[PathBuf]) -> anyhow::Result<Option<Document>> {
    let Some(path) = &args.html else { return Ok(None) };
    // Replacing the folder would remove a page in it.
    let folder = path.parent().and_then(|parent| parent.canonicalize().ok());
    let out = args.output.as_ref().and_then(|out| out.canonicalize().ok());
    ensure!(
        !out.is_some_and(|out| folder.is_some_and(|folder| folder.starts_with(out))),
        "--html {}: expected a file outside of OUT, because OUT is replaced as a whole",
        path.display()
    );
    super::page::create(path, args.force, inputs).map(Some)
}

/// Returns one side of a comparison. The file is opened here only to report an error early.
pub(super) fn input(path: &Path) -> anyhow::Result<Input> {
    if is_stdio(path) {
        return Ok(Input::Source(Source::stdin()));
    }
    Source::open(path)?;
    Ok(Input::from(path))
}

/// Returns the number of bytes to read, if all are files. Files that are read again are counted by the progress.
pub(super) fn total_bytes<'p>(files: impl Iterator<Item = &'p PathBuf>) -> Option<u64> {
    let sizes = files.map(|path| std::fs::metadata(path).map(|file| file.len()).ok());
    sizes.sum()
}

fn names(paths: &[PathBuf]) -> String {
    match paths {
        [one] => one.display().to_string(),
        many => format!("{} files", many.len()),
    }
}
