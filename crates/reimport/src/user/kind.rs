//! The table of the kinds of fixes and warnings that are counted and are not rules: their names and meanings.

/// A kind of fix or warning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct FactKind {
    /// The stable name, as printed in summaries and manifests.
    pub name: &'static str,
    /// The meaning, as one clause.
    pub meaning: &'static str,
}

/// The stable names, for code that counts fixes and warnings. [`FACT_KINDS`] has the meaning of each.
pub(crate) mod kinds {
    pub(crate) const JSON_TEXT: &str = "json-text";
    pub(crate) const NULL_DROPPED: &str = "null-dropped";
    pub(crate) const BOOLEAN_TEXT: &str = "boolean-text";
    pub(crate) const TITLE_RENAMED: &str = "title-renamed";
    pub(crate) const CASE_CHANGED: &str = "case-changed";
    pub(crate) const FLAT_KEY_NESTED: &str = "flat-key-nested";
    pub(crate) const TOTP_SECRET_NORMALISED: &str = "totp-secret-normalised";
    pub(crate) const BCRYPT_MOVED: &str = "bcrypt-moved";
    pub(crate) const DROPPED: &str = "dropped";
    pub(crate) const MOVED: &str = "moved";
    pub(crate) const SET: &str = "set";
    pub(crate) const NOT_MOVED_TAKEN: &str = "not-moved-taken";
    pub(crate) const NOT_MOVED_NO_WAY: &str = "not-moved-no-way";
    pub(crate) const NOT_SET_NO_WAY: &str = "not-set-no-way";
    pub(crate) const SECOND_SPELLING: &str = "second-spelling";
    pub(crate) const LONE_SURROGATE: &str = "lone-surrogate";
    pub(crate) const SPREADSHEET_FORMULA: &str = "spreadsheet-formula";
    pub(crate) const COLUMN_TYPE: &str = "column-type";
    pub(crate) const MFA_LOST: &str = "mfa-lost";
    pub(crate) const PASSWORD_NOT_PROMOTED: &str = "password-not-promoted";
    pub(crate) const PASSWORD_OF_EDITED_ID: &str = "password-of-edited-id";
}

const fn kind(name: &'static str, meaning: &'static str) -> FactKind {
    FactKind { name, meaning }
}

/// Every kind of fix and warning that is not a rule.
pub const FACT_KINDS: &[FactKind] = &[
    kind(kinds::JSON_TEXT, "an object or array was written as a string with its JSON, and was parsed"),
    kind(kinds::NULL_DROPPED, "the value was null, which an import refuses, and was left out"),
    kind(kinds::BOOLEAN_TEXT, "a boolean was written as a string, and became a boolean"),
    kind(kinds::TITLE_RENAMED, "the property was under the title that a default-field export gives it"),
    kind(
        kinds::CASE_CHANGED,
        "the name of the property was spelled in another case or with other separators",
    ),
    kind(
        kinds::FLAT_KEY_NESTED,
        "the name of the property was a path, as in app_metadata.plan; the value was moved into that object",
    ),
    kind(
        kinds::TOTP_SECRET_NORMALISED,
        "a TOTP secret was written with spaces, dashes, small letters or padding",
    ),
    kind(kinds::BCRYPT_MOVED, "a bcrypt hash that password_hash does not take became a custom_password_hash"),
    kind(kinds::DROPPED, "the value was dropped as requested"),
    kind(kinds::MOVED, "the value was moved as requested"),
    kind(kinds::SET, "the value was set as requested"),
    kind(kinds::NOT_MOVED_TAKEN, "the property was not moved, because its target has a value already"),
    kind(kinds::NOT_MOVED_NO_WAY, "the property was not moved, because a value above it is not an object"),
    kind(kinds::NOT_SET_NO_WAY, "the value was not set, because a value above it is not an object"),
    kind(kinds::SECOND_SPELLING, "the property exists in several spellings, and only one of them was used"),
    kind(kinds::LONE_SURROGATE, "a lone surrogate, which became U+FFFD"),
    kind(kinds::SPREADSHEET_FORMULA, "a spreadsheet would run the cell as a formula"),
    kind(kinds::COLUMN_TYPE, "the value does not fit the type of its column, which is null"),
    kind(kinds::MFA_LOST, "the user has used a second factor that cannot be imported"),
    kind(
        kinds::PASSWORD_NOT_PROMOTED,
        "the password hash is that of the primary login, not of the linked one",
    ),
    kind(kinds::PASSWORD_OF_EDITED_ID, "the hash was joined by a user_id that an edit has set"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::user::rule;

    #[test]
    fn fact_names_are_in_the_table() {
        let source = include_str!("kind.rs");
        let used: Vec<&str> = source
            .lines()
            .filter_map(|line| line.trim().strip_prefix("pub(crate) const "))
            .filter_map(|line| line.split('"').nth(1))
            .collect();
        assert_eq!(used, FACT_KINDS.iter().map(|kind| kind.name).collect::<Vec<_>>());
        assert!(used.iter().all(|name| rule(name).is_none()));
    }

    #[test]
    fn meanings_are_clauses() {
        for FactKind { name, meaning } in FACT_KINDS {
            assert!(!meaning.ends_with('.') && !meaning.starts_with(char::is_uppercase), "{name}: {meaning}");
        }
    }
}
