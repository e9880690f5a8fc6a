//! The titles that a default-field export writes where every other export writes the property's own name.

/// Title and path of the eleven default fields. A title counts only where the path itself is absent.
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

/// The path that a title stands for, ignoring ASCII case.
pub(crate) fn path_of_title(title: &str) -> Option<&'static str> {
    find(title).map(|place| TITLES[place].1)
}

/// The place in [`TITLES`] of a title, ignoring ASCII case.
pub(crate) fn find(title: &str) -> Option<usize> {
    TITLES.iter().position(|known| known.0.eq_ignore_ascii_case(title))
}
