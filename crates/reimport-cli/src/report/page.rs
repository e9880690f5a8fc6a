//! Text with labels, wrapped to 80 columns.

use clap::builder::styling::Style;

use crate::exit::Status;
use crate::style::{COMMAND, COUNT, LABEL, PATH, PLAIN, Styled, status_words};
use crate::terminal::printable;

const WIDTH: usize = 80;

/// A space without a line break; printed as a normal space.
const JOINED: char = '\u{a0}';

/// Lines of `label   words`, each at most 80 columns wide.
///
/// The text may contain data of the input. Characters that control a terminal are escaped when a line is added, before it
/// gets styles. Widths are counted without styles.
#[derive(Debug, Default)]
pub(crate) struct Page {
    lines: Vec<Styled>,
}

impl Page {
    /// Adds one labelled sentence, wrapped at spaces. Words joined by a no-break space, and a command between
    /// backquotes, stay on one line. A count at the beginning, and commands, stand out.
    pub(crate) fn add(&mut self, label: &str, words: &str) {
        self.items(label, sentence(words), " ", usize::MAX);
    }

    /// Adds one labelled sentence that contains a path. The path stands out. A space is added between `before` and the
    /// path, and none between the path and `after`.
    pub(crate) fn add_path(&mut self, label: &str, before: &str, path: &str, after: &str) {
        let path = format!("{path}{after}");
        let path = path.split(' ').map(|word| (PATH, word.to_owned()));
        self.items(label, sentence(before).into_iter().chain(path), " ", usize::MAX);
    }

    /// Adds a labelled command, which is never wrapped.
    pub(crate) fn command(&mut self, label: &str, command: &str) {
        let mut line = Styled::default();
        line.push_label(label);
        line.push(COMMAND, command);
        self.lines.push(line);
        if command.contains(" $'") {
            self.add("", "words in $'…' need bash, zsh or ksh");
        }
    }

    /// Adds a labelled list on at most `lines` lines. Items that do not fit are counted at the end, on one more line if
    /// the last one has no room.
    pub(crate) fn list(&mut self, label: &str, items: impl IntoIterator<Item = String>, lines: usize) {
        self.items(label, items.into_iter().map(|item| (PLAIN, item)), ", ", lines);
    }

    fn items(
        &mut self,
        label: &str,
        items: impl IntoIterator<Item = (Style, String)>,
        separator: &str,
        most: usize,
    ) {
        let items: Vec<_> =
            items.into_iter().map(|(style, item)| (style, printable(&item).into_owned())).collect();
        if items.is_empty() {
            return;
        }
        let first = self.lines.len();
        let mut line = Styled::default();
        line.push_label(label);
        let mut fresh = true;
        for (index, (style, item)) in items.iter().enumerate() {
            let left = items.len() - index;
            let more = more(left);
            let is_last_line = self.lines.len() + 1 - first >= most;
            // Reserve room for what follows: the end of the separator, or on the last line the count of the other
            // items.
            let reserve = match (left, is_last_line) {
                (1, _) => 0,
                (_, true) => separator.len() + more.len(),
                (_, false) => separator.trim_end().len(),
            };
            let width = line.width() + if fresh { 0 } else { separator.len() } + item.chars().count();
            if !fresh && width + reserve > WIDTH {
                if is_last_line && line.width() + separator.len() + more.len() <= WIDTH {
                    line.push(PLAIN, &format!("{separator}{more}"));
                    break;
                }
                line.push(PLAIN, separator.trim_end());
                self.lines.push(std::mem::take(&mut line));
                line.push_label("");
                if is_last_line {
                    line.push(PLAIN, &more);
                    break;
                }
                fresh = true;
            }
            if !fresh {
                line.push(PLAIN, separator);
            }
            line.push(*style, &item.replace(JOINED, " "));
            fresh = false;
        }
        self.lines.push(line);
    }

    /// Adds a line without wrapping it.
    pub(crate) fn line(&mut self, line: impl AsRef<str>) {
        self.styled(PLAIN, line.as_ref());
    }

    /// Adds the title of a table.
    pub(crate) fn title(&mut self, title: &str) {
        self.styled(LABEL, title);
    }

    /// Adds the last line, in the style of the status.
    pub(crate) fn status(&mut self, status: Status, words: &str) {
        self.lines.push(status_words(status, words));
    }

