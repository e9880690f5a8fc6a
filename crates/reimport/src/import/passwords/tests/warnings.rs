//! Tests the warnings about joined hashes and secrets, which are the same as for those in the users file.

use std::sync::Arc;

use crate::Rules;
use crate::import::testing::{run, source};
use crate::import::{Connections, MfaSecrets, PasswordTable};
use crate::run::Topic;

const GOOD: &str = "$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4u";
/// Hashes whose salt or hash ends with unused bits that are not 0.
const PADDED: [&str; 3] = [
    "$2b$10$nQ5QvLGFfBnFIVYkMFVyDvw8gEAeBNhGv9qdYc51AXcj3VRpilc4u",
    "$2b$10$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4v",
    "$2y$12$nQ5QvLGFfBnFIVYkMFVyDuw8gEAeBNhGv9qdYc51AXcj3VRpilc4v",
];

const USER: &str = r#"{"user_id":"auth0|a","email":"a@example.com"}"#;

#[test]
fn joined_hash_with_padding_bits_is_a_warning() {
    let custom = |hash: &str| {
        format!(
            r#"{{"_id":{{"$oid":"a"}},"custom_password_hash":{{"algorithm":"bcrypt","hash":{{"value":"{hash}"}}}}}}"#
        )
    };
    let plain = |hash: &str| format!(r#"{{"_id":{{"$oid":"a"}},"passwordHash":"{hash}"}}"#);
    for (hash, warned) in
        PADDED.map(|hash| (hash, vec![("bcrypt-padding", 1)])).into_iter().chain([(GOOD, vec![])])
    {
        for record in [plain(hash), custom(hash)] {
            let table = PasswordTable::new().read(source("hashes", &record)).unwrap();
            let rules = Rules::default().connections(Connections::Any).passwords(Arc::new(table));
            let seen = run(&rules, USER).unwrap();
            assert!(seen.users[0].contains(hash), "{record}");
            assert_eq!(seen.facts(Topic::Warned), warned, "{record}");
        }
    }
}

#[test]
fn joined_secret_of_impossible_length_is_a_warning() {
    for (secret, warned) in [
        ("JBSWY3DPEHPK3PXP", vec![]),
        ("JBSWY3DPEHPK3PX", vec![]),
        ("JBSWY3DPEHPK3P", vec![("totp-secret-length", 1)]),
        ("jbsw y3d=", vec![]),
        ("jbsw y3dp e", vec![("totp-secret-length", 1)]),
    ] {
        let record = format!(r#"{{"user_id":"auth0|a","otp_secret":"{secret}"}}"#);
        let secrets = MfaSecrets::new().read(source("secrets", &record)).unwrap();
        let rules = Rules::default().connections(Connections::Any).mfa_secrets(Arc::new(secrets));
        let seen = run(&rules, USER).unwrap();
        assert_eq!(seen.facts(Topic::MfaSecret), [("joined", 1)], "{secret}");
        assert_eq!(seen.facts(Topic::Warned), warned, "{secret}");
    }
}
