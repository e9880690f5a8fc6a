//! `POST jobs/verification-email`: sends the email with which a user verifies the address.

use serde::{Deserialize, Serialize};

use crate::api_call::ApiCall;
use crate::client::{Client, read};
use crate::error::Result;
use crate::job::Job;

/// A verification email: the body of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerificationEmail {
    /// The user ID, including the provider: `auth0|…`.
    pub user_id: String,
    /// The client for which it is sent. `None`: the global client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_id: Option<String>,
    /// The identity to verify, if it is not the first one of the user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<VerificationIdentity>,
    /// The organization that the link leads to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    /// The custom domain of the link, for tenants with several. Sent as the header `auth0-custom-domain`.
    #[serde(skip)]
    pub custom_domain: Option<String>,
}

/// One identity of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VerificationIdentity {
    /// The ID at the provider, without the provider.
    pub user_id: String,
    /// The provider, for example `auth0`.
    pub provider: String,
    /// The connection of the identity, if provider and ID do not identify it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connection_id: Option<String>,
}

impl VerificationIdentity {
    /// Creates an identity with this provider and ID.
    pub fn new(provider: impl Into<String>, user_id: impl Into<String>) -> Self {
        Self { user_id: user_id.into(), provider: provider.into(), connection_id: None }
    }
}

impl VerificationEmail {
    /// Creates the request for an e-mail to this user. Sends nothing.
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
    /// `POST jobs/verification-email`: starts sending the email. Needs the scope `update:users`.
    ///
    /// # Errors
    /// Returns an error if the tenant refuses, or if there is no response. Without a response the email may have
    /// been sent, so the call is not repeated.
    pub fn verification_email(&self, email: &VerificationEmail) -> Result<Job> {
        let domain = email.custom_domain.as_deref().map(|domain| ("auth0-custom-domain", domain));
        let call = ApiCall::new("POST jobs/verification-email", "jobs/verification-email");
        read(&call, "a job", &self.post_json(&call, email, domain)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_has_documented_form() {
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
