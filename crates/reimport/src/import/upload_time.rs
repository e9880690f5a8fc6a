//! Estimates how long the import jobs of a run may take.

use std::time::Duration;

/// The basis of [`UploadTime`], in sentences.
pub const BASIS: &str = "A tenant runs two import jobs at a time. Users of the service report 9 minutes for a job of \
                         2,000 users on the free plan, and 400,000 users an hour with two full files at a time on an \
                         enterprise plan. Neither is promised.";

/// The number of jobs that run at a time.
const JOBS: u64 = 2;

/// The seconds that one job takes for 2,000 users: at 400,000 users an hour in two jobs, and at 9 minutes a job.
const FASTEST: u64 = 36;
const SLOWEST: u64 = 9 * 60;

/// The number of users to which `FASTEST` and `SLOWEST` refer.
const USERS: u64 = 2_000;

/// The range of time that import jobs take if two run at a time; see [`BASIS`].
///
/// ```
/// use std::time::Duration;
/// use reimport::import::UploadTime;
///
/// let time = UploadTime::of(400_000, 200);
/// assert_eq!(time.fastest, Duration::from_secs(60 * 60));
/// assert_eq!(time.slowest, Duration::from_secs(15 * 60 * 60));
/// assert_eq!(time.to_string(), "60 minutes to 15 hours");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadTime {
    /// The time on an enterprise plan.
    pub fastest: Duration,
    /// The time on a free plan.
    pub slowest: Duration,
}

impl UploadTime {
    /// Returns the time for this many users in this many parts. A single part is a single job.
    pub fn of(users: u64, parts: u64) -> Self {
        let jobs = parts.clamp(1, JOBS);
        let time = |seconds: u64| Duration::from_secs(users.saturating_mul(seconds).div_ceil(USERS * jobs));
        Self { fastest: time(FASTEST), slowest: time(SLOWEST) }
    }
}

impl std::fmt::Display for UploadTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (least, most) = (Words::of(self.fastest), Words::of(self.slowest));
        match (least.count, most.count) {
            (_, 0) => f.write_str("less than a minute"),
            (0, _) => write!(f, "less than a minute to {most}"),
            (one, other) if one == other && least.unit == most.unit => {
                write!(f, "about {most}")
            }
            (count, _) if least.unit == most.unit => write!(f, "{count} to {most}"),
            _ => write!(f, "{least} to {most}"),
        }
    }
}

/// A number of minutes, hours or days, rounded up; 0 minutes for less than a minute.
struct Words {
    count: u64,
    unit: &'static str,
}

impl Words {
    fn of(time: Duration) -> Self {
        let minutes = time.as_secs().div_ceil(60);
        match minutes {
            _ if time.as_secs() < 60 => Self { count: 0, unit: "minute" },
            0..=90 => Self { count: minutes, unit: "minute" },
            91..=2_880 => Self { count: minutes.div_ceil(60), unit: "hour" },
            _ => Self { count: minutes.div_ceil(60 * 24), unit: "day" },
        }
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}{}", self.count, self.unit, if self.count == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_is_printed_in_a_suitable_unit() {
        for (users, parts, words) in [
            (0, 0, "less than a minute"),
            (3, 1, "less than a minute"),
            (2_000, 1, "less than a minute to 9 minutes"),
            (20_000, 10, "3 to 45 minutes"),
            (100_000, 50, "15 minutes to 4 hours"),
            (1_000_000, 1_000, "3 to 38 hours"),
            (6_000_000, 3_000, "15 hours to 10 days"),
        ] {
            assert_eq!(UploadTime::of(users, parts).to_string(), words, "{users} users");
        }
    }

    #[test]
    fn equal_times_are_printed_once() {
        let [short, long] = [61, 119].map(Duration::from_secs);
        assert_eq!(UploadTime { fastest: short, slowest: long }.to_string(), "about 2 minutes");
        let days = UploadTime { fastest: Duration::from_hours(3 * 24), slowest: Duration::from_hours(121) };
        assert_eq!(days.to_string(), "3 to 6 days");
    }

    #[test]
    fn a_single_part_takes_as_long_as_one_job() {
        assert_eq!(UploadTime::of(2_000, 1).slowest, Duration::from_mins(9));
        assert_eq!(UploadTime::of(2_000, 2).slowest, Duration::from_secs(270));
    }
}
