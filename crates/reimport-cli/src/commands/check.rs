//! `reimport check`: a run of `convert` with a sink that writes nothing.

use reimport::Topic;
use reimport::sink::{Document, PartsOptions};

use super::check_sink::CheckSink;
use super::inputs;
use super::inputs::is_stdio;
use super::setup::{self, Holds};
use super::{like, next, setup::Ran};
use crate::args::{CheckArgs, RulesChoice};
use crate::exit::Status;
use crate::report::{self, Readiness, Remark};
use crate::style::status_line;

pub(super) fn run(args: &CheckArgs) -> anyhow::Result<Status> {
    match like::complete(&args.like, "check", args.report.quiet)? {
        Some(completed) => check(&completed),
        None => check(args),
    }
}

fn check(args: &CheckArgs) -> anyhow::Result<Status> {
    let page = page(args)?;
    let rules = &args.rules;
    let one_wanted = rules.rules == RulesChoice::Import && rules.connections.is_empty();
    let undecided = one_wanted && !rules.merge_connections && !args.parts.by_connection;
    let options = PartsOptions::default()
        .max_part_bytes(args.parts.max_part_bytes.0)
        .max_part_users(args.parts.max_part_users)
        .by_connection(args.parts.by_connection);
    let sink = CheckSink::new(options, undecided, args.examples)?;
    let holds = Holds { any_connection: args.parts.by_connection || undecided, lists: None };
    let Ran { summary, finished: (estimate, examples), mut remarks } =
        setup::run(&args.read, &args.run, rules, &args.report, holds, sink)?;
    let undecided = undecided && summary.of(Topic::Connection).count() > 1;
    if undecided {
        remarks.push(Remark::SeveralConnections);
    }
    let more = if undecided { "--by-connection" } else { "" };
    let next = (summary.written > 0).then(|| next::convert(std::env::args_os(), more));
    let readiness = Readiness {
        summary: &summary,
        estimate: &estimate,
        max_part_bytes: args.parts.max_part_bytes.0,
        remarks: &remarks,
        examples: &examples,
        next,
        joined_passwords: !rules.join.passwords.is_empty(),
        undecided,
        status: remarks.status(&summary),
    };
    print_report(args, &readiness, page)?;
    Ok(readiness.status)
}

/// Creates the HTML page, if there is one. Errors about its name are reported before anything is read.
fn page(args: &CheckArgs) -> anyhow::Result<Option<Document>> {
    let Some(path) = &args.html else { return Ok(None) };
    let rules = &args.rules;
    let mut inputs = inputs::files(&args.read);
    inputs.extend(
        rules.join.passwords.iter().chain(&rules.join.mfa_secrets).filter(|path| !is_stdio(path)).cloned(),
    );
    super::page::create(path, args.force, &inputs).map(Some)
}

fn print_report(args: &CheckArgs, readiness: &Readiness<'_>, page: Option<Document>) -> anyhow::Result<()> {
    if let Some(document) = page {
        document.publish(report::readiness_page(readiness)?.as_bytes())?;
    }
    if args.report.json {
        setup::print_json(&report::readiness_json(readiness))?;
    } else if !args.report.quiet {
        setup::print(&report::readiness_table(readiness))?;
    }
    if !args.report.quiet && !args.report.json {
        super::page::print_path(args.html.as_deref());
        let findings = readiness.remarks.findings(readiness.summary);
        crate::write_stderr(&status_line(readiness.status, &readiness.status.words(&findings)));
    }
    Ok(())
}
