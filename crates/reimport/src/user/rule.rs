//! The table of import rules: stable name, meaning, remedy and source of each.
//!
//! Every [`Problem`](crate::run::Problem) of the import rules has a name from this table. Documentation is
//! generated from it, and `testdata/imports/` has an accepted and a rejected file for each rule.

/// A rule that a user must satisfy to be imported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// The stable name, as printed in rejects and reports.
    pub name: &'static str,
    /// The meaning, in one sentence.
    pub meaning: &'static str,
    /// How to correct a user that breaks the rule.
    pub remedy: &'static str,
    /// The options of a run that can make such a user satisfy the rule. Empty if only the source can be corrected.
    pub changes: &'static [RunChange],
    /// Where the rule is stated.
    pub source: RuleSource,
    /// What happens to a user that breaks the rule.
    pub severity: Severity,
    /// Whether the rule rejects users that the published JSON schema alone accepts.
    pub beyond_schema: bool,
}

/// A change of the options of a run, for users that break a [`Rule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunChange {
    /// Remove a value: the one at this path. With `None`, the one at the path of the problem.
    Drop(Option<&'static str>),
    /// Move a value to another path.
    Move,
    /// Set a value.
    Set,
    /// Name the identifiers that the connection requires.
    Require,
    /// Raise the size limit of a record.
    RaiseRecordLimit,
}

/// Where a [`Rule`] is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum RuleSource {
    /// In the published schema or documentation of the importer.
    Documented,
    /// In responses of the importer, as reported by its users. Or it follows from a documented format.
    Reported,
    /// In this library: it is a limit of the run itself.
    Run,
}

/// What happens to a user that breaks a [`Rule`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Severity {
    /// The user is rejected.
    Rejects,
    /// The user is written and the problem is counted. Whether the import accepts it depends on the settings of
    /// the connection.
    Warns,
    /// The user is written and the problem is counted. Usually nothing has to be done.
    Notes,
}

/// Returns the rule with this name.
///
/// ```
/// assert!(reimport::user::rule("invalid-email").is_some_and(|rule| rule.beyond_schema));
/// ```
pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

/// The stable names, for code that finds problems. [`RULES`] has the meaning of each.
pub(crate) mod names {
    pub(crate) const INVALID_JSON: &str = "invalid-json";
    pub(crate) const NOT_UTF8: &str = "not-utf8";
    pub(crate) const TOO_LONG_RECORD: &str = "too-long-record";
    pub(crate) const NOT_AN_OBJECT: &str = "not-an-object";
    pub(crate) const NOT_FIXED: &str = "not-fixed";
    pub(crate) const UNEVEN_ROW: &str = "uneven-row";
    pub(crate) const INVALID_CSV: &str = "invalid-csv";
    pub(crate) const TOO_LARGE_USER: &str = "too-large-user";
    pub(crate) const DUPLICATE: &str = "duplicate";
    pub(crate) const MISSING_IDENTIFIER: &str = "missing-identifier";
    pub(crate) const UNKNOWN_PROPERTY: &str = "unknown-property";
    pub(crate) const MISSING_PROPERTY: &str = "missing-property";
    pub(crate) const WRONG_TYPE: &str = "wrong-type";
    pub(crate) const UNLISTED_VALUE: &str = "unlisted-value";
    pub(crate) const INVALID_EMAIL: &str = "invalid-email";
    pub(crate) const INVALID_PHONE: &str = "invalid-phone";
    pub(crate) const BOTH_PASSWORD_HASHES: &str = "both-password-hashes";
    pub(crate) const INVALID_BCRYPT: &str = "invalid-bcrypt";
    pub(crate) const INCOMPLETE_HASH: &str = "incomplete-hash";
    pub(crate) const HASH_ENCODING: &str = "hash-encoding";
    pub(crate) const HASH_FORM: &str = "hash-form";
    pub(crate) const HASH_LENGTH: &str = "hash-length";
    pub(crate) const HASH_KEY_FORM: &str = "hash-key-form";
    pub(crate) const SALT_FORBIDDEN: &str = "salt-forbidden";
    pub(crate) const SALT_FORM: &str = "salt-form";
    pub(crate) const SALT_LENGTH: &str = "salt-length";
    pub(crate) const SCRYPT_PARAMETERS: &str = "scrypt-parameters";
    pub(crate) const MFA_COUNT: &str = "mfa-count";
    pub(crate) const MFA_ONE_KIND: &str = "mfa-one-kind";
    pub(crate) const MFA_EMPTY: &str = "mfa-empty";
    pub(crate) const TOTP_SECRET: &str = "totp-secret";
    pub(crate) const RESERVED_APP_METADATA_KEY: &str = "reserved-app-metadata-key";
    pub(crate) const FORBIDDEN_APP_METADATA_KEY: &str = "forbidden-app-metadata-key";
    pub(crate) const METADATA_KEY: &str = "metadata-key";
    pub(crate) const BCRYPT_PADDING: &str = "bcrypt-padding";
    pub(crate) const TOTP_SECRET_LENGTH: &str = "totp-secret-length";
    pub(crate) const VALUE_LENGTH: &str = "value-length";
    pub(crate) const USERNAME_FORM: &str = "username-form";
    pub(crate) const PROFILE_SIZE: &str = "profile-size";
}

