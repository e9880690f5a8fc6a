//! When a call is repeated, and how long to wait before each try.
//!
//! After a 429 the call was not carried out, so it is always repeated after the time that the tenant asks for.
//! After a 5xx or a broken connection it is unknown whether the call was carried out, so it is repeated only if
//! that is safe.

// The sums in this module contain numbers from a tenant.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

use std::time::Duration;

use crate::api_error::ApiError;
use crate::clock::{Clock, http_date};
use crate::error::{Error, Result};

/// The limits for retries and waits.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Retry {
    /// The maximum number of tries of a call, if it may be repeated.
    pub attempts: u32,
    /// The pause before the second try. Each further pause is twice as long.
    pub first: Duration,
    /// The longest pause between two tries.
    pub longest: Duration,
    /// The maximum total time that a call waits because of rate limits (429). If the tenant asks for more, this is
    /// an error at once.
    pub limit: Duration,
    /// The maximum total time that an import waits because the tenant already runs its maximum number of import
    /// jobs.
    pub job_limit_wait: Duration,
    /// The pause of an import that waits for other import jobs. The whole body is sent again after it.
    pub job_limit_pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            limit: Duration::from_mins(10),
            job_limit_wait: Duration::from_hours(8),
            job_limit_pause: Duration::from_mins(1),
        }
    }
}

/// A pause of a call before it is repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// The call, for example `GET jobs/{id}`.
    pub call: &'static str,
    /// The length of the pause.
    pub time: Duration,
    /// The reason, in words.
    pub reason: String,
}

impl Retry {
    /// Repeats nothing: the caller decides.
    pub fn none() -> Self {
        Self { attempts: 1, limit: Duration::ZERO, job_limit_wait: Duration::ZERO, ..Self::default() }
    }

    /// One try, after at most a short wait for a rate limit. For calls whose result is useful but not needed.
    pub(crate) fn once(&self) -> Self {
        Self { attempts: 1, limit: self.limit.min(self.longest), ..self.clone() }
    }

    /// Returns how long an import that was refused because of other import jobs waits after a job of the same run has
    /// ended: 10 seconds instead of a minute, because the tenant may accept a job now.
    pub(crate) fn job_limit_pause_after_own_job(&self) -> Duration {
        self.job_limit_pause.checked_div(6).unwrap_or_default()
    }

    /// Returns the pause after this number of failed tries (from 1), plus up to a quarter of jitter.
    pub(crate) fn backoff(&self, failed: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << failed.saturating_sub(1).min(16));
        jittered(doubled.min(self.longest))
    }

    /// Returns the pause after this number of consecutive rate limits (from 1). It is the time that the tenant asks
    /// for plus jitter, but at least the growing backoff of the client. So a tenant that always asks for one second
    /// does not get a request every second. Returns `None` if the pause exceeds the limit, and records this in
    /// `refused`.
    pub(crate) fn limited_pause(
        &self,
        refused: &mut ApiError,
        limited: u32,
        waited: &mut Duration,
    ) -> Option<Duration> {
        let own = self.backoff(limited);
        let requested = refused.wait.unwrap_or_default();
        refused.within(requested.max(own), self.limit, waited).then(|| jittered(requested).max(own))
    }

    /// Makes the call until it succeeds or must not be repeated. Calls `pausing` before each pause.
    pub(crate) fn run<T>(
        &self,
        clock: &dyn Clock,
        repeatable: bool,
        pausing: &dyn Fn(&Pause),
        mut call: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        let (mut failed, mut limited) = (0_u32, 0_u32);
        let (mut waited, mut waited_for_jobs) = (Duration::ZERO, Duration::ZERO);
        loop {
            let mut error = match call() {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let wait = match error.refused_mut().filter(|refused| refused.status == 429) {
                // The limit was reached by the sign-in that the call needed. It must not be waited for again for
                // each call.
                Some(refused) if refused.limit.is_some() => None,
                Some(refused) if refused.is_job_limit() => {
                    let pause = self.job_limit_pause;
                    refused.within(pause, self.job_limit_wait, &mut waited_for_jobs).then_some(pause)
                }
                Some(refused) => {
                    limited = limited.saturating_add(1);
                    self.limited_pause(refused, limited, &mut waited)
                }
                None => {
                    failed = failed.saturating_add(1);
                    let may_retry = is_transient(&error) && (repeatable || !error.may_have_acted());
                    (may_retry && failed < self.attempts).then(|| self.backoff(failed))
                }
            };
            let Some(time) = wait else { return Err(error) };
            if let Some(call) = error.call() {
                pausing(&Pause { call: call.name(), time, reason: error.to_string() });
            }
            clock.sleep(time);
        }
    }
}

