//! `reimport verify`: the parts of an import against an export made afterwards.

use std::path::{Path, PathBuf};

use reimport::Input;
use reimport::compare::{Comparison, PublishedVerify, VerifyFolder};
use reimport::pipeline::Watch;
use reimport::sink::PartsOptions;
use reimport::source::Source;

use super::folder::PartFiles;
use super::setup::{self, is_stdio};
use crate::args::VerifyArgs;
use crate::exit::Status;
use crate::progress::Bar;
use crate::report::{Arrival, LeftBehind};

pub(super) fn run(args: &VerifyArgs) -> anyhow::Result<Status> {
    let parts = PartFiles::open(&args.parts)?;
    let files = parts.paths();
    let new = input(&args.new)?;
    let watch = Watch::default();
    let comparison = Comparison::new().watch(watch.clone());
    let bar = Bar::draw(&watch, total_bytes(files.iter().chain([&args.new])), &args.report);
    let (report, left) = match &args.output {
        None => (comparison.verify(files, [new], &mut ())?, None),
        Some(out) => {
            let mut folder = folder(out, &parts, args)?;
            let report = comparison.verify(files, [new], &mut folder)?;
            let published = folder.finish(&report)?;
            (report, Some(left_behind(out, &published)))
        }
    };
    drop(bar);
    let arrival = Arrival {
        parts: names(&args.parts),
        new: args.new.display().to_string(),
        report: &report,
        left: left.as_ref(),
    };
    if args.report.json {
        setup::print_json(&arrival.json())?;
    } else if !args.report.quiet {
        setup::print(&arrival.text())?;
    }
    Ok(arrival.status())
}

fn folder(out: &Path, parts: &PartFiles, args: &VerifyArgs) -> anyhow::Result<VerifyFolder> {
    let options = PartsOptions::default()
        .max_part_bytes(args.max_part_bytes.0)
        .by_connection(parts.by_connection)
        .force(args.force);
    let mut described = parts.options.clone();
    described.insert("max_part_bytes".to_owned(), args.max_part_bytes.0.into());
    let mut folder = VerifyFolder::create(out, options)?.describe(described);
    for (path, connection) in &parts.files {
        folder = folder.connection(path, connection.clone());
    }
    let mut inputs = parts.paths();
    inputs.push(args.new.clone());
    folder.refuse_inputs(&inputs)?;
    Ok(folder)
}

fn left_behind(out: &Path, published: &PublishedVerify) -> LeftBehind {
    let missing = published.missing.as_ref();
    let folders = missing.map(|parts| parts.manifest.connections.as_slice()).unwrap_or_default();
    LeftBehind {
        folder: out.display().to_string(),
        parts: missing.map_or(0, |parts| {
            let inside = parts.connections.iter().map(|manifest| manifest.parts.len());
            (parts.manifest.parts.len() + inside.sum::<usize>()) as u64
        }),
        connections: folders.iter().map(|each| (each.folder.clone(), each.connection.clone())).collect(),
    }
}

/// One side of a comparison, which is opened here only to say early that it cannot be.
pub(super) fn input(path: &Path) -> anyhow::Result<Input> {
    if is_stdio(path) {
        return Ok(Input::Source(Source::stdin()));
    }
    Source::open(path)?;
    Ok(Input::from(path))
}

/// What is read: everything twice, where somebody differs.
pub(super) fn total_bytes<'p>(files: impl Iterator<Item = &'p PathBuf>) -> Option<u64> {
    let sizes = files.map(|path| std::fs::metadata(path).map(|file| file.len()).ok());
    sizes.sum::<Option<u64>>().map(|bytes| 2 * bytes)
}

fn names(paths: &[PathBuf]) -> String {
    match paths {
        [one] => one.display().to_string(),
        many => format!("{} files", many.len()),
    }
}
