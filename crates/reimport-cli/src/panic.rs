//! What a person gets to see of a defect of this program: one sentence, without a value of a user.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::panic::{self, PanicHookInfo};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::terminal::say;

/// Whether the sentence was said.
static SAID: AtomicBool = AtomicBool::new(false);

/// From now on a panic says one sentence. It unwinds as before, so that what was begun is removed, and the process ends
/// with 101.
///
/// Its own message is not shown: it may hold a value. `RUST_BACKTRACE=1` adds where it came from.
pub(crate) fn ask_for_a_report() {
    panic::set_hook(Box::new(|info| {
        // A panic of one thread may become one of another.
        if !SAID.swap(true, Ordering::Relaxed) {
            say(&sentence(info));
        }
    }));
}

/// Whether there was a panic: an error that comes after it needs no words of its own.
pub(crate) fn was_said() -> bool {
    SAID.load(Ordering::Relaxed)
}

fn sentence(info: &PanicHookInfo<'_>) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let place =
        info.location().map_or_else(String::new, |place| format!(", {}:{}", place.file(), place.line()));
    let backtrace = Backtrace::capture();
    let trace = if backtrace.status() == BacktraceStatus::Captured {
        format!("{backtrace}\n")
    } else {
        String::new()
    };
    format!(
        "{trace}reimport: this is a defect of the program (version {version}{place}): please report this line and the \
         command, without data of users (exit status 101)\n"
    )
}
