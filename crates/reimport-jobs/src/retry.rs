//! When a call is made again, and how long is waited before it.
//!
//! A 429 did nothing, so it is always made again, when the tenant says so. After a 5xx or a dropped connection nobody
//! knows whether the call was carried out: only calls that may be repeated are.

use std::time::{Duration, SystemTime};

use crate::clock::{Clock, epoch_seconds};
use crate::error::Result;
use crate::random::Random;

/// How patient the client is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Retry {
    /// How often a call is made at most, where it may be repeated.
    pub attempts: u32,
    /// The wait before the second try; each further one is twice as long.
    pub first: Duration,
    /// The longest wait between two tries.
    pub longest: Duration,
    /// How often a 429 is waited for.
    pub limited: u32,
    /// The longest wait a 429 may ask for; more than that is an error at once.
    pub longest_limited: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            limited: 20,
            longest_limited: Duration::from_mins(10),
        }
    }
}

impl Retry {
    /// No second try of anything: the caller decides.
    pub fn none() -> Self {
        Self { attempts: 1, limited: 0, ..Self::default() }
    }

    /// The wait after that many failed tries (from 1), with up to a quarter of jitter on top.
    pub(crate) fn backoff(&self, failed: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << failed.saturating_sub(1).min(16));
        jittered(doubled.min(self.longest))
    }

    /// Makes the call until it succeeds or must not be made again.
    pub(crate) fn run<T>(
        &self,
        clock: &dyn Clock,
        repeatable: bool,
        mut call: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        let (mut failed, mut limited) = (0, 0);
        loop {
            let error = match call() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = if let Some(refused) = error.refused()
                && refused.status == 429
            {
                limited += 1;
                let wait = refused.wait.map_or_else(|| self.backoff(limited), jittered);
                (limited <= self.limited && wait <= self.longest_limited).then_some(wait)
            } else {
                failed += 1;
                let again = is_passing(&error) && (repeatable || !error.may_have_acted());
                (again && failed < self.attempts).then(|| self.backoff(failed))
            };
            match wait {
                Some(wait) => clock.sleep(wait),
                None => return Err(error),
            }
        }
    }
}

/// Whether the same call may well succeed a moment later.
fn is_passing(error: &crate::Error) -> bool {
    match error {
        crate::Error::Unanswered { .. } => true,
        crate::Error::Refused(refused) => refused.status >= 500 || refused.status == 408,
        _ => false,
    }
}

/// How long a 429 asks to wait: until `x-ratelimit-reset` (seconds since 1970), else `Retry-After` (seconds).
pub(crate) fn asked_wait(now: SystemTime, reset: Option<&str>, after: Option<&str>) -> Option<Duration> {
    let number = |text: Option<&str>| text.and_then(|text| text.trim().parse::<u64>().ok());
    // The reset is a whole second: waiting to its end keeps the call out of the second that is still full.
    let reset = number(reset).map(|at| (at + 1).saturating_sub(epoch_seconds(now)));
    reset.or_else(|| number(after)).map(Duration::from_secs)
}

fn jittered(wait: Duration) -> Duration {
    let quarter = u64::try_from(wait.as_millis() / 4).unwrap_or(u64::MAX).max(100);
    wait + Duration::from_millis(Random::new().below(quarter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_429_is_waited_for_until_its_reset_or_else_for_its_retry_after() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1000);
        assert_eq!(asked_wait(now, Some("1007"), Some("99")), Some(Duration::from_secs(8)));
        assert_eq!(asked_wait(now, Some("900"), None), Some(Duration::ZERO));
        assert_eq!(asked_wait(now, Some("soon"), Some("3")), Some(Duration::from_secs(3)));
        assert_eq!(asked_wait(now, None, None), None);
    }

    #[test]
    fn waits_grow_to_the_longest_and_have_at_most_a_quarter_of_jitter() {
        let retry = Retry::default();
        for (failed, millis) in [(1, 500), (2, 1000), (3, 2000), (30, 30_000)] {
            let wait = retry.backoff(failed).as_millis();
            assert!((millis..millis + millis / 4 + 1).contains(&wait), "{failed}: {wait}");
        }
    }
}
