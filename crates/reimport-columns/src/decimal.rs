//! Exact decimal values of JSON numbers, for numbers that must not be rounded.

/// The value of a JSON number: digits without zeros at either end, times a power of ten. Equal values are equal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Parses a valid JSON number. `None` if its exponent has more than 18 digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (negative, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match rest.split_once(['e', 'E']) {
            Some((mantissa, exponent)) if exponent.len() <= 18 => (mantissa, exponent.parse::<i64>().ok()?),
            Some(_) => return None,
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|byte| byte - b'0').collect();
        let mut exponent = exponent.checked_sub_unsigned(fraction.len() as u64)?;
        while digits.last() == Some(&0) {
            digits.pop();
            exponent += 1;
        }
        let zeros = digits.iter().take_while(|digit| **digit == 0).count();
        digits.drain(..zeros);
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        Some(Self { negative, digits, exponent })
    }

    /// Returns the value times `10^scale`, if it is an integer of at most `precision` digits.
    pub(crate) fn scaled(&self, precision: u8, scale: u8) -> Option<i128> {
        let zeros = self.exponent.checked_add(i64::from(scale))?;
        let zeros = u32::try_from(zeros).ok()?;
        if self.digits.is_empty() {
            return Some(0);
        }
        // At most 38 digits, which always fit.
        (self.digits.len() as u64 + u64::from(zeros) <= u64::from(precision)).then(|| {
            let digits = self.digits.iter().fold(0_i128, |value, digit| value * 10 + i128::from(*digit));
            let value = digits * 10_i128.pow(zeros);
            if self.negative { -value } else { value }
        })
    }
}

/// Returns the double whose shortest decimal has exactly the value of a JSON number.
pub(crate) fn exact_double(text: &str) -> Option<f64> {
    let double: f64 = text.parse().ok()?;
    // The form with an exponent has the shortest decimal, and is short for every double.
    (double.is_finite() && Decimal::parse(&format!("{double:e}")) == Some(Decimal::parse(text)?))
        .then_some(double)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_equal() {
        for (one, other) in [("1", "1.0"), ("10", "1e1"), ("0.50", "5E-1"), ("-0", "0.0e9"), ("120", "1.2e2")]
        {
            assert_eq!(Decimal::parse(one), Decimal::parse(other), "{one} {other}");
        }
        for (one, other) in
            [("1", "-1"), ("1", "10"), ("0.1", "0.01"), ("9007199254740993", "9007199254740992")]
        {
            assert_ne!(Decimal::parse(one), Decimal::parse(other), "{one} {other}");
        }
        assert_eq!(Decimal::parse("1e99999999999999999999"), None);
    }

    #[test]
    fn doubles_are_exact() {
        for (text, double) in [
            ("1.5", Some(1.5)),
            ("0.1", Some(0.1)),
            ("0.10", Some(0.1)),
            ("-0.0", Some(0.0)),
            ("1e300", Some(1e300)),
            ("5e-324", Some(5e-324)),
            ("1e400", None),
            ("1e-400", None),
            ("9007199254740993", None),
            ("9007199254740992", Some(9_007_199_254_740_992.0)),
            ("0.1000000000000000055", None),
        ] {
            assert_eq!(exact_double(text), double, "{text}");
        }
    }

    #[test]
    fn scaled_values_are_never_rounded() {
        for (text, precision, scale, expected) in [
            ("1.5", 2, 1, Some(15)),
            ("1.50", 3, 2, Some(150)),
            ("1.55", 2, 1, None),
            ("10", 1, 0, None),
            ("-12e1", 3, 0, Some(-120)),
            ("0", 1, 1, Some(0)),
            ("0e-999", 1, 0, Some(0)),
            (
                "99999999999999999999999999999999999999",
                38,
                0,
                Some(99_999_999_999_999_999_999_999_999_999_999_999_999),
            ),
            ("100000000000000000000000000000000000000", 38, 0, None),
            ("1e999999999", 38, 0, None),
        ] {
            assert_eq!(Decimal::parse(text).unwrap().scaled(precision, scale), expected, "{text}");
        }
    }
}
