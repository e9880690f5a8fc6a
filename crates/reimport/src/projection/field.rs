//! One field of a projection, and its command-line syntax `PATH[:TYPE]=NAME` or `"TEXT"[:json]=NAME`.

use super::constant::{Constant, wrong};
use super::error::ProjectionError;
use crate::error::Result;
use crate::path::{FieldPath, outside_brackets};

/// The default fields, as `PATH=NAME`. Used when no fields are named.
pub const DEFAULT_FIELDS: [&str; 11] = [
    "user_id",
    "email",
    "email_verified",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
    "identities[0].connection=connection",
    "created_at",
    "updated_at",
];

/// One field of a projection: its value, and its name in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    value: FieldValue,
    name: Box<str>,
}

/// The value of a [`Field`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FieldValue {
    /// The value at a path.
    Path(FieldPath),
    /// The value at a path, in another form.
    Encoded(FieldPath, Encoding),
    /// The same value for every record.
    Constant(Constant),
}

/// The form of a value, if it is not written as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// As JSON. This differs only for a string in CSV, which is then in quotes.
    Json,
    /// As a string of standard Base64 with padding: of the UTF-8 bytes of a string, else of the compact JSON. `null` stays
    /// `null`.
    Base64,
}

impl Field {
    /// Creates a field with this path and this output name.
    pub fn new(path: FieldPath, name: impl Into<Box<str>>) -> Self {
        Self { value: FieldValue::Path(path), name: name.into() }
    }

    /// Creates a field whose value is written in another form.
    pub fn encoded(path: FieldPath, encoding: Encoding, name: impl Into<Box<str>>) -> Self {
        Self { value: FieldValue::Encoded(path, encoding), name: name.into() }
    }

    /// Creates a field with the same value for every record.
    ///
    /// ```
    /// use reimport::projection::{Constant, Field};
    ///
    /// let field = Field::constant(Constant::text("bcrypt"), "algorithm");
    /// assert_eq!(field, Field::from_argument("\"bcrypt\"=algorithm")?);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn constant(constant: Constant, name: impl Into<Box<str>>) -> Self {
        Self { value: FieldValue::Constant(constant), name: name.into() }
    }

    /// Returns the [default fields](DEFAULT_FIELDS).
    pub fn defaults() -> Vec<Self> {
        // All of them are valid.
        DEFAULT_FIELDS.into_iter().filter_map(|field| Self::from_argument(field).ok()).collect()
    }

    /// Parses one of these forms:
    ///
    /// | form | value | name |
    /// | --- | --- | --- |
    /// | `PATH` | at this path | `PATH` as typed |
    /// | `PATH=NAME` | at this path | `NAME` |
    /// | `PATH:json=NAME`, `PATH:base64=NAME` | at this path, in this [form](Encoding); `=NAME` is optional | `NAME` |
    /// | `"TEXT"=NAME` | the string `TEXT`, escaped as in JSON | `NAME` |
    /// | `"JSON":json=NAME` | the JSON value in the string | `NAME` |
    ///
    /// The first `=` outside brackets and strings is the separator. A key that contains `=`, or that begins with `"` or ends
    /// in `:json` or `:base64`, must be quoted: `["a=b"]`. Any other text after a colon is part of the path, because
    /// attributes of SAML have colons.
    ///
    /// # Errors
    /// Returns an error if the path or the constant is not valid, or if the name is empty or missing.
    ///
    /// ```
    /// use reimport::projection::{Field, FieldValue};
    ///
    /// let field = Field::from_argument("identities[0].connection=provider")?;
    /// let path = field.path().map(ToString::to_string);
    /// assert_eq!((path.as_deref(), field.name()), (Some("identities[0].connection"), "provider"));
    /// let field = Field::from_argument(r#""true":json=enabled"#)?;
    /// assert!(matches!(field.value(), FieldValue::Constant(value) if value.json() == "true"));
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn from_argument(argument: &str) -> Result<Self> {
        if argument.starts_with('"') {
            return Self::parse_constant(argument);
        }
        let (typed, name) = match outside_brackets(argument, b"=").next() {
            None => (argument, None),
            Some(at) => (&argument[..at], Some(&argument[at + 1..])),
        };
        if name == Some("") {
            return Err(ProjectionError::EmptyName { path: typed.into() }.into());
        }
        let encoding = outside_brackets(typed, b":").last().and_then(|colon| match &typed[colon + 1..] {
            "json" => Some((colon, Encoding::Json)),
            "base64" => Some((colon, Encoding::Base64)),
            _ => None,
        });
        let Some((colon, encoding)) = encoding else { return Self::parse(typed, name.unwrap_or(typed)) };
        let path = &typed[..colon];
        Ok(Self::encoded(parsed(path)?, encoding, name.unwrap_or(path)))
    }

    fn parse_constant(argument: &str) -> Result<Self> {
        let (text, rest) = Constant::split_argument(argument)?;
        let expected = "expected `=NAME` or `:json=NAME` after the constant";
        let (json, name) = match (rest.strip_prefix(":json="), rest.strip_prefix('=')) {
            (Some(name), _) => (true, name),
            (None, Some(name)) => (false, name),
            (None, None) => return Err(wrong(argument, expected).into()),
        };
        if name.is_empty() {
            return Err(wrong(argument, expected).into());
        }
        let constant = if json { Constant::parse_json(&text)? } else { Constant::text(&text) };
        Ok(Self::constant(constant, name))
    }

    /// Parses a list of [fields](Self::from_argument), separated by commas outside brackets and constants. A key that
    /// contains a comma must be quoted: `["a,b"]`. White space next to a comma is ignored.
    ///
    /// # Errors
    /// As [`from_argument`](Self::from_argument), for the first item that is not valid.
    ///
    /// ```
    /// use reimport::projection::Field;
    ///
    /// let fields = Field::list_from_argument("email, identities[0].connection=provider, [\"a,b\"]=c, \"d,e\"=f")?;
    /// let names: Vec<_> = fields.iter().map(Field::name).collect();
    /// assert_eq!(names, ["email", "provider", "c", "f"]);
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn list_from_argument(argument: &str) -> Result<Vec<Self>> {
        let (mut fields, mut rest) = (Vec::new(), argument);
        while let Some(comma) = outside_brackets(rest, b",").next() {
            fields.push(Self::from_argument(rest[..comma].trim())?);
            rest = rest[comma + 1..].trim_start();
        }
        fields.push(Self::from_argument(rest)?);
        Ok(fields)
    }

    pub(super) fn parse(path: &str, name: &str) -> Result<Self> {
        Ok(Self::new(parsed(path)?, name))
    }

    /// Returns where the value comes from.
    pub fn value(&self) -> &FieldValue {
        &self.value
    }

    /// Returns the path of the field in a record. `None` for a constant.
    pub fn path(&self) -> Option<&FieldPath> {
        match &self.value {
            FieldValue::Path(path) | FieldValue::Encoded(path, _) => Some(path),
            FieldValue::Constant(_) => None,
        }
    }

    /// Returns the name of the field in the output.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the path, or the constant as JSON, for messages.
    pub(super) fn shown(&self) -> Box<str> {
        match &self.value {
            FieldValue::Path(path) | FieldValue::Encoded(path, _) => path.to_string().into(),
            FieldValue::Constant(constant) => constant.json().into(),
        }
    }
}

fn parsed(path: &str) -> Result<FieldPath> {
    Ok(path.parse().map_err(|error| ProjectionError::Path { path: path.into(), error })?)
}
