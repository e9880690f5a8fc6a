//! `GET jobs/{id}` and `GET jobs/{id}/errors`: the state of a job, and the users that it refused.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, Seek as _};

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::api_call::ApiCall;
use crate::client::{Client, read};
use crate::error::Result;
use crate::http::{SHORT, copy_body, segment};
use crate::job::{Job, take};

/// The errors of a job, as the tenant returned them.
///
/// In the published schema every member of an entry is optional, so entries of any form are kept and counted.
/// Reading a response never fails.
///
/// ```
/// use reimport_jobs::JobErrors;
///
/// let errors = JobErrors::from_text(r#"[{"errors":[{"code":"DUPLICATED_USER"}]}, {"user":{}}, 7]"#);
/// assert_eq!(errors.users().len(), 3);
/// assert_eq!(errors.kinds().into_iter().collect::<Vec<_>>(), [("DUPLICATED_USER".into(), 1), ("undocumented entry".into(), 2)]);
/// ```
#[derive(Debug, Clone)]
pub struct JobErrors {
    text: String,
    parsed: Parsed,
}

#[derive(Debug, Clone)]
enum Parsed {
    None,
    Users(Vec<UserErrors>),
    Job(GenericError),
    Undocumented,
}

/// One entry of the list: a user that was refused, and the reasons.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct UserErrors {
    /// The user as in the file, with every secret replaced by `*****`, so it cannot be sent again.
    pub user: Option<Box<RawValue>>,
    /// The reasons, one for each broken rule.
    pub errors: Vec<UserError>,
    /// How many items of the entry do not have the published form. 1 if the entry itself or its `errors` as a whole
    /// do not, otherwise the number of errors that do not. [`JobErrors::text`] contains them as received.
    pub undocumented: u64,
}

/// One reason why a user was refused. Members are as the tenant returned them, or absent.
#[derive(Clone, Default, Serialize)]
#[non_exhaustive]
pub struct UserError {
    /// The code, for example `DUPLICATED_USER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The message. It may contain values of the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The path in the user.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// All other members, and members above with a value of another type.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

/// The error of a job that failed as a whole. It is returned instead of a list.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct GenericError {
    /// The status of the job.
    pub status: Option<String>,
    /// Why the job failed.
    pub status_details: Option<String>,
    /// All other members, and members above with a value of another type.
    pub extra: Map<String, Value>,
}

/// The maximum number of entries in a list. A part of half a megabyte has less than a third of this number of
/// users. Together with the two limits below, it keeps the memory for a list close to its length, whatever its
/// content.
const MAX_ENTRIES: usize = 100_000;

/// The maximum number of errors of one user, and the maximum length of one error in bytes.
const MAX_ERRORS_OF_USER: usize = 1_000;
const MAX_ERROR_BYTES: usize = 64 << 10;

/// Returns the values of a JSON array, or `None` if the text is not an array or has more than `MAX` values.
fn bounded<const MAX: usize>(text: &str) -> Option<Vec<&RawValue>> {
    struct Values<const MAX: usize>;

    impl<'de, const MAX: usize> Visitor<'de> for Values<MAX> {
        type Value = Vec<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "an array of at most {MAX} values")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
            let mut values = Vec::new();
            while let Some(value) = seq.next_element()? {
                if values.len() == MAX {
                    return Err(de::Error::invalid_length(MAX, &self));
                }
                values.push(value);
            }
            Ok(values)
        }
    }

    let mut json = serde_json::Deserializer::from_str(text);
    let values = json.deserialize_seq(Values::<MAX>).ok()?;
    json.end().ok()?;
    Some(values)
}

/// An entry with members of any type.
#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(default)]
    user: Option<Box<RawValue>>,
    #[serde(default, borrow)]
    errors: Option<&'a RawValue>,
}

impl<'de> Deserialize<'de> for UserError {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let mut map = Map::deserialize(from)?;
        let members = &mut map;
        Ok(Self {
            code: take(members, "code"),
            message: take(members, "message"),
            path: take(members, "path"),
            extra: map,
        })
    }
}

