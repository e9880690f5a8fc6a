//! How long texts may be: limits that connections can change, so breaking one only warns.

use crate::user::property::Property;

/// A profile above so many bytes is logged by the service, and writes to it may begin to fail.
pub(crate) const PROFILE_BYTES: usize = 10_000;

/// The most characters that a property usually may have; `None` where there is no limit, or where another
/// form has it (email, phone number).
///
/// For names and nicknames it is the profile's documentation, for user ids the API's; usernames have the default of
/// a new connection.
#[inline]
pub(crate) const fn longest(property: Property) -> Option<usize> {
    Some(match property {
        Property::GivenName | Property::FamilyName | Property::Name => 150,
        Property::Nickname => 350,
        Property::UserId => 255,
        Property::Username => 15,
        _ => return None,
    })
}

/// Whether `text` is so short that it suits every limit, as most texts are; the shortest limit is that of a username.
#[inline]
pub(crate) fn suits_any_length(text: &str) -> bool {
    (1..=15).contains(&text.len())
}

/// Whether `text` has from 1 to `longest` characters.
pub(crate) fn suits_length(text: &str, longest: usize) -> bool {
    // No text has more characters than bytes, so most need no counting.
    !text.is_empty() && (text.len() <= longest || text.chars().count() <= longest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_counted_not_bytes() {
        assert!(suits_length(&"é".repeat(150), longest(Property::Name).unwrap()));
        assert!(!suits_length(&"é".repeat(151), longest(Property::Name).unwrap()));
        assert!(!suits_length("", 15));
        assert!(suits_length("a", 15));
    }

    #[test]
    fn what_suits_any_length_suits_each() {
        for length in 0..20 {
            let text = "x".repeat(length);
            let limited = [
                Property::GivenName,
                Property::FamilyName,
                Property::Name,
                Property::Nickname,
                Property::UserId,
                Property::Username,
            ];
            let each = limited.iter().all(|place| suits_length(&text, longest(*place).unwrap()));
            assert_eq!(suits_any_length(&text), each, "{length}");
        }
    }

    #[test]
    fn properties_without_a_limit_have_none() {
        assert_eq!(longest(Property::Email), None);
        assert_eq!(longest(Property::PhoneNumber), None);
        assert_eq!(longest(Property::Username), Some(15));
    }
}
