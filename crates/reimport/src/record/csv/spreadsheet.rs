//! Detects the forms in which spreadsheets write numbers, dates and errors.

/// Returns `true` if the text is a number that a spreadsheet has shortened: `9,00719925474099E+15`. The digits
/// after the fifteenth are lost.
///
/// The export job writes exponents with a lowercase `e`, and no exponent for a number of fewer than 22 digits.
pub(super) fn is_shortened_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let Some((first, rest)) = text.split_first() else { return false };
    let fraction = match rest {
        [b'.' | b',', rest @ ..] => rest.iter().take_while(|byte| byte.is_ascii_digit()).count() + 1,
        _ => 0,
    };
    first.is_ascii_digit()
        && fraction != 1
        && matches!(&rest[fraction..], [b'E', b'+' | b'-', exponent @ ..]
            if (2..=3).contains(&exponent.len()) && exponent.iter().all(u8::is_ascii_digit))
}

/// Returns `true` if the text is a number in a form that depends on the locale or cell format of a spreadsheet.
/// The export job never writes these forms: `1,5`, `1.234.567`, `1'000,50`, `007`, `12,5 %`.
pub(super) fn is_local_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let text = text.strip_suffix(b"%").map_or(text, <[u8]>::trim_ascii_end);
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let mut after_digit = false;
    for char in text.chars() {
        // A separator must be between two digits.
        let is_digit = char.is_ascii_digit();
        let is_separator = matches!(char, '.' | ',' | '\'' | '\u{a0}' | '\u{202f}' | ' ');
        let fits = is_digit || (is_separator && after_digit);
        if !fits {
            return false;
        }
        after_digit = is_digit;
    }
    after_digit
}

/// Returns `true` if the text is what a spreadsheet, or the program that wrote the file for it, writes for an
/// error or a missing value.
pub(super) fn is_error(text: &[u8]) -> bool {
    const ERRORS: [&[u8]; 9] =
        [b"#NAME?", b"#REF!", b"#VALUE!", b"#DIV/0!", b"#N/A", b"#NULL!", b"#NUM!", b"NULL", b"NaN"];
    ERRORS.contains(&text)
}

/// Returns `true` if the text is a date, or a date and time, in the form of some country: `04.03.2021 09:15`,
/// `3/4/21 9:15 AM`.
pub(super) fn is_local_date(text: &[u8]) -> bool {
    let mut rest = text;
    let mut number = |most: usize| {
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let separator = rest.get(digits).copied();
        rest = rest.get(digits + 1..).unwrap_or_default();
        (1..=most).contains(&digits).then_some(separator)
    };
    let (Some(Some(one)), Some(Some(two)), Some(three)) = (number(4), number(2), number(4)) else {
        return false;
    };
    one == two
        && matches!(one, b'.' | b'/' | b'-')
        && match three {
            None => true,
            Some(b' ' | b',' | b'T') => {
                !rest.is_empty()
                    && rest.iter().all(|byte| byte.is_ascii_digit() || b":., APMapm".contains(byte))
            }
            Some(_) => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_shortened_by_a_spreadsheet_are_detected() {
        for text in ["9,00719925474099E+15", "9.0072E+15", "-1,5E-07", "1E+100"] {
            assert!(is_shortened_number(text.as_bytes()), "{text}");
        }
        for text in
            ["", "-", "9.0072e+15", "9E15", "9E+5", "9.E+15", "90E+15", "9.0E+15x", "9.0E+1234", "E+15", "9"]
        {
            assert!(!is_shortened_number(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn localized_numbers_and_errors_are_detected() {
        for text in ["1,5", "-1,5", "1.234.567", "1'000,50", "1 000", "1\u{a0}000", "007", "12,5 %", "5%"] {
            assert!(is_local_number(text.as_bytes()), "{text}");
        }
        for text in ["", "-", "%", "1,", ",5", "1,,5", "1 x", "'1", "a", "+49 (0) 1", "--1", "+1"] {
            assert!(!is_local_number(text.as_bytes()), "{text}");
        }
        assert!(is_error(b"#NAME?") && is_error(b"NULL") && !is_error(b"#name") && !is_error(b""));
    }

    #[test]
    fn localized_dates_are_detected() {
        for text in [
            "04.03.2021",
            "4.3.21",
            "3/4/2021 9:15 AM",
            "04.03.2021 09:15:27",
            "2021/03/04, 09:15",
            "4-3-2021",
        ] {
            assert!(is_local_date(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "4",
            "4.3",
            "4.3.",
            "4.3/21",
            "10.0.0.1",
            "+4915/1/1",
            "4:3:21",
            "1.2.3-beta",
            "12345.1.1",
            "4.3.21 x",
            "2024-12-31 ",
        ] {
            assert!(!is_local_date(text.as_bytes()), "{text}");
        }
    }
}
