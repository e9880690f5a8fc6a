//! How long texts may be: limits that connections can change, so breaking one only warns.

use crate::import::schema::at;

/// A profile above so many bytes is logged by the service, and writes to it may begin to fail.
pub(crate) const PROFILE_BYTES: usize = 10_000;

/// The most characters that the property at `place` usually may have; `None` where there is no limit, or where another
/// form has it (email, phone number).
///
/// For names and nicknames it is the profile's documentation, for user ids the API's; usernames have the default of
/// a new connection.
#[inline]
pub(crate) const fn longest(place: usize) -> Option<usize> {
    Some(match place {
        at::GIVEN_NAME | at::FAMILY_NAME | at::NAME => 150,
        at::NICKNAME => 350,
        at::USER_ID => 255,
        at::USERNAME => 15,
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
        assert!(suits_length(&"é".repeat(150), longest(at::NAME).unwrap()));
        assert!(!suits_length(&"é".repeat(151), longest(at::NAME).unwrap()));
        assert!(!suits_length("", 15));
        assert!(suits_length("a", 15));
    }

    #[test]
    fn what_suits_any_length_suits_each() {
        for length in 0..20 {
            let text = "x".repeat(length);
            let limited =
                [at::GIVEN_NAME, at::FAMILY_NAME, at::NAME, at::NICKNAME, at::USER_ID, at::USERNAME];
            let each = limited.iter().all(|place| suits_length(&text, longest(*place).unwrap()));
            assert_eq!(suits_any_length(&text), each, "{length}");
        }
    }

    #[test]
    fn properties_without_a_limit_have_none() {
        assert_eq!(longest(at::EMAIL), None);
        assert_eq!(longest(at::PHONE_NUMBER), None);
        assert_eq!(longest(at::USERNAME), Some(15));
    }
}
