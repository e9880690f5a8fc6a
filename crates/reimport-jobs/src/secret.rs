//! A string that no log, error or `{:?}` can show.

use std::fmt;

use serde::{Deserialize, Serializer};

/// A token, a client secret or a signed link: it can be used, but not printed.
///
/// ```
/// let secret = reimport_jobs::Secret::new("eyJhbGciOi");
/// assert_eq!(format!("{secret} {secret:?}"), "[hidden] [hidden]");
/// assert_eq!(secret.expose(), "eyJhbGciOi");
/// ```
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides that text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself; where it goes from here is the caller's care.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// For the one document that must carry it: the job object, whose `location` is there to be used.
    #[expect(clippy::ref_option, reason = "serde hands the field as it is")]
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
