//! Runs of the library: from the options to the report.

use std::io::Write as _;
use std::num::NonZero;
use std::path::Path;
use std::thread::available_parallelism;

use reimport::filter::Filtered;
use reimport::import::{Connections, Edits, Linked, Purpose, Rules, Unknown};
use reimport::pipeline::Progress;
use reimport::projection::Unchanged;
use reimport::sink::{MAX_PART_BYTES, PublishedParts};
use reimport::{Input, Pipeline, Sink, Summary, Transform};
use serde::Serialize;

use super::inputs::{read_once, read_options, total_bytes};
use super::second_files::SecondFiles;
use super::{filter, inputs, unseen};
use crate::args::{
    EditArgs, LinkedChoice, MetadataChoice, PurposeChoice, ReadArgs, ReportArgs, RulesArgs, RulesChoice,
    RunArgs, UnknownChoice,
};
use crate::exit::Status;
use crate::progress::Bar;
use crate::report::{Fix, Hashes, Published, Remark, Remarks, run_json, summary_text};
use crate::style::{Styled, write_stdout};
use crate::terminal::{Form, stdout};

/// Whether the output is one array in a file, not a folder: its name ends in `.json`.
pub(super) fn is_json(output: &Path) -> bool {
    output.extension().is_some_and(|end| end.eq_ignore_ascii_case("json"))
}

/// Returns an error if a folder is to be created whose name has a file extension that the command does not write.
pub(super) fn refuse_file_ending(output: &Path, what: &str) -> anyhow::Result<()> {
    const ENDINGS: [&str; 25] = [
        "dat", "data", "db", "log", "out", "tar", "tgz", "yaml", "csv", "tsv", "ndjson", "jsonl", "json",
        "gz", "zip", "zst", "bz2", "xz", "7z", "txt", "xls", "xlsx", "xml", "html", "parquet",
    ];
    let end = output.extension().and_then(|end| end.to_str()).map(str::to_ascii_lowercase);
    let is_file = end.is_some_and(|end| ENDINGS.contains(&&*end)) && !output.is_dir();
    anyhow::ensure!(!is_file, "-o {}: {what}", output.display());
    Ok(())
}

/// Returns a warning if parts are larger than an import job accepts.
pub(super) fn large_parts(published: &PublishedParts) -> Option<Remark> {
    let manifests = std::iter::once(&published.manifest).chain(&published.connections);
    let parts = manifests.flat_map(|manifest| &manifest.parts);
    let large = parts.filter(|part| part.bytes > MAX_PART_BYTES).count() as u64;
    (large > 0).then_some(Remark::LargeParts { parts: large, limit: MAX_PART_BYTES })
}

/// Returns a warning if the array is larger than an import job accepts.
pub(super) fn too_large(output: &Path, bytes: u64, limit: u64) -> Option<Remark> {
    let limit = limit.min(MAX_PART_BYTES);
    (bytes > limit).then(|| Remark::TooLargeFile { file: output.display().to_string(), bytes, limit })
}

/// Returns a warning if the array has more users than a part may have.
pub(super) fn too_many(output: &Path, users: u64, limit: Option<u64>) -> Option<Remark> {
    let limit = limit.filter(|limit| users > *limit)?;
    Some(Remark::TooManyUsers { file: output.display().to_string(), users, limit })
}

/// Returns the size of a written file, or 0 if it cannot be read.
pub(super) fn file_bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |written| written.len())
}

/// Returns the pipeline that the options describe.
pub(super) fn pipeline(read: &ReadArgs, run: &RunArgs) -> Pipeline {
    let mut pipeline = whole(read, run);
    if let Some(limit) = run.limit {
        pipeline = pipeline.limit(limit);
    }
    if let Some(limit) = run.max_rejected {
        pipeline = pipeline.max_rejected(limit);
    }
    pipeline
}

/// Returns the same pipeline without limits.
pub(super) fn whole(read: &ReadArgs, run: &RunArgs) -> Pipeline {
    let pipeline = Pipeline::new().read_options(read_options(read));
    match run.threads.and_then(|threads| NonZero::new(usize::from(threads))) {
        // Threads without a core would only compete with the others.
        Some(threads) => {
            pipeline.threads(available_parallelism().map_or(threads, |cores| threads.min(cores)))
        }
        None => pipeline,
    }
}

/// Returns the edits that the options describe.
pub(super) fn edits(args: &EditArgs) -> anyhow::Result<Edits> {
    let mut edits = Edits::new();
    for (from, to) in &args.moves {
        edits = edits.move_to(from.clone(), to.clone());
    }
    for path in &args.drops {
        edits = edits.drop_at(path.clone());
    }
    for (path, json) in &args.sets {
        edits = edits.set(path.clone(), json)?;
    }
    Ok(edits)
}

