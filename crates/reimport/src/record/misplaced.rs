//! Detects files that begin like JSON but are not exports, from their first records.
//!
//! All cases of such files are in this module. [`foreign`](crate::source::foreign) does the same for bytes that
//! are not text. A file is reported only if its beginning shows with certainty that it is not an export. Anything
//! else is read as an export.

use std::borrow::Cow;

use super::error::FormatError;
use super::lines::blank;
use crate::json::{Kind, Scanner};
use crate::user::property::Property;
use crate::user::spelling;

/// The members in which pages and bundles have their users. In all but the first, the elements must look like
/// users.
const BUNDLES: [&str; 4] = ["users", "data", "items", "results"];

/// Returns `true` if the first record is a line of `rejected.ndjson`.
pub(super) fn is_rejects(text: &str) -> bool {
    Members::of_first(text).are_rejects()
}

/// Detects the kind of file from its beginning, if it is not a file of users.
pub(super) fn other_kind(text: &str) -> Option<FormatError> {
    let first = Members::of_first(text);
    let in_array = text.trim_ascii_start().starts_with('[');
    if is_hash_export(text) {
        return Some(FormatError::Hashes);
    }
    if first.has("user") && first.has("errors") {
        return Some(FormatError::JobErrors);
    }
    if first.has("tool") && first.has("version") && first.has("totals") {
        return Some(FormatError::Manifest);
    }
    if first.has("type") && first.has("status") && first.has("id") && !first.has("user_id") {
        return Some(FormatError::Job);
    }
    if holds_arrays(text) {
        return Some(FormatError::ArrayOfArrays);
    }
    // A user can have members of any name in addition to known properties.
    if first.are_of_a_user() {
        return None;
    }
    if let Some(member) = BUNDLES.into_iter().find(|member| first.holds_users(member)) {
        return Some(FormatError::Bundle { member, in_array });
    }
    if first.has("statusCode") && first.has("message") {
        return Some(FormatError::ApiError { reason: "message" });
    }
    if first.has("error") && first.has("error_description") {
        return Some(FormatError::ApiError { reason: "error_description" });
    }
    if first.inside("user").is_some_and(|user| user.are_of_a_user()) && (in_array || !first.are_rejects()) {
        return Some(FormatError::Wrapped { in_array });
    }
    None
}

/// Detects the kind of a file that was given as the error list of an import job but is not one, from its
/// beginning.
pub(crate) fn in_place_of_error_list(text: &str) -> Option<&'static str> {
    let inside = text.trim_ascii();
    let inside = inside.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')).unwrap_or(inside);
    match inside.trim_ascii() {
        "{}" => return Some("an empty object"),
        "null" => return Some("null"),
        _ => {}
    }
    Some(match other_kind(text) {
        Some(FormatError::ApiError { .. }) => "an error answer of the API",
        Some(FormatError::Bundle { .. }) => "a page of users",
        Some(FormatError::Job) => "a job that is not a users import",
        Some(FormatError::Hashes) => "an export of password hashes",
        Some(FormatError::Manifest) => "a manifest of reimport",
        _ if Members::of_first(text).are_of_a_user() => "users",
        _ => return None,
    })
}

/// Returns `true` if most records have `_id` and no `user_id`, and at least one has a hash or the date of a hash.
///
/// A file of users can have hashes, too, because tools merge them into it.
fn is_hash_export(text: &str) -> bool {
    let (mut of_hashes, mut others, mut hash) = (0_u32, 0_u32, false);
    each_record(text, |members| {
        let has_id = members.has("_id") || members.has("_ID");
        if has_id && !members.has("user_id") && !members.has("Id") {
            of_hashes += 1;
        } else {
            others += 1;
        }
        hash |= ["passwordHash", "custom_password_hash", "password_set_date"]
            .iter()
            .any(|name| members.has(name));
    });
    hash && of_hashes > others
}

