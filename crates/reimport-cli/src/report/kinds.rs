//! What the counted warnings and notes mean.

use reimport::user::{FACT_KINDS, rule};

/// What a kind of warning or note means, as one clause; empty for a kind that explains itself.
pub(super) fn meaning(kind: &str) -> String {
    if let Some(rule) = rule(kind) {
        return clause(rule.meaning);
    }
    FACT_KINDS
        .iter()
        .find(|known| known.name == kind)
        .map_or_else(String::new, |known| known.meaning.to_owned())
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