/// Returns true if the same call may succeed later.
pub(crate) fn is_transient(error: &Error) -> bool {
    match error {
        Error::NoResponse { is_permanent, .. } => !is_permanent,
        Error::Refused(refused) => refused.status >= 500 || refused.status == 408,
        _ => false,
    }
}

/// Returns the time that a response asks to wait: `Retry-After` (seconds, or a date), otherwise until
/// `x-ratelimit-reset` (seconds since 1970). Dates are compared with the `date` of the response, because the local
/// clock may be wrong. Without a `date` they are ignored. The result is at least one second.
pub(crate) fn requested_wait(
    date: Option<&str>,
    reset: Option<&str>,
    after: Option<&str>,
) -> Option<Duration> {
    let date = date.and_then(http_date);
    let until = |at: u64| Some(at.saturating_sub(date?));
    let after = after.and_then(|after| seconds(after).or_else(|| until(http_date(after)?)));
    let requested = after.or_else(|| until(seconds(reset?)?))?;
    Some(Duration::from_secs(requested.clamp(1, MAX_REQUESTED_WAIT)))
}

/// A hundred years, in seconds. More than any limit, and too small for sums to overflow.
const MAX_REQUESTED_WAIT: u64 = 3_155_760_000;

/// Parses a whole number with any number of digits. A number that is too large becomes the maximum.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// Adds up to a quarter, so that programs that were refused at the same time do not retry at the same time.
fn jittered(wait: Duration) -> Duration {
    let quarter = u64::try_from(wait.as_millis() / 4).unwrap_or(u64::MAX).max(100);
    wait.saturating_add(Duration::from_millis(fastrand::u64(..quarter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_try_waits_at_most_as_long_as_one_pause() {
        let retry = Retry { attempts: 9, ..Retry::default() };
        let once = retry.once();
        assert_eq!(
            (once.attempts, once.limit, once.job_limit_wait),
            (1, retry.longest, retry.job_limit_wait)
        );
        let short = Retry { limit: Duration::from_secs(3), ..retry };
        assert_eq!(short.once().limit, short.limit);
    }

    const DATE: Option<&str> = Some("Thu, 20 Aug 2026 10:00:00 GMT");

    #[test]
    fn retry_after_takes_precedence_over_reset() {
        let requested = |date, reset, after| requested_wait(date, reset, after).map(|wait| wait.as_secs());
        assert_eq!(requested(DATE, Some("1787220007"), Some("99")), Some(99));
        assert_eq!(requested(DATE, None, Some("Thu, 20 Aug 2026 10:01:00 GMT")), Some(60));
        assert_eq!(requested(DATE, Some("1787220007"), None), Some(7));
        assert_eq!(requested(DATE, Some("1787220007"), Some("soon")), Some(7));
        assert_eq!(requested(DATE, Some("1787219000"), None), Some(1), "at least a second");
        assert_eq!(requested(DATE, None, Some("0")), Some(1));
        assert_eq!(requested(None, Some("1787220007"), None), None, "never against the local clock");
        assert_eq!(requested(None, None, Some("Thu, 20 Aug 2026 10:01:00 GMT")), None);
        assert_eq!(requested(DATE, Some("soon"), None), None);
        assert_eq!(requested(DATE, Some("-1"), Some("-1")), None);
        for huge in ["18446744073709551615", "99999999999999999999999"] {
            assert_eq!(requested(DATE, Some(huge), None), Some(MAX_REQUESTED_WAIT));
            assert_eq!(requested(DATE, None, Some(huge)), Some(MAX_REQUESTED_WAIT));
        }
    }

    #[test]
    fn backoff_grows_to_maximum_with_limited_jitter() {
        let retry = Retry::default();
        for (failed, millis) in [(1, 500), (2, 1000), (3, 2000), (30, 30_000)] {
            let wait = retry.backoff(failed).as_millis();
            assert!((millis..millis + millis / 4 + 1).contains(&wait), "{failed}: {wait}");
        }
        assert!(jittered(Duration::MAX) == Duration::MAX, "no overflow");
    }
}
