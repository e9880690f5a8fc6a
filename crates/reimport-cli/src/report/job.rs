//! What a person reads about one job, and about an export that was fetched.

use reimport_jobs::{ExportRecord, Job, JobErrors};

use super::page::{Page, bytes, counted, grouped};
use super::printable;

/// A job in a few lines.
pub(crate) fn job_text(job: &Job) -> String {
    let mut page = Page::default();
    page.say("job", &printable(&format!("{}, {}", job.id, job.job_type)));
    let mut status = job.status.to_string();
    if let Some(done) = job.percentage_done.filter(|_| !job.status.is_final()) {
        status.extend([", ", &done.to_string(), " % done"]);
    }
    if let Some(left) = job.time_left_seconds.filter(|_| !job.status.is_final()) {
        status.extend([", ", &crate::line::duration(left), " left"]);
    }
    page.say("status", &printable(&status));
    if let Some(details) = &job.status_details {
        page.say("reason", &printable(details));
    }
    if let Some(created) = &job.created_at {
        page.say("created", &printable(created));
    }
    match (&job.connection, &job.connection_id) {
        (Some(name), Some(id)) => page.say("of", &printable(&format!("{name} ({id})"))),
        (Some(one), None) | (None, Some(one)) => page.say("of", &printable(one)),
        (None, None) => {}
    }
    if let Some(id) = &job.external_id {
        page.say("called", &printable(id));
    }
    if let Some(summary) = job.summary {
        page.say(
            "result",
            &format!(
                "{}: {} inserted, {} updated, {} failed",
                counted(summary.total, "user"),
                grouped(summary.inserted),
                grouped(summary.updated),
                grouped(summary.failed)
            ),
        );
    }
    page.to_string()
}

/// How often each kind of error occurs.
pub(crate) fn kinds_text(errors: &JobErrors) -> String {
    let mut page = Page::default();
    let mut kinds: Vec<(String, u64)> = errors.kinds().into_iter().collect();
    kinds.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    if errors.is_empty() {
        page.say("errors", "none are told");
    }
    page.list("errors", kinds.into_iter().map(|(kind, times)| format!("{kind} {}", grouped(times))), 6);
    page.to_string()
}

/// An export that is there, whole.
pub(crate) fn download_text(record: &ExportRecord, file: &str) -> String {
    let mut page = Page::default();
    page.say("exported", &printable(&format!("{} by {}", record.tenant, record.job)));
    let fields = match &record.fields {
        Some(fields) => counted(fields.len() as u64, "field"),
        None => "the fields the tenant chose".to_owned(),
    };
    let of = match &record.connection_id {
        Some(id) => format!("connection {}", printable(id)),
        None => "all connections".to_owned(),
    };
    let limit = match record.limit {
        Some(limit) => format!("at most {}", counted(limit, "user")),
        None => "no limit".to_owned(),
    };
    page.say("holds", &format!("{fields}, {of}, {limit}"));
    page.say("written", &format!("{file} ({}), read to its end and sound", bytes(record.bytes)));
    page.say("next", &format!("reimport check {file}"));
    page.line("done (exit status 0)");
    page.to_string()
}
