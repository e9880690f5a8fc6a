//! Checks `custom_password_hash`: everything that the schema requires, and what the algorithm needs beyond that.
//!
//! A hash in a wrong form is imported without a message. It fails at the user's first login, when it is too late to
//! fix it. So everything about its form is checked here. Whether a hash belongs to the right password cannot be
//! checked.

use std::borrow::Cow;

use super::algorithms::{
    ALGORITHMS, Algorithm, AlgorithmFault, DIGESTS, ENCODINGS, Encoding, PASSWORD_ENCODINGS, POSITIONS,
    digest_bytes,
};
use super::scrypt;
use super::types::Members;
use super::types::{expect_integer, expect_kind, expect_string};
use crate::json::{Kind, Value};
use crate::run::Problem;
use crate::user::names;

/// The paths that problems name.
pub(in crate::import::forms) mod path {
    pub(in crate::import::forms) const ROOT: &str = "custom_password_hash";
    pub(in crate::import::forms) const OTHERS: &str = "custom_password_hash.*";
    pub(in crate::import::forms) const ALGORITHM: &str = "custom_password_hash.algorithm";
    pub(in crate::import::forms) const HASH: &str = "custom_password_hash.hash";
    pub(in crate::import::forms) const HASH_VALUE: &str = "custom_password_hash.hash.value";
    pub(in crate::import::forms) const HASH_ENCODING: &str = "custom_password_hash.hash.encoding";
    pub(in crate::import::forms) const DIGEST: &str = "custom_password_hash.hash.digest";
    pub(in crate::import::forms) const KEY: &str = "custom_password_hash.hash.key";
    pub(in crate::import::forms) const KEY_VALUE: &str = "custom_password_hash.hash.key.value";
    pub(in crate::import::forms) const KEY_ENCODING: &str = "custom_password_hash.hash.key.encoding";
    pub(in crate::import::forms) const SALT: &str = "custom_password_hash.salt";
    pub(in crate::import::forms) const SALT_VALUE: &str = "custom_password_hash.salt.value";
    pub(in crate::import::forms) const SALT_ENCODING: &str = "custom_password_hash.salt.encoding";
    pub(in crate::import::forms) const SALT_POSITION: &str = "custom_password_hash.salt.position";
    pub(in crate::import::forms) const PASSWORD: &str = "custom_password_hash.password";
    pub(in crate::import::forms) const PASSWORD_ENCODING: &str = "custom_password_hash.password.encoding";
    pub(in crate::import::forms) const KEYLEN: &str = "custom_password_hash.keylen";
    pub(in crate::import::forms) const COST: &str = "custom_password_hash.cost";
    pub(in crate::import::forms) const BLOCK_SIZE: &str = "custom_password_hash.blockSize";
    pub(in crate::import::forms) const PARALLELIZATION: &str = "custom_password_hash.parallelization";
}

/// The number of bytes that bcrypt reads, of the salt and the password together. With a salt of this length before
/// the password, every password would be accepted.
const BCRYPT_INPUT: usize = 72;

