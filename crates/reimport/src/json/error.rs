//! The syntax error of JSON text and its messages.

use std::fmt;

/// A syntax error: the offset at which JSON text is invalid, and what was expected there.
///
/// It never holds or prints more of the text than one punctuation character. The exception is a fixed list of
/// words that other languages use for values, such as `NaN` and `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxError {
    at: usize,
    expected: Expected,
    found: Option<u8>,
    word: Option<&'static Word>,
}

/// A word that another language uses for a value, and its JSON equivalent.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    foreign: &'static str,
    json: &'static str,
}

/// The words of Python and JavaScript that are not JSON.
const WORDS: [Word; 8] = [
    Word { foreign: "NaN", json: "null" },
    Word { foreign: "nan", json: "null" },
    Word { foreign: "Infinity", json: "null" },
    Word { foreign: "inf", json: "null" },
    Word { foreign: "None", json: "null" },
    Word { foreign: "undefined", json: "null" },
    Word { foreign: "True", json: "true" },
    Word { foreign: "False", json: "false" },
];

impl Word {
    /// Returns the foreign word at `at`, unless it is only the beginning of a longer word.
    fn at(text: &str, at: usize) -> Option<&'static Self> {
        let rest = text.as_bytes().get(at..)?;
        WORDS.iter().find(|word| {
            let after = rest.strip_prefix(word.foreign.as_bytes());
            after.is_some_and(|after| !after.first().is_some_and(|byte| is_word_byte(*byte)))
        })
    }
}

fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// What the grammar expects at the offset of a [`SyntaxError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Expected {
    /// Any value.
    Value,
    /// `{`, the start of an object.
    Object,
    /// `[`, the start of an array.
    Array,
    /// A name in quotes, or `}`.
    NameOrEnd,
    /// A name in quotes, after a comma.
    Name,
    /// The `:` between a name and its value.
    Colon,
    /// `,` or `}` after a member.
    CommaOrBrace,
    /// `,` or `]` after an item.
    CommaOrBracket,
    /// The quote that closes a string.
    Quote,
    /// One of the nine escapes after a backslash.
    Escape,
    /// Four hexadecimal digits after `\u`.
    HexDigits,
    /// A control character written as an escape.
    EscapedControl,
    /// A digit of a number.
    Digit,
    /// `true`, `false` or `null`, in exactly this spelling.
    Literal,
    /// Nothing more than white space.
    End,
    /// Nesting within [`MAX_DEPTH`](super::MAX_DEPTH).
    Shallower,
}

impl SyntaxError {
    #[cold]
    pub(super) fn new(text: &str, at: usize, expected: Expected) -> Self {
        let word = match expected {
            // After the minus of `-Infinity`, a digit is expected.
            Expected::Value | Expected::Literal | Expected::Digit => Word::at(text, at),
            _ => None,
        };
        Self { at, expected, found: text.as_bytes().get(at).copied(), word }
    }

    /// Returns the byte offset of the error, from 0. This is the length of the text if the text ended too early.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Returns what the grammar expects at this offset.
    pub fn expected(&self) -> Expected {
        self.expected
    }

    /// Returns `true` if a second object or array begins after the end of the first value: two records on one
    /// line.
    fn is_second_value(&self) -> bool {
        self.expected == Expected::End && matches!(self.found, Some(b'{' | b'['))
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_second_value() {
            return write!(
                f,
                "a second value begins at column {}; expected one object per line",
                self.at + 1
            );
        }
        if let Some(Word { foreign, json }) = self.word {
            let column = self.at + 1;
            return write!(
                f,
                "expected a value, but found `{foreign}` at column {column}, which is not JSON: write {json}"
            );
        }
        let expected = match self.expected {
            Expected::Value => "a value",
            Expected::Object => "an object",
            Expected::Array => "an array",
            Expected::NameOrEnd => "a name in quotes or `}`",
            Expected::Name => "a name in quotes",
            Expected::Colon => "`:`",
            Expected::CommaOrBrace => "`,` or `}`",
            Expected::CommaOrBracket => "`,` or `]`",
            Expected::Quote => "a closing quote",
            Expected::Escape => "one of \" \\ / b f n r t u after a backslash",
            Expected::HexDigits => "four hexadecimal digits after \\u",
            Expected::EscapedControl => "a control character to be written as an escape",
            Expected::Digit => "a digit",
            Expected::Literal => "true, false or null",
            Expected::End => "nothing more",
            Expected::Shallower => return write!(f, "nested deeper than {} levels", super::MAX_DEPTH),
        };
        write!(f, "expected {expected}, but found {} at column {}", Found(self.found), self.at + 1)
    }
}

impl std::error::Error for SyntaxError {}

