//! Length limits of strings. Connections can change them, so a string that is too long only causes a warning.

use crate::user::property::Property;

/// The maximum size of a profile in bytes. The service logs larger profiles, and writes to them may start to fail.
pub(crate) const PROFILE_BYTES: usize = 10_000;

/// Returns the usual maximum number of characters of a property. Returns `None` if there is no limit, or if another
/// check covers it (e-mail address, phone number).
///
/// The limits of names and nicknames are from the documentation of profiles, the limit of user ids from the API. The
/// limit of usernames is the default of a new connection.
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

/// Returns whether `text` is short enough for every limit, as most strings are. The lowest limit is that of
/// usernames.
#[inline]
pub(crate) fn suits_any_length(text: &str) -> bool {
    (1..=15).contains(&text.len())
}

/// Returns whether `text` has from 1 to `longest` characters.
pub(crate) fn suits_length(text: &str, longest: usize) -> bool {
    // A string has at most as many characters as bytes, so characters are rarely counted.
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
    fn text_below_every_limit_fits_each_property() {
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
