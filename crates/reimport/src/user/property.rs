//! The table of the known properties of a user: the properties of exports, and which of them an import file may
//! have.
//!
//! Names, types and order follow the published import schema (2026-08) and the profile attributes that are
//! documented as exportable. A property that is not in this table is unknown. If you add a property, also add it
//! to `docs/guide.md`.

/// The type of a property's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    String,
    Boolean,
    Number,
    /// A date that the service writes. In CSV, the export job writes no apostrophe before it.
    Date,
    Object,
    Array,
    /// The type is not documented.
    Other,
}

/// Whether an import file may have a property, or only exports have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Import,
    Export,
}

/// The entry of one property in the table.
struct Known {
    name: &'static str,
    /// The name as it appears after another member in compact JSON: `,"name":`.
    following: &'static str,
    side: Side,
    is: Type,
    /// The title of the property in a default-field export, or the name that other tools use for it. With the path
    /// of the value under this title.
    title: Option<(&'static str, &'static str)>,
}

macro_rules! properties {
    ($($property:ident $name:literal, $side:ident $is:ident $(, title $title:literal of $path:literal)?;)+) => {
        /// A known property. The properties that an import file may have come first, then those that only exports
        /// have.
        ///
        /// The order is that of the bits of [`Property::bit`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub(crate) enum Property {
            $($property),+
        }

        impl Property {
            /// All properties.
            pub(crate) const ALL: [Self; [$($name),+].len()] = [$(Self::$property),+];

            /// Returns the property with exactly this name.
            pub(crate) fn named(name: &str) -> Option<Self> {
                // Compiled to a comparison of the length and of a few words.
                match name {
                    $($name => Some(Self::$property),)+
                    _ => None,
                }
            }
        }

        const KNOWN: [Known; Property::ALL.len()] = [$(Known {
            name: $name,
            following: concat!(",\"", $name, "\":"),
            side: properties!(@ $side),
            is: Type::$is,
            title: properties!(@ title $($title, $path)?),
        }),+];
    };
    (@ import) => { Side::Import };
    (@ export) => { Side::Export };
    (@ title) => { None };
    (@ title $title:literal, $path:literal) => { Some(($title, $path)) };
}

properties! {
    Email "email", import String, title "Email" of "email";
    EmailVerified "email_verified", import Boolean, title "Email Verified" of "email_verified";
    PhoneNumber "phone_number", import String;
    PhoneVerified "phone_verified", import Boolean;
    UserId "user_id", import String, title "Id" of "user_id";
    Username "username", import String;
    GivenName "given_name", import String, title "Given Name" of "given_name";
    FamilyName "family_name", import String, title "Family Name" of "family_name";
    Name "name", import String, title "Name" of "name";
    Nickname "nickname", import String, title "Nickname" of "nickname";
    Picture "picture", import String, title "Picture" of "picture";
    Blocked "blocked", import Boolean;
    PasswordHash "password_hash", import String, title "passwordHash" of "password_hash";
    CustomPasswordHash "custom_password_hash", import Object;
    AppMetadata "app_metadata", import Object;
    UserMetadata "user_metadata", import Object;
    MfaFactors "mfa_factors", import Array;
    Identities "identities", export Array, title "Connection" of "identities[0].connection";
    CreatedAt "created_at", export Date, title "Created At" of "created_at";
    UpdatedAt "updated_at", export Date, title "Updated At" of "updated_at";
    LastLogin "last_login", export Date;
    LastIp "last_ip", export String;
    LoginsCount "logins_count", export Number;
    LastPasswordReset "last_password_reset", export Date;
    Multifactor "multifactor", export Array;
    MultifactorLastModified "multifactor_last_modified", export Date;
    PasswordSetDate "password_set_date", export String;
    BlockedFor "blocked_for", export Other;
    GuardianAuthenticators "guardian_authenticators", export Other;
    Tenant "tenant", export String;
}

