//! The upload engine: sends parts, polls jobs, and writes each step to the journal before the next one.
//!
//! Everything runs on one thread. The first job runs alone, because its result gives the first reliable estimate.
//! Then two jobs run at the same time, the maximum of a tenant.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::journal::Journal;
use super::log::{Event, Log, PartResult, PartState};
use super::options::{MaxFailed, Observer, Step, Upload};
use super::outcome::{JobProgress, Outcome, PartOutcome, Progress, Stopped, UploadTotals, error_kinds};
use super::parts::Part;
use crate::api_call::ApiCall;
use crate::api_error::ApiError;
use crate::error::{Error, Result, UploadError};
use crate::files::is_plain;
use crate::import::{MAX_BODY_BYTES, POST_IMPORT};
use crate::job::{Job, Status};
use crate::retry::{Pause, Retry, is_transient};

/// A running job.
pub(super) struct Active<'a> {
    pub(super) part: &'a Part,
    pub(super) job: String,
    pub(super) due: Duration,
    pub(super) pause: Duration,
    pub(super) latest: Option<Job>,
}

pub(super) struct Engine<'a, 'o> {
    pub(super) upload: &'a Upload<'a>,
    pub(super) journal: &'a mut Journal,
    pub(super) errors: PathBuf,
    pub(super) observer: &'o mut dyn Observer,
    pub(super) active: Vec<Active<'a>>,
    /// The parts to send. The next one is the last element.
    pub(super) queue: Vec<&'a Part>,
    pub(super) not_before: Duration,
    /// When the tenant last refused a part because it already runs its maximum number of import jobs.
    pub(super) job_limit_refusal: Option<Duration>,
    /// The number of consecutive tries without a response.
    pub(super) unanswered: u32,
    /// The number of consecutive refusals by a rate limit, and the total time waited for them.
    pub(super) limited: u32,
    pub(super) limited_for: Duration,
    pub(super) started: Duration,
    pub(super) last_result: Duration,
    /// The number of users with a result before this run.
    pub(super) done_before: u64,
}

impl<'a, 'o> Engine<'a, 'o> {
    pub(super) fn new(
        upload: &'a Upload<'a>,
        journal: &'a mut Journal,
        observer: &'o mut dyn Observer,
    ) -> Self {
        let now = upload.client.clock().elapsed();
        Self {
            upload,
            journal,
            errors: upload.errors_folder(),
            observer,
            active: Vec::new(),
            queue: Vec::new(),
            not_before: now,
            job_limit_refusal: None,
            unanswered: 0,
            limited: 0,
            limited_for: Duration::ZERO,
            started: now,
            last_result: now,
            done_before: 0,
        }
    }

    /// Sends parts and polls jobs until every part has a result or no more parts may be sent.
    pub(super) fn run(mut self) -> Result<Outcome> {
        self.prepare()?;
        self.send_and_poll()
    }

    /// Returns the time that pauses and limits are measured by.
    pub(super) fn now(&self) -> Duration {
        self.upload.client.clock().elapsed()
    }

    /// Returns the content of the journal.
    pub(super) fn log(&self) -> &Log {
        &self.journal.log
    }

    /// Checks all parts against the journal and the size limit before anything is sent. Then sorts the parts by
    /// what is to be done with them.
    fn prepare(&mut self) -> Result<()> {
        let parts = self.upload.parts.parts();
        let now = self.now();
        let mut checksums = HashMap::new();
        for part in parts {
            if !is_plain(&part.file) {
                return Err(UploadError::PartName(part.file.clone()).into());
            }
            if let Some(other) = checksums.insert(part.checksum.as_str(), part.file.as_str()) {
                return Err(UploadError::DuplicateParts(other.to_owned(), part.file.clone()).into());
            }
        }
        for (checksum, entry) in self.log().entries() {
            if checksums.contains_key(checksum) {
                continue;
            }
            if parts.iter().any(|part| part.file == entry.part) {
                return Err(UploadError::ChangedPart(entry.part.clone()).into());
            }
            if !matches!(entry.state, PartState::Finished(..)) {
                return Err(UploadError::MissingPart(entry.part.clone()).into());
            }
        }
        if self.upload.send_failed_again {
            self.reopen_failed()?;
        }
        let (mut unanswered, mut unsent) = (Vec::new(), Vec::new());
        for part in parts {
            match self.log().entry(&part.checksum).map(|entry| &entry.state) {
                None | Some(PartState::Unsent) => unsent.push(part),
                Some(PartState::Sending) => unanswered.push(part),
                Some(PartState::Accepted(job)) => {
                    let (job, pause) = (job.clone(), self.upload.wait.first);
                    self.active.push(Active { part, job, due: now, pause, latest: None });
                }
                Some(PartState::Finished(_, result)) => {
                    self.done_before = self.done_before.saturating_add(result.users());
                }
            }
        }
        // Parts without a response are sent first, because their jobs may be running.
        self.queue = unanswered.into_iter().chain(unsent).rev().collect();
        for part in &self.queue {
            let external_id = self.external_id(part);
            let import = self.upload.import(part, b"", &external_id);
            let bytes = import.overhead_bytes().saturating_add(part.bytes);
            if bytes > MAX_BODY_BYTES {
                return Err(Error::TooLarge { part: part.file.clone(), bytes, limit: MAX_BODY_BYTES });
            }
        }
        Ok(())
    }

