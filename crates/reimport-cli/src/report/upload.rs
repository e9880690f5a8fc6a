//! What an upload says: before it begins, and when it is over.

use reimport_jobs::upload::{Objection, Outcome, Plan, Stopped};
use serde_json::{Value, json};

use super::page::{Page, counted, grouped};
use super::printable;
use super::retry_remark::details;
use crate::exit::Status;

/// The plan: shown before anything is sent.
///
/// `objections` are those nobody has waived.
pub(crate) fn plan_text(
    plan: &Plan,
    connection_of_parts: Option<&str>,
    before: Option<&Outcome>,
    objections: &[Objection],
) -> String {
    let (mut page, facts) = (Page::default(), &plan.facts);
    page.say("tenant", &printable(&plan.tenant));
    page.say("to", &printable(&target(plan)));
    page.say(
        "from",
        &match &facts.exported_from {
            Some(tenant) => printable(tenant),
            None => "not known: the export has no FILE.job.json".to_owned(),
        },
    );
    let passwords = match facts.with_password {
        0 => "nobody has a password hash".to_owned(),
        all if all == facts.users => "all have a password hash".to_owned(),
        some => format!("{} have a password hash", grouped(some)),
    };
    let of = connection_of_parts.map_or_else(String::new, |name| format!(" of {}", printable(name)));
    page.say(
        "send",
        &format!("{}{of} in {}; {passwords}", counted(facts.users, "user"), counted(facts.parts, "part")),
    );
    page.say(
        "mode",
        match (facts.upsert, facts.with_password) {
            (false, _) => "insert: users that exist are refused, and stay as they are",
            (true, 0) => {
                "upsert: users that exist are changed, and their metadata is replaced, not merged; who does not exist \
                 is inserted without a password"
            }
            (true, _) => "upsert: users that exist are changed, and their metadata is replaced, not merged",
        },
    );
    if let Some(before) = before.filter(|before| before.done.parts > 0) {
        page.say(
            "before",
            &format!(
                "{} of {} have a result from an earlier run and are not sent again",
                grouped(before.done.parts),
                counted(before.parts, "part")
            ),
        );
    }
    for lacked in &facts.lacked {
        page.say("lacking", lacked);
    }
    if !plan.missing_scopes.is_empty() {
        page.say("unchecked", &printable(&unchecked(plan)));
    }
    for objection in objections {
        page.say("stops", &objection.to_string());
    }
    page.to_string()
}

fn target(plan: &Plan) -> String {
    let Some(connection) = &plan.connection else { return plan.connection_id.clone() };
    let kind = if connection.is_database() {
        "a database".to_owned()
    } else {
        format!("no database but {}", connection.strategy)
    };
    let enabled = match &connection.enabled_clients {
        Some(clients) if clients.is_empty() => ", used by no application".to_owned(),
        Some(clients) => format!(", used by {}", counted(clients.len() as u64, "application")),
        None => String::new(),
    };
    let holds = plan.holds.map_or_else(String::new, |holds| format!(", holds {}", counted(holds, "user")));
    format!("{} ({}): {kind}{enabled}{holds}", connection.name, connection.id)
}

/// What the token may not see, and what therefore nobody has checked.
fn unchecked(plan: &Plan) -> String {
    let scopes = plan.missing_scopes.join(" or ");
    let what = match (&plan.connection, plan.holds) {
        (None, _) => "the connection's name, that it is a database and enabled, and the users it holds",
        (Some(_), None) => "the users the connection holds",
        (Some(_), Some(_)) => "nothing",
    };
    format!("{what}: the token lacks the scope {scopes}")
}

