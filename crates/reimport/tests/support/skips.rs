//! Tests that need what a machine may not have.

/// Reports that a test, or a part of it, cannot run here, and why. With `REIMPORT_NO_SKIPS` set, as in CI, that is a failure.
pub(crate) fn skip(reason: &str) {
    assert!(
        std::env::var_os("REIMPORT_NO_SKIPS").is_none(),
        "skipped, but REIMPORT_NO_SKIPS is set: {reason}"
    );
    println!("skipped: {reason}");
}
