//! A progress bar on the terminal: compressed bytes of the total, records, rate and time left.

use std::fmt;
use std::io::IsTerminal;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use reimport::pipeline::Progress;

use crate::args::{ProgressChoice, ReportArgs};
use crate::event::Event;
use crate::report::grouped;

/// Interval between updates of the bar.
const EVERY: Duration = Duration::from_millis(100);

/// Interval between events with `--progress json`.
const EVENT_EVERY: Duration = Duration::from_secs(1);

/// A run that ends sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(400);

/// A bar, or a series of events, that ends when this is dropped. The bar is then removed.
pub(crate) struct Bar {
    over: Arc<AtomicBool>,
    drawer: Option<thread::JoinHandle<()>>,
}

impl Bar {
    /// Starts a thread that shows `progress`, if the options of the report ask for it.
    pub(crate) fn draw(progress: &Progress, total_bytes: Option<u64>, report: &ReportArgs) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let draw: Option<fn(&AtomicBool, &Progress, Option<u64>)> = match report.progress {
            ProgressChoice::Always => Some(draw_until),
            ProgressChoice::Never => None,
            ProgressChoice::Auto => (!report.quiet && std::io::stderr().is_terminal()).then_some(draw_until),
            ProgressChoice::Json => Some(print_until),
        };
        let drawer = draw.map(|draw| {
            let (progress, over) = (progress.clone(), Arc::clone(&over));
            thread::spawn(move || draw(&over, &progress, total_bytes))
        });
        Self { over, drawer }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(drawer) = self.drawer.take() {
            drawer.thread().unpark();
            // A panic of the drawing thread is ignored: it only draws.
            let _ = drawer.join();
        }
    }
}

fn draw_until(over: &AtomicBool, progress: &Progress, total_bytes: Option<u64>) {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        if over.load(Ordering::Relaxed) {
            return;
        }
        thread::park_timeout(PATIENCE.saturating_sub(begun.elapsed()));
    }
    let bar = ProgressBar::with_draw_target(total_bytes, ProgressDrawTarget::stderr());
    bar.set_style(style(total_bytes.is_some()));
    while !over.load(Ordering::Relaxed) {
        let records = progress.records();
        let rate = u128::from(records) * 1_000 / begun.elapsed().as_millis().max(1);
        if let Some(bytes) = total(progress, total_bytes) {
            bar.set_length(bytes);
        }
        bar.set_position(progress.compressed_bytes());
        bar.set_message(format!(
            "{} records, {}/s",
            grouped(records),
            grouped(u64::try_from(rate).unwrap_or(u64::MAX))
        ));
        thread::park_timeout(EVERY);
    }
    bar.finish_and_clear();
}

/// Prints an event each second, and one with the final counts at the end.
fn print_until(over: &AtomicBool, progress: &Progress, total_bytes: Option<u64>) {
    loop {
        let begun = Instant::now();
        while begun.elapsed() < EVENT_EVERY && !over.load(Ordering::Relaxed) {
            thread::park_timeout(EVENT_EVERY.saturating_sub(begun.elapsed()));
        }
        let ended = over.load(Ordering::Relaxed);
        let total_bytes = total(progress, total_bytes);
        Event::Reading { records: progress.records(), bytes: progress.compressed_bytes(), total_bytes }
            .print();
        if ended {
            return;
        }
    }
}

/// Returns the number of bytes to read: those of the files, and those of files that are read again.
fn total(progress: &Progress, file_bytes: Option<u64>) -> Option<u64> {
    file_bytes.map(|bytes| bytes + progress.reread_bytes())
}

fn style(has_total: bool) -> ProgressStyle {
    let template = if has_total {
        "{wide_bar} {decimal_bytes}/{decimal_total_bytes}  {msg}{left}"
    } else {
        "{decimal_bytes}  {msg}"
    };
    // The template is a valid constant. If it were not, only the bar would be lost.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("left", |state: &ProgressState, out: &mut dyn fmt::Write| {
        // Writing to a string cannot fail.
        let _ = out.write_str(&time_left(state.eta()));
    })
}

/// Returns the end of the bar. An estimate of less than a second is not shown: before the first one it is zero.
fn time_left(left: Duration) -> String {
    if left.as_secs() == 0 { String::new() } else { format!("  {:#} left", HumanDuration(left)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_time_left_is_not_shown() {
        for (millis, text) in
            [(0, ""), (999, ""), (1_000, "  1s left"), (61_000, "  61s left"), (7_200_000, "  2h left")]
        {
            assert_eq!(time_left(Duration::from_millis(millis)), text, "{millis}");
        }
    }
}
