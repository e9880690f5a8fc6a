//! Dates as conditions compare them: moments to the millisecond, or whole days.

use std::cmp::Ordering;

use crate::instant;

/// A moment, or a whole day in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Date {
    /// Since 1970 in UTC.
    millis: i64,
    /// It was written without a time.
    whole_day: bool,
}

const DAY: i64 = 86_400_000;

/// `0000-00-00`
const FORM: &[u8] = b"0000-00-00";

impl Date {
    /// Reads a day, `2024-05-01`, or that with a time and its zone: `2024-05-01T10:00:00.250Z`.
    pub(super) fn read(text: &str) -> Option<Self> {
        // Most strings are told by their first bytes.
        if !begins_like_one(text) {
            return None;
        }
        Some(Self { millis: instant::parse(text)?, whole_day: text.len() == FORM.len() })
    }

    /// Where this stands beside what a condition asks for.
    pub(super) fn compare(self, asked: Self) -> Ordering {
        if asked.whole_day {
            return self.millis.div_euclid(DAY).cmp(&asked.millis.div_euclid(DAY));
        }
        self.millis.cmp(&asked.millis)
    }
}

fn begins_like_one(text: &str) -> bool {
    let beginning = text.as_bytes().get(..FORM.len());
    beginning.is_some_and(|bytes| {
        bytes.iter().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            _ => byte == form,
        })
    })
}

/// Whether a text is meant to be a date, though it may be none: `2024-05-01-draft` is a name.
pub(super) fn looks_like_one(text: &str) -> bool {
    begins_like_one(text) && matches!(text.as_bytes().get(FORM.len()), None | Some(b'T' | b't' | b' '))
}
