//! Checks usernames against the defaults of a new connection. Connections can change them, so this only causes a
//! warning.

use super::email::is_email;

/// Returns whether `text` contains only the letters, digits and signs allowed in usernames, and is not an e-mail
/// address.
///
/// Letters and digits of all scripts are allowed. The length is checked with the other lengths.
pub(crate) fn suits_username(text: &str) -> bool {
    text.chars().all(|character| {
        character.is_alphanumeric()
            || matches!(character, '@' | '`' | '^' | '$' | '!' | '-' | '#' | '.' | '+' | '\'' | '~' | '_')
    }) && !(text.contains('@') && is_email(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_digits_and_listed_signs_pass() {
        for good in ["adaq", "Ada42", "a@`^$!-#.+'~_", "élan"] {
            assert!(suits_username(good), "{good}");
        }
        for bad in ["a b", "a/b", "a,b", "a\"b", "a&b", "a\u{0}"] {
            assert!(!suits_username(bad), "{bad}");
        }
    }

    #[test]
    fn email_address_is_not_a_username() {
        assert!(!suits_username("ada@example.com"));
        assert!(suits_username("ada@home"));
    }
}
