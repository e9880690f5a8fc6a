//! Sentences with names of options as separate words, so that no name is broken over two lines.

/// Data of `templates/words.html`.
pub(super) struct Word {
    pub(super) option: bool,
    pub(super) text: String,
}

/// Splits a sentence at the names of options: `--drop PATH.` is the option `--drop` and the text ` PATH.`.
pub(super) fn words(sentence: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut rest = sentence;
    while let Some(at) = option_at(rest) {
        let (text, option) = rest.split_at(at);
        let end =
            option.find(|char: char| char != '-' && !char.is_ascii_alphanumeric()).unwrap_or(option.len());
        let (option, after) = option.split_at(end);
        words.push(Word { option: false, text: text.to_owned() });
        words.push(Word { option: true, text: option.to_owned() });
        rest = after;
    }
    words.push(Word { option: false, text: rest.to_owned() });
    words
}

fn option_at(text: &str) -> Option<usize> {
    if text.starts_with("--") { Some(0) } else { text.find(" --").map(|at| at + 1) }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn marks_options_and_keeps_all_text() {
        let cut = |text: &str| -> Vec<(bool, String)> {
            words(text).into_iter().map(|word| (word.option, word.text)).collect()
        };
        let expected = [
            (false, "Take it out with "),
            (true, "--drop"),
            (false, ", or "),
            (true, "--set"),
            (false, " it."),
        ];
        assert_eq!(
            cut("Take it out with --drop, or --set it."),
            expected.map(|(option, text)| (option, text.to_owned()))
        );
        assert_eq!(cut("a - b"), [(false, "a - b".to_owned())]);
    }
}
