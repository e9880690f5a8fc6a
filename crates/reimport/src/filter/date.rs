//! Dates as conditions compare them: times to the millisecond, or whole days.

use std::cmp::Ordering;

use crate::instant;

/// A time, or a whole day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// Milliseconds since 1970 in UTC.
    millis: i64,
    /// Whether it was written without a time.
    whole_day: bool,
}

const DAY: i64 = 86_400_000;

/// The form of a date. A `0` means any digit.
const FORM: &[u8] = b"0000-00-00";

impl Date {
    /// Reads a day, such as `2024-05-01`, or a day with a time and its zone, such as `2024-05-01T10:00:00.250Z`.
    pub(super) fn read(text: &str) -> Option<Self> {
        // For most strings, the first bytes are enough to decide.
        if !has_date_form(text) {
            return None;
        }
        Some(Self { millis: instant::parse(text)?, whole_day: text.len() == FORM.len() })
    }

    /// Returns the order of this date compared with the date of a condition.
    pub(super) fn compare(self, asked: Self) -> Ordering {
        if asked.whole_day {
            return self.millis.div_euclid(DAY).cmp(&asked.millis.div_euclid(DAY));
        }
        self.millis.cmp(&asked.millis)
    }
}

fn has_date_form(text: &str) -> bool {
    let beginning = text.as_bytes().get(..FORM.len());
    beginning.is_some_and(|bytes| {
        bytes.iter().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
    })
}

/// Returns whether a text is intended as a date, even if it is not a valid one. `2024-05-01-draft` is a name.
pub(super) fn looks_like_one(text: &str) -> bool {
    has_date_form(text) && matches!(text.as_bytes().get(FORM.len()), None | Some(b'T' | b't' | b' '))
}

/// Days that have no date.
const RELATIVE: [&str; 4] = ["now", "today", "yesterday", "tomorrow"];

/// Returns whether a text that is not a date was most likely intended as one: `2024-1-1`, `01/02/2024`, `1.2.2024`,
/// `2024-05`, `today`. One group of digits has to be a year.
pub(super) fn is_in_another_form(text: &str) -> bool {
    let day = text.split_once([' ', 'T', 't']).map_or(text, |(day, _)| day);
    let is_written_with = |separator: char| {
        let groups: Vec<&str> = day.split(separator).collect();
        let are_numbers = groups
            .iter()
            .all(|group| matches!(group.len(), 1..=4) && group.bytes().all(|byte| byte.is_ascii_digit()));
        are_numbers && matches!(groups.len(), 2..=3) && groups.iter().any(|group| group.len() == 4)
    };
    ['-', '/', '.'].into_iter().any(is_written_with)
        || RELATIVE.iter().any(|word| text.eq_ignore_ascii_case(word))
}
