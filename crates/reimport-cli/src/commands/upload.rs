//! `reimport upload`: show the plan, ask for confirmation, send the parts, and list the refused users.

use std::io::{self, BufRead, IsTerminal};

use anyhow::bail;
use reimport_jobs::upload::{Objection, Observer, Outcome, Plan, Progress, Upload};
use reimport_jobs::{Client, Pause, duration_text};

use super::parts::PartsFolder;
use super::{refused, setup, tenant};
use crate::args::{ReportArgs, UploadArgs};
use crate::event::{Event, JobOfPart};
use crate::exit::Status;
use crate::line::Line;
use crate::report::{FinishedUpload, grouped, of_objection, plan_json, plan_text, upload_json, upload_text};
use crate::style::{Styled, status_line};

pub(super) fn run(args: &UploadArgs) -> anyhow::Result<Status> {
    let folder = PartsFolder::open(&args.parts)?;
    let upsert = folder.upsert(args.upsert)?;
    let tenants = folder.tenants();
    let mut facts = folder.facts(upsert);
    facts.exported_from = tenants.first().map(ToOwned::to_owned);
    if tenant::lacks_token(&args.tenant) && !args.report.quiet {
        // The token comes last: the plan shows what it is needed for. The client then reports that it is missing.
        let plan = Plan::unchecked(tenant::address(&args.tenant)?, &args.to, facts.clone());
        let objections = objections(args, &plan);
        crate::write_stderr(&plan_text(&plan, folder.manifest.connection.as_deref(), None, &objections));
    }
    let client = tenant::client(&args.tenant, &args.poll, &args.report)?;
    // If the target is among the tenants of the exports, it must be the one that the objection is about.
    facts.exported_from = tenants.get(client.host()).map(ToOwned::to_owned).or(facts.exported_from);
    let plan = Plan::inspect(&client, &args.to, facts)?;
    let upload = upload(args, &client, &folder, &plan);
    let before = upload.so_far()?;
    let objections = objections(args, &plan);
    // The plan is always shown before the question.
    if !args.report.quiet || !(args.yes || args.dry_run) {
        let connection = folder.manifest.connection.as_deref();
        crate::write_stderr(&plan_text(&plan, connection, before.as_ref(), &objections));
    }
    if args.dry_run {
        return dry(args, &plan, before.as_ref(), &objections);
    }
    if !objections.is_empty() {
        bail!("nothing was sent: {}", words(&objections));
    }
    if !agree(args, &plan)? {
        crate::write_stderr(&Styled::line("nothing was uploaded (exit status 2)"));
        return Ok(Status::Failed);
    }

    let words = "the jobs that were started continue in the tenant; to continue the upload:";
    let guard = tenant::continue_with(words, &args.report);
    let mut watcher = Watcher { line: Line::new(&args.report), pauses: tenant::Pauses::new(&args.report) };
    // The lists of refused users are also written while the lock is held.
    let mut locked = upload.lock()?;
    let result = locked.run(&mut watcher);
    drop((watcher, guard));
    match result {
        Ok(outcome) => report(args, &plan, &upload, &outcome),
        Err(error) => {
            // The users that were refused so far are listed, but only the error is reported.
            drop(refused::list(&args.parts, &upload.errors_folder(), &locked.so_far()));
            Err(error.into())
        }
    }
}

fn upload<'a>(args: &UploadArgs, client: &'a Client, folder: &'a PartsFolder, plan: &Plan) -> Upload<'a> {
    Upload::new(client, &folder.parts, &args.parts, &plan.connection_id)
        .upsert(plan.facts.upsert)
        .connection_is_empty(plan.existing_users == Some(0))
        .max_failed(args.max_failed)
        .send_completion_email(args.send_completion_email)
        .send_failed_again(args.again)
        .wait(tenant::wait(&args.poll))
}

/// Returns the objections that no option waives.
fn objections(args: &UploadArgs, plan: &Plan) -> Vec<Objection> {
    let waived = |objection: &Objection| match objection {
        Objection::SameTenant => args.same_tenant,
        Objection::NoPasswords => args.without_passwords,
        _ => false,
    };
    plan.objections().into_iter().filter(|objection| !waived(objection)).collect()
}

fn words(objections: &[Objection]) -> String {
    let words: Vec<String> =
        objections.iter().map(|objection| format!("{objection}{}", of_objection(*objection))).collect();
    words.join("; and ")
}

