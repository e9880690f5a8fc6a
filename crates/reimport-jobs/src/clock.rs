//! A trait for time, so that tests with hours of waiting take milliseconds. Also formats and parses the dates of
//! HTTP and the API.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use jiff::fmt::rfc2822;

/// The current date, the elapsed time, and pauses.
pub trait Clock: Debug + Send + Sync {
    /// Returns the current date and time. It can be changed, also backwards, so it is used only for dates in
    /// output and to check whether a token has expired.
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
    format!("{:.3}", timestamp(time))
}

/// Formats a date for people: `2026-08-20 10:00 UTC`.
pub(crate) fn minute_text(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Returns the time as a timestamp, or 1970 for a date after the year 9999, which `jiff` does not have.
fn timestamp(time: SystemTime) -> Timestamp {
    Timestamp::try_from(time).unwrap_or_default()
}

/// Parses the date format of HTTP's `Date` and `Retry-After`, `Sun, 20 Aug 2026 10:00:00 GMT`. Returns seconds
/// since 1970. The obsolete formats, which servers must not send, are not accepted.
pub(crate) fn http_date(text: &str) -> Option<u64> {
    const PARSER: rfc2822::DateTimeParser = rfc2822::DateTimeParser::new().relaxed_weekday(true);
    // The form of e-mail has more than one zone.
    let text = Some(text.trim()).filter(|text| text.ends_with(" GMT"))?;
    let time = PARSER.parse_timestamp(text).ok()?;
    u64::try_from(time.as_second()).ok()
}

/// The inverse of [`http_date`].
#[cfg(any(test, feature = "fake-tenant"))]
pub(crate) fn http_date_text(time: SystemTime) -> String {
    rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&timestamp(time)).unwrap_or_default()
}

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
