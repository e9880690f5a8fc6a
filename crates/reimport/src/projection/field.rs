//! One field of a projection, and its command-line syntax `PATH=NAME`.

use super::error::ProjectionError;
use crate::error::Result;
use crate::path::FieldPath;

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
    /// The last `=` outside brackets is the separator. A key that contains `=` must be quoted: `["a=b"]`.
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

    /// Returns the path of the field in a record.
    pub fn path(&self) -> &FieldPath {
        &self.path
    }

    /// Returns the name of the field in the output.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Returns the byte offset of the last `=` outside brackets. Brackets have no meaning in a JSON Pointer (a path
/// that starts with `/`).
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