    /// Discards the results of jobs that failed as a whole.
    fn reopen_failed(&mut self) -> Result<()> {
        let failed =
            self.part_results().results().filter(|(_, _, result)| result.status == Status::Failed.as_str());
        let checksums: Vec<String> = failed.map(|(part, _, _)| part.checksum.clone()).collect();
        checksums.into_iter().try_for_each(|checksum| self.write_event(Event::Again { checksum }))
    }

    fn send_and_poll(&mut self) -> Result<Outcome> {
        // An error that further sending cannot fix. Running jobs are still polled until they end.
        let mut refusal = None;
        loop {
            let now = self.now();
            let stopped = self.too_many_failed();
            let may_send = stopped.is_none() && refusal.is_none();
            let max_jobs = if self.part_results().totals().parts == 0 { 1 } else { 2 };
            if may_send
                && self.active.len() < max_jobs
                && self.not_before <= now
                && let Some(part) = self.queue.pop()
            {
                refusal = self.send(part)?;
                continue;
            }
            if self.active.is_empty() && (self.queue.is_empty() || !may_send) {
                return refusal
                    .map_or_else(|| Ok(self.part_results().outcome(&self.upload.folder, stopped)), Err);
            }
            if let Some(index) = self.active.iter().position(|active| active.due <= now) {
                self.poll(index)?;
                continue;
            }
            let sending = may_send && self.active.len() < max_jobs && !self.queue.is_empty();
            let next =
                self.active.iter().map(|active| active.due).chain(sending.then_some(self.not_before)).min();
            self.sleep(next.unwrap_or(now).saturating_sub(now))?;
        }
    }

    /// Sends a part once. Returns an error that waiting cannot fix. Other errors cause a pause, and the part is
    /// sent again later.
    fn send(&mut self, part: &'a Part) -> Result<Option<Error>> {
        let (upload, checksum) = (self.upload, part.checksum.clone());
        let users = upload.parts.read(part).map_err(|error| Error::io("cannot read", &part.file, error))?;
        if upload.parts.checksum(&users) != checksum {
            return Err(UploadError::ChangedPart(part.file.clone()).into());
        }
        let external_id = self.external_id(part);
        let import = upload.import(part, &users, &external_id);
        self.write_event(Event::Sending {
            checksum: checksum.clone(),
            part: part.file.clone(),
            users: part.users,
        })?;
        let response = upload.client.users_imports_with(&import, &Retry::none());
        self.step(Step::Request)?;
        let mut error = match response {
            Ok(job) => {
                self.write_event(Event::Accepted { checksum, job: job.id.clone() })?;
                (self.unanswered, self.limited, self.limited_for) = (0, 0, Duration::ZERO);
                self.job_limit_refusal = None;
                let pause = upload.wait.first;
                let due = self.now().saturating_add(pause);
                self.active.push(Active { part, job: job.id.clone(), due, pause, latest: Some(job) });
                return Ok(None);
            }
            Err(error) => error,
        };
        self.queue.push(part);
        if !error.may_have_acted() {
            self.write_event(Event::NotTaken { checksum })?;
        }
        let from_sign_in = error.call().is_some_and(ApiCall::is_sign_in);
        if let Some(refused) = error.refused_mut().filter(|refused| refused.status == 429) {
            // The wait limit for a token is reached. It must not be waited for again at each try of the part.
            if from_sign_in {
                return Ok(Some(error));
            }
            let Some((pause, reason)) = self.pause_after(refused) else { return Ok(Some(error)) };
            self.pause(POST_IMPORT, pause, reason);
            return Ok(None);
        }
        let may_resend = error.may_have_acted() || is_transient(&error);
        if !may_resend {
            return Ok(Some(error));
        }
        self.unanswered = self.unanswered.saturating_add(1);
        if self.unanswered >= upload.client.retry().attempts {
            let (part, times) = (part.file.clone(), self.unanswered);
            return Ok(Some(UploadError::NoResponse { part, times, last: Box::new(error) }.into()));
        }
        self.pause(POST_IMPORT, upload.client.retry().backoff(self.unanswered), error.to_string());
        Ok(None)
    }

    /// Returns how long to pause after a 429, and why. Returns `None` if this exceeds the limit of the run, and
    /// records this in `refused`.
    fn pause_after(&mut self, refused: &mut ApiError) -> Option<(Duration, String)> {
        let (now, retry) = (self.now(), self.upload.client.retry());
        if refused.is_job_limit() {
            let mut waited = now.saturating_sub(self.last_result);
            self.job_limit_refusal = Some(now);
            let allowed = refused.within(retry.job_limit_pause, self.upload.wait.limit, &mut waited);
            return allowed.then(|| (retry.job_limit_pause, refused.to_string()));
        }
        self.limited = self.limited.saturating_add(1);
        let pause = retry.limited_pause(refused, self.limited, &mut self.limited_for)?;
        Some((pause, refused.to_string()))
    }