/// Checks a whole `custom_password_hash`. Returns the name of the rule that only warns, if it applies.
///
/// Properties that the algorithm does not use are checked against the schema. Their presence is not a problem.
pub(crate) fn check(value: Value<'_>, problems: &mut Vec<Problem>) -> Option<&'static str> {
    if !expect_kind(value, Kind::Object, path::ROOT, problems) {
        return None;
    }
    let members = Members::of(
        value,
        ["algorithm", "hash", "salt", "password", "keylen", "cost", "blockSize", "parallelization"],
    );
    let [algorithm, hash, salt, password, keylen, cost, block_size, parallelization] = members.slots;
    if members.others > 0 {
        problems.push(unknown_property(members.others));
    }
    if algorithm.is_none() {
        missing(names::MISSING_PROPERTY, path::ALGORITHM, problems);
    }
    let algorithm = algorithm
        .and_then(|value| one_of(value, &ALGORITHMS, path::ALGORITHM, problems))
        .and_then(Algorithm::at);
    let keylen = keylen.and_then(|value| expect_integer(value, path::KEYLEN, problems));
    let cost = cost.and_then(|value| expect_integer(value, path::COST, problems));
    let block_size = block_size.and_then(|value| expect_integer(value, path::BLOCK_SIZE, problems));
    let parallelization =
        parallelization.and_then(|value| expect_integer(value, path::PARALLELIZATION, problems));
    let mut bytes = algorithm.and_then(Algorithm::bytes);
    if algorithm == Some(Algorithm::Scrypt) {
        // `keylen` is missing only if the member is absent. If it is not an integer, a problem was pushed above.
        if members.slots[4].is_none() {
            missing(names::INCOMPLETE_HASH, path::KEYLEN, problems);
        }
        bytes = scrypt::check([keylen, cost, block_size, parallelization], problems);
    }
    let mut warning = None;
    match hash {
        Some(value) => warning = check_hash(value, algorithm, bytes, problems),
        None => missing(names::MISSING_PROPERTY, path::HASH, problems),
    }
    if let Some(value) = salt {
        check_salt(value, algorithm, problems);
    }
    if let Some(value) = password
        && expect_kind(value, Kind::Object, path::PASSWORD, problems)
        && let [Some(encoding)] = Members::of(value, ["encoding"]).slots
    {
        one_of(encoding, &PASSWORD_ENCODINGS, path::PASSWORD_ENCODING, problems);
    }
    warning
}

fn check_hash(
    value: Value<'_>,
    algorithm: Option<Algorithm>,
    mut bytes: Option<usize>,
    problems: &mut Vec<Problem>,
) -> Option<&'static str> {
    if !expect_kind(value, Kind::Object, path::HASH, problems) {
        return None;
    }
    let [value, encoding, digest, key] = Members::of(value, ["value", "encoding", "digest", "key"]).slots;
    let hmac = algorithm == Some(Algorithm::Hmac);
    match digest {
        Some(digest) => {
            let place = one_of(digest, &DIGESTS, path::DIGEST, problems);
            if hmac {
                bytes = place.and_then(digest_bytes);
            }
        }
        None if hmac => missing(names::INCOMPLETE_HASH, path::DIGEST, problems),
        None => {}
    }
    match key {
        Some(key) => check_key(key, hmac, problems),
        None if hmac => missing(names::INCOMPLETE_HASH, path::KEY, problems),
        None => {}
    }
    let given = encoding.is_some();
    let encoding = encoding
        .and_then(|value| one_of(value, &ENCODINGS, path::HASH_ENCODING, problems))
        .and_then(Encoding::at);
    if value.is_none() {
        missing(names::INCOMPLETE_HASH, path::HASH_VALUE, problems);
    }
    let text = value.and_then(|value| expect_string(value, path::HASH_VALUE, problems));
    let algorithm = algorithm?;
    if !check_encoding_support(algorithm, encoding, given, problems) {
        return None;
    }
    let text = text?;
    if algorithm.is_text() {
        match algorithm.judge_text(&text) {
            Ok(warning) => return warning,
            Err(AlgorithmFault::Form(message)) => {
                problems.push(Problem::new(names::HASH_FORM, path::HASH_VALUE, message));
            }
            Err(AlgorithmFault::Length(message)) => {
                problems.push(Problem::new(names::HASH_LENGTH, path::HASH_VALUE, message));
            }
        }
    } else if let Some(encoding) = encoding
        && let Some(found) = in_encoding(&text, encoding, names::HASH_FORM, path::HASH_VALUE, problems)
        && (found == 0 || bytes.is_some_and(|bytes| bytes != found))
    {
        problems.push(wrong_length(bytes, found));
    }
    None
}

/// Returns whether the algorithm accepts the encoding. An encoding that could not be read is not reported again.
fn check_encoding_support(
    algorithm: Algorithm,
    encoding: Option<Encoding>,
    given: bool,
    problems: &mut Vec<Problem>,
) -> bool {
    let message = match (algorithm.is_text(), encoding) {
        (true, None | Some(Encoding::Utf8)) | (false, Some(Encoding::Hex | Encoding::Base64)) => return true,
        (false, None) if given => return false,
        (true, Some(Encoding::Hex)) => "expected utf8 for this algorithm, but found hex",
        (true, Some(Encoding::Base64)) => "expected utf8 for this algorithm, but found base64",
        (false, Some(Encoding::Utf8)) => "expected hex or base64 for this algorithm, but found utf8",
        (false, None) => "expected hex or base64 for this algorithm, but found no encoding",
    };
    problems.push(Problem::new(names::HASH_ENCODING, path::HASH_ENCODING, message));
    false
}

