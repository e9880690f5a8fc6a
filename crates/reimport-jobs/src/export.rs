//! `POST jobs/users-exports`: starts a job that exports the users of a tenant to a file.

use serde::{Deserialize, Serialize};

use crate::api_call::ApiCall;
use crate::client::{Client, read};
use crate::error::{ExportError, Result};
use crate::job::{ExportField, Format, Job};

/// What to export: the body of the request.
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
    /// The connection whose users are exported. `None`: all connections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
    /// The format. `None`: the default of the tenant, which is CSV.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The maximum number of users. `None`: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u64>,
    /// The fields. `None`: a default set of the tenant, without metadata.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fields: Option<Vec<ExportField>>,
}

/// The maximum number of fields of a CSV export.
pub const MAX_CSV_FIELDS: usize = 30;

/// The maximum number of characters of `name` and `export_as` of a field.
pub const MAX_NAME_CHARS: usize = 100;

/// Objects and arrays, which cannot be exported to CSV as a whole, with an example of what can follow each name.
const NOT_IN_CSV: [(&str, &str); 3] =
    [("app_metadata", ".key"), ("user_metadata", ".key"), ("identities", "[0].connection")];

/// The attributes that an export can contain, except those that only repeat others.
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
    /// Creates a request for all connections, without a limit, as JSON, with every field that is useful for an
    /// import or an analysis.
    pub fn everything() -> Self {
        let export = Self { format: Some(Format::Json), ..Self::default() };
        EVERYTHING.iter().fold(export, |export, name| export.field(*name))
    }

    /// Adds a field with its own name.
    pub fn field(self, name: impl Into<String>) -> Self {
        self.push(ExportField { name: name.into(), export_as: None })
    }

    /// Adds a field with the name `export_as`.
    pub fn field_as(self, name: impl Into<String>, export_as: impl Into<String>) -> Self {
        self.push(ExportField { name: name.into(), export_as: Some(export_as.into()) })
    }

    /// Returns the format that the tenant will use. Without a format in the request, it is CSV.
    pub fn effective_format(&self) -> Format {
        self.format.clone().unwrap_or(Format::Csv)
    }

    /// Checks the documented limits of a request, before a job is started.
    ///
    /// ```
    /// use reimport_jobs::UsersExport;
    ///
    /// let export = UsersExport::default().field("email").field("user_metadata");
    /// assert_eq!(
    ///     export.check().unwrap_err().to_string(),
    ///     "field 2: CSV cannot contain `user_metadata` as a whole; request its members, for example user_metadata.key, \
    ///      or json"
    /// );
    /// ```
    ///
    /// # Errors
    /// Returns an error for more than [`MAX_CSV_FIELDS`] fields in CSV, for a field that cannot be exported to CSV,
    /// for names of more than [`MAX_NAME_CHARS`] characters, and for a limit of 0.
    pub fn check(&self) -> Result<(), ExportError> {
        let fields = self.fields.as_deref().unwrap_or_default();
        let is_csv = self.effective_format() == Format::Csv;
        if is_csv && fields.len() > MAX_CSV_FIELDS {
            return Err(ExportError::TooManyFields { fields: fields.len(), limit: MAX_CSV_FIELDS });
        }
        for (number, field) in (1..).zip(fields) {
            let names = [("name", Some(&field.name)), ("export_as", field.export_as.as_ref())];
            for (member, name) in names.into_iter().filter_map(|(member, name)| Some((member, name?))) {
                let chars = name.chars().count();
                if chars > MAX_NAME_CHARS {
                    return Err(ExportError::LongName { number, member, chars, limit: MAX_NAME_CHARS });
                }
            }
            let whole = NOT_IN_CSV.iter().find(|(whole, _)| is_csv && *whole == field.name);
            if let Some((name, example)) = whole {
                return Err(ExportError::NotInCsv { number, name, example });
            }
        }
        if self.limit == Some(0) { Err(ExportError::NoUsers) } else { Ok(()) }
    }

    fn push(mut self, field: ExportField) -> Self {
        self.fields.get_or_insert_default().push(field);
        self
    }
}

impl Client {
    /// `POST jobs/users-exports`: starts an export. Needs the scope `read:users`.
    ///
    /// # Errors
    /// Returns an error if no tenant would accept the request ([`check`](UsersExport::check); nothing is sent), if
    /// the tenant refuses it, or if there is no response. Without a response the job may have been created, so the
    /// call is not repeated.
    pub fn users_exports(&self, export: &UsersExport) -> Result<Job> {
        export.check()?;
        let call = ApiCall::new("POST jobs/users-exports", "jobs/users-exports");
        read(&call, "a job", &self.post_json(&call, export, None)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_requests_all_attributes_by_name() {
        let body = serde_json::to_value(UsersExport::everything()).unwrap();
        assert_eq!(body["format"], "json");
        assert!(body.get("limit").is_none() && body.get("connection_id").is_none());
        assert_eq!(body["fields"].as_array().unwrap().len(), 23);
        assert_eq!(body["fields"][12], serde_json::json!({"name": "app_metadata"}));
    }

    #[test]
    fn request_round_trips_and_unknown_key_is_rejected() {
        let text = r#"{"connection_id":"con_0000000000000001","format":"json","limit":5,"fields":[{"name":"email"}]}"#;
        let export: UsersExport = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&export).unwrap(), text);
        assert!(serde_json::from_str::<UsersExport>(r#"{"feilds":[]}"#).is_err());
        assert_eq!(serde_json::to_string(&UsersExport::default()).unwrap(), "{}");
    }

    #[test]
    fn check_rejects_requests_above_documented_limits() {
        let fields =
            |count: usize| (0..count).fold(UsersExport::default(), |export, n| export.field(format!("f{n}")));
        let refused = |export: UsersExport| export.check().unwrap_err().to_string();
        assert!(fields(30).check().is_ok());
        assert_eq!(
            refused(fields(31)),
            "a CSV export has at most 30 fields, but 31 are requested; request fewer, or json"
        );
        let mut json = fields(31).field("app_metadata");
        json.format = Some(Format::Json);
        assert!(json.check().is_ok());
        // The limit is in characters, not bytes.
        let (long, longer) = ("é".repeat(100), "é".repeat(101));
        assert!(UsersExport::default().field_as(&long, &long).check().is_ok());
        assert_eq!(
            refused(UsersExport::default().field("a").field(&longer)),
            "field 2: name has 101 characters; at most 100 are accepted"
        );
        assert_eq!(
            refused(UsersExport::default().field_as("a", &longer)),
            "field 1: export_as has 101 characters; at most 100 are accepted"
        );
        assert_eq!(
            refused(UsersExport::default().field("identities")),
            "field 1: CSV cannot contain `identities` as a whole; request its members, for example identities[0].connection, or json"
        );
        let none = UsersExport { limit: Some(0), ..UsersExport::default() };
        assert_eq!(refused(none), "limit: expected a whole number from 1, but found 0");
        assert!(UsersExport::everything().check().is_ok());
    }
}
