//! The sums of an upload: what the journal says of all parts, as totals, as progress and as the outcome.

use std::path::Path;
use std::time::Duration;

use super::log::{Log, PartResult, PartState};
use super::options::MaxFailed;
use super::outcome::{JobProgress, Outcome, PartOutcome, Progress, Stopped, UploadTotals, commonest};
use super::parts::Part;
use super::run::{Active, Engine};

/// Parts, and what is known of them.
pub(super) struct Account<'l> {
    pub(super) parts: &'l [Part],
    pub(super) log: &'l Log,
}

impl<'l> Account<'l> {
    /// The parts with a result.
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

    /// How it ended; errors are kept in `folder`.
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
            commonest: commonest(self.results().map(|(_, _, result)| result)),
            stopped,
        }
    }
}

impl Engine<'_, '_> {
    pub(super) fn account(&self) -> Account<'_> {
        Account { parts: self.upload.parts.parts(), log: self.log() }
    }

    pub(super) fn too_many_failed(&self) -> Option<Stopped> {
        let totals = self.account().totals();
        let failed = totals.failed.saturating_add(totals.unknown);
        let too_many = match self.upload.max_failed {
            MaxFailed::Users(most) => failed > most,
            MaxFailed::Percent(most) => failed as f64 * 100.0 > most * totals.users as f64,
        };
        (too_many && !self.queue.is_empty()).then_some(Stopped::TooManyFailed { failed, of: totals.users })
    }

    pub(super) fn progress(&self) -> Progress {
        let parts = self.upload.parts.parts();
        let (users, done) = (users_of(parts), self.account().totals());
        let new = done.users.saturating_sub(self.done_before);
        let time_left = (new > 0).then(|| {
            let spent = self.now().saturating_sub(self.started).as_secs_f64();
            let left = spent * users.saturating_sub(done.users) as f64 / new as f64;
            Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX)
        });
        let job = |active: &Active<'_>| JobProgress {
            part: active.part.file.clone(),
            job: active.job.clone(),
            percentage_done: active.seen.as_ref().and_then(|job| job.percentage_done),
            time_left_seconds: active.seen.as_ref().and_then(|job| job.time_left_seconds),
        };
        let jobs = self.active.iter().map(job).collect();
        Progress { parts: parts.len() as u64, users, done, jobs, time_left }
    }
}

/// The users of all parts. Their numbers come from a manifest, which may say anything.
fn users_of(parts: &[Part]) -> u64 {
    parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.users))
}
