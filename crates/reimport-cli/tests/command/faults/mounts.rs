//! Runs scripts in their own mount namespace.

use crate::harness::{REIMPORT, Ran, WorkFolder};
use crate::skips::skip;

/// Runs a script in its own mount namespace, with the command as `$0`. Does nothing if the system does not allow it.
/// The script ends with status 77 if it cannot mount.
pub(crate) fn with_mounts(place: &WorkFolder, script: &str) -> Option<Ran> {
    let output = place.program("unshare").args(["-m", "bash", "-c", script, REIMPORT]).output();
    let ran = output.ok().map(Ran::of).filter(|ran| ran.status != 77 && !ran.err.contains("unshare failed"));
    if ran.is_none() {
        skip("nothing may be mounted here");
    }
    ran
}
