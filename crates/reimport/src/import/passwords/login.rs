//! A login: an account of one database connection, by which second files are joined.

use std::borrow::Cow;

use super::hash_record::{filled, id_text};
use crate::import::identities::{self, Identity};
use crate::import::schema::at;
use crate::import::user::User;
use crate::json::Kind;

/// A database login of a user record.
#[derive(Debug)]
pub(in crate::import) struct Login<'a> {
    pub(super) id: LoginId<'a>,
    /// The name of its connection.
    pub(super) connection: Option<Cow<'a, str>>,
}

/// The id of a login, without the prefix `auth0|`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LoginId<'a> {
    Known(Cow<'a, str>),
    /// The record has none.
    None,
    /// `user_id` and `identities[0].user_id` are both there and differ.
    Disagrees(Cow<'a, str>, Cow<'a, str>),
}

impl<'a> Login<'a> {
    /// The login of the user itself: `user_id` without one `auth0|`, else `identities[0].user_id`.
    pub(in crate::import) fn of_user(user: &User<'a>) -> Self {
        let root = user.get(at::USER_ID).and_then(|value| value.as_str()).map(without_prefix);
        let identity = user.identities.user_id.and_then(id_text);
        let id = match (root.filter(|id| !id.is_empty()), identity) {
            (Some(root), Some(identity)) if root != identity => LoginId::Disagrees(root, identity),
            (Some(id), _) | (None, Some(id)) => LoginId::Known(id),
            (None, None) => LoginId::None,
        };
        Self { id, connection: user.connection_name() }
    }

    /// The login of a user that is not a database user: no hash is of it, but secrets of MFA factors may be.
    pub(super) fn of_other_user(user: &User<'a>) -> Self {
        let id = user.get(at::USER_ID).and_then(id_text).map_or(LoginId::None, LoginId::Known);
        Self { id, connection: user.connection_name() }
    }

    fn of_identity(identity: &Identity<'a>) -> Self {
        let id = identity.user_id.and_then(id_text).map_or(LoginId::None, LoginId::Known);
        Self { id, connection: identity.connection.and_then(filled) }
    }
}

/// The database logins that are linked to a user: those of its identities after the first.
pub(in crate::import) fn each_linked<'a>(user: &User<'a>, mut visit: impl FnMut(Login<'a>, Identity<'a>)) {
    let Some(all) = user.identities.value.filter(|value| value.kind() == Kind::Array) else { return };
    identities::each(all, |place, identity| {
        if place > 0 && identity.is_database() {
            visit(Login::of_identity(&identity), identity);
        }
    });
}

/// The id without one `auth0|` before it.
pub(super) fn without_prefix(id: Cow<'_, str>) -> Cow<'_, str> {
    const PREFIX: &str = "auth0|";
    match id {
        Cow::Borrowed(id) => Cow::Borrowed(id.strip_prefix(PREFIX).unwrap_or(id)),
        Cow::Owned(id) => Cow::Owned(id.strip_prefix(PREFIX).map(str::to_owned).unwrap_or(id)),
    }
}
