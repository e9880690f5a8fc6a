//! Sentences as text and code: names of options, and what is between backquotes.

/// Data of `templates/words.html`.
pub(super) struct Word {
    /// Whether this is code. A line of code is broken only between its words, see `templates/command.html`.
    pub(super) code: bool,
    pub(super) text: String,
}

/// Splits a sentence into text and code: `` see --drop, or `reimport fields` `` has the code `--drop` and
/// `reimport fields`. A backquote without a second one is text.
pub(super) fn words(sentence: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = sentence;
    while let Some((text, code)) = rest.split_once('`')
        && let Some((code, after)) = code.split_once('`')
    {
        push_options(text, &mut words);
        words.push(Word { code: true, text: code.to_owned() });
        rest = after;
    }
    push_options(rest, &mut words);
    words
}

/// Adds text and its options: `--drop PATH.` is the option `--drop` and the text ` PATH.`.
fn push_options(text: &str, words: &mut Vec<Word>) {
    let mut rest = text;
    while let Some(at) = option_at(rest) {
        let (text, option) = rest.split_at(at);
        let end =
            option.find(|char: char| char != '-' && !char.is_ascii_alphanumeric()).unwrap_or(option.len());
        let (option, after) = option.split_at(end);
        words.push(Word { code: false, text: text.to_owned() });
        words.push(Word { code: true, text: option.to_owned() });
        rest = after;
    }
    words.push(Word { code: false, text: rest.to_owned() });
}

fn option_at(text: &str) -> Option<usize> {
    let after = || [" --", "(--"].into_iter().filter_map(|mark| text.find(mark)).min().map(|at| at + 1);
    if text.starts_with("--") { Some(0) } else { after() }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn marks_options_and_code_and_keeps_all_text() {
        let cut = |text: &str| -> Vec<(bool, String)> {
            let words = words(text).into_iter().map(|word| (word.code, word.text));
            words.filter(|(_, text)| !text.is_empty()).collect()
        };
        for (text, expected) in [
            (
                "Take it out with --drop, or --set it.",
                &[
                    (false, "Take it out with "),
                    (true, "--drop"),
                    (false, ", or "),
                    (true, "--set"),
                    (false, " it."),
                ][..],
            ),
            (
                "no record has a.b; `reimport fields --json` lists all (--where)",
                &[
                    (false, "no record has a.b; "),
                    (true, "reimport fields --json"),
                    (false, " lists all ("),
                    (true, "--where"),
                    (false, ")"),
                ],
            ),
            ("contains `.` or `$`", &[(false, "contains "), (true, "."), (false, " or "), (true, "$")]),
            ("a - b, and one `", &[(false, "a - b, and one `")]),
        ] {
            let expected: Vec<_> = expected.iter().map(|(code, text)| (*code, (*text).to_owned())).collect();
            assert_eq!(cut(text), expected);
        }
    }
}
