//! The job object, which all calls about jobs return.
//!
//! Every documented field has a member. Unknown fields, and documented fields with a value of another type, are
//! kept in `extra`. Unknown statuses and types are kept as written. None of these is an error.

use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

use crate::open_enum::open_enum;
use crate::secret::Secret;

open_enum! {
    /// The status of a job.
    pub enum Status {
        /// Accepted, but not started.
        Pending = "pending",
        /// Running.
        Processing = "processing",
        /// Ended. Some users may have failed.
        Completed = "completed",
        /// Failed as a whole. `status_details` may contain the reason.
        Failed = "failed",
        /// Ended so long ago that its data is deleted.
        Expired = "expired",
        /// Cancelled.
        Cancelled = "cancelled",
    }
}

open_enum! {
    /// The type of a job.
    pub enum JobType {
        /// Exports users to a file.
        UsersExport = "users_export",
        /// Imports users from a file.
        UsersImport = "users_import",
        /// Sends a verification email.
        VerificationEmail = "verification_email",
        /// Sends a link to change a password.
        PasswordChange = "password_change",
    }
}

open_enum! {
    /// The format of an export.
    pub enum Format {
        /// One JSON object per line.
        Json = "json",
        /// CSV, with an apostrophe before every string.
        Csv = "csv",
    }
}

impl Status {
    /// Returns true if the job has ended. An unknown status does not count as ended.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Expired | Self::Cancelled)
    }
}

/// One job of a tenant.
///
/// ```
/// use reimport_jobs::{Job, Status};
///
/// let job: Job = serde_json::from_str(
///     r#"{"type":"users_import","status":"resting","id":"job_1","percentage_done":50,"mood":"good"}"#,
/// )?;
/// assert_eq!(job.status, Status::Other("resting".into()));
/// assert_eq!(job.percentage_done, Some(50));
/// assert_eq!(job.extra["mood"], "good");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Job {
    /// The ID, for example `job_…`.
    pub id: String,
    /// The type.
    #[serde(rename = "type")]
    pub job_type: JobType,
    /// The status.
    pub status: Status,
    /// When it was created, as the tenant wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// The connection that it exports from or imports into. `None`: all connections.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The name of that connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The format of an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The maximum number of users in an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The fields of an export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<ExportField>>,
    /// The download link of a completed export. A link works for 60 seconds. Each request for the job returns a new
    /// one.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "Secret::serialize_exposed")]
    pub location: Option<Secret>,
    /// The progress in percent, 0 to 100.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub percentage_done: Option<u64>,
    /// The remaining time, as estimated by the tenant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_left_seconds: Option<u64>,
    /// Why the job failed as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status_details: Option<String>,
    /// The results of an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<Summary>,
    /// Whether an import updates existing users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub upsert: Option<bool>,
    /// The ID that the caller gave to an import.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Whether the owners of the tenant get an email when an import ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send_completion_email: Option<bool>,
    /// All other fields, and fields above with a value of another type.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// One field of an export, as in the request body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportField {
    /// The path, for example `identities[0].connection`.
    pub name: String,
    /// The name in the exported file. `None`: the path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export_as: Option<String>,
}

/// The results of an import, as far as the tenant reports them.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Summary {
    /// The number of users that were refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<u64>,
    /// The number of users that existed and were updated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub updated: Option<u64>,
    /// The number of new users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inserted: Option<u64>,
    /// The number of all users.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u64>,
    /// All other members, and members above with a value of another type.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl<'de> Deserialize<'de> for Summary {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(from)?;
        let members = &mut map;
        Ok(Self {
            failed: take(members, "failed"),
            updated: take(members, "updated"),
            inserted: take(members, "inserted"),
            total: take(members, "total"),
            extra: map,
        })
    }
}

impl<'de> Deserialize<'de> for Job {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(from)?;
        let fields = &mut map;
        Ok(Self {
            id: take(fields, "id").ok_or_else(|| D::Error::missing_field("id"))?,
            job_type: take(fields, "type").ok_or_else(|| D::Error::missing_field("type"))?,
            status: take(fields, "status").ok_or_else(|| D::Error::missing_field("status"))?,
            created_at: take(fields, "created_at"),
            connection_id: take(fields, "connection_id"),
            connection: take(fields, "connection"),
            format: take(fields, "format"),
            limit: take(fields, "limit"),
            fields: take(fields, "fields"),
            location: take(fields, "location").map(|link: String| Secret::new(link)),
            percentage_done: take(fields, "percentage_done"),
            time_left_seconds: take(fields, "time_left_seconds"),
            status_details: take(fields, "status_details"),
            summary: take(fields, "summary"),
            upsert: take(fields, "upsert"),
            external_id: take(fields, "external_id"),
            send_completion_email: take(fields, "send_completion_email"),
            extra: map,
        })
    }
}

