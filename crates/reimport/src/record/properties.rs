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

/// A known property that is an object or an array.
pub(crate) struct Nested {
    pub(crate) name: &'static str,
    pub(crate) is_array: bool,
    /// The name under which it is counted as a fix that its JSON text was parsed.
    pub(crate) fix: &'static str,
}

/// The known properties that are objects or arrays.
pub(crate) const NESTED: [Nested; 6] = [
    Nested { name: "user_metadata", is_array: false, fix: "json-text user_metadata" },
    Nested { name: "app_metadata", is_array: false, fix: "json-text app_metadata" },
    Nested { name: "custom_password_hash", is_array: false, fix: "json-text custom_password_hash" },
    Nested { name: "identities", is_array: true, fix: "json-text identities" },
    Nested { name: "mfa_factors", is_array: true, fix: "json-text mfa_factors" },
    Nested { name: "multifactor", is_array: true, fix: "json-text multifactor" },
];

/// The known properties that are dates which the service writes. Its export job puts no apostrophe before them.
const DATES: [&str; 5] =
    ["created_at", "updated_at", "last_login", "last_password_reset", "multifactor_last_modified"];

/// Whether a property is known.
pub(crate) fn is_known(name: &str) -> bool {
    KNOWN.contains(&name)
}

/// The known property that `name` spells: in any case, and with or without spaces, `_` and `-` between its words.
pub(crate) fn spelled_by(name: &str) -> Option<&'static str> {
    KNOWN.into_iter().find(|known| spells(name, known))
}

/// Whether `name` spells `known`, as for [`spelled_by`].
pub(crate) fn spells(name: &str, known: &str) -> bool {
    let ends_in_letters = |byte: Option<&u8>| byte.is_some_and(|byte| !is_separator(*byte));
    ends_in_letters(name.as_bytes().first())
        && ends_in_letters(name.as_bytes().last())
        && letters(name).eq(letters(known))
}

/// The bytes of a name by which spellings are compared.
pub(crate) fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| !is_separator(*byte)).map(|byte| byte.to_ascii_lowercase())
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'_' | b'-')
}

/// Whether a property is an array, so that `identities.0` is an item and `user_metadata.0` is not.
pub(crate) fn is_array(name: &str) -> bool {
    NESTED.iter().any(|nested| nested.is_array && nested.name == name)
}

/// Whether a property is an object or an array.
pub(crate) fn is_nested(name: &str) -> bool {
    NESTED.iter().any(|nested| nested.name == name)
}

/// Whether a property is a date that the service writes.
pub(crate) fn is_date(name: &str) -> bool {
    DATES.contains(&name)
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
