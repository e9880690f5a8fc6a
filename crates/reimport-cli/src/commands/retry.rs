//! `reimport retry`: parts of those whom the import jobs refused.

use std::path::{Path, PathBuf};

use anyhow::ensure;
use reimport::import::retry::{CodeFilter, Fate, JobErrors, Retry, RetryPlan};
use reimport::import::{Connections, Rules};
use reimport::sink::{Array, FileOptions, Framing, OneFile, Parts, PartsOptions};
use reimport::{Input, Pipeline, Sink, Summary};

use super::folder::PartFiles;
use super::setup::{self, is_json, is_stdio};
use crate::args::RetryArgs;
use crate::exit::Status;
use crate::report::{Published, RejectedTo, WrittenParts, retry_text};

pub(super) fn run(args: &RetryArgs) -> anyhow::Result<Status> {
    let (parts, errors) = match &args.parts {
        Some(folder) => {
            let parts = PartFiles::of_folder(folder)?;
            let errors = error_lists(folder, &parts, &args.errors)?;
            (parts, errors)
        }
        None => (PartFiles::of_exports(&args.from), args.errors.clone()),
    };
    let inputs = parts.paths();
    let mut lists = JobErrors::new();
    for path in &errors {
        lists = lists.read(setup::source(path)?)?;
    }
    let filter = args.codes.iter().fold(CodeFilter::new(), CodeFilter::only);
    let filter = args.not_codes.iter().fold(filter, CodeFilter::not);
    // What is in the folder was let pass when it was written; what its jobs refused is edited, and judged again.
    let rules = Rules::new()
        .edits(setup::edits(&args.moves, &args.drops, &args.sets)?)
        .connections(Connections::Any)
        .unique([]);
    let retry = Retry::new(RetryPlan::new(lists, &filter), rules);
    let one_file = is_stdio(&args.output) || is_json(&args.output);
    ensure!(
        !(one_file && parts.by_connection),
        "the users are of several connections, and an import job fills one: name a folder with -o, in which each has its own"
    );
    let (summary, published) = if is_stdio(&args.output) {
        ensure!(
            !args.report.json,
            "--json prints to standard output, where the users go: name a folder or file with -o"
        );
        let (summary, _) = into(&inputs, &retry, Array::new(std::io::stdout().lock()))?;
        (summary, Published::Stdout { rejected: RejectedTo::Nowhere(Vec::new()) })
    } else if one_file {
        let options = FileOptions::default().force(args.force);
        let file = OneFile::create(&args.output, Framing::Array, options)?;
        file.refuse_inputs(&inputs)?;
        let (summary, _) = into(&inputs, &retry, file)?;
        (summary, Published::File(args.output.display().to_string()))
    } else {
        let sink = folder(args, &parts)?;
        sink.refuse_inputs(&inputs)?;
        let (summary, published) = into(&inputs, &retry, sink)?;
        let folder = args.output.display().to_string();
        (summary, Published::Folder(WrittenParts::new(folder, &published)))
    };
    let plan = retry.plan();
    let look = summary.rejected > 0 || plan.not_found().next().is_some();
    let status = if look { Status::Look } else { Status::Done };
    if args.report.json {
        setup::print_json(&serde_json::json!({
            "version": 1,
            "exit_status": status.code(),
            "read": summary.read,
            "written": summary.written,
            "rejected": summary.rejected,
            "already_there": plan.of(Fate::AlreadyThere).count(),
            "filtered": plan.of(Fate::Filtered).count(),
            "not_found": plan.not_found().map(|refused| serde_json::json!({"file": &**refused.file(), "number": refused.number()})).collect::<Vec<_>>(),
            "explained": plan.explained().into_iter().map(|(code, users)| serde_json::json!({"code": code.name, "users": users, "meaning": code.meaning})).collect::<Vec<_>>(),
        }))?;
    } else if !args.report.quiet {
        crate::say(&retry_text(&summary, plan, &published, status));
    }
    Ok(status)
}

/// The folder to come: of the same kind as the one that was uploaded, each connection by itself where it was so there.
fn folder(args: &RetryArgs, parts: &PartFiles) -> anyhow::Result<Parts> {
    let options = PartsOptions::default()
        .max_part_bytes(args.max_part_bytes.0)
        .by_connection(parts.by_connection)
        .force(args.force);
    let mut sink = Parts::create(&args.output, options)?.describe(parts.described(args.max_part_bytes.0));
    for (path, connection) in &parts.files {
        if let Some(connection) = connection {
            sink = sink.connection(path, connection);
        }
    }
    Ok(match &parts.exports {
        Some(exports) => sink.detail("exports", exports.clone()),
        None => sink,
    })
}

fn into<S: Sink>(inputs: &[PathBuf], retry: &Retry, sink: S) -> anyhow::Result<(Summary, S::Finished)> {
    Ok(Pipeline::new().run(inputs.iter().map(|path| Input::from(path.as_path())), retry, sink)?)
}

/// The error lists that were given, or those that `upload` kept beside the parts.
fn error_lists(folder: &Path, parts: &PartFiles, given: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    if !given.is_empty() {
        return Ok(given.to_vec());
    }
    let mut kept = Vec::new();
    for folder in parts.folders() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if path.is_dir() && name.starts_with("upload-") && name.ends_with(".errors") {
                for list in std::fs::read_dir(&path)? {
                    kept.push(list?.path());
                }
            }
        }
    }
    kept.retain(|path| path.extension().is_some_and(|end| end == "json"));
    kept.sort();
    ensure!(
        !kept.is_empty(),
        "{}: expected error lists that `reimport upload` kept, but found none: give them with --errors FILE",
        folder.display()
    );
    Ok(kept)
}
