//! Waits for a job: polls it with growing pauses, until it ends or the time limit is reached.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::job::Job;

/// How often a job is polled, and for how long.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Wait {
    /// The pause after the first poll. Each further pause is 1.5 times as long.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// The limit for the whole wait.
    pub limit: Duration,
}

impl Default for Wait {
    /// Pauses from one second to half a minute, for at most eight hours. No job of a tenant runs longer.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            limit: Duration::from_hours(8),
        }
    }
}

impl Wait {
    /// Returns the pause that follows `pause`.
    pub(crate) fn next(&self, pause: Duration) -> Duration {
        pause.saturating_add(pause.checked_div(2).unwrap_or_default()).min(self.longest)
    }
}

impl Client {
    /// Polls a job until it ends, successfully or not. Each response is passed to `on_poll`, which can end the wait.
    ///
    /// # Errors
    /// [`Error::StillRunning`] at the limit, [`Error::Interrupted`] if `on_poll` ends the wait, and the errors of
    /// [`job`](Self::job).
    pub fn wait(
        &self,
        id: &str,
        wait: &Wait,
        mut on_poll: impl FnMut(&Job) -> ControlFlow<()>,
    ) -> Result<Job> {
        let (mut waited, mut pause) = (Duration::ZERO, wait.first);
        loop {
            let job = self.job(id)?;
            if on_poll(&job).is_break() {
                return Err(Error::Interrupted);
            }
            if job.status.is_final() {
                return Ok(job);
            }
            if waited >= wait.limit {
                return Err(Error::StillRunning {
                    job: job.id,
                    status: job.status,
                    seconds: waited.as_secs(),
                });
            }
            let now = pause.min(wait.limit.saturating_sub(waited));
            self.clock().sleep(now);
            waited = waited.saturating_add(now);
            pause = wait.next(pause);
        }
    }
}
