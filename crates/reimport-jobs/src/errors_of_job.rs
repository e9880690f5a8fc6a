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

    /// The tenant's code, where it looks like one.
    pub fn plain_code(&self) -> Option<&str> {
        let is_code = (1..=60).contains(&self.code.len())
            && self.code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_');
        is_code.then_some(self.code.as_str())
    }

    /// The tenant's words as far as they are known to hold no value of a user; none where they are not known.
    ///
    /// ```
    /// let error: reimport_jobs::UserError = serde_json::from_value(serde_json::json!({
    ///     "code": "INVALID_FORMAT", "path": "email",
    ///     "message": "Error in email property - Object didn't pass validation for format email: ada(at)example",
    /// }))?;
    /// assert_eq!(error.plain_message().as_deref(), Some("Object didn't pass validation for format email"));
    /// assert_eq!(error.plain_path().as_deref(), Some("email"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn plain_message(&self) -> Option<String> {
        let message = match self.message.strip_prefix("Error in ") {
            Some(rest) => rest.split_once(" property - ").map_or(rest, |(_, message)| message),
            None => &self.message,
        };
        if let Some(types) = message.strip_prefix("Expected type ") {
            let (expected, found) = types.split_once(" but found type ")?;
            let are_types = TYPES.contains(&expected) && TYPES.contains(&found);
            return are_types.then(|| message.to_owned());
        }
        MESSAGES.iter().find(|known| message.starts_with(**known)).map(|known| (*known).to_owned())
    }

    /// Where in the user: names of the import schema and indexes stand, every other name is `*`.
    pub fn plain_path(&self) -> Option<String> {
        let path = self.path.as_deref()?;
        let path = path.strip_prefix("#/").unwrap_or(path);
        let steps = path.split(['.', '/', '[']).map(|step| step.trim_end_matches(']'));
        let mut plain = String::new();
        for (place, step) in steps.filter(|step| !step.is_empty()).enumerate() {
            let in_metadata = plain.starts_with("app_metadata") || plain.starts_with("user_metadata");
            let known = SCHEMA_NAMES.contains(&step) || INNER_NAMES.contains(&step);
            if !in_metadata && place > 0 && step.len() < 4 && step.bytes().all(|byte| byte.is_ascii_digit()) {
                plain.extend(["[", step, "]"]);
                continue;
            }
            if place > 0 {
                plain.push('.');
            }
            plain.push_str(if known && !in_metadata { step } else { "*" });
            if in_metadata {
                break;
            }
        }
        (!plain.is_empty()).then_some(plain)
    }

    /// Code and path, but nothing that could be a user's: metadata is `user_metadata.*`, an odd code is left out.
    pub fn kind(&self) -> String {
        let code = self.plain_code().unwrap_or("an undocumented code");
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

/// How the messages begin that are known to hold nothing of a user up to there.
const MESSAGES: [&str; 16] = [
    "A user with this email was already provided",
    "A user with this phone_number was already provided",
    "A user with this user_id was already provided",
    "A user with this username was already provided",
    "Additional properties not allowed",
    "Array is too long",
    "Array is too short",
    "Forbidden attribute in appUser",
    "Missing required property",
    "No enum match",
    "Object didn't pass validation for format email",
    "String does not match pattern",
    "String is too long",
    "String is too short",
    "The user already exist and upsert parameter is false",
    "Unable to import factors",
];

/// The types of which "Expected type X but found type Y" speaks.
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The names below the properties of a user.
const INNER_NAMES: [&str; 20] = [
    "algorithm",
    "blockSize",
    "cost",
    "digest",
    "email",
    "encoding",
    "hash",
    "identities",
    "key",
    "keylen",
    "parallelization",
    "password",
    "phone",
    "position",
    "profileData",
    "salt",
    "secret",
    "totp",
    "value",
    "verified",
];

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
    fn messages_are_repeated_only_as_far_as_they_are_known_to_hold_no_value() {
        let error = |message: &str, path: &str| -> UserError {
            serde_json::from_value(serde_json::json!({"code": "X", "message": message, "path": path}))
                .unwrap()
        };
        for (message, plain) in [
            (
                "Error in email property - Object didn't pass validation for format email: a@b",
                "Object didn't pass validation for format email",
            ),
            ("Expected type boolean but found type string", "Expected type boolean but found type string"),
            ("Error in user_metadata.a property - x property - No enum match for: \"a\"", ""),
            ("Error in blocked property - No enum match for: \"a\"", "No enum match"),
            ("Expected type boolean but found type ada", ""),
            ("ada@example.com is unwelcome", ""),
        ] {
            assert_eq!(error(message, "").plain_message().unwrap_or_default(), plain, "{message}");
        }
        for (path, plain) in [
            ("", ""),
            ("#/email", "email"),
            ("mfa_factors[0].totp.secret", "mfa_factors[0].totp.secret"),
            ("custom_password_hash/hash/encoding", "custom_password_hash.hash.encoding"),
            ("user_metadata.ada.lovelace", "user_metadata.*"),
            ("user_metadata[7]", "user_metadata.*"),
            ("ada@example.com", "*.*"),
            ("identities[0].profileData.email", "identities[0].profileData.email"),
        ] {
            assert_eq!(error("", path).plain_path().unwrap_or_default(), plain, "{path}");
        }
    }

    #[test]
    fn debug_shows_no_user() {
        let shown = format!("{:?}", JobErrors::parse(ERRORS.to_owned()).unwrap().users());
        assert!(!shown.contains('@'), "{shown}");
    }
}