impl UserErrors {
    fn of(entry: &RawValue) -> Self {
        let Ok(Entry { user, errors }) = serde_json::from_str(entry.get()) else {
            return Self { undocumented: 1, ..Self::default() };
        };
        let Some(list) = errors.and_then(|errors| bounded::<MAX_ERRORS_OF_USER>(errors.get())) else {
            return Self { user, undocumented: 1, ..Self::default() };
        };
        let read = |error: &&RawValue| error.get().len() <= MAX_ERROR_BYTES;
        let errors: Vec<UserError> = list
            .iter()
            .copied()
            .filter(read)
            .filter_map(|error| serde_json::from_str(error.get()).ok())
            .collect();
        // An empty list gives no reason, so it is not in the published form.
        let undocumented = if list.is_empty() { 1 } else { (list.len() - errors.len()) as u64 };
        Self { user, errors, undocumented }
    }

    /// Returns true if the user was refused only because it already exists in the tenant.
    pub fn is_existing(&self) -> bool {
        self.undocumented == 0 && !self.errors.is_empty() && self.errors.iter().all(UserError::is_existing)
    }
}

impl JobErrors {
    /// Parses a response of `GET jobs/{id}/errors`. An empty response means no errors.
    pub fn from_text(text: impl Into<String>) -> Self {
        let text = text.into();
        let parsed = match text.trim_start().as_bytes().first() {
            None => Parsed::None,
            Some(b'[') => match bounded::<MAX_ENTRIES>(&text) {
                Some(entries) => Parsed::Users(entries.into_iter().map(UserErrors::of).collect()),
                None => Parsed::Undocumented,
            },
            Some(_) if text.len() as u64 > SHORT => Parsed::Undocumented,
            Some(_) => match serde_json::from_str::<Map<String, Value>>(&text) {
                Ok(mut job) => Parsed::Job(GenericError {
                    status: take(&mut job, "status"),
                    status_details: take(&mut job, "status_details"),
                    extra: job,
                }),
                Err(_) => Parsed::Undocumented,
            },
        };
        Self { text, parsed }
    }

    /// Returns the response as received, or an empty string if there was none.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns true if there are no errors (a 204, or an empty array).
    ///
    /// A job that failed as a whole because its file could not be parsed has no errors either: see its
    /// `status_details`.
    pub fn is_empty(&self) -> bool {
        match &self.parsed {
            Parsed::None => true,
            Parsed::Users(users) => users.is_empty(),
            Parsed::Job(_) | Parsed::Undocumented => false,
        }
    }

    /// Returns the refused users.
    pub fn users(&self) -> &[UserErrors] {
        match &self.parsed {
            Parsed::Users(users) => users,
            _ => &[],
        }
    }

    /// Returns the job, if it failed as a whole and the response contains it instead of users.
    pub fn job(&self) -> Option<&GenericError> {
        match &self.parsed {
            Parsed::Job(job) => Some(job),
            _ => None,
        }
    }

    /// Returns true if the response is not a list, not a job and not empty.
    pub fn is_undocumented(&self) -> bool {
        matches!(self.parsed, Parsed::Undocumented)
    }

    /// Returns the number of errors of each kind, without values, for example `INVALID_FORMAT at email`.
    pub fn kinds(&self) -> BTreeMap<String, u64> {
        let mut kinds = BTreeMap::new();
        for user in self.users() {
            for error in &user.errors {
                *kinds.entry(error.kind()).or_default() += 1;
            }
            if user.undocumented > 0 {
                *kinds.entry("undocumented entry".to_owned()).or_default() += user.undocumented;
            }
        }
        if self.is_undocumented() {
            kinds.insert("undocumented answer".to_owned(), 1);
        }
        kinds
    }

    /// Returns the number of users that were refused only because they already exist in the tenant.
    pub(crate) fn already_there(&self) -> u64 {
        self.users().iter().filter(|user| user.is_existing()).count() as u64
    }
}

impl UserError {
    /// Returns true if the user already exists in the tenant. Returns false if it occurs twice in the file.
    pub fn is_existing(&self) -> bool {
        let message = self.message.as_deref().unwrap_or_default();
        self.code.as_deref() == Some("DUPLICATED_USER") && !message.contains("already provided")
    }

    /// Returns the code, if it has the form of a code.
    pub fn plain_code(&self) -> Option<&str> {
        let is_code = |code: &&str| {
            (1..=60).contains(&code.len())
                && code.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
        };
        self.code.as_deref().filter(is_code)
    }

