//! Numbers as they are written, as exact decimals: compared, and in one form. None passes through a float, but to
//! detect lost digits.

use std::cmp::Ordering;

/// A JSON number taken apart.
struct Decimal<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    /// The text after `e`, with its sign; empty without an exponent.
    exponent: &'a str,
}

/// Exponents of more than 36 digits compare as equally large.
const EXPONENT_LIMIT: i128 = 10_i128.pow(36);

/// The longest exponent that has one form; a longer one counts as it is written.
const MAX_EXPONENT_DIGITS: usize = 30;

/// Compares two JSON numbers; `-0` is `0`, and `1.0` is `1`. Allocates nothing.
pub(crate) fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (Decimal::new(one), Decimal::new(other));
    match (one.sign(), other.sign()) {
        (sign, other_sign) if sign != other_sign => sign.cmp(&other_sign),
        (0, _) => Ordering::Equal,
        (-1, _) => other.compare_magnitude(&one),
        _ => one.compare_magnitude(&other),
    }
}

impl<'a> Decimal<'a> {
    fn new(text: &'a str) -> Self {
        let unsigned = text.strip_prefix('-').unwrap_or(text);
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, ""));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        Self {
            negative: unsigned.len() < text.len(),
            whole: whole.as_bytes(),
            fraction: fraction.as_bytes(),
            exponent,
        }
    }

    fn digits(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.whole.iter().chain(self.fraction).copied()
    }

    /// The number of zeros before the first other digit.
    fn leading_zeros(&self) -> usize {
        self.digits().take_while(|digit| *digit == b'0').count()
    }

    fn sign(&self) -> i8 {
        match (self.digits().all(|digit| digit == b'0'), self.negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        }
    }

    /// Of two that are not 0.
    fn compare_magnitude(&self, other: &Self) -> Ordering {
        let (zeros, other_zeros) = (self.leading_zeros(), other.leading_zeros());
        // The power of ten of the first digit that is not 0.
        let power = |number: &Self, zeros: usize| {
            read_exponent(number.exponent) + number.whole.len() as i128 - zeros as i128
        };
        power(self, zeros).cmp(&power(other, other_zeros)).then_with(|| {
            let length = (self.whole.len() + self.fraction.len() - zeros)
                .max(other.whole.len() + other.fraction.len() - other_zeros);
            let padded = |number: &Self, zeros| {
                number.digits().chain(std::iter::repeat(b'0')).skip(zeros).take(length)
            };
            padded(self, zeros).cmp(padded(other, other_zeros))
        })
    }
}

fn read_exponent(text: &str) -> i128 {
    let digits = text.trim_start_matches(['+', '-']);
    let size = digits
        .bytes()
        .fold(0_i128, |size, digit| (size * 10 + i128::from(digit.wrapping_sub(b'0'))).min(EXPONENT_LIMIT));
    if text.starts_with('-') { -size } else { size }
}

/// Appends one form for all texts of the same number: `1.0`, `1` and `10e-1` give the same bytes, `-0` and `0` too.
///
/// `text` must be a JSON number. Exponents of more than 30 digits, which no machine writes, are compared as written.
pub(crate) fn normalise_into(text: &str, out: &mut Vec<u8>) {
    let number = Decimal::new(text);
    let from = out.len();
    if number.negative {
        out.push(b'-');
    }
    let digits = out.len();
    out.extend(number.digits().skip(number.leading_zeros()));
    let mut shift = -(number.fraction.len() as i128);
    while out.len() > digits && out.last() == Some(&b'0') {
        out.pop();
        shift += 1;
    }
    if out.len() == digits {
        out.truncate(from);
        out.push(b'0');
        return;
    }
    write_exponent(number.exponent, shift, out);
}