/// Removes a member from the map and returns it. If its value has another type, or would not be written exactly as
/// it was read, the member stays in the map.
pub(crate) fn take<T: DeserializeOwned + Serialize>(
    members: &mut Map<String, Value>,
    name: &str,
) -> Option<T> {
    let found = members.get(name)?;
    let value = T::deserialize(found).ok()?;
    if serde_json::to_value(&value).ok().as_ref() != Some(found) {
        return None;
    }
    members.remove(name);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const EXPORTS: &str = include_str!("../testdata/job-export.json");
    const IMPORTS: &str = include_str!("../testdata/job-import.json");

    #[test]
    fn documented_jobs_round_trip_without_extra_fields() {
        for text in [EXPORTS, IMPORTS] {
            let values: Vec<Value> = serde_json::from_str(text).unwrap();
            let jobs: Vec<Job> = serde_json::from_str(text).unwrap();
            assert_eq!(jobs.len(), values.len());
            for (job, value) in jobs.iter().zip(&values) {
                assert!(job.extra.is_empty(), "{:?}", job.extra);
                assert_eq!(&serde_json::to_value(job).unwrap(), value);
            }
        }
    }

    #[test]
    fn parses_fields_of_finished_import() {
        let jobs: Vec<Job> = serde_json::from_str(IMPORTS).unwrap();
        let summary = jobs[3].summary.as_ref().unwrap();
        let counts = [summary.failed, summary.updated, summary.inserted, summary.total];
        assert_eq!(counts, [3, 120, 875, 998].map(Some));
        assert_eq!(jobs[1].time_left_seconds, Some(60));
        assert_eq!(jobs[6].status, Status::Expired);
        assert_eq!(jobs[0].external_id.as_deref(), Some("batch-0001"));
    }

    #[test]
    fn unknown_fields_statuses_and_types_are_kept() {
        let value = json!({"id": "job_1", "type": "users_dance", "status": "waltzing", "steps": [1, 2, 3],
            "percentage_done": "many", "fields": [[{"name": "email"}]]});
        let job: Job = serde_json::from_value(value.clone()).unwrap();
        assert_eq!(job.status, Status::Other("waltzing".into()));
        assert_eq!(job.status.to_string(), "waltzing");
        // Text that does not have the form of an API word could be anything, so it is not shown.
        for text in ["the token eyJhbGciOi", "ada@example.com", "", &"a".repeat(61)] {
            assert_eq!(Status::from(text.to_owned()).to_string(), "unknown");
        }
        assert!(!job.status.is_final());
        assert_eq!(job.job_type.as_str(), "users_dance");
        assert_eq!(job.percentage_done, None);
        assert_eq!(job.extra["percentage_done"], "many");
        assert_eq!(serde_json::to_value(&job).unwrap(), value);
    }

    #[test]
    fn members_of_any_type_round_trip() {
        for value in [
            json!({"id": "job_1", "type": "users_import", "status": "completed", "connection_id": null,
                "summary": {"inserted": 1, "skipped": 2, "total": "three"}}),
            json!({"id": "job_1", "type": "users_import", "status": "completed", "summary": {}}),
            json!({"id": "job_1", "type": "users_import", "status": "completed", "summary": null, "location": 7}),
            json!({"id": "job_1", "type": "users_export", "status": "pending",
                "fields": [{"name": "email", "export_as": null}, {"name": "a", "width": 3}]}),
        ] {
            let job: Job = serde_json::from_value(value.clone()).unwrap();
            assert_eq!(serde_json::to_value(&job).unwrap(), value);
        }
    }

    #[test]
    fn recorded_jobs_round_trip_without_extra_members() {
        let recorded: Vec<Value> =
            serde_json::from_str(include_str!("../../../testdata/recorded/jobs-as-recorded.json")).unwrap();
        for mut value in recorded {
            value.as_object_mut().unwrap().remove("_");
            let job: Job = serde_json::from_value(value.clone()).unwrap();
            assert!(job.extra.is_empty(), "{:?}", job.extra);
            assert_eq!(serde_json::to_value(&job).unwrap(), value);
        }
    }

    #[test]
    fn debug_output_hides_link() {
        let jobs: Vec<Job> = serde_json::from_str(EXPORTS).unwrap();
        let shown = format!("{:?}", jobs[2]);
        assert!(shown.contains("[hidden]") && !shown.contains("Signature"), "{shown}");
    }
}
