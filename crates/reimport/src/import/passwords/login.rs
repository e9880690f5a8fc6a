//! A login: an account in one database connection. The records of joined files are joined to logins.

use std::borrow::Cow;

use super::hash_record::{filled, id_text};
use crate::import::bare::imported_id;
use crate::import::identities::{self, Identity};
use crate::import::user::{User, is_flat};
use crate::json::{Kind, Name, Scanner, Value};
use crate::user::property::Property;
use crate::user::spelling;

/// A database login of a user record.
#[derive(Debug)]
pub(in crate::import) struct Login<'a> {
    pub(super) id: LoginId<'a>,
    pub(super) connection: LoginConnection<'a>,
}

/// The id of a login, without the prefix `auth0|`.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LoginId<'a> {
    Known(Cow<'a, str>),
    /// The record has no id.
    None,
    /// Two ids of the record differ, or an id of the record before and after its edits.
    Disagrees(Cow<'a, str>, Cow<'a, str>),
}

/// The connection of a login.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LoginConnection<'a> {
    Named(Cow<'a, str>),
    /// The record names no connection.
    None,
    /// The value is not a name, or edits have changed it. It may be any connection.
    Unclear,
}

impl<'a> Login<'a> {
    /// Returns the login of the user itself. Its id is `user_id` without one `auth0|`, else `identities[0].user_id`.
    pub(in crate::import) fn of_user(user: &User<'a>) -> Self {
        let root = user.get(Property::UserId).and_then(id_text).map(without_prefix);
        let identity = user.identities.user_id.and_then(id_text);
        let id = match (root.filter(|id| !id.is_empty()), identity) {
            (Some(root), Some(identity)) if root != identity => LoginId::Disagrees(root, identity),
            (Some(id), _) | (None, Some(id)) => LoginId::Known(id),
            (None, None) => LoginId::None,
        };
        Self { id, connection: LoginConnection::of(user.connection_value()) }
    }

    /// Returns the login of a user that is not a database user. No hash belongs to it, but secrets of MFA factors
    /// may.
    pub(super) fn of_other_user(user: &User<'a>) -> Self {
        let id = user.get(Property::UserId).and_then(id_text).map_or(LoginId::None, LoginId::Known);
        Self { id, connection: LoginConnection::of(user.connection_value()) }
    }

    fn of_identity(identity: &Identity<'a>) -> Self {
        let id = identity.user_id.and_then(id_text).map_or(LoginId::None, LoginId::Known);
        Self { id, connection: LoginConnection::of(identity.connection) }
    }

    /// Returns the login of an edited user. What the record as read says about it counts: edits can neither take an
    /// id or a connection from a login nor give it another.
    pub(in crate::import) fn settled_by(self, read: Login<'a>) -> Self {
        let id = match (read.id, self.id) {
            (LoginId::Known(read), LoginId::Known(edited)) if read != edited => {
                LoginId::Disagrees(read, edited)
            }
            (_, LoginId::Disagrees(one, other)) | (LoginId::Disagrees(one, other), _) => {
                LoginId::Disagrees(one, other)
            }
            (LoginId::Known(id), _) | (LoginId::None, LoginId::Known(id)) => LoginId::Known(id),
            (LoginId::None, LoginId::None) => LoginId::None,
        };
        let connection = match (read.connection, self.connection) {
            (LoginConnection::Named(read), LoginConnection::Named(edited)) if read != edited => {
                LoginConnection::Unclear
            }
            (LoginConnection::Unclear, _) | (_, LoginConnection::Unclear) => LoginConnection::Unclear,
            (LoginConnection::Named(name), _) | (LoginConnection::None, LoginConnection::Named(name)) => {
                LoginConnection::Named(name)
            }
            (LoginConnection::None, LoginConnection::None) => LoginConnection::None,
        };
        Self { id, connection }
    }

    /// Returns the login of a linked identity that became the user, after edits. It is a login of the record as read,
    /// or its connection is unclear.
    pub(in crate::import) fn settled_by_linked(self, read: &User<'a>) -> Self {
        let mut found = None;
        each_linked(read, |login, _| {
            if login.id != LoginId::None && login.id == self.id {
                found.get_or_insert(login);
            }
        });
        match found {
            Some(read) => self.settled_by(read),
            None => Self { connection: LoginConnection::Unclear, ..self },
        }
    }

    /// Returns whether edits gave the login another id or connection.
    pub(in crate::import) fn is_unclear(&self) -> bool {
        matches!(self.id, LoginId::Disagrees(..)) || self.connection == LoginConnection::Unclear
    }

    /// Returns the name of the login's connection.
    pub(super) fn connection_name(&self) -> Option<&str> {
        match &self.connection {
            LoginConnection::Named(name) => Some(name),
            LoginConnection::None | LoginConnection::Unclear => None,
        }
    }
}

impl<'a> LoginConnection<'a> {
    fn of(value: Option<Value<'a>>) -> Self {
        match value {
            None => Self::None,
            Some(value) if value.kind() == Kind::Null => Self::None,
            Some(value) => match value.as_str() {
                Some(name) if name.is_empty() => Self::None,
                Some(name) => Self::Named(name),
                None => Self::Unclear,
            },
        }
    }
}

/// Visits the database logins that are linked to a user: those among its identities after the first.
pub(in crate::import) fn each_linked<'a>(user: &User<'a>, mut visit: impl FnMut(Login<'a>, Identity<'a>)) {
    let Some(all) = user.identities.value.filter(|value| value.kind() == Kind::Array) else { return };
    identities::each(all, |place, identity| {
        if place > 0 && identity.is_database() {
            visit(Login::of_identity(&identity), identity);
        }
    });
}

/// Visits every id that a valid record has for its user or for one of its logins, under any name. An id that is
/// neither a string nor a number is visited as `None`. Ids that are `null` or empty are not visited.
pub(super) fn each_id(json: &str, mut visit: impl FnMut(Option<Cow<'_, str>>)) {
    let mut visit = |value: Value<'_>| match value.kind() {
        Kind::Null => {}
        Kind::String => {
            if let Some(id) = filled(value) {
                visit(Some(id));
            }
        }
        _ => visit(id_text(value)),
    };
    each_member(json, |name, value| {
        let name = name.decoded();
        let path = spelling::alias_of(&name).map_or(&*name, |alias| alias.path);
        if path == "user_id" || (is_flat(path) && path.ends_with("user_id")) {
            visit(value);
        } else if path == "identities" && value.kind() == Kind::Array {
            identities::each(value, |_, identity| {
                if let Some(id) = identity.user_id {
                    visit(id);
                }
            });
        }
    });
}

/// Returns whether a valid record has any id, even one that is not a string.
pub(in crate::import) fn has_any_id(json: &str) -> bool {
    let mut found = false;
    each_id(json, |_| found = true);
    found
}

fn each_member<'a>(json: &'a str, mut visit: impl FnMut(Name<'a>, Value<'a>)) {
    let mut scanner = Scanner::new(json);
    if scanner.enter_object().is_err() {
        return;
    }
    while let Ok(Some(name)) = scanner.name() {
        let Ok(value) = scanner.value() else { return };
        visit(name, value);
    }
}

/// Returns the id without one leading `auth0|`.
pub(super) fn without_prefix(id: Cow<'_, str>) -> Cow<'_, str> {
    match id {
        Cow::Borrowed(id) => Cow::Borrowed(imported_id(id)),
        Cow::Owned(id) => Cow::Owned(imported_id(&id).to_owned()),
    }
}
