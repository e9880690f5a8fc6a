//! The checks of a token before it is sent: whether it has expired, and whether it is from another tenant.
//!
//! The signature is not checked, and cannot be: the tenant alone decides whether a token is valid. The checks only
//! replace the 401 of a tenant by a message that says what to do. A token that is not a JWT is not checked.

use std::time::SystemTime;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::clock::minute_text;
use crate::error::SignInError;
use crate::secret::Secret;

/// How long after its end a token is still used, in seconds. The clock of this machine may be wrong.
const LEEWAY: i64 = 120;

/// Returns an error if the tenant on `host` would certainly refuse the token at the time `now`.
pub(crate) fn check(token: &Secret, host: &str, now: SystemTime) -> Result<(), SignInError> {
    let Some(claims) = claims(token.expose()) else { return Ok(()) };
    // The standard allows a fraction of a second, which does not matter here.
    let end = claims.get("exp").and_then(|end| end.as_i64().or_else(|| Some(end.as_f64()? as i64)));
    if let (Some(end), Ok(now)) = (end, Timestamp::try_from(now))
        && end.saturating_add(LEEWAY) < now.as_second()
    {
        let end = Timestamp::from_second(end).unwrap_or(Timestamp::MIN);
        return Err(SignInError::Expired(minute_text(end), minute_text(now)));
    }
    match claims.get("iss").and_then(Value::as_str).and_then(issuer) {
        Some(issuer) if are_different_tenants(&issuer, host) => {
            Err(SignInError::OtherTenant { issuer, tenant: host.to_owned() })
        }
        _ => Ok(()),
    }
}

/// Returns the claims of a JWT.
fn claims(token: &str) -> Option<Map<String, Value>> {
    let [header, claims, _signature] = <[&str; 3]>::try_from(token.split('.').collect::<Vec<_>>()).ok()?;
    let object = |part: &str| -> Option<Map<String, Value>> {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
    };
    object(header)?.get("alg")?.as_str()?;
    object(claims)
}

/// Returns the host of an issuer such as `https://acme.eu.auth0.com/`.
fn issuer(url: &str) -> Option<String> {
    let host = url.strip_prefix("https://")?;
    Some(host.strip_suffix('/').unwrap_or(host).to_ascii_lowercase())
}

/// Returns true if these are certainly hosts of two tenants. A custom domain may be one of any tenant, and a token has
/// the domain at which it was requested as its issuer. So only two of Auth0's own domains are compared.
fn are_different_tenants(one: &str, other: &str) -> bool {
    match (tenant(one), tenant(other)) {
        (Some(one), Some(other)) => one != other,
        _ => false,
    }
}

/// Returns the name and the region of the tenant with this host, if the host is one of Auth0's own domains:
/// `NAME.REGION.auth0.com`, or `NAME.auth0.com` in the first region.
fn tenant(host: &str) -> Option<(&str, &str)> {
    let labels = host.strip_suffix(":443").unwrap_or(host).strip_suffix(".auth0.com")?;
    let (name, region) = labels.split_once('.').unwrap_or((labels, "us"));
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    // Other domains with more labels are not those of a tenant, such as the origin of a custom domain.
    (is_label(name) && is_label(region) && region.len() <= 4).then_some((name, region))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::json;

    use super::*;

    /// 20 August 2026, 10:00 UTC.
    const NOW: u64 = 1_787_220_000;

    fn jwt(claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!("{}.{}.c2lnbmF0dXJl", part(&json!({"alg": "RS256", "typ": "JWT"})), part(claims))
    }

    fn message(token: &str, host: &str) -> Option<String> {
        let error = check(&Secret::new(token), host, UNIX_EPOCH + Duration::from_secs(NOW)).err()?;
        let message = error.to_string();
        assert!(token.split('.').all(|part| part.is_empty() || !message.contains(part)), "{message}");
        Some(message)
    }

    #[test]
    fn expired_token_is_refused_with_leeway() {
        let of = |end: Value| message(&jwt(&json!({"exp": end})), "acme.eu.auth0.com");
        for end in [json!(NOW + 1), json!(NOW - 60), json!(NOW - 120), json!(u64::MAX), json!(1e300)] {
            assert_eq!(of(end.clone()), None, "{end}");
        }
        for end in [Value::Null, json!("1"), json!([1])] {
            assert_eq!(of(end.clone()), None, "not a number of seconds: {end}");
        }
        let expected = "the token expired at 2026-08-20 09:57 UTC, and the clock of this machine is at 2026-08-20 \
                        10:00 UTC; get a new token";
        for end in [json!(NOW - 121), json!(NOW as f64 - 121.5)] {
            assert_eq!(of(end).as_deref(), Some(expected));
        }
        for end in [json!(0), json!(-1), json!(i64::MIN), json!(-1e300)] {
            assert!(of(end).unwrap().starts_with("the token expired at "));
        }
    }

    #[test]
    fn token_of_another_tenant_is_refused() {
        let of = |issuer: &str, host: &str| message(&jwt(&json!({"iss": issuer})), host);
        assert_eq!(
            of("https://other.eu.auth0.com/", "acme.eu.auth0.com").as_deref(),
            Some(
                "the token is from the tenant other.eu.auth0.com, not from acme.eu.auth0.com; get a token from \
                 acme.eu.auth0.com"
            )
        );
        for (issuer, host, refused) in [
            ("https://acme.eu.auth0.com/", "acme.eu.auth0.com", false),
            ("https://ACME.eu.auth0.com", "acme.eu.auth0.com:443", false),
            ("https://acme.us.auth0.com/", "acme.eu.auth0.com", true),
            ("https://acme.auth0.com/", "acme.eu.auth0.com", true),
            // The first region has two names.
            ("https://acme.auth0.com/", "acme.us.auth0.com", false),
            // Custom domains, on either side.
            ("https://other.eu.auth0.com/", "login.example.com", false),
            ("https://login.example.com/", "acme.eu.auth0.com", false),
            ("https://login.example.com/", "login.example.org", false),
            ("https://other.eu.auth0.com/", "acme.edge.tenants.eu.auth0.com", false),
            ("https://other.eu.auth0.com/", "127.0.0.1:3000", false),
            ("http://other.eu.auth0.com/", "acme.eu.auth0.com", false),
            ("https://ada@example.com:x/.eu.auth0.com/", "acme.eu.auth0.com", false),
            ("", "acme.eu.auth0.com", false),
        ] {
            assert_eq!(of(issuer, host).is_some(), refused, "{issuer} {host}");
        }
    }

    #[test]
    fn opaque_tokens_are_accepted() {
        let past = URL_SAFE_NO_PAD.encode(r#"{"exp":1}"#);
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256"}"#);
        for token in [
            "opaque",
            "a.b.c",
            "..",
            &format!("{past}.{past}.x"),
            &format!("{header}.{past}"),
            &format!("{header}.{past}.x.y.z"),
            &format!("{header}.%%%.x"),
            &format!("{header}.{}.x", URL_SAFE_NO_PAD.encode("[1]")),
        ] {
            assert_eq!(message(token, "acme.eu.auth0.com"), None, "{token}");
        }
        assert!(
            message(&format!("{header}.{past}."), "acme.eu.auth0.com").is_some(),
            "the signature is not read"
        );
    }
}