    /// Stops sending for this time. Running jobs are still polled.
    fn pause(&mut self, call: &'static str, time: Duration, reason: String) {
        self.not_before = self.now().saturating_add(time);
        self.observer.pausing(&Pause { call, time, reason });
    }

    /// Called when a job of this run has ended. If the tenant was running its maximum number of jobs, it may accept
    /// one now.
    pub(super) fn own_job_ended(&mut self) {
        self.last_result = self.now();
        if let Some(refused) = self.job_limit_refusal {
            let soon = refused.saturating_add(self.upload.client.retry().job_limit_pause_after_own_job());
            self.not_before = self.not_before.min(soon);
        }
    }

    pub(super) fn write_event(&mut self, event: Event) -> Result<()> {
        self.journal.append(event)?;
        self.step(Step::Journal)
    }

    pub(super) fn step(&mut self, step: Step) -> Result<()> {
        if self.observer.step(step).is_break() { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// Sleeps in slices of at most a second, so that the observer can end the upload soon.
    fn sleep(&mut self, mut time: Duration) -> Result<()> {
        while !time.is_zero() {
            let slice = time.min(Duration::from_secs(1));
            self.upload.client.clock().sleep(slice);
            time = time.saturating_sub(slice);
            self.step(Step::Wait)?;
        }
        Ok(())
    }

    fn external_id(&self, part: &Part) -> String {
        format!("reimport-{}-{}", self.log().run, stem(&part.file))
    }
}

/// Returns a file name without the extension `.json`.
pub(super) fn stem(file: &str) -> &str {
    file.strip_suffix(".json").unwrap_or(file)
}

/// The parts, and what the journal contains about them.
pub(super) struct PartResults<'l> {
    pub(super) parts: &'l [Part],
    pub(super) log: &'l Log,
}

impl<'l> PartResults<'l> {
    /// Returns the parts with a result.
    pub(super) fn results(&self) -> impl Iterator<Item = (&'l Part, &'l str, &'l PartResult)> + use<'l> {
        let log = self.log;
        self.parts.iter().filter_map(move |part| match &log.entry(&part.checksum)?.state {
            PartState::Finished(job, result) => Some((part, job.as_str(), result)),
            _ => None,
        })
    }

    pub(super) fn totals(&self) -> UploadTotals {
        let mut totals = UploadTotals::default();
        self.results().for_each(|(_, _, result)| totals.add(result));
        totals
    }

    /// Returns the outcome. The errors are in `folder`.
    pub(super) fn outcome(&self, folder: &Path, stopped: Option<Stopped>) -> Outcome {
        let result = |(part, job, result): (&Part, &str, &PartResult)| PartOutcome {
            part: part.file.clone(),
            job: job.to_owned(),
            result: result.clone(),
            errors: result.errors.as_ref().map(|file| folder.join(file)),
        };
        Outcome {
            parts: self.parts.len() as u64,
            users: users_of(self.parts),
            done: self.totals(),
            results: self.results().map(result).collect(),
            was_empty: self.log.was_empty,
            error_kinds: error_kinds(self.results().map(|(_, _, result)| result)),
            stopped,
        }
    }
}

impl Engine<'_, '_> {
    pub(super) fn part_results(&self) -> PartResults<'_> {
        PartResults { parts: self.upload.parts.parts(), log: self.log() }
    }

    pub(super) fn too_many_failed(&self) -> Option<Stopped> {
        let totals = self.part_results().totals();
        let failed = totals.failed.saturating_add(totals.unknown);
        let too_many = match self.upload.max_failed {
            MaxFailed::Users(max) => failed > max,
            MaxFailed::Percent(max) => failed as f64 * 100.0 > max * totals.users as f64,
        };
        (too_many && !self.queue.is_empty()).then_some(Stopped::TooManyFailed { failed, of: totals.users })
    }

    pub(super) fn progress(&self) -> Progress {
        let parts = self.upload.parts.parts();
        let (users, done) = (users_of(parts), self.part_results().totals());
        let new = done.users.saturating_sub(self.done_before);
        let time_left = (new > 0).then(|| {
            let spent = self.now().saturating_sub(self.started).as_secs_f64();
            let left = spent * users.saturating_sub(done.users) as f64 / new as f64;
            Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX)
        });
        let job = |active: &Active<'_>| JobProgress {
            part: active.part.file.clone(),
            job: active.job.clone(),
            percentage_done: active.latest.as_ref().and_then(|job| job.percentage_done),
            time_left_seconds: active.latest.as_ref().and_then(|job| job.time_left_seconds),
        };
        let jobs = self.active.iter().map(job).collect();
        Progress { parts: parts.len() as u64, users, done, jobs, time_left }
    }
}

/// Returns the number of users in all parts. The numbers are from a manifest, so their sum may overflow.
fn users_of(parts: &[Part]) -> u64 {
    parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.users))
}
