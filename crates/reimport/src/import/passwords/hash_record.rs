//! Reads one record of a hash export, in any of its known forms.

use std::borrow::Cow;

use super::login::without_prefix;
use crate::instant;
use crate::json::{Kind, Scanner, SyntaxError, Value};

/// The members of a record that are used.
#[derive(Debug, Default)]
pub(super) struct HashRecord<'a> {
    /// The id of the login, without `auth0|`: `alt_id`, else `_id.$oid`. `None` if `alt_id` is present but is not an
    /// id, whatever `_id` is.
    pub(super) id: Option<Cow<'a, str>>,
    /// All e-mail addresses of the login.
    pub(super) emails: Vec<Cow<'a, str>>,
    pub(super) connection: Option<Cow<'a, str>>,
    /// Whether the connection is present but is not a name.
    pub(super) odd_connection: bool,
    pub(super) tenant: Option<Cow<'a, str>>,
    pub(super) set_at: Option<i64>,
    /// The hash: a string for `password_hash`, or an object for `custom_password_hash`.
    pub(super) hash: Option<Value<'a>>,
}

impl<'a> HashRecord<'a> {
    /// Reads a valid JSON object. The last value of a repeated name counts.
    pub(super) fn read(json: &'a str) -> Result<Self, SyntaxError> {
        let mut record = Self::default();
        let (mut oid, mut alt_id, mut identifiers, mut custom) = (None, AltId::Absent, None, None);
        let mut email = None;
        let mut scanner = Scanner::new(json);
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            let value = scanner.value()?;
            match &*name.decoded() {
                "_id" | "_ID" => oid = object_id(value),
                "alt_id" => alt_id = AltId::of(value),
                "email" => email = filled(value),
                "identifiers" => identifiers = Some(value),
                "connection" => {
                    record.connection = filled(value);
                    record.odd_connection = !matches!(value.kind(), Kind::String | Kind::Null);
                }
                "tenant" => record.tenant = filled(value),
                "password_set_date" => record.set_at = instant::of_value(value),
                "passwordHash" => record.hash = Some(value).filter(|value| value.kind() == Kind::String),
                "custom_password_hash" => custom = Some(value).filter(|value| value.kind() == Kind::Object),
                _ => {}
            }
        }
        record.hash = record.hash.or(custom);
        record.id = match alt_id {
            AltId::Absent => oid,
            AltId::Is(id) => id,
        };
        record.emails.extend(email);
        if let Some(identifiers) = identifiers {
            each_email(identifiers, |email| record.emails.push(email));
        }
        Ok(record)
    }
}

/// The custom id of a login.
enum AltId<'a> {
    /// Missing, `null` or empty.
    Absent,
    /// Present. `None` if the value is not an id.
    Is(Option<Cow<'a, str>>),
}

impl<'a> AltId<'a> {
    fn of(value: Value<'a>) -> Self {
        match value.kind() {
            Kind::Null => Self::Absent,
            Kind::String => filled(value).map_or(Self::Absent, |id| Self::Is(Some(id))),
            _ => Self::Is(id_text(value)),
        }
    }
}

