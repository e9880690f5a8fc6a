//! Which values fit a type, and how they are stored in a row.

use std::cmp::Ordering;

use reimport::instant;
use reimport::json::{Kind, Scanner, Value, compare_numbers, scaled_number};

use crate::column::ColumnType;

/// Whether a value fits its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fit {
    /// It fits: the column gives back what was written.
    Exact,
    /// It is in the column, but the column does not give back its form: a moment in another form.
    OtherForm,
    /// It does not fit. Nothing was stored.
    None,
}

/// Stores a value in a row: numbers in little-endian order, text after its length of 32 bits. Not for null.
pub(crate) fn store(value: &Value<'_>, is: ColumnType, row: &mut Vec<u8>) -> Fit {
    let kind = value.kind();
    match is {
        ColumnType::String | ColumnType::Text if kind == Kind::String => string(value, row),
        ColumnType::Text | ColumnType::Json => {
            text(row, |row| value.write_compact(row));
            Fit::Exact
        }
        ColumnType::Bool => fixed(value.as_bool().map(|is| [u8::from(is)]), row),
        ColumnType::Int => fixed(integer(value).map(i64::to_le_bytes), row),
        ColumnType::Double if kind == Kind::Number => {
            fixed(exact_double(value.json()).map(f64::to_le_bytes), row)
        }
        ColumnType::Decimal { precision, scale } if kind == Kind::Number => {
            fixed(scaled_number(value.json(), precision, scale).map(i128::to_le_bytes), row)
        }
        ColumnType::Timestamp if kind == Kind::String => moment(value, row),
        ColumnType::String | ColumnType::Double | ColumnType::Decimal { .. } | ColumnType::Timestamp => {
            Fit::None
        }
    }
}

/// Returns whether a column of this type gives the value back as it was written. `buffer` is for the stored value.
pub(crate) fn fits(value: &Value<'_>, is: ColumnType, buffer: &mut Vec<u8>) -> bool {
    buffer.clear();
    match is {
        // A string is not copied for this.
        ColumnType::String => {
            value.kind() == Kind::String && !(value.is_escaped() && has_lone_surrogate(value))
        }
        is => store(value, is, buffer) == Fit::Exact,
    }
}

fn fixed<const N: usize>(bytes: Option<[u8; N]>, row: &mut Vec<u8>) -> Fit {
    match bytes {
        Some(bytes) => {
            row.extend_from_slice(&bytes);
            Fit::Exact
        }
        None => Fit::None,
    }
}

/// Appends text that `write` writes, after its length.
pub(crate) fn text(row: &mut Vec<u8>, write: impl FnOnce(&mut Vec<u8>)) {
    let at = row.len();
    row.extend_from_slice(&[0; 4]);
    write(row);
    // A record is much shorter than 4 GiB.
    let length = (row.len() - at - 4) as u32;
    row[at..at + 4].copy_from_slice(&length.to_le_bytes());
}

fn string(value: &Value<'_>, row: &mut Vec<u8>) -> Fit {
    if value.is_escaped() && has_lone_surrogate(value) {
        return Fit::None;
    }
    let Some(decoded) = value.as_str() else { return Fit::None };
    text(row, |row| row.extend_from_slice(decoded.as_bytes()));
    Fit::Exact
}

fn has_lone_surrogate(value: &Value<'_>) -> bool {
    let mut scanner = Scanner::new(value.json());
    scanner.value().is_err() || scanner.lone_surrogates() > 0
}

/// Returns the integer if its text is the only form of it.
pub(crate) fn integer(value: &Value<'_>) -> Option<i64> {
    value.as_i64().filter(|_| value.json() != "-0")
}

/// Returns the double whose shortest decimal has exactly the value of a JSON number.
fn exact_double(text: &str) -> Option<f64> {
    let double: f64 = text.parse().ok()?;
    // The form with an exponent has the shortest decimal, and is short for every double.
    (double.is_finite() && compare_numbers(&format!("{double:e}"), text) == Ordering::Equal).then_some(double)
}

fn moment(value: &Value<'_>, row: &mut Vec<u8>) -> Fit {
    let Some(written) = value.as_str() else { return Fit::None };
    let Some(millis) = instant::parse(&written) else { return Fit::None };
    let bytes = written.as_bytes();
    let micros = bytes.get(20..).filter(|_| bytes[19] == b'.').map_or(0, micros_after_millis);
    row.extend_from_slice(&(millis * 1000 + micros).to_le_bytes());
    let is_exact = bytes.len() == 24
        && bytes[10] == b'T'
        && bytes[19] == b'.'
        && bytes[23] == b'Z'
        && &bytes[17..19] != b"60";
    if is_exact { Fit::Exact } else { Fit::OtherForm }
}

