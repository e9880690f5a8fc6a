//! The message of a panic: one sentence without any value of a user.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::style::{Styled, error_line, write_stderr};

/// Whether the message was printed.
static REPORTED: AtomicBool = AtomicBool::new(false);

/// Installs a panic hook that prints one sentence. The panic still unwinds, so unfinished output is removed, and the
/// process exits with 101.
///
/// The message of the panic is not printed, because it may contain a value. `RUST_BACKTRACE=1` adds a backtrace.
pub(crate) fn ask_for_a_report() {
    panic::set_hook(Box::new(|info| {
        // A panic of one thread can cause a panic of another.
        if !REPORTED.swap(true, Ordering::Relaxed) {
            write_stderr(&sentence(info));
        }
    }));
}

/// Whether there was a panic. An error that follows a panic is not printed.
pub(crate) fn was_reported() -> bool {
    REPORTED.load(Ordering::Relaxed)
}

fn sentence(info: &PanicHookInfo<'_>) -> Styled {
    let version = env!("CARGO_PKG_VERSION");
    let place =
        info.location().map_or_else(String::new, |place| format!(", {}:{}", place.file(), place.line()));
    let backtrace = Backtrace::capture();
    let trace = if backtrace.status() == BacktraceStatus::Captured {
        format!("{backtrace}\n")
    } else {
        String::new()
    };
    let mut text = Styled::lines(&trace);
    text.append(&error_line(&format!(
        "internal error (version {version}{place}); please report this line and the command, without any user data \
         (exit status 101)"
    )));
    text
}
