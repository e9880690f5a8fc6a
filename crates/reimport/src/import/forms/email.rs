//! Checks e-mail addresses exactly as the importer's validator does: `isEmail` of validator.js 13, with a required
//! top-level domain and the defaults for everything else.
//!
//! That validator counts lengths and character classes in UTF-16 units, and so does this module: a character outside
//! the basic multilingual plane counts as two, and is accepted only in a label of the domain that is not the last.
//! Display names, numeric addresses, and underscores or full-width signs in the domain are refused. The zero-width
//! space U+200B is refused in every label of the domain. The importer's validator (version 10) refuses it only in the
//! last label. But no domain has one, and it is invisible.

use super::types::expect_string;
use crate::json::Value;
use crate::run::Problem;
use crate::user::names;

/// The maximum length of an address, in UTF-16 units, and of a domain, in bytes.
const MAX_LENGTH: usize = 254;
/// The maximum length of the local part, in bytes.
const MAX_LOCAL_BYTES: usize = 64;
/// The maximum length of a label of a domain, in UTF-16 units.
const MAX_LABEL: usize = 63;

/// Checks that `value` is an e-mail address.
pub(crate) fn check(value: Value<'_>, path: &str, problems: &mut Vec<Problem>) {
    let Some(text) = expect_string(value, path, problems) else { return };
    // The validator throws an exception for a lone surrogate, which is U+FFFD in the decoded string.
    let is_half =
        value.is_escaped() && text.contains(char::REPLACEMENT_CHARACTER) && value.has_lone_surrogate();
    if is_half || !is_email(&text) {
        let found = if is_half { "a lone surrogate" } else { flaw(&text) };
        let message = format!("expected an e-mail address, but found {found}");
        problems.push(Problem::new(names::INVALID_EMAIL, path, message));
    }
}

/// Describes the first mistake in a string that is not an e-mail address. Common mistakes are tested first.
#[cold]
fn flaw(text: &str) -> &'static str {
    if text.is_empty() {
        return "an empty text";
    }
    if text.contains(char::is_whitespace) {
        return "a space in it";
    }
    if text.contains(is_invisible) {
        return "an invisible character";
    }
    let Some((local, domain)) = text.rsplit_once('@') else { return "no @ in it" };
    let dots = |part: &str| part.contains("..");
    match (local, domain) {
        ("", _) => "nothing before the @",
        (_, "") => "nothing after the @",
        _ if local.contains('@') => "more than one @",
        _ if dots(local) || dots(domain) => "two dots in a row",
        _ if domain.ends_with('.') => "a dot at the end",
        _ if local.starts_with('.') || local.ends_with('.') || domain.starts_with('.') => {
            "a dot at the beginning or the end of a part"
        }
        _ if !domain.contains('.') => "no top-level domain",
        _ if local.len() > MAX_LOCAL_BYTES => "more than 64 bytes before the @",
        _ if domain.len() > MAX_LENGTH || utf16_length(text) > MAX_LENGTH => "more than 254 characters",
        _ if !is_local(local) => "an invalid character before the @",
        _ => match domain.rsplit_once('.') {
            Some((before, last)) if before.split('.').all(is_label) && !is_top_level(last) => {
                "a top-level domain that is not two letters or more"
            }
            _ => "an invalid domain",
        },
    }
}

/// Returns whether a character is invisible on a screen.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// Returns whether `text` is an e-mail address.
#[inline]
pub(crate) fn is_email(text: &str) -> bool {
    is_plain(text.as_bytes()) || is_email_of_any_kind(text)
}

/// Returns whether the text is an address of the most common kind: unquoted, ASCII, with a top-level domain of
/// letters, and so short that neither the local part nor a label can be too long. [`is_email_of_any_kind`] accepts
/// all of these, and handles the other kinds.
fn is_plain(text: &[u8]) -> bool {
    let step = |state: u64, &byte: &u8| STEPS[usize::from(byte)].wrapping_shr(state as u32);
    text.len() <= MAX_LABEL && text.iter().fold(LOCAL_BEGINS, step) & STATE == TOP_LEVEL
}

// The states of `is_plain`. A state is the bit offset in a row of `STEPS` at which the next state is stored. So a
// step is one shift by the lowest bits of the previous result. The higher bits are the rest of its row, and are
// ignored.
const STATE_BITS: u64 = 6;
const STATE: u64 = (1 << STATE_BITS) - 1;
const WRONG: u64 = 0;
/// At the beginning, and after each dot: an atom must follow.
const LOCAL_BEGINS: u64 = STATE_BITS;
const LOCAL: u64 = 2 * STATE_BITS;
/// After `@`: a label must follow, and it cannot be the last.
const DOMAIN_BEGINS: u64 = 3 * STATE_BITS;
/// In a label that is not a top-level domain.
const LABEL: u64 = 4 * STATE_BITS;
const LABEL_HYPHEN: u64 = 5 * STATE_BITS;
/// After a dot.
const LABEL_BEGINS: u64 = 6 * STATE_BITS;
const ONE_LETTER: u64 = 7 * STATE_BITS;
/// Two or more letters and nothing else: a top-level domain, if nothing follows.
const TOP_LEVEL: u64 = 8 * STATE_BITS;

