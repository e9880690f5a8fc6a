//! One field of a projection, and its command-line syntax `PATH=NAME`.

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

/// One field of a projection: its path in the record, and its name in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    path: FieldPath,
    name: Box<str>,
}

impl Field {
    /// Creates a field with this path and this output name.
    pub fn new(path: FieldPath, name: impl Into<Box<str>>) -> Self {
        Self { path, name: name.into() }
    }

    /// Parses `PATH=NAME`, or `PATH` alone. `PATH` alone is also the output name, as typed.
    ///
    /// The first `=` outside brackets is the separator. A key that contains `=` must be quoted: `["a=b"]`.
    ///
    /// # Errors
    /// Returns an error if the path is not valid, or if nothing follows the `=`.
    ///
    /// ```
    /// use reimport::projection::Field;
    ///
    /// let field = Field::from_argument("identities[0].connection=provider")?;
    /// assert_eq!((field.path().to_string().as_str(), field.name()), ("identities[0].connection", "provider"));
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn from_argument(argument: &str) -> Result<Self> {
        match outside_brackets(argument, b"=").next() {
            None => Self::parse(argument, argument),
            Some(at) if at + 1 == argument.len() => {
                Err(ProjectionError::EmptyName { path: argument[..at].into() }.into())
            }
            Some(at) => Self::parse(&argument[..at], &argument[at + 1..]),
        }
    }

    /// Parses a list of `PATH=NAME`, separated by commas outside brackets. A key that contains a comma must be quoted:
    /// `["a,b"]`. White space next to a comma is ignored.
    ///
    /// # Errors
    /// As [`from_argument`](Self::from_argument), for the first item that is not valid.
    ///
    /// ```
    /// use reimport::projection::Field;
    ///
    /// let fields = Field::list_from_argument("email, identities[0].connection=provider, [\"a,b\"]=c")?;
    /// let names: Vec<_> = fields.iter().map(Field::name).collect();
    /// assert_eq!(names, ["email", "provider", "c"]);
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
        match path.parse() {
            Ok(parsed) => Ok(Self::new(parsed, name)),
            Err(error) => Err(ProjectionError::Path { path: path.into(), error }.into()),
        }
    }

    /// Returns the path of the field in a record.
    pub fn path(&self) -> &FieldPath {
        &self.path
    }

    /// Returns the name of the field in the output.
    pub fn name(&self) -> &str {
        &self.name
    }
}
