//! `reimport delta`: the differences between two exports of one tenant.

use anyhow::bail;
use reimport::compare::{Comparison, DeltaFolder};
use reimport::pipeline::Progress;

use super::folder::not_an_export;
use super::setup;
use super::verify::{input, total_bytes};
use crate::args::DeltaArgs;
use crate::exit::Status;
use crate::progress::Bar;
use crate::report::{DeltaReport, quoted};

pub(super) fn run(args: &DeltaArgs) -> anyhow::Result<Status> {
    if let Some(out) = &args.output {
        setup::refuse_file_ending(out, "delta writes a folder; use a name without a file extension")?;
    }
    refuse_part(args)?;
    let (old, new) = (input(&args.old)?, input(&args.new)?);
    let folder = args.output.as_ref().map(|out| DeltaFolder::create(out, args.force)).transpose()?;
    let files = [args.old.clone(), args.new.clone()];
    let progress = Progress::default();
    let bar = Bar::draw(&progress, total_bytes(files.iter()), &args.report);
    let comparison = Comparison::new().progress(progress);
    let report = match folder {
        None => comparison.delta([old], [new], &mut ())?,
        Some(mut folder) => {
            folder.refuse_inputs(&files)?;
            let report = comparison.delta([old], [new], &mut folder)?;
            folder.finish()?;
            report
        }
    };
    drop(bar);
    let delta = DeltaReport {
        old: args.old.display().to_string(),
        new: args.new.display().to_string(),
        folder: args.output.as_ref().map(|out| out.display().to_string()),
        report: &report,
    };
    if args.report.json {
        setup::print_json(&delta.json())?;
    } else if args.output.is_none() {
        // Nothing else is written, so the report is the data.
        setup::print(&delta.text())?;
    } else if !args.report.quiet {
        crate::write_stderr(&delta.text());
    }
    Ok(delta.status())
}

/// Returns an error if one side is a part of an import and the other is an export: their user ids have different forms.
fn refuse_part(args: &DeltaArgs) -> anyhow::Result<()> {
    let (what, part, export) = match [&args.old, &args.new].map(|path| not_an_export(path)) {
        [Some(what), None] => (what, &args.old, &args.new),
        [None, Some(what)] => (what, &args.new, &args.old),
        _ => return Ok(()),
    };
    bail!(
        "{}: expected an export, but this is {what}; the user_ids of a part have no strategy prefix; \
         `reimport verify {} \
         {}` checks whether its users are in the export",
        part.display(),
        quoted(&part.display().to_string()),
        quoted(&export.display().to_string())
    )
}
