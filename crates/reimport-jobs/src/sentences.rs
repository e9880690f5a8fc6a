//! The error messages of a tenant that may be shown.
//!
//! Free text of a tenant may contain a value of a user, an address or a secret. So only known sentences, published
//! or recorded, are shown. If such a sentence has a variable part, the part must be a number, a scope, an API
//! address or an API name.

/// Known sentences without variable parts, published or recorded. They are compared without the final period.
const FIXED: [&str; 39] = [
    // POST jobs/users-imports, 400
    "Must provide 'users' file as multipart part",
    "Payload validation error: 'Invalid multipart payload format'",
    "Users file must not be empty",
    "Must provide 'connection_id' as multipart part",
    "Connection must be a database connection",
    "Connection must be enabled",
    "Payload validation error: 'String does not match pattern ^con_[A-Za-z0-9]{16}$' on property connection_id",
    "The connection does not exist",
    "Custom Database Connections without import mode are not allowed",
    // POST jobs/verification-email, 400 and 404
    "User does not have an email address",
    "connection does not exist",
    "Identity connection does not exist",
    "The user exists, but does not contain the given identity",
    "The organization does not exist",
    "The user does not exist",
    // jobs
    "Job not found",
    "The job does not exist",
    "Internal error",
    "Invalid request body. The message will vary depending on the cause",
    // users and connections
    "The query exceeded the timeout",
    "The connection does not exist in this tenant",
    "Query must be a valid query string",
    // tokens and sign-in
    "Invalid token",
    "Client is not global",
    "Missing authentication",
    "Bad HTTP authentication header format",
    "Unauthorized",
    "Invalid signature received for JSON Web Token validation",
    "Expired token received for JSON Web Token validation",
    "Invalid or malformed JSON Web Token",
    "Unknown client",
    "Grant type 'client_credentials' not allowed for the client",
    "Service not found",
    // limits
    "Global limit has been reached",
    "Rate limit exceeded",
    "Client quota exceeded",
    "Organization quota exceeded",
    "Too many requests",
    "Too many requests. Check the X-RateLimit-Limit, X-RateLimit-Remaining and X-RateLimit-Reset headers",
];

/// Names of request members and parameters that a `Payload validation error` can contain.
const PROPERTIES: [&str; 21] = [
    "client_id",
    "connection_id",
    "export_as",
    "external_id",
    "fields",
    "format",
    "id",
    "identity",
    "include_totals",
    "limit",
    "name",
    "organization_id",
    "page",
    "per_page",
    "provider",
    "q",
    "search_engine",
    "send_completion_email",
    "upsert",
    "user_id",
    "users",
];

/// Returns the sentence in a form that may be shown, or `None` if it may contain unknown text.
pub(crate) fn known(text: &str) -> Option<String> {
    let text = text.trim();
    let plain = text.strip_suffix('.').unwrap_or(text);
    if let Some(fixed) = FIXED.iter().find(|fixed| **fixed == plain) {
        return Some((*fixed).to_owned());
    }
    with_variable_part(plain).or_else(|| validation(plain))
}

fn with_variable_part(text: &str) -> Option<String> {
    const JOBS: &str = " active import users jobs, please wait until some of them are finished and try again";
    let is_number = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if let Some(count) = text.strip_prefix("There are ").and_then(|rest| rest.strip_suffix(JOBS)) {
        return is_number(count).then(|| text.to_owned());
    }
    if let Some(bytes) = text.strip_prefix("Payload content length greater than maximum allowed: ") {
        return is_number(bytes).then(|| text.to_owned());
    }
    if let Some(rest) = text.strip_prefix("Client is not authorized to access \"") {
        let audience = rest.strip_suffix('"')?;
        let is_address = audience.starts_with("http")
            && audience.len() <= 200
            && audience.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/._-".contains(&byte));
        return is_address.then(|| text.to_owned());
    }
    let found = scopes(text);
    (!found.is_empty()).then(|| format!("Insufficient scope, expected any of: {}", found.join(", ")))
}

/// Returns the scopes in `Insufficient scope, expected any of: …`.
pub(crate) fn scopes(text: &str) -> Vec<String> {
    let is_word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let is_scope = |scope: &str| {
        scope.len() <= 60 && scope.split_once(':').is_some_and(|(verb, of)| is_word(verb) && is_word(of))
    };
    let Some(("Insufficient scope", list)) = text.split_once([',', ';']) else { return Vec::new() };
    let Some((_, list)) = list.split_once(':') else { return Vec::new() };
    let scopes = list.split(',').map(|scope| scope.trim().trim_end_matches('.'));
    scopes.filter(|scope| is_scope(scope)).map(str::to_owned).collect()
}

