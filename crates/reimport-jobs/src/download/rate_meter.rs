//! Measures the rate of a transfer, so that a very slow server cannot keep it running forever.

use std::time::Duration;

/// The time over which the rate is measured.
const WINDOW: Duration = Duration::from_mins(1);

/// The rate of a transfer. Only the time spent waiting for bytes counts.
pub(super) struct RateMeter {
    min_rate: u64,
    /// When time was last counted. `None` while waiting for something else.
    since: Option<Duration>,
    /// The time counted in the current window, and the bytes received before the window.
    spent: Duration,
    bytes: u64,
}

impl RateMeter {
    pub(super) fn new(min_rate: u64) -> Self {
        Self { min_rate, since: None, spent: Duration::ZERO, bytes: 0 }
    }

    pub(super) fn resume(&mut self, now: Duration) {
        self.since.get_or_insert(now);
    }

    pub(super) fn pause(&mut self, now: Duration) {
        self.count(now);
        self.since = None;
    }

    fn count(&mut self, now: Duration) {
        if let Some(since) = self.since.replace(now) {
            self.spent = self.spent.saturating_add(now.saturating_sub(since));
        }
    }

    /// At the end of a window, returns its length in seconds if the rate was below the minimum.
    pub(super) fn too_slow(&mut self, now: Duration, appended: u64) -> Option<u64> {
        self.count(now);
        if self.spent < WINDOW {
            return None;
        }
        let (seconds, received) = (self.spent.as_secs(), appended.saturating_sub(self.bytes));
        (self.spent, self.bytes) = (Duration::ZERO, appended);
        (received < self.min_rate.saturating_mul(seconds)).then_some(seconds)
    }
}
