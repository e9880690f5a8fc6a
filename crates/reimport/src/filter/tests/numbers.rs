//! Compares the exact decimal comparison with a comparison of written-out digits.

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::json::decimal::compare;

/// Returns the digits of a number, written out with 60 digits on both sides of the decimal point.
fn written_out(text: &str) -> (bool, String) {
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i32 = exponent.parse().unwrap();
    let digits = format!("{whole}{fraction}");
    let point = i32::try_from(whole.len()).unwrap() + exponent;
    let places: String = (-60..60)
        .map(|place| {
            let index = point + place;
            usize::try_from(index).ok().and_then(|index| digits.chars().nth(index)).unwrap_or('0')
        })
        .collect();
    (negative && places.bytes().any(|digit| digit != b'0'), places)
}

fn naive(one: &str, other: &str) -> Ordering {
    match (written_out(one), written_out(other)) {
        ((false, one), (false, other)) => one.cmp(&other),
        ((true, one), (true, other)) => other.cmp(&one),
        ((negative, _), (other_negative, _)) => other_negative.cmp(&negative),
    }
}

fn number() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,3})(\\.[0-9]{1,4})?([eE][+-]?0?[0-9])?"
}

proptest! {
    #[test]
    fn numbers_compare_by_exact_value(one in number(), other in number()) {
        prop_assert_eq!(compare(&one, &other), naive(&one, &other), "{} {}", one, other);
        prop_assert_eq!(compare(&one, &one), Ordering::Equal);
    }
}

#[test]
fn numbers_compare_beyond_double_precision() {
    for (one, other, expected) in [
        ("9007199254740993", "9007199254740992", Ordering::Greater),
        ("0.1", "0.10000000000000000001", Ordering::Less),
        ("1e400", "1e401", Ordering::Less),
        ("-1e400", "1", Ordering::Less),
        ("1e400", "10e399", Ordering::Equal),
        ("1E-400", "0", Ordering::Greater),
        ("-0", "0.0e9", Ordering::Equal),
        ("1e99999999999999999999", "1e99999999999999999998", Ordering::Greater),
        ("1e-99999999999999999999999999999999999999999999", "0", Ordering::Greater),
        ("100", "1e2", Ordering::Equal),
    ] {
        assert_eq!(compare(one, other), expected, "{one} {other}");
        assert_eq!(compare(other, one), expected.reverse(), "{other} {one}");
    }
}
