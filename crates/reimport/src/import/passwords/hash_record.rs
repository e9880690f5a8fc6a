//! One record of the hash export, in every form in which such files are met.

use std::borrow::Cow;

use super::error::Unusable;
use crate::instant;
use crate::json::{Kind, Scanner, SyntaxError, Value};

/// What counts of a record.
#[derive(Debug, Default)]
pub(super) struct HashRecord<'a> {
    /// The id behind `auth0|`: `alt_id`, else `_id.$oid`.
    pub(super) id: Option<Cow<'a, str>>,
    pub(super) email: Option<Cow<'a, str>>,
    pub(super) connection: Option<Cow<'a, str>>,
    pub(super) tenant: Option<Cow<'a, str>>,
    pub(super) set_at: Option<i64>,
    /// A string for `password_hash`, or an object for `custom_password_hash`.
    pub(super) hash: Option<Value<'a>>,
}

impl<'a> HashRecord<'a> {
    /// Reads a valid JSON object; of a repeated name the last counts.
    pub(super) fn read(json: &'a str) -> Result<Self, SyntaxError> {
        let mut record = Self::default();
        let (mut oid, mut alt_id, mut identifiers, mut custom) = (None, None, None, None);
        let mut scanner = Scanner::new(json);
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            let value = scanner.value()?;
            match &*name.decoded() {
                "_id" | "_ID" => oid = object_id(value),
                "alt_id" => alt_id = id_text(value),
                "email" => record.email = filled(value),
                "identifiers" => identifiers = Some(value),
                "connection" => record.connection = filled(value),
                "tenant" => record.tenant = filled(value),
                "password_set_date" => record.set_at = instant::of_value(value),
                "passwordHash" => record.hash = Some(value).filter(|value| value.kind() == Kind::String),
                "custom_password_hash" => custom = Some(value).filter(|value| value.kind() == Kind::Object),
                _ => {}
            }
        }
        record.hash = record.hash.or(custom);
        record.id = alt_id.or(oid);
        if record.email.is_none() {
            record.email = identifiers.and_then(email_among);
        }
        Ok(record)
    }

    /// The hash, where the record can be joined to anybody.
    pub(super) fn usable(&self) -> Result<Value<'a>, Unusable> {
        let hash = self.hash.ok_or(Unusable::NoHash)?;
        if self.id.is_none() && (self.email.is_none() || self.connection.is_none()) {
            return Err(Unusable::NoKey);
        }
        Ok(hash)
    }
}

/// A string that is not empty.
fn filled(value: Value<'_>) -> Option<Cow<'_, str>> {
    value.as_str().filter(|text| !text.is_empty())
}

/// An id: a string, or a number as it is written.
pub(super) fn id_text(value: Value<'_>) -> Option<Cow<'_, str>> {
    match value.kind() {
        Kind::Number => Some(Cow::Borrowed(value.text())),
        _ => filled(value),
    }
}

/// `{"$oid":"…"}`, or the id alone; some tools put `auth0|` before it.
fn object_id(value: Value<'_>) -> Option<Cow<'_, str>> {
    let id = if value.kind() == Kind::Object { id_text(member(value, "$oid")?)? } else { id_text(value)? };
    Some(match id {
        Cow::Borrowed(id) => Cow::Borrowed(id.strip_prefix("auth0|").unwrap_or(id)),
        Cow::Owned(id) => Cow::Owned(id.strip_prefix("auth0|").unwrap_or(&id).to_owned()),
    })
}

/// The last member of that name in an object that was passed before.
pub(super) fn member<'a>(object: Value<'a>, wanted: &str) -> Option<Value<'a>> {
    let mut scanner = Scanner::new(object.text());
    scanner.enter_object().ok()?;
    let mut found = None;
    while let Some(name) = scanner.name().ok()? {
        let value = scanner.value().ok()?;
        if name.is(wanted) {
            found = Some(value);
        }
    }
    found
}

/// The first identifier of type `email`.
fn email_among(identifiers: Value<'_>) -> Option<Cow<'_, str>> {
    let mut scanner = Scanner::new(identifiers.text());
    scanner.enter_array().ok()?;
    while scanner.item().ok()? {
        let identifier = scanner.value().ok()?;
        let is_email = member(identifier, "type")
            .and_then(|value| value.as_str())
            .is_some_and(|kind| kind.eq_ignore_ascii_case("email"));
        if is_email && let Some(email) = member(identifier, "value").and_then(filled) {
            return Some(email);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(json: &str) -> Option<String> {
        HashRecord::read(json).unwrap().id.map(Cow::into_owned)
    }

    #[test]
    fn the_id_is_the_alternative_one_else_the_object_id() {
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
            (r#"{"_id":[]}"#, None),
        ] {
            assert_eq!(id(json).as_deref(), expected, "{json}");
        }
    }

    #[test]
    fn the_address_may_stand_among_the_identifiers() {
        let email = |json: &str| HashRecord::read(json).unwrap().email.map(Cow::into_owned);
        let among =
            r#""identifiers":[7,{"type":"phone","value":"+1"},{"type":"email","value":"a@b.example"}]"#;
        assert_eq!(email(&format!("{{{among}}}")).as_deref(), Some("a@b.example"));
        assert_eq!(email(&format!(r#"{{"email":"c@d.example",{among}}}"#)).as_deref(), Some("c@d.example"));
        assert_eq!(email(&format!(r#"{{"email":null,{among}}}"#)).as_deref(), Some("a@b.example"));
        assert_eq!(email(r#"{"identifiers":{}}"#), None);
    }

    #[test]
    fn a_record_is_usable_with_a_hash_and_a_key() {
        for (json, expected) in [
            (r#"{"_id":{"$oid":"a"},"passwordHash":"h"}"#, Ok(r#""h""#)),
            (r#"{"_id":{"$oid":"a"},"custom_password_hash":{"a":1}}"#, Ok(r#"{"a":1}"#)),
            (r#"{"_id":{"$oid":"a"},"passwordHash":null,"custom_password_hash":{"a":1}}"#, Ok(r#"{"a":1}"#)),
            (r#"{"_id":{"$oid":"a"},"custom_password_hash":{"a":1},"passwordHash":"h"}"#, Ok(r#""h""#)),
            (r#"{"email":"a@b.example","connection":"c","passwordHash":"h"}"#, Ok(r#""h""#)),
            (r#"{"email":"a@b.example","passwordHash":"h"}"#, Err(Unusable::NoKey)),
            (r#"{"connection":"c","passwordHash":"h"}"#, Err(Unusable::NoKey)),
            (r#"{"_id":{"$oid":"a"},"passwordHash":7}"#, Err(Unusable::NoHash)),
            (r#"{"user_id":"auth0|a","email":"a@b.example"}"#, Err(Unusable::NoHash)),
        ] {
            let found = HashRecord::read(json).unwrap().usable().map(|value| value.text());
            assert_eq!(found, expected, "{json}");
        }
    }
}
