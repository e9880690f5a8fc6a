//! Phone numbers in the E.164 form.

use super::types::expect_string;
use crate::Problem;
use crate::import::names;
use crate::json::Value;

/// Whether `text` is `+` and 1 to 15 ASCII digits.
pub(crate) fn is_phone(text: &str) -> bool {
    match text.as_bytes() {
        [b'+', digits @ ..] => (1..=15).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit),
        _ => false,
    }
}

/// Checks that `value` is a phone number.
pub(crate) fn check(value: Value<'_>, path: &str, problems: &mut Vec<Problem>) {
    if expect_string(value, path, problems).is_some_and(|text| !is_phone(&text)) {
        problems.push(Problem::new(
            names::INVALID_PHONE,
            path,
            "expected a phone number as + and 1 to 15 digits, but found another text",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
