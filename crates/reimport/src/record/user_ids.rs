//! The form of the user ids in a source.

use serde::{Deserialize, Serialize};

/// The form of the user ids in a source.
///
/// For the user with the id `5f7c` in an import file, an export has the id `auth0|5f7c`, because the importer adds
/// `auth0|`. So an id that itself begins with `auth0|` or `sms|` is ambiguous unless the form is known.
///
/// ```
/// use reimport::record::{ReadOptions, UserIds};
/// use reimport::{Pipeline, Rules, sink::Array, source::Source};
///
/// let users = br#"[{"user_id":"auth0|5f7c","email":"a@example.com"}]"#;
/// let import = |user_ids| {
///     let mut options = ReadOptions::default();
///     options.user_ids = Some(user_ids);
///     let source = Source::from_reader("users.json", &users[..]);
///     Pipeline::new().read_options(options).run([source], &Rules::default(), Array::new(Vec::new()))
/// };
/// let (_, users) = import(UserIds::Exported)?;
/// assert_eq!(users, b"[\n{\"user_id\":\"5f7c\",\"email\":\"a@example.com\"}\n]");
/// let (_, users) = import(UserIds::Bare)?;
/// assert_eq!(users, b"[\n{\"user_id\":\"auth0|5f7c\",\"email\":\"a@example.com\"}\n]");
/// # Ok::<(), reimport::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum UserIds {
    /// As in an export: with a strategy and `|` before the id.
    #[default]
    Exported,
    /// As in an import file: only the id, of a database user. Nothing is removed from it.
    Bare,
}
