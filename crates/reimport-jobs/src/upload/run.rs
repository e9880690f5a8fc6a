//! The engine: sends, looks, keeps, and writes down each step before the next.
//!
//! One thread does all of it. The first job runs alone, for its result is the first honest estimate; then two are
//! under way at once, which is what a tenant takes.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::journal::{Event, Journal, PartResult, PartState};
use super::outcome::{Outcome, Progress};
use super::parts::{Part, Parts};
use crate::client::Client;
use crate::download::write_whole;
use crate::error::{Error, Result, UploadError};
use crate::import::{MAX_BODY_BYTES, UsersImport};
use crate::job::{Job, Status};
use crate::retry::Retry;
use crate::wait::Wait;

/// Told what an upload does; it may end it at any step.
pub trait Observer {
    /// How far the upload is, after each look at a job.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }

    /// A step was made. `Break` ends the upload there and then, as a kill would: nothing is lost.
    fn step(&mut self, step: Step) -> ControlFlow<()> {
        let _ = step;
        ControlFlow::Continue(())
    }
}

/// Watches nothing.
impl Observer for () {}

/// One step of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A line of the journal is on the disk.
    Journal,
    /// A request is over, well or badly.
    Request,
    /// The errors of a job are on the disk.
    Errors,
    /// A second or less of waiting is over.
    Wait,
}

/// How many users may fail before no more parts are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxFailed {
    /// That many of a hundred users with a result.
    Percent(f64),
    /// That many users.
    Users(u64),
}

/// An upload of parts to one connection.
pub struct Upload<'a> {
    pub(super) client: &'a Client,
    pub(super) parts: &'a dyn Parts,
    pub(super) folder: PathBuf,
    pub(super) connection_id: String,
    pub(super) upsert: bool,
    pub(super) max_failed: MaxFailed,
    pub(super) send_completion_email: bool,
    pub(super) send_failed_again: bool,
    pub(super) wait: Wait,
}

impl<'a> Upload<'a> {
    /// Parts to that connection; journal and errors are kept in `folder`, best that of the parts.
    pub fn new(
        client: &'a Client,
        parts: &'a dyn Parts,
        folder: impl Into<PathBuf>,
        connection_id: impl Into<String>,
    ) -> Self {
        Self {
            client,
            parts,
            folder: folder.into(),
            connection_id: connection_id.into(),
            upsert: false,
            max_failed: MaxFailed::Percent(5.0),
            send_completion_email: false,
            send_failed_again: false,
            wait: Wait::default(),
        }
    }

    /// Whether users that exist are changed; the journal holds to it.
    pub fn upsert(mut self, upsert: bool) -> Self {
        self.upsert = upsert;
        self
    }

    /// How many users may fail; 5 % unless told.
    pub fn max_failed(mut self, most: MaxFailed) -> Self {
        self.max_failed = most;
        self
    }

    /// Whether the owners of the tenant get an email for every part.
    pub fn send_completion_email(mut self, send: bool) -> Self {
        self.send_completion_email = send;
        self
    }

    /// Whether parts whose job failed as a whole are sent again.
    pub fn send_failed_again(mut self, again: bool) -> Self {
        self.send_failed_again = again;
        self
    }

    /// How often jobs are looked at, and how long an upload goes on without any job ending.
    pub fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Sends what is not yet sent, and ends when every part has a result or no more may be sent.
    ///
    /// # Errors
    /// Where a part or the journal is not what it should be (before anything is sent), where the tenant refuses or
    /// stays unreachable, and [`Error::Interrupted`] when the observer breaks off. After any of them the same upload
    /// can be started again.
    pub fn run(&self, observer: &mut dyn Observer) -> Result<Outcome> {
        let tenant = self.client.host();
        let journal = Journal::open(&self.folder, tenant, &self.connection_id, self.upsert)?;
        let errors = self.folder.join(format!("{}.errors", Journal::stem(tenant, &self.connection_id)));
        let now = self.client.clock().now();
        let mut engine = Engine {
            upload: self,
            journal,
            errors,
            observer,
            active: Vec::new(),
            queue: Vec::new(),
            not_before: now,
            unanswered: 0,
            limited: 0,
            started: now,
            last_result: now,
            done_before: 0,
        };
        engine.prepare()?;
        engine.run()
    }

