//! Checks the names inside `app_metadata` and `user_metadata` while the scanner reads the value.
//!
//! The findings fit into two integers. They are reported only when the whole record was read, since only the last
//! value of a repeated property counts. Names that a user chose are never printed. Reserved names belong to the
//! schema, so they are.

use std::ops::Range;

use wide::u8x16;

use crate::json::{NameVisitor, Scanner, Span, SyntaxError, decode};
use crate::run::Problem;
use crate::user::names;

/// The two metadata objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetadataKind {
    App,
    User,
}

/// The names that the documentation reserves at the first level of `app_metadata`.
const RESERVED: [&str; 18] = [
    "__tenant",
    "_id",
    "blocked",
    "clientID",
    "created_at",
    "email",
    "email_verified",
    "globalClientID",
    "global_client_id",
    "identities",
    "lastIP",
    "lastLogin",
    "loginsCount",
    "metadata",
    "multifactor",
    "multifactor_last_modified",
    "updated_at",
    "user_id",
];
/// Not on the list of reserved names, but the importer refuses it too.
const USERNAME: &str = "username";

/// What was found among the names of one metadata object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// A bit for each reserved name, by its index.
    reserved: u32,
    /// The number of names, at any depth, that contain `.` or `$`.
    invalid: u32,
}

/// Reads the next value as a metadata object, and checks its names.
///
/// Its type is not checked. In an array of objects, the names of the objects are checked.
///
/// # Errors
/// If it is not a valid JSON value.
pub(crate) fn scan(scanner: &mut Scanner<'_>, which: MetadataKind) -> Result<(Span, Findings), SyntaxError> {
    let mut checker = NameChecker { findings: Findings::default(), app: which == MetadataKind::App };
    let value = scanner.span_visited_by(&mut checker)?;
    // The names in the items of an array are deeper than level 1, so none of them counts as reserved.
    Ok((value, checker.findings))
}

/// Checks every name that the scanner reads.
struct NameChecker {
    findings: Findings,
    app: bool,
}

impl NameVisitor<'_> for NameChecker {
    #[inline]
    fn visit(&mut self, text: &str, start: usize, end: usize, escaped: bool, depth: u32) {
        let top_of_app = self.app && depth == 1;
        if escaped {
            self.check_decoded(&text[start..end], top_of_app);
        } else {
            self.findings.check(text.as_bytes(), start..end, top_of_app);
        }
    }
}

impl NameChecker {
    #[cold]
    fn check_decoded(&mut self, raw: &str, top_of_app: bool) {
        let name = decode(raw);
        self.findings.check(name.as_bytes(), 0..name.len(), top_of_app);
    }
}

impl Findings {
    /// Checks the name at `place` in `text`.
    #[expect(
        clippy::inline_always,
        reason = "runs for every name in metadata; a call would cost as much as the check"
    )]
    #[inline(always)]
    fn check(&mut self, text: &[u8], place: Range<usize>, top_of_app: bool) {
        if has_dot_or_dollar(text, &place) {
            self.invalid = self.invalid.saturating_add(1);
        } else if top_of_app {
            self.reserved |= reserved_place(&text[place]).map_or(0, |place| 1 << place);
        }
    }

    /// Returns whether nothing is wrong.
    pub(crate) fn is_clean(self) -> bool {
        self == Self::default()
    }

    /// Pushes a problem for each reserved name, and one for all names that contain `.` or `$`.
    pub(crate) fn report(self, which: MetadataKind, problems: &mut Vec<Problem>) {
        for (place, name) in RESERVED.iter().chain(&[USERNAME]).enumerate() {
            if self.reserved >> place & 1 == 1 {
                let (rule, message) = if *name == USERNAME {
                    (
                        names::FORBIDDEN_APP_METADATA_KEY,
                        "expected no username here, but found one, which is refused",
                    )
                } else {
                    (
                        names::RESERVED_APP_METADATA_KEY,
                        "expected another name, but found one that is reserved",
                    )
                };
                problems.push(Problem::new(rule, format!("app_metadata.{name}"), message));
            }
        }
        if self.invalid > 0 {
            let path = match which {
                MetadataKind::App => "app_metadata.*",
                MetadataKind::User => "user_metadata.*",
            };
            let message = format!(
                "expected names without `.` and `$`, but found {} with {}",
                self.invalid,
                if self.invalid == 1 { "one of them" } else { "them" }
            );
            problems.push(Problem::new(names::METADATA_KEY, path, message));
        }
    }
}