/// For each byte, the next state for each state. A hyphen never begins or ends a label.
const STEPS: [u64; 256] = {
    let in_local = LOCAL << LOCAL_BEGINS | LOCAL << LOCAL;
    let in_label = LABEL << DOMAIN_BEGINS | LABEL << LABEL | LABEL << LABEL_HYPHEN;
    let mut steps = [WRONG; 256];
    let mut byte = 0;
    while byte < 128 {
        steps[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => {
                let in_last = ONE_LETTER << LABEL_BEGINS | TOP_LEVEL << ONE_LETTER | TOP_LEVEL << TOP_LEVEL;
                in_local | in_label | in_last
            }
            b'0'..=b'9' => {
                in_local | in_label | LABEL << LABEL_BEGINS | LABEL << ONE_LETTER | LABEL << TOP_LEVEL
            }
            b'-' => {
                let in_label = LABEL_HYPHEN << LABEL | LABEL_HYPHEN << LABEL_HYPHEN;
                in_local | in_label | LABEL_HYPHEN << ONE_LETTER | LABEL_HYPHEN << TOP_LEVEL
            }
            b'.' => {
                let in_label = LABEL_BEGINS << LABEL | LABEL_BEGINS << ONE_LETTER | LABEL_BEGINS << TOP_LEVEL;
                LOCAL_BEGINS << LOCAL | in_label
            }
            b'@' => DOMAIN_BEGINS << LOCAL,
            other if is_atom(other as char) => in_local,
            _ => WRONG,
        };
        byte += 1;
    }
    steps
};

fn is_email_of_any_kind(text: &str) -> bool {
    let Some(at) = memchr::memrchr(b'@', text.as_bytes()) else { return false };
    let (local, domain) = (&text[..at], &text[at + 1..]);
    local.len() <= MAX_LOCAL_BYTES
        && domain.len() <= MAX_LENGTH
        && (text.len() <= MAX_LENGTH || utf16_length(text) <= MAX_LENGTH)
        && is_domain(domain)
        && is_local(local)
}

fn utf16_length(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

fn is_local(local: &str) -> bool {
    if local.starts_with('"') && local.ends_with('"') {
        // A single quote mark is both the first and the last character, and nothing is inside: it is accepted.
        return is_quoted(local.get(1..local.len() - 1).unwrap_or(""));
    }
    // Dots separate atoms, and no atom may be empty.
    let mut after_dot = true;
    for character in local.chars() {
        if character == '.' {
            if after_dot {
                return false;
            }
            after_dot = true;
        } else if is_atom(character) {
            after_dot = false;
        } else {
            return false;
        }
    }
    !after_dot
}

const fn is_atom(character: char) -> bool {
    match character {
        'a'..='z'
        | 'A'..='Z'
        | '0'..='9'
        | '!'
        | '#'..='\''
        | '*'
        | '+'
        | '-'
        | '/'
        | '='
        | '?'
        | '^'..='`'
        | '{'..='~' => true,
        _ => character >= '\u{a1}' && is_foreign(character),
    }
}

/// Checks the inside of a quoted local part. A backslash escapes the next character, and quote marks must be escaped.
fn is_quoted(inside: &str) -> bool {
    let mut characters = inside.chars();
    while let Some(character) = characters.next() {
        let passes = match character {
            '\\' => characters.next().is_some_and(|freed| {
                matches!(freed, '\u{1}'..='\u{9}' | '\u{b}'..='\u{7f}')
                    || freed >= '\u{a0}' && is_foreign(freed)
            }),
            '"' | '\0' => false,
            '\u{1}'..='\u{7f}' => true,
            _ => character >= '\u{a0}' && is_foreign(character),
        };
        if !passes {
            return false;
        }
    }
    true
}

/// Returns whether a character above the controls of Latin-1 is accepted in local parts and top-level domains: the
/// basic multilingual plane without its private use area, noncharacters and specials.
const fn is_foreign(character: char) -> bool {
    matches!(character, '\u{a0}'..='\u{d7ff}' | '\u{f900}'..='\u{fdcf}' | '\u{fdf0}'..='\u{ffef}')
}

fn is_domain(domain: &str) -> bool {
    let Some((before, last)) = domain.rsplit_once('.') else { return false };
    is_label(last) && is_top_level(last) && before.split('.').all(is_label)
}

/// Checks one label: 1 to 63 letters, digits and hyphens, of any script, without a hyphen at either end.
fn is_label(label: &str) -> bool {
    let mut length = 0;
    for character in label.chars() {
        let passes = match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' => true,
            '\u{200b}' | '\u{ff01}'..='\u{ff5e}' => false,
            _ => character >= '\u{a1}',
        };
        if !passes {
            return false;
        }
        length += character.len_utf16();
    }
    (1..=MAX_LABEL).contains(&length) && !label.starts_with('-') && !label.ends_with('-')
}

