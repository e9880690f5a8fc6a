//! The error of a record that does not have the type that a caller asked for. Its message has no values.

use std::fmt;

use crate::json::{Kind, Scanner, SyntaxError};
use crate::path::{FieldPath, Segment};

/// An error: a record does not have the requested type.
///
/// The message names the field and what was expected there. It never contains a value. The error of serde can contain a
/// value, so it is not the `source()`, which programs print. It is available as [`reason`](Self::reason).
pub struct ShapeError {
    reason: serde_json::Error,
    path: Option<FieldPath>,
}

/// Maximum length of a path in a message. A record can have keys of any length.
const MAX_PATH: usize = 200;

impl ShapeError {
    /// Creates the error of deserializing `json`.
    pub(super) fn new(reason: serde_json::Error, json: &str) -> Self {
        let mut steps = Vec::new();
        // The record is valid, so no error is lost here.
        let _ = steps_to(&mut Scanner::new(json), offset_of(&reason, json), &mut steps);
        let mut path = FieldPath::from_segments(steps.iter().cloned());
        while path.as_ref().is_some_and(|path| path.to_string().len() > MAX_PATH) {
            steps.pop();
            path = FieldPath::from_segments(steps.iter().cloned());
        }
        Self { reason, path }
    }

    /// Returns the path of the value that does not have the requested type, as far as serde reports it. `None` for the
    /// record itself.
    pub fn path(&self) -> Option<&FieldPath> {
        self.path.as_ref()
    }

    /// Returns the error of serde, whose message can contain a value of the user.
    pub fn reason(&self) -> &serde_json::Error {
        &self.reason
    }
}

/// Returns the number of bytes of the record that were read before the error.
fn offset_of(reason: &serde_json::Error, json: &str) -> usize {
    let lines_before = reason.line().saturating_sub(1);
    let line_start: usize = json.split_inclusive('\n').take(lines_before).map(str::len).sum();
    line_start + reason.column()
}

