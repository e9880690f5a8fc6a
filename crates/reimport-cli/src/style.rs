//! Styles of messages and reports, and printing with them.
//!
//! All styles are defined here. [`Styled`] escapes text before it gets a style, so the only control sequences that are
//! printed are the ones of this module. Data and JSON documents never have a style: see [`crate::terminal`].

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::ops::Range;

use anstream::adapter::strip_str;
use anstream::stream::{AsLockedWrite, RawStream};
use anstream::{AutoStream, ColorChoice};
use clap::builder::Styles;
use clap::builder::styling::{AnsiColor, Style};

use crate::exit::Status;
use crate::terminal::{Form, printable, printable_lines};

/// `error:`, and what failed or stopped.
const ERROR: Style = AnsiColor::Red.on_default().bold();
/// The label `warning`, and a status line with exit status 1.
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// A status line with exit status 0.
const DONE: Style = AnsiColor::Green.on_default();
/// Labels of a summary, and titles of a table.
pub(crate) const LABEL: Style = Style::new().bold();
/// The count at the beginning of a sentence of a summary.
pub(crate) const COUNT: Style = Style::new().bold();
/// The path of an output.
pub(crate) const PATH: Style = Style::new().bold();
/// Commands to run next.
pub(crate) const COMMAND: Style = AnsiColor::Cyan.on_default();
pub(crate) const PLAIN: Style = Style::new();

/// Styles of the help and of errors in arguments.
pub(crate) const ARGUMENTS: Styles = Styles::plain()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(COMMAND)
    .error(ERROR)
    .valid(COMMAND)
    .invalid(WARNING);

/// Width of the column of labels.
const LABEL_WIDTH: usize = 10;

/// Escaped text with styles. Its `Display` is the text without styles.
#[derive(Debug, Default)]
pub(crate) struct Styled {
    /// Contains no character that controls a terminal, except line ends.
    text: String,
    /// Ranges of `text` that have a style, in ascending order.
    styles: Vec<(Range<usize>, Style)>,
}

impl Styled {
    /// Escapes lines, which have no style.
    pub(crate) fn lines(text: &str) -> Self {
        Self { text: printable_lines(text, Form::Text).into_owned(), styles: Vec::new() }
    }

    /// Escapes a sentence, which is one line and has no style.
    #[cfg(feature = "jobs")]
    pub(crate) fn line(sentence: &str) -> Self {
        let mut line = Self::default();
        line.push(PLAIN, sentence);
        line.end_line();
        line
    }

    /// Escapes words, and adds them in a style. Line ends are escaped as well.
    pub(crate) fn push(&mut self, style: Style, words: &str) {
        let start = self.text.len();
        self.text.push_str(&printable(words));
        if style != PLAIN && self.text.len() > start {
            self.styles.push((start..self.text.len(), style));
        }
    }

    /// Adds a label, padded to the width of its column.
    pub(crate) fn push_label(&mut self, label: &str) {
        let style = match label {
            "warning" => WARNING,
            "stops" | "stopped" => ERROR,
            _ => LABEL,
        };
        self.push(style, label);
        let padding = LABEL_WIDTH.saturating_sub(label.chars().count());
        self.push(PLAIN, &" ".repeat(padding));
    }

    /// Adds text that is escaped already.
    pub(crate) fn append(&mut self, other: &Self) {
        let start = self.text.len();
        self.text.push_str(&other.text);
        let moved =
            other.styles.iter().map(|(range, style)| (start + range.start..start + range.end, *style));
        self.styles.extend(moved);
    }

    /// Removes white space at the end, and adds a line end.
    pub(crate) fn end_line(&mut self) {
        let end = self.text.trim_end_matches(' ').len();
        self.text.truncate(end);
        self.styles.retain(|(range, _)| range.start < end);
        if let Some((range, _)) = self.styles.last_mut() {
            range.end = range.end.min(end);
        }
        self.text.push('\n');
    }

    /// Returns the number of columns.
    pub(crate) fn width(&self) -> usize {
        self.text.chars().count()
    }

    /// Returns the text with the control sequences of its styles.
    fn ansi(&self) -> String {
        let (mut ansi, mut end) = (String::new(), 0);
        for (range, style) in &self.styles {
            ansi.push_str(&self.text[end..range.start]);
            ansi.push_str(&style.render().to_string());
            ansi.push_str(&self.text[range.clone()]);
            ansi.push_str(&style.render_reset().to_string());
            end = range.end;
        }
        ansi + &self.text[end..]
    }
}

impl fmt::Display for Styled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Returns the line `error: SENTENCE`.
pub(crate) fn error_line(sentence: &str) -> Styled {
    prefixed_line(ERROR, "error:", sentence)
}

