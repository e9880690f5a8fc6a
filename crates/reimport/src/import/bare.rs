//! Adds `auth0|` to bare user ids, so that the rules read every record in the form of an export.
//!
//! Edits, rules and joins then handle only one form of ids. No strategy is detected from the beginning of a bare id,
//! and exactly the prefix added here is removed again.

use crate::json::{Kind, Scanner, SyntaxError};
use crate::record::{Record, UserIds};
use crate::run::IdForm;
use crate::user::spelling;

use super::check::Scratch;
use crate::user::property::Property;

/// The prefix that the importer adds to an id.
const PREFIX: &str = "auth0|";

/// Writes the record into `exported` in the form of an export: with `auth0|` before its bare user id.
fn as_exported(json: &str, exported: &mut String) -> Result<(), SyntaxError> {
    exported.clear();
    let mut scanner = Scanner::new(json);
    scanner.enter_object()?;
    let mut copied = 0;
    while let Some(name) = scanner.name()? {
        let is_id = is_user_id(&name.decoded());
        let is_text = scanner.kind()? == Kind::String;
        let value = scanner.offset();
        scanner.value()?;
        // Which of several names counts is decided later, so all of them get the prefix.
        if is_id && is_text {
            let quoted = value + 1;
            exported.push_str(&json[copied..quoted]);
            exported.push_str(PREFIX);
            copied = quoted;
        }
    }
    scanner.end()?;
    exported.push_str(&json[copied..]);
    Ok(())
}

impl Scratch {
    /// Calls `visit` with a record in the form of an export.
    pub(super) fn with_exported<R>(
        &mut self,
        record: Record<'_>,
        visit: impl FnOnce(&mut Self, &str) -> Result<R, SyntaxError>,
    ) -> Result<R, SyntaxError> {
        if record.user_ids() == UserIds::Exported {
            return visit(self, record.json());
        }
        let mut exported = std::mem::take(&mut self.exported);
        let seen = as_exported(record.json(), &mut exported).and_then(|()| visit(self, &exported));
        self.exported = exported;
        seen
    }
}

/// Returns the id of a database user as an import file has it: without one leading `auth0|`.
pub(super) fn imported_id(id: &str) -> &str {
    id.strip_prefix(PREFIX).unwrap_or(id)
}

/// Returns the form in which an id was read, from a source with ids as exported.
pub(super) fn form_of(id: &str) -> IdForm {
    if id.starts_with(PREFIX) { IdForm::WithStrategy } else { IdForm::WithoutStrategy }
}

fn is_user_id(name: &str) -> bool {
    name == Property::UserId.name()
        || spelling::alias_of(name).is_some_and(|alias| alias.path == Property::UserId.name())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_id_members_get_the_prefix() {
        for (bare, exported) in [
            (r#"{"user_id":"5f7c","n":1.0}"#, r#"{"user_id":"auth0|5f7c","n":1.0}"#),
            (
                r#"{ "n" : 1.0 , "user_id" : "auth0|5f7c" }"#,
                r#"{ "n" : 1.0 , "user_id" : "auth0|auth0|5f7c" }"#,
            ),
            (r#"{"us\u0065r_id":"sms\u007c1"}"#, r#"{"us\u0065r_id":"auth0|sms\u007c1"}"#),
            (
                r#"{"user_id":"a","Id":"b","USER_ID":""}"#,
                r#"{"user_id":"auth0|a","Id":"auth0|b","USER_ID":"auth0|"}"#,
            ),
            (r#"{"user_id":null}"#, r#"{"user_id":null}"#),
            (r#"{"user_id":7,"m":{"user_id":"x"}}"#, r#"{"user_id":7,"m":{"user_id":"x"}}"#),
            ("{}", "{}"),
        ] {
            let mut text = "left over".to_owned();
            assert_eq!(as_exported(bare, &mut text), Ok(()), "{bare}");
            assert_eq!(text, exported);
        }
        for damaged in [r#"{"user_id":"a"} x"#, r#"{"user_id":"a""#, "[]"] {
            assert!(as_exported(damaged, &mut String::new()).is_err(), "{damaged}");
        }
    }
}