/// Returns the string, if the value is a string that is not empty.
pub(super) fn filled(value: Value<'_>) -> Option<Cow<'_, str>> {
    value.as_str().filter(|text| !text.is_empty())
}

/// Returns an id: a string that is not empty, or a number as written.
pub(super) fn id_text(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value.kind() {
        Kind::Number => Some(Cow::Borrowed(value.json())),
        _ => filled(value),
    }
}

/// Returns the id in `{"$oid":"…"}`, or the id alone, without the `auth0|` that some tools add.
fn object_id(value: Value<'_>) -> Option<Cow<'_, str>> {
    let id = if value.kind() == Kind::Object { id_text(value.member("$oid")?)? } else { id_text(value)? };
    Some(without_prefix(id)).filter(|id| !id.is_empty())
}

/// Visits the identifiers of type `email`.
fn each_email<'a>(identifiers: Value<'a>, mut visit: impl FnMut(Cow<'a, str>)) {
    let mut scanner = Scanner::new(identifiers.json());
    if scanner.enter_array().is_err() {
        return;
    }
    while let Ok(true) = scanner.item() {
        let Ok(identifier) = scanner.value() else { return };
        let kind = identifier.member("type").and_then(|value| value.as_str());
        if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("email"))
            && let Some(email) = identifier.member("value").and_then(filled)
        {
            visit(email);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(json: &str) -> Option<String> {
        HashRecord::read(json).unwrap().id.map(Cow::into_owned)
    }

    #[test]
    fn alternative_id_takes_precedence_over_object_id() {
        for (json, expected) in [
            (r#"{"_id":{"$oid":"a"}}"#, Some("a")),
            (r#"{"_ID":{"$oid":"a"}}"#, Some("a")),
            (r#"{"_id":{"$oid":"auth0|a"}}"#, Some("a")),
            (r#"{"_id":{"$oid":"\u0061uth0|a"}}"#, Some("a")),
            (r#"{"_id":"auth0|a"}"#, Some("a")),
            (r#"{"_id":{"$oid":"a"},"alt_id":"b"}"#, Some("b")),
            (r#"{"alt_id":"42|acme","_id":{"$oid":"a"}}"#, Some("42|acme")),
            (r#"{"_id":{"$oid":"a"},"alt_id":42}"#, Some("42")),
            (r#"{"_id":{"$oid":"a"},"alt_id":null}"#, Some("a")),
            (r#"{"_id":{"$oid":"a"},"alt_id":""}"#, Some("a")),
            (r#"{"_id":{},"alt_id":[]}"#, None),
            (r#"{"_id":{"$oid":"a"},"alt_id":{"$oid":"b"}}"#, None),
            (r#"{"_id":{"$oid":"auth0|"}}"#, None),
            (r#"{"_id":[]}"#, None),
        ] {
            assert_eq!(id(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn emails_are_read_from_root_and_identifiers() {
        let emails = |json: &str| HashRecord::read(json).unwrap().emails.join(" ");
        let among =
            r#""identifiers":[7,{"type":"phone","value":"+1"},{"type":"email","value":"a@b.example"}]"#;
        assert_eq!(emails(&format!("{{{among}}}")), "a@b.example");
        assert_eq!(emails(&format!(r#"{{"email":"c@d.example",{among}}}"#)), "c@d.example a@b.example");
        assert_eq!(emails(&format!(r#"{{"email":null,{among}}}"#)), "a@b.example");
        assert_eq!(emails(r#"{"identifiers":{}}"#), "");
    }

    #[test]
    fn connection_is_a_name_or_odd() {
        for (json, connection, odd) in [
            (r#"{"connection":"C"}"#, Some("C"), false),
            (r#"{"connection":""}"#, None, false),
            (r#"{"connection":null}"#, None, false),
            (r#"{"connection":["C"]}"#, None, true),
            (r#"{"connection":7}"#, None, true),
        ] {
            let record = HashRecord::read(json).unwrap();
            assert_eq!((record.connection.as_deref(), record.odd_connection), (connection, odd), "{json}");
        }
    }

    #[test]
    fn bcrypt_hash_takes_precedence_over_custom_hash() {
        for (json, expected) in [
            (r#"{"passwordHash":"h"}"#, Some(r#""h""#)),
            (r#"{"custom_password_hash":{"a":1}}"#, Some(r#"{"a":1}"#)),
            (r#"{"passwordHash":null,"custom_password_hash":{"a":1}}"#, Some(r#"{"a":1}"#)),
            (r#"{"custom_password_hash":{"a":1},"passwordHash":"h"}"#, Some(r#""h""#)),
            (r#"{"passwordHash":7}"#, None),
            (r#"{"user_id":"auth0|a","email":"a@b.example"}"#, None),
        ] {
            let found = HashRecord::read(json).unwrap().hash.map(|value| value.json());
            assert_eq!(found, expected, "{json}");
        }
    }
}