/// The document of a dry run, version 1.
pub(crate) fn plan_json(plan: &Plan, before: Option<&Outcome>, objections: &[Objection]) -> Value {
    let objections: Vec<String> = objections.iter().map(ToString::to_string).collect();
    let connection = plan.connection.as_ref();
    json!({
        "version": 1,
        "exit_status": if objections.is_empty() { 0 } else { 2 },
        "tenant": plan.tenant,
        "connection_id": plan.connection_id,
        "connection": connection.map(|connection| connection.name.as_str()),
        "is_database": connection.map(reimport_jobs::Connection::is_database),
        "is_enabled": connection.and_then(reimport_jobs::Connection::is_enabled),
        "holds": plan.holds,
        "exported_from": plan.facts.exported_from,
        "parts": plan.facts.parts,
        "users": plan.facts.users,
        "with_password": plan.facts.with_password,
        "upsert": plan.facts.upsert,
        "parts_done": before.map_or(0, |before| before.done.parts),
        "lacking": plan.facts.lacked,
        "missing_scopes": plan.missing_scopes,
        "objections": objections,
    })
}

/// How an upload ended, with what there is to say beside it.
pub(crate) struct Ended<'a> {
    pub(crate) outcome: &'a Outcome,
    pub(crate) status: Status,
    pub(crate) parts: String,
    pub(crate) tenant: String,
    /// The list of who was refused.
    pub(crate) list: Option<String>,
}

/// The end of an upload.
pub(crate) fn left_text(ended: &Ended<'_>) -> String {
    let (mut page, outcome, done) = (Page::default(), ended.outcome, &ended.outcome.done);
    page.say(
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
    if done.already_there > 0 {
        // An importer does not say who is there: somebody of before, or the user of the unanswered sending.
        page.say(
            "",
            "already there: refused as existing when a part was sent again after no answer; if the connection held \
             users before, verify tells whether all are yours",
        );
    }
    let kinds = outcome.commonest.iter();
    page.list("errors", kinds.map(|(kind, times)| format!("{kind} {}", grouped(*times))), 4);
    if let Some(list) = &ended.list {
        page.say("", &format!("by source and line in {list}"));
    }
    for part in outcome.results.iter().filter(|part| part.result.status != "completed").take(4) {
        let details =
            part.result.details.as_deref().map_or_else(String::new, |why| format!(": {}", details(why)));
        page.say(
            "job",
            &printable(&format!("{} of {} is {}{details}", part.job, part.part, part.result.status)),
        );
    }
    if let Some(stopped) = &outcome.stopped {
        page.say("stopped", &why(stopped));
    }
    page.say("next", &next(ended));
    page.line(match ended.status {
        Status::Done => "done (exit status 0)",
        Status::Look => "done, but look at who was refused (exit status 1)",
        Status::Failed | Status::PipeClosed => "stopped: parts are left to send (exit status 2)",
    });
    page.to_string()
}

fn why(stopped: &Stopped) -> String {
    stopped.to_string()
}

fn next(ended: &Ended<'_>) -> String {
    let (outcome, parts) = (ended.outcome, &ended.parts);
    if outcome.stopped.is_some() {
        return "find the cause; the same command with a higher --max-failed goes on".to_owned();
    }
    let whole = outcome.results.iter().any(|part| part.result.status == "failed");
    if whole {
        return "the same command with --again sends parts again whose job failed as a whole".to_owned();
    }
    if outcome.is_complete() {
        return format!(
            "reimport download --tenant {} -o new.json.gz, then reimport verify {parts} new.json.gz",
            ended.tenant
        );
    }
    format!("reimport retry {parts} -o OTHER")
}

/// The document of an upload, version 1.
pub(crate) fn left_json(ended: &Ended<'_>) -> Value {
    let (outcome, done) = (ended.outcome, &ended.outcome.done);
    let results: Vec<Value> = outcome
        .results
        .iter()
        .map(|part| json!({"part": part.part, "job": part.job, "result": part.result}))
        .collect();
    let errors: serde_json::Map<String, Value> =
        outcome.commonest.iter().map(|(kind, times)| (kind.clone(), (*times).into())).collect();
    json!({
        "version": 1,
        "exit_status": match ended.status { Status::Done => 0, Status::Look => 1, Status::Failed => 2, Status::PipeClosed => 141 },
        "tenant": ended.tenant,
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
        "errors_by_line": ended.list,
        "stopped": outcome.stopped.as_ref().map(why),
        "results": results,
    })
}
