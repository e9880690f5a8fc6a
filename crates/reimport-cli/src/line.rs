//! One line on the terminal that shows the progress of a job. It is removed when the job has ended.

use std::io::{self, IsTerminal};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::args::{ProgressChoice, ReportArgs};
use crate::event::{Event, Throttle};
use crate::style::Styled;
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

/// The width of a line that is not on a terminal.
const WIDTH: usize = 80;

/// The spinner before the text.
const SPINNER: usize = 2;

impl Line {
    /// Creates the line that the options of the report ask for.
    pub(crate) fn new(report: &ReportArgs) -> Self {
        let is_terminal = io::stderr().is_terminal();
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

    /// Replaces the shown text by the first of `texts` that fits on the line, or prints the event. The texts begin with
    /// the most detailed one. If none fits, the last one is shortened.
    pub(crate) fn show(&mut self, texts: &[String], event: Event) {
        match &mut self.shown {
            Shown::Nothing => {}
            Shown::Events(throttle) => throttle.show(event),
            Shown::Terminal(bar) => {
                let size = terminal_size::terminal_size_of(io::stderr());
                let width = size.map_or(WIDTH, |(width, _)| usize::from(width.0));
                bar.set_message(fitting(texts, width.saturating_sub(SPINNER)));
            }
            Shown::Lines(last) => {
                let text = fitting(texts, WIDTH);
                if *last != text {
                    crate::write_stderr(&Styled::line(&text));
                    *last = text;
                }
            }
        }
    }
}

/// Returns the first text of at most `width` columns, or else the last one, shortened. Control characters are escaped.
fn fitting(texts: &[String], width: usize) -> String {
    let mut last = String::new();
    for text in texts {
        last = printable(text).into_owned();
        if columns(&last) <= width {
            return last;
        }
    }
    shortened(&last, width)
}

/// Cuts the middle of a text, so that it has at most `width` columns.
pub(crate) fn shortened(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(columns("…")) else { return String::new() };
    let cut = |chars: &mut dyn Iterator<Item = char>, room: usize| {
        let mut taken = 0;
        let fits = |char: &char| {
            taken += columns_of(*char);
            taken <= room
        };
        chars.take_while(fits).collect::<String>()
    };
    let head = cut(&mut text.chars(), room.div_ceil(2));
    let tail = cut(&mut text.chars().rev(), room / 2);
    let tail: String = tail.chars().rev().collect();
    format!("{head}…{tail}")
}

/// Returns the maximum number of columns that a terminal uses for a text.
fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// No character is wider than two columns. Which of them are depends on the terminal.
fn columns_of(char: char) -> usize {
    if char.is_ascii() { 1 } else { 2 }
}

impl Drop for Line {
    fn drop(&mut self) {
        if let Shown::Terminal(bar) = &self.shown {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn first_text_that_fits_is_shown() {
        let texts = ["12345678".to_owned(), "123456".to_owned(), "123".to_owned()];
        for (width, shown) in [(9, "12345678"), (8, "12345678"), (7, "123456"), (5, "123"), (2, "…"), (1, "")]
        {
            assert_eq!(fitting(&texts, width), shown, "{width}");
        }
        assert_eq!(fitting(&["a\u{1b}[31m".to_owned()], 80), "a\\u{1b}[31m");
        assert_eq!(shortened("job_0000000000000001", 12), "job_0…00001");
        assert_eq!(shortened("接続の名前です", 10), "接続…です");
    }

    proptest! {
        #[test]
        fn line_never_exceeds_its_width(texts in proptest::collection::vec(".{0,120}", 1..4), width in 0_usize..130) {
            prop_assert!(columns(&fitting(&texts, width)) <= width);
        }
    }
}
