//! Checks phone numbers in the E.164 form.

use super::types::expect_string;
use crate::json::Value;
use crate::run::Problem;
use crate::user::names;

/// Returns whether `text` is `+` and 1 to 15 ASCII digits.
pub(crate) fn is_phone(text: &str) -> bool {
    match text.as_bytes() {
        [b'+', digits @ ..] => (1..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Checks that `value` is a phone number.
pub(crate) fn check(value: Value<'_>, path: &str, problems: &mut Vec<Problem>) {
    let Some(text) = expect_string(value, path, problems).filter(|text| !is_phone(text)) else { return };
    let message = format!("expected a phone number as + and 1 to 15 digits, but found {}", flaws(&text));
    problems.push(Problem::new(names::INVALID_PHONE, path, message));
}

/// Describes everything that is wrong with a string that is not a phone number.
#[cold]
fn flaws(text: &str) -> String {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_sign = |char: char| !char.is_ascii_digit() && char != '+' && !char.is_whitespace();
    let flaws = [
        (!text.starts_with('+'), "no + at the beginning"),
        (text.contains(char::is_whitespace), "spaces"),
        (text.matches('+').count() > 1, "more than one +"),
        (text.contains(is_sign), "other characters than digits"),
        (digits == 0, "no digits"),
        (digits > 15, "more than 15 digits"),
    ];
    let found: Vec<&str> =
        flaws.into_iter().filter(|(is_there, _)| *is_there).map(|(_, words)| words).collect();
    match found.split_last() {
        _ if text.is_empty() => "an empty text".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} and {last}", before.join(", ")),
        // Not reached: a string without any of these flaws is a phone number.
        None => "a + behind digits".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_names_every_fault_of_a_number() {
        for (text, expected) in [
            ("", "an empty text"),
            ("12125550101", "no + at the beginning"),
            ("+1 212", "spaces"),
            ("1 212", "no + at the beginning and spaces"),
            ("(0) 12-12", "no + at the beginning, spaces and other characters than digits"),
            ("+1234567890123456", "more than 15 digits"),
            ("+", "no digits"),
            ("++1", "more than one +"),
            ("+x", "other characters than digits and no digits"),
        ] {
            assert!(!is_phone(text), "{text}");
            assert_eq!(flaws(text), expected, "{text}");
        }
    }

    #[test]
    fn only_plus_and_one_to_fifteen_ascii_digits_pass() {
        for good in ["+1", "+12125550101", "+123456789012345", "+0"] {
            assert!(is_phone(good), "{good}");
        }
        for bad in [
            "",
            "+",
            "1",
            "12125550101",
            "+1234567890123456",
            "+1 212",
            "+1-212",
            "++1",
            "+١٢",
            "+1\n",
            " +1",
            "+1x",
        ] {
            assert!(!is_phone(bad), "{bad}");
        }
    }
}
