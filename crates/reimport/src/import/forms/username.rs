//! Usernames, as a new connection takes them: a warning only, since connections can change it.

use super::email::is_email;

/// Whether `text` holds only letters, digits and the signs that usernames may hold, and is no e-mail address.
///
/// Letters and digits of any script pass. Its length is judged with the other lengths.
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
    fn letters_digits_and_the_listed_signs_pass() {
        for good in ["adaq", "Ada42", "a@`^$!-#.+'~_", "élan"] {
            assert!(suits_username(good), "{good}");
        }
        for bad in ["a b", "a/b", "a,b", "a\"b", "a&b", "a\u{0}"] {
            assert!(!suits_username(bad), "{bad}");
        }
    }

    #[test]
    fn an_email_address_is_no_username() {
        assert!(!suits_username("ada@example.com"));
        assert!(suits_username("ada@home"));
    }
}
