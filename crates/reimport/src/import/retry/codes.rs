//! The table of the importer's error codes: what each code means, and whether a re-import can fix the error.

use crate::import::importable_properties;

/// One error code of the importer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Code {
    /// The name in the importer's documentation.
    pub name: &'static str,
    /// The name that the importer's validator uses, if it differs.
    pub other_name: Option<&'static str>,
    /// What the code means and what to do, in one or two sentences.
    pub meaning: &'static str,
    /// What a re-import can do about the error.
    pub remedy: Remedy,
}

/// What a re-import can do about an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Remedy {
    /// The same user may be accepted the next time.
    TryAgain,
    /// The user is accepted once its data is fixed.
    Fix,
    /// Nothing needs to be done: the user exists.
    NotNeeded,
    /// A re-import of this user cannot fix the error.
    Impossible,
}

impl Remedy {
    /// Returns whether the tenant will refuse the same user again, unless something else changes in the tenant.
    pub fn is_refused_again(self) -> bool {
        matches!(self, Self::Fix | Self::Impossible)
    }
}

/// A change that prevents a user from being refused with the same error again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum RetryChange {
    /// Remove the value at this path. `None` if the error has no path that can be shown.
    Drop(Option<String>),
    /// Remove a member of this metadata object. The member is not named, because users choose its name.
    DropIn(&'static str),
    /// Move a value from another path to this property. `None` if the error does not name a property.
    Move(Option<&'static str>),
    /// Leave out the users that were refused with this code.
    LeaveOut(&'static str),
    /// Correct this property in the input.
    Correct(&'static str),
}

impl Code {
    /// Returns the change that helps a user that was refused with this code at this path; `None` if no change of a
    /// retry helps. `has` returns whether the user has a value at a path.
    ///
    /// ```
    /// use reimport::import::retry::{RetryChange, code};
    ///
    /// let change = |name, path, has: bool| code(name).and_then(|code| code.change(path, |_| has));
    /// assert_eq!(change("MAX_LENGTH", Some("username"), true), Some(RetryChange::Drop(Some("username".into()))));
    /// assert_eq!(change("MAX_LENGTH", Some("username"), false), None);
    /// // An edit never moves a value over another.
    /// assert_eq!(change("OBJECT_REQUIRED", Some("email"), false), Some(RetryChange::Move(Some("email"))));
    /// assert_eq!(change("FORMAT", Some("email"), true), Some(RetryChange::Correct("email")));
    /// assert_eq!(change("CONFLICT_EMAIL", None, true), Some(RetryChange::LeaveOut("CONFLICT_EMAIL")));
    /// assert_eq!(change("MFA_FACTORS_FAILED", None, true), None);
    /// ```
    pub fn change(&self, path: Option<&str>, has: impl Fn(&str) -> bool) -> Option<RetryChange> {
        if !self.remedy.is_refused_again() {
            return None;
        }
        let passwords = || ["password_hash", "custom_password_hash"].into_iter().find(|name| has(name));
        let drop = |path: &str| RetryChange::Drop(Some(path.to_owned()));
        match self.name {
            "PASSWORD_IS_SET" => return passwords().map(drop),
            "NOT_PASSED" if passwords().is_some() => return passwords().map(drop),
            _ if self.remedy == Impossible => return Some(RetryChange::LeaveOut(self.name)),
            _ => {}
        }
        let is_missing = matches!(self.name, "ANY_OF_MISSING" | "OBJECT_REQUIRED");
        let Some(path) = path else {
            return Some(if is_missing { RetryChange::Move(None) } else { RetryChange::Drop(None) });
        };
        // Uses the last step that is an importable property: `identities[0].profileData.email` is about `email`.
        let mut steps = path.rsplit(['.', '[']);
        let property = steps.find_map(|step| importable_properties().iter().find(|known| **known == step));
        let Some(&name) = property else {
            return has(path).then_some(RetryChange::Drop(None));
        };
        let identifies = matches!(name, "email" | "user_id");
        if !has(name) {
            return (is_missing || identifies).then_some(RetryChange::Move(Some(name)));
        }
        let inside = path.starts_with(name) && path.len() > name.len();
        if identifies {
            Some(RetryChange::Correct(name))
        } else if name.ends_with("_metadata") && inside {
            has(path).then_some(RetryChange::DropIn(name))
        } else if self.name == "OBJECT_ADDITIONAL_PROPERTIES" && inside && !path.contains('*') {
            has(path).then(|| drop(path))
        } else {
            Some(drop(name))
        }
    }
}

/// Returns the code with this name, in either spelling and any case.
///
/// ```
/// use reimport::import::retry::{Remedy, code};
///
/// assert_eq!(code("INVALID_FORMAT"), code("FORMAT"));
/// assert!(code("FORMAT").is_some_and(|code| code.remedy == Remedy::Fix));
/// ```
pub fn code(name: &str) -> Option<&'static Code> {
    let is = |known: &str| known.eq_ignore_ascii_case(name);
    CODES.iter().find(|code| is(code.name) || code.other_name.is_some_and(is))
}

/// Returns the code of an error. The message can be more specific than the name.
pub(super) fn code_of(name: &str, message: &str) -> Option<&'static Code> {
    if message.contains("already has password hash") {
        return Some(&PASSWORD_IS_SET);
    }
    let found = code(name)?;
    if found.name == "DUPLICATED_USER" && message.contains("already provided") {
        return Some(&DUPLICATE_IN_FILE);
    }
    Some(found)
}

/// Returns whether two names are spellings of the same code.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    match (code(left), code(right)) {
        (Some(left), Some(right)) => left == right,
        _ => left.eq_ignore_ascii_case(right),
    }
}

