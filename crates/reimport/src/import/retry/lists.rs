//! Reads error lists that name no user: what they say about the users of their job.

use std::sync::Arc;

use crate::json::{Kind, SyntaxError, Value};

use super::errors::members;

/// An error list that names no user.
///
/// ```
/// use reimport::import::retry::{Arrival, JobErrors};
/// use reimport::source::Source;
///
/// let job = br#"{"id":"job_1","type":"users_import","status":"failed","summary":{"failed":2,"inserted":0,"updated":0}}"#;
/// let errors = JobErrors::new().read(Source::from_reader("errors.json", &job[..]))?;
/// assert_eq!(errors.unnamed()[0].job.as_ref().map(|job| job.arrival), Some(Arrival::NoUsers));
///
/// let errors = JobErrors::new().read(Source::from_reader("errors.json", &b"[]"[..]))?;
/// assert_eq!(errors.unnamed()[0].job, None);
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unnamed {
    /// The name of the list.
    pub file: Arc<str>,
    /// The job that is in place of the list; `None` for an empty list.
    pub job: Option<UnnamedJob>,
}

/// A job in place of its error list.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnnamedJob {
    /// The id of the job.
    pub id: Option<String>,
    /// The status of the job, such as `failed`.
    pub status: Option<String>,
    /// Why the job failed, in the tenant's words.
    pub details: Option<String>,
    /// What is known about the users of the job.
    pub arrival: Arrival,
}

/// Which users of a part arrived, according to the import job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival {
    /// Every user was imported.
    AllUsers,
    /// No user was imported: the job refused its file as a whole.
    NoUsers,
    /// All users except this number were imported. The error list of the job names the others.
    AllBut(u64),
    /// The job has not ended.
    NotEnded,
    /// It is not known which users were imported.
    Unknown,
}

/// The beginning of the status details of a job that refused its file as a whole.
const REFUSED_FILE: &str = "Failed to parse users file";

impl UnnamedJob {
    /// Reads the object of an import job. Returns `None` if `object` is not one.
    pub(super) fn read(object: Value<'_>) -> Result<Option<Self>, SyntaxError> {
        let [id, status, of, details, summary] =
            members(object, ["id", "status", "type", "status_details", "summary"])?;
        if status.is_none() || (of.is_none() && id.is_none()) {
            return Ok(None);
        }
        if of.is_some_and(|of| of.as_str().is_some_and(|of| of != "users_import")) {
            return Ok(None);
        }
        let text = |value: Option<Value<'_>>| value.and_then(|value| value.as_str().map(String::from));
        let (status, details) = (text(status), text(details));
        let summary = match summary.filter(|summary| summary.kind() == Kind::Object) {
            Some(summary) => Summary::read(summary)?,
            None => Summary::default(),
        };
        let arrival = summary.arrival(status.as_deref(), details.as_deref());
        Ok(Some(Self { id: text(id), status, details, arrival }))
    }
}

#[derive(Default)]
struct Summary {
    failed: Option<u64>,
    arrived: Option<u64>,
}

impl Summary {
    fn read(summary: Value<'_>) -> Result<Self, SyntaxError> {
        let counts = members(summary, ["failed", "inserted", "updated"])?;
        let [failed, inserted, updated] =
            counts.map(|count| count.and_then(|count| count.json().parse::<u64>().ok()));
        let arrived = inserted.zip(updated).and_then(|(inserted, updated)| inserted.checked_add(updated));
        Ok(Self { failed, arrived })
    }

    fn arrival(&self, status: Option<&str>, details: Option<&str>) -> Arrival {
        match (status, self.failed, self.arrived) {
            (Some("pending" | "processing"), _, _) => Arrival::NotEnded,
            (Some("completed"), Some(0), _) => Arrival::AllUsers,
            (Some("completed"), Some(failed), _) => Arrival::AllBut(failed),
            (Some("failed"), _, Some(0)) => Arrival::NoUsers,
            (Some("failed"), _, None) if details.is_some_and(|words| words.starts_with(REFUSED_FILE)) => {
                Arrival::NoUsers
            }
            _ => Arrival::Unknown,
        }
    }
}
