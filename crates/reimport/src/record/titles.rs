//! Other names of properties: the titles of a default-field export, and the name under which tools that merge a hash
//! export into a users file put the hash.

/// Name and path of each. It counts only if the path itself is absent.
pub(crate) const TITLES: [(&str, &str); 12] = [
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
    ("passwordHash", "password_hash"),
];

/// The path that a title stands for, ignoring ASCII case.
pub(crate) fn path_of_title(title: &str) -> Option<&'static str> {
    find(title).map(|place| TITLES[place].1)
}

/// The place in [`TITLES`] of a title, ignoring ASCII case.
pub(crate) fn find(title: &str) -> Option<usize> {
    TITLES.iter().position(|known| known.0.eq_ignore_ascii_case(title))
}
