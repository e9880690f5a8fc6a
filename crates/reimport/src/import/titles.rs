//! The titles that default-field exports give to properties.

/// Title, and the path of what it holds: the extension's "default fields", as many exports have them.
pub(crate) const TITLES: [(&str, &str); 11] = [
    ("Id", "user_id"),
    ("Given Name", "given_name"),
    ("Family Name", "family_name"),
    ("Nickname", "nickname"),
    ("Name", "name"),
    ("Email", "email"),
    ("Email Verified", "email_verified"),
    ("Picture", "picture"),
    ("Connection", "identities[0].connection"),
    ("Created At", "created_at"),
    ("Updated At", "updated_at"),
];

/// The place of the title that `name` is, ignoring ASCII case.
pub(crate) fn find(name: &str) -> Option<usize> {
    TITLES.iter().position(|(title, _)| title.eq_ignore_ascii_case(name))
}
