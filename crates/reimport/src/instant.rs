//! Parses and formats the times in exports, as milliseconds since 1970 in UTC.
//!
//! `jiff` provides the calendar. The form is checked here, because the parser of `jiff` accepts more: `20250601`, which is
//! an id; `2025-06-01T08:00:00,5[Europe/Berlin]`; and second 60 as second 59. It also accepts less: at most nine decimals,
//! and no timestamp on the last day of 9999, which some systems write for "never".

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};

use crate::json::{Kind, Value};

/// Parses an ISO 8601 date, or a date and time with at least seconds and with `Z` or an offset. A date alone is
/// midnight in UTC. Returns `None` for anything else. Digits after the milliseconds are dropped.
///
/// ```
/// use reimport::instant::parse;
///
/// assert_eq!(parse("2025-06-01T08:00:00.000Z"), Some(1_748_764_800_000));
/// assert_eq!(parse("2025-06-01T10:30:00+02:30"), Some(1_748_764_800_000));
/// assert_eq!(parse("20250601"), None);
/// ```
pub fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (year, month, day) = (digits(bytes, 0, 4)?, digits(bytes, 5, 2)?, digits(bytes, 8, 2)?);
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let date = Date::new(year as i16, month as i8, day as i8).ok()?;
    let midnight = date.duration_since(EPOCH.date()).as_secs() * 1000;
    if bytes.len() == 10 {
        return Some(midnight);
    }
    let (hour, minute, second) = (digits(bytes, 11, 2)?, digits(bytes, 14, 2)?, digits(bytes, 17, 2)?);
    let between = matches!(bytes[10], b'T' | b't' | b' ') && bytes[13] == b':' && bytes[16] == b':';
    if !between || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, zone) = fraction(&bytes[19..])?;
    let offset = offset(zone)?;
    Some(midnight + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction)
}

/// Reads the time in a JSON value: an ISO 8601 string, milliseconds since 1970, or one of these in the extended
/// JSON of the hash export, such as `{"$date":"2025-06-01T08:00:00.000Z"}` and
/// `{"$date":{"$numberLong":"1748764800000"}}`.
pub(crate) fn of_value(value: Value<'_>) -> Option<i64> {
    match value.kind() {
        Kind::String => {
            let text = value.as_str()?;
            parse(&text).or_else(|| text.parse().ok())
        }
        Kind::Number => {
            let text = value.json();
            // A number with a fraction or an exponent goes through `f64`. Fractions of a millisecond are dropped.
            text.parse().ok().or_else(|| text.parse().ok().map(|number: f64| number as i64))
        }
        Kind::Object => {
            let mut scanner = crate::json::Scanner::new(value.json());
            scanner.enter_object().ok()?;
            let mut inner = None;
            while let Ok(Some(name)) = scanner.name() {
                let value = scanner.value().ok()?;
                if name.is("$date") || name.is("$numberLong") {
                    inner = Some(value);
                }
            }
            // The recursion is bounded by the maximum nesting of a record.
            of_value(inner?)
        }
        Kind::Array | Kind::Boolean | Kind::Null => None,
    }
}

/// Formats a time as exports do: `2025-06-01T08:00:00.000Z`. A time after the year 9999 is formatted as milliseconds.
///
/// ```
/// assert_eq!(reimport::instant::format(1_748_764_800_120), "2025-06-01T08:00:00.120Z");
/// ```
pub fn format(millis: i64) -> String {
    match EPOCH.checked_add(SignedDuration::from_millis(millis)) {
        Ok(moment) => format!("{moment:.3}Z"),
        Err(_) => millis.to_string(),
    }
}

const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

