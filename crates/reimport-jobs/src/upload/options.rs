//! What is sent where and how: the options of an upload, and who watches it.

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::journal::Journal;
use super::outcome::{Outcome, Progress};
use super::parts::{Part, Parts};
use super::run::Account;
use super::run::Engine;
use crate::client::Client;
use crate::error::Result;
use crate::import::UsersImport;
use crate::retry::Pause;
use crate::wait::Wait;

/// Told what an upload does; it may end it at any step.
pub trait Observer {
    /// How far the upload is, after each look at a job.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }

    /// Shown each pause before a part is sent again, before it begins.
    fn pausing(&mut self, pause: &Pause) {
        let _ = pause;
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
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Upload<'a> {
    pub(super) client: &'a Client,
    pub(super) parts: &'a dyn Parts,
    pub(super) folder: PathBuf,
    pub(super) connection_id: String,
    pub(super) upsert: bool,
    pub(super) is_empty: bool,
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
            is_empty: false,
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

    /// Whether the connection is known to hold no user yet; the journal remembers it from the first run. If it held users
    /// before, a user that exists after an unanswered sending may be one of those, and the outcome is not complete.
    pub fn connection_is_empty(mut self, is_empty: bool) -> Self {
        self.is_empty = is_empty;
        self
    }

    /// How many users may fail; 5 % unless set.
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

    /// Locks the journal of the target, and begins it if there is none. Nothing else is written before.
    ///
    /// # Errors
    /// If another upload to the target holds the lock, and if the journal is of another target or mode, cannot be read,
    /// or is not a journal: then it is left as it is.
    pub fn lock(&self) -> Result<LockedUpload<'_>> {
        let tenant = self.client.host();
        let journal = Journal::open(&self.folder, tenant, &self.connection_id, self.upsert, self.is_empty)?;
        Ok(LockedUpload { upload: self, journal })
    }

    /// Locks the journal, and [sends](LockedUpload::run).
    ///
    /// # Errors
    /// As [`lock`](Self::lock) and [`LockedUpload::run`].
    pub fn run(&self, observer: &mut dyn Observer) -> Result<Outcome> {
        self.lock()?.run(observer)
    }

    /// What became of the parts in earlier runs to the same target, where there were any. Nothing is sent or written.
    ///
    /// # Errors
    /// Where the journal cannot be read, or is of another target or mode.
    pub fn so_far(&self) -> Result<Option<Outcome>> {
        let log = Journal::peek(&self.folder, self.client.host(), &self.connection_id, self.upsert)?;
        Ok(log.map(|log| Account { parts: self.parts.parts(), log: &log }.outcome(&self.folder, None)))
    }

    /// The folder with the errors of each job, as the tenant told them; it is there once a job has errors.
    pub fn errors_folder(&self) -> PathBuf {
        self.folder.join(format!("{}.errors", Journal::stem(self.client.host(), &self.connection_id)))
    }

    pub(super) fn import<'p>(
        &'p self,
        part: &'p Part,
        users: &'p [u8],
        external_id: &'p str,
    ) -> UsersImport<'p> {
        UsersImport::new(&self.connection_id, &part.file, users)
            .upsert(self.upsert)
            .external_id(external_id)
            .send_completion_email(self.send_completion_email)
    }
}

/// An upload that holds the lock of its target until it is dropped.
pub struct LockedUpload<'u> {
    upload: &'u Upload<'u>,
    journal: Journal,
}

impl LockedUpload<'_> {
    /// Sends what is not yet sent, and ends when every part has a result or no more may be sent.
    ///
    /// # Errors
    /// If a part is not what it should be (before anything is sent), if the tenant refuses or stays unreachable, and
    /// [`Error::Interrupted`](crate::Error::Interrupted) if the observer breaks off. After any of them the same upload
    /// can be started again.
    pub fn run(&mut self, observer: &mut dyn Observer) -> Result<Outcome> {
        Engine::new(self.upload, &mut self.journal, observer).run()
    }

    /// What became of the parts so far.
    pub fn so_far(&self) -> Outcome {
        let Self { upload, journal } = self;
        Account { parts: upload.parts.parts(), log: &journal.log }.outcome(&upload.folder, None)
    }
}
