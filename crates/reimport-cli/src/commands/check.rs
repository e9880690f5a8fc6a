//! `reimport check`: the run of `convert`, into a sink that writes nothing.

use reimport::sink::Nothing;

use super::setup;
use crate::args::CheckArgs;
use crate::exit::Status;
use crate::report::Published;

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<Status> {
    // A part's brackets and line ends take four bytes.
    let sink = Nothing::new().max_record_bytes(args.max_part_bytes.0.saturating_sub(4));
    let ran = setup::run(&args.read, &args.run, &args.rules, &args.report, false, sink)?;
    setup::report(&ran, &Published::Nothing, &args.report)
}