/// Appends `exponent` moved by `shift`.
fn write_exponent(exponent: &str, shift: i128, out: &mut Vec<u8>) {
    let (sign, digits) = match exponent.as_bytes().first() {
        Some(b'-') => (-1, &exponent[1..]),
        Some(b'+') => (1, &exponent[1..]),
        _ => (1, exponent),
    };
    let digits = digits.trim_start_matches('0');
    if digits.len() > MAX_EXPONENT_DIGITS {
        out.push(if sign < 0 { b'E' } else { b'F' });
        out.extend_from_slice(digits.as_bytes());
        out.extend_from_slice(&shift.to_le_bytes());
        return;
    }
    // At most 30 digits, so neither the parse nor the sum can overflow.
    let exponent = sign * digits.parse::<i128>().unwrap_or(0) + shift;
    if exponent != 0 {
        out.push(b'e');
        out.extend_from_slice(&exponent.to_le_bytes());
    }
}

/// Whether two texts are the same number.
pub(crate) fn are_equal(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    let (mut one, mut other) = (Vec::new(), Vec::new());
    normalise_into(left, &mut one);
    normalise_into(right, &mut other);
    one == other
}

/// Whether two different numbers are one and the same double: what a program that keeps numbers as doubles makes of
/// `9007199254740993`. Numbers too large for a double have lost more than digits.
pub(crate) fn lost_digits(left: &str, right: &str) -> bool {
    match (left.parse::<f64>(), right.parse::<f64>()) {
        (Ok(one), Ok(other)) => {
            one.is_finite() && one.to_bits() == other.to_bits() && !are_equal(left, right)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_of_one_number_are_equal() {
        for (left, right) in [
            ("1", "1.0"),
            ("1", "10e-1"),
            ("1E+2", "100"),
            ("1e0002", "100.00"),
            ("-0", "0"),
            ("0e999999999999999999999999999999999999", "0.000"),
            ("1e400", "10e399"),
            ("0.001", "1e-3"),
        ] {
            assert!(are_equal(left, right), "{left} {right}");
            assert!(!lost_digits(left, right), "{left} {right}");
        }
    }

    #[test]
    fn different_numbers_are_not() {
        for (left, right) in [
            ("1", "-1"),
            ("1", "10"),
            ("9007199254740993", "9007199254740992"),
            ("1e400", "1e401"),
            ("0.1", "0.10000000000000001"),
            ("1e99999999999999999999999999999999", "1e-99999999999999999999999999999999"),
        ] {
            assert!(!are_equal(left, right), "{left} {right}");
        }
    }

    #[test]
    fn digits_are_lost_where_both_are_one_double() {
        assert!(lost_digits("9007199254740993", "9007199254740992"));
        assert!(lost_digits("0.1", "0.10000000000000001"));
        assert!(!lost_digits("9007199254740993", "9007199254740994"));
        assert!(!lost_digits("1e400", "1e500"));
        assert!(!lost_digits("1", "2"));
    }

    /// The number written out with 40 digits on both sides of the point.
    fn spelled_out(text: &str) -> String {
        let (negative, text) = (text.starts_with('-'), text.trim_start_matches('-'));
        let lower = text.to_lowercase();
        let (mantissa, exponent) = lower.split_once('e').unwrap_or((&lower, "0"));
        let exponent: i32 = exponent.parse().unwrap();
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut all = format!("{whole:0>40}{fraction:0<40}");
        for _ in 0..exponent.unsigned_abs() {
            if exponent > 0 {
                assert_eq!(all.remove(0), '0');
                all.push('0');
            } else {
                assert_eq!(all.pop(), Some('0'));
                all.insert(0, '0');
            }
        }
        let zero = all.bytes().all(|digit| digit == b'0');
        format!("{}{all}", if negative && !zero { "-" } else { "" })
    }

    proptest! {
        #[test]
        fn equal_means_equal_when_spelled_out(
            left in "-?(0|[1-9][01]{0,3})(\\.[01]{1,4})?([eE][+-]?0?[0-4])?",
            right in "-?(0|[1-9][01]{0,3})(\\.[01]{1,4})?([eE][+-]?0?[0-4])?",
        ) {
            prop_assert_eq!(are_equal(&left, &right), spelled_out(&left) == spelled_out(&right));
        }
    }
}
