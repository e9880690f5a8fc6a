//! Skipping of tests that need something that a machine may not have.

/// Reports that a test, or a part of it, cannot run here, and the reason. Fails if `REIMPORT_NO_SKIPS` is set, as
/// in CI.
pub(crate) fn skip(reason: &str) {
    assert!(
        std::env::var_os("REIMPORT_NO_SKIPS").is_none(),
        "skipped, but REIMPORT_NO_SKIPS is set: {reason}"
    );
    println!("skipped: {reason}");
}