fn check_key(value: Value<'_>, used: bool, problems: &mut Vec<Problem>) {
    if !expect_kind(value, Kind::Object, path::KEY, problems) {
        return;
    }
    let [text, encoding] = Members::of(value, ["value", "encoding"]).slots;
    let encoding = match encoding {
        Some(value) => one_of(value, &ENCODINGS, path::KEY_ENCODING, problems).and_then(Encoding::at),
        None => Some(Encoding::Utf8),
    };
    let Some(text) = required_string(text, path::KEY_VALUE, problems) else { return };
    if let Some(encoding) = encoding.filter(|_| used) {
        in_encoding(&text, encoding, names::HASH_KEY_FORM, path::KEY_VALUE, problems);
    }
}

fn check_salt(value: Value<'_>, algorithm: Option<Algorithm>, problems: &mut Vec<Problem>) {
    let takes_salt = algorithm.is_none_or(Algorithm::takes_salt);
    if !takes_salt {
        problems.push(Problem::new(
            names::SALT_FORBIDDEN,
            path::SALT,
            "expected no salt, because the hash of this algorithm contains it, but found one",
        ));
    }
    if !expect_kind(value, Kind::Object, path::SALT, problems) {
        return;
    }
    let [text, encoding, position] = Members::of(value, ["value", "encoding", "position"]).slots;
    let position = match position {
        Some(value) => one_of(value, &POSITIONS, path::SALT_POSITION, problems).map(|place| POSITIONS[place]),
        None => Some(POSITIONS[0]),
    };
    let encoding = match encoding {
        Some(value) => one_of(value, &ENCODINGS, path::SALT_ENCODING, problems).and_then(Encoding::at),
        None => Some(Encoding::Utf8),
    };
    let Some(text) = required_string(text, path::SALT_VALUE, problems) else { return };
    let Some(encoding) = encoding.filter(|_| takes_salt) else { return };
    let bytes = in_encoding(&text, encoding, names::SALT_FORM, path::SALT_VALUE, problems);
    if algorithm == Some(Algorithm::Bcrypt)
        && position == Some("prefix")
        && let Some(bytes @ BCRYPT_INPUT..) = bytes
    {
        let message = format!(
            "expected a salt of fewer than {BCRYPT_INPUT} bytes before a bcrypt password, but found {bytes} bytes"
        );
        problems.push(Problem::new(names::SALT_LENGTH, path::SALT_VALUE, message));
    }
}

/// Returns the index of a string in a list. If it is not in the list, pushes a problem.
fn one_of(value: Value<'_>, list: &[&str], path: &str, problems: &mut Vec<Problem>) -> Option<usize> {
    let text = expect_string(value, path, problems)?;
    let place = list.iter().position(|known| *known == text);
    if place.is_none() {
        let message = format!("expected one of {}, but found another string", list.join(", "));
        problems.push(Problem::new(names::UNLISTED_VALUE, path, message));
    }
    place
}

/// Returns a string that the schema requires. If it is missing, pushes a problem.
fn required_string<'a>(
    value: Option<Value<'a>>,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<Cow<'a, str>> {
    if value.is_none() {
        missing(names::MISSING_PROPERTY, path, problems);
    }
    expect_string(value?, path, problems)
}

/// Returns the number of bytes of a string in an encoding. If it is not in the encoding, pushes a problem.
fn in_encoding(
    text: &str,
    encoding: Encoding,
    rule: &'static str,
    path: &str,
    problems: &mut Vec<Problem>,
) -> Option<usize> {
    let bytes = encoding.bytes(text);
    if bytes.is_none() {
        let message = format!("expected a string in {}, but found another one", encoding.name());
        problems.push(Problem::new(rule, path, message));
    }
    bytes
}

