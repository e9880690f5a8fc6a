//! Escaping of output for terminals. No character of the input may control the terminal, or invisibly change how the
//! text around it is shown.
//!
//! Messages and summaries are always escaped: [`crate::style`] does this before it adds styles. Data and `--json` documents are escaped only on a terminal: a file or a
//! pipe gets every value unchanged.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, IsTerminal, StdoutLock, Write};

/// Whether a character must be escaped on a terminal: controls (Cc), format characters (Cf), and the separators of
/// lines and paragraphs (Zl, Zp).
pub(crate) fn steers(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{ad}' | '\u{600}'..='\u{605}' | '\u{61c}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}'
            | '\u{8e2}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
            | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{110bd}' | '\u{110cd}'
            | '\u{13430}'..='\u{1343f}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0001}'
            | '\u{e0020}'..='\u{e007f}')
}

/// How such a character is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As in Rust: `\u{1b}`.
    Text,
    /// As [`Text`](Self::Text), but tabs are kept: they are the delimiter of TSV.
    Tsv,
    /// As in a JSON string: `\u001b`. A tab between values is escaped as well: output on a terminal is not parsed.
    Json,
}

/// Escapes a name or a sentence, which then is one line.
pub(crate) fn printable(words: &str) -> Cow<'_, str> {
    if !words.contains(steers) {
        return words.into();
    }
    let mut escaped = String::new();
    words.chars().for_each(|char| push(char, Form::Text, &mut escaped));
    escaped.into()
}

/// Escapes text and keeps its line ends, and the tabs of TSV.
pub(crate) fn printable_lines(text: &str, form: Form) -> Cow<'_, str> {
    let is_kept = |char| char == '\n' || (char == '\t' && form == Form::Tsv);
    if !text.contains(|char| steers(char) && !is_kept(char)) {
        return text.into();
    }
    let mut escaped = String::new();
    for char in text.chars() {
        if is_kept(char) {
            escaped.push(char);
        } else {
            push(char, form, &mut escaped);
        }
    }
    escaped.into()
}

fn push(char: char, form: Form, escaped: &mut String) {
    match form {
        _ if !steers(char) => escaped.push(char),
        Form::Text | Form::Tsv => escaped.extend(char.escape_default()),
        Form::Json => {
            for unit in char.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        }
    }
}

/// Prints lines of JSON on standard error. An error in writing them is ignored.
pub(crate) fn write_stderr_json(lines: &str) {
    let _ = io::stderr().lock().write_all(printable_lines(lines, Form::Json).as_bytes());
}

/// Returns standard output for data. Data are escaped only if it is a terminal.
pub(crate) fn stdout(form: Form) -> DataOutput<StdoutLock<'static>> {
    data_output(io::stdout().lock(), form)
}

/// Returns a writer of data. Data are escaped only if `out` is a terminal.
pub(crate) fn data_output<W: Write + IsTerminal>(out: W, form: Form) -> DataOutput<W> {
    if out.is_terminal() { DataOutput::Terminal(Escaping::new(out, form)) } else { DataOutput::Plain(out) }
}

/// A writer of data, see [`data_output`].
pub(crate) enum DataOutput<W: Write> {
    Plain(W),
    Terminal(Escaping<W>),
}

impl<W: Write> Write for DataOutput<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Terminal(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Terminal(out) => out.flush(),
        }
    }
}

/// A writer of UTF-8 text that escapes the characters of [`steers`], except line ends and the tabs of TSV. Invalid bytes become U+FFFD.
pub(crate) struct Escaping<W> {
    out: W,
    form: Form,
    /// First bytes of a character that is not complete yet: at most three.
    begun: Vec<u8>,
}

impl<W: Write> Escaping<W> {
    fn new(out: W, form: Form) -> Self {
        Self { out, form, begun: Vec::new() }
    }
}

impl<W: Write> Write for Escaping<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend_from_slice(bytes);
        let mut text = String::new();
        let mut rest = &*all;
        loop {
            match std::str::from_utf8(rest) {
                Ok(valid) => {
                    text.push_str(valid);
                    break;
                }
                Err(error) => {
                    let (valid, after) = rest.split_at(error.valid_up_to());
                    text.push_str(&String::from_utf8_lossy(valid));
                    let Some(wrong) = error.error_len() else {
                        self.begun.extend_from_slice(after);
                        break;
                    };
                    text.push(char::REPLACEMENT_CHARACTER);
                    rest = &after[wrong..];
                }
            }
        }
        self.out.write_all(printable_lines(&text, self.form).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str, form: Form, step: usize) -> String {
        let mut out = Escaping::new(Vec::new(), form);
        text.as_bytes().chunks(step).for_each(|chunk| out.write_all(chunk).unwrap());
        out.flush().unwrap();
        String::from_utf8(out.out).unwrap()
    }

    #[test]
    fn control_characters_are_escaped_across_writes() {
        let text = "a\u{1b}[31m\t\r\n\u{7f}\u{9b}é\u{61c}\u{200b}\u{2028}\u{feff}\u{e0041}👍\u{301}\u{a0}";
        for step in 1..text.len() {
            assert_eq!(
                escaped(text, Form::Text, step),
                "a\\u{1b}[31m\\t\\r\n\\u{7f}\\u{9b}é\\u{61c}\\u{200b}\\u{2028}\\u{feff}\\u{e0041}👍\u{301}\u{a0}"
            );
            assert_eq!(escaped(text, Form::Tsv, step), escaped(text, Form::Text, step).replace("\\t", "\t"));
            assert_eq!(
                escaped(text, Form::Json, step),
                "a\\u001b[31m\\u0009\\u000d\n\\u007f\\u009bé\\u061c\\u200b\\u2028\\ufeff\\udb40\\udc41👍\u{301}\u{a0}"
            );
        }
        assert_eq!(printable("a\nb\u{2029}"), "a\\nb\\u{2029}");
        assert_eq!(printable_lines("a\nb\u{2029}\n", Form::Text), "a\nb\\u{2029}\n");
    }

    #[test]
    fn escaped_json_keeps_its_value() {
        let value: String = ('\0'..='\u{e0100}').filter(|char| steers(*char)).collect();
        // The 65 of Cc, and the 172 of Cf, Zl and Zp in Unicode 17.
        assert_eq!(value.chars().count(), 65 + 172);
        let json = serde_json::to_string(&value).unwrap();
        let shown = escaped(&json, Form::Json, 7);
        assert!(!shown.contains(steers));
        assert_eq!(serde_json::from_str::<String>(&shown).unwrap(), value);
    }

    #[test]
    fn invalid_utf8_is_replaced() {
        let mut out = Escaping::new(Vec::new(), Form::Text);
        for bytes in [&b"a\xff\xc3"[..], b"\xa9\xe2\x80", b"b\xe2\x80"] {
            out.write_all(bytes).unwrap();
        }
        assert_eq!(String::from_utf8(out.out).unwrap(), "a\u{fffd}é\u{fffd}b");
    }
}
