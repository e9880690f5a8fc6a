//! `POST jobs/users-exports`: a job that writes the users of a tenant to a file.

use serde::{Deserialize, Serialize};

use crate::client::{Client, read};
use crate::error::Result;
use crate::job::{ExportField, Format, Job};

/// What an export is to hold: the very body of the request.
///
/// ```
/// use reimport_jobs::{Format, UsersExport};
///
/// let mut export = UsersExport::default();
/// export.format = Some(Format::Csv);
/// export.limit = Some(5);
/// export = export.field("email").field_as("identities[0].connection", "provider");
/// assert_eq!(
///     serde_json::to_string(&export)?,
///     r#"{"format":"csv","limit":5,"fields":[{"name":"email"},{"name":"identities[0].connection","export_as":"provider"}]}"#
/// );
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
#[serde(deny_unknown_fields)]
pub struct UsersExport {
    /// The connection whose users it holds; none: those of all connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// Its format; none: the tenant's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The most users it holds; none: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// Its fields; none: a set the tenant chooses, without any metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<ExportField>>,
}

/// The attributes an export can hold, without those that only repeat others.
const EVERYTHING: [&str; 23] = [
    "user_id",
    "email",
    "email_verified",
    "phone_number",
    "phone_verified",
    "username",
    "given_name",
    "family_name",
    "name",
    "nickname",
    "picture",
    "blocked",
    "app_metadata",
    "user_metadata",
    "identities",
    "multifactor",
    "multifactor_last_modified",
    "created_at",
    "updated_at",
    "last_login",
    "last_ip",
    "last_password_reset",
    "logins_count",
];

impl UsersExport {
    /// All connections, no limit, as JSON, every field an import or a look at the users can use.
    pub fn everything() -> Self {
        let export = Self { format: Some(Format::Json), ..Self::default() };
        EVERYTHING.iter().fold(export, |export, name| export.field(*name))
    }

    /// One more field, under its own name.
    pub fn field(self, name: impl Into<String>) -> Self {
        self.push(ExportField { name: name.into(), export_as: None })
    }

    /// One more field, under that name.
    pub fn field_as(self, name: impl Into<String>, export_as: impl Into<String>) -> Self {
        self.push(ExportField { name: name.into(), export_as: Some(export_as.into()) })
    }

    fn push(mut self, field: ExportField) -> Self {
        self.fields.get_or_insert_default().push(field);
        self
    }
}

impl Client {
    /// `POST jobs/users-exports`: starts an export; needs the scope `read:users`.
    ///
    /// # Errors
    /// Where the tenant refuses, or no answer came: then the job may have been made, and is not made twice.
    pub fn users_exports(&self, export: &UsersExport) -> Result<Job> {
        const NAME: &str = "POST jobs/users-exports";
        read(NAME, "a job", &self.post_json(NAME, "jobs/users-exports", export, false)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_asked_for_by_the_names_of_the_attributes() {
        let body = serde_json::to_value(UsersExport::everything()).unwrap();
        assert_eq!(body["format"], "json");
        assert!(body.get("limit").is_none() && body.get("connection_id").is_none());
        assert_eq!(body["fields"].as_array().unwrap().len(), 23);
        assert_eq!(body["fields"][12], serde_json::json!({"name": "app_metadata"}));
    }

    #[test]
    fn a_request_is_written_as_it_was_read_and_a_misspelt_key_is_refused() {
        let text = r#"{"connection_id":"con_0000000000000001","format":"json","limit":5,"fields":[{"name":"email"}]}"#;
        let export: UsersExport = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&export).unwrap(), text);
        assert!(serde_json::from_str::<UsersExport>(r#"{"feilds":[]}"#).is_err());
        assert_eq!(serde_json::to_string(&UsersExport::default()).unwrap(), "{}");
    }
}
