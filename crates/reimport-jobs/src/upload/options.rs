//! The options of an upload, and the observer of its progress.

use std::ops::ControlFlow;
use std::path::PathBuf;

use super::journal::Journal;
use super::outcome::{Outcome, Progress};
use super::parts::{Part, Parts};
use super::run::Engine;
use super::run::PartResults;
use crate::client::Client;
use crate::error::Result;
use crate::import::UsersImport;
use crate::retry::Pause;
use crate::wait::Wait;

/// Receives the progress of an upload. It can end the upload at any step.
pub trait Observer {
    /// Called each time a job was polled.
    fn progress(&mut self, progress: &Progress) {
        let _ = progress;
    }

    /// Called before each pause after which a part is sent again.
    fn pausing(&mut self, pause: &Pause) {
        let _ = pause;
    }

    /// Called after each step. `Break` ends the upload immediately, as if it were killed. Nothing is lost.
    fn step(&mut self, step: Step) -> ControlFlow<()> {
        let _ = step;
        ControlFlow::Continue(())
    }
}

/// Ignores everything.
impl Observer for () {}

/// One step of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// A journal line is on disk.
    Journal,
    /// A request has ended, successfully or not.
    Request,
    /// The errors of a job are on disk.
    Errors,
    /// A wait of at most a second has ended.
    Wait,
}

/// How many users may fail before no more parts are sent.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxFailed {
    /// This percentage of the users with a result.
    Percent(f64),
    /// This number of users.
    Users(u64),
}

/// An upload of parts to one connection.
#[expect(clippy::struct_excessive_bools, reason = "each is an independent option")]
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
    /// Creates an upload of parts to a connection. The journal and the errors are stored in `folder`, preferably
    /// the folder of the parts.
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

    /// Sets whether existing users are updated. The journal stores this mode, and a later run must use the same.
    pub fn upsert(mut self, upsert: bool) -> Self {
        self.upsert = upsert;
        self
    }

    /// Sets whether the connection is known to have no users. The journal stores the value of the first run. If the
    /// connection had users before, a user that already exists after a part was sent without a response may be one
    /// of those. The outcome is then not complete.
    pub fn connection_is_empty(mut self, is_empty: bool) -> Self {
        self.is_empty = is_empty;
        self
    }

    /// Sets how many users may fail. The default is 5 %.
    pub fn max_failed(mut self, max: MaxFailed) -> Self {
        self.max_failed = max;
        self
    }

    /// Sets whether the owners of the tenant get an email for every part.
    pub fn send_completion_email(mut self, send: bool) -> Self {
        self.send_completion_email = send;
        self
    }

    /// Sets whether parts whose job failed as a whole are sent again.
    pub fn send_failed_again(mut self, again: bool) -> Self {
        self.send_failed_again = again;
        self
    }

    /// Sets how often jobs are polled, and how long the upload continues if no job ends.
    pub fn wait(mut self, wait: Wait) -> Self {
        self.wait = wait;
        self
    }

    /// Locks the journal of the target, and creates it if there is none. Nothing else is written before.
    ///
    /// # Errors
    /// Returns an error if another upload to the target holds the lock, or if the journal belongs to another target
    /// or mode, cannot be read, or is not a journal. The file is then unchanged.
    pub fn lock(&self) -> Result<LockedUpload<'_>> {
        let tenant = self.client.host();
        let journal = Journal::open(&self.folder, tenant, &self.connection_id, self.upsert, self.is_empty)?;
        Ok(LockedUpload { upload: self, journal })
    }

    /// Locks the journal and [sends the parts](LockedUpload::run).
    ///
    /// # Errors
    /// The same as [`lock`](Self::lock) and [`LockedUpload::run`].
    pub fn run(&self, observer: &mut dyn Observer) -> Result<Outcome> {
        self.lock()?.run(observer)
    }

    /// Returns the results of earlier runs to the same target, if there are any. Nothing is sent or written.
    ///
    /// # Errors
    /// Returns an error if the journal cannot be read, or belongs to another target or mode.
    pub fn so_far(&self) -> Result<Option<Outcome>> {
        let log = Journal::peek(&self.folder, self.client.host(), &self.connection_id, self.upsert)?;
        Ok(log.map(|log| PartResults { parts: self.parts.parts(), log: &log }.outcome(&self.folder, None)))
    }

    /// Returns the folder with the errors of each job, as the tenant returned them. It exists only if a job has
    /// errors.
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
    /// Sends the parts that are not sent yet. Ends when every part has a result or no more parts may be sent.
    ///
    /// # Errors
    /// Returns an error if a part is not valid (before anything is sent), or if the tenant refuses or stays
    /// unreachable. Returns [`Error::Interrupted`](crate::Error::Interrupted) if the observer ends the upload.
    /// After any error the same upload can be started again.
    pub fn run(&mut self, observer: &mut dyn Observer) -> Result<Outcome> {
        Engine::new(self.upload, &mut self.journal, observer).run()
    }

    /// Returns the results so far.
    pub fn so_far(&self) -> Outcome {
        let Self { upload, journal } = self;
        PartResults { parts: upload.parts.parts(), log: &journal.log }.outcome(&upload.folder, None)
    }
}
