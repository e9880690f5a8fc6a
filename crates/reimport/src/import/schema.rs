//! The one table of what an import file may hold, and what exports have besides.
//!
//! Names, types and order follow the published import schema (2026-08) and the profile attributes flagged as
//! exportable. Everything that is not in this table is an unknown property.

/// What the schema demands of a property's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    String,
    Boolean,
    Object,
    Array,
    /// Exports have it, imports refuse it.
    ExportOnly,
}

/// One known property.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Property {
    pub(crate) name: &'static str,
    /// The name as it stands after another member in compact JSON: `,"name":`.
    pub(crate) following: &'static str,
    pub(crate) is: Type,
}

macro_rules! property {
    ($name:literal, $is:expr) => {
        Property { name: $name, following: concat!(",\"", $name, "\":"), is: $is }
    };
}

/// How many properties an import file may hold; they come first in [`PROPERTIES`].
pub(crate) const IMPORTABLE: usize = 17;

/// Every known property: the importable ones, then those that only exports have.
pub(crate) const PROPERTIES: [Property; 30] = [
    property!("email", Type::String),
    property!("email_verified", Type::Boolean),
    property!("phone_number", Type::String),
    property!("phone_verified", Type::Boolean),
    property!("user_id", Type::String),
    property!("username", Type::String),
    property!("given_name", Type::String),
    property!("family_name", Type::String),
    property!("name", Type::String),
    property!("nickname", Type::String),
    property!("picture", Type::String),
    property!("blocked", Type::Boolean),
    property!("password_hash", Type::String),
    property!("custom_password_hash", Type::Object),
    property!("app_metadata", Type::Object),
    property!("user_metadata", Type::Object),
    property!("mfa_factors", Type::Array),
    property!("identities", Type::ExportOnly),
    property!("created_at", Type::ExportOnly),
    property!("updated_at", Type::ExportOnly),
    property!("last_login", Type::ExportOnly),
    property!("last_ip", Type::ExportOnly),
    property!("logins_count", Type::ExportOnly),
    property!("last_password_reset", Type::ExportOnly),
    property!("multifactor", Type::ExportOnly),
    property!("multifactor_last_modified", Type::ExportOnly),
    property!("password_set_date", Type::ExportOnly),
    property!("blocked_for", Type::ExportOnly),
    property!("guardian_authenticators", Type::ExportOnly),
    property!("tenant", Type::ExportOnly),
];

/// The names of [`PROPERTIES`], bit by bit.
pub(crate) const NAMES: [&str; PROPERTIES.len()] = {
    let mut names = [""; PROPERTIES.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = PROPERTIES[at].name;
        at += 1;
    }
    names
};

/// The place of each property that a rule speaks of.
pub(crate) mod at {
    pub(crate) const EMAIL: usize = 0;
    pub(crate) const PHONE_NUMBER: usize = 2;
    pub(crate) const USER_ID: usize = 4;
    pub(crate) const USERNAME: usize = 5;
    pub(crate) const GIVEN_NAME: usize = 6;
    pub(crate) const FAMILY_NAME: usize = 7;
    pub(crate) const NAME: usize = 8;
    pub(crate) const NICKNAME: usize = 9;
    pub(crate) const PASSWORD_HASH: usize = 12;
    pub(crate) const CUSTOM_PASSWORD_HASH: usize = 13;
    pub(crate) const APP_METADATA: usize = 14;
    pub(crate) const USER_METADATA: usize = 15;
    pub(crate) const MFA_FACTORS: usize = 16;
    pub(crate) const IDENTITIES: usize = 17;
    pub(crate) const CREATED_AT: usize = 18;
    pub(crate) const LAST_PASSWORD_RESET: usize = 23;
    pub(crate) const MULTIFACTOR: usize = 24;
}

/// The place of the property of that name.
pub(crate) fn find(name: &str) -> Option<usize> {
    NAMES.iter().position(|known| *known == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_named_in_rules_are_where_the_table_has_them() {
        for (place, name) in [
            (at::EMAIL, "email"),
            (at::PHONE_NUMBER, "phone_number"),
            (at::USER_ID, "user_id"),
            (at::USERNAME, "username"),
            (at::GIVEN_NAME, "given_name"),
            (at::FAMILY_NAME, "family_name"),
            (at::NAME, "name"),
            (at::NICKNAME, "nickname"),
            (at::PASSWORD_HASH, "password_hash"),
            (at::CUSTOM_PASSWORD_HASH, "custom_password_hash"),
            (at::APP_METADATA, "app_metadata"),
            (at::USER_METADATA, "user_metadata"),
            (at::MFA_FACTORS, "mfa_factors"),
            (at::IDENTITIES, "identities"),
            (at::CREATED_AT, "created_at"),
            (at::LAST_PASSWORD_RESET, "last_password_reset"),
            (at::MULTIFACTOR, "multifactor"),
        ] {
            assert_eq!(find(name), Some(place), "{name}");
        }
        assert!(PROPERTIES[..IMPORTABLE].iter().all(|property| property.is != Type::ExportOnly));
        assert!(PROPERTIES[IMPORTABLE..].iter().all(|property| property.is == Type::ExportOnly));
    }

    #[test]
    fn the_header_of_a_csv_is_recognised_by_the_same_names_and_types() {
        assert_eq!(NAMES, crate::record::properties::KNOWN);
        let booleans = PROPERTIES.iter().filter(|property| property.is == Type::Boolean);
        let booleans: Vec<&str> = booleans.map(|property| property.name).collect();
        assert!(booleans.iter().all(|name| crate::record::properties::is_boolean(&[name])), "{booleans:?}");
        for property in &PROPERTIES[..IMPORTABLE] {
            let nested = crate::record::properties::NESTED.iter().find(|nested| nested.name == property.name);
            let of_schema = match property.is {
                Type::Object => Some(false),
                Type::Array => Some(true),
                _ => None,
            };
            assert_eq!(nested.map(|nested| nested.is_array), of_schema, "{}", property.name);
        }
    }

    #[test]
    fn the_importable_properties_and_their_types_are_those_of_the_published_schema() {
        let schema = include_str!("../../../../testdata/import-schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).expect("the schema is JSON");
        let properties = schema["properties"].as_object().expect("it has properties");
        assert_eq!(properties.len(), IMPORTABLE);
        for property in &PROPERTIES[..IMPORTABLE] {
            let expected = match property.is {
                Type::String => "string",
                Type::Boolean => "boolean",
                Type::Object => "object",
                Type::Array => "array",
                Type::ExportOnly => unreachable!("checked above"),
            };
            assert_eq!(properties[property.name]["type"], expected, "{}", property.name);
        }
    }
}
