//! Exit on a signal: within a second, and without leaving temporary files.

/// From now on SIGINT, SIGTERM and SIGHUP remove unfinished output and end the process with 128 + n.
///
/// A separate thread does this, because a flag would not wake a blocked read.
#[cfg(unix)]
pub(crate) fn leave_clean() {
    use std::io::IsTerminal as _;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    let Ok(mut signals) = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]) else { return };
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            reimport::sink::discard_drafts();
            #[cfg(feature = "jobs")]
            discard_temporary();
            // The prompt of the shell begins on its own line.
            if std::io::stderr().is_terminal() {
                crate::write_stderr(&crate::style::Styled::lines("\n"));
            }
            #[cfg(feature = "jobs")]
            if let Some(text) = on_signal().take() {
                crate::write_stderr(&text);
            }
            std::process::exit(128 + signal);
        }
    });
}

/// Does nothing: other systems keep their default.
#[cfg(not(unix))]
pub(crate) fn leave_clean() {}

/// The temporary file of a download.
#[cfg(feature = "jobs")]
static TEMPORARY: std::sync::Mutex<Option<std::path::PathBuf>> = std::sync::Mutex::new(None);

/// What a signal prints: how to continue.
#[cfg(feature = "jobs")]
static ON_SIGNAL: std::sync::Mutex<Option<crate::style::Styled>> = std::sync::Mutex::new(None);

#[cfg(feature = "jobs")]
fn on_signal() -> std::sync::MutexGuard<'static, Option<crate::style::Styled>> {
    ON_SIGNAL.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

/// Sets the text that a signal prints until the returned guard is dropped.
#[cfg(feature = "jobs")]
pub(crate) fn print_on_signal(text: crate::style::Styled) -> PrintOnSignal {
    *on_signal() = Some(text);
    PrintOnSignal
}

/// See [`print_on_signal`].
#[cfg(feature = "jobs")]
pub(crate) struct PrintOnSignal;

#[cfg(feature = "jobs")]
impl Drop for PrintOnSignal {
    fn drop(&mut self) {
        *on_signal() = None;
    }
}

/// Registers the temporary file of a download, which a signal then removes.
#[cfg(feature = "jobs")]
pub(crate) fn remove_on_signal(file: &std::path::Path) {
    *TEMPORARY.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(file.to_owned());
}

#[cfg(all(unix, feature = "jobs"))]
fn discard_temporary() {
    let mut file = TEMPORARY.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(file) = file.take() {
        // If the file was published or removed before, this fails, and there is nothing to remove.
        let _ = std::fs::remove_file(file);
    }
}
