//! How long texts may be: limits that connections can change, so breaking one only warns.

/// A profile above so many bytes is logged by the service, and writes to it may begin to fail.
pub(crate) const PROFILE_BYTES: usize = 10_000;

/// The most characters that a top-level property usually may have; `None` where there is no limit, or where another
/// form has it (email, phone number).
///
/// For names and nicknames it is the profile's documentation, for user ids the API's; usernames have the default of
/// a new connection.
pub(crate) fn longest(property: &str) -> Option<usize> {
    Some(match property {
        "given_name" | "family_name" | "name" => 150,
        "nickname" => 350,
        "user_id" => 255,
        "username" => 15,
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
        assert!(suits_length(&"é".repeat(150), longest("name").unwrap()));
        assert!(!suits_length(&"é".repeat(151), longest("name").unwrap()));
        assert!(!suits_length("", 15));
        assert!(suits_length("a", 15));
    }

    #[test]
    fn what_suits_any_length_suits_each() {
        for length in 0..20 {
            let text = "x".repeat(length);
            let each = ["given_name", "family_name", "name", "nickname", "user_id", "username"]
                .iter()
                .all(|property| suits_length(&text, longest(property).unwrap()));
            assert_eq!(suits_any_length(&text), each, "{length}");
        }
    }

    #[test]
    fn properties_without_a_limit_have_none() {
        assert_eq!(longest("email"), None);
        assert_eq!(longest("picture"), None);
        assert_eq!(longest("username"), Some(15));
    }
}
