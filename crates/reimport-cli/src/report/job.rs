//! Reports about one job, and about a downloaded export.

use reimport_jobs::{ExportField, ExportRecord, Format, Job, JobErrors, UsersExport, duration_text};

use super::command::quoted;
use super::page::{Page, bytes, counted, grouped};
use super::summary::ALL;
use crate::exit::Status;
use crate::style::Styled;

/// Maximum number of characters of a string of a tenant that are shown.
const MOST_CHARS: usize = 200;

/// Cuts a string of a tenant.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Describes a job.
pub(crate) fn job_text(job: &Job) -> Styled {
    let mut page = Page::default();
    page.add("job", &cut(&format!("{}, {}", job.id, job.job_type)));
    let mut status = job.status.to_string();
    if let Some(done) = job.percentage_done.filter(|_| !job.status.is_final()) {
        status.extend([", ", &done.to_string(), " % done"]);
    }
    if let Some(left) = job.time_left_seconds.filter(|left| *left > 0 && !job.status.is_final()) {
        status.extend([", ", &duration_text(left), " left"]);
    }
    page.add("status", &cut(&status));
    if let Some(details) = &job.status_details {
        page.add("reason", &super::details(details));
    }
    if let Some(created) = &job.created_at {
        page.add("created", &cut(created));
    }
    match (&job.connection, &job.connection_id) {
        (Some(name), Some(id)) => page.add("of", &cut(&format!("{name} ({id})"))),
        (Some(one), None) | (None, Some(one)) => page.add("of", &cut(one)),
        (None, None) => {}
    }
    if let Some(id) = job.external_id.as_ref().filter(|id| !id.is_empty()) {
        page.add("external", &cut(&format!("id {id}")));
    }
    if let Some(summary) = &job.summary {
        let counts =
            [(summary.inserted, "inserted"), (summary.updated, "updated"), (summary.failed, "failed")];
        let counts =
            counts.into_iter().filter_map(|(count, what)| Some(format!("{} {what}", grouped(count?))));
        let counts: Vec<String> = counts.collect();
        let total = summary.total.map_or_else(String::new, |total| format!("{}: ", counted(total, "user")));
        page.add("result", &format!("{total}{}", counts.join(", ")));
    }
    page.text()
}

/// Formats the number of errors of one kind, for example `341 INVALID_FORMAT at email`.
pub(super) fn of_kind(kind: &str, times: u64) -> String {
    format!("{} {kind}", grouped(times))
}

/// Counts the errors by kind.
pub(crate) fn kinds_text(errors: &JobErrors) -> Styled {
    let mut page = Page::default();
    let mut kinds: Vec<(String, u64)> = errors.kinds().into_iter().collect();
    kinds.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    if errors.is_empty() {
        page.add("errors", "the tenant lists none");
    }
    if let Some(job) = errors.job() {
        let why = job.status_details.as_deref().unwrap_or("the tenant does not say why");
        page.add("errors", &format!("the job failed as a whole: {}", super::details(why)));
    }
    page.list("errors", kinds.iter().map(|(kind, times)| of_kind(kind, *times)), ALL);
    page.text()
}

/// Describes how to continue after a signal; `command` is the command as it was typed.
pub(crate) fn interrupted_text(words: &str, command: &str) -> Styled {
    let mut page = Page::default();
    page.add("stopped", words);
    page.command("next", command);
    page.text()
}

/// Describes the request, before the job is started.
pub(crate) fn request_text(export: &UsersExport) -> Styled {
    let mut page = Page::default();
    let format = match (&export.format, export.effective_format()) {
        (None, _) => "CSV, the default of the service".to_owned(),
        (_, Format::Csv) => "CSV".to_owned(),
        (_, Format::Json) => "JSON, one user per line".to_owned(),
        (_, other) => cut(other.as_str()),
    };
    let content = content(export.fields.as_deref(), export.connection_id.as_deref(), export.limit);
    page.add("request", &format!("{content}; format of the file: {format}"));
    page.text()
}

/// Describes the content of an export.
fn content(fields: Option<&[ExportField]>, connection: Option<&str>, limit: Option<u64>) -> String {
    let fields = match fields {
        Some(fields) => counted(fields.len() as u64, "field"),
        None => "the default fields of the service".to_owned(),
    };
    let of = match connection {
        Some(id) => format!("connection {}", cut(id)),
        None => "all connections".to_owned(),
    };
    let limit = match limit {
        Some(limit) => format!("at most {}", counted(limit, "user")),
        None => "no limit".to_owned(),
    };
    format!("{fields}, {of}, {limit}")
}

/// Describes an export that was downloaded completely.
pub(crate) fn download_text(record: &ExportRecord, file: &str) -> Styled {
    let mut page = Page::default();
    page.add("exported", &cut(&format!("{} by {}", record.tenant, record.job)));
    page.add("content", &content(record.fields.as_deref(), record.connection_id.as_deref(), record.limit));
    page.add("written", &format!("{file} ({}), complete and valid", bytes(record.bytes)));
    page.command("next", &format!("reimport check {}", quoted(file)));
    page.status(Status::Done, &Status::Done.words(&[]));
    page.text()
}
