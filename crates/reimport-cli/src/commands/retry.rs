//! `reimport retry`: parts of the users that import jobs refused.

use std::path::PathBuf;

use anyhow::ensure;
use reimport::import::retry::{CodeFilter, JobErrors, Retry, RetryPlan};
use reimport::import::{Connections, Rules};
use reimport::parts_folder::open_regular;
use reimport::record::{ReadOptions, UserIds};
use reimport::sink::{Array, FileOptions, Framing, OneFile, Parts, PartsOptions};
use reimport::{Input, Pipeline, Sink, Summary, UploadName};

use super::folder::PartFiles;
use super::inputs;
use super::inputs::is_stdio;
use super::journals::Journals;
use super::next;
use super::setup::{self, file_bytes, is_json};
use super::unseen;
use crate::args::RetryArgs;
use crate::exit::Status;
use crate::report::{Published, Retried, WrittenParts};
use crate::terminal::{Form, stdout};

pub(super) fn run(args: &RetryArgs) -> anyhow::Result<Status> {
    let (parts, kept) = match &args.parts {
        Some(folder) if args.errors.is_empty() => {
            let parts = PartFiles::of_folder(folder)?;
            let kept = Kept::next_to(&parts)?;
            ensure!(
                !kept.lists.is_empty() || kept.journals.found,
                "{}: expected error lists that `reimport upload` kept, but found none; give them with --errors FILE",
                folder.display()
            );
            (parts, kept)
        }
        Some(folder) => (PartFiles::of_folder(folder)?, Kept::given(&args.errors)),
        None => (PartFiles::of_exports(&args.from), Kept::given(&args.errors)),
    };
    let inputs = parts.paths();
    let mut lists = JobErrors::new();
    for path in &kept.lists {
        lists = lists.read(inputs::source(path)?)?;
    }
    let unlisted = kept.journals.into_unlisted(&lists);
    let filter = args.codes.iter().fold(CodeFilter::new(), CodeFilter::only);
    let filter = args.not_codes.iter().fold(filter, CodeFilter::not);
    // The users in the folder passed the rules when they were written. Here they are edited and checked again, except
    // for connections and uniqueness.
    let rules = Rules::new().edits(setup::edits(&args.edits)?).connections(Connections::Any).unique([]);
    let retry = Retry::new(RetryPlan::new(lists, &filter), rules);
    let mut options = ReadOptions::default();
    // Uploaded parts have the ids of an import file, whichever tool wrote them.
    options.user_ids = match &args.parts {
        Some(_) => Some(UserIds::Bare),
        None => args.user_ids.map(Into::into),
    };
    let pipeline = Pipeline::new().read_options(options.clone());
    let one_file = is_stdio(&args.output) || is_json(&args.output);
    ensure!(
        !(one_file && parts.by_connection),
        "the users belong to several connections, and an import job fills one; name a folder with -o, which then has a folder \
         for each connection"
    );
    let (mut too_large, mut corrections) = (None, Vec::new());
    let (summary, published) = if is_stdio(&args.output) {
        ensure!(
            !args.report.json,
            "--json prints to standard output, which is used for the users; name a folder or file with -o"
        );
        let (summary, _) = into(&pipeline, &inputs, &retry, Array::new(stdout(Form::Json)))?;
        (summary, Published::Stdout)
    } else if one_file {
        let options = FileOptions::default().force(args.force);
        let file = OneFile::create(&args.output, Framing::Array, options)?;
        file.refuse_inputs(&inputs)?;
        let (summary, file) = into(&pipeline, &inputs, &retry, file)?;
        too_large = setup::too_large(&args.output, file_bytes(&file), args.max_part_bytes.0);
        (summary, Published::File(args.output.display().to_string()))
    } else {
        setup::refuse_file_ending(
            &args.output,
            "retry writes a folder, FILE.json, or - for standard output",
        )?;
        let sink = folder(args, &parts)?;
        sink.refuse_inputs(&inputs)?;
        let (summary, published) = into(&pipeline, &inputs, &retry, sink)?;
        let folder = args.output.display().to_string();
        too_large = setup::large_parts(&published);
        corrections = next::correct(&args.output, &published);
        (summary, Published::Folder(WrittenParts::new(folder, &published)))
    };
    let more = unseen::of_edits(retry.rules(), &inputs, &options).into_iter().chain(too_large);
    let retried = Retried::new(&summary, retry.plan(), unlisted).with(more.collect()).correct(corrections);
    if args.report.json {
        setup::print_json(&retried.json())?;
    } else if !args.report.quiet {
        crate::write_stderr(&retried.text(&published));
    }
    Ok(retried.status())
}

/// Creates the output folder. If the uploaded folder has one folder per connection, the output folder has, too.
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

fn into<S: Sink>(
    pipeline: &Pipeline,
    inputs: &[PathBuf],
    retry: &Retry,
    sink: S,
) -> anyhow::Result<(Summary, S::Finished)> {
    Ok(pipeline.run(inputs.iter().map(|path| Input::from(path.as_path())), retry, sink)?)
}

/// What uploads kept about refused users.
struct Kept {
    /// Error lists.
    lists: Vec<PathBuf>,
    journals: Journals,
}

impl Kept {
    /// Uses the given error lists.
    fn given(lists: &[PathBuf]) -> Self {
        Self { lists: lists.to_vec(), journals: Journals::default() }
    }

    /// Finds what `upload` kept next to the parts.
    fn next_to(parts: &PartFiles) -> anyhow::Result<Self> {
        let (mut lists, mut journals) = (Vec::new(), Journals::default());
        for (folder, names) in parts.by_folder() {
            for entry in std::fs::read_dir(folder)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                let kept = UploadName::of(&name) == Some(UploadName::ErrorFolder);
                if kept && entry.file_type()?.is_dir() {
                    for list in std::fs::read_dir(entry.path())? {
                        lists.push(list?.path());
                    }
                }
            }
            journals.add(folder, &names)?;
        }
        lists.retain(|path| path.extension().is_some_and(|end| end == "json"));
        lists.retain(|path| !journals.superseded.contains(path));
        lists.sort();
        for list in &lists {
            drop(open_regular(list)?);
        }
        Ok(Self { lists, journals })
    }
}