/// Prints what an upload would do.
fn dry(
    args: &UploadArgs,
    plan: &Plan,
    before: Option<&Outcome>,
    objections: &[Objection],
) -> anyhow::Result<Status> {
    let status = match (objections, plan.warnings().as_slice()) {
        ([], []) => Status::Done,
        ([], _) => Status::Findings,
        _ => Status::Failed,
    };
    if args.report.json {
        setup::print_json(&plan_json(plan, before, objections, status))?;
    }
    if !args.report.quiet {
        let words = match status {
            Status::Done => "dry run: nothing was sent (exit status 0)",
            Status::Findings => "dry run: nothing was sent; there are warnings (exit status 1)",
            _ => "dry run: nothing was sent, and an upload would be refused (exit status 2)",
        };
        crate::write_stderr(&status_line(status, words));
    }
    Ok(status)
}

/// Asks for confirmation, and returns whether the answer is yes. Without a terminal, `--yes` is required.
fn agree(args: &UploadArgs, plan: &Plan) -> anyhow::Result<bool> {
    if args.yes {
        return Ok(true);
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        bail!("nothing was sent: the question needs a terminal; use --yes to send without it");
    }
    crate::write_stderr(&Styled::lines(&format!("Send these users to {}? [y/N] ", plan.tenant)));
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(is_yes(&answer))
}

fn is_yes(answer: &str) -> bool {
    ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str())
}

/// Shows the progress of the upload.
struct Watcher {
    line: Line,
    pauses: tenant::Pauses,
}

impl Observer for Watcher {
    fn pausing(&mut self, pause: &Pause) {
        self.pauses.print(pause);
    }

    fn progress(&mut self, progress: &Progress) {
        self.line.show(&texts(progress), event(progress));
    }
}

/// Returns texts for the line, the most detailed first. All of them have the time left, if it is known.
fn texts(progress: &Progress) -> [String; 4] {
    let done = &progress.done;
    let users = format!("{} of {} users", grouped(done.users), grouped(progress.users));
    let failed = format!("{} failed", grouped(done.failed.saturating_add(done.unknown)));
    let (inserted, updated) = (grouped(done.inserted), grouped(done.updated));
    let counts = format!("{users}: {inserted} inserted, {updated} updated, {failed}");
    let jobs = match progress.jobs.as_slice() {
        [] => String::new(),
        [job] => format!("; 1 job running{}", percent(job.percentage_done)),
        jobs => format!("; {} jobs running", jobs.len()),
    };
    let left = match progress.time_left.filter(|left| !left.is_zero()) {
        Some(left) => format!("; about {} left", duration_text(left.as_secs().max(1))),
        None => String::new(),
    };
    [
        format!("{counts}{jobs}{left}"),
        format!("{counts}{left}"),
        format!("{users}: {failed}{left}"),
        format!("{users}{left}"),
    ]
}

/// Returns the progress of the upload for programs.
fn event(progress: &Progress) -> Event {
    let done = &progress.done;
    let jobs = progress.jobs.iter().map(|job| JobOfPart {
        part: job.part.clone(),
        job: job.job.clone(),
        percentage_done: job.percentage_done,
    });
    Event::Uploading {
        parts: progress.parts,
        parts_done: done.parts,
        users: progress.users,
        users_done: done.users,
        inserted: done.inserted,
        updated: done.updated,
        already_there: done.already_there,
        failed: done.failed,
        unknown: done.unknown,
        jobs: jobs.collect(),
        seconds_left: progress.time_left.map(|left| left.as_secs()),
    }
}

fn percent(done: Option<u64>) -> String {
    done.map_or_else(String::new, |done| format!(", {done} %"))
}

/// Lists the refused users, and prints the result.
fn report(args: &UploadArgs, plan: &Plan, upload: &Upload<'_>, outcome: &Outcome) -> anyhow::Result<Status> {
    let warnings = plan.warnings();
    let list = refused::list(&args.parts, &upload.errors_folder(), outcome)?;
    let status = if outcome.done.parts < outcome.parts {
        Status::Failed
    } else if outcome.is_complete() && warnings.is_empty() {
        Status::Done
    } else {
        Status::Findings
    };
    let finished = FinishedUpload {
        outcome,
        status,
        parts: args.parts.display().to_string(),
        tenant: plan.tenant.clone(),
        warnings,
        list: list.map(|list| list.display().to_string()),
    };
    let ReportArgs { json, quiet, .. } = args.report;
    if json {
        setup::print_json(&upload_json(&finished))?;
    } else if !quiet {
        crate::write_stderr(&upload_text(&finished));
    }
    Ok(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_y_or_yes_confirms() {
        for (answer, yes) in
            [("y\n", true), ("Yes\n", true), ("\n", false), ("", false), ("yep\n", false), ("n\n", false)]
        {
            assert_eq!(is_yes(answer), yes, "{answer:?}");
        }
    }
}
