//! Unknown properties that look like a password or a hash: dropped, the user could never be given it again.

use crate::instant;
use crate::json::{Kind, Value};

/// How values of common hash formats begin.
const HASHES: [&str; 14] = [
    "$2a$", "$2b$", "$2x$", "$2y$", "$argon2", "$pbkdf2", "$scrypt", "$1$", "$5$", "$6$", "pbkdf2_",
    "bcrypt$", "{SSHA", "{SHA",
];

/// Names that say so without the word "password"; letters and digits only, in lower case.
const NAMES: [&str; 6] = ["pwd", "hash", "pwhash", "passhash", "bcrypt", "passphrase"];

/// Whether an unknown property at the root of a record is likely to be a password or a hash.
pub(super) fn is_password_like(name: &str, value: Value<'_>) -> bool {
    match value.kind() {
        Kind::String => value.as_str().is_some_and(|text| {
            let is_hash = HASHES.iter().any(|start| text.starts_with(start));
            is_hash || (!text.is_empty() && says_password(name) && instant::parse(&text).is_none())
        }),
        // As in `{"algorithm":…,"hash":…}`; dates of the extended form of JSON are objects, too.
        Kind::Object => says_password(name) && instant::of_value(value).is_none(),
        Kind::Array | Kind::Number | Kind::Boolean | Kind::Null => false,
    }
}

fn says_password(name: &str) -> bool {
    let holds = |part: &str| {
        name.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
    };
    // This is asked of every unknown property, so it must not allocate.
    let plain = || name.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_lowercase());
    holds("password") || holds("passwd") || NAMES.iter().any(|known| plain().eq(known.bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    #[test]
    fn names_and_values_that_look_like_passwords_are_found() {
        for (name, value, expected) in [
            ("password", r#""secret""#, true),
            ("hashed_password", r#""5f4dcc3b""#, true),
            ("passwordHash2", r#""x""#, true),
            ("Encrypted-Password", r#""x""#, true),
            ("user_passwd", r#""x""#, true),
            ("PWD", r#""x""#, true),
            ("pw-hash", r#""x""#, true),
            ("password", r#"{"algorithm":"md5"}"#, true),
            ("legacy", r#""$2y$12$abc""#, true),
            ("legacy", r#""\u00242y$12$abc""#, true),
            ("credential", r#""{SSHA}abc""#, true),
            ("password", r#""""#, false),
            ("password", "null", false),
            ("password_expired", "true", false),
            ("password_changed_at", r#""2025-06-01T08:00:00.000Z""#, false),
            ("password_changed_at", r#"{"$date":"2025-06-01T08:00:00.000Z"}"#, false),
            ("compass", r#""north""#, false),
            ("price", r#""$20""#, false),
        ] {
            let value = Scanner::new(value).value().unwrap();
            assert_eq!(is_password_like(name, value), expected, "{name}: {}", value.text());
        }
    }
}
