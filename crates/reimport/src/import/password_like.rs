//! Detects unknown properties that look like a password or a hash. If one is dropped, the user can never be given it
//! again.

use crate::instant;
use crate::json::{Kind, Value};

/// The prefixes of common hash formats, in lower case.
const HASHES: [&str; 24] = [
    "$2a$", "$2b$", "$2x$", "$2y$", "$argon2", "$pbkdf2", "$scrypt", "$1$", "$5$", "$6$", "$7$", "$p$",
    "$h$", "$s$", "$y$", "$apr1$", "pbkdf2", "scrypt:", "bcrypt", "{ssha", "{sha", "{md5}", "{smd5}",
    "{crypt}",
];

/// Words in a name that indicate a password. A word ends at a character that is not a letter or digit, or before a
/// capital letter.
const WORDS: [&str; 7] = ["pass", "pwd", "pw", "hash", "pwhash", "passhash", "bcrypt"];

/// The minimum length of a value that counts as a hash only because "hash" is in its name.
const LEAST: usize = 16;

/// Returns whether an unknown property at the root of a record is likely to be a password or a hash.
pub(super) fn is_password_like(name: &str, value: Value<'_>) -> bool {
    match value.kind() {
        Kind::String => value.as_str().is_some_and(|text| {
            let begins =
                |start: &&str| text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
            let least = if indicates_only_hash(name) { LEAST } else { 1 };
            let named = text.len() >= least && indicates_password(name) && instant::parse(&text).is_none();
            named || HASHES.iter().any(begins)
        }),
        // Such as `{"algorithm":…,"hash":…}`. Dates in MongoDB Extended JSON are objects, too.
        Kind::Object => indicates_password(name) && instant::of_value(value).is_none(),
        Kind::Array | Kind::Number | Kind::Boolean | Kind::Null => false,
    }
}

/// Returns whether a name indicates a password. Called for every unknown property, so it must not allocate.
fn indicates_password(name: &str) -> bool {
    let holds = |part: &str| {
        name.as_bytes().windows(part.len()).any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
    };
    holds("password") || holds("passwd") || words(name).any(|word| is_one_of(word, &WORDS))
}

/// Returns whether "hash" is the only word in a name that indicates a password. Many hashes are not of passwords.
fn indicates_only_hash(name: &str) -> bool {
    words(name).filter(|word| is_one_of(word, &WORDS)).all(|word| word.eq_ignore_ascii_case("hash"))
        && !name.as_bytes().windows(4).any(|window| window.eq_ignore_ascii_case(b"pass"))
}

fn is_one_of(word: &str, words: &[&str]) -> bool {
    words.iter().any(|known| known.eq_ignore_ascii_case(word))
}

/// Splits a name into words: `saltedHash`, `salted_hash` and `salted-hash` have two words each.
fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|char: char| !char.is_ascii_alphanumeric()).flat_map(|part| {
        let mut rest = part;
        std::iter::from_fn(move || {
            let is_end = |pair: &[u8]| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase();
            let end = rest.as_bytes().windows(2).position(is_end).map_or(rest.len(), |at| at + 1);
            let (word, after) = rest.split_at(end);
            rest = after;
            (!word.is_empty()).then_some(word)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    #[test]
    fn password_like_names_and_values_are_detected() {
        for (name, value, expected) in [
            ("password", r#""secret""#, true),
            ("hashed_password", r#""5f4dcc3b""#, true),
            ("passwordHash2", r#""x""#, true),
            ("Encrypted-Password", r#""x""#, true),
            ("user_passwd", r#""x""#, true),
            ("PWD", r#""x""#, true),
            ("pw-hash", r#""x""#, true),
            ("user_pass", r#""x""#, true),
            ("encPwd", r#""x""#, true),
            ("salted_hash", r#""5f4dcc3b5aa765d61d8327deb882cf99""#, true),
            ("bcryptHash", r#""x""#, true),
            ("x", r#""$P$B12345""#, true),
            ("x", r#""{ssha}abc""#, true),
            ("x", r#""PBKDF2:sha256:1""#, true),
            ("hash", r#""short""#, false),
            ("passport", r#""X1234567""#, false),
            ("hashtag", r#""a-long-enough-value""#, false),
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
            assert_eq!(is_password_like(name, value), expected, "{name}: {}", value.json());
        }
    }
}
