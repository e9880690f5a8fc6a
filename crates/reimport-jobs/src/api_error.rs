//! What a tenant says when it refuses a call.

use std::time::Duration;

use serde_json::Value;

/// A refusal: the HTTP status and what its body says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The call, as in `POST jobs/users-imports`.
    pub call: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The body's `error`, as in `Forbidden`.
    pub error: Option<String>,
    /// The body's `errorCode`, as in `insufficient_scope`.
    pub error_code: Option<String>,
    /// The body's `message`, cut to one short line; none for calls whose message could repeat a user's data.
    pub message: Option<String>,
    /// The scopes of which the token would need one.
    pub missing_scopes: Vec<String>,
    /// How long the tenant asked to wait (429).
    pub wait: Option<Duration>,
}

impl ApiError {
    /// Reads the body of a refusal; `quiet` keeps its message out.
    pub(crate) fn read(
        call: &'static str,
        status: u16,
        body: &str,
        quiet: bool,
        wait: Option<Duration>,
    ) -> Self {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str).map(one_line);
        let message = text("message");
        let missing_scopes = match (status, message.as_deref().and_then(|m| m.split_once("expected any of:")))
        {
            (403, Some((_, scopes))) => scopes.split(',').map(|scope| scope.trim().to_owned()).collect(),
            _ => Vec::new(),
        };
        Self {
            call,
            status,
            error: text("error"),
            error_code: text("errorCode"),
            message: message.filter(|_| !quiet),
            missing_scopes,
            wait,
        }
    }

    /// Whether the tenant refused because its two import jobs are taken.
    pub fn is_job_limit(&self) -> bool {
        self.status == 429
            && self.message.as_deref().is_some_and(|text| text.contains("active import users jobs"))
    }
}

/// At most 200 characters, none of them a control character: it ends on a terminal.
fn one_line(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_scope_is_named() {
        let body = r#"{"statusCode":403,"error":"Forbidden","errorCode":"insufficient_scope",
            "message":"Insufficient scope, expected any of: read:users, read:user_idp_tokens"}"#;
        let error = ApiError::read("GET users", 403, body, false, None);
        assert_eq!(error.missing_scopes, ["read:users", "read:user_idp_tokens"]);
        assert_eq!(
            error.to_string(),
            "GET users: the tenant answered 403 insufficient_scope: Insufficient scope, expected any of: \
             read:users, read:user_idp_tokens; give the token the scope read:users or read:user_idp_tokens"
        );
    }

    #[test]
    fn a_quiet_call_repeats_no_message_and_a_page_of_html_is_no_trouble() {
        let error = ApiError::read("GET users", 400, r#"{"message":"bad: ada@example.com"}"#, true, None);
        assert_eq!(error.to_string(), "GET users: the tenant answered 400");
        let error = ApiError::read("GET users", 502, "<html>", false, None);
        assert_eq!(error.to_string(), "GET users: the tenant answered 502");
    }

    #[test]
    fn a_message_cannot_steer_a_terminal() {
        let error = ApiError::read("GET users", 400, "{\"message\":\"a\\u001b[2Jb\"}", false, None);
        assert_eq!(error.message.as_deref(), Some("a [2Jb"));
    }
}