/// The number of properties that an import file may have. They are the first in [`Property::ALL`].
pub(crate) const IMPORTABLE: usize = {
    let mut count = 0;
    while matches!(KNOWN[count].side, Side::Import) {
        count += 1;
    }
    count
};

/// The names of [`Property::ALL`], in the same order.
pub(crate) const NAMES: [&str; Property::ALL.len()] = {
    let mut names = [""; Property::ALL.len()];
    let mut place = 0;
    while place < names.len() {
        names[place] = KNOWN[place].name;
        place += 1;
    }
    names
};

impl Property {
    /// Returns the properties that an import file may have.
    pub(crate) fn importable() -> impl Iterator<Item = Self> {
        Self::ALL[..IMPORTABLE].iter().copied()
    }

    /// Returns its index in [`Property::ALL`].
    pub(crate) const fn place(self) -> usize {
        self as usize
    }

    /// Returns its bit in a set of properties.
    pub(crate) const fn bit(self) -> u64 {
        1 << self.place()
    }

    pub(crate) const fn name(self) -> &'static str {
        KNOWN[self.place()].name
    }

    /// Returns its name as it appears after another member in compact JSON: `,"name":`.
    pub(crate) const fn following(self) -> &'static str {
        KNOWN[self.place()].following
    }

    pub(crate) const fn is_importable(self) -> bool {
        self.place() < IMPORTABLE
    }

    /// Returns the type of its value, in exports and in import files.
    pub(crate) const fn is(self) -> Type {
        KNOWN[self.place()].is
    }

    /// Returns `true` if its value is an object or an array.
    pub(crate) const fn is_nested(self) -> bool {
        matches!(self.is(), Type::Object | Type::Array)
    }

    /// Returns its title in a default-field export, or the name that other tools use for it, and the path of the
    /// value under this title.
    pub(crate) const fn title(self) -> Option<(&'static str, &'static str)> {
        KNOWN[self.place()].title
    }
}

/// Returns `true` if the field at these names (a field path without indexes) is a boolean.
pub(crate) fn is_boolean(names: &[&str]) -> bool {
    match names {
        [name] => Property::named(name).is_some_and(|property| property.is() == Type::Boolean),
        ["identities", "isSocial"] | ["identities", "profileData", "email_verified" | "phone_verified"] => {
            true
        }
        _ => false,
    }
}

/// Returns `true` if the field at these names (a field path without indexes) is a number.
pub(crate) fn is_number(names: &[&str]) -> bool {
    match names {
        [name] => Property::named(name).is_some_and(|property| property.is() == Type::Number),
        ["custom_password_hash", "keylen" | "cost" | "blockSize" | "parallelization"] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn property_has_a_unique_name_and_bit() {
        for (place, property) in Property::ALL.into_iter().enumerate() {
            assert_eq!(property.place(), place);
            assert_eq!(Property::named(property.name()), Some(property));
            assert_eq!(property.bit().trailing_zeros() as usize, place);
            assert_eq!(property.following(), format!(",\"{}\":", property.name()));
            assert_eq!(property.is_importable(), KNOWN[place].side == Side::Import, "{}", property.name());
        }
        assert_eq!(Property::named("locale"), None);
    }

    #[test]
    fn importable_properties_match_the_published_schema() {
        let schema = include_str!("../../../../testdata/import-schema.json");
        let schema: serde_json::Value = serde_json::from_str(schema).expect("the schema is JSON");
        let properties = schema["properties"].as_object().expect("it has properties");
        assert_eq!(properties.len(), IMPORTABLE);
        for property in Property::importable() {
            let expected = match property.is() {
                Type::String => "string",
                Type::Boolean => "boolean",
                Type::Object => "object",
                Type::Array => "array",
                Type::Number | Type::Date | Type::Other => unreachable!("the schema has none"),
            };
            assert_eq!(properties[property.name()]["type"], expected, "{}", property.name());
        }
    }
}
