//! Reports of an upload: the plan before it starts, and the result.

use reimport_jobs::upload::{Objection, Outcome, PartOutcome, Plan, Stopped, Warning};
use serde_json::{Value, json};

use super::command::quoted;
use super::hints::of_objection;
use super::job::of_kind;
use super::page::{Page, counted, grouped};
use super::retry_remark::details;
use super::summary::ALL;
use crate::exit::Status;
use crate::style::Styled;

/// Returns the plan, which is shown before anything is sent.
///
/// `objections` are those that no option waives.
pub(crate) fn plan_text(
    plan: &Plan,
    connection_of_parts: Option<&str>,
    before: Option<&Outcome>,
    objections: &[Objection],
) -> Styled {
    let (mut page, facts) = (Page::default(), &plan.facts);
    page.add("tenant", &plan.tenant);
    page.add("to", &target(plan));
    page.add(
        "from",
        &match &facts.exported_from {
            Some(tenant) => tenant.clone(),
            None => "not known: there was no job record next to the export".to_owned(),
        },
    );
    let passwords = match facts.with_password {
        0 => "no user has a password hash".to_owned(),
        all if all == facts.users => "all have a password hash".to_owned(),
        some => {
            let none = facts.users.saturating_sub(some);
            format!("{} have a password hash, {} have none", grouped(some), grouped(none))
        }
    };
    let of = connection_of_parts.map_or_else(String::new, |name| format!(" of {name}"));
    page.add(
        "send",
        &format!("{}{of} in {}; {passwords}", counted(facts.users, "user"), counted(facts.parts, "part")),
    );
    page.add(
        "mode",
        match (facts.upsert, facts.with_password) {
            (false, _) => "insert: existing users are refused and not changed",
            (true, 0) => {
                "upsert: existing users are changed, and their metadata is replaced, not merged; new users are inserted \
                 without a password"
            }
            (true, _) => "upsert: existing users are changed, and their metadata is replaced, not merged",
        },
    );
    if let Some(before) = before.filter(|before| before.done.parts > 0) {
        page.add(
            "before",
            &format!(
                "{} of {} have a result from an earlier run and are not sent again",
                grouped(before.done.parts),
                counted(before.parts, "part")
            ),
        );
    }
    for missing in &facts.missing_data {
        page.add("lacking", missing);
    }
    for (check, why) in &plan.unchecked {
        page.add("unchecked", &format!("{check}: {why}"));
    }
    for warning in plan.warnings() {
        page.add("warning", &warning.to_string());
    }
    for objection in objections {
        page.add("stops", &stops(*objection));
    }
    page.text()
}

fn target(plan: &Plan) -> String {
    let Some(connection) = &plan.connection else { return plan.connection_id.clone() };
    let kind = match (connection.is_database(), &connection.strategy) {
        (Some(true), _) => "a database".to_owned(),
        (_, Some(strategy)) => format!("not a database but {strategy}"),
        (_, None) => "of unknown kind".to_owned(),
    };
    let used = match plan.is_used {
        Some(false) => ", used by no application",
        Some(true) => ", used by an application",
        None => "",
    };
    let holds =
        plan.existing_users.map_or_else(String::new, |holds| format!(", has {}", counted(holds, "user")));
    let name = connection.name.as_deref().unwrap_or("without a name");
    format!("{name} ({}): {kind}{used}{holds}", plan.connection_id)
}

/// Returns the document of a dry run, version 1.
pub(crate) fn plan_json(
    plan: &Plan,
    before: Option<&Outcome>,
    objections: &[Objection],
    status: Status,
) -> Value {
    let connection = plan.connection.as_ref();
    let unchecked: Vec<Value> = plan
        .unchecked
        .iter()
        .map(|(check, why)| json!({"check": check.to_string(), "reason": why.to_string()}))
        .collect();
    json!({
        "version": 1,
        "exit_status": status.code(),
        "tenant": plan.tenant,
        "connection_id": plan.connection_id,
        "connection": connection.and_then(|connection| connection.name.as_deref()),
        "is_database": connection.and_then(reimport_jobs::Connection::is_database),
        "is_used": plan.is_used,
        "holds": plan.existing_users,
        "exported_from": plan.facts.exported_from,
        "parts": plan.facts.parts,
        "users": plan.facts.users,
        "with_password": plan.facts.with_password,
        "upsert": plan.facts.upsert,
        "parts_done": before.map_or(0, |before| before.done.parts),
        "lacking": plan.facts.missing_data,
        "unchecked": unchecked,
        "warnings": words(&plan.warnings()),
        "objections": objections.iter().copied().map(stops).collect::<Vec<_>>(),
    })
}

fn words(items: &[impl ToString]) -> Vec<String> {
    items.iter().map(ToString::to_string).collect()
}

/// Data of the report of an upload.
pub(crate) struct FinishedUpload<'a> {
    pub(crate) outcome: &'a Outcome,
    pub(crate) status: Status,
    pub(crate) parts: String,
    pub(crate) tenant: String,
    pub(crate) warnings: Vec<Warning>,
    /// The list of refused users.
    pub(crate) list: Option<String>,
}