/// Visits the members of each complete record in `text`. Visits the first record even if it is incomplete.
fn each_record(text: &str, mut visit: impl FnMut(Members<'_>)) {
    let mut scanner = Scanner::new(text);
    if scanner.kind().is_ok_and(|kind| kind == Kind::Array) {
        if scanner.enter_array().is_err() {
            return;
        }
        let mut first = true;
        while let Ok(true) = scanner.item() {
            let (members, whole) = Members::read(&mut scanner);
            if whole || first {
                visit(members);
            }
            if !whole {
                return;
            }
            first = false;
        }
        return;
    }
    // The first record can span lines: its kind is detected before its layout is checked.
    visit(Members::read(&mut scanner).0);
    for line in text.split('\n').skip(1).filter(|line| line.trim_ascii_start().starts_with('{')) {
        if let (members, true) = Members::read(&mut Scanner::new(line)) {
            visit(members);
        }
    }
}

/// Returns `true` if the text is an array whose first element is an array of objects.
fn holds_arrays(text: &str) -> bool {
    fn inside(text: &str) -> Option<&str> {
        text.trim_ascii_start().strip_prefix('[').map(str::trim_ascii_start)
    }
    inside(text).and_then(inside).is_some_and(|text| text.starts_with('{'))
}

/// Detects a first record that is not JSON but the notation of a programming language.
pub(super) fn notation(text: &str) -> Option<FormatError> {
    let text = text.trim_ascii_start();
    let text = text.strip_prefix('[').map_or(text, str::trim_ascii_start);
    let inside = text.strip_prefix('{')?.trim_ascii_start();
    if inside.strip_prefix('u').unwrap_or(inside).starts_with('\'') {
        return Some(FormatError::Notation { language: "Python", writer: "json.dumps" });
    }
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let length = inside.bytes().take_while(is_word).count();
    let named = length > 0 && inside[length..].trim_ascii_start().starts_with(':');
    named.then_some(FormatError::Notation { language: "JavaScript", writer: "JSON.stringify" })
}

/// Returns `true` if only a comma follows the object on the first line: elements of an array without the brackets.
pub(super) fn has_comma_lines(text: &str) -> bool {
    let text = &text[blank(text.as_bytes())..];
    let (line, ended) = text.split_once('\n').map_or((text, false), |(line, _)| (line, true));
    let mut scanner = Scanner::new(line);
    text.starts_with('{')
        && scanner.value().is_ok()
        && line[scanner.offset()..]
            .trim_ascii()
            .strip_prefix(',')
            .is_some_and(|rest| rest.is_empty() && ended)
}

/// The members of an object, up to the end of the text. Each has its name, the kind of its value, and the text
/// that begins with the value.
struct Members<'a>(Vec<(Cow<'a, str>, Kind, &'a str)>);

impl<'a> Members<'a> {
    /// Returns the members of the first object: the text itself, or the first element if the text is an array.
    fn of_first(text: &'a str) -> Self {
        let mut scanner = Scanner::new(text);
        if scanner.kind().is_ok_and(|kind| kind == Kind::Array) {
            let has_item = scanner.enter_array().and_then(|()| scanner.item());
            if !has_item.is_ok_and(|has| has) {
                return Self(Vec::new());
            }
        }
        Self::read(&mut scanner).0
    }

    /// Reads the members of the next object, up to the end of the text. The flag is `true` if the object is
    /// complete. Any other value has no members.
    fn read(scanner: &mut Scanner<'a>) -> (Self, bool) {
        let mut members = Vec::new();
        let whole = (|| {
            if scanner.kind()? != Kind::Object {
                return scanner.value().map(drop);
            }
            scanner.enter_object()?;
            while let Some(name) = scanner.name()? {
                let kind = scanner.kind()?;
                members.push((name.decoded(), kind, &scanner.text()[scanner.offset()..]));
                scanner.value()?;
            }
            Ok::<(), crate::json::SyntaxError>(())
        })();
        (Self(members), whole.is_ok())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, ..)| known == name)
    }

    /// Returns the members of the object at `name`, if it is an object.
    fn inside(&self, name: &str) -> Option<Self> {
        let (_, _, value) = self.0.iter().find(|(known, kind, _)| known == name && *kind == Kind::Object)?;
        Some(Self::of_first(value))
    }

    /// Returns `true` if `member` is an array of users.
    fn holds_users(&self, member: &str) -> bool {
        let Some((.., value)) = self.0.iter().find(|(name, kind, _)| name == member && *kind == Kind::Array)
        else {
            return false;
        };
        let inside = value[1..].trim_ascii_start();
        if member == BUNDLES[0] && (inside.starts_with(['{', ']']) || inside.is_empty()) {
            return true;
        }
        inside.starts_with('{') && Self::of_first(value).are_of_a_user()
    }

    /// Returns `true` if any member is a property or a title of users, or a path into a property.
    fn are_of_a_user(&self) -> bool {
        self.0.iter().any(|(name, ..)| {
            let root = name.split(['.', '[']).next().unwrap_or_default();
            Property::named(root).is_some() || spelling::alias_of(name).is_some()
        })
    }

    fn are_rejects(&self) -> bool {
        self.has("problems") && self.has("source") && self.has("line") && self.has("byte")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_with_other_members_is_still_a_user() {
        for text in [
            r#"{"email":"a@example.com","users":[{"email":"b@example.com"}]}"#,
            r#"{"Id":"auth0|1","data":[{"user_id":"auth0|2"}],"statusCode":1,"message":"x"}"#,
            r#"{"user_metadata.a":1,"user":{"email":"a@example.com"},"error":1,"error_description":2}"#,
            // Users under other names, as in an export with renamed fields.
            r#"{"mail":"a@example.com","users":["b"],"data":[{"x":1}],"items":[],"results":{"email":1}}"#,
            r#"{"mail":"a@example.com","user":{"x":1},"message":"x","error":"y"}"#,
            r#"{"mail":"a@example.com","user":"email"}"#,
        ] {
            assert_eq!(other_kind(text), None, "{text}");
            assert_eq!(other_kind(&format!("[{text}]")), None, "{text}");
        }
    }

    #[test]
    fn json_is_not_another_notation() {
        for text in
            ["{", "{}", "[{", "[[", "{\"'a'\":1}", "{ \"a\" : 1 }", "{1", "{a", "{a b:1}", "{:", "x:", "u'"]
        {
            assert_eq!(notation(text), None, "{text}");
        }
    }

    #[test]
    fn only_commas_after_each_line_are_detected() {
        for text in ["{},", "{}", "{}\n{},\n", "{},{}\n", "{} , x\n", "[],\n", "{\"a\":1,\n", "{,\n", ",\n"] {
            assert!(!has_comma_lines(text), "{text:?}");
        }
        for text in ["{},\n", "\n {\"a\":[1,2]} , \r\n{}"] {
            assert!(has_comma_lines(text), "{text:?}");
        }
    }
}
