//! Files of this field that are no exports, told by the names in their first record.

use super::error::FormatError;
use crate::json::{Kind, Scanner};

/// Whether the first record is a line of `rejected.ndjson`.
pub(super) fn is_rejects(text: &str) -> bool {
    let names = Names::of_first(text);
    names.has("problems") && names.has("source") && names.has("line") && names.has("byte")
}

/// What the first record says the file is, where it is no user.
pub(super) fn other_kind(text: &str) -> Option<FormatError> {
    let names = Names::of_first(text);
    if names.has("passwordHash") || (names.has("_id") && names.has("password_set_date")) {
        return Some(FormatError::Hashes);
    }
    if names.has("user") && names.has("errors") {
        return Some(FormatError::JobErrors);
    }
    if names.has("tool") && names.has("version") && names.has("totals") {
        return Some(FormatError::Manifest);
    }
    if names.has("type") && names.has("status") && names.has("id") && !names.has("user_id") {
        return Some(FormatError::Job);
    }
    None
}

/// The names at the top of the first object, as far as it is there.
struct Names<'a>(Vec<std::borrow::Cow<'a, str>>);

impl<'a> Names<'a> {
    fn of_first(text: &'a str) -> Self {
        let mut names = Vec::new();
        let mut scanner = Scanner::new(text);
        let _ = (|| {
            if scanner.kind()? == Kind::Array {
                scanner.enter_array()?;
                if !scanner.item()? {
                    return Ok(());
                }
            }
            scanner.enter_object()?;
            while let Some(name) = scanner.name()? {
                names.push(name.decoded());
                scanner.value()?;
            }
            Ok::<(), crate::json::SyntaxError>(())
        })();
        Self(names)
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }
}
