//! Waiting for a job: looking at it, ever more seldom, until it ends or the wait has been long enough.

use std::ops::ControlFlow;
use std::time::Duration;

use crate::client::Client;
use crate::error::{Error, Result};
use crate::job::Job;

/// How often a job is looked at, and for how long.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Wait {
    /// The pause after the first look; each further one is half as long again.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
    /// The wait as a whole.
    pub limit: Duration,
}

impl Default for Wait {
    /// From one second to half a minute, for eight hours: no job of a tenant lasts longer.
    fn default() -> Self {
        Self {
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            limit: Duration::from_hours(8),
        }
    }
}

impl Wait {
    /// The pause that follows that one.
    pub(crate) fn next(&self, pause: Duration) -> Duration {
        pause.saturating_add(pause.checked_div(2).unwrap_or_default()).min(self.longest)
    }
}

impl Client {
    /// Looks at a job until it ends, well or badly; each look is shown to `seen`, which may break off.
    ///
    /// # Errors
    /// [`Error::StillRunning`] at the limit, [`Error::Interrupted`] when broken off, and what
    /// [`job`](Self::job) may meet.
    pub fn wait(&self, id: &str, wait: &Wait, mut seen: impl FnMut(&Job) -> ControlFlow<()>) -> Result<Job> {
        let (mut waited, mut pause) = (Duration::ZERO, wait.first);
        loop {
            let job = self.job(id)?;
            if seen(&job).is_break() {
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