/// Appends the steps to the innermost value that was begun when the bytes up to `at` were read. If these end between
/// two values, the second one.
fn steps_to(scanner: &mut Scanner<'_>, at: usize, steps: &mut Vec<Segment>) -> Result<(), SyntaxError> {
    let kind = scanner.kind()?;
    if at <= scanner.offset() {
        return Ok(());
    }
    match kind {
        Kind::Object => {
            scanner.enter_object()?;
            while let Some(name) = scanner.name()? {
                let mut value = scanner.clone();
                if at < value.offset() {
                    // The name itself is the error.
                    return Ok(());
                }
                scanner.value()?;
                if at <= scanner.offset() {
                    steps.push(Segment::Name(name.decoded().into()));
                    return steps_to(&mut value, at, steps);
                }
            }
        }
        Kind::Array => {
            scanner.enter_array()?;
            for index in 0.. {
                if !scanner.item()? {
                    break;
                }
                let mut item = scanner.clone();
                scanner.value()?;
                if at <= scanner.offset() {
                    steps.push(Segment::Index(index));
                    return steps_to(&mut item, at, steps);
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Returns serde's message without its values. `None` if it cannot be known which words are values.
fn without_values(reason: &serde_json::Error) -> Option<String> {
    let message = reason.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    if !reason.is_data() {
        // One of the fixed messages of serde_json, such as `number out of range`.
        return Some(message.to_owned());
    }
    let named = |start: &str| {
        let name = message.strip_prefix(start).and_then(|rest| rest.strip_suffix('`'));
        name.is_some_and(|name| !name.contains('`'))
    };
    if named("missing field `") || named("duplicate field `") {
        return Some(message.to_owned());
    }
    if message.starts_with("data did not match any variant of untagged enum ") {
        return Some("a value fits none of the variants".to_owned());
    }
    let starts = [("invalid type: ", ""), ("invalid value: ", "another "), ("invalid length ", "")];
    let starts = starts.into_iter().chain([("unknown variant `", ""), ("unknown field `", "")]);
    let (start, another) = starts.into_iter().find(|(start, _)| message.starts_with(start))?;
    // Only the expectation of the type follows the last of these words. A value that contains the same words is before
    // it.
    let (found, expected) = message.rsplit_once(", expected ")?;
    let found = &found[start.len()..];
    let found = match start {
        "unknown variant `" => "another name",
        "unknown field `" => "another field",
        "invalid length " => "another length",
        _ => match (found.split([' ', ',']).next(), another) {
            (Some("boolean"), "") => "a boolean",
            (Some("integer" | "floating"), "") => "a number",
            (Some("integer" | "floating"), _) => "another number",
            (Some("string"), "") => "a string",
            (Some("string"), _) => "another string",
            (Some("null"), _) => "null",
            (Some("sequence"), _) => "an array",
            (Some("map"), _) => "an object",
            _ => return Some(format!("expected {expected}")),
        },
    };
    Some(format!("expected {expected}, but found {found}"))
}

impl fmt::Display for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the record does not fit the type asked for: ")?;
        if let Some(path) = &self.path {
            write!(f, "{path}: ")?;
        }
        f.write_str(without_values(&self.reason).as_deref().unwrap_or("the type refuses a value"))
    }
}

impl fmt::Debug for ShapeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShapeError({self})")
    }
}

impl std::error::Error for ShapeError {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::error::{Category, ErrorKind};
    use crate::record::{Record, RecordReader};

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its errors are of interest")]
    struct User {
        email: String,
        kind: Option<Kind>,
        logins: Option<u8>,
        identities: Option<Vec<Identity>>,
        range: Option<(u8, u8)>,
        date: Option<Date>,
        either: Option<Either>,
        ratio: Option<f64>,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Kind {
        Database,
        Social,
    }

    #[derive(Debug, serde::Deserialize)]
    #[allow(dead_code, reason = "only its errors are of interest")]
    struct Identity {
        connection: String,
    }

    #[derive(Debug, serde::Deserialize)]
    #[serde(untagged)]
    #[allow(dead_code, reason = "only its errors are of interest")]
    enum Either {
        Flag(bool),
        Number(u8),
    }

    /// Has a check of its own, whose message repeats the value.
    #[derive(Debug, serde::Deserialize)]
    #[serde(try_from = "String")]
    struct Date;

    impl TryFrom<String> for Date {
        type Error = String;

        fn try_from(text: String) -> Result<Self, String> {
            Err(format!("{text}, expected {text}"))
        }
    }

    #[test]
    fn message_names_the_field_and_what_was_expected_without_a_value() {
        for (json, expected) in [
            (r#"{"kind":null}"#, "missing field `email`"),
            (r#"{"email":"a","email":"secret"}"#, "duplicate field `email`"),
            (r#"{"email":["secret"]}"#, "email: expected a string, but found an array"),
            (r#"{"email":{"secret":1}}"#, "email: expected a string, but found an object"),
            (r#"{"email":null}"#, "email: expected a string, but found null"),
            (r#"{"email":true}"#, "email: expected a string, but found a boolean"),
            (r#"{"email":7000001}"#, "email: expected a string, but found a number"),
            ("{\"kind\":null,\n\n\"email\": 7.25 }", "email: expected a string, but found a number"),
            (r#"{"logins":"secret, expected secret"}"#, "logins: expected u8, but found a string"),
            (r#"{"logins":7000001}"#, "logins: expected u8, but found another number"),
            (r#"{"kind":"secret"}"#, "kind: expected `database` or `social`, but found another name"),
            (
                r#"{"kind":"x, expected secret"}"#,
                "kind: expected `database` or `social`, but found another name",
            ),
            (
                r#"{"identities":[{"connection":"a"},{"provider":"secret"}]}"#,
                "identities[1]: missing field `connection`",
            ),
            (
                r#"{"identities":[{"connection":"a"},{"connection":["secret"]}]}"#,
                "identities[1].connection: expected a string, but found an array",
            ),
            (r#"{"identities":"secret"}"#, "identities: expected a sequence, but found a string"),
            (r#"{"identities":["secret"]}"#, "identities[0]: expected struct Identity, but found a string"),
            (r#"{"range":[1]}"#, "range: expected a tuple of size 2, but found another length"),
            (r#"{"date":"secret"}"#, "the type refuses a value"),
            (r#"{"either":"secret"}"#, "a value fits none of the variants"),
            (r#"{"ratio":1e999}"#, "ratio: number out of range"),
        ] {
            let error = Record::parse(json).unwrap().deserialize::<User>().unwrap_err();
            let expected = format!("the record does not fit the type asked for: {expected}");
            assert_eq!(error.to_string(), expected, "{json}");
            assert_eq!(format!("{error:?}"), expected, "{json}");
            assert_eq!(error.category(), Category::Record);
            assert!(matches!(error.kind(), ErrorKind::Shape(shape) if shape.reason().line() > 0));
        }
    }

    #[test]
    fn unknown_field_is_not_named() {
        let error = Record::parse(r#"{"email":"a","secret":1}"#).unwrap().deserialize::<User>().unwrap_err();
        let text = error.to_string();
        assert!(
            text.starts_with("the record does not fit the type asked for: expected one of `email`, "),
            "{text}"
        );
        assert!(text.ends_with("`ratio`, but found another field"), "{text}");
    }

    #[test]
    fn path_of_a_long_name_is_left_out() {
        let json = format!(r#"{{"{}":1}}"#, "x".repeat(MAX_PATH + 1));
        let error = Record::parse(&json).unwrap().deserialize::<BTreeMap<String, String>>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the record does not fit the type asked for: expected a string, but found a number"
        );
    }

    #[test]
    fn error_of_a_csv_record_names_the_column() {
        #[derive(Debug, serde::Deserialize)]
        #[allow(dead_code, reason = "only its errors are of interest")]
        struct Logins {
            logins_count: String,
        }

        let mut reader =
            RecordReader::from_reader("users.csv", &b"email,logins_count\na@example.com,7\n"[..]).unwrap();
        let record = reader.next_record().unwrap().unwrap();
        assert_eq!(
            record.deserialize::<Logins>().unwrap_err().to_string(),
            "users.csv: line 2 (record 1, byte 19): the record does not fit the type asked for: logins_count: \
             expected a string, but found a number"
        );
    }
}