#[cold]
fn missing(rule: &'static str, path: &str, problems: &mut Vec<Problem>) {
    problems.push(Problem::new(rule, path, "expected this property, but it is missing"));
}

#[cold]
fn unknown_property(others: usize) -> Problem {
    let message = format!(
        "expected only algorithm, hash, salt, password, keylen, cost, blockSize and parallelization, but found {others} \
         other{}",
        if others == 1 { "" } else { "s" }
    );
    Problem::new(names::UNKNOWN_PROPERTY, path::OTHERS, message)
}

#[cold]
fn wrong_length(expected: Option<usize>, found: usize) -> Problem {
    let message = match expected {
        Some(expected) => format!("expected a hash of {expected} bytes, but found {found} bytes"),
        None => "expected a hash, but found an empty one".to_owned(),
    };
    Problem::new(names::HASH_LENGTH, path::HASH_VALUE, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    /// Returns the broken rules as `PATH=RULE`, then the rule that only warns.
    fn found(text: &str) -> String {
        let mut problems = Vec::new();
        let warning = check(Scanner::new(text).value().unwrap(), &mut problems);
        let broken = problems.into_iter().map(|problem| {
            let path = problem.path.strip_prefix("custom_password_hash").unwrap();
            format!("{}={}", path.strip_prefix('.').unwrap_or(path), problem.rule)
        });
        broken.chain(warning.map(str::to_owned)).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_algorithm_is_checked_by_its_own_rules() {
        let table = include_str!("../../../../../testdata/custom-password-hashes.tsv");
        let mut judged = 0;
        for line in table.lines().filter(|line| !line.starts_with("# ")) {
            let (text, expected) = line.split_once('\t').unwrap();
            assert_eq!(found(text), expected, "{text}");
            judged += 1;
        }
        assert!(judged > 80, "{judged}");
    }

    #[test]
    fn messages_about_unverifiable_hashes_state_the_remedy() {
        let reported = |text: &str| {
            let mut problems = Vec::new();
            check(Scanner::new(text).value().unwrap(), &mut problems);
            assert_eq!(problems.len(), 1, "{text}");
            problems.remove(0).message
        };
        let pbkdf2 = |parameters: &str, hash: &str| {
            let value = format!("$pbkdf2-sha256{parameters}$A4/J2yyhaZmmGP+A823F4g${hash}");
            reported(&format!(r#"{{"algorithm":"pbkdf2","hash":{{"value":"{value}"}}}}"#))
        };
        let hash = "6N4QmAvy3zKTUBCgowA55QZbyM93et5MHunmueyB8t0";
        let hint = "expected a hash of 64 bytes, as there is no l, but found 32 bytes: add l=32";
        assert_eq!(pbkdf2("$i=1000", hash), hint);
        assert_eq!(pbkdf2("", hash), hint);
        assert_eq!(pbkdf2("$i=1", ""), "expected a hash, but found an empty one");
        assert_eq!(pbkdf2("$i=1,l=20", hash), "expected a hash of 20 bytes (l), but found 32 bytes");
        let bcrypt = format!(
            r#"{{"algorithm":"bcrypt","hash":{{"value":"$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u"}},"salt":{{"value":"{}"}}}}"#,
            "s".repeat(80)
        );
        assert_eq!(
            reported(&bcrypt),
            "expected a salt of fewer than 72 bytes before a bcrypt password, but found 80 bytes"
        );
    }

    #[test]
    fn messages_state_expected_and_found() {
        let mut problems = Vec::new();
        let text = r#"{"algorithm":"sha1","hash":{"value":"00ff","encoding":"hex"},"salt":{"position":"left"},"a":1}"#;
        check(Scanner::new(text).value().unwrap(), &mut problems);
        let reported: Vec<_> = problems.iter().map(|problem| &*problem.message).collect();
        assert_eq!(
            reported,
            [
                "expected only algorithm, hash, salt, password, keylen, cost, blockSize and parallelization, but found \
                 1 other",
                "expected a hash of 20 bytes, but found 2 bytes",
                "expected one of prefix, suffix, but found another string",
                "expected this property, but it is missing",
            ]
        );
    }
}
