//! A trait for time, so that tests with hours of waiting take milliseconds. Also formats and parses the dates of
//! HTTP and the API.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// The current date, the elapsed time, and pauses.
pub trait Clock: Debug + Send + Sync {
    /// Returns the current date and time. It can be changed, also backwards, so it is used only for dates in
    /// output.
    fn now(&self) -> SystemTime;
    /// Returns the time since a fixed moment in the past. It never goes backwards. All pauses and limits use it.
    fn elapsed(&self) -> Duration;
    /// Waits for `time`.
    fn sleep(&self, time: Duration);
}

/// The system clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn elapsed(&self) -> Duration {
        static START: OnceLock<Instant> = OnceLock::new();
        START.get_or_init(Instant::now).elapsed()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}

/// A clock for tests. Its time changes only by `sleep`, which returns immediately.
///
/// Clones share the same time.
///
/// ```
/// use reimport_jobs::{Clock, ManualClock};
/// use std::time::Duration;
///
/// let clock = ManualClock::default();
/// let before = clock.now();
/// clock.sleep(Duration::from_secs(3600));
/// assert_eq!(clock.now(), before + Duration::from_secs(3600));
/// clock.set(before);
/// assert_eq!((clock.now(), clock.elapsed()), (before, Duration::from_secs(3600)));
/// ```
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<Moment>>);

#[derive(Debug, Clone, Copy)]
struct Moment {
    date: SystemTime,
    elapsed: Duration,
}

impl Default for ManualClock {
    /// Starts on a fixed date, so that test results are reproducible.
    fn default() -> Self {
        let date = SystemTime::UNIX_EPOCH + Duration::from_hours(496_450);
        Self(Arc::new(Mutex::new(Moment { date, elapsed: Duration::ZERO })))
    }
}

impl ManualClock {
    /// Sets the date, as a user may do on a real machine. The elapsed time does not change.
    pub fn set(&self, date: SystemTime) {
        self.moment().date = date;
    }

    fn moment(&self) -> MutexGuard<'_, Moment> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for ManualClock {
    fn now(&self) -> SystemTime {
        self.moment().date
    }

    fn elapsed(&self) -> Duration {
        self.moment().elapsed
    }

    fn sleep(&self, time: Duration) {
        let mut moment = self.moment();
        moment.elapsed = moment.elapsed.saturating_add(time);
        moment.date = moment.date.checked_add(time).unwrap_or(moment.date);
    }
}

/// Returns the seconds since 1970, or 0 for an earlier date.
#[cfg(any(test, feature = "fake-tenant"))]
pub(crate) fn epoch_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Formats a date as the API does: `2026-08-20T10:00:00.000Z`.
pub(crate) fn date_text(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (year, month, day) = civil(since.as_secs() / 86_400);
    let second = since.as_secs() % 86_400;
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{:03}Z", since.subsec_millis())
}

/// Returns year, month and day of a number of days since 1970.
fn civil(days: u64) -> (u64, u64, u64) {
    // Years are counted from March 0000, so that the leap day is the last day of its year.
    let day = days + 719_468;
    let (era, day) = (day / 146_097, day % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (month, carried) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era * 400 + year + carried;
    (year, month, day)
}

/// Parses the date format of HTTP's `Date` and `Retry-After`, `Sun, 20 Aug 2026 10:00:00 GMT`. Returns seconds
/// since 1970. The obsolete formats, which servers must not send, are not accepted.
pub(crate) fn http_date(text: &str) -> Option<u64> {
    let (_, text) = text.trim().split_once(", ")?;
    let mut words = text.split(' ');
    let mut word = || words.next();
    let (day, month, year, time) = (word()?, word()?, word()?, word()?);
    if word() != Some("GMT") || word().is_some() {
        return None;
    }
    let month = MONTHS.iter().position(|name| *name == month)? as u64 + 1;
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    if !(1970..=9999).contains(&year) {
        return None;
    }
    let mut parts = time.split(':').map(|part| part.parse::<u64>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    if parts.next().is_some() || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    // As in `civil`, years and months are counted from March.
    let (shifted, from_march) = (year - u64::from(month <= 2), (month + 9) % 12);
    let day_of_year = (153 * from_march + 2) / 5 + day.checked_sub(1)?.min(31);
    let (era, of_era) = (shifted / 400, shifted % 400);
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    let days = days.checked_sub(719_468).filter(|days| civil(*days) == (year, month, day))?;
    Some(days * 86_400 + hour * 3600 + minute * 60 + second)
}

/// The inverse of [`http_date`].
#[cfg(any(test, feature = "fake-tenant"))]
pub(crate) fn http_date_text(time: SystemTime) -> String {
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let seconds = epoch_seconds(time);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let [weekday, month] = [DAYS[(days % 7) as usize], MONTHS[month as usize - 1]];
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// Formats a number of seconds in a suitable unit: `3 s`, `5 min`, `2 h 10 min`.
///
/// ```
/// assert_eq!(reimport_jobs::duration_text(7800), "2 h 10 min");
/// ```
pub fn duration_text(seconds: u64) -> String {
    match seconds {
        0..=89 => format!("{seconds} s"),
        90..=5399 => format!("{} min", (seconds + 30) / 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_dates_as_the_api_does() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_399, "2000-02-28T23:59:59.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (1_709_164_800, "2024-02-29T00:00:00.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (1_787_220_000, "2026-08-20T10:00:00.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(date_text(time), text);
        }
    }
    #[test]
    fn http_dates_round_trip_and_other_formats_are_rejected() {
        assert_eq!(http_date("Thu, 20 Aug 2026 10:00:00 GMT"), Some(1_787_220_000));
        for seconds in (0..4_200_000_000).step_by(86_399 * 11) {
            let text = http_date_text(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(http_date(&text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "now",
            "Thu, 20 Aug 2026 10:00:00",
            "Thu, 31 Feb 2026 10:00:00 GMT",
            "Thu, 20 Aug 2026 25:00:00 GMT",
            "Thu, 20 Aug 99999999999999999999 10:00:00 GMT",
            "Thu, 20 Aug 1969 10:00:00 GMT",
            "Thu, 20 Aug 2026 10:00:00 GMT x",
            "Thursday, 20-Aug-26 10:00:00 GMT",
        ] {
            assert_eq!(http_date(text), None, "{text}");
        }
    }

    #[test]
    fn formats_durations_in_suitable_unit() {
        let texts: Vec<_> = [3, 89, 90, 3599, 7800].map(duration_text).into();
        assert_eq!(texts, ["3 s", "89 s", "2 min", "60 min", "2 h 10 min"]);
    }
}
