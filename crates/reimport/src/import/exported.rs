//! Detects records of an export, as opposed to users of an import file.

use crate::json::{Scanner, SyntaxError};
use crate::record::Record;
use crate::user::property::Property;
use crate::user::spelling;

/// Returns whether a record has a property that only exports have, such as `identities` or `created_at`, or a title
/// such as `Email Verified`.
///
/// No user of an import file has one. A record without one may come from an export or from an import file.
///
/// ```
/// use reimport::RecordReader;
/// use reimport::import::is_exported;
///
/// let exported = |json: &'static str| {
///     let mut reader = RecordReader::from_reader("x", json.as_bytes())?;
///     let record = reader.next_record()?.expect("there is one");
///     Ok::<_, reimport::Error>(is_exported(record))
/// };
/// assert!(exported(r#"{"user_id":"auth0|1","logins_count":3}"#)?);
/// assert!(exported(r#"{"Id":"auth0|1"}"#)?);
/// assert!(!exported(r#"[{"user_id":"1","email":"a@example.com"}]"#)?);
/// # Ok::<(), reimport::Error>(())
/// ```
pub fn is_exported(record: Record<'_>) -> bool {
    let only_exported = |name: &str| {
        let root = name.split(['.', '[']).next().unwrap_or_default();
        match Property::named(root) {
            Some(property) => !property.is_importable(),
            None => spelling::alias_of(name).is_some(),
        }
    };
    let mut scanner = Scanner::new(record.json());
    let mut found = || {
        scanner.enter_object()?;
        while let Some(name) = scanner.name()? {
            if only_exported(&name.decoded()) {
                return Ok::<_, SyntaxError>(true);
            }
            scanner.value()?;
        }
        Ok(false)
    };
    found().unwrap_or(false)
}
