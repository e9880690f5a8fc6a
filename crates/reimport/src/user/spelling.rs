//! Other spellings of known properties: the titles of a default-field export, the name that tools use for the hash
//! when they merge a hash export into a users file, and the names of the properties in another case or with other
//! separators (`User Metadata`, `lastLogin`).
//!
//! If one record has several spellings of a property, the exact name has priority, then the title as written in
//! the table, then the first other spelling in the order of the record.

use super::property::Property;

/// The meaning of a name that is not the exact name of a known property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alias {
    /// The name of the known property, or the path of a title's value inside one.
    pub(crate) path: &'static str,
    /// The title, if the name is exactly that title. All other spellings have lower priority.
    pub(crate) title: Option<&'static str>,
}

/// Returns the meaning of `name` if it is a title in any case, or another spelling of a known property.
pub(crate) fn alias_of(name: &str) -> Option<Alias> {
    let titled = titles().find(|(title, _)| title.eq_ignore_ascii_case(name));
    let alias = match titled {
        Some((title, path)) => Alias { path, title: (title == name).then_some(title) },
        None => Alias { path: spelled_by(name)?.name(), title: None },
    };
    (alias.path != name).then_some(alias)
}

/// Returns the index in `names` of the spelling of the known property `path` that has the highest priority.
pub(crate) fn first_spelling<N: AsRef<str>>(path: &str, names: impl Iterator<Item = N>) -> Option<usize> {
    let (mut titled, mut other) = (None, None);
    for (place, name) in names.enumerate() {
        let name = name.as_ref();
        if name == path {
            return Some(place);
        }
        match alias_of(name).filter(|alias| alias.path == path) {
            Some(Alias { title: Some(_), .. }) => titled = titled.or(Some(place)),
            Some(_) => other = other.or(Some(place)),
            None => {}
        }
    }
    titled.or(other)
}

/// Returns the titles of a default-field export, and the name that tools use for a hash, with the path of each.
pub(crate) fn titles() -> impl Iterator<Item = (&'static str, &'static str)> {
    Property::ALL.into_iter().filter_map(Property::title)
}

/// Returns `true` if `name` is the name of a known property or another spelling of one.
pub(crate) fn is_known(name: &str) -> bool {
    Property::named(name).is_some() || alias_of(name).is_some()
}

/// Returns the known property that `name` spells, in any case, and with or without spaces, `_` and `-` between
/// words.
pub(crate) fn spelled_by(name: &str) -> Option<Property> {
    Property::ALL.into_iter().find(|known| spells(name, known.name()))
}

/// Returns `true` if `name` spells `known`, in the sense of [`spelled_by`].
pub(crate) fn spells(name: &str, known: &str) -> bool {
    let ends_in_letters = |byte: Option<&u8>| byte.is_some_and(|byte| !is_separator(*byte));
    ends_in_letters(name.as_bytes().first())
        && ends_in_letters(name.as_bytes().last())
        && letters(name).eq(letters(known))
}

/// Returns the bytes of a name that are compared: without separators, in lower case.
pub(crate) fn letters(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().filter(|byte| !is_separator(*byte)).map(|byte| byte.to_ascii_lowercase())
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_and_names_are_found_in_any_case() {
        for (name, path, title) in [
            ("Email Verified", "email_verified", Some("Email Verified")),
            ("email verified", "email_verified", None),
            ("EMAIL_VERIFIED", "email_verified", None),
            ("Email", "email", Some("Email")),
            ("EMAIL", "email", None),
            ("ID", "user_id", None),
            ("User_Id", "user_id", None),
            ("connection", "identities[0].connection", None),
            ("Identities", "identities", None),
            ("Last_IP", "last_ip", None),
            ("User Metadata", "user_metadata", None),
            ("App Metadata", "app_metadata", None),
            ("User ID", "user_id", None),
            ("Phone Number", "phone_number", None),
            ("lastLogin", "last_login", None),
            ("phone-number", "phone_number", None),
            ("emailVerified", "email_verified", None),
            ("E-Mail", "email", None),
        ] {
            assert_eq!(alias_of(name), Some(Alias { path, title }), "{name}");
        }
        for name in ["email", "user_id", "locale", "", "_email", "email ", "-", "ids"] {
            assert_eq!(alias_of(name), None, "{name}");
        }
    }

    #[test]
    fn exact_name_precedes_title_and_other_spellings() {
        for (names, place) in [
            (&["EMAIL", "Email", "email"][..], Some(2)),
            (&["EMAIL", "Email", "eMail"], Some(1)),
            (&["locale", "eMail", "EMAIL"], Some(1)),
            (&["locale"], None),
        ] {
            assert_eq!(first_spelling("email", names.iter()), place, "{names:?}");
        }
    }
}
