//! Files of this field that are not exports, detected from the names in their first records.

use super::error::FormatError;
use crate::json::{Kind, Scanner};

/// Whether the first record is a line of `rejected.ndjson`.
pub(super) fn is_rejects(text: &str) -> bool {
    let names = Names::of_first(text);
    names.has("problems") && names.has("source") && names.has("line") && names.has("byte")
}

/// What its beginning says the file is, if it does not hold users.
pub(super) fn other_kind(text: &str) -> Option<FormatError> {
    let names = Names::of_first(text);
    if is_hash_export(text) {
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

/// Whether most records have an `_id` and no `user_id`, and one of them has a hash or the date of one.
///
/// A users file may hold hashes, too: tools merge them into it.
fn is_hash_export(text: &str) -> bool {
    let (mut of_hashes, mut others, mut hash) = (0_u32, 0_u32, false);
    each_record(text, |names| {
        let has_id = names.has("_id") || names.has("_ID");
        if has_id && !names.has("user_id") && !names.has("Id") {
            of_hashes += 1;
        } else {
            others += 1;
        }
        hash |=
            ["passwordHash", "custom_password_hash", "password_set_date"].iter().any(|name| names.has(name));
    });
    hash && of_hashes > others
}

/// Visits the names of each record that is there as a whole, and of the first as far as it is there.
fn each_record(text: &str, mut visit: impl FnMut(Names<'_>)) {
    let mut scanner = Scanner::new(text);
    if scanner.kind().is_ok_and(|kind| kind == Kind::Array) {
        if scanner.enter_array().is_err() {
            return;
        }
        let mut first = true;
        while let Ok(true) = scanner.item() {
            let (names, whole) = Names::read(&mut scanner);
            if whole || first {
                visit(names);
            }
            if !whole {
                return;
            }
            first = false;
        }
        return;
    }
    // The first may span lines; what it is comes before how it is written.
    visit(Names::read(&mut scanner).0);
    for line in text.split('\n').skip(1).filter(|line| line.trim_ascii_start().starts_with('{')) {
        if let (names, true) = Names::read(&mut Scanner::new(line)) {
            visit(names);
        }
    }
}

/// The names at the top of the first object, as far as it is there.
struct Names<'a>(Vec<std::borrow::Cow<'a, str>>);

impl<'a> Names<'a> {
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

    /// The names of the object that comes next, as far as it is there, and whether it is there as a whole. Of any other
    /// value, no names.
    fn read(scanner: &mut Scanner<'a>) -> (Self, bool) {
        let mut names = Vec::new();
        let whole = (|| {
            if scanner.kind()? != Kind::Object {
                return scanner.value().map(drop);
            }
            scanner.enter_object()?;
            while let Some(name) = scanner.name()? {
                names.push(name.decoded());
                scanner.value()?;
            }
            Ok::<(), crate::json::SyntaxError>(())
        })();
        (Self(names), whole.is_ok())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|known| known == name)
    }
}
