//! `GET jobs/{id}` and `GET jobs/{id}/errors`: how far a job is, and which users it refused.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::client::{Client, read};
use crate::error::{Error, Result};
use crate::http::segment;
use crate::job::Job;

/// The errors of a job, in the form the tenant gave them.
#[derive(Debug, Clone)]
pub struct JobErrors {
    text: String,
    parsed: Parsed,
}

#[derive(Debug, Clone)]
enum Parsed {
    None,
    Users(Vec<UserErrors>),
    Job(Box<Job>),
}

/// One user that was refused, and why.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct UserErrors {
    /// The user as it stood in the file, with every secret as `*****`: it cannot be sent again.
    pub user: Box<RawValue>,
    /// Why; each rule it broke.
    #[serde(default)]
    pub errors: Vec<UserError>,
}

/// One reason why a user was refused.
#[derive(Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserError {
    /// The tenant's code, as in `DUPLICATED_USER`.
    #[serde(default)]
    pub code: String,
    /// The tenant's words; they may repeat values of the user.
    #[serde(default)]
    pub message: String,
    /// Where in the user, where that is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// All other fields.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl JobErrors {
    fn parse(text: String) -> Option<Self> {
        let parsed = match text.trim_start().as_bytes().first() {
            None => Parsed::None,
            Some(b'[') => Parsed::Users(serde_json::from_str(&text).ok()?),
            Some(_) => Parsed::Job(serde_json::from_str(&text).ok()?),
        };
        Some(Self { text, parsed })
    }

    /// The document as it came; empty where there was none.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether there is nothing to tell (a 204, or an empty array).
    ///
    /// A job that failed as a whole because its file did not parse has none either: see its `status_details`.
    pub fn is_empty(&self) -> bool {
        self.users().is_empty() && self.job().is_none()
    }

    /// The refused users.
    pub fn users(&self) -> &[UserErrors] {
        match &self.parsed {
            Parsed::Users(users) => users,
            _ => &[],
        }
    }

    /// The job, where it failed as a whole and that is told instead of users.
    pub fn job(&self) -> Option<&Job> {
        match &self.parsed {
            Parsed::Job(job) => Some(job),
            _ => None,
        }
    }

    /// How often each kind of error occurs, without any value: `INVALID_FORMAT at email`.
    pub fn kinds(&self) -> BTreeMap<String, u64> {
        let mut kinds = BTreeMap::new();
        for error in self.users().iter().flat_map(|user| &user.errors) {
            *kinds.entry(error.kind()).or_default() += 1;
        }
        kinds
    }

    /// How many users were refused only because they exist already in the tenant.
    pub(crate) fn already_there(&self) -> u64 {
        let there =
            |user: &&UserErrors| !user.errors.is_empty() && user.errors.iter().all(UserError::is_existing);
        self.users().iter().filter(there).count() as u64
    }
}

impl UserError {
    /// Whether the user exists in the tenant, as opposed to twice in the file.
    pub fn is_existing(&self) -> bool {
        self.code == "DUPLICATED_USER" && !self.message.contains("already provided")
    }

    /// Code and path, but nothing that could be a user's: metadata is `user_metadata.*`, an odd code is left out.
    pub fn kind(&self) -> String {
        let is_code = |code: &str| {
            (1..=60).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        };
        let code = if is_code(&self.code) { &self.code } else { "an undocumented code" };
        let path = self.path.as_deref().unwrap_or_default();
        let path = path.strip_prefix("#/").unwrap_or(path);
        let first = path.split(['.', '[', '/']).next().unwrap_or_default();
        match first {
            "" => code.to_owned(),
            "app_metadata" | "user_metadata" if first.len() < path.len() => format!("{code} at {first}.*"),
            _ if SCHEMA_NAMES.contains(&first) => format!("{code} at {first}"),
            _ => format!("{code} at an unknown property"),
        }
    }
}

/// The properties of a user in an import file.
const SCHEMA_NAMES: [&str; 17] = [
    "email",
    "email_verified",
    "phone_number",
    "phone_verified",
    "user_id",
    "username",
    "given_name",
    "family_name",
    "name",
    "nickname",
    "picture",
    "blocked",
    "password_hash",
    "custom_password_hash",
    "app_metadata",
    "user_metadata",
    "mfa_factors",
];

impl fmt::Debug for UserErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserErrors").field("errors", &self.errors).finish_non_exhaustive()
    }
}

impl fmt::Debug for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind())
    }
}

impl Client {
    /// `GET jobs/{id}`: how far the job is.
    ///
    /// # Errors
    /// Where the tenant refuses (404: no such job, or older than 24 hours) or cannot be reached.
    pub fn job(&self, id: &str) -> Result<Job> {
        const NAME: &str = "GET jobs/{id}";
        read(NAME, "a job", &self.get(NAME, &format!("jobs/{}", segment(id)), false)?)
    }

    /// `GET jobs/{id}/errors`: the users a job refused.
    ///
    /// # Errors
    /// As [`job`](Self::job).
    pub fn job_errors(&self, id: &str) -> Result<JobErrors> {
        const NAME: &str = "GET jobs/{id}/errors";
        let answer = self.get(NAME, &format!("jobs/{}/errors", segment(id)), false)?;
        let text = if answer.status == 204 { String::new() } else { answer.body };
        JobErrors::parse(text).ok_or(Error::Answer { call: NAME, expected: "a list of errors or a job" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERRORS: &str = include_str!("../testdata/import-errors.json");

    #[test]
    fn the_three_forms_are_told_apart() {
        let errors = JobErrors::parse(ERRORS.to_owned()).unwrap();
        assert_eq!(errors.users().len(), 8);
        assert_eq!(errors.text(), ERRORS);
        assert!(errors.job().is_none() && !errors.is_empty());

        let job = r#"{"status":"failed","type":"users_import","id":"job_1","status_details":"no"}"#;
        let errors = JobErrors::parse(job.to_owned()).unwrap();
        assert_eq!(errors.job().unwrap().status_details.as_deref(), Some("no"));
        assert!(!errors.is_empty());

        assert!(JobErrors::parse(String::new()).unwrap().is_empty());
        assert!(JobErrors::parse("<html>".to_owned()).is_none());
    }

    #[test]
    fn only_users_that_exist_in_the_tenant_are_already_there() {
        // The sample holds two duplicates: one of the tenant, one within the file.
        assert_eq!(JobErrors::parse(ERRORS.to_owned()).unwrap().already_there(), 1);
    }

    #[test]
    fn kinds_count_codes_and_paths_and_repeat_no_value() {
        let kinds = JobErrors::parse(ERRORS.to_owned()).unwrap().kinds();
        assert_eq!(kinds["DUPLICATED_USER"], 2);
        assert_eq!(kinds["INVALID_FORMAT at email"], 1);
        assert_eq!(kinds.values().sum::<u64>(), 9);

        let kind = |code: &str, path: &str| {
            serde_json::from_value::<UserError>(serde_json::json!({"code": code, "path": path}))
                .unwrap()
                .kind()
        };
        assert_eq!(kind("PATTERN", "user_metadata.ada@example.com"), "PATTERN at user_metadata.*");
        assert_eq!(kind("PATTERN", "ada@example.com"), "PATTERN at an unknown property");
        assert_eq!(kind("ada@example.com", "#/email"), "an undocumented code at email");
    }

    #[test]
    fn debug_shows_no_user() {
        let shown = format!("{:?}", JobErrors::parse(ERRORS.to_owned()).unwrap().users());
        assert!(!shown.contains('@'), "{shown}");
    }
}
