//! `reimport delta`: what happened between two exports of one tenant.

use reimport::compare::{Comparison, DeltaFolder};
use reimport::pipeline::Watch;

use super::setup;
use super::verify::{input, total_bytes};
use crate::args::DeltaArgs;
use crate::exit::Status;
use crate::progress::Bar;
use crate::report::Happened;

pub(super) fn run(args: &DeltaArgs) -> anyhow::Result<Status> {
    setup::refuse_file_ending(&args.output, "delta writes a folder: name it without such an ending")?;
    let (old, new) = (input(&args.old)?, input(&args.new)?);
    let mut folder = DeltaFolder::create(&args.output, args.force)?;
    let files = [args.old.clone(), args.new.clone()];
    folder.refuse_inputs(&files)?;
    let watch = Watch::default();
    let bar = Bar::draw(&watch, total_bytes(files.iter()), &args.report);
    let report = Comparison::new().watch(watch).delta([old], [new], &mut folder)?;
    folder.finish()?;
    drop(bar);
    let happened = Happened {
        old: args.old.display().to_string(),
        new: args.new.display().to_string(),
        folder: args.output.display().to_string(),
        report: &report,
    };
    if args.report.json {
        setup::print_json(&happened.json())?;
    } else if !args.report.quiet {
        crate::say(&happened.text());
    }
    Ok(happened.status())
}
