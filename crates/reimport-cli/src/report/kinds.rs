//! Meanings of counted warnings and notes.

use reimport::user::{FACT_KINDS, rule};

/// Returns the meaning of a kind of warning or note as one clause; empty for a kind that needs no explanation.
pub(super) fn meaning(kind: &str) -> String {
    if let Some(rule) = rule(kind) {
        return clause(rule.meaning);
    }
    FACT_KINDS
        .iter()
        .find(|known| known.name == kind)
        .map_or_else(String::new, |known| known.meaning.to_owned())
}

/// Turns a sentence into a clause: without initial capital and full stop.
fn clause(sentence: &str) -> String {
    let sentence = sentence.trim_end_matches('.');
    let mut chars = sentence.chars();
    let Some(first) = chars.next() else { return String::new() };
    // An abbreviation such as `TOTP` keeps its capitals.
    if chars.as_str().starts_with(char::is_uppercase) {
        return sentence.to_owned();
    }
    first.to_lowercase().chain(chars).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_has_a_one_clause_explanation() {
        assert_eq!(meaning("value-length"), "a string is empty, or longer than its property usually may be");
        assert_eq!(clause("TOTP is it."), "TOTP is it");
        assert_eq!(meaning("anything"), "");
    }
}
