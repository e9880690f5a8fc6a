//! The form of the user ids in a source.

use serde::{Deserialize, Serialize};

/// The form of the user ids in a source.
///
/// An export shows `auth0|5f7c` for the user that an import file calls `5f7c`: the importer puts the `auth0|` there. So
/// an id that itself begins with `auth0|` or `sms|` can be read in one way only if the form is known.
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
    /// As in an export: a strategy and `|` come before the id.
    #[default]
    Exported,
    /// As in an import file: the id alone, of a database user. Nothing is removed from it.
    Bare,
}
