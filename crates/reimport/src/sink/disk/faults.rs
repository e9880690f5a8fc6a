//! Fault injection for tests: makes chosen file system calls in one folder fail.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Call;

/// The calls that fail.
#[derive(Debug, Clone, Copy)]
pub(in crate::sink) struct Plan {
    /// The kind of calls that are counted. `None` counts all calls.
    pub(in crate::sink) only: Option<Call>,
    /// The first call that fails, counted from 1.
    pub(in crate::sink) at: usize,
    /// Whether all later calls fail too.
    pub(in crate::sink) sticky: bool,
    /// Whether removals always succeed.
    pub(in crate::sink) removals_work: bool,
    /// The error number.
    pub(in crate::sink) error: i32,
    /// Whether the system can exchange two names.
    pub(in crate::sink) exchange: bool,
}

impl Plan {
    /// A plan in which no call fails.
    pub(in crate::sink) const NO_FAULT: Self =
        Self { only: None, at: usize::MAX, sticky: false, removals_work: false, error: 5, exchange: true };
}

struct Armed {
    folder: PathBuf,
    plan: Plan,
    counted: usize,
    /// The calls that failed.
    failed_calls: Vec<Call>,
}

static ARMED: Mutex<Vec<Armed>> = Mutex::new(Vec::new());

fn armed() -> MutexGuard<'static, Vec<Armed>> {
    ARMED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn of<'a>(armed: &'a mut [Armed], path: &Path) -> Option<&'a mut Armed> {
    armed.iter_mut().find(|armed| path.starts_with(&armed.folder))
}

pub(super) fn before_call(call: Call, path: &Path) -> io::Result<()> {
    let mut armed = armed();
    let Some(armed) = of(&mut armed, path) else { return Ok(()) };
    if armed.plan.only.is_some_and(|only| only != call) {
        return Ok(());
    }
    armed.counted += 1;
    let fails = armed.counted == armed.plan.at || armed.plan.sticky && armed.counted > armed.plan.at;
    if !fails || armed.plan.removals_work && call == Call::Remove {
        return Ok(());
    }
    armed.failed_calls.push(call);
    Err(io::Error::from_raw_os_error(armed.plan.error))
}

pub(super) fn lacks_exchange(path: &Path) -> bool {
    of(&mut armed(), path).is_some_and(|armed| !armed.plan.exchange)
}

/// Makes calls in a folder fail as planned, on any thread, until this value is dropped.
pub(in crate::sink) struct Failing(PathBuf);

impl Failing {
    pub(in crate::sink) fn arm(folder: &Path, plan: Plan) -> Self {
        armed().push(Armed { folder: folder.to_owned(), plan, counted: 0, failed_calls: Vec::new() });
        Self(folder.to_owned())
    }

    /// Returns the calls that failed, and the number of counted calls.
    pub(in crate::sink) fn failed_calls(&self) -> (Vec<Call>, usize) {
        let mut armed = armed();
        let armed = of(&mut armed, &self.0).expect("it is armed");
        (armed.failed_calls.clone(), armed.counted)
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        armed().retain(|armed| armed.folder != self.0);
    }
}
