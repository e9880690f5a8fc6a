//! Checks any password hash: bcrypt that the service itself produces, bcrypt that must move to
//! `custom_password_hash`, and others.

use super::bcrypt::{self, Bcrypt};
use super::custom_password_hash;
use crate::json::Value;
use crate::run::Problem;
use crate::user::names;

/// A hash that breaks no rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SoundHash {
    pub(crate) form: HashForm,
    /// The name of the rule that only warns about the hash, if it applies.
    pub(crate) warning: Option<&'static str>,
}

/// The property that a hash becomes in an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HashForm {
    /// `password_hash`: bcrypt `$2a$` or `$2b$` with cost 10.
    PasswordHash,
    /// `custom_password_hash`, to which the hash must move: bcrypt `$2y$`, or with another cost.
    MovedBcrypt,
    /// `custom_password_hash`, unchanged.
    CustomPasswordHash,
}

/// Checks a hash: a string as `password_hash`, any other value as `custom_password_hash`.
///
/// If it breaks rules, pushes problems and returns `None`.
pub(crate) fn judge(hash: Value<'_>, problems: &mut Vec<Problem>) -> Option<SoundHash> {
    let Some(text) = hash.as_str() else {
        let before = problems.len();
        let warning = custom_password_hash::check(hash, problems);
        let form = HashForm::CustomPasswordHash;
        return (problems.len() == before).then_some(SoundHash { form, warning });
    };
    match bcrypt::read(&text) {
        Ok(bcrypt) => {
            let form = match bcrypt {
                Bcrypt { version: b'a' | b'b', cost: 10, .. } => HashForm::PasswordHash,
                _ => HashForm::MovedBcrypt,
            };
            Some(SoundHash { form, warning: bcrypt.warning() })
        }
        Err(message) => {
            problems.push(Problem::new(names::INVALID_BCRYPT, "password_hash", message));
            None
        }
    }
}

impl HashForm {
    /// Appends the hash in this form.
    pub(crate) fn write(self, hash: Value<'_>, out: &mut Vec<u8>) {
        if self == Self::MovedBcrypt {
            out.extend_from_slice(br#"{"algorithm":"bcrypt","hash":{"value":"#);
            hash.write_compact(out);
            out.extend_from_slice(b"}}");
        } else {
            hash.write_compact(out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    const BODY: &str = "nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u";

    fn judged(hash: &str) -> Result<SoundHash, Vec<Problem>> {
        let mut problems = Vec::new();
        judge(Scanner::new(hash).value().unwrap(), &mut problems).ok_or(problems)
    }

    fn bcrypt(prefix: &str) -> Result<SoundHash, Vec<Problem>> {
        judged(&format!("\"{prefix}{BODY}\""))
    }

    #[test]
    fn bcrypt_2a_and_2b_with_cost_10_are_kept() {
        for prefix in ["$2a$10$", "$2b$10$"] {
            assert_eq!(
                bcrypt(prefix),
                Ok(SoundHash { form: HashForm::PasswordHash, warning: None }),
                "{prefix}"
            );
        }
        for prefix in ["$2y$10$", "$2b$04$", "$2a$12$", "$2b$31$", "$2y$11$"] {
            assert_eq!(
                bcrypt(prefix),
                Ok(SoundHash { form: HashForm::MovedBcrypt, warning: None }),
                "{prefix}"
            );
        }
    }

    #[test]
    fn nonzero_unused_bits_are_a_warning() {
        let padded = |prefix: &str| format!("\"{prefix}{}v\"", &BODY[..52]);
        let warning = Some("bcrypt-padding");
        assert_eq!(judged(&padded("$2a$10$")), Ok(SoundHash { form: HashForm::PasswordHash, warning }));
        assert_eq!(judged(&padded("$2y$12$")), Ok(SoundHash { form: HashForm::MovedBcrypt, warning }));
        let custom = format!(r#"{{"algorithm":"bcrypt","hash":{{"value":{}}}}}"#, padded("$2b$10$"));
        assert_eq!(judged(&custom), Ok(SoundHash { form: HashForm::CustomPasswordHash, warning }));
    }

    #[test]
    fn unverifiable_hashes_state_the_reason() {
        for (hash, expected_message) in [
            ("$2x$10$BODY", "expected a bcrypt hash of prefix $2a$, $2b$ or $2y$, but found another prefix"),
            ("$2$10$BODY", "expected a bcrypt hash of prefix $2a$, $2b$ or $2y$, but found another prefix"),
            ("$2b$03$BODY", "expected a bcrypt cost of two digits from 04 to 31, but found another"),
            ("$2b$32$BODY", "expected a bcrypt cost of two digits from 04 to 31, but found another"),
            ("$2b$1$BODY", "expected a bcrypt cost of two digits from 04 to 31, but found another"),
            ("$2b$10$xBODY", "expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found 54"),
            (
                "$2b$10$+",
                "expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found others among them",
            ),
        ] {
            let hash = hash.replace("BODY", BODY);
            let expected = Problem::new("invalid-bcrypt", "password_hash", expected_message);
            assert_eq!(judged(&format!("\"{hash}\"")), Err(vec![expected]), "{hash}");
        }
        let broken = judged(r#"{"algorithm":"md5"}"#).unwrap_err();
        assert_eq!((broken[0].rule, &*broken[0].path), ("missing-property", "custom_password_hash.hash"));
        assert_eq!(judged("7").unwrap_err()[0].rule, "wrong-type");
    }

    #[test]
    fn earlier_problem_does_not_affect_the_hash() {
        let mut problems = vec![Problem::new("wrong-type", "nickname", "")];
        let md5 =
            r#"{"algorithm":"md5","hash":{"value":"5f4dcc3b5aa765d61d8327deb882cf99","encoding":"hex"}}"#;
        assert!(judge(Scanner::new(md5).value().unwrap(), &mut problems).is_some());
    }

    #[test]
    fn moved_hash_keeps_its_written_value() {
        let written = |form: HashForm, hash: &str| {
            let mut out = Vec::new();
            form.write(Scanner::new(hash).value().unwrap(), &mut out);
            String::from_utf8(out).unwrap()
        };
        assert_eq!(
            written(HashForm::MovedBcrypt, r#""\u00242y$""#),
            r#"{"algorithm":"bcrypt","hash":{"value":"\u00242y$"}}"#
        );
        assert_eq!(written(HashForm::PasswordHash, r#""\u00242y$""#), r#""\u00242y$""#);
        assert_eq!(written(HashForm::CustomPasswordHash, r#"{"a": 1}"#), r#"{"a":1}"#);
    }
}
