//! `reimport fields`: all paths of an export, or the values at one path. `schema` has the types of the fields.

use std::io::Write;

use reimport::filter::Filtered;
use reimport::pipeline::Progress;
use reimport::projection::FieldPath;
use reimport::sink::Nothing;
use reimport::survey::{Survey, ValueAt, Values};
use reimport::{Sink, Summary, Transform};

use super::first_rejects::FirstRejects;
use super::inputs;
use super::{filter, setup, unseen};
use crate::args::FieldsArgs;
use crate::exit::Status;
use crate::progress::Bar;
use crate::report::{Place, Remarks, fields_json, fields_table, fields_text, values_json, values_table};
use crate::terminal::{Form, stdout};

pub(super) fn run(args: &FieldsArgs) -> anyhow::Result<Status> {
    inputs::read_once(args.read.exports.iter().chain(filter::files(&args.run.filter)))?;
    #[cfg(feature = "columns")]
    if let Some(path) = &args.schema {
        return super::schema::write(args, path);
    }
    match &args.values {
        None => paths(args),
        Some(path) => values(args, path),
    }
}

fn paths(args: &FieldsArgs) -> anyhow::Result<Status> {
    let ran = run_into(args, Survey::new(), Nothing::new())?;
    let status = ran.status();
    let tally = ran.transform.into_tally();
    if args.report.json {
        setup::print_json(&fields_json(&tally, &ran.summary, &ran.remarks, status))?;
    } else {
        print(&fields_table(&tally))?;
    }
    Ok(print_summary(args, &ran.summary, &ran.places, &ran.remarks, status))
}

fn values(args: &FieldsArgs, path: &FieldPath) -> anyhow::Result<Status> {
    let mut ran = run_into(args, ValueAt::new(path.clone()), Values::new())?;
    let counts = &ran.finished;
    if counts.records() > 0 && counts.missing() == counts.records() {
        ran.remarks.extend(unseen::of_paths(vec![path.clone()], &ran.summary, &args.read));
    }
    let status = ran.status();
    if args.report.json {
        setup::print_json(&values_json(path, &ran.finished, &ran.summary, &ran.remarks, status))?;
    } else {
        print(&values_table(path, &ran.finished))?;
    }
    Ok(print_summary(args, &ran.summary, &ran.places, &ran.remarks, status))
}

/// The result of a run over the export.
pub(super) struct Ran<T, F> {
    pub(super) transform: T,
    finished: F,
    pub(super) summary: Summary,
    pub(super) places: Vec<Place>,
    pub(super) remarks: Remarks,
}

impl<T, F> Ran<T, F> {
    pub(super) fn status(&self) -> Status {
        self.remarks.status(&self.summary)
    }
}

pub(super) fn run_into<T: Transform, S: Sink>(
    args: &FieldsArgs,
    transform: T,
    sink: S,
) -> anyhow::Result<Ran<T, S::Finished>> {
    let filter = filter::filter(&args.run.filter, &args.connection.connections)?;
    let filtered = Filtered::new(filter, transform);
    let progress = Progress::default();
    let bar = Bar::draw(&progress, inputs::total_bytes(&args.read), &args.report);
    let pipeline = setup::pipeline(&args.read, &args.run).progress(progress);
    let (summary, (finished, places)) =
        pipeline.run(inputs::open(&args.read)?, &filtered, FirstRejects::new(sink))?;
    drop(bar);
    let mut remarks = Remarks::default();
    remarks.add_sources(&summary.sources);
    remarks.extend(unseen::of_filter(&filtered, &summary, &args.read));
    Ok(Ran { transform: filtered.into_inner(), finished, summary, places, remarks })
}

fn print_summary(
    args: &FieldsArgs,
    summary: &Summary,
    places: &[Place],
    remarks: &Remarks,
    status: Status,
) -> Status {
    if !args.report.quiet && !args.report.json {
        crate::write_stderr(&fields_text(summary, places, remarks, status));
    }
    status
}

/// Prints a table, which is data.
fn print(table: &str) -> anyhow::Result<()> {
    Ok(stdout(Form::Text).write_all(table.as_bytes())?)
}
