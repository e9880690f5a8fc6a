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
    /// The custom domain of the link, for tenants that have several; sent as the header `auth0-custom-domain`.
    #[serde(skip)]
    pub custom_domain: Option<String>,
}

/// One identity of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerificationIdentity {
    /// The id at the provider, without the provider.
    pub user_id: String,
    /// The provider, as in `auth0`.
    pub provider: String,
    /// The connection of the identity, if the provider and the id alone do not say which it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
}

impl VerificationIdentity {
    /// That identity of that provider.
    pub fn new(provider: impl Into<String>, user_id: impl Into<String>) -> Self {
        Self { user_id: user_id.into(), provider: provider.into(), connection_id: None }
    }
}

impl VerificationEmail {
    /// An email to that user.
    pub fn new(user_id: impl Into<String>) -> Self {
        Self {
            user_id: user_id.into(),
            client_id: None,
            identity: None,
            organization_id: None,
            custom_domain: None,
        }
    }
}

impl Client {
    /// `POST jobs/verification-email`: starts the sending; needs the scope `update:users`.
    ///
    /// # Errors
    /// Where the tenant refuses, or no answer came: then the email may be sent, and is not sent twice.
    pub fn verification_email(&self, email: &VerificationEmail) -> Result<Job> {
        const NAME: &str = "POST jobs/verification-email";
        let domain = email.custom_domain.as_deref().map(|domain| ("auth0-custom-domain", domain));
        read(NAME, "a job", &self.post_json(NAME, "jobs/verification-email", email, domain)?)
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
        let mut identity = VerificationIdentity::new("auth0", "1");
        identity.connection_id = Some("con_1".into());
        email.identity = Some(identity);
        email.organization_id = Some("org_1".into());
        email.custom_domain = Some("login.example.com".into());
        assert_eq!(
            serde_json::to_string(&email).unwrap(),
            r#"{"user_id":"auth0|1","client_id":"c","identity":{"user_id":"1","provider":"auth0","connection_id":"con_1"},"organization_id":"org_1"}"#
        );
    }
}
