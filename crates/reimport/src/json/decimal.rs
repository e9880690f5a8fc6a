//! Exact decimal comparison and normalization of JSON numbers. Converts to a float only to detect lost digits.

use std::cmp::Ordering;

/// The parts of a JSON number.
struct Decimal<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    /// The text after `e`, including its sign. Empty if there is no exponent.
    exponent: &'a str,
}

/// All larger exponents are compared as this one. Only exponents of more than 36 digits reach it.
const EXPONENT_LIMIT: i128 = 10_i128.pow(36);

/// The maximum number of exponent digits that are normalized. A longer exponent is kept as written.
const MAX_EXPONENT_DIGITS: usize = 30;

/// The maximum number of digits of a [scaled] number. All of them fit 128 bits.
const MAX_SCALED_DIGITS: u8 = 38;

/// Compares two JSON numbers by value: `-0` equals `0`, and `1.0` equals `1`. No digit is rounded. Does not allocate.
///
/// Both must be JSON numbers. Exponents of more than 36 digits count as equal.
///
/// ```
/// use std::cmp::Ordering;
///
/// use reimport::json::compare_numbers;
///
/// assert_eq!(compare_numbers("1e2", "100.0"), Ordering::Equal);
/// assert_eq!(compare_numbers("9007199254740993", "9007199254740992"), Ordering::Greater);
/// ```
pub fn compare(one: &str, other: &str) -> Ordering {
    let (one, other) = (Decimal::new(one), Decimal::new(other));
    match (one.sign(), other.sign()) {
        (sign, other_sign) if sign != other_sign => sign.cmp(&other_sign),
        (0, _) => Ordering::Equal,
        (-1, _) => other.compare_magnitude(&one),
        _ => one.compare_magnitude(&other),
    }
}

/// Returns the value of a JSON number times `10^scale`, if that is an integer of at most `precision` digits. Never rounds.
///
/// `text` must be a JSON number. `precision` is at most 38, because more digits do not fit the result; a larger one counts
/// as 38.
///
/// ```
/// use reimport::json::scaled_number;
///
/// assert_eq!(scaled_number("12.50", 4, 2), Some(1250));
/// assert_eq!(scaled_number("1.2e1", 2, 0), Some(12));
/// assert_eq!(scaled_number("12.505", 10, 2), None);
/// assert_eq!(scaled_number("100", 2, 0), None);
/// ```
pub fn scaled(text: &str, precision: u8, scale: u8) -> Option<i128> {
    let number = Decimal::new(text);
    if number.sign() == 0 {
        return Some(0);
    }
    let trailing = number.digits().rev().take_while(|digit| *digit == b'0').count();
    let leading = number.leading_zeros();
    let significant = number.whole.len() + number.fraction.len() - leading - trailing;
    let shift = trailing as i128 - number.fraction.len() as i128 + i128::from(scale);
    let zeros = u8::try_from(read_exponent(number.exponent) + shift).ok()?;
    if significant + usize::from(zeros) > usize::from(precision.min(MAX_SCALED_DIGITS)) {
        return None;
    }
    let digits = number.digits().skip(leading).take(significant);
    let value = digits.fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
    let value = value * 10_i128.pow(u32::from(zeros));
    Some(if number.negative { -value } else { value })
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

    fn digits(&self) -> impl DoubleEndedIterator<Item = u8> + use<'a> {
        self.whole.iter().chain(self.fraction).copied()
    }

    /// Returns the number of zeros before the first nonzero digit.
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

    /// Compares the absolute values of two nonzero numbers.
    fn compare_magnitude(&self, other: &Self) -> Ordering {
        let (zeros, other_zeros) = (self.leading_zeros(), other.leading_zeros());
        // The power of ten of the first nonzero digit.
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

/// Appends a normalized form of `text`, which is the same for all spellings of a number: `1.0`, `1` and `10e-1`
/// give the same bytes, and so do `-0` and `0`.
///
/// `text` must be a JSON number. Exponents of more than 30 digits are kept as written; no program writes such
/// numbers.
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

/// Appends the sum of `exponent` and `shift`.
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

/// Returns `true` if two JSON numbers have the same value.
pub(crate) fn are_equal(left: &str, right: &str) -> bool {
    if left == right {
        return true;
    }
    let (mut one, mut other) = (Vec::new(), Vec::new());
    normalise_into(left, &mut one);
    normalise_into(right, &mut other);
    one == other
}

/// Returns `true` if two different numbers are the same `f64`. A program that stores numbers as doubles loses the
/// last digits of `9007199254740993` this way. Returns `false` for numbers that are too large for an `f64`: they
/// lose more than digits.
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
    fn spellings_of_one_number_are_equal() {
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
    fn different_numbers_are_not_equal() {
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
    fn digits_are_lost_if_both_round_to_one_double() {
        assert!(lost_digits("9007199254740993", "9007199254740992"));
        assert!(lost_digits("0.1", "0.10000000000000001"));
        assert!(!lost_digits("9007199254740993", "9007199254740994"));
        assert!(!lost_digits("1e400", "1e500"));
        assert!(!lost_digits("1", "2"));
    }

    #[test]
    fn scaled_numbers_are_never_rounded() {
        let nines = "9".repeat(38);
        for (text, precision, scale, expected) in [
            ("1.5", 2, 1, Some(15)),
            ("1.50", 3, 2, Some(150)),
            ("1.55", 2, 1, None),
            ("10", 1, 0, None),
            ("-12e1", 3, 0, Some(-120)),
            ("0.0120e4", 3, 0, Some(120)),
            ("0", 1, 1, Some(0)),
            ("0e-999", 1, 0, Some(0)),
            (&nines, 38, 0, nines.parse().ok()),
            (&format!("{nines}0"), 38, 0, None),
            (&format!("{nines}0"), 39, 0, None),
            ("1e999999999999999999999", 38, 0, None),
            ("1e-999999999999999999999", 38, 38, None),
        ] {
            assert_eq!(scaled(text, precision, scale), expected, "{text}");
        }
    }

    /// Returns the number with 40 digits on each side of the decimal point.
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
        fn equality_agrees_with_expanded_digits(
            left in "-?(0|[1-9][01]{0,3})(\\.[01]{1,4})?([eE][+-]?0?[0-4])?",
            right in "-?(0|[1-9][01]{0,3})(\\.[01]{1,4})?([eE][+-]?0?[0-4])?",
        ) {
            prop_assert_eq!(are_equal(&left, &right), spelled_out(&left) == spelled_out(&right));
        }
    }
}
