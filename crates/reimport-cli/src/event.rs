//! `--progress json`: the progress of a run for programs, as one JSON object per line on standard error. docs/json.md
//! lists the events.

use serde::Serialize;

use crate::terminal::write_stderr_json;

/// Version of the events. Within a version, members and events are only added.
const VERSION: u32 = 1;

/// An event. If you change this, also change docs/json.md.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(crate) enum Event {
    /// Sources are being read.
    Reading { records: u64, bytes: u64, total_bytes: Option<u64> },
    /// The status of a job was requested.
    #[cfg(feature = "jobs")]
    Job { job: String, status: String, percentage_done: Option<u64>, seconds_left: Option<u64> },
    /// The file of an export is being downloaded.
    #[cfg(feature = "jobs")]
    Downloading { job: String, bytes: u64, total_bytes: Option<u64> },
    /// Parts are being uploaded. The counts include earlier runs.
    #[cfg(feature = "jobs")]
    Uploading {
        parts: u64,
        parts_done: u64,
        users: u64,
        users_done: u64,
        inserted: u64,
        updated: u64,
        already_there: u64,
        failed: u64,
        unknown: u64,
        jobs: Vec<JobOfPart>,
        seconds_left: Option<u64>,
    },
    /// A request will be repeated after a pause.
    #[cfg(feature = "jobs")]
    Waiting { call: &'static str, seconds: u64, reason: String },
}

/// A running job.
#[cfg(feature = "jobs")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct JobOfPart {
    pub(crate) part: String,
    pub(crate) job: String,
    pub(crate) percentage_done: Option<u64>,
}

#[derive(Serialize)]
struct Versioned<'e> {
    version: u32,
    #[serde(flatten)]
    event: &'e Event,
}

impl Event {
    /// Prints the event as one line on standard error.
    pub(crate) fn print(&self) {
        // Serialization of numbers and strings never fails.
        if let Ok(line) = serde_json::to_string(&Versioned { version: VERSION, event: self }) {
            write_stderr_json(&format!("{line}\n"));
        }
    }
}

#[cfg(feature = "jobs")]
mod throttle {
    use std::time::{Duration, Instant};

    use super::Event;

    /// Events of one kind are printed at most this often.
    const EVERY: Duration = Duration::from_secs(1);

    /// Prints events of one kind at most once a second. The last event of each kind is always printed.
    #[derive(Debug, Default)]
    pub(crate) struct Throttle {
        printed: Option<(Instant, Event)>,
        held: Option<Event>,
    }

    impl Throttle {
        /// Prints the event, or holds it until the next event or until `self` is dropped.
        pub(crate) fn show(&mut self, event: Event) {
            let same_kind = |(at, last): &(Instant, Event)| {
                (std::mem::discriminant(last) == std::mem::discriminant(&event)).then(|| at.elapsed())
            };
            let since = self.printed.as_ref().and_then(same_kind);
            match since {
                Some(since) if since < EVERY => self.held = Some(event),
                Some(_) => self.print(event),
                None => {
                    self.release();
                    self.print(event);
                }
            }
        }

        fn print(&mut self, event: Event) {
            self.held = None;
            if self.printed.as_ref().is_none_or(|(_, last)| *last != event) {
                event.print();
            }
            self.printed = Some((Instant::now(), event));
        }

        fn release(&mut self) {
            if let Some(event) = self.held.take() {
                self.print(event);
            }
        }
    }

    impl Drop for Throttle {
        fn drop(&mut self) {
            self.release();
        }
    }
}

#[cfg(feature = "jobs")]
pub(crate) use throttle::Throttle;
