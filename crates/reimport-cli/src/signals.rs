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
            #[cfg(feature = "jobs")]
            discard_temporary();
            std::process::exit(128 + signal);
        }
    });
}

/// Elsewhere the system's own way is kept.
#[cfg(not(unix))]
pub(crate) fn leave_clean() {}

/// The file a download grows in.
#[cfg(feature = "jobs")]
static TEMPORARY: std::sync::Mutex<Option<std::path::PathBuf>> = std::sync::Mutex::new(None);

/// That file is removed on a signal.
#[cfg(feature = "jobs")]
pub(crate) fn remove_on_signal(file: &std::path::Path) {
    *TEMPORARY.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(file.to_owned());
}

#[cfg(all(unix, feature = "jobs"))]
fn discard_temporary() {
    let mut file = TEMPORARY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(file) = file.take() {
        // Published or gone already: then nothing of that name is left.
        let _ = std::fs::remove_file(file);
    }
}
