//! Leaving on a signal: within a second, and with nothing left behind.

/// From now on SIGINT, SIGTERM and SIGHUP remove what was begun and end the process with 128 + n.
///
/// A flag would not wake a read that waits, so a thread of its own does it.
#[cfg(unix)]
pub(crate) fn leave_clean() {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            reimport::sink::discard_drafts();
            std::process::exit(128 + signal);
        }
    });
}

/// Elsewhere the system's own way is kept.
#[cfg(not(unix))]
pub(crate) fn leave_clean() {}