    fn import<'p>(&'p self, part: &'p Part, users: &'p [u8], external_id: &'p str) -> UsersImport<'p> {
        UsersImport::new(&self.connection_id, &part.file, users)
            .upsert(self.upsert)
            .external_id(external_id)
            .send_completion_email(self.send_completion_email)
    }
}

/// A job under way.
pub(super) struct Active<'a> {
    pub(super) part: &'a Part,
    pub(super) job: String,
    pub(super) due: SystemTime,
    pub(super) pause: Duration,
    pub(super) seen: Option<Job>,
}

pub(super) struct Engine<'a, 'o> {
    pub(super) upload: &'a Upload<'a>,
    pub(super) journal: Journal,
    pub(super) errors: PathBuf,
    pub(super) observer: &'o mut dyn Observer,
    pub(super) active: Vec<Active<'a>>,
    /// Parts to send, the next one last.
    pub(super) queue: Vec<&'a Part>,
    pub(super) not_before: SystemTime,
    /// Tries without an answer in a row, and refusals for now in a row.
    pub(super) unanswered: u32,
    pub(super) limited: u32,
    pub(super) started: SystemTime,
    pub(super) last_result: SystemTime,
    /// Users with a result before this run.
    pub(super) done_before: u64,
}

/// How often a part is sent again whose job the tenant forgot before its result was seen.
const MOST_GONE: u32 = 3;

