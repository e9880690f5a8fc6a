//! What the counted warnings and notes mean.

use reimport::import::rule;

/// What a kind of warning or note means, as one clause; empty for a kind that explains itself.
pub(super) fn meaning(kind: &str) -> String {
    if let Some(rule) = rule(kind) {
        return clause(rule.meaning);
    }
    let words = match kind {
        "second-spelling" => "the property is there in several spellings, and only one of them was used",
        "not-moved-taken" => "the property was not moved, because its target has a value already",
        "not-moved-no-way" => "the property was not moved, because what is on the way is not an object",
        "not-set-no-way" => "the value was not set, because what is on the way is not an object",
        "lone-surrogate" => "half a character (a lone surrogate), which became U+FFFD",
        _ => "",
    };
    words.to_owned()
}

/// A sentence as a clause: without its capital and its full stop.
fn clause(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut chars = sentence.chars();
    let Some(first) = chars.next() else { return String::new() };
    // A name such as `TOTP` keeps its capitals.
    if chars.as_str().starts_with(char::is_uppercase) {
        return sentence.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_explained_in_one_clause() {
        assert_eq!(meaning("value-length"), "a text is empty, or longer than its property usually may be");
        assert_eq!(clause("TOTP is it."), "TOTP is it");
        assert_eq!(meaning("anything"), "");
    }
}
