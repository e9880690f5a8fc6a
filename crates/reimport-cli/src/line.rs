//! One line on the terminal that shows the progress of a job. It is removed when the job has ended.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::{ProgressChoice, ReportArgs};
use crate::event::{Event, Throttle};
use crate::terminal::printable;

/// A line that is updated in place. With `--progress always` and without a terminal, each state is printed as its own
/// line.
pub(crate) struct Line {
    shown: Shown,
}

enum Shown {
    Nothing,
    Terminal(ProgressBar),
    Lines(String),
    Events(Box<Throttle>),
}

impl Line {
    /// Creates the line that the options of the report ask for.
    pub(crate) fn new(report: &ReportArgs) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let shown = match report.progress {
            ProgressChoice::Never => Shown::Nothing,
            ProgressChoice::Json => Shown::Events(Box::default()),
            ProgressChoice::Auto if report.quiet || !is_terminal => Shown::Nothing,
            ProgressChoice::Always if !is_terminal => Shown::Lines(String::new()),
            ProgressChoice::Auto | ProgressChoice::Always => {
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                // The template is a valid constant. If it were not, only the line would be lost.
                let style = ProgressStyle::with_template("{spinner} {wide_msg}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                bar.enable_steady_tick(Duration::from_millis(200));
                Shown::Terminal(bar)
            }
        };
        Self { shown }
    }

    /// Replaces the shown text by `words`, or prints the event.
    pub(crate) fn show(&mut self, words: &str, event: Event) {
        let words = printable(words).into_owned();
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Events(throttle) => throttle.show(event),
            Shown::Terminal(bar) => bar.set_message(words),
            Shown::Lines(last) if *last == words => {}
            Shown::Lines(last) => {
                crate::write_stderr(&format!("{words}\n"));
                *last = words;
            }
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Shown::Terminal(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}
