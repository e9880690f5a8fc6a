//! One line of words on the terminal that says how far a job is, and is gone when it is over.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::{ProgressChoice, ReportArgs};
use crate::event::{Event, Throttle};
use crate::terminal::printable;

/// A line that is written anew; where standard error is no terminal but lines are wanted, each stays.
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
    /// A line, where that is wanted.
    pub(crate) fn new(report: &ReportArgs) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let shown = match report.progress {
            ProgressChoice::Never => Shown::Nothing,
            ProgressChoice::Json => Shown::Events(Box::default()),
            ProgressChoice::Auto if report.quiet || !is_terminal => Shown::Nothing,
            ProgressChoice::Always if !is_terminal => Shown::Lines(String::new()),
            ProgressChoice::Auto | ProgressChoice::Always => {
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                // The template is ours and right; a wrong one would only lose the line.
                let style = ProgressStyle::with_template("{spinner} {wide_msg}");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
                bar.enable_steady_tick(Duration::from_millis(200));
                Shown::Terminal(bar)
            }
        };
        Self { shown }
    }

    /// Shows these words in place of the last ones, or prints the event.
    pub(crate) fn show(&mut self, words: &str, event: Event) {
        let words = printable(words).into_owned();
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Events(throttle) => throttle.show(event),
            Shown::Terminal(bar) => bar.set_message(words),
            Shown::Lines(last) if *last == words => {}
            Shown::Lines(last) => {
                crate::say(&format!("{words}\n"));
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
