//! `password_hash`: bcrypt as the service itself makes it, and bcrypt that must move to `custom_password_hash`.

use super::phc::{Bcrypt, bcrypt};
use crate::Problem;
use crate::import::names;
use crate::json::Value;

/// What a `password_hash` is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BcryptForm {
    /// `$2a$` or `$2b$` with cost 10: as it must be.
    Fine,
    /// `$2y$`, or another cost: imports only as `custom_password_hash`, into which [`write_custom`] puts it.
    OtherBcrypt,
    /// No hash that can be verified.
    Broken(Problem),
}

/// Judges the decoded text of a `password_hash`.
pub(crate) fn judge(text: &str) -> BcryptForm {
    match bcrypt(text) {
        Ok(Bcrypt { version: b'a' | b'b', cost: 10 }) => BcryptForm::Fine,
        Ok(_) => BcryptForm::OtherBcrypt,
        Err(message) => BcryptForm::Broken(Problem::new(names::INVALID_BCRYPT, "password_hash", message)),
    }
}

/// Appends the `custom_password_hash` that takes the place of a `password_hash`.
pub(crate) fn write_custom(password_hash: Value<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"algorithm":"bcrypt","hash":{"value":"#);
    password_hash.write_compact(out);
    out.extend_from_slice(b"}}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Scanner;

    const BODY: &str = "nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4.";

    fn judged(prefix: &str) -> BcryptForm {
        judge(&format!("{prefix}{BODY}"))
    }

    #[test]
    fn only_2a_and_2b_with_cost_10_stay() {
        assert_eq!(judged("$2a$10$"), BcryptForm::Fine);
        assert_eq!(judged("$2b$10$"), BcryptForm::Fine);
        for other in ["$2y$10$", "$2b$04$", "$2a$12$", "$2b$31$", "$2y$11$"] {
            assert_eq!(judged(other), BcryptForm::OtherBcrypt, "{other}");
        }
    }

    #[test]
    fn what_cannot_be_verified_says_why() {
        for (prefix, said) in [
            ("$2x$10$", "expected a bcrypt hash of prefix $2a$, $2b$ or $2y$, but found another prefix"),
            ("$2$10$", "expected a bcrypt hash of prefix $2a$, $2b$ or $2y$, but found another prefix"),
            ("$2b$03$", "expected a bcrypt cost of two digits from 04 to 31, but found another"),
            ("$2b$32$", "expected a bcrypt cost of two digits from 04 to 31, but found another"),
            ("$2b$1$", "expected a bcrypt cost of two digits from 04 to 31, but found another"),
            ("$2b$10$x", "expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found 54"),
        ] {
            let BcryptForm::Broken(problem) = judged(prefix) else { panic!("{prefix}") };
            assert_eq!(
                (problem.rule, &*problem.path, &*problem.message),
                ("invalid-bcrypt", "password_hash", said)
            );
        }
        let BcryptForm::Broken(problem) = judge(&format!("$2b$10${}+", &BODY[..52])) else { panic!() };
        assert_eq!(
            problem.message,
            "expected 53 characters of ./A-Za-z0-9 after the bcrypt cost, but found others among them"
        );
    }

    #[test]
    fn the_custom_form_keeps_the_value_as_written() {
        let mut out = Vec::new();
        write_custom(Scanner::new(r#""\u00242y$""#).value().unwrap(), &mut out);
        assert_eq!(out, br#"{"algorithm":"bcrypt","hash":{"value":"\u00242y$"}}"#);
    }
}
