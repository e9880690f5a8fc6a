//! ISO 8601 dates in the form of the exporter: UTC, three decimals, `Z`.

use std::fmt;

/// 2017-01-01T00:00:00.000Z. All users signed up after it.
pub(super) const FIRST: Time = Time(1_483_228_800_000);
/// 2026-08-01T00:00:00.000Z. The time of the export.
pub(super) const LAST: Time = Time(1_785_542_400_000);

/// Milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub(super) u64);

impl Time {
    /// Returns the calendar date. Uses the era arithmetic of Howard Hinnant, restricted to years after 1970.
    fn date(self) -> (u64, u64, u64) {
        let days = self.0 / 86_400_000 + 719_468;
        let (era, day_of_era) = (days / 146_097, days % 146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        (era * 400 + year_of_era + u64::from(month <= 2), month, day)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let (seconds, millis) = (self.0 / 1000 % 86_400, self.0 % 1000);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
    }
}

#[cfg(test)]
mod tests {
    use super::{FIRST, LAST, Time};

    #[test]
    fn dates_have_the_format_of_the_exporter() {
        assert_eq!(FIRST.to_string(), "2017-01-01T00:00:00.000Z");
        assert_eq!(LAST.to_string(), "2026-08-01T00:00:00.000Z");
        assert_eq!(Time(1_582_975_353_444).to_string(), "2020-02-29T11:22:33.444Z");
        assert_eq!(Time(1_609_459_199_999).to_string(), "2020-12-31T23:59:59.999Z");
    }
}
