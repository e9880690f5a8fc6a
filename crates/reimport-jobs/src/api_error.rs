//! Errors that the API returns, and what the user can do about them.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use crate::api_call::ApiCall;
use crate::clock::duration_text;
use crate::sentences;

/// An error response: the HTTP status and the content of its body.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApiError {
    /// The call.
    pub call: ApiCall,
    /// The HTTP status.
    pub status: u16,
    /// The `error` of the body, for example `Forbidden`, if it is an HTTP reason phrase or a code.
    pub error: Option<String>,
    /// The `errorCode` of the body, for example `insufficient_scope`, if it is a code.
    pub error_code: Option<String>,
    /// The `message` of the body (`error_description` when signing in), if it is a known sentence. Other text of a
    /// tenant is not kept, because it may contain data of a user.
    pub message: Option<String>,
    /// True if there is a message that is not a known sentence.
    pub has_hidden_message: bool,
    /// The scopes that would allow the call. The token needs one of them.
    pub missing_scopes: Vec<String>,
    /// The quota that is used up (429), in words.
    pub quota: Option<String>,
    /// How long the tenant asks to wait (429).
    pub wait: Option<Duration>,
    /// The wait limit that ended the call (429).
    pub(crate) limit: Option<Limit>,
}

/// A wait limit that was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Limit {
    /// The maximum time to wait.
    pub(crate) max: Duration,
    /// How long the call has waited.
    pub(crate) waited: Duration,
}

/// The response headers that say how long to wait, and why.
#[derive(Debug, Clone, Default)]
pub(crate) struct RateLimitInfo {
    /// How long the tenant asks to wait.
    pub(crate) wait: Option<Duration>,
    /// The value of `Auth0-Client-Quota-Limit` or `Auth0-Organization-Quota-Limit`, in words.
    pub(crate) quota: Option<String>,
}

impl ApiError {
    /// Parses the body of an error response.
    pub(crate) fn read(call: &ApiCall, status: u16, body: &str, rate_limit: RateLimitInfo) -> Self {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let text = |name: &str| body.get(name).and_then(Value::as_str);
        let message = text("message").or_else(|| text("error_description").filter(|_| call.is_sign_in()));
        let shown = message.and_then(sentences::known);
        let missing_scopes = match (status, message) {
            (403, Some(message)) => sentences::scopes(message),
            _ => Vec::new(),
        };
        Self {
            call: call.clone(),
            status,
            error: text("error").filter(|error| is_code(error) || PHRASES.contains(error)).map(str::to_owned),
            error_code: text("errorCode").filter(|code| is_code(code)).map(str::to_owned),
            has_hidden_message: message.is_some() && shown.is_none(),
            message: shown,
            missing_scopes,
            quota: rate_limit.quota.filter(|_| status == 429),
            wait: rate_limit.wait.filter(|_| status == 429),
            limit: None,
        }
    }

    /// Returns true if the tenant refused the call because it already runs its maximum number of import jobs.
    pub fn is_job_limit(&self) -> bool {
        self.status == 429
            && self.message.as_deref().is_some_and(|text| text.contains("active import users jobs"))
    }

    /// Adds `time` to `waited` and returns true, if the sum is at most `max`. Otherwise records the limit in the
    /// error and returns false.
    pub(crate) fn within(&mut self, time: Duration, max: Duration, waited: &mut Duration) -> bool {
        let total = waited.saturating_add(time);
        if total > max {
            self.limit = Some(Limit { max, waited: *waited });
            return false;
        }
        *waited = total;
        true
    }
}

/// The HTTP reason phrases that the API writes to `error`.
const PHRASES: [&str; 11] = [
    "Bad Request",
    "Conflict",
    "Forbidden",
    "Gateway Timeout",
    "Internal Server Error",
    "Not Found",
    "Payload Too Large",
    "Request Timeout",
    "Service Unavailable",
    "Too Many Requests",
    "Unauthorized",
];

/// Returns true for codes such as `insufficient_scope`, `operation_not_supported`, `InvalidArgument`: only letters
/// and `_`, so no space, digit or `@`.
pub(crate) fn is_code(text: &str) -> bool {
    (1..=60).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_')
}

