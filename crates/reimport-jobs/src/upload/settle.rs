//! What becomes of a part: its job is looked at until it ends, its errors are kept, and its result written down.

use std::path::Path;

use super::log::{Event, PartResult};
use super::options::Step;
use super::parts::Part;
use super::run::{Engine, stem};
use crate::download::write_whole;
use crate::error::{Error, Result};
use crate::job::{Job, Status};

/// How often a part is sent again whose job the tenant forgot before its result was seen.
const MOST_GONE: u32 = 3;

impl<'a> Engine<'a, '_> {
    /// Looks at a job, and settles its part when it has ended.
    pub(super) fn look(&mut self, index: usize) -> Result<()> {
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
            if self.log().entry(&part.checksum).is_some_and(|entry| entry.unsettled) {
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
        let times = self.log().entry(&checksum).map_or(0, |entry| entry.gone);
        if !self.upload.upsert && times < MOST_GONE {
            self.note(Event::Gone { checksum, job })?;
            self.queue.push(part);
            return Ok(());
        }
        let result = PartResult { status: "gone".to_owned(), unknown: part.users, ..PartResult::default() };
        self.note(Event::Finished { checksum, job, result })
    }
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