/// Returns the rules that the options describe.
pub(super) fn rules(args: &RulesArgs, any_connection: bool) -> anyhow::Result<Rules> {
    let connections = match (any_connection || args.merge_connections, args.connections.as_slice()) {
        (_, names @ [_, ..]) => Connections::Only(names.to_vec()),
        (true, []) => Connections::Any,
        (false, []) => Connections::One,
    };
    let unknown = match args.unknown {
        UnknownChoice::Drop => Unknown::Drop,
        UnknownChoice::Reject => Unknown::Reject,
    };
    let purpose = match args.purpose {
        PurposeChoice::Insert => Purpose::Insert,
        PurposeChoice::Update => Purpose::Update,
    };
    let linked = match args.linked {
        LinkedChoice::Skip => Linked::Skip,
        LinkedChoice::Promote => Linked::Promote,
    };
    let unique = if args.no_duplicate_check { &[][..] } else { &args.unique };
    Ok(Rules::new()
        .edits(edits(&args.edits)?)
        .connections(connections)
        .unknown(unknown)
        .purpose(purpose)
        .linked(linked)
        .omit_metadata(args.metadata == MetadataChoice::Omit)
        .require(args.require.iter().copied().map(Into::into))
        .unique(unique.iter().copied().map(Into::into)))
}

/// The result of a run.
pub(super) struct Ran<F> {
    pub(super) summary: Summary,
    pub(super) finished: F,
    /// Warnings and notes.
    pub(super) remarks: Remarks,
}

/// What the output can contain.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Holds<'o> {
    /// Users of several connections.
    pub(super) any_connection: bool,
    /// The folder of the lists next to the parts, such as `no-password.csv`.
    pub(super) lists: Option<&'o Path>,
}

/// Runs the pipeline into `sink`.
pub(super) fn run<S: Sink>(
    read: &ReadArgs,
    run: &RunArgs,
    rules_args: &RulesArgs,
    report: &ReportArgs,
    holds: Holds<'_>,
    sink: S,
) -> anyhow::Result<Ran<S::Finished>> {
    let files = read.exports.iter().chain(&rules_args.join.passwords).chain(&rules_args.join.mfa_secrets);
    read_once(files.chain(filter::files(&run.filter)))?;
    let progress = Progress::default();
    let (inputs, pipeline) = (inputs::open(read)?, pipeline(read, run).progress(progress.clone()));
    match rules_args.rules {
        RulesChoice::Import => {
            let filter = filter::filter(&run.filter, &[])?;
            let second_files = SecondFiles::read(&rules_args.join, rules_args.purpose)?;
            let total = total_bytes(read).map(|bytes| bytes.saturating_mul(second_files.passes()));
            let _bar = Bar::draw(&progress, total, report);
            let rules = second_files.give(rules(rules_args, holds.any_connection)?);
            second_files.first_pass(read, &whole(read, run).progress(progress), &rules)?;
            let transform = Filtered::new(filter, rules);
            let mut ran = filtered(&pipeline, inputs, &transform, sink, read)?;
            let unseen = std::mem::take(&mut ran.remarks);
            let hashes = match (rules_args.purpose, rules_args.join.passwords.is_empty()) {
                (PurposeChoice::Update, _) => Hashes::LeftOut,
                (PurposeChoice::Insert, true) => Hashes::Own,
                (PurposeChoice::Insert, false) => Hashes::Joined,
            };
            ran.remarks = Remarks::of_import(&ran.summary, hashes, holds.lists);
            ran.remarks.extend(second_files.remarks(&ran.summary));
            ran.remarks.append(unseen);
            ran.remarks.extend(unseen::of_rules(transform.inner(), &ran.summary, read));
            Ok(ran)
        }
        RulesChoice::None => {
            anyhow::ensure!(
                rules_args.join.passwords.is_empty() && rules_args.join.mfa_secrets.is_empty(),
                "--passwords and --mfa-secrets need the import rules; remove --rules none"
            );
            let _bar = Bar::draw(&progress, total_bytes(read), report);
            let filter = filter::filter(&run.filter, &rules_args.connections)?;
            filtered(&pipeline, inputs, &Filtered::new(filter, Unchanged), sink, read)
        }
    }
}

fn filtered<S: Sink>(
    pipeline: &Pipeline,
    inputs: Vec<Input>,
    transform: &Filtered<impl Transform>,
    sink: S,
    read: &ReadArgs,
) -> anyhow::Result<Ran<S::Finished>> {
    let (summary, finished) = pipeline.run(inputs, transform, sink)?;
    let mut remarks = Remarks::default();
    remarks.add_sources(&summary.sources);
    remarks.extend(unseen::of_filter(transform, &summary, read));
    Ok(Ran { summary, finished, remarks })
}

/// Prints the report of a run, and returns its exit status.
pub(super) fn report<F>(
    ran: &Ran<F>,
    published: &Published,
    fix: Option<&Fix>,
    args: &ReportArgs,
) -> anyhow::Result<Status> {
    let summary = &ran.summary;
    let status = ran.remarks.status(summary);
    if args.json {
        print_json(&run_json(summary, published.parts(), &ran.remarks, status))?;
    } else if !args.quiet {
        crate::write_stderr(&summary_text(summary, published, fix, &ran.remarks, status));
    }
    Ok(status)
}

/// Prints a JSON document on standard output.
pub(super) fn print_json(document: &impl Serialize) -> anyhow::Result<()> {
    let mut text = serde_json::to_string_pretty(document)?;
    text.push('\n');
    print_as(&text, Form::Json)
}

/// Prints a report on standard output.
pub(super) fn print(report: &Styled) -> anyhow::Result<()> {
    Ok(write_stdout(report)?)
}

/// Prints text on standard output, escaped in the given form on a terminal.
pub(super) fn print_as(text: &str, form: Form) -> anyhow::Result<()> {
    let mut stdout = stdout(form);
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}
