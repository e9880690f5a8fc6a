//! The disk that fails on purpose: for one folder, the calls that a test chooses.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Call;

/// Which calls fail.
#[derive(Debug, Clone, Copy)]
pub(in crate::sink) struct Plan {
    /// Only calls of this kind are counted; all are where there is none.
    pub(in crate::sink) only: Option<Call>,
    /// The first that fails, counted from 1.
    pub(in crate::sink) at: usize,
    /// Whether all after it fail, too.
    pub(in crate::sink) sticky: bool,
    /// Whether removals never fail.
    pub(in crate::sink) removals_work: bool,
    /// The error number.
    pub(in crate::sink) error: i32,
    /// Whether the system knows an exchange of names.
    pub(in crate::sink) exchange: bool,
}

impl Plan {
    /// Nothing fails.
    pub(in crate::sink) const QUIET: Self =
        Self { only: None, at: usize::MAX, sticky: false, removals_work: false, error: 5, exchange: true };
}

struct Armed {
    folder: PathBuf,
    plan: Plan,
    counted: usize,
    /// The calls that failed.
    struck: Vec<Call>,
}

static ARMED: Mutex<Vec<Armed>> = Mutex::new(Vec::new());

fn armed() -> MutexGuard<'static, Vec<Armed>> {
    ARMED.lock().unwrap_or_else(PoisonError::into_inner)
}

fn of<'a>(armed: &'a mut [Armed], path: &Path) -> Option<&'a mut Armed> {
    armed.iter_mut().find(|armed| path.starts_with(&armed.folder))
}

pub(super) fn ask(call: Call, path: &Path) -> io::Result<()> {
    let mut armed = armed();
    let Some(armed) = of(&mut armed, path) else { return Ok(()) };
    if armed.plan.only.is_some_and(|only| only != call) {
        return Ok(());
    }
    armed.counted += 1;
    let strikes = armed.counted == armed.plan.at || armed.plan.sticky && armed.counted > armed.plan.at;
    if !strikes || armed.plan.removals_work && call == Call::Remove {
        return Ok(());
    }
    armed.struck.push(call);
    Err(io::Error::from_raw_os_error(armed.plan.error))
}

pub(super) fn knows_no_exchange(path: &Path) -> bool {
    of(&mut armed(), path).is_some_and(|armed| !armed.plan.exchange)
}

/// A folder whose disk fails as planned, until this is dropped; from whatever thread it is used.
pub(in crate::sink) struct Failing(PathBuf);

impl Failing {
    pub(in crate::sink) fn arm(folder: &Path, plan: Plan) -> Self {
        armed().push(Armed { folder: folder.to_owned(), plan, counted: 0, struck: Vec::new() });
        Self(folder.to_owned())
    }

    /// The calls that failed, and how many were counted.
    pub(in crate::sink) fn struck(&self) -> (Vec<Call>, usize) {
        let mut armed = armed();
        let armed = of(&mut armed, &self.0).expect("it is armed");
        (armed.struck.clone(), armed.counted)
    }
}

impl Drop for Failing {
    fn drop(&mut self) {
        armed().retain(|armed| armed.folder != self.0);
    }
}