/// Checks the last label: two or more letters, or `xn` followed by two or more letters, digits or hyphens.
fn is_top_level(label: &str) -> bool {
    let letter = |character: char| {
        character.is_ascii_alphabetic()
            || character >= '\u{a1}' && character != '\u{a9}' && is_foreign(character) && !is_space(character)
    };
    if label.chars().all(letter) {
        return label.chars().nth(1).is_some();
    }
    let bytes = label.as_bytes();
    bytes.len() >= 4
        && bytes[..2].eq_ignore_ascii_case(b"xn")
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Returns whether a character is white space in JavaScript, beyond ASCII.
fn is_space(character: char) -> bool {
    matches!(
        character,
        '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(crate::cases::cases(4000))]

        #[test]
        fn fast_check_accepts_only_valid_addresses(
            text in "[a.\\-_\"+é]{0,4}@[a1.\\-_é]{0,6}|[a-z.]{60,66}@[a-z]{1,3}\\.[a-z0-9-]{1,3}|a@[a-z.]{55,70}\\.[a-z]{1,66}",
        ) {
            prop_assert!(!is_plain(text.as_bytes()) || is_email_of_any_kind(&text), "{text}");
        }

        #[test]
        fn fast_check_accepts_every_plain_address(
            text in "[a-z0-9]{1,5}([._+-][a-z0-9_]{1,5}){0,3}@([a-z0-9]{1,3}(-[a-z0-9]{1,3})?\\.){1,3}[a-zA-Z]{2,6}",
        ) {
            prop_assert!(is_plain(text.as_bytes()), "{text}");
        }
    }

    /// The table has addresses with JSON escapes: `+` for accepted, `-` for refused. `{n*x}` repeats `x` `n` times.
    #[test]
    fn address_table_gets_expected_verdicts() {
        let table = include_str!("../../../../../testdata/emails.tsv");
        let mut judged = [0, 0];
        for line in table.lines().filter(|line| !line.starts_with("# ")) {
            let (verdict, address) = line.split_once('\t').unwrap();
            let address = crate::json::decode(address);
            let address = repeated(&address);
            assert_eq!(is_email(&address), verdict == "+", "{line}");
            judged[usize::from(verdict == "+")] += 1;
        }
        assert!(judged[0] >= 40 && judged[1] >= 40, "{judged:?}");
    }

    fn repeated(address: &str) -> String {
        let mut out = String::new();
        let mut rest = address;
        while let Some((before, (count, text, after))) = rest.split_once("{{").and_then(|(before, inside)| {
            let (spec, after) = inside.split_once("}}")?;
            let (count, text) = spec.split_once('*')?;
            Some((before, (count.parse::<usize>().ok()?, text, after)))
        }) {
            out.push_str(before);
            out.push_str(&text.repeat(count));
            rest = after;
        }
        out + rest
    }

    #[test]
    fn message_does_not_repeat_the_address() {
        let mut problems = Vec::new();
        for text in [r#""ada@""#, r#""a@b\ud800.example""#] {
            check(crate::json::Scanner::new(text).value().unwrap(), "email", &mut problems);
        }
        assert_eq!(problems.len(), 2);
        assert_eq!(
            (problems[1].rule, &*problems[1].path, &*problems[1].message),
            ("invalid-email", "email", "expected an e-mail address, but found a lone surrogate")
        );
    }

    #[test]
    fn escaped_character_gets_the_same_verdict() {
        for inside in [r"a@\ufffd.com", "a@\u{fffd}.com", r"\ufffd@example.com", "\u{fffd}@example.com"] {
            let text = format!("\"{inside}\"");
            let mut problems = Vec::new();
            check(crate::json::Scanner::new(&text).value().unwrap(), "email", &mut problems);
            assert_eq!(problems.is_empty(), inside.starts_with('a'), "{inside}");
        }
    }

    #[test]
    fn message_names_the_fault_of_an_address() {
        for (text, expected) in [
            ("", "an empty text"),
            ("ada", "no @ in it"),
            ("@example.com", "nothing before the @"),
            ("ada@", "nothing after the @"),
            ("ada@@example.com", "more than one @"),
            ("ada..quill@example.com", "two dots in a row"),
            ("ada@example..com", "two dots in a row"),
            ("ada quill@example.com", "a space in it"),
            ("ada@example.com ", "a space in it"),
            ("ada@example.com.", "a dot at the end"),
            (".ada@example.com", "a dot at the beginning or the end of a part"),
            ("ada@example", "no top-level domain"),
            ("ada@exam\u{200b}ple.com", "an invisible character"),
            ("ada@example.c\u{200b}om", "an invisible character"),
            ("ada@example.c0m", "a top-level domain that is not two letters or more"),
            ("ada@example.c", "a top-level domain that is not two letters or more"),
            ("ada(x)@example.com", "an invalid character before the @"),
            ("ada@exam_ple.com", "an invalid domain"),
            (&format!("{}@example.com", "a".repeat(65)), "more than 64 bytes before the @"),
            (&format!("a@{}.com", "b.".repeat(130)), "two dots in a row"),
            (&format!("a@{}com", "b.".repeat(130)), "more than 254 characters"),
        ] {
            assert!(!is_email(text), "{text}");
            assert_eq!(flaw(text), expected, "{text}");
        }
    }
}
