//! Rows read by the `csv` crate and converted to records in a naive way.

use crate::record::{CsvDialect, CsvTypes};

/// Returns the rows of a file as read by the `csv` crate, the header first.
pub(crate) fn peer(text: &[u8], delimiter: u8) -> Vec<Vec<String>> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text);
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    rows.collect()
}

/// A value that is not complete yet.
#[derive(Clone)]
enum Building {
    Cell(Option<String>),
    Object(Vec<(String, Building)>),
    Array(Vec<Building>),
}

enum Step<'s> {
    Name(&'s str),
    Index(usize),
}

/// Returns the steps of a path without special characters.
fn steps(path: &str) -> Vec<Step<'_>> {
    path.split(['.', '['])
        .map(|step| match step.strip_suffix(']') {
            Some(index) => Step::Index(index.parse().unwrap()),
            None => Step::Name(step),
        })
        .collect()
}

fn put(into: Option<Building>, path: &[Step<'_>], value: Option<String>) -> Building {
    match (path, into) {
        ([], _) => Building::Cell(value),
        ([Step::Name(name), rest @ ..], into) => {
            let mut members = match into {
                Some(Building::Object(members)) => members,
                _ => Vec::new(),
            };
            match members.iter_mut().find(|member| member.0 == *name) {
                Some(member) => member.1 = put(Some(member.1.clone()), rest, value),
                None => members.push(((*name).to_owned(), put(None, rest, value))),
            }
            Building::Object(members)
        }
        ([Step::Index(index), rest @ ..], into) => {
            let mut items = match into {
                Some(Building::Array(items)) => items,
                _ => Vec::new(),
            };
            if *index == items.len() {
                items.push(put(None, rest, value));
            } else {
                items[*index] = put(Some(items[*index].clone()), rest, value);
            }
            Building::Array(items)
        }
    }
}

fn built(value: &Building) -> Option<String> {
    match value {
        Building::Cell(text) => text.clone(),
        Building::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .filter_map(|(name, value)| {
                    Some(format!("{}:{}", serde_json::to_string(name).unwrap(), built(value)?))
                })
                .collect();
            (!members.is_empty()).then(|| format!("{{{}}}", members.join(",")))
        }
        Building::Array(items) => {
            let mut texts: Vec<(bool, String)> = items
                .iter()
                .map(|item| match (built(item), item) {
                    (Some(text), _) => (true, text),
                    (None, Building::Cell(_)) => (false, "null".into()),
                    (None, Building::Object(_)) => (false, "{}".into()),
                    (None, Building::Array(_)) => (false, "[]".into()),
                })
                .collect();
            while texts.pop_if(|last| !last.0).is_some() {}
            let texts: Vec<String> = texts.into_iter().map(|item| item.1).collect();
            (!texts.is_empty()).then(|| format!("[{}]", texts.join(",")))
        }
    }
}

/// Returns the object or array in the JSON text of a property that has this type, without white space between
/// tokens.
fn spelt_json(text: &str, path: &str) -> Option<String> {
    let opening = match path {
        "user_metadata" | "app_metadata" | "custom_password_hash" => '{',
        "identities" | "mfa_factors" | "multifactor" => '[',
        _ => return None,
    };
    let json = serde_json::from_str::<&serde_json::value::RawValue>(text).ok()?.get();
    let mut inside = false;
    let mut escaped = false;
    let mut compact = String::new();
    for char in json.chars() {
        if inside || !matches!(char, ' ' | '\t' | '\r' | '\n') {
            compact.push(char);
        }
        inside ^= char == '"' && !escaped;
        escaped = char == '\\' && !escaped;
    }
    compact.starts_with(opening).then_some(compact)
}

/// Returns the value of a cell as JSON, written by `serde_json`.
fn typed(text: &str, path: &str, dialect: CsvDialect, types: CsvTypes) -> Option<String> {
    if text.is_empty() {
        return None;
    }
    let string = |text: &str| Some(serde_json::to_string(text).unwrap());
    if let Some(json) =
        spelt_json(text.strip_prefix('\'').filter(|_| dialect == CsvDialect::Auth0).unwrap_or(text), path)
    {
        return Some(json);
    }
    if dialect == CsvDialect::Auth0
        && let Some(text) = text.strip_prefix('\'')
    {
        return string(text);
    }
    let any = dialect == CsvDialect::Auth0 || types == CsvTypes::Infer;
    let lower = text.to_lowercase();
    if (any || matches!(path, "email_verified" | "identities[0].isSocial"))
        && ["true", "false"].contains(&&*lower)
    {
        return Some(lower);
    }
    let raw = serde_json::from_str::<&serde_json::value::RawValue>(text);
    let number = text.starts_with(['-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'])
        && raw.is_ok_and(|raw| raw.get().len() == text.len());
    if number && (any || path == "logins_count") {
        return Some(text.to_owned());
    }
    string(text)
}

pub(crate) fn naive(header: &[String], row: &[String], dialect: CsvDialect, types: CsvTypes) -> String {
    let mut record = Building::Object(Vec::new());
    for (path, text) in header.iter().zip(row) {
        record = put(Some(record), &steps(path), typed(text, path, dialect, types));
    }
    built(&record).unwrap_or_else(|| "{}".into())
}