const fn rejects(
    name: &'static str,
    source: RuleSource,
    beyond_schema: bool,
    meaning: &'static str,
    remedy: &'static str,
) -> Rule {
    Rule { name, meaning, remedy, changes: &[], source, severity: Severity::Rejects, beyond_schema }
}

impl Rule {
    const fn change_by(self, changes: &'static [RunChange]) -> Self {
        Self { changes, ..self }
    }
}

const fn warns(name: &'static str, meaning: &'static str, remedy: &'static str) -> Rule {
    let source = RuleSource::Documented;
    Rule { name, meaning, remedy, changes: &[], source, severity: Severity::Warns, beyond_schema: true }
}

const fn notes(name: &'static str, meaning: &'static str, remedy: &'static str) -> Rule {
    Rule { severity: Severity::Notes, ..warns(name, meaning, remedy) }
}

use RuleSource::{Documented, Reported, Run};
use RunChange::{Drop, Move, RaiseRecordLimit, Require, Set};

/// All rules, in the order of the documentation.
pub const RULES: &[Rule] = &[
    rejects(
        names::INVALID_JSON,
        Documented,
        false,
        "The record is not valid JSON.",
        "Fix the record at the given column, or export again.",
    ),
    rejects(
        names::NOT_UTF8,
        Documented,
        false,
        "The record contains bytes that are not UTF-8.",
        "Save the file as UTF-8, or export again.",
    ),
    rejects(
        names::TOO_LONG_RECORD,
        Run,
        true,
        "The record is longer than the limit of one record.",
        "Raise the limit, or correct the file if two records are joined.",
    )
    .change_by(&[RaiseRecordLimit]),
    rejects(
        names::NOT_AN_OBJECT,
        Documented,
        false,
        "The record is JSON, but not an object.",
        "Give each user as one JSON object.",
    ),
    rejects(
        names::NOT_FIXED,
        Run,
        true,
        "A line of rejected.ndjson still has the unreadable text instead of a fixed user.",
        "Write the fixed user under \"user\", instead of \"raw\".",
    ),
    rejects(
        names::UNEVEN_ROW,
        Run,
        true,
        "The CSV row has more or fewer cells than the header.",
        "Fix the row; the usual reason is a missing or doubled quote.",
    ),
    rejects(
        names::INVALID_CSV,
        Documented,
        true,
        "A cell of the CSV row is not quoted as RFC 4180 requires, or contains a NUL byte.",
        "Put the cell in quotes and write its own quotes twice; remove NUL bytes.",
    ),
    rejects(
        names::TOO_LARGE_USER,
        Documented,
        true,
        "The user alone is larger than an import file may be.",
        "Remove large values from the metadata.",
    )
    .change_by(&[Drop(None)]),
    rejects(
        names::DUPLICATE,
        Documented,
        true,
        "Another user of the run has the same user_id, email, username or phone_number.",
        "The message has the position of the other user, which is kept. Compare both, and remove one from the input.",
    ),
    rejects(
        names::MISSING_IDENTIFIER,
        Documented,
        false,
        "The user lacks an identifier that the connection requires, by default the email.",
        "Add the identifier, or set the identifiers that the connection requires.",
    )
    .change_by(&[Set, Move, Require]),
    rejects(
        names::UNKNOWN_PROPERTY,
        Documented,
        false,
        "The user has a property that the importer does not know.",
        "Remove it, or keep it in metadata.",
    )
    .change_by(&[Drop(None), Move]),
    rejects(
        names::MISSING_PROPERTY,
        Documented,
        false,
        "An object lacks a property that the schema requires.",
        "Add the property, or remove the whole object.",
    )
    .change_by(&[Set, Drop(None)]),
    rejects(
        names::WRONG_TYPE,
        Documented,
        false,
        "A value has another JSON type than the schema requires.",
        "Write the value with the given type, or remove it.",
    )
    .change_by(&[Drop(None)]),
    rejects(
        names::UNLISTED_VALUE,
        Documented,
        false,
        "A value is not one of those that the schema lists.",
        "Write one of the given values, in exactly that spelling.",
    ),
    rejects(
        names::INVALID_EMAIL,
        Documented,
        true,
        "A string that must be an e-mail address does not have the form of one.",
        "Fix the address; the usual reason is a full stop at the end, a space or a missing top-level domain.",
    ),
    rejects(
        names::INVALID_PHONE,
        Documented,
        true,
        "A phone number is not in the E.164 form: + and at most 15 digits.",
        "Write the number with + and its country code, without spaces or brackets.",
    ),
    rejects(
        names::BOTH_PASSWORD_HASHES,
        Reported,
        true,
        "The user has both password_hash and custom_password_hash.",
        "Remove one of the two.",
    )
    .change_by(&[Drop(None)]),
    rejects(
        names::INVALID_BCRYPT,
        Documented,
        true,
        "A password_hash is not a bcrypt hash that the importer can verify.",
        "Give a hash of another kind as custom_password_hash, or remove password_hash.",
    )
    .change_by(&[Drop(Some("password_hash"))]),
    rejects(
        names::INCOMPLETE_HASH,
        Documented,
        true,
        "A custom_password_hash lacks what its algorithm needs to verify a password.",
        "Add the given property.",
    ),
    rejects(
        names::HASH_ENCODING,
        Documented,
        true,
        "The encoding of a custom_password_hash is not one that its algorithm accepts.",
        "Set hash.encoding to one of the encodings in the message, and write hash.value in it.",
    ),
    rejects(
        names::HASH_FORM,
        Documented,
        true,
        "The value of a custom_password_hash does not have a form of its algorithm and encoding that can be verified.",
        "Write the value in the given form; a hash of another kind cannot be converted, so remove it.",
    )
    .change_by(&[Drop(Some("custom_password_hash"))]),
    rejects(
        names::HASH_LENGTH,
        Documented,
        true,
        "A hash is longer or shorter than the hashes of its algorithm.",
        "Check the algorithm, the digest, keylen and l; a hash that was cut off cannot be fixed.",
    ),
    rejects(
        names::HASH_KEY_FORM,
        Documented,
        true,
        "The key of an hmac hash is not in its encoding.",
        "Set hash.key.encoding to the encoding that the key really has; without it, utf8 is assumed.",
    ),
    rejects(
        names::SALT_FORBIDDEN,
        Documented,
        true,
        "There is a salt next to a hash that already contains it.",
        "Remove custom_password_hash.salt.",
    )
    .change_by(&[Drop(Some("custom_password_hash.salt"))]),
    rejects(
        names::SALT_FORM,
        Documented,
        true,
        "The salt of a custom_password_hash is not in its encoding.",
        "Set salt.encoding to the encoding that the salt really has; without it, utf8 is assumed.",
    ),
    rejects(
        names::SALT_LENGTH,
        Documented,
        true,
        "The salt before a bcrypt password has 72 bytes or more: bcrypt reads no further, so any password would log in.",
        "Check salt.value, salt.encoding and salt.position; if they are right, remove the hash.",
    )
    .change_by(&[Drop(Some("custom_password_hash"))]),
    rejects(
        names::SCRYPT_PARAMETERS,
        Documented,
        true,
        "A parameter of a scrypt hash is outside the range in which scrypt is defined.",
        "Write the parameters with which the hash was made, each in the given range.",
    ),
    rejects(
        names::MFA_COUNT,
        Documented,
        false,
        "There are no factors in mfa_factors, or more than ten.",
        "Remove an empty list; keep at most ten factors.",
    )
    .change_by(&[Drop(Some("mfa_factors"))]),
    rejects(
        names::MFA_ONE_KIND,
        Documented,
        false,
        "A factor is not exactly one of totp, phone and email.",
        "Give each factor its own object; recovery codes, push and WebAuthn cannot be imported.",
    ),
    rejects(names::MFA_EMPTY, Reported, true, "A factor is an empty object.", "Remove the empty object."),
    rejects(
        names::TOTP_SECRET,
        Documented,
        false,
        "A TOTP secret is not Base32: the letters A to Z and the digits 2 to 7.",
        "Write the secret in Base32; spaces, dashes, lower-case letters and padding are fixed automatically.",
    ),
    rejects(
        names::RESERVED_APP_METADATA_KEY,
        Documented,
        true,
        "A name in app_metadata is reserved.",
        "Rename the property, or remove it.",
    )
    .change_by(&[Move, Drop(None)]),
    rejects(
        names::FORBIDDEN_APP_METADATA_KEY,
        Reported,
        true,
        "A name in app_metadata is refused although it is in no list of reserved names.",
        "Rename the property, or remove it.",
    )
    .change_by(&[Move, Drop(None)]),
    rejects(
        names::METADATA_KEY,
        Documented,
        true,
        "A name in app_metadata or user_metadata, at any depth, contains `.` or `$`.",
        "Rename the property, or remove it.",
    )
    .change_by(&[Move, Drop(None)]),
    warns(
        names::BCRYPT_PADDING,
        "A bcrypt hash has unused bits that are not 0, which no bcrypt writes; no password matches it.",
        "Export the hash again without changes, or let the user reset the password.",
    ),
    warns(
        names::TOTP_SECRET_LENGTH,
        "A TOTP secret has a length that is impossible in Base32, so characters are missing or added.",
        "Export the secret again without changes, or let the user enroll again.",
    ),
    notes(
        names::VALUE_LENGTH,
        "A string is empty, or longer than its property usually may be.",
        "Check the settings of the connection, which can change the limit.",
    ),
    warns(
        names::USERNAME_FORM,
        "A username is an e-mail address, or contains characters that connections refuse by default.",
        "Check the settings of the connection, which can change the characters that usernames may contain.",
    ),
    warns(
        names::PROFILE_SIZE,
        "The whole user is larger than the 10 KB that a profile should have.",
        "Keep large metadata elsewhere; writes to such a profile may begin to fail.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        for (place, rule) in RULES.iter().enumerate() {
            assert!(RULES[..place].iter().all(|before| before.name != rule.name), "{} twice", rule.name);
            assert!(
                rule.name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-')),
                "{}",
                rule.name
            );
        }
    }

    #[test]
    fn meaning_and_remedy_are_complete_sentences() {
        for rule in RULES {
            for text in [rule.meaning, rule.remedy] {
                assert!(
                    text.ends_with('.') && text.starts_with(|first: char| first.is_ascii_uppercase()),
                    "{text}"
                );
            }
        }
    }

    #[test]
    fn rule_names_are_in_the_table() {
        let source = include_str!("rule.rs");
        let used: Vec<&str> = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub(crate) const "))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert_eq!(used, RULES.iter().map(|rule| rule.name).collect::<Vec<_>>());
    }
}
