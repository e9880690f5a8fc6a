//! Parses and formats the times in exports, as milliseconds since 1970 in UTC.

use crate::json::{Kind, Value};

/// Parses an ISO 8601 date, or a date and time with at least seconds and with `Z` or an offset. A date alone is
/// midnight in UTC. Returns `None` for anything else.
pub(crate) fn parse(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (year, month, day) = (digits(bytes, 0, 4)?, digits(bytes, 5, 2)?, digits(bytes, 8, 2)?);
    if bytes[4] != b'-' || bytes[7] != b'-' || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let days = days_from_civil(year, month, day);
    if civil_from_days(days) != (year, month, day) {
        return None;
    }
    let midnight = days * 86_400_000;
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

/// Formats a time as exports do: `2025-06-01T08:00:00.000Z`.
pub(crate) fn format(millis: i64) -> String {
    let (days, rest) = (millis.div_euclid(86_400_000), millis.rem_euclid(86_400_000));
    let (year, month, day) = civil_from_days(days);
    let (hour, minute) = (rest / 3_600_000, rest / 60_000 % 60);
    let (second, fraction) = (rest / 1000 % 60, rest % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{fraction:03}Z")
}

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

/// Returns the days since 1970-01-01 of a Gregorian date. Counts years from March internally.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
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

    proptest! {
        #[test]
        fn formatted_instant_parses_to_itself(millis in -60_000_000_000_000_i64..250_000_000_000_000) {
            prop_assert_eq!(parse(&format(millis)), Some(millis));
        }

        #[test]
        fn any_text_is_parsed_without_panic(text in "\\PC{0,30}") {
            let _ = parse(&text);
        }
    }
}
