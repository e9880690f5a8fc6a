//! `POST jobs/verification-email`: sends a user the email that verifies the address.

use serde::{Deserialize, Serialize};

use crate::client::{Client, read};
use crate::error::Result;
use crate::job::Job;

/// Who gets a verification email: the very body of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerificationEmail {
    /// The user, with the provider: `auth0|…`.
    pub user_id: String,
    /// The client in whose name it is sent; none: the global one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The identity to verify, where it is not the user's first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<VerificationIdentity>,
    /// The organization the link leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
}

/// One identity of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerificationIdentity {
    /// The id at the provider, without the provider.
    pub user_id: String,
    /// The provider, as in `auth0`.
    pub provider: String,
}

impl VerificationEmail {
    /// An email to that user.
    pub fn new(user_id: impl Into<String>) -> Self {
        Self { user_id: user_id.into(), client_id: None, identity: None, organization_id: None }
    }
}

impl Client {
    /// `POST jobs/verification-email`: starts the sending; needs the scope `update:users`.
    ///
    /// # Errors
    /// Where the tenant refuses, or no answer came: then the email may be sent, and is not sent twice.
    pub fn verification_email(&self, email: &VerificationEmail) -> Result<Job> {
        const NAME: &str = "POST jobs/verification-email";
        read(NAME, "a job", &self.post_json(NAME, "jobs/verification-email", email, true)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_the_documented_one() {
        let mut email = VerificationEmail::new("auth0|1");
        assert_eq!(serde_json::to_string(&email).unwrap(), r#"{"user_id":"auth0|1"}"#);
        email.client_id = Some("c".into());
        email.identity = Some(VerificationIdentity { user_id: "1".into(), provider: "auth0".into() });
        email.organization_id = Some("org_1".into());
        assert_eq!(
            serde_json::to_string(&email).unwrap(),
            r#"{"user_id":"auth0|1","client_id":"c","identity":{"user_id":"1","provider":"auth0"},"organization_id":"org_1"}"#
        );
    }
}
