//! The properties by which a header is known to be one of users, and those of them that are no text.

/// Every property that exports and import files are known to have, in the order of the table of the import rules.
pub(crate) const KNOWN: [&str; 30] = [
    "email",
    "email_verified",
    "phone_number",
    "phone_verified",
    "user_id",
    "username",
    "given_name",
    "family_name",
    "name",
    "nickname",
    "picture",
    "blocked",
    "password_hash",
    "custom_password_hash",
    "app_metadata",
    "user_metadata",
    "mfa_factors",
    "identities",
    "created_at",
    "updated_at",
    "last_login",
    "last_ip",
    "logins_count",
    "last_password_reset",
    "multifactor",
    "multifactor_last_modified",
    "password_set_date",
    "blocked_for",
    "guardian_authenticators",
    "tenant",
];

/// The known properties that are arrays, so that `identities.0` is an item and `user_metadata.0` is not.
const ARRAYS: [&str; 3] = ["identities", "mfa_factors", "multifactor"];

/// Whether a property is known.
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// Whether a property is an array.
pub(crate) fn is_array(name: &str) -> bool {
    ARRAYS.contains(&name)
}

/// Whether the names on the way to a field (indexes left out) are those of a boolean.
pub(crate) fn is_boolean(names: &[&str]) -> bool {
    matches!(
        names,
        ["email_verified" | "phone_verified" | "blocked"]
            | ["identities", "isSocial"]
            | ["identities", "profileData", "email_verified" | "phone_verified"]
    )
}

/// Whether the names on the way to a field are those of a number.
pub(crate) fn is_number(names: &[&str]) -> bool {
    matches!(
        names,
        ["logins_count"] | ["custom_password_hash", "keylen" | "cost" | "blockSize" | "parallelization"]
    )
}