const fn new(name: &'static str, remedy: Remedy, meaning: &'static str) -> Code {
    Code { name, other_name: None, meaning, remedy }
}

const fn known_as(code: Code, other_name: &'static str) -> Code {
    Code { other_name: Some(other_name), ..code }
}

use Remedy::{Fix, Impossible, NotNeeded, TryAgain};

const DUPLICATE_IN_FILE: Code = new(
    "DUPLICATED_USER",
    Impossible,
    "An earlier user of the same file has this identifier: decide which of the two is correct.",
);

const PASSWORD_IS_SET: Code = new(
    "PASSWORD_IS_SET",
    Impossible,
    "The user exists and has a password, which an import cannot replace: leave the hash out, as a conversion for an update does, or let the user reset the password.",
);

/// All codes, sorted by name.
pub const CODES: &[Code] = &[
    new("ANY_OF_MISSING", Fix, "The user has none of the identifiers that the connection requires: add one."),
    new("ARRAY_LENGTH_LONG", Fix, "A list has too many items."),
    new("ARRAY_LENGTH_SHORT", Fix, "A list has too few items."),
    new(
        "CONFLICT",
        Impossible,
        "A user of the tenant has one of the identifiers, under another id: delete that user, or leave this one out.",
    ),
    new(
        "CONFLICT_EMAIL",
        Impossible,
        "Another user of the tenant has the e-mail address: delete that user, or leave this one out.",
    ),
    new(
        "CONFLICT_USERNAME",
        Impossible,
        "Another user of the tenant has the username: delete that user, or leave this one out.",
    ),
    new(
        "CONNECTION_NOT_FOUND",
        TryAgain,
        "The connection of the job does not exist, or is not a database connection: upload to another one.",
    ),
    new(
        "DUPLICATED_USER",
        NotNeeded,
        "The user exists already. In a custom database with import mode, it may be left over from a deleted user: also delete the user of the connection, then retry.",
    ),
    new("ENUM_MISMATCH", Fix, "A value is not one of the allowed values."),
    known_as(
        new("FORMAT", Fix, "A value does not have the required form, for example that of an e-mail address."),
        "INVALID_FORMAT",
    ),
    new("INVALID_TYPE", Fix, "A value has the wrong type."),
    new(
        "MAX_LENGTH",
        Fix,
        "A string is longer than the connection allows: shorten it, or raise the limit of the connection.",
    ),
    new("MAXIMUM", Fix, "A number is too large."),
    new(
        "MFA_FACTORS_FAILED",
        TryAgain,
        "The MFA factors were not imported. If the job was an upsert, the rest of the user was imported. It is safe to retry.",
    ),
    new("MIN_LENGTH", Fix, "A string is shorter than the connection allows."),
    new("MINIMUM", Fix, "A number is too small."),
    new(
        "NOT_PASSED",
        Fix,
        "A property is present that is not allowed, for example both password_hash and custom_password_hash.",
    ),
    known_as(
        new("OBJECT_ADDITIONAL_PROPERTIES", Fix, "A property is not in the schema: remove it."),
        "ADDITIONAL_PROPERTIES",
    ),
    known_as(
        new("OBJECT_REQUIRED", Fix, "A required property is missing."),
        "OBJECT_MISSING_REQUIRED_PROPERTY",
    ),
    new("PATTERN", Fix, "A string does not match the required pattern."),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documented_codes_are_in_the_table_once() {
        let documented = "ANY_OF_MISSING ARRAY_LENGTH_LONG ARRAY_LENGTH_SHORT CONFLICT CONFLICT_EMAIL CONFLICT_USERNAME \
            CONNECTION_NOT_FOUND DUPLICATED_USER ENUM_MISMATCH FORMAT INVALID_TYPE MAX_LENGTH MAXIMUM \
            MFA_FACTORS_FAILED MIN_LENGTH MINIMUM NOT_PASSED OBJECT_REQUIRED PATTERN";
        for name in documented.split_whitespace() {
            assert!(code(name).is_some_and(|code| code.name == name), "{name}");
        }
        let mut names: Vec<_> =
            CODES.iter().flat_map(|code| [Some(code.name), code.other_name]).flatten().collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }

    #[test]
    fn both_spellings_of_a_code_are_equal() {
        assert!(is_same("FORMAT", "invalid_format"));
        assert!(is_same("OBJECT_MISSING_REQUIRED_PROPERTY", "OBJECT_REQUIRED"));
        assert!(is_same("NEW_ONE", "new_one"));
        assert!(!is_same("FORMAT", "PATTERN"));
        assert!(!is_same("FORMAT", "NEW_ONE"));
    }

    #[test]
    fn message_refines_the_code() {
        let remedy = |name, message| code_of(name, message).map(|code| code.remedy);
        assert_eq!(
            remedy("DUPLICATED_USER", "The user already exist and upsert parameter is false"),
            Some(NotNeeded)
        );
        assert_eq!(
            remedy("DUPLICATED_USER", "A user with this email was already provided."),
            Some(Impossible)
        );
        assert_eq!(
            remedy(
                "ANY",
                "A custom_password_hash was provided, but the user already has password hash defined"
            ),
            Some(Impossible)
        );
        assert_eq!(remedy("ANY", "x"), None);
    }
}
