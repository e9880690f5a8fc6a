//! When a call is made again, and how long it waits before that.
//!
//! A 429 did nothing, so the call is always made again after the wait that the tenant asks for. After a 5xx or a
//! dropped connection it is unknown whether the call was carried out: only calls that may be repeated are.

// What is added up here comes from a tenant.
#![cfg_attr(not(test), warn(clippy::arithmetic_side_effects))]

use std::time::Duration;

use crate::api_error::ApiError;
use crate::clock::{Clock, http_date};
use crate::error::{Error, Result};
use crate::random::Random;

/// How patient the client is.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Retry {
    /// How often a call is made at most, if it may be repeated.
    pub attempts: u32,
    /// The wait before the second try; each further one is twice as long.
    pub first: Duration,
    /// The longest wait between two tries.
    pub longest: Duration,
    /// How long a call waits in all because of rate limits (429). A tenant that asks for more is an error at once.
    pub limit: Duration,
    /// How long an import waits in all for its turn, when the import jobs that a tenant runs at a time are taken.
    pub turn: Duration,
    /// The pause of an import whose turn has not come: its whole body is sent again after it.
    pub turn_pause: Duration,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts: 6,
            first: Duration::from_millis(500),
            longest: Duration::from_secs(30),
            limit: Duration::from_mins(10),
            turn: Duration::from_hours(8),
            turn_pause: Duration::from_mins(1),
        }
    }
}

/// A pause that a call makes before it is made again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pause {
    /// The call, as in `GET jobs/{id}`.
    pub call: &'static str,
    /// How long it is.
    pub time: Duration,
    /// The reason, in words.
    pub why: String,
}

impl Retry {
    /// No second try of anything: the caller decides.
    pub fn none() -> Self {
        Self { attempts: 1, limit: Duration::ZERO, turn: Duration::ZERO, ..Self::default() }
    }

    /// One try; only a short rate limit is waited for. For calls whose answer is welcome but not needed.
    pub(crate) fn once(&self) -> Self {
        Self { attempts: 1, limit: self.limit.min(self.longest), ..self.clone() }
    }

    /// The pause of an import whose turn has not come, if an import job of the same run has ended in the meantime:
    /// 10 seconds in place of a minute, since a place may be free.
    pub(crate) fn turn_after_own(&self) -> Duration {
        self.turn_pause.checked_div(6).unwrap_or_default()
    }

    /// The wait after that many failed tries (from 1), with up to a quarter of jitter on top.
    pub(crate) fn backoff(&self, failed: u32) -> Duration {
        let doubled = self.first.saturating_mul(1 << failed.saturating_sub(1).min(16));
        jittered(doubled.min(self.longest))
    }

    /// The pause after that many rate limits in a row (from 1): what the tenant asks for and some jitter, but no less
    /// than an own pause, which grows: a tenant that asks for a second each time is not asked each second. `None` if the
    /// pause is longer than the limit, which the refusal then says.
    pub(crate) fn limited_pause(
        &self,
        refused: &mut ApiError,
        limited: u32,
        waited: &mut Duration,
    ) -> Option<Duration> {
        let own = self.backoff(limited);
        let asked = refused.wait.unwrap_or_default();
        refused.within(asked.max(own), self.limit, waited).then(|| jittered(asked).max(own))
    }