impl<'a> Engine<'a, '_> {
    /// Checks all parts against the journal and the limit before anything is sent, and sorts out what is to do.
    fn prepare(&mut self) -> Result<()> {
        let parts = self.upload.parts.parts();
        let now = self.upload.client.clock().now();
        let mut checksums = std::collections::HashMap::new();
        for part in parts {
            if let Some(twin) = checksums.insert(part.checksum.as_str(), part.file.as_str()) {
                return Err(UploadError::Twins(twin.to_owned(), part.file.clone()).into());
            }
        }
        for (checksum, entry) in self.journal.entries() {
            if checksums.contains_key(checksum) {
                continue;
            }
            if parts.iter().any(|part| part.file == entry.part) {
                return Err(UploadError::Edited(entry.part.clone()).into());
            }
            if !matches!(entry.state, PartState::Finished(..)) {
                return Err(UploadError::Vanished(entry.part.clone()).into());
            }
        }
        if self.upload.send_failed_again {
            self.reopen_failed()?;
        }
        let (mut unanswered, mut unsent) = (Vec::new(), Vec::new());
        for part in parts {
            match self.journal.entry(&part.checksum).map(|entry| &entry.state) {
                None | Some(PartState::Unsent) => unsent.push(part),
                Some(PartState::Sending) => unanswered.push(part),
                Some(PartState::Accepted(job)) => {
                    let (job, pause) = (job.clone(), self.upload.wait.first);
                    self.active.push(Active { part, job, due: now, pause, seen: None });
                }
                Some(PartState::Finished(_, result)) => self.done_before += result.users(),
            }
        }
        // Those first whose fate is open: their jobs may be running.
        self.queue = unanswered.into_iter().chain(unsent).rev().collect();
        for part in &self.queue {
            let external_id = self.external_id(part);
            let import = self.upload.import(part, b"", &external_id);
            let bytes = import.overhead_bytes() + part.bytes;
            if bytes > MAX_BODY_BYTES {
                return Err(Error::TooLarge { part: part.file.clone(), bytes, limit: MAX_BODY_BYTES });
            }
        }
        Ok(())
    }

    /// Forgets the results of jobs that failed as a whole.
    fn reopen_failed(&mut self) -> Result<()> {
        let failed = self.results().filter(|(_, _, result)| result.status == Status::Failed.as_str());
        let checksums: Vec<String> = failed.map(|(part, _, _)| part.checksum.clone()).collect();
        checksums.into_iter().try_for_each(|checksum| self.note(Event::Again { checksum }))
    }

    fn run(&mut self) -> Result<Outcome> {
        // A refusal that more sending cannot mend: what is under way is still seen to its end.
        let mut refusal = None;
        loop {
            let now = self.upload.client.clock().now();
            let stopped = self.too_many_failed();
            let may_send = stopped.is_none() && refusal.is_none();
            let at_once = if self.totals().parts == 0 { 1 } else { 2 };
            if may_send
                && self.active.len() < at_once
                && self.not_before <= now
                && let Some(part) = self.queue.pop()
            {
                refusal = self.send(part)?;
                continue;
            }
            if self.active.is_empty() && (self.queue.is_empty() || !may_send) {
                return refusal.map_or_else(|| Ok(self.outcome(stopped)), Err);
            }
            if let Some(index) = self.active.iter().position(|active| active.due <= now) {
                self.look(index)?;
                continue;
            }
            let sending = may_send && self.active.len() < at_once && !self.queue.is_empty();
            let next =
                self.active.iter().map(|active| active.due).chain(sending.then_some(self.not_before)).min();
            self.sleep(next.and_then(|next| next.duration_since(now).ok()).unwrap_or_default())?;
        }
    }

    /// Sends a part once. What cannot be mended by waiting is handed back; the part is then to be sent another time.
    fn send(&mut self, part: &'a Part) -> Result<Option<Error>> {
        let (upload, checksum) = (self.upload, part.checksum.clone());
        let users = upload.parts.read(part).map_err(|error| Error::io("cannot read", &part.file, error))?;
        if upload.parts.checksum(&users) != checksum {
            return Err(UploadError::Edited(part.file.clone()).into());
        }
        let external_id = self.external_id(part);
        let import = upload.import(part, &users, &external_id);
        self.note(Event::Sending { checksum: checksum.clone(), part: part.file.clone(), users: part.users })?;
        let answer = upload.client.users_imports_with(&import, &Retry::none());
        self.step(Step::Request)?;
        let error = match answer {
            Ok(job) => {
                self.note(Event::Accepted { checksum, job: job.id.clone() })?;
                (self.unanswered, self.limited) = (0, 0);
                let pause = upload.wait.first;
                let due = upload.client.clock().now() + pause;
                self.active.push(Active { part, job: job.id.clone(), due, pause, seen: Some(job) });
                return Ok(None);
            }
            Err(error) => error,
        };
        self.queue.push(part);
        if !error.may_have_acted() {
            self.note(Event::NotTaken { checksum })?;
        }
        let now = upload.client.clock().now();
        if let Some(refused) = error.refused()
            && refused.status == 429
        {
            self.limited += 1;
            let waited = now.duration_since(self.last_result).unwrap_or_default();
            let wait = refused.wait.unwrap_or_else(|| upload.client.retry().backoff(self.limited));
            self.not_before = now + wait.max(Duration::from_secs(1));
            return Ok((waited > upload.wait.limit).then_some(error));
        }
        let passing = error.may_have_acted() || matches!(error, Error::Unanswered { .. });
        if !passing {
            return Ok(Some(error));
        }
        self.unanswered += 1;
        self.not_before = now + upload.client.retry().backoff(self.unanswered);
        Ok((self.unanswered >= upload.client.retry().attempts).then(|| {
            let (part, times) = (part.file.clone(), self.unanswered);
            UploadError::NoAnswer { part, times, last: Box::new(error) }.into()
        }))
    }

    /// Looks at a job, and settles its part when it has ended.
    fn look(&mut self, index: usize) -> Result<()> {
        let Some(active) = self.active.get(index) else { return Ok(()) };
        let (part, job_id) = (active.part, active.job.clone());
        let seen = self.upload.client.job(&job_id);
        self.step(Step::Request)?;
        let ended = match seen {
            Ok(job) if job.status.is_final() => Some(job),
            Ok(job) => {
                let now = self.upload.client.clock().now();
                let waited = now.duration_since(self.last_result).unwrap_or_default();
                if waited > self.upload.wait.limit {
                    let seconds = waited.as_secs();
                    return Err(Error::StillRunning { job: job.id, status: job.status, seconds });
                }
                if let Some(active) = self.active.get_mut(index) {
                    active.due = now + active.pause;
                    active.pause = self.upload.wait.next(active.pause);
                    active.seen = Some(job);
                }
                None
            }
            Err(error) if error.refused().is_some_and(|refused| refused.status == 404) => {
                self.active.swap_remove(index);
                self.gone(part, &job_id)?;
                None
            }
            Err(error) => return Err(error),
        };
        if let Some(job) = ended {
            self.settle(part, job)?;
            self.active.swap_remove(index);
            self.last_result = self.upload.client.clock().now();
        }
        let progress = self.progress();
        self.observer.progress(&progress);
        Ok(())
    }

    /// Keeps the errors of an ended job, then its result.
    fn settle(&mut self, part: &'a Part, job: Job) -> Result<()> {
        if job.summary.is_none() && !matches!(job.status, Status::Completed | Status::Failed) {
            return self.gone(part, &job.id);
        }
        let errors = match self.upload.client.job_errors(&job.id) {
            Ok(errors) => Some(errors),
            Err(error) if error.refused().is_some_and(|refused| refused.status == 404) => None,
            Err(error) => return Err(error),
        };
        self.step(Step::Request)?;
        let mut result = PartResult { status: job.status.to_string(), ..PartResult::default() };
        result.details = job.status_details;
        let mut refused = 0;
        if let Some(errors) = errors.filter(|errors| !errors.is_empty()) {
            let name = format!("{}.{}.json", stem(&part.file), crate::http::segment(&job.id));
            keep(&self.errors, &name, errors.text())?;
            self.step(Step::Errors)?;
            let folder = self.errors.file_name().unwrap_or_default().to_string_lossy();
            result.errors = Some(format!("{folder}/{name}"));
            result.kinds = errors.kinds();
            refused = errors.users().len() as u64;
            if self.journal.entry(&part.checksum).is_some_and(|entry| entry.unsettled) {
                result.already_there = errors.already_there();
            }
        }
        match job.summary {
            Some(summary) => (result.inserted, result.updated) = (summary.inserted, summary.updated),
            None if job.status == Status::Completed => {
                let done = part.users.saturating_sub(refused);
                *(if self.upload.upsert { &mut result.updated } else { &mut result.inserted }) = done;
            }
            None => {}
        }
        // Whoever is not accounted for did not arrive: a job that failed half-way has no error for the rest.
        result.failed = part.users.saturating_sub(result.inserted + result.updated + result.already_there);
        self.note(Event::Finished { checksum: part.checksum.clone(), job: job.id, result })
    }

    /// A job that ended without its result being seen: inserting again tells who is there.
    fn gone(&mut self, part: &'a Part, job: &str) -> Result<()> {
        let (checksum, job) = (part.checksum.clone(), job.to_owned());
        let times = self.journal.entry(&checksum).map_or(0, |entry| entry.gone);
        if !self.upload.upsert && times < MOST_GONE {
            self.note(Event::Gone { checksum, job })?;
            self.queue.push(part);
            return Ok(());
        }
        let result = PartResult { status: "gone".to_owned(), unknown: part.users, ..PartResult::default() };
        self.note(Event::Finished { checksum, job, result })
    }

    fn note(&mut self, event: Event) -> Result<()> {
        self.journal.append(event)?;
        self.step(Step::Journal)
    }

    fn step(&mut self, step: Step) -> Result<()> {
        if self.observer.step(step).is_break() { Err(Error::Interrupted) } else { Ok(()) }
    }

    /// Sleeps in slices, so that an observer can break off soon.
    fn sleep(&mut self, mut time: Duration) -> Result<()> {
        while !time.is_zero() {
            let slice = time.min(Duration::from_secs(1));
            self.upload.client.clock().sleep(slice);
            time -= slice;
            self.step(Step::Wait)?;
        }
        Ok(())
    }

    fn external_id(&self, part: &Part) -> String {
        format!("reimport-{}-{}", self.journal.run, stem(&part.file))
    }
}

/// A file's name without its ending.
fn stem(file: &str) -> &str {
    file.strip_suffix(".json").unwrap_or(file)
}

/// Writes the errors of a job into the folder for them, which only its owner can read.
fn keep(folder: &Path, name: &str, text: &str) -> Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|error| Error::io("cannot create", folder, error))?;
    write_whole(&folder.join(name), text.as_bytes())
}