/// Shortens `Payload validation error: '…' on property NAME (…)` to the kind of error and the property.
fn validation(text: &str) -> Option<String> {
    let (kind, rest) = text.split_once(" validation error")?;
    if !["Payload", "Query", "Path"].contains(&kind) {
        return None;
    }
    let after =
        |words: &'static str| rest.match_indices(words).map(move |(at, words)| &rest[at + words.len()..]);
    let known_property = |rest: &str| {
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "_.[]".contains(c))).unwrap_or(rest.len());
        let path = rest[..end].trim_end_matches('.');
        let mut steps = path.split(['.', '[']).map(|step| step.trim_end_matches(']'));
        let is_index = |step: &str| (1..=4).contains(&step.len()) && step.bytes().all(|b| b.is_ascii_digit());
        steps.all(|step| PROPERTIES.contains(&step) || is_index(step)).then(|| path.to_owned())
    };
    let property = after(" on property ").filter_map(known_property).last();
    let missing =
        || Some(format!("missing {}", after("Missing required property: ").find_map(known_property)?));
    Some(match property.map(|name| format!("property {name}")).or_else(missing) {
        Some(what) => format!("{kind} validation error: {what}"),
        None => format!("{kind} validation error"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_sentences_are_shown_without_period() {
        for (text, shown) in [
            ("Users file must not be empty.", Some("Users file must not be empty")),
            ("The connection does not exist", Some("The connection does not exist")),
            ("The user ada@example.com does not exist.", None),
            ("Users file must not be empty. ada@example.com", None),
            ("", None),
            (
                "There are 2 active import users jobs, please wait until some of them are finished and try again",
                Some(
                    "There are 2 active import users jobs, please wait until some of them are finished and try again",
                ),
            ),
            (
                "There are ada active import users jobs, please wait until some of them are finished and try again",
                None,
            ),
            (
                "Payload content length greater than maximum allowed: 512000.",
                Some("Payload content length greater than maximum allowed: 512000"),
            ),
            (
                "Client is not authorized to access \"https://acme.example.com/api/v2/\".",
                Some("Client is not authorized to access \"https://acme.example.com/api/v2/\""),
            ),
            ("Client is not authorized to access \"https://acme.example.com/?secret=1\".", None),
        ] {
            assert_eq!(known(text).as_deref(), shown, "{text}");
        }
    }

    #[test]
    fn extracts_scopes_and_ignores_other_words() {
        for text in [
            "Insufficient scope, expected any of: read:users, read:user_idp_tokens.",
            "Insufficient scope; expected any of: read:users,read:user_idp_tokens",
            "Insufficient scope, expected any of: read:users, ada@example.com:x, read:user_idp_tokens",
        ] {
            assert_eq!(scopes(text), ["read:users", "read:user_idp_tokens"], "{text}");
        }
        assert_eq!(
            known("Insufficient scope; expected any of: create:users.").as_deref(),
            Some("Insufficient scope, expected any of: create:users")
        );
        assert!(scopes("expected: a:b").is_empty());
    }

    #[test]
    fn validation_error_contains_property_but_no_value() {
        for (text, shown) in [
            (
                "Payload validation error: 'Object didn't pass validation for format client-id: nonsense' on property \
                 client_id (client_id of the client (application). If no value provided, the global Client ID will be used).",
                "Payload validation error: property client_id",
            ),
            (
                "Payload validation error: 'x' on property fields[12].name.",
                "Payload validation error: property fields[12].name",
            ),
            (
                "Payload validation error: 'ada on property secret' on property limit",
                "Payload validation error: property limit",
            ),
            ("Payload validation error: 'ada' on property ada@example.com", "Payload validation error"),
            (
                "Payload validation error: 'Missing required property: user_id'.",
                "Payload validation error: missing user_id",
            ),
            ("Query validation error: 'ada'", "Query validation error"),
        ] {
            assert_eq!(known(text).as_deref(), Some(shown), "{text}");
        }
        assert_eq!(known("Ada validation error: 'x' on property limit"), None);
    }
}