    /// Makes the call until it succeeds or must not be made again; `pausing` is shown each pause before it begins.
    pub(crate) fn run<T>(
        &self,
        clock: &dyn Clock,
        repeatable: bool,
        pausing: &dyn Fn(&Pause),
        mut call: impl FnMut() -> Result<T>,
    ) -> Result<T> {
        let (mut failed, mut limited) = (0_u32, 0_u32);
        let (mut waited, mut waited_for_turn) = (Duration::ZERO, Duration::ZERO);
        loop {
            let mut error = match call() {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = match error.refused_mut().filter(|refused| refused.status == 429) {
                // The call needed a token, whose own limit is reached: it must not be waited for once more each time.
                Some(refused) if refused.limit.is_some() => None,
                Some(refused) if refused.is_job_limit() => {
                    let pause = self.turn_pause;
                    refused.within(pause, self.turn, &mut waited_for_turn).then_some(pause)
                }
                Some(refused) => {
                    limited = limited.saturating_add(1);
                    self.limited_pause(refused, limited, &mut waited)
                }
                None => {
                    failed = failed.saturating_add(1);
                    let again = is_passing(&error) && (repeatable || !error.may_have_acted());
                    (again && failed < self.attempts).then(|| self.backoff(failed))
                }
            };
            let Some(time) = wait else { return Err(error) };
            if let Some(call) = error.call() {
                pausing(&Pause { call, time, why: error.to_string() });
            }
            clock.sleep(time);
        }
    }
}

/// Whether the same call may well succeed a moment later.
pub(crate) fn is_passing(error: &Error) -> bool {
    match error {
        Error::Unanswered { is_permanent, .. } => !is_permanent,
        Error::Refused(refused) => refused.status >= 500 || refused.status == 408,
        _ => false,
    }
}

/// How long an answer asks to wait: as long as `Retry-After` says (seconds, or a date), else until `x-ratelimit-reset`
/// (seconds since 1970). Dates are compared with the answer's own `date`, because the local clock may be wrong; without
/// it they say nothing. At least a second.
pub(crate) fn asked_wait(date: Option<&str>, reset: Option<&str>, after: Option<&str>) -> Option<Duration> {
    let date = date.and_then(http_date);
    let until = |at: u64| Some(at.saturating_sub(date?));
    let after = after.and_then(|after| seconds(after).or_else(|| until(http_date(after)?)));
    let asked = after.or_else(|| until(seconds(reset?)?))?;
    Some(Duration::from_secs(asked.clamp(1, LONGEST_ASKED)))
}

/// A hundred years, in seconds: more than any limit, and far from where sums overflow.
const LONGEST_ASKED: u64 = 3_155_760_000;

/// A whole number of any length; too large a one becomes the largest.
pub(crate) fn seconds(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().unwrap_or(u64::MAX))
}

/// With up to a quarter on top, so that programs that were refused together do not come back together.
fn jittered(wait: Duration) -> Duration {
    let quarter = u64::try_from(wait.as_millis() / 4).unwrap_or(u64::MAX).max(100);
    wait.saturating_add(Duration::from_millis(Random::new().below(quarter)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATE: Option<&str> = Some("Thu, 20 Aug 2026 10:00:00 GMT");

    #[test]
    fn retry_after_alone_counts_and_else_the_reset_against_the_answers_own_date() {
        let asked = |date, reset, after| asked_wait(date, reset, after).map(|wait| wait.as_secs());
        assert_eq!(asked(DATE, Some("1787220007"), Some("99")), Some(99));
        assert_eq!(asked(DATE, None, Some("Thu, 20 Aug 2026 10:01:00 GMT")), Some(60));
        assert_eq!(asked(DATE, Some("1787220007"), None), Some(7));
        assert_eq!(asked(DATE, Some("1787220007"), Some("soon")), Some(7));
        assert_eq!(asked(DATE, Some("1787219000"), None), Some(1), "at least a second");
        assert_eq!(asked(DATE, None, Some("0")), Some(1));
        assert_eq!(asked(None, Some("1787220007"), None), None, "never against the local clock");
        assert_eq!(asked(None, None, Some("Thu, 20 Aug 2026 10:01:00 GMT")), None);
        assert_eq!(asked(DATE, Some("soon"), None), None);
        assert_eq!(asked(DATE, Some("-1"), Some("-1")), None);
        for huge in ["18446744073709551615", "99999999999999999999999"] {
            assert_eq!(asked(DATE, Some(huge), None), Some(LONGEST_ASKED));
            assert_eq!(asked(DATE, None, Some(huge)), Some(LONGEST_ASKED));
        }
    }

    #[test]
    fn waits_grow_to_the_longest_and_have_at_most_a_quarter_of_jitter() {
        let retry = Retry::default();
        for (failed, millis) in [(1, 500), (2, 1000), (3, 2000), (30, 30_000)] {
            let wait = retry.backoff(failed).as_millis();
            assert!((millis..millis + millis / 4 + 1).contains(&wait), "{failed}: {wait}");
        }
        assert!(jittered(Duration::MAX) == Duration::MAX, "no overflow");
    }
}