    /// Returns the part of the message that is known not to contain values of the user. Returns `None` for unknown
    /// messages.
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
        let message = self.message.as_deref()?;
        let message = match message.strip_prefix("Error in ") {
            Some(rest) => rest.split_once(" property - ").map_or(rest, |(_, message)| message),
            None => message,
        };
        if let Some(types) = message.strip_prefix("Expected type ") {
            let (expected, found) = types.split_once(" but found type ")?;
            let are_types = TYPES.contains(&expected) && TYPES.contains(&found);
            return are_types.then(|| message.to_owned());
        }
        MESSAGES.iter().find(|known| message.starts_with(**known)).map(|known| (*known).to_owned())
    }

    /// Returns the path in the user. Names of the import schema and indexes are kept, every other name is replaced
    /// by `*`.
    pub fn plain_path(&self) -> Option<String> {
        let path = self.path.as_deref()?;
        let path = path.strip_prefix("#/").unwrap_or(path);
        let steps = path.split(['.', '/', '[']).map(|step| step.trim_end_matches(']'));
        let mut plain = String::new();
        for (index, step) in steps.filter(|step| !step.is_empty()).enumerate() {
            let in_metadata = plain.starts_with("app_metadata") || plain.starts_with("user_metadata");
            let known = SCHEMA_NAMES.contains(&step) || INNER_NAMES.contains(&step);
            if !in_metadata && index > 0 && step.len() < 4 && step.bytes().all(|byte| byte.is_ascii_digit()) {
                plain.extend(["[", step, "]"]);
                continue;
            }
            if index > 0 {
                plain.push('.');
            }
            plain.push_str(if known && !in_metadata { step } else { "*" });
            if in_metadata {
                break;
            }
        }
        (!plain.is_empty()).then_some(plain)
    }

    /// Returns code and path, without anything that could be a value of the user. Paths in metadata become
    /// `user_metadata.*`, and a code with an unknown form is left out.
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

/// Known beginnings of messages. The text up to the end of each does not contain values of a user.
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

/// The types in messages of the form "Expected type X but found type Y".
const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// The property names of the schema that are nested in the properties of a user.
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
    /// `GET jobs/{id}`: returns the state of a job.
    ///
    /// # Errors
    /// Returns an error if the tenant refuses (404: the job does not exist, or is older than 24 hours) or cannot be
    /// reached.
    pub fn job(&self, id: &str) -> Result<Job> {
        let call = ApiCall::new("GET jobs/{id}", format_args!("jobs/{}", segment(id)));
        read(&call, "a job", &self.get(&call, SHORT, self.retry())?)
    }

    /// `GET jobs/{id}/errors`: returns the users that a job refused.
    ///
    /// # Errors
    /// The same as [`job`](Self::job), and [`Error::TooLong`](crate::Error::TooLong) above 16 MiB: see
    /// [`job_errors_to`](Self::job_errors_to).
    pub fn job_errors(&self, id: &str) -> Result<JobErrors> {
        let response = self.get(&errors_call(id), MAX_ERRORS_BYTES, self.retry())?;
        Ok(JobErrors::from_text(response))
    }

    /// Like [`job_errors`](Self::job_errors), but writes the response to a file, as received and of any length.
    /// Returns the length in bytes. The file is emptied first.
    ///
    /// # Errors
    /// The same as [`job`](Self::job). The inner result is the error of writing.
    pub fn job_errors_to(&self, id: &str, file: &mut File) -> Result<io::Result<u64>> {
        let call = errors_call(id);
        self.get_with(&call, self.retry(), |response| {
            // An earlier try may have been interrupted.
            if let Err(error) = file.set_len(0).and_then(|()| file.rewind()) {
                return Ok(Err(error));
            }
            copy_body(&call, &self.peer(), response, file)
        })
    }
}

/// The maximum length of an error list that is read into memory: 32 times the largest part.
pub const MAX_ERRORS_BYTES: u64 = 16 << 20;