/// Displays the class of the unexpected byte, so that no letter of a user's value is repeated.
struct Found(Option<u8>);

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            None => f.write_str("the end of the text"),
            Some(b'"') => f.write_str("a string"),
            Some(b'{') => f.write_str("an object"),
            Some(b'[') => f.write_str("an array"),
            Some(b'0'..=b'9') => f.write_str("a digit"),
            Some(b'a'..=b'z' | b'A'..=b'Z') => f.write_str("a letter"),
            Some(byte @ (b'}' | b']' | b',' | b':' | b'\'' | b'\\' | b'-' | b'+' | b'.')) => {
                write!(f, "`{}`", char::from(byte))
            }
            Some(b'\n' | b'\r') => f.write_str("a line end"),
            Some(0) => f.write_str("a NUL byte"),
            Some(0x01..=0x1f | 0x7f) => f.write_str("a control character"),
            Some(b' ') => f.write_str("a space"),
            Some(_) => f.write_str("another character"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{MAX_DEPTH, Scanner};

    /// Returns the error message for an object that is read member by member.
    fn error_message(text: &str) -> String {
        let mut scanner = Scanner::new(text);
        let read = (|| {
            scanner.enter_object()?;
            while scanner.name()?.is_some() {
                scanner.value()?;
            }
            scanner.end()
        })();
        read.unwrap_err().to_string()
    }

    #[test]
    fn every_object_error_has_its_message() {
        let cases = [
            ("12", "expected an object, but found a digit at column 1"),
            ("", "expected an object, but found the end of the text at column 1"),
            ("{1:2}", "expected a name in quotes or `}`, but found a digit at column 2"),
            ("{\"a\":1,}", "expected a name in quotes, but found `}` at column 8"),
            ("{\"a\"}", "expected `:`, but found `}` at column 5"),
            ("{\"a\":}", "expected a value, but found `}` at column 6"),
            ("{\"a\":1 \"b\":2}", "expected `,` or `}`, but found a string at column 8"),
            ("{\"a\":01}", "expected `,` or `}`, but found a digit at column 7"),
            ("{\"a\":[1;2]}", "expected `,` or `]`, but found another character at column 8"),
            ("{\"a\":[1", "expected `,` or `]`, but found the end of the text at column 8"),
            ("{\"a\":\"b", "expected a closing quote, but found the end of the text at column 8"),
            (
                "{\"a\":\"\\x\"}",
                "expected one of \" \\ / b f n r t u after a backslash, but found a letter at column 8",
            ),
            ("{\"a\":\"\\u12.4\"}", "expected four hexadecimal digits after \\u, but found `.` at column 11"),
            (
                "{\"a\":\"\t\"}",
                "expected a control character to be written as an escape, but found a control character at column 7",
            ),
            (
                "{\"a\":\"\n\"}",
                "expected a control character to be written as an escape, but found a line end at column 7",
            ),
            (
                "{\"a\":\"\0\"}",
                "expected a control character to be written as an escape, but found a NUL byte at column 7",
            ),
            ("{\"a\":-}", "expected a digit, but found `}` at column 7"),
            ("{\"a\":1.e5}", "expected a digit, but found a letter at column 8"),
            ("{\"a\":1e +5}", "expected a digit, but found a space at column 8"),
            ("{\"a\":Truer}", "expected a value, but found a letter at column 6"),
            ("{\"a\":trUe}", "expected true, false or null, but found a letter at column 6"),
            ("{\"a\":'b'}", "expected a value, but found `'` at column 6"),
            ("{\"a\":é}", "expected a value, but found another character at column 6"),
            ("{}x", "expected nothing more, but found a letter at column 3"),
            ("{},", "expected nothing more, but found `,` at column 3"),
            ("{} {}", "a second value begins at column 4; expected one object per line"),
            ("{}[", "a second value begins at column 3; expected one object per line"),
        ];
        for (text, sentence) in cases {
            assert_eq!(error_message(text), sentence, "{text:?}");
        }
    }

    #[test]
    fn every_error_in_a_skipped_value_has_its_message() {
        let cases = [
            ("[{1:2}]", "expected a name in quotes or `}`, but found a digit at column 3"),
            ("[{\"a\":1,}]", "expected a name in quotes, but found `}` at column 9"),
            ("[{\"a\" 1}]", "expected `:`, but found a digit at column 7"),
            ("[1,]", "expected a value, but found `]` at column 4"),
            ("[{\"a\":1]", "expected `,` or `}`, but found `]` at column 8"),
            ("[[1}]", "expected `,` or `]`, but found `}` at column 4"),
        ];
        for (text, sentence) in cases {
            assert_eq!(Scanner::new(text).value().unwrap_err().to_string(), sentence, "{text:?}");
        }
        assert_eq!(
            Scanner::new("{}").enter_array().unwrap_err().to_string(),
            "expected an array, but found an object at column 1"
        );
        assert_eq!(
            Scanner::new("[]").enter_object().unwrap_err().to_string(),
            "expected an object, but found an array at column 1"
        );
        let deep = "[".repeat(MAX_DEPTH as usize + 1);
        assert_eq!(Scanner::new(&deep).value().unwrap_err().to_string(), "nested deeper than 128 levels");
    }

    #[test]
    fn word_of_another_language_is_reported_with_remedy() {
        for (word, json) in [
            ("NaN", "null"),
            ("nan", "null"),
            ("Infinity", "null"),
            ("inf", "null"),
            ("None", "null"),
            ("undefined", "null"),
            ("True", "true"),
            ("False", "false"),
        ] {
            let sentence = |column| {
                format!(
                    "expected a value, but found `{word}` at column {column}, which is not JSON: write {json}"
                )
            };
            assert_eq!(error_message(&format!("{{\"a\":{word}}}")), sentence(6));
            assert_eq!(error_message(&format!("{{\"a\":[1,{word} ]}}")), sentence(9));
            // The word is only a part of a longer word, which can be anything.
            for other in [format!("{word}x"), format!("{word}_"), format!("{word}1"), format!("{word}é")] {
                assert!(!error_message(&format!("{{\"a\":{other}}}")).contains(word), "{other}");
            }
        }
        assert_eq!(
            error_message("{\"a\":-Infinity}"),
            "expected a value, but found `Infinity` at column 7, which is not JSON: write null"
        );
    }

    #[test]
    fn messages_do_not_repeat_values() {
        for letter in ('A'..='Z').chain('a'..='z').chain(['7']) {
            let word = letter.to_string().repeat(3);
            let sentence = error_message(&format!("{{\"a\":1.{word}.}}"));
            assert!(!sentence.contains(&word), "{sentence}");
        }
    }
}
