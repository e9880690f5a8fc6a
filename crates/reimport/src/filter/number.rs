//! Numbers compared by their exact decimal value, as they are written: no `f64`, no allocation.

use std::cmp::Ordering;

/// A JSON number taken apart.
struct Decimal<'a> {
    negative: bool,
    whole: &'a [u8],
    fraction: &'a [u8],
    /// Saturated: exponents of more than 36 digits count as equally large.
    exponent: i128,
}

const EXPONENT_LIMIT: i128 = 10_i128.pow(36);

/// Compares two JSON numbers; `-0` is `0`, and `1.0` is `1`.
pub(super) fn compare(one: &str, other: &str) -> Ordering {
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
        let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        Self {
            negative: unsigned.len() < text.len(),
            whole: whole.as_bytes(),
            fraction: fraction.as_bytes(),
            exponent: read_exponent(exponent),
        }
    }

    fn digits(&self) -> impl Iterator<Item = u8> + use<'a> {
        self.whole.iter().chain(self.fraction).copied()
    }

    /// How many zeros stand before the first other digit.
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
        let power =
            |number: &Self, zeros: usize| number.exponent + number.whole.len() as i128 - zeros as i128;
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
