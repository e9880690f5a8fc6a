//! The plan of an upload: what it will do, and the checks that the token allows. Made before anything is sent.

use std::fmt;

use crate::api_call::ApiCall;
use crate::client::Client;
use crate::connection::{Checked, Connection, LIST, Unchecked, is_connection_id};
use crate::error::{ConnectionError, Error, Result};

/// What is known about the parts: from their manifest, and from the record of the export they are from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// The host of the tenant that the export is from, if known.
    pub exported_from: Option<String>,
    /// The number of parts to send.
    pub parts: u64,
    /// The number of users in them.
    pub users: u64,
    /// The number of users with a password hash.
    pub with_password: u64,
    /// Whether existing users are updated.
    pub upsert: bool,
    /// What the export did not contain, in words.
    pub missing_data: Vec<String>,
}

/// The plan of an upload.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Plan {
    /// The host of the target tenant.
    pub tenant: String,
    /// The ID of the target connection.
    pub connection_id: String,
    /// The connection, if the token may read it.
    pub connection: Option<Connection>,
    /// The number of users in the connection, if the token may read it.
    pub existing_users: Option<u64>,
    /// Whether an application uses the connection, if known.
    pub is_used: Option<bool>,
    /// What will be sent.
    pub facts: Facts,
    /// The checks that were not possible, and why. None of them prevents an upload.
    pub unchecked: Vec<(Check, Unchecked)>,
}

/// A check of the target before an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Check {
    /// The name, that the connection is a database and, for a custom database, that it accepts imports.
    Connection,
    /// Whether an application uses it.
    Used,
    /// The number of users in the connection.
    Users,
}

/// A property of the target that does not prevent an upload, but that the user should know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Warning {
    /// No application uses the connection.
    NotUsed,
}

/// Why an upload should not begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Objection {
    /// The target is the tenant that the export is from.
    SameTenant,
    /// No user has a password.
    NoPasswords,
    /// The connection is not a database.
    NotADatabase,
    /// The connection is a custom database that does not accept imports.
    NoImportMode,
    /// There is nothing to send.
    Nothing,
}

impl Plan {
    /// Checks the target. `to` is the ID (`con_…`) or the name of a connection.
    ///
    /// # Errors
    /// Returns an error if the connection does not exist, if the tenant does not accept the token, or if a name
    /// cannot be looked up. All other failed checks are listed in the plan.
    pub fn inspect(client: &Client, to: &str, facts: Facts) -> Result<Self> {
        let mut unchecked = Vec::new();
        let mut check = |check, reason| unchecked.push((check, reason));
        let connection = match client.connection(to)? {
            Checked::Yes(connection) => Some(connection),
            Checked::No(reason) if is_connection_id(to) => {
                check(Check::Connection, reason);
                None
            }
            Checked::No(reason) => {
                return Err(ConnectionError::Unchecked { name: to.to_owned(), reason }.into());
            }
        };
        let connection_id = match connection.as_ref().and_then(|connection| connection.id.clone()) {
            // A connection that was requested by ID has that ID.
            _ if is_connection_id(to) => to.to_owned(),
            Some(id) => id,
            None => {
                return Err(Error::UnexpectedResponse {
                    call: ApiCall::new(LIST, "connections"),
                    expected: "a connection with an id",
                });
            }
        };
        let mut is_used = None;
        let mut existing_users = None;
        if let Some(connection) = &connection {
            is_used = match client.connection_is_used(&connection_id)? {
                Checked::Yes(used) => Some(used),
                Checked::No(reason) => {
                    // A deprecated list that is not empty proves that there are clients. An empty one may only mean
                    // that the API no longer fills it.
                    let used = connection.enabled_clients.as_ref().is_some_and(|clients| !clients.is_empty());
                    if !used {
                        check(Check::Used, reason);
                    }
                    used.then_some(true)
                }
            };
            if let Some(name) = &connection.name {
                match client.users_of_connection(name)? {
                    Checked::Yes(users) => existing_users = Some(users),
                    Checked::No(reason) => check(Check::Users, reason),
                }
            }
        }
        let tenant = client.host().to_owned();
        Ok(Self { tenant, connection_id, connection, existing_users, is_used, facts, unchecked })
    }

    /// Creates the plan of an upload to a target that cannot be checked, because there is no token. `to` is shown as
    /// the connection.
    pub fn unchecked(tenant: impl Into<String>, to: impl Into<String>, facts: Facts) -> Self {
        let unchecked =
            [Check::Connection, Check::Used, Check::Users].map(|check| (check, Unchecked::NoToken));
        Self {
            tenant: tenant.into(),
            connection_id: to.into(),
            connection: None,
            existing_users: None,
            is_used: None,
            facts,
            unchecked: unchecked.to_vec(),
        }
    }

    /// Returns what the user should know, although it does not prevent the upload.
    pub fn warnings(&self) -> Vec<Warning> {
        let not_used = self.is_used == Some(false);
        not_used.then_some(Warning::NotUsed).into_iter().collect()
    }

    /// Returns why the upload should not begin. The caller decides which of these the user has accepted.
    pub fn objections(&self) -> Vec<Objection> {
        let facts = &self.facts;
        let same = facts.exported_from.as_deref().is_some_and(|from| from.eq_ignore_ascii_case(&self.tenant));
        let connection = self.connection.as_ref();
        [
            (facts.users == 0, Objection::Nothing),
            (same, Objection::SameTenant),
            // An update does not change passwords, so its parts need none.
            (facts.users > 0 && facts.with_password == 0 && !facts.upsert, Objection::NoPasswords),
            (
                connection.is_some_and(|connection| connection.is_database() == Some(false)),
                Objection::NotADatabase,
            ),
            (connection.is_some_and(Connection::is_custom_without_import), Objection::NoImportMode),
        ]
        .into_iter()
        .filter_map(|(applies, objection)| applies.then_some(objection))
        .collect()
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SameTenant => {
                "this is the tenant the export came from"
            }
            Self::NoPasswords => {
                "no user has a password hash, and hashes cannot be added later"
            }
            Self::NotADatabase => "the connection is not a database; users cannot be imported into it",
            Self::NoImportMode => {
                "the connection is a custom database without import mode, which does not accept imports; turn on \"Import \
                 Users to Auth0\" in its settings first"
            }
            Self::Nothing => "there are no users to send",
        })
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUsed => "no application uses the connection, so its users cannot sign in yet",
        })
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => {
                "the connection's name, whether it is a database that accepts imports, and its users"
            }
            Self::Used => "whether an application uses the connection",
            Self::Users => "how many users the connection has",
        })
    }
}