/// Returns at most 200 characters, with control characters replaced by spaces. Text of a tenant is printed on
/// terminals and written to the journal.
pub(crate) fn one_line(text: &str) -> String {
    text.chars().take(200).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Describes a quota header in words: `b=per_hour;q=10;r=0;t=3540` is a quota of 10 per hour.
pub(crate) fn quota(of: &str, header: &str) -> Option<String> {
    let field = |name: &str| {
        let mut fields = header.split([';', ',']).filter_map(|field| field.trim().split_once('='));
        fields.find(|(key, _)| *key == name).map(|(_, value)| value)
    };
    let bucket = match field("b")? {
        "per_hour" => "per hour",
        "per_day" => "per day",
        _ => return None,
    };
    let max = field("q")?;
    let is_number = (1..=9).contains(&max.len()) && max.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| format!("the {of}'s quota of {max} {bucket} is used up"))
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the tenant answered {}", self.call, self.status)?;
        if let Some(code) = self.error_code.as_ref().or(self.error.as_ref()) {
            write!(f, " {code}")?;
        }
        if let Some(message) = &self.message {
            write!(f, ": {message}")?;
        }
        match self.status {
            300..=399 => f.write_str(
                ", a redirect, which is not followed; is the base URL that of the tenant, https and without a path?",
            ),
            401 if self.call.is_sign_in() => f.write_str("; check the client id and the client secret"),
            401 => f.write_str("; sign in with a fresh token of this tenant"),
            403 if !self.missing_scopes.is_empty() => {
                write!(f, "; give the token the scope {}", self.missing_scopes.join(" or "))
            }
            429 => self.write_limit(f),
            400..=499 if self.has_hidden_message => {
                f.write_str("; its message is not shown, because it may contain data of a user")
            }
            _ => Ok(()),
        }
    }
}

impl ApiError {
    fn write_limit(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(quota) = &self.quota {
            write!(f, "; {quota}")?;
        }
        let Some(limit) = &self.limit else { return Ok(()) };
        let [max, waited] = [limit.max, limit.waited].map(|time| duration_text(time.as_secs()));
        match self.wait.filter(|_| !self.is_job_limit()).map(|wait| duration_text(wait.as_secs())) {
            _ if limit.max.is_zero() => Ok(()),
            Some(requested) if limit.waited.is_zero() => {
                write!(
                    f,
                    "; the tenant asks to wait {requested}, but this run waits {max} at most: try again after that time"
                )
            }
            Some(requested) => write!(
                f,
                "; this lasted for {waited}, and the tenant asks to wait {requested} more, but this run waits {max} at most"
            ),
            None => write!(f, "; this lasted for {waited}, and this run waits {max} at most"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(call: &ApiCall, status: u16, body: &str) -> ApiError {
        ApiError::read(call, status, body, RateLimitInfo::default())
    }

    fn users() -> ApiCall {
        ApiCall::new("GET users", "users?q=identities.connection")
    }

    #[test]
    fn error_names_missing_scopes_without_period() {
        let body = r#"{"statusCode":403,"error":"Forbidden","errorCode":"insufficient_scope",
            "message":"Insufficient scope, expected any of: read:users, read:user_idp_tokens."}"#;
        let error = read(&users(), 403, body);
        assert_eq!(error.missing_scopes, ["read:users", "read:user_idp_tokens"]);
        assert_eq!(
            error.to_string(),
            "GET /api/v2/users: the tenant answered 403 insufficient_scope: Insufficient scope, expected any of: \
             read:users, read:user_idp_tokens; give the token the scope read:users or read:user_idp_tokens"
        );
    }

    #[test]
    fn error_does_not_contain_unknown_text() {
        let free = r#"{"error":"ada@example.com","errorCode":"of ada","message":"bad: ada@example.com"}"#;
        assert_eq!(
            read(&users(), 400, free).to_string(),
            "GET /api/v2/users: the tenant answered 400; its message is not shown, because it may contain data of a user"
        );
        assert_eq!(read(&users(), 502, "<html>").to_string(), "GET /api/v2/users: the tenant answered 502");
        assert_eq!(
            read(&ApiCall::sign_in(), 403, r#"{"error":"access_denied","error_description":"secret hush"}"#)
                .to_string(),
            "POST /oauth/token: the tenant answered 403 access_denied; its message is not shown, because it may contain data of a user"
        );
    }

    #[test]
    fn redirect_error_mentions_base_url() {
        assert_eq!(
            read(&ApiCall::new("GET jobs/{id}", "jobs/job_1"), 302, "").to_string(),
            "GET /api/v2/jobs/job_1: the tenant answered 302, a redirect, which is not followed; is the base URL that of the \
             tenant, https and without a path?"
        );
    }

    #[test]
    fn quota_is_described_only_in_documented_form() {
        assert_eq!(
            quota("client", "b=per_hour;q=10;r=0;t=3540").as_deref(),
            Some("the client's quota of 10 per hour is used up")
        );
        for odd in ["", "b=ada;q=10", "b=per_day", "b=per_day;q=ada", "b=per_day;q=9999999999"] {
            assert_eq!(quota("client", odd), None, "{odd}");
        }
    }

    #[test]
    fn one_line_truncates_and_removes_control_characters() {
        assert_eq!(one_line("a\u{1b}[2J\nb"), "a [2J b");
        assert_eq!(one_line(&"é".repeat(300)).chars().count(), 200);
    }
}
