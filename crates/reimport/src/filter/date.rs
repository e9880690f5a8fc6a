//! Dates and times of ISO 8601, as points in time.

use std::cmp::Ordering;

/// A point in time, or a whole day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Date<F> {
    /// Seconds since 0000-03-01 or any other day: only the order counts.
    seconds: i64,
    /// The digits of the fraction of the second, without zeros at the end.
    fraction: F,
    /// It was written without a time.
    whole_day: bool,
}

const DAY: i64 = 86_400;

impl<'t> Date<&'t str> {
    /// Reads `2024-05-01`, or that with a time: `T10:00`, `T10:00:30`, `T10:00:30.25`, and then `Z`, an offset like
    /// `+02:00`, `+0200` or `+02`, or nothing, which is UTC. A space may stand for the `T`.
    pub(super) fn read(text: &'t str) -> Option<Self> {
        let (day, rest) = text.split_at_checked(10)?;
        let days = days(day)?;
        if rest.is_empty() {
            return Some(Self { seconds: days * DAY, fraction: "", whole_day: true });
        }
        let rest = rest.strip_prefix(['T', 't', ' '])?;
        let (clock, offset) = rest.split_at(rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len()));
        let (clock, fraction) =
            clock.split_once('.').map_or((clock, None), |(clock, rest)| (clock, Some(rest)));
        // A fraction is one of seconds.
        let seconds = seconds(clock).filter(|_| fraction.is_none() || clock.len() == "10:00:30".len())?;
        if fraction.is_some_and(|digits| digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit())) {
            return None;
        }
        Some(Self {
            seconds: days * DAY + seconds - read_offset(offset)?,
            fraction: fraction.unwrap_or("").trim_end_matches('0'),
            whole_day: false,
        })
    }

    pub(super) fn into_owned(self) -> Date<Box<str>> {
        Date { seconds: self.seconds, fraction: self.fraction.into(), whole_day: self.whole_day }
    }

    /// Where this stands beside what a condition asks for.
    pub(super) fn compare(&self, asked: &Date<Box<str>>) -> Ordering {
        if asked.whole_day {
            return self.seconds.div_euclid(DAY).cmp(&asked.seconds.div_euclid(DAY));
        }
        // Without zeros at their ends, fractions stand in the order of their digits.
        self.seconds.cmp(&asked.seconds).then_with(|| self.fraction.cmp(&*asked.fraction))
    }
}

/// Whether a text is written as a date begins: `0000-00-00`.
pub(super) fn looks_like_one(text: &str) -> bool {
    let form = b"0000-00-00";
    let beginning = text.bytes().zip(form).all(|(byte, form)| match form {
        b'0' => byte.is_ascii_digit(),
        _ => byte == *form,
    });
    // `2024-05-01-draft` is a name.
    text.len() >= form.len()
        && beginning
        && matches!(text.as_bytes().get(10), None | Some(b'T' | b't' | b' '))
}

/// Days since some day, of `YYYY-MM-DD`.
fn days(text: &str) -> Option<i64> {
    let (year, rest) = text.split_once('-')?;
    let (month, day) = rest.split_once('-')?;
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].into_iter();
    let before: i64 = lengths.by_ref().take(usize::try_from(month - 1).ok()?).sum();
    if !(1..=lengths.next()?).contains(&day) {
        return None;
    }
    let years = year + 399;
    Some(years * 365 + years / 4 - years / 100 + years / 400 + before + day)
}

/// Seconds since midnight, of `hh:mm` or `hh:mm:ss`.
fn seconds(clock: &str) -> Option<i64> {
    let (hour, rest) = clock.split_once(':')?;
    let (minute, second) = rest.split_once(':').unwrap_or((rest, "00"));
    let (hour, minute, second) = (digits(hour, 2)?, digits(minute, 2)?, digits(second, 2)?);
    // A leap second has the number 60.
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Seconds ahead of UTC.
fn read_offset(text: &str) -> Option<i64> {
    let size = match text {
        "" | "Z" | "z" => return Some(0),
        _ => text.get(1..)?,
    };
    let (hour, minute) = match size.split_once(':') {
        Some(parts) => parts,
        None if size.len() == 2 => (size, "00"),
        None => size.split_at_checked(2)?,
    };
    let size = digits(hour, 2).filter(|hour| *hour < 24)? * 3600
        + digits(minute, 2).filter(|minute| *minute < 60)? * 60;
    match text.as_bytes()[0] {
        b'+' => Some(size),
        b'-' => Some(-size),
        _ => None,
    }
}

/// The number that `text` is, where it has just so many digits and nothing else.
fn digits(text: &str, count: usize) -> Option<i64> {
    let plain = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}
