//! The identifiers of a user in a connection.

use super::property::Property;

/// A property by which the importer can identify a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Identifier {
    /// `user_id`
    UserId,
    /// `email`
    Email,
    /// `username`
    Username,
    /// `phone_number`
    PhoneNumber,
}

impl Identifier {
    /// All identifiers, in the order of their unique keys.
    pub const ALL: [Self; 4] = [Self::UserId, Self::Email, Self::Username, Self::PhoneNumber];

    /// Returns the name of its property.
    pub fn name(self) -> &'static str {
        self.property().name()
    }

    pub(crate) fn property(self) -> Property {
        match self {
            Self::UserId => Property::UserId,
            Self::Email => Property::Email,
            Self::Username => Property::Username,
            Self::PhoneNumber => Property::PhoneNumber,
        }
    }

    pub(crate) fn of(property: Property) -> Option<Self> {
        Self::ALL.into_iter().find(|identifier| identifier.property() == property)
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::UserId => "a user_id",
            Self::Email => "an e-mail address",
            Self::Username => "a username",
            Self::PhoneNumber => "a phone number",
        }
    }
}
