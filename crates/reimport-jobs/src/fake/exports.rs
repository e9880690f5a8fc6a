//! The file of an export: gzipped NDJSON, or CSV in the dialect of the tenant.

use std::io::{self, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Map, Value, json};

use super::state::{State, User};

/// Returns the error message for an export request that is not valid.
pub(super) fn refusal(body: &Map<String, Value>) -> Option<String> {
    let csv = body.get("format").is_none_or(|format| format == "csv");
    for name in body.keys() {
        if !["connection_id", "format", "limit", "fields"].contains(&name.as_str()) {
            return Some(format!("Payload validation error: 'Additional properties not allowed: {name}'."));
        }
    }
    if body.get("format").is_some_and(|format| format != "csv" && format != "json") {
        return Some("Payload validation error: 'No enum match' on property format.".to_owned());
    }
    if body.get("limit").is_some_and(|limit| limit.as_u64().is_none_or(|limit| limit == 0)) {
        return Some(
            "Payload validation error: 'Value 0 is less than minimum 1' on property limit.".to_owned(),
        );
    }
    if let Some(id) = body.get("connection_id")
        && !id.as_str().is_some_and(crate::connection::is_connection_id)
    {
        return Some(super::routes::NOT_AN_ID.to_owned());
    }
    let fields = body.get("fields").and_then(Value::as_array)?;
    if csv && fields.len() > 30 {
        return Some(
            "Payload validation error: 'Array is too long, maximum 30' on property fields.".to_owned(),
        );
    }
    for field in fields {
        match field["name"].as_str() {
            None => return Some("Payload validation error: 'Missing required property: name'.".to_owned()),
            Some(name @ ("app_metadata" | "user_metadata" | "identities")) if csv => {
                return Some(format!("The field {name} cannot be exported to CSV."));
            }
            Some(name) if name.chars().count() > 100 => {
                let chars = name.chars().count();
                return Some(format!(
                    "Payload validation error: 'String is too long ({chars} chars), maximum 100' on property name."
                ));
            }
            Some(_) => {}
        }
    }
    None
}

impl State {
    /// Returns the file of the export described by a job object.
    pub(super) fn export(&self, job: &Map<String, Value>) -> io::Result<Vec<u8>> {
        let connection = job.get("connection_id").and_then(Value::as_str);
        let of = |user: &&User| connection.is_none_or(|id| user.connection_id == id);
        let limit = job.get("limit").and_then(Value::as_u64).unwrap_or(u64::MAX);
        let users = self.users.iter().filter(of).take(usize::try_from(limit).unwrap_or(usize::MAX));
        let fields = job.get("fields").and_then(Value::as_array).cloned().unwrap_or_else(|| {
            let default = [
                "user_id",
                "email",
                "email_verified",
                "name",
                "nickname",
                "picture",
                "created_at",
                "updated_at",
            ];
            default.iter().map(|name| json!({"name": name})).collect()
        });
        let fields: Vec<(&str, &str)> = fields.iter().filter_map(field).collect();
        let mut file = GzEncoder::new(Vec::new(), Compression::fast());
        if job.get("format").is_some_and(|format| format == "csv") {
            let header: Vec<&str> = fields.iter().map(|(_, title)| *title).collect();
            writeln!(file, "{}", header.join(","))?;
            for user in users {
                let row: Vec<String> =
                    fields.iter().map(|(path, _)| cell(path, get(&user.record, path))).collect();
                writeln!(file, "{}", row.join(","))?;
            }
        } else {
            for user in users {
                let mut line = Map::new();
                for (path, title) in &fields {
                    if let Some(value) = get(&user.record, path) {
                        line.insert((*title).to_owned(), value.clone());
                    }
                }
                writeln!(file, "{}", Value::Object(line))?;
            }
        }
        file.finish()
    }
}

/// Returns the path and the title of a field.
fn field(field: &Value) -> Option<(&str, &str)> {
    let name = field["name"].as_str()?;
    Some((name, field["export_as"].as_str().unwrap_or(name)))
}

/// Returns the value at a path such as `identities[0].connection`.
fn get<'u>(user: &'u Map<String, Value>, path: &str) -> Option<&'u Value> {
    let mut steps = path.split('.').flat_map(|step| step.split('[').map(|step| step.trim_end_matches(']')));
    let mut value = user.get(steps.next()?)?;
    for step in steps {
        value = match value {
            Value::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            value => value.get(step)?,
        };
    }
    Some(value)
}

/// Formats one cell. Every string is preceded by an apostrophe, except the dates that the tenant itself writes.
fn cell(path: &str, value: Option<&Value>) -> String {
    let is_own_date = ["created_at", "updated_at", "last_login"].contains(&path);
    match value {
        Some(Value::String(text)) if is_own_date => text.clone(),
        Some(Value::String(text)) => format!("\"'{}\"", text.replace('"', "\"\"")),
        Some(value @ (Value::Bool(_) | Value::Number(_))) => value.to_string(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_escaped_as_documented() {
        assert_eq!(cell("name", Some(&json!("say \"hi\", =1+1"))), "\"'say \"\"hi\"\", =1+1\"");
        assert_eq!(cell("created_at", Some(&json!("2026-08-20T10:00:00.000Z"))), "2026-08-20T10:00:00.000Z");
        assert_eq!(cell("blocked", Some(&json!(true))), "true");
        assert_eq!(cell("name", None), "");
    }

    #[test]
    fn paths_select_array_elements() {
        let user = json!({"identities": [{"connection": "c"}], "a": {"b": 1}});
        let user = user.as_object().unwrap();
        assert_eq!(get(user, "identities[0].connection"), Some(&json!("c")));
        assert_eq!(get(user, "a.b"), Some(&json!(1)));
        assert_eq!(get(user, "identities[1].connection"), None);
    }
}
