//! A string that logs, errors and `{:?}` do not show.

use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use serde::{Deserialize, Serializer};

/// A token, a client secret or a signed link. It can be used but not printed.
///
/// ```
/// let secret = reimport_jobs::Secret::new("eyJhbGciOi");
/// assert_eq!(format!("{secret} {secret:?}"), "[hidden] [hidden]");
/// assert_eq!(secret.expose(), "eyJhbGciOi");
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

/// The maximum length of a secret in bytes. No token is this long, but a device may have no end.
pub(crate) const MAX_SECRET_BYTES: usize = 64 << 10;

impl Secret {
    /// Hides this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Reads a file or a pipe with one line, of at most 64 KiB. Surrounding white space is removed.
    ///
    /// # Errors
    /// Returns an error if it cannot be read, is longer, or is not UTF-8.
    pub fn from_file(path: impl AsRef<Path>) -> io::Result<Self> {
        let mut text = String::new();
        File::open(path)?.take(MAX_SECRET_BYTES as u64 + 1).read_to_string(&mut text)?;
        if text.len() > MAX_SECRET_BYTES {
            return Err(io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it has more than {MAX_SECRET_BYTES} bytes; expected one line"),
            ));
        }
        Ok(Self(text.trim().to_owned()))
    }

    /// Returns the text. The caller must not print it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Serializes the text itself. Only for the `location` of a job object, which is meant to be used.
    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(crate) fn serialize_exposed<S: Serializer>(secret: &Option<Self>, to: S) -> Result<S::Ok, S::Error> {
        match secret {
            Some(secret) => to.serialize_some(secret.expose()),
            None => to.serialize_none(),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}