fn errors_call(id: &str) -> ApiCall {
    ApiCall::new("GET jobs/{id}/errors", format_args!("jobs/{}/errors", segment(id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ERRORS: &str = include_str!("../testdata/import-errors.json");

    #[test]
    fn parses_user_list_job_object_and_empty_response() {
        let errors = JobErrors::from_text(ERRORS);
        assert_eq!(errors.users().len(), 8);
        assert_eq!(errors.text(), ERRORS);
        assert!(errors.job().is_none() && !errors.is_empty());

        let job = r#"{"status":"failed","type":"users_import","id":"job_1","status_details":"no"}"#;
        let errors = JobErrors::from_text(job);
        assert_eq!(errors.job().unwrap().status_details.as_deref(), Some("no"));
        assert!(!errors.is_empty());
        let recorded = include_str!("../../../testdata/recorded/errors-as-a-job.json");
        let details = JobErrors::from_text(recorded).job().unwrap().status_details.clone().unwrap();
        assert!(details.starts_with("Failed to parse users file"), "{details}");

        assert!(JobErrors::from_text("").is_empty() && JobErrors::from_text("[]").is_empty());
    }

    #[test]
    fn entries_of_any_form_are_kept_and_counted() {
        let as_allowed = include_str!("../../../testdata/recorded/errors-as-the-schema-allows.json");
        let errors = JobErrors::from_text(as_allowed);
        assert_eq!(errors.text(), as_allowed);
        let kinds = |errors: &JobErrors| errors.kinds().into_iter().collect::<Vec<_>>();
        let counted = |kind: &str, times| (kind.to_owned(), times);
        assert_eq!(
            kinds(&errors),
            [
                counted("DUPLICATED_USER", 1),
                counted("INVALID_FORMAT at email", 1),
                counted("an undocumented code", 2),
                counted("undocumented entry", 1),
            ]
        );
        assert_eq!((errors.users().len(), errors.already_there()), (4, 1));

        let odd =
            r#"[7, null, "ada", {"errors": 1}, {"errors": [1, {"code": 5}]}, {"user": 3, "errors": []}]"#;
        let errors = JobErrors::from_text(odd);
        assert_eq!(kinds(&errors), [counted("an undocumented code", 1), counted("undocumented entry", 6)]);
        assert_eq!(errors.users()[4].errors[0].extra["code"], 5);
        // The user of an entry is known, whatever its errors are.
        let errors = JobErrors::from_text(r#"[{"user": {"user_id": "1"}, "errors": "no list"}]"#);
        let entry = &errors.users()[0];
        assert_eq!(
            (entry.user.as_ref().map(|user| user.get()), entry.undocumented),
            (Some(r#"{"user_id": "1"}"#), 1)
        );
        for response in ["<html>", "7", "\"ada\"", "[{]", "{\"a\":", "\u{fffd}"] {
            let errors = JobErrors::from_text(response);
            assert!(
                errors.is_undocumented() && !errors.is_empty() && errors.text() == response,
                "{response}"
            );
            assert_eq!(kinds(&errors), [counted("undocumented answer", 1)]);
        }
    }

    #[test]
    fn lists_longer_than_any_part_are_undocumented() {
        let list = |entry: &str, count: usize| format!("[{}]", vec![entry; count].join(","));
        let errors = |text: &str| JobErrors::from_text(text);
        assert_eq!(errors(&list("{}", MAX_ENTRIES)).users().len(), MAX_ENTRIES);
        assert!(errors(&list("{}", MAX_ENTRIES + 1)).is_undocumented());
        let of_one = |error: &str, count| {
            errors(&format!("[{{\"errors\":{}}}]", list(error, count))).users()[0].clone()
        };
        assert_eq!(of_one("{\"code\":\"X\"}", MAX_ERRORS_OF_USER).errors.len(), MAX_ERRORS_OF_USER);
        assert_eq!(of_one("{\"code\":\"X\"}", MAX_ERRORS_OF_USER + 1).undocumented, 1);
        let long = of_one(&format!("{{\"code\":\"X\",\"long\":\"{}\"}}", "a".repeat(MAX_ERROR_BYTES)), 1);
        assert_eq!((long.errors.len(), long.undocumented), (0, 1));
        assert!(errors(&format!("{{\"a\":\"{}\"}}", "a".repeat(1 << 20))).is_undocumented());
    }

    #[test]
    fn already_there_counts_only_users_in_the_tenant() {
        // The sample contains two duplicates: one in the tenant, one in the file.
        assert_eq!(JobErrors::from_text(ERRORS).already_there(), 1);
    }

    #[test]
    fn kinds_count_codes_and_paths_without_values() {
        let kinds = JobErrors::from_text(ERRORS).kinds();
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
    fn plain_messages_and_paths_contain_no_values() {
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
    fn debug_output_contains_no_user() {
        let shown = format!("{:?}", JobErrors::from_text(ERRORS).users());
        assert!(!shown.contains('@'), "{shown}");
    }
}