/// Returns the index of a reserved name in the order that [`Findings::report`] uses.
#[inline(never)]
fn reserved_place(name: &[u8]) -> Option<usize> {
    // Most names end here, because no reserved name has another first letter.
    if !matches!(name.first(), Some(b'_' | b'b' | b'c' | b'e' | b'g' | b'i' | b'l' | b'm' | b'u')) {
        return None;
    }
    RESERVED.iter().chain(&[USERNAME]).position(|reserved| reserved.as_bytes() == name)
}

/// Returns whether the name at `place` contains `.` or `$`. A name of up to 16 bytes is checked in one step, together
/// with the bytes that follow it.
#[inline]
fn has_dot_or_dollar(text: &[u8], place: &Range<usize>) -> bool {
    const STEP: usize = 16;
    match text.get(place.start..).and_then(<[u8]>::first_chunk::<STEP>) {
        Some(step) if place.len() <= STEP => {
            let bytes = u8x16::new(*step);
            let stops = bytes.simd_eq(u8x16::splat(b'.')) | bytes.simd_eq(u8x16::splat(b'$'));
            let of_the_name = (1 << place.len()) - 1;
            stops.to_bitmask() & of_the_name != 0
        }
        _ => text[place.clone()].iter().any(|byte| matches!(byte, b'.' | b'$')),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn broken(text: &str, which: MetadataKind) -> Vec<(String, &'static str)> {
        let (_, findings) = scan(&mut Scanner::new(text), which).unwrap();
        let mut problems = Vec::new();
        findings.report(which, &mut problems);
        assert_eq!(findings.is_clean(), problems.is_empty());
        problems.into_iter().map(|problem| (problem.path, problem.rule)).collect()
    }

    #[test]
    fn reserved_names_apply_only_at_top_level() {
        let text =
            r#"{"plan":1,"email":"x","user\u005fid":2,"a":{"email":1},"username":3,"email":4,"emails":5}"#;
        assert_eq!(
            broken(text, MetadataKind::App),
            [
                ("app_metadata.email".to_owned(), "reserved-app-metadata-key"),
                ("app_metadata.user_id".to_owned(), "reserved-app-metadata-key"),
                ("app_metadata.username".to_owned(), "forbidden-app-metadata-key"),
            ]
        );
        assert_eq!(broken(text, MetadataKind::User), []);
        assert_eq!(broken(r#"[{"email":1}]"#, MetadataKind::App), []);
    }

    #[test]
    fn every_reserved_name_is_found() {
        for name in &RESERVED {
            assert_eq!(
                broken(&format!("{{\"{name}\":1}}"), MetadataKind::App),
                [(format!("app_metadata.{name}"), "reserved-app-metadata-key")]
            );
        }
    }

    #[test]
    fn dots_and_dollars_are_found_and_not_printed() {
        let text = r#"{"a.b":1,"c":[{"d":{"\u0024e":1}}],"f":"x.$y"}"#;
        assert_eq!(broken(text, MetadataKind::User), [("user_metadata.*".to_owned(), "metadata-key")]);
        let (_, findings) = scan(&mut Scanner::new(text), MetadataKind::App).unwrap();
        let mut problems = Vec::new();
        findings.report(MetadataKind::App, &mut problems);
        assert_eq!(problems[0].message, "expected names without `.` and `$`, but found 2 with them");
        assert_eq!(problems[0].path, "app_metadata.*");
    }

    #[test]
    fn metadata_scan_agrees_with_plain_scan() {
        let text = r#"{"a": [1, {"b.c": "\ud800"}]} rest"#;
        let (mut plain, mut checker) = (Scanner::new(text), Scanner::new(text));
        let value = plain.value().unwrap();
        let (seen, _) = scan(&mut checker, MetadataKind::User).unwrap();
        assert!(
            seen.of(text) == value && plain.offset() == checker.offset() && checker.lone_surrogates() == 1
        );
        assert_eq!(
            scan(&mut Scanner::new(r#"{"a":}"#), MetadataKind::User).unwrap_err(),
            Scanner::new(r#"{"a":}"#).value().unwrap_err()
        );
    }

    proptest! {
        #[test]
        fn only_characters_of_the_name_make_it_invalid(
            before in "[a-z.$]{0,3}",
            name in "[a-z#%/.$-]{0,30}|[ -~]{0,40}|\\PC{0,20}",
            after in "[a-z.$]{0,20}",
        ) {
            let text = format!("{before}{name}{after}");
            let place = before.len()..before.len() + name.len();
            prop_assert_eq!(has_dot_or_dollar(text.as_bytes(), &place), name.contains(['.', '$']));
        }

        #[test]
        fn dots_and_dollars_are_found_at_any_position(before in "[a-z]{0,20}", stop in "[.$]", after in "[a-z]{0,20}") {
            let name = format!("{before}{stop}{after}");
            prop_assert!(has_dot_or_dollar(name.as_bytes(), &(0..name.len())));
        }
    }
}
