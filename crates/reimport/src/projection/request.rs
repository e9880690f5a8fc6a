//! Reads the request body of an export job, or the job object that the API returns for it.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::error::RequestError;
use super::field::Field;
use crate::error::Result;
use crate::path::FieldPath;

/// An export request: the body of `POST /api/v2/jobs/users-exports`, or the job object in the response.
///
/// Unknown keys are ignored. `null` means absent.
///
/// ```
/// use reimport::projection::{ExportFormat, ExportRequest};
///
/// let body = br#"{"format": "csv", "limit": 5, "fields": [
///     {"name": "email"}, {"name": "identities[0].connection", "export_as": "provider"}]}"#;
/// let request = ExportRequest::from_slice(body)?;
/// assert_eq!((request.format, request.limit), (Some(ExportFormat::Csv), Some(5)));
/// assert_eq!(request.fields[1].name(), "provider");
///
/// let error = ExportRequest::from_slice(br#"{"limit": "5"}"#).unwrap_err();
/// assert_eq!(error.to_string(), "limit: expected a whole number from 1, but found a string");
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExportRequest {
    /// The ID of the connection whose users are requested. The records of an export contain connection names, not
    /// IDs.
    pub connection_id: Option<String>,
    /// The name of that connection. Only a job object has it.
    pub connection: Option<String>,
    /// The format of the export.
    pub format: Option<ExportFormat>,
    /// The maximum number of users.
    pub limit: Option<u64>,
    /// The fields. Their names are unique and not empty. If there are no fields, the default fields are meant.
    pub fields: Vec<Field>,
}

/// The format of an export.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// `json`: one JSON object per line.
    Ndjson,
    /// `csv`.
    Csv,
}

impl ExportRequest {
    /// Parses a request body or a job object.
    ///
    /// # Errors
    /// Returns an error if the input is not a JSON object, a key has a value of the wrong type, a field has no
    /// path, or two fields have the same output name. The message names the key, for example `fields[1].export_as`.
    pub fn from_slice(json: &[u8]) -> Result<Self> {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        let document: Value = serde_json::from_slice(json).map_err(RequestError::Json)?;
        let Value::Object(body) = &document else {
            return Err(wrong_type("request", "an object", &document).into());
        };
        let format = match string(body, "", "format")? {
            None => None,
            Some("json") => Some(ExportFormat::Ndjson),
            Some("csv") => Some(ExportFormat::Csv),
            Some(_) => {
                let (expected, found) = ("\"json\" or \"csv\"", "another string");
                return Err(RequestError::Type { key: "format".into(), expected, found }.into());
            }
        };
        Ok(Self {
            connection_id: string(body, "", "connection_id")?.map(str::to_owned),
            connection: string(body, "", "connection")?.map(str::to_owned),
            format,
            limit: limit(body)?,
            fields: fields(body)?,
        })
    }
}

fn limit(body: &Map<String, Value>) -> std::result::Result<Option<u64>, RequestError> {
    let expected = "a whole number from 1";
    let found = match body.get("limit") {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::Number(number)) => match number.as_u64() {
            Some(0) => "0",
            Some(limit) => return Ok(Some(limit)),
            None => "another number",
        },
        Some(other) => return Err(wrong_type("limit", expected, other)),
    };
    Err(RequestError::Type { key: "limit".into(), expected, found })
}

fn fields(body: &Map<String, Value>) -> std::result::Result<Vec<Field>, RequestError> {
    let items = match body.get("fields") {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(other) => return Err(wrong_type("fields", "an array", other)),
    };
    let mut names = HashSet::new();
    let mut fields = Vec::new();
    for (place, item) in items.iter().enumerate() {
        let key = format!("fields[{place}]");
        let Value::Object(item) = item else { return Err(wrong_type(&key, "an object", item)) };
        let Some(path) = string(item, &key, "name")? else {
            return Err(RequestError::NoName { key: key.into() });
        };
        let export_as = string(item, &key, "export_as")?;
        let name = export_as.unwrap_or(path);
        let name_key = || format!("{key}.{}", if export_as.is_some() { "export_as" } else { "name" }).into();
        if name.is_empty() {
            return Err(RequestError::EmptyName { key: name_key() });
        }
        if !names.insert(name) {
            return Err(RequestError::RepeatedName { key: name_key(), name: name.into() });
        }
        let parsed: FieldPath = path.parse().map_err(|error| RequestError::Path {
            key: format!("{key}.name").into(),
            path: path.into(),
            error,
        })?;
        fields.push(Field::new(parsed, name));
    }
    Ok(fields)
}

/// Returns the string member `name` of `object`. `within` is the key of `object` itself, for the error message.
fn string<'v>(
    object: &'v Map<String, Value>,
    within: &str,
    name: &str,
) -> std::result::Result<Option<&'v str>, RequestError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(string)) => Ok(Some(string)),
        Some(other) => {
            let dot = if within.is_empty() { "" } else { "." };
            Err(wrong_type(&format!("{within}{dot}{name}"), "a string", other))
        }
    }
}

fn wrong_type(key: &str, expected: &'static str, found: &Value) -> RequestError {
    let found = match found {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    };
    RequestError::Type { key: key.into(), expected, found }
}