/// Returns the fourth to sixth digit of a fraction.
fn micros_after_millis(fraction: &[u8]) -> i64 {
    let digits = fraction.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (3..6).fold(0, |micros, at| {
        micros * 10 + fraction[..digits].get(at).map_or(0, |digit| i64::from(digit - b'0'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored(json: &str, is: ColumnType) -> (Fit, Vec<u8>) {
        let mut row = Vec::new();
        let fit = store(&Scanner::new(json).value().unwrap(), is, &mut row);
        (fit, row)
    }

    #[test]
    fn values_fit_if_the_column_gives_them_back() {
        use ColumnType::{Bool, Decimal, Double, Int, Json, String, Text, Timestamp};
        let decimal = Decimal { precision: 5, scale: 2 };
        for (json, is, fit) in [
            (r#""a\u00e9""#, String, Fit::Exact),
            (r#""\ud800""#, String, Fit::None),
            (r#""\ud83d\ude00""#, String, Fit::Exact),
            (r#""\ud800""#, Text, Fit::None),
            (r#""\ud800""#, Json, Fit::Exact),
            ("5", String, Fit::None),
            ("1e400", Text, Fit::Exact),
            ("[1]", String, Fit::None),
            ("true", Bool, Fit::Exact),
            (r#""true""#, Bool, Fit::None),
            ("9223372036854775807", Int, Fit::Exact),
            ("-9223372036854775808", Int, Fit::Exact),
            ("9223372036854775808", Int, Fit::None),
            ("-0", Int, Fit::None),
            ("5.0", Int, Fit::None),
            ("5e0", Int, Fit::None),
            (r#""5""#, Int, Fit::None),
            ("1.50", Double, Fit::Exact),
            ("1e400", Double, Fit::None),
            ("9007199254740993", Double, Fit::None),
            ("123.45", decimal, Fit::Exact),
            ("1234.5", decimal, Fit::None),
            ("1.234", decimal, Fit::None),
            (r#""1""#, decimal, Fit::None),
            (r#""2025-06-01T08:00:00.000Z""#, Timestamp, Fit::Exact),
            (r#""2025-06-01T08:00:00.000z""#, Timestamp, Fit::OtherForm),
            (r#""2025-06-01 08:00:00.000Z""#, Timestamp, Fit::OtherForm),
            (r#""2025-06-01T08:00:00Z""#, Timestamp, Fit::OtherForm),
            (r#""2025-06-01T08:00:00+00:00""#, Timestamp, Fit::OtherForm),
            (r#""2016-12-31T23:59:60.000Z""#, Timestamp, Fit::OtherForm),
            (r#""2025-06-01""#, Timestamp, Fit::OtherForm),
            (r#""2025-06-31T08:00:00.000Z""#, Timestamp, Fit::None),
            ("1748764800000", Timestamp, Fit::None),
        ] {
            let (found, row) = stored(json, is);
            assert_eq!(found, fit, "{json} {is}");
            assert_eq!(row.is_empty(), fit == Fit::None, "{json} {is}");
        }
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
    fn moments_keep_their_microseconds() {
        for (json, micros) in [
            (r#""1970-01-01T00:00:00.001Z""#, 1000),
            (r#""1969-12-31T23:59:59.999Z""#, -1000),
            (r#""1970-01-01T00:00:00.0012345Z""#, 1234),
            (r#""1970-01-01T00:00:00.12Z""#, 120_000),
            (r#""1970-01-01T01:00:00.000001+01:00""#, 1),
            (r#""1970-01-02""#, 86_400_000_000),
        ] {
            assert_eq!(stored(json, ColumnType::Timestamp).1, i64::to_le_bytes(micros), "{json}");
        }
    }

    #[test]
    fn text_has_its_length_before_it() {
        assert_eq!(stored(r#"{"a": [1 ,2]}"#, ColumnType::Text).1, *b"\x0b\0\0\0{\"a\":[1,2]}");
        assert_eq!(stored(r#""\u0061""#, ColumnType::Text).1, *b"\x01\0\0\0a");
        assert_eq!(stored(r#""\u0061""#, ColumnType::Json).1, *b"\x08\0\0\0\"\\u0061\"");
    }
}
