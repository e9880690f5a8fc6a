//! Compares dates with a naive count of the days of a calendar.

use std::cmp::Ordering;

use proptest::prelude::*;

use crate::filter::date::Date;

fn compare(one: &str, other: &str) -> Ordering {
    Date::read(one).unwrap().compare(Date::read(other).unwrap())
}

#[test]
fn spellings_of_one_instant_are_equal() {
    for spelling in [
        "2024-02-29T10:00:00Z",
        "2024-02-29T10:00:00z",
        "2024-02-29t10:00:00.000Z",
        "2024-02-29 12:00:00+02:00",
        "2024-02-29T12:00:00.0+0200",
        "2024-03-01T00:30:00.000999+14:30",
    ] {
        assert_eq!(compare(spelling, "2024-02-29T10:00:00.000Z"), Ordering::Equal, "{spelling}");
        assert_eq!(compare(spelling, "2024-02-29T10:00:00.001Z"), Ordering::Less, "{spelling}");
        assert_eq!(compare(spelling, "2024-02-29T09:59:59.999Z"), Ordering::Greater, "{spelling}");
    }
}

#[test]
fn date_condition_covers_the_whole_day() {
    assert_eq!(compare("2024-05-01T23:59:59.999Z", "2024-05-01"), Ordering::Equal);
    assert_eq!(compare("2024-05-02T00:00:00Z", "2024-05-01"), Ordering::Greater);
    assert_eq!(compare("2024-05-02T00:30:00+01:00", "2024-05-01"), Ordering::Equal);
    assert_eq!(compare("2024-05-01", "2024-05-01"), Ordering::Equal);
    // A date without a time in a record is the start of its day.
    assert_eq!(compare("2024-05-01", "2024-05-01T00:00:00Z"), Ordering::Equal);
    assert_eq!(compare("2024-05-01", "2024-05-01T12:00:00Z"), Ordering::Less);
}

#[test]
fn invalid_dates_are_not_read() {
    for text in [
        "",
        "2024",
        "2024-05",
        "2024-5-01",
        "2024-13-01",
        "2024-00-10",
        "2024-02-30",
        "2023-02-29",
        "1900-02-29",
        "2024-05-01T",
        "2024-05-01T10",
        "2024-05-01T24:00Z",
        "2024-05-01T10:60Z",
        "2024-05-01T10:00:61Z",
        "2024-05-01T10:00:00",
        "2024-05-01T10:00.5Z",
        "2024-05-01T10:00:00.Z",
        "2024-05-01T10:00:00.5x",
        "2024-05-01T10:00:00Zx",
        "2024-05-01T10:00:00+1",
        "2024-05-01x10:00",
        "2024-05-01é",
        "+024-05-01",
    ] {
        assert_eq!(Date::read(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn days_follow_the_calendar(year in 0_u32..9999, month in 1_u32..=12, day in 1_u32..=31) {
        let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
        let length = match month { 2 => 28 + u32::from(leap), 4 | 6 | 9 | 11 => 30, _ => 31 };
        let text = format!("{year:04}-{month:02}-{day:02}");
        prop_assert_eq!(Date::read(&text).is_some(), day <= length);
        if day <= length {
            let next = if day < length { (year, month, day + 1) }
                else if month < 12 { (year, month + 1, 1) }
                else { (year + 1, 1, 1) };
            // A leap second at the end of a day is the start of the next day.
            let last = format!("{text}T23:59:60Z");
            let first = format!("{:04}-{:02}-{:02}T00:00:00Z", next.0, next.1, next.2);
            prop_assert_eq!(compare(&last, &first), Ordering::Equal);
        }
    }

    #[test]
    fn any_text_is_parsed_without_panic(text in "[0-9T:Z+.\\- é-]{0,30}|\\PC*") {
        let _ = Date::read(&text);
    }
}