fn digits(bytes: &[u8], at: usize, count: usize) -> Option<i64> {
    bytes
        .get(at..at + count)?
        .iter()
        .try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

/// Parses an optional fraction at the start of `bytes`. Returns its milliseconds and the rest.
fn fraction(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let Some(rest) = bytes.strip_prefix(b".") else { return Some((0, bytes)) };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let millis = (0..3)
        .fold(0, |number, at| number * 10 + rest[..count].get(at).map_or(0, |byte| i64::from(byte - b'0')));
    (count > 0).then(|| (millis, &rest[count..]))
}

/// Parses a time zone. Returns the minutes east of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    let sign = match zone.first()? {
        b'Z' | b'z' if zone.len() == 1 => return Some(0),
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let minutes_at = match (zone.len(), zone.get(3)) {
        (6, Some(b':')) => 4,
        (5, _) => 3,
        _ => return None,
    };
    Some(sign * (digits(zone, 1, 2)? * 60 + digits(zone, minutes_at, 2)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::json::Scanner;

    #[test]
    fn timestamps_are_parsed() {
        for (text, millis) in [
            ("1970-01-01T00:00:00.000Z", 0),
            ("1969-12-31T23:59:59.999Z", -1),
            ("2025-06-01T08:00:00.000Z", 1_748_764_800_000),
            ("2025-06-01T08:00:00Z", 1_748_764_800_000),
            ("2025-06-01T10:30:00.000+02:30", 1_748_764_800_000),
            ("2025-06-01T07:00:00-0100", 1_748_764_800_000),
            ("2025-06-01T08:00:00.1239Z", 1_748_764_800_123),
            ("2025-06-01 08:00:00.5Z", 1_748_764_800_500),
            ("2020-02-29", 1_582_934_400_000),
            ("2000-02-29", 951_782_400_000),
            ("0000-01-01", -62_167_219_200_000),
            ("9999-12-31", 253_402_214_400_000),
            ("9999-12-31T23:59:59.999Z", 253_402_300_799_999),
            ("9999-12-31T23:59:59-11:30", 253_402_342_199_000),
            ("2016-12-31T23:59:60Z", 1_483_228_800_000),
            ("2025-06-01t08:00:00.123456789012z", 1_748_764_800_123),
        ] {
            assert_eq!(parse(text), Some(millis), "{text}");
        }
    }

    #[test]
    fn invalid_timestamps_are_not_parsed() {
        for text in [
            "",
            "2025",
            "2025-06-01T",
            "2025-13-01",
            "2023-02-29",
            "1900-02-29",
            "2025-00-01",
            "2025-06-00",
            "2025-06-31",
            "20250601",
            "20250601T080000Z",
            "2025-06-01T08:00:00,5Z",
            "2025-06-01T08:00:00Z[UTC]",
            "2025-06-01T08:00:00[UTC]",
            "2025-06-01T08:00Z",
            "2025-06-01T08Z",
            "+002025-06-01",
            "-2025-06-01",
            "2025-W22-7",
            "2025-06-01T08:00:00",
            "2025-06-01T24:00:00Z",
            "2025-06-01T08:00:00.Z",
            "2025-06-01T08:00:00+2",
            "2025/06/01",
            "yesterday",
            "2025-06-01T08:00:00Zulu",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn every_date_form_of_the_hash_export_is_parsed() {
        for (json, millis) in [
            (r#""2025-06-01T08:00:00.000Z""#, Some(1_748_764_800_000)),
            (r#"{"$date":"2025-06-01T08:00:00.000Z"}"#, Some(1_748_764_800_000)),
            (r#"{"$date":{"$numberLong":"1748764800000"}}"#, Some(1_748_764_800_000)),
            (r#"{"$date":1748764800000}"#, Some(1_748_764_800_000)),
            ("1748764800000", Some(1_748_764_800_000)),
            (r#"{"$numberLong":"-1"}"#, Some(-1)),
            ("1.5e3", Some(1500)),
            (r#"{"$oid":"x"}"#, None),
            (r#""never""#, None),
            ("null", None),
            ("[]", None),
        ] {
            assert_eq!(of_value(Scanner::new(json).value().unwrap()), millis, "{json}");
        }
    }

    #[test]
    fn formats_instants_as_exports_do() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (1_748_764_800_120, "2025-06-01T08:00:00.120Z"),
            (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
            (253_402_300_800_000, "253402300800000"),
            (i64::MAX, "9223372036854775807"),
        ] {
            assert_eq!(format(millis), text);
        }
    }

    fn is_leap(year: i64) -> bool {
        year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    }

    /// Returns the days since 1970 of a date, counted year by year and month by month. `None` if the day does not exist.
    fn naive_days(year: i64, month: i64, day: i64) -> Option<i64> {
        let lengths = [31, 28 + i64::from(is_leap(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let month = usize::try_from(month - 1).ok().filter(|month| *month < 12)?;
        let years =
            |years: std::ops::Range<i64>| years.map(|year| 365 + i64::from(is_leap(year))).sum::<i64>();
        let days = years(1970..year) - years(year..1970) + lengths[..month].iter().sum::<i64>() + day - 1;
        (1..=lengths[month]).contains(&day).then_some(days)
    }

    proptest! {
        #[test]
        fn parsed_instant_equals_counted_days(
            (year, month, day) in (0..=9999_i64, 0..=13_i64, 0..=32_i64),
            (hour, minute, second, fraction) in (0..=24_i64, 0..=60_i64, 0..=61_i64, 0..1000_i64),
            (east, offset) in (any::<bool>(), 0..100_i64),
        ) {
            let sign = if east { '+' } else { '-' };
            let date = format!("{year:04}-{month:02}-{day:02}");
            let text = format!("{date}T{hour:02}:{minute:02}:{second:02}.{fraction:03}{sign}{offset:02}:15");
            let midnight = naive_days(year, month, day).map(|days| days * 86_400_000);
            prop_assert_eq!(parse(&date), midnight);
            let minutes = (offset * 60 + 15) * if east { -1 } else { 1 };
            let expected = midnight.filter(|_| hour < 24 && minute < 60 && second < 61).map(|midnight| {
                midnight + ((hour * 60 + minute + minutes) * 60 + second) * 1000 + fraction
            });
            prop_assert_eq!(parse(&text), expected);
        }

        #[test]
        fn formatted_instant_parses_to_itself(millis in -62_167_219_200_000_i64..253_402_300_800_000) {
            prop_assert_eq!(parse(&format(millis)), Some(millis));
        }

        #[test]
        fn any_text_is_parsed_without_panic(text in "\\PC{0,30}") {
            let _ = parse(&text);
        }
    }
}
