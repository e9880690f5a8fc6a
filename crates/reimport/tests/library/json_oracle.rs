//! Compares the scanner with `serde_json`: the same verdict for every text, and the same values at the same
//! offsets.

use proptest::prelude::*;
use reimport::json::{self, Kind, Scanner};

use crate::naive_json::{agree, call_methods, naive_compact, oracle};
use crate::texts;

proptest! {
    #![proptest_config(crate::cases::cases(1024))]

    #[test]
    fn valid_texts_agree_with_the_oracle((a, text, b) in (texts::space(), texts::value(), texts::space())) {
        let text = format!("{a}{text}{b}");
        prop_assert!(oracle(&text).is_some(), "the generator makes valid texts");
        agree(&text);
    }

    #[test]
    fn broken_texts_get_the_same_verdict(bytes in texts::broken(texts::value())) {
        agree(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn arbitrary_texts_get_the_same_verdict(text in any::<String>()) {
        agree(&text);
        agree(&format!("\"{text}\""));
        agree(&format!("{{\"{text}\":{text}}}"));
    }

    #[test]
    fn random_punctuation_gets_the_same_verdict(
        tokens in prop::collection::vec(
            prop::sample::select(&["{", "}", "[", "]", ",", ":", "\"a\"", "1", "-", ".", "e", "0", "null", " "][..]),
            0..12,
        )
    ) {
        agree(&tokens.concat());
    }

    #[test]
    fn calls_after_an_error_do_not_panic(
        bytes in texts::broken(texts::object()),
        calls in prop::collection::vec(0..7_u8, 0..40),
    ) {
        call_methods(&String::from_utf8_lossy(&bytes), calls);
    }

    #[test]
    fn compacting_drops_white_space_outside_strings_only(text in texts::value()) {
        let expected = naive_compact(&text);
        let mut compact = Vec::new();
        json::compact_into(&text, &mut compact);
        prop_assert_eq!(String::from_utf8(compact).unwrap(), expected.clone());

        let value = Scanner::new(&text).value().unwrap();
        let mut written = b"before".to_vec();
        value.write_compact(&mut written);
        prop_assert_eq!(String::from_utf8(written).unwrap(), format!("before{expected}"));
        let container = matches!(value.kind(), Kind::Object | Kind::Array);
        prop_assert_eq!(value.is_spaced(), container && text != expected);
        prop_assert_eq!(value.is_escaped(), value.kind() == Kind::String && text.contains('\\'));
    }

    #[test]
    fn spaces_are_counted((a, text, b) in (texts::space(), texts::value(), texts::space())) {
        let text = format!("{a}{text}{b}");
        let mut scanner = Scanner::new(&text);
        scanner.value().unwrap();
        scanner.end().unwrap();
        prop_assert_eq!(scanner.spaces(), text.len() - naive_compact(&text).len());
    }

    #[test]
    fn escaped_text_decodes_to_itself(text in any::<String>()) {
        let mut escaped = Vec::new();
        json::escape_into(&text, &mut escaped);
        let escaped = String::from_utf8(escaped).unwrap();
        prop_assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text.clone());
        let value = Scanner::new(&escaped).value().unwrap();
        prop_assert_eq!(value.as_str().unwrap(), text);
    }

    #[test]
    fn lone_surrogate_count_agrees_with_decoding(inside in texts::inside()) {
        let text = format!("\"{inside}\"");
        let mut scanner = Scanner::new(&text);
        let value = scanner.value().unwrap();
        let (lone, replacements) = naive_lone_surrogates(&inside);
        prop_assert_eq!(scanner.lone_surrogates(), lone);
        prop_assert_eq!(json::decode(&inside).matches('\u{fffd}').count() as u32, lone + replacements);
        prop_assert_eq!(serde_json::from_str::<String>(value.json()).is_err(), lone > 0);
    }

    #[test]
    fn decoding_unvalidated_text_does_not_panic(raw in any::<String>(), bytes in texts::broken(texts::inside())) {
        json::decode(&raw);
        json::decode(&String::from_utf8_lossy(&bytes));
        json::compact_into(&bytes, &mut Vec::new());
    }
}

/// Returns the number of escaped surrogates without a partner, and the number of U+FFFD in the string itself.
/// Decodes the string to UTF-16 units for this.
fn naive_lone_surrogates(inside: &str) -> (u32, u32) {
    let mut units: Vec<u16> = Vec::new();
    let mut chars = inside.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            units.extend_from_slice(c.encode_utf16(&mut [0; 2]));
        } else if chars.next() == Some('u') {
            let digits: String = chars.by_ref().take(4).collect();
            units.push(u16::from_str_radix(&digits, 16).unwrap());
        } else {
            units.push(u16::from(b'/'));
        }
    }
    let replacements = units.iter().filter(|&&unit| unit == 0xfffd).count() as u32;
    (char::decode_utf16(units).filter(Result::is_err).count() as u32, replacements)
}

#[test]
fn names_are_compared_decoded() {
    let text = r#"{"em\u0061il":1,"\ud83e\udd84":2,"\ud800":3}"#;
    let mut scanner = Scanner::new(text);
    scanner.enter_object().unwrap();
    let mut found = Vec::new();
    while let Some(name) = scanner.name().unwrap() {
        found.push(["email", "🦄", "\u{fffd}"].map(|known| name.is(known)));
        scanner.value().unwrap();
    }
    assert_eq!(found, [[true, false, false], [false, true, false], [false, false, true]]);
    assert_eq!(scanner.lone_surrogates(), 1);
}

#[test]
fn debug_shows_no_content() {
    let mut scanner = Scanner::new(r#"{"secret":"value"}"#);
    scanner.enter_object().unwrap();
    assert_eq!(format!("{:?}", scanner.name().unwrap().unwrap()), "Name(6 bytes)");
    assert_eq!(format!("{:?}", scanner.value().unwrap()), "Value(a string, 7 bytes)");
    assert!(!format!("{scanner:?}").contains("secret"), "a cursor shows its place only");
}