/// Returns the line `warning: SENTENCE`.
pub(crate) fn warning_line(sentence: &str) -> Styled {
    prefixed_line(WARNING, "warning:", sentence)
}

fn prefixed_line(style: Style, prefix: &str, sentence: &str) -> Styled {
    let mut line = Styled::default();
    line.push(style, prefix);
    line.push(PLAIN, &format!(" {sentence}"));
    line.end_line();
    line
}

/// Returns a message of several lines that begins with `error:`.
pub(crate) fn error_lines(message: &str) -> Styled {
    let mut text = Styled::default();
    text.push(ERROR, "error:");
    text.push(PLAIN, " ");
    text.append(&Styled::lines(message));
    text
}

/// Returns a line `label   words`, which is not wrapped.
pub(crate) fn labelled_line(label: &str, words: &str) -> Styled {
    let mut line = Styled::default();
    line.push_label(label);
    line.push(PLAIN, words);
    line.end_line();
    line
}

/// Returns the last line of a report. The words before the first punctuation have the style of the status.
pub(crate) fn status_line(status: Status, words: &str) -> Styled {
    let mut line = status_words(status, words);
    line.end_line();
    line
}

/// Returns the last line of a report without its line end.
pub(crate) fn status_words(status: Status, words: &str) -> Styled {
    let style = match status {
        Status::Done => DONE,
        Status::Findings => WARNING,
        Status::Failed | Status::PipeClosed | Status::Defect => ERROR,
    };
    let (head, rest) = words.split_at(words.find([',', ':', ';', '(']).unwrap_or(words.len()));
    let (head, space) = head.split_at(head.trim_end().len());
    let mut line = Styled::default();
    line.push(style, head);
    line.push(PLAIN, &format!("{space}{rest}"));
    line
}

/// Prints text on standard error. An error in writing it is ignored.
pub(crate) fn write_stderr(text: &Styled) {
    let _ = write(io::stderr().lock(), &text.ansi());
}

/// Prints a report on standard output.
pub(crate) fn write_stdout(text: &Styled) -> io::Result<()> {
    write(io::stdout().lock(), &text.ansi())
}

/// Prints the help, or an error in arguments. An error in writing it is ignored.
///
/// The message repeats the typed words, which must not contain characters that control a terminal.
pub(crate) fn write_of_arguments(error: &clap::Error) {
    let ansi = error.render().ansi().to_string();
    let _ = if error.use_stderr() {
        write(io::stderr().lock(), &ansi)
    } else {
        write(io::stdout().lock(), &ansi)
    };
}

/// Prints text with control sequences, which are removed if the output shall have no colours.
fn write<S: RawStream + AsLockedWrite>(out: S, ansi: &str) -> io::Result<()> {
    let choice = choice(&out);
    // anstream writes what is between two control sequences in a call of its own.
    let text = match choice {
        ColorChoice::Never => Cow::Owned(strip_str(ansi).to_string()),
        _ => Cow::Borrowed(ansi),
    };
    let mut out = AutoStream::new(out, choice);
    out.write_all(text.as_bytes())?;
    out.flush()
}

/// Whether an output has colours.
fn choice<S: RawStream>(out: &S) -> ColorChoice {
    // anstream takes every value of CLICOLOR_FORCE as a wish for colours. By convention, `0` is not one.
    let is_forced_off = std::env::var_os("CLICOLOR_FORCE").is_some_and(|value| value == "0");
    let is_dumb = || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    if is_forced_off && (!out.is_terminal() || is_dumb()) {
        return ColorChoice::Never;
    }
    AutoStream::choice(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_before_it_gets_a_style() {
        let mut text = Styled::default();
        text.push_label("warning");
        text.push(COMMAND, "a\u{1b}[31m\n\u{202e}");
        text.push(PLAIN, "  ");
        text.end_line();
        assert_eq!(text.to_string(), "warning   a\\u{1b}[31m\\n\\u{202e}\n");
        assert_eq!(
            text.ansi(),
            "\u{1b}[1m\u{1b}[33mwarning\u{1b}[0m   \u{1b}[36ma\\u{1b}[31m\\n\\u{202e}\u{1b}[0m\n"
        );
    }

    #[test]
    fn styles_move_with_their_text() {
        let mut text = Styled::lines("one\ntwo\n");
        text.append(&status_line(Status::Failed, "failed: nothing  "));
        text.append(&status_line(Status::Done, "all users arrived (exit status 0)"));
        assert_eq!(
            text.ansi(),
            "one\ntwo\n\u{1b}[1m\u{1b}[31mfailed\u{1b}[0m: nothing\n\
             \u{1b}[32mall users arrived\u{1b}[0m (exit status 0)\n"
        );
    }
}
