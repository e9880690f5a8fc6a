//! ISO 8601 dates in the form of the exporter: UTC, three decimals, `Z`.

use std::fmt;

use jiff::Timestamp;

/// 2017-01-01T00:00:00.000Z. All users signed up after it.
pub(super) const FIRST: Time = Time(1_483_228_800_000);
/// 2026-08-01T00:00:00.000Z. The time of the export.
pub(super) const LAST: Time = Time(1_785_542_400_000);

/// Milliseconds since 1970-01-01 UTC.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Time(pub(super) u64);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The generator only makes dates of a few years.
        let time = Timestamp::from_millisecond(self.0.cast_signed()).map_err(|_| fmt::Error)?;
        write!(f, "{time:.3}")
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