/// Returns the result of an upload as text.
pub(crate) fn upload_text(finished: &FinishedUpload<'_>) -> Styled {
    let (mut page, outcome, done) = (Page::default(), finished.outcome, &finished.outcome.done);
    page.add(
        "sent",
        &format!(
            "{} of {}, {} of {}",
            grouped(done.parts),
            counted(outcome.parts, "part"),
            grouped(done.users),
            counted(outcome.users, "user")
        ),
    );
    let counts = [
        (done.inserted, "inserted"),
        (done.updated, "updated"),
        (done.already_there, "already there"),
        (done.failed, "failed"),
        (done.unknown, "unknown"),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    page.list("users", counts.map(|(count, what)| format!("{} {what}", grouped(count))), 2);
    if outcome.may_include_other_users() {
        // The tenant does not report which user exists: an earlier one, or the one of the request without an answer.
        page.add(
            "",
            "already there: refused as existing when a part was sent again because there was no answer; the connection may \
             have had other users before: verify shows which",
        );
    } else if done.already_there > 0 {
        page.add(
            "",
            "already there: a part was sent again because there was no answer, and its first request had imported them",
        );
    }
    let kinds = outcome.error_kinds.iter();
    page.list("errors", kinds.map(|(kind, times)| of_kind(kind, *times)), ALL);
    if let Some(list) = &finished.list {
        page.add("", &format!("by source and line in {list}"));
    }
    let odd = |part: &&PartOutcome| part.result.status != "completed" || part.result.unknown > 0;
    for part in outcome.results.iter().filter(odd).take(4) {
        let details =
            part.result.details.as_deref().map_or_else(String::new, |why| format!(": {}", details(why)));
        page.add("job", &format!("{} of {} is {}{details}", part.job, part.part, part.result.status));
    }
    if let Some(stopped) = &outcome.stopped {
        page.add("stopped", &why(stopped));
    }
    for warning in &finished.warnings {
        page.add("warning", &warning.to_string());
    }
    add_next(&mut page, finished);
    page.status(
        finished.status,
        match finished.status {
            Status::Done => "done (exit status 0)",
            Status::Findings if outcome.is_complete() => "done, with warnings (exit status 1)",
            Status::Findings => "done, with refused users (exit status 1)",
            Status::Failed | Status::PipeClosed | Status::Defect => {
                "stopped: not all parts were sent (exit status 2)"
            }
        },
    );
    page.text()
}

/// Describes why an upload stopped, with the option that sets the limit.
fn why(stopped: &Stopped) -> String {
    match stopped {
        Stopped::TooManyFailed { .. } => format!("{stopped} (--max-failed)"),
        _ => stopped.to_string(),
    }
}

/// Describes an objection, with the option that waives it.
fn stops(objection: Objection) -> String {
    format!("{objection}{}", of_objection(objection))
}

fn add_next(page: &mut Page, finished: &FinishedUpload<'_>) {
    let (outcome, parts) = (finished.outcome, quoted(&finished.parts));
    if outcome.stopped.is_some() {
        page.add("next", "find the cause; then run the same command with a higher --max-failed to continue");
    } else if outcome.results.iter().any(|part| part.result.status == "failed") {
        page.add(
            "next",
            "run the same command with --again to send parts again if their job failed as a whole",
        );
    } else if outcome.is_complete() || outcome.done.failed == 0 {
        // No error list names the users with unknown results. A new export shows which of them exist.
        page.command(
            "next",
            &format!("reimport download --tenant {} -o new.json.gz", quoted(&finished.tenant)),
        );
        page.command("", &format!("reimport verify {parts} new.json.gz"));
    } else {
        page.command("next", &format!("reimport retry {parts} -o OTHER"));
    }
}

/// Returns the document of an upload, version 1.
pub(crate) fn upload_json(finished: &FinishedUpload<'_>) -> Value {
    let (outcome, done) = (finished.outcome, &finished.outcome.done);
    let results: Vec<Value> = outcome
        .results
        .iter()
        .map(|part| json!({"part": part.part, "job": part.job, "result": part.result}))
        .collect();
    let errors: serde_json::Map<String, Value> =
        outcome.error_kinds.iter().map(|(kind, times)| (kind.clone(), (*times).into())).collect();
    json!({
        "version": 1,
        "exit_status": finished.status.code(),
        "tenant": finished.tenant,
        "parts": outcome.parts,
        "users": outcome.users,
        "parts_done": done.parts,
        "users_done": done.users,
        "inserted": done.inserted,
        "updated": done.updated,
        "already_there": done.already_there,
        "failed": done.failed,
        "unknown": done.unknown,
        "errors": errors,
        "errors_by_line": finished.list,
        "warnings": words(&finished.warnings),
        "stopped": outcome.stopped.as_ref().map(why),
        "results": results,
    })
}
