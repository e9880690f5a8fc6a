//! One field to project, and how a command line spells it.

use super::error::ProjectionError;
use crate::error::Result;
use crate::path::FieldPath;

/// The fields of an export for which none were named, as `PATH=NAME`.
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

/// One field to project: its path, and its name in the output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    path: FieldPath,
    name: Box<str>,
}

impl Field {
    /// The field at `path`, named `name` in the output.
    pub fn new(path: FieldPath, name: impl Into<Box<str>>) -> Self {
        Self { path, name: name.into() }
    }

    /// Reads `PATH=NAME` or `PATH`, which is its own name, as typed.
    ///
    /// The last `=` outside brackets parts the two; a key that holds one goes in quotes: `["a=b"]`.
    ///
    /// # Errors
    /// Where the path is none, or nothing follows the `=`.
    ///
    /// ```
    /// use reimport::projection::Field;
    ///
    /// let field = Field::from_argument("identities[0].connection=provider")?;
    /// assert_eq!((field.path().to_string().as_str(), field.name()), ("identities[0].connection", "provider"));
    /// # Ok::<(), reimport::Error>(())
    /// ```
    pub fn from_argument(argument: &str) -> Result<Self> {
        match last_equals(argument) {
            None => Self::parse(argument, argument),
            Some(at) if at + 1 == argument.len() => {
                Err(ProjectionError::EmptyName { path: argument[..at].into() }.into())
            }
            Some(at) => Self::parse(&argument[..at], &argument[at + 1..]),
        }
    }

    pub(super) fn parse(path: &str, name: &str) -> Result<Self> {
        match path.parse() {
            Ok(parsed) => Ok(Self::new(parsed, name)),
            Err(error) => Err(ProjectionError::Path { path: path.into(), error }.into()),
        }
    }

    /// Where in a record it stands.
    pub fn path(&self) -> &FieldPath {
        &self.path
    }

    /// What it is called in the output.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// The place of the last `=` outside brackets; a JSON Pointer has none of these.
fn last_equals(argument: &str) -> Option<usize> {
    if argument.starts_with('/') {
        return argument.rfind('=');
    }
    let (mut last, mut bracket, mut quoted, mut escaped) = (None, false, false, false);
    for (at, byte) in argument.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' if bracket => quoted = !quoted,
            b'[' if !quoted => bracket = true,
            b']' if !quoted => bracket = false,
            b'=' if !bracket => last = Some(at),
            _ => {}
        }
    }
    last
}