    fn styled(&mut self, style: Style, words: &str) {
        let mut line = Styled::default();
        line.push(style, words);
        self.lines.push(line);
    }

    /// Returns the lines as one text.
    pub(crate) fn text(&self) -> Styled {
        let mut text = Styled::default();
        for line in &self.lines {
            text.append(line);
            text.end_line();
        }
        text
    }
}

/// Splits a sentence into words with their styles.
fn sentence(sentence: &str) -> Vec<(Style, String)> {
    let is_count = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_digit()) && word.chars().all(|c| c.is_ascii_digit() || c == ',')
    };
    let style = |(index, word): (usize, &String)| match index {
        0 if is_count(word) => COUNT,
        _ if word.contains('`') => COMMAND,
        _ => PLAIN,
    };
    let words = unbroken(sentence);
    let styles: Vec<Style> = words.iter().enumerate().map(style).collect();
    styles.into_iter().zip(words).collect()
}

/// Splits a sentence into words. A command between backquotes is one word, together with adjacent punctuation.
fn unbroken(sentence: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut ends_inside = false;
    for word in sentence.split(' ') {
        let turns = word.matches('`').count() % 2 == 1;
        match words.last_mut().filter(|_| ends_inside) {
            Some(command) => command.extend([" ", word]),
            None => words.push(word.to_owned()),
        }
        ends_inside ^= turns;
    }
    words
}

impl std::fmt::Display for Page {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.text().fmt(f)
    }
}

/// Returns the line with the name of an HTML page.
pub(crate) fn page_is(path: &std::path::Path) -> Styled {
    let mut page = Page::default();
    page.line(format!("page written to {}", path.display()));
    page.text()
}

/// Formats a count with separators: `1,234,567`.
pub(crate) fn grouped(count: u64) -> String {
    indicatif::HumanCount(count).to_string()
}

/// Formats a count with its noun: `1 user`, `2 users`.
pub(crate) fn counted(count: u64, one: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(count))
}

/// Describes the items of a list that are not shown.
pub(crate) fn more(items: usize) -> String {
    format!("and {items} more, which --json lists")
}

/// Formats a number of bytes with a unit.
pub(crate) fn bytes(count: u64) -> String {
    let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    match units.iter().find(|(size, _)| count >= *size) {
        Some((size, unit)) => format!("{:.1}{JOINED}{unit}", count as f64 / *size as f64),
        None => counted(count, "byte"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn list_wraps_at_eighty_columns_and_counts_the_rest() {
        let mut page = Page::default();
        page.list("left", (0..30).map(|index| format!("property_{index:02} 5")), 2);
        assert_eq!(
            page.to_string(),
            "left      property_00 5, property_01 5, property_02 5, property_03 5,\n          \
             property_04 5, property_05 5, and 24 more, which --json lists\n"
        );
        let mut page = Page::default();
        page.list("left", ["a".repeat(60), "b".to_owned(), "c".repeat(60)], 1);
        assert_eq!(
            page.to_string(),
            format!("left      {},\n          and 2 more, which --json lists\n", "a".repeat(60))
        );
        assert!(page.to_string().lines().all(|line| line.len() <= 80));
    }

    #[test]
    fn sentence_wraps_at_spaces() {
        let mut page = Page::default();
        page.add("next", &"word ".repeat(20));
        let expected = format!(
            "next      {}\n          {}\n",
            "word ".repeat(14).trim_end(),
            "word ".repeat(6).trim_end()
        );
        assert_eq!(page.to_string(), expected);
    }

    #[test]
    fn command_in_a_sentence_is_not_wrapped() {
        let mut page = Page::default();
        let command = "reimport upload 'a folder' --tenant HOST".to_owned() + &" --more".repeat(6);
        page.add("next", &format!("{}(`{command}`), then {}", "word ".repeat(9), "word ".repeat(2)));
        let expected = format!(
            "next      {}\n          (`{command}`),\n          then word word\n",
            "word ".repeat(9).trim_end()
        );
        assert_eq!(page.to_string(), expected);
    }

    #[test]
    fn groups_digits_and_adds_byte_units() {
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(grouped(12), "12");
        assert_eq!(counted(1, "user"), "1 user");
        assert_eq!(bytes(939_011_285), "939.0\u{a0}MB");
        assert_eq!(bytes(999), "999 bytes");
    }
}
