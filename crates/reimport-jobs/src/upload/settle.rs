//! Completes a part: polls its job until it ends, saves its errors, and records its result.

use std::fs::DirBuilder;
use std::io;

use super::counts::{Counts, Ended, Errors};
use super::log::{Event, PartResult};
use super::options::Step;
use super::parts::Part;
use super::run::{Engine, stem};
use crate::api_error::one_line;
use crate::error::{Error, Result};
use crate::errors_of_job::{JobErrors, MAX_ERRORS_BYTES};
use crate::files::{Publication, file_name_part};
use crate::job::{Job, Status};

/// How many times a part is sent again because the tenant deleted its job before the result was seen.
const MAX_GONE: u32 = 3;

/// The errors of a job, saved as received.
struct SavedErrors {
    /// The file name, as in the journal.
    file: String,
    /// The parsed errors. `None` if the file is longer than the limit for reading.
    errors: Option<JobErrors>,
}

impl<'a> Engine<'a, '_> {
    /// Polls a job, and completes its part if the job has ended.
    pub(super) fn poll(&mut self, index: usize) -> Result<()> {
        let Some(active) = self.active.get(index) else { return Ok(()) };
        let (part, job_id) = (active.part, active.job.clone());
        let polled = self.upload.client.job(&job_id);
        self.step(Step::Request)?;
        let ended = match polled {
            Ok(job) if job.status.is_final() => Some(job),
            Ok(job) => {
                let now = self.now();
                let waited = now.saturating_sub(self.last_result);
                if waited > self.upload.wait.limit {
                    let seconds = waited.as_secs();
                    return Err(Error::StillRunning { job: job_id, status: job.status, seconds });
                }
                if let Some(active) = self.active.get_mut(index) {
                    active.due = now.saturating_add(active.pause);
                    active.pause = self.upload.wait.next(active.pause);
                    active.latest = Some(job);
                }
                None
            }
            Err(error) if is_unknown(&error) => {
                self.active.swap_remove(index);
                self.handle_gone_job(part, &job_id)?;
                None
            }
            Err(error) => return Err(error),
        };
        if let Some(job) = ended {
            self.settle(part, &job_id, &job)?;
            self.active.swap_remove(index);
            self.own_job_ended();
        }
        let progress = self.progress();
        self.observer.progress(&progress);
        Ok(())
    }

    /// Saves the errors of an ended job, then its result. Any form of response is accepted.
    fn settle(&mut self, part: &'a Part, job_id: &str, job: &Job) -> Result<()> {
        if job.summary.is_none() && !matches!(job.status, Status::Completed | Status::Failed) {
            return self.handle_gone_job(part, job_id);
        }
        let saved = self.save_errors(part, job_id)?;
        let errors = saved.as_ref().and_then(|saved| saved.errors.as_ref());
        let ended = Ended {
            users: part.users,
            upsert: self.upload.upsert,
            unsettled: self.log().entry(&part.checksum).is_some_and(|entry| entry.unsettled),
            failed_as_a_whole: job.status == Status::Failed,
            summary: job.summary.as_ref(),
            errors: match (&saved, errors) {
                (None, _) => Errors::None,
                (Some(_), None) => Errors::TooLong,
                (Some(_), Some(errors)) => Errors::Read(errors),
            },
        };
        let mut result = PartResult { status: job.status.to_string(), ..PartResult::default() };
        let generic = errors.and_then(JobErrors::job).and_then(|job| job.status_details.as_deref());
        result.details = job.status_details.as_deref().or(generic).map(one_line);
        let counts =
            if job.id == job_id { ended.counts() } else { Err("the tenant answered with another job") };
        let counts = counts.unwrap_or_else(|reason| {
            result.details = Some(reason.to_owned());
            Counts { unknown: part.users, ..Counts::default() }
        });
        Counts {
            inserted: result.inserted,
            updated: result.updated,
            already_there: result.already_there,
            failed: result.failed,
            unknown: result.unknown,
        } = counts;
        result.kinds = errors.map(JobErrors::kinds).unwrap_or_default();
        result.errors = saved.map(|saved| saved.file);
        self.write_event(Event::Finished { checksum: part.checksum.clone(), job: job_id.to_owned(), result })
    }

    /// Saves the response of the tenant to a file before it is parsed. Returns `None` if there are no errors.
    fn save_errors(&mut self, part: &Part, job: &str) -> Result<Option<SavedErrors>> {
        let (folder, parent) = (self.errors.clone(), &self.upload.folder);
        let failed = |error| Error::io("cannot write a file in", parent, error);
        let mut temporary =
            tempfile::Builder::new().prefix(".reimport-").tempfile_in(parent).map_err(failed)?;
        let bytes = match self.upload.client.job_errors_to(job, temporary.as_file_mut()) {
            Ok(written) => written.map_err(failed)?,
            Err(error) if is_unknown(&error) => 0,
            Err(error) => return Err(error),
        };
        self.step(Step::Request)?;
        if bytes == 0 {
            return Ok(None);
        }
        let text = if bytes <= MAX_ERRORS_BYTES {
            Some(std::fs::read(temporary.path()).map_err(failed)?)
        } else {
            None
        };
        let errors = text.map(|text| JobErrors::from_text(String::from_utf8_lossy(&text)));
        if errors.as_ref().is_some_and(JobErrors::is_empty) {
            return Ok(None);
        }
        let mut builder = DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        let metadata = builder.create(&folder).and_then(|()| folder.symlink_metadata());
        let is_folder = metadata
            .and_then(|metadata| metadata.is_dir().then_some(()).ok_or(io::ErrorKind::NotADirectory.into()));
        is_folder.map_err(|error| Error::io("cannot create", &folder, error))?;
        let name = format!("{}.{}.json", stem(&part.file), file_name_part(job));
        Publication::new(true).add(temporary, &folder.join(&name)).publish()?;
        self.step(Step::Errors)?;
        let folder = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Some(SavedErrors { file: format!("{folder}/{name}"), errors }))
    }

    /// Handles a job that ended before its result was seen. Sending an insert again shows which users exist.
    fn handle_gone_job(&mut self, part: &'a Part, job: &str) -> Result<()> {
        let (checksum, job) = (part.checksum.clone(), job.to_owned());
        let times = self.log().entry(&checksum).map_or(0, |entry| entry.gone);
        if !self.upload.upsert && times < MAX_GONE {
            self.write_event(Event::Gone { checksum, job })?;
            self.queue.push(part);
            return Ok(());
        }
        let result = PartResult { status: "gone".to_owned(), unknown: part.users, ..PartResult::default() };
        self.write_event(Event::Finished { checksum, job, result })
    }
}

/// Returns true if the tenant does not know the job.
fn is_unknown(error: &Error) -> bool {
    error.refused().is_some_and(|refused| refused.status == 404)
}
